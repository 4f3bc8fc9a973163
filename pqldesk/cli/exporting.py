"""pqldesk export: every lead into a file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message
from pqldesk.cli.queue import NARROWING, wanted_by
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.basics.written_files import note_written
from pqldesk.services.files.export import write_file, write_rows
from pqldesk.services.queue.as_of import queue_as_of
from pqldesk.services.queue.export_rows import export_columns, exported
from pqldesk.services.queue.queue import filtered_order


def export_leads(args: argparse.Namespace) -> None:
    """Every lead as flat rows, to a file or to stdout."""
    ctx = Context(args)
    form = ctx.form if ctx.option("format") not in (None, "table") else _form_of(args.out)
    if form == "xlsx" and not args.out:
        raise BadInput(_("A workbook does not go to standard output."), _("Name a file with --out FILE."))
    with ctx.open(writes=bool(args.out)):  # a file is registered, so that erasing finds it
        ctx.settle()

        def write(session: Any) -> int:
            rows = exported(
                session,
                ctx_at,
                ctx_known_at,
                past=ctx.is_past,
                ids=_chosen(session, ctx) if narrows else None,
            )
            columns = export_columns(session)
            if not args.out:
                return write_rows(rows, columns, form, sys.stdout.buffer)
            return write_file(rows, columns, form, Path(args.out))

        ctx_at, ctx_known_at = ctx.at, ctx.known_at
        narrows = any(getattr(args, name) for name in NARROWING)
        sys.stdout.flush()
        many = ctx.read(write)
        if args.out:
            ctx.write(note_written, Path(args.out).absolute(), "export", ctx.now)
            message(_("{leads} leads in {file}").format(leads=numeral(many), file=args.out))


def _chosen(session: Session, ctx: Context) -> Sequence[int]:
    """The leads that --view, --filter and the like ask for, in their order."""
    wanted = wanted_by(session, ctx)
    if ctx.is_past:
        return [row.id for row in queue_as_of(session, wanted, ctx.at, ctx.known_at, ctx.rep_if_known)]
    return filtered_order(session, wanted, ctx.rep_if_known, ctx.now)


def _form_of(out: str | None) -> str:
    suffix = Path(out).suffix.lower().lstrip(".") if out else ""
    return suffix if suffix in ("csv", "json", "jsonl", "xlsx") else "csv"
