"""pqldesk import and events: files in, and events that wait."""

import argparse
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_table
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.files.bytesource import byte_source
from pqldesk.services.files.fields import Kind
from pqldesk.services.files.table import ReadOptions
from pqldesk.services.imports import importing
from pqldesk.services.imports.result import FileResult, ImportOptions, NothingUsable
from pqldesk.services.imports.set_aside import release_events, set_aside_rows
from pqldesk.services.imports.undo import rehearse_undo, undo_batch
from pqldesk.services.scratch import scratch_copy
from pqldesk.services.settings import value as setting
from pqldesk.services.workspaces.workspace import Workspace, leaving_nothing

COUNTS = ("file", "rows", "created", "updated", "duplicates", "rejected", "set_aside", "blank")


def import_files(args: argparse.Namespace) -> None:
    """Read one kind of rows from files, one after the other."""
    ctx = Context(args)
    options = _options(args)
    for name in args.files:
        byte_source(Path(name))  # a name that is wrong is said before anything is stored, or a workspace made
    results: list[FileResult] = []

    def refused(problem: BaseException) -> bool:
        return isinstance(problem, BadInput) and not results and not args.dry_run

    try:
        with leaving_nothing(ctx.place, refused), _workspace(ctx, dry_run=args.dry_run) as workspace:
            actor = str(ctx.option("rep") or "") or workspace.db.read(setting, "rep").result() or "import"
            for name in args.files:
                result = importing.import_file(
                    workspace.db,
                    Kind(args.kind),
                    Path(name),
                    options,
                    at=ctx.now,
                    actor=actor,
                    fallback_dir=workspace.folder,
                    report=progress_lines(ctx),
                )
                results.append(result)
    except Problem as problem:
        if args.dry_run and isinstance(problem, NothingUsable):
            results.append(problem.result)
        if results:  # what the files before the faulty one brought is stored, and said
            _print(results, ctx, dry_run=args.dry_run)
        raise
    _print(results, ctx, dry_run=args.dry_run)


def _workspace(ctx: Context, *, dry_run: bool) -> AbstractContextManager[Workspace]:
    """The workspace; a dry run gets a copy, so that it neither blocks the real one nor makes one."""
    place = ctx.place
    return scratch_copy(place) if dry_run and isinstance(place, Path) else ctx.open(create=True)


def _print(results: list[FileResult], ctx: Context, *, dry_run: bool) -> None:
    files = [asdict(one) for one in results]
    if ctx.form == "json":
        print_json({"dry_run": dry_run, "files": files})
    elif ctx.form == "csv":
        print_list(files, "csv", COUNTS)
    else:
        more = [name for name in ("erased", "ignored") if any(one[name] for one in files)]
        print_table([{**one, "file": Path(one["file"]).name} for one in files], (*COUNTS, *more))
    for one in results:
        name = Path(one.file).name
        for note in one.notes:
            message(f"{name}: {note} {getattr(note, 'remedy', '')}".rstrip())
        if one.uncounted:
            shown = ", ".join(list(one.uncounted)[:10])
            words = _("{file}: no signal counts {kinds}. --map-event NAME=KIND says what they mean.")
            message(words.format(file=name, kinds=shown))
        if one.ignored:
            message(
                n_(
                    "{file}: {n} row is of a kind that counts for nothing, such as a page ping",
                    "{file}: {n} rows are of kinds that count for nothing, such as page pings",
                    one.ignored,
                ).format(file=name)
            )
        if one.rejected:
            said = _("{file}: {rejected} of {rows} rows were rejected").format(
                file=name, rejected=one.rejected, rows=one.rows
            )
            where = _("; see {file}").format(file=one.rejects_file) if one.rejects_file else ""
            message(said + where)
    if dry_run:
        message(_("A dry run: nothing was stored."))


def _options(args: argparse.Namespace) -> ImportOptions:
    return ImportOptions(
        source=args.source,
        mapping=tuple(args.map),
        constants=tuple(args.set),
        events=tuple(args.map_event),
        read=ReadOptions(args.encoding, _delimiter(args.delimiter), args.header_line, args.sheet),
        day_first=True if args.day_first else False if args.month_first else None,
        zone=args.zone,
        decimal_comma=True if args.decimal_comma else False if args.decimal_point else None,
        null_texts=frozenset(text.strip() for text in args.null) if args.null else None,
        dry_run=args.dry_run,
        rejects_dir=Path(args.rejects_dir) if args.rejects_dir else None,
        page=args.page,
    )


def _delimiter(given: str | None) -> str | None:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
    return named.get(given.lower(), given) if given else None


def import_undo(args: argparse.Namespace) -> None:
    """Remove what only one import brought."""
    ctx = Context(args)
    if args.dry_run:
        with _workspace(ctx, dry_run=True) as workspace:
            removed = rehearse_undo(workspace.db, args.batch, "import", ctx.now)
    else:
        with ctx.open():
            actor = ctx.rep_if_known or "import"
            removed = dict(ctx.write(undo_batch, args.batch, actor, ctx.now).removed)
    if ctx.form == "json":
        print_json({"batch": args.batch, "dry_run": args.dry_run, "removed": removed})
    else:
        what = ", ".join(f"{n:,} {name}" for name, n in removed.items() if n) or _("nothing")
        told = _("Would remove {what}; nothing was changed.") if args.dry_run else _("Removed {what}.")
        message(told.format(what=what))


def set_aside_list(args: argparse.Namespace) -> None:
    """Events that do not count, with the reason."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(set_aside_rows)
    shown = [{**asdict(row), "occurred_at": iso(row.occurred_at)} for row in rows]
    print_list(shown, ctx.form, ("event_id", "event", "key", "occurred_at", "identity", "reason"))


def set_aside_release(args: argparse.Namespace) -> None:
    """Count events after all."""
    ctx = Context(args)
    with ctx.open():
        released = ctx.write(release_events, args.events, ctx.now)
    if ctx.form == "json":
        print_json({"released": released.count})
    else:
        message(_("{count} events were released.").format(count=released.count))
