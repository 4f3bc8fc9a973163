"""pqldesk notifications: the inbox of a rep."""

import argparse
from datetime import timedelta

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.services.basics.clock import iso, told
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
        rows = ctx.read(notices.notice_rows, rep, ctx.now, unread_only=not args.all)
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
            "snoozed_until": iso(row.snoozed_until),
        }
        for row in rows
    ]
    print_list(shown, ctx.form, ("notice_id", "kind", "lead", "text", "at"), _("Nothing is unread."))


def notifications_read(args: argparse.Namespace) -> None:
    """Mark notices read."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        before = ctx.read(notices.unread_notices, rep, ctx.now)
        ctx.write(notices.mark_read, args.items or None, rep, ctx.now)
        left = ctx.read(notices.unread_notices, rep, ctx.now)
    if ctx.form == "json":
        print_json({"read": before - left, "unread": left})
    else:
        message(_("{read} read, {left} unread.").format(read=before - left, left=left))


def notifications_snooze(args: argparse.Namespace) -> None:
    """Put notices off."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        until = ctx.moment_of(args.until, "--until") if args.until else ctx.now + timedelta(days=args.days)
        ctx.write(notices.snooze_notices, args.items, until, rep, ctx.now)
        left = ctx.read(notices.unread_notices, rep, ctx.now)
    if ctx.form == "json":
        print_json({"snoozed_until": iso(until), "unread": left})
    else:
        message(_("Put off until {time}; {left} unread.").format(time=told(until), left=left))
