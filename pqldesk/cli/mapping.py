"""pqldesk mapping: what is mapped to what, changed by name, and as a file."""

import argparse
from pathlib import Path

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.crm import mapping_edit, mapping_file


def mapping_export(args: argparse.Namespace) -> None:
    """Write what is mapped to what into a file."""
    ctx = Context(args)
    with ctx.open():
        document = ctx.read(mapping_file.mapping_document, args.system)
    path = Path(args.file)
    mapping_file.write_document(document, path)
    names = len(document["mapping"])
    told = n_("{n} name is written to {file}", "{n} names are written to {file}", names)
    print_object({"file": str(path), **document}, ctx.form, told.format(file=path))


def mapping_import(args: argparse.Namespace) -> None:
    """Map as a file says, or show what that would change."""
    ctx = Context(args)
    given = mapping_file.read_mapping(Path(args.file))
    with ctx.open():
        rep = ctx.rep_if_known or "mapping"
        if args.dry_run:
            taken = ctx.read(mapping_file.take_mapping, args.system, given, dry_run=True)
        else:
            taken = ctx.write(mapping_edit.import_mapping, args.system, Path(args.file), rep, ctx.now)
    document = {
        "system": taken.system,
        "dry_run": args.dry_run,
        "mapped": list(taken.mapped),
        "changed": [
            {"name": name, "before": before, "after": after} for name, before, after in taken.changed
        ],
    }
    nothing = _("nothing")
    lines = [f"  {name}: {before or nothing} → {after or nothing}" for name, before, after in taken.changed]
    said = _("{name} is mapped as the file says") if not args.dry_run else _("{name} would be mapped so")
    head = said.format(name=title_of(taken.system))
    print_object(document, ctx.form, "\n".join([head, *(lines or [f"  {_('Nothing changes.')}"])]))


def mapping_show(args: argparse.Namespace) -> None:
    """Everything of ours, what it is mapped to, and what is proposed."""
    ctx = Context(args)
    with ctx.open():
        shown = ctx.read(mapping_edit.mapping_shown, args.system)
    print_list(
        [
            {
                "name": row.name,
                "state": row.state,
                "chosen": row.chosen,
                "theirs": row.theirs.key if row.theirs else None,
                "title": row.theirs.title if row.theirs else None,
                "proposal": row.proposal.key if row.proposal else None,
                "why": row.why or None,
            }
            for row in shown.ours
        ],
        ctx.form,
        ("name", "state", "theirs", "title", "proposal", "why"),
        _("Nothing can be mapped."),
    )


def mapping_set(args: argparse.Namespace) -> None:
    """Map names as they are given; nothing after = leaves one out."""
    ctx = Context(args)
    given: dict[str, str | None] = dict(args.names) | dict.fromkeys(args.by_name)
    with ctx.open():
        if args.proposed:
            given = {**ctx.read(mapping_edit.proposals, args.system), **given}
        rep = ctx.rep_if_known or "mapping"
        ctx.write(mapping_edit.set_mapping, args.system, given, rep, ctx.now)
        shown = ctx.read(mapping_edit.mapping_shown, args.system)
    found = {row.name: row.theirs.key if row.theirs else None for row in shown.ours if row.name in given}
    if ctx.form == "json":
        print_json({"system": args.system, "mapped": found})
        return
    for name, theirs in found.items():
        message(f"{name}: {theirs or _('nothing')}")
    if not found:
        message(_("Nothing changes."))
