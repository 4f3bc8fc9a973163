"""pqldesk export all and import all: the whole workspace out and in."""

import argparse
from pathlib import Path

from pqldesk.cli.context import Context
from pqldesk.cli.output import print_object
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.written_files import note_written
from pqldesk.services.workspaces.archive import check_archive, read_archive, write_archive
from pqldesk.services.workspaces.workspace import leaving_nothing


def export_all(args: argparse.Namespace) -> None:
    """Write everything but secrets to one file."""
    ctx = Context(args)
    target = Path(args.file).expanduser().absolute()
    with ctx.open() as workspace:
        rows = write_archive(workspace.db, target, ctx.now, progress_lines(ctx))
        ctx.write(note_written, target, "archive", ctx.now)
    print_object({"file": str(target), "rows": rows}, ctx.form, f"{rows:,} rows in {target}")


def import_all(args: argparse.Namespace) -> None:
    """Fill a new workspace, a file or a database, from such a file."""
    ctx = Context(args)
    source = Path(args.file).expanduser().absolute()
    check_archive(source)
    place = ctx.place
    with leaving_nothing(place), ctx.open(create=True) as workspace:
        rows = read_archive(workspace.db, source, progress_lines(ctx))
    print_object(
        {"workspace": str(ctx.place), "rows": rows},
        ctx.form,
        f"{rows:,} rows. Connect other systems again: secrets are not in an archive.",
    )
