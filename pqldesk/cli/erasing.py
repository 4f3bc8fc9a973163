"""pqldesk erase: one person, out of everything."""

import argparse
from collections.abc import Mapping

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.texts import _
from pqldesk.services.erasure import erase as erasing
from pqldesk.services.erasure.erase import Found


def erase(args: argparse.Namespace) -> None:
    """Find a person everywhere and remove them for good, or only show what would be removed."""
    ctx = Context(args)
    with ctx.open(writes=not args.dry_run) as workspace:
        if args.lift:
            ctx.write(erasing.lift_tombstone, args.email)
            message(_("{who} may be stored again.").format(who=args.email))
            return
        if args.dry_run:
            found = erasing.preview(workspace.db, args.email)
        else:
            actor = ctx.rep_if_known or "cli"
            found = erasing.erase(workspace.db, args.email, actor, ctx.now, progress_lines(ctx))
    shown = _shown(found, dry_run=args.dry_run)
    if ctx.form == "json":
        print_json(shown)
    else:
        _print(shown)


def _shown(found: Found, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "leads": found.leads,
        "rows": found.rows,
        "files_deleted": found.deleted,
        "files_missing": found.missing,
        "files_rewritten": found.rewritten,
        "elsewhere": found.elsewhere,
        "left": found.left,
    }


def _print(shown: Mapping[str, object]) -> None:
    rows = shown["rows"]
    if isinstance(rows, dict):
        for name, many in rows.items():
            print(f"{many:>9,}  {name.replace('_', ' ')}")
    for title, key in (
        (_("Would remove files") if shown["dry_run"] else _("Removed files"), "files_deleted"),
        (_("Would rewrite") if shown["dry_run"] else _("Rewrote"), "files_rewritten"),
        (_("Written once and not found now; delete what is left of them"), "files_missing"),
        (_("Still to do"), "left"),
    ):
        lines = shown[key]
        if isinstance(lines, list) and lines:
            print(f"{title}:")
            for line in lines:
                print(f"  {line}")
    elsewhere = shown["elsewhere"]
    if isinstance(elsewhere, list) and elsewhere:
        print(_("In other systems, where PQLDesk deletes nobody by itself:"))
        for one in elsewhere:
            print(f"  {one['system']}: {one['url'] or one['remote_id']}")
    if shown["dry_run"]:
        message(_("A dry run: nothing was removed."))
    else:
        message(_("Erased. The next import or sync does not bring this person back."))
