"""pqldesk doctor, settings, backup and restore."""

import argparse
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import BadInput, WorkspaceProblem
from pqldesk.services.basics.texts import _
from pqldesk.services.basics.written_files import BACKUP, note_written
from pqldesk.services.doctor import doctor as checks
from pqldesk.services.doctor import doctor_of_file
from pqldesk.services.help_bundle import workspace_state, write_bundle
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.settings.working_time import week_words
from pqldesk.services.workspaces import backup as backups
from pqldesk.services.workspaces.backup import soundness_flaw

KEY = "key."  # before a command's id: the setting with its key


def doctor(args: argparse.Namespace) -> int:
    """Check the workspace and every connection; 1 only where the workspace cannot be opened."""
    ctx = Context(args)
    cannot_open: WorkspaceProblem | None = None
    state: dict[str, Any] | None = None
    try:
        with ctx.open():
            found = ctx.read(checks, ctx.now)
            if args.bundle:
                state = _state_of(ctx)
    except WorkspaceProblem as problem:
        flaw = soundness_flaw(ctx.place) if isinstance(ctx.place, Path) and ctx.place.exists() else None
        if flaw is None or not isinstance(ctx.place, Path):
            raise
        found, cannot_open = doctor_of_file(ctx.place, flaw), problem
    print_list([asdict(one) for one in found], ctx.form, ("check", "ok", "what", "do"), widest=200)
    if args.bundle:
        write_bundle(Path(args.bundle), found, state)
        message(
            _(
                "{file} holds what a helper has to know, without leads, names and secrets. Read it first."
            ).format(file=args.bundle)
        )
    if cannot_open is not None:
        raise cannot_open
    wrong = sum(not one.ok for one in found)
    if wrong:
        message(_("{wrong} of {checks} checks found something to do.").format(wrong=wrong, checks=len(found)))
    return 0


def _state_of(ctx: Context) -> dict[str, Any] | None:
    """None where damage keeps it from being read."""
    try:
        return ctx.read(workspace_state)
    except (DatabaseError, sqlite3.DatabaseError):
        return None


def settings_list(args: argparse.Namespace) -> None:
    """All settings."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(settings.settings_rows)
    shown = [
        {"key": row.key, "value": _in_words(ctx, row.key, row.value), "label": row.label, "help": row.help}
        for row in rows
    ]
    print_list(shown, ctx.form, ("key", "value", "label"))


def _in_words(ctx: Context, key: str, value: str) -> str:
    """A setting's value as people read it in a table or a sentence: days of the week by their own names."""
    return week_words(value) if key == "working_hours" and ctx.form == "table" else value


def settings_get(args: argparse.Namespace) -> None:
    """One setting."""
    ctx = Context(args)
    with ctx.open():
        value = ctx.read(settings.value, args.key)
    print_object({"key": args.key, "value": value}, ctx.form, value)


def settings_set(args: argparse.Namespace) -> None:
    """Change a setting, with all that follows from it."""
    ctx = Context(args)
    with ctx.open(create=True):
        actor = ctx.rep_if_known

        def command(session: Session) -> Changes:
            if args.key.startswith(KEY):
                _check_key(session, args.key.removeprefix(KEY), args.value.strip())
            return change_setting(session, args.key, args.value, actor, ctx.now)

        ctx.write(command)
        value = ctx.read(settings.value, args.key)
    if ctx.form == "json":
        print_json({"key": args.key, "value": value})
    else:
        message(
            (_("{key} is {value}.") if value else _("{key} is not set.")).format(
                key=args.key, value=_in_words(ctx, args.key, value)
            )
        )


def _check_key(session: Session, name: str, key: str) -> None:
    """Raise BadInput where the window could not give *key* to that command, as it would say itself."""
    from pqldesk.views import commands

    known = {one.id: one.keys for one in commands.COMMANDS}
    if name not in known:
        raise BadInput(
            _("There is no command {name!r}.").format(name=name),
            _("Known: {known}.").format(known=", ".join(known)),
        )
    if key and not commands.KEY.fullmatch(key):
        raise BadInput(
            _("“{key}” is no key of a command.").format(key=key),
            _("Write it like C, Shift+C, Ctrl+K or G M."),
        )
    held = known | {one: (own,) for one, own in settings.family(session, KEY).items() if own and one in known}
    if key and (taken := commands.holder(name, (key,), held)) is not None:
        raise BadInput(
            _("{key} already belongs to “{label}”.").format(key=taken[0], label=taken[1].label),
            _("Choose another key, or give that command a new one first."),
        )


def backup(args: argparse.Namespace) -> None:
    """Copy the workspace while it is in use."""
    ctx = Context(args)
    target = Path(args.file).expanduser().absolute()
    with ctx.open() as workspace:
        size = backups.backup(workspace.place, target)
        if workspace.db.only_looked_at is None:  # else nothing can be noted there, nor anybody be erased
            ctx.write(note_written, target, BACKUP, ctx.now)
    print_object({"file": str(target), "bytes": size}, ctx.form, f"{target} ({size:,} bytes)")


def restore(args: argparse.Namespace) -> None:
    """Put a backup in the place of the workspace; what was there is kept beside it."""
    ctx = Context(args)
    source = Path(args.file).expanduser().absolute() if args.file else None
    kept = backups.restore(source, ctx.place)
    print_object(
        {"workspace": str(ctx.place), "kept": None if kept is None else str(kept)},
        ctx.form,
        _("Restored {place}; what was there is kept as {kept}").format(place=ctx.place, kept=kept)
        if kept
        else _("Restored {place}").format(place=ctx.place),
    )
