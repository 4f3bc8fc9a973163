"""pqldesk notifications: the inbox of a rep."""

import argparse

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.texts import _
from pqldesk.services.notices import notices
from pqldesk.services.notices.finding import look


def notifications_list(args: argparse.Namespace) -> None:
    """What there is to tell, looked for first."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.settle()
        sighting = ctx.read(look, rep, ctx.now)
        if not sighting.is_empty:
            ctx.write(notices.note_down, rep, sighting, ctx.now)
        rows = ctx.read(notices.notice_rows, rep, unread_only=not args.all)
    shown = [
        {
            "notice_id": row.notice_id,
            "kind": row.kind,
            "lead_id": row.lead_id or None,
            "lead": row.lead or None,
            "company": row.company or None,
            "text": row.text,
            "at": iso(row.at),
            "read_at": iso(row.read_at),
        }
        for row in rows
    ]
    print_list(shown, ctx.form, ("notice_id", "kind", "lead", "text", "at"), _("Nothing is unread."))


def notifications_read(args: argparse.Namespace) -> None:
    """Mark notices read."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        before = ctx.read(notices.unread_notices, rep)
        ctx.write(notices.mark_read, args.items or None, rep, ctx.now)
        left = ctx.read(notices.unread_notices, rep)
    if ctx.form == "json":
        print_json({"read": before - left, "unread": left})
    else:
        message(_("{read} read, {left} unread.").format(read=before - left, left=left))
