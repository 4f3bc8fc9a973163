"""pqldesk mapping: a connection's mapping as a file."""

import argparse
import json
from pathlib import Path

from pqldesk.cli.context import Context
from pqldesk.cli.output import print_object
from pqldesk.services import mapping_file
from pqldesk.services.connectors import title_of
from pqldesk.services.problems import BadInput
from pqldesk.services.texts import _, n_


def mapping_export(args: argparse.Namespace) -> None:
    """Write what is mapped to what into a file."""
    ctx = Context(args)
    with ctx.open():
        document = ctx.read(mapping_file.mapping_document, args.system)
    path = Path(args.file)
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as why:
        raise BadInput(f"{path} cannot be written: {why.strerror or why}.", "Give another file.") from None
    names = len(document["mapping"])
    told = n_("{n} name is written to {file}", "{n} names are written to {file}", names)
    print_object({"file": str(path), **document}, ctx.form, told.format(file=path))


def mapping_import(args: argparse.Namespace) -> None:
    """Map as a file says, or show what that would change."""
    ctx = Context(args)
    given = mapping_file.read_mapping(Path(args.file))
    with ctx.open():
        if args.dry_run:
            taken = ctx.read(mapping_file.take_mapping, args.system, given, dry_run=True)
        else:
            taken = ctx.write(mapping_file.take_mapping, args.system, given)
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
