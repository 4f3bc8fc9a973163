"""pqldesk trace and test-lead: the way of leads through every system."""

import argparse
from datetime import timedelta

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.cli.progress import progress_lines
from pqldesk.models.db import Database
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.leads.probe import send_probe
from pqldesk.services.net import run_network, run_reporting
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.row_json import Json
from pqldesk.services.sources.queue_links import queue_links, set_queue_link
from pqldesk.services.sources.trace import Way, is_stuck, stored_way
from pqldesk.services.sources.trace_live import recent_people, trace_live

_COLUMNS = ("hop", "system", "status", "at", "remote_id", "error", "detail")
_RECENT = timedelta(days=7)


def trace(args: argparse.Namespace) -> None:
    """What is stored of a person's way, and what each connected system says now."""
    ctx = Context(args)
    with ctx.open() as workspace:
        if args.recent is not None:
            _trace_recent(ctx, workspace.db, args.recent)
            return
        if args.email is None:
            raise BadInput(
                _("Nobody is named."), _("Write pqldesk trace EMAIL, or --recent 20 for the newest leads.")
            )
        db, who = workspace.db, args.email
        way = ctx.read(stored_way, who) if args.stored else run_network(db, trace_live, who)
        if not way.hops:
            ctx.read(lead_of, who)  # raises NotFound for somebody whom nobody knows, here or there
    print_list(_rows(way), ctx.form, _COLUMNS)
    message(way.sentence)


def _trace_recent(ctx: Context, db: Database, most: int) -> None:
    people = ctx.read(recent_people, ctx.now - _RECENT, most)
    ways = [run_network(db, trace_live, email) for email in people]
    rows: list[Json] = [
        {"email": way.who, "stuck": is_stuck(way.hops), "where": way.sentence} for way in ways
    ]
    print_list(rows, ctx.form, ("email", "stuck", "where"), _("No form has come in the last seven days."))


def queue_page(args: argparse.Namespace) -> None:
    """List where systems show their queue or log, or set it for one."""
    ctx = Context(args)
    is_set = args.url is not None or args.none
    if (args.url is not None and args.none) or (args.none and args.system is None):
        raise BadInput(
            _("One link is set, or taken away."), _("Write queue-page SYSTEM URL, or SYSTEM --none.")
        )
    with ctx.open():
        if is_set:
            ctx.write(set_queue_link, args.system, args.url or "", ctx.rep_if_known or "manual", ctx.now)
        links = [one for one in ctx.read(queue_links) if args.system in (None, one.system)]
    rows: list[Json] = [{"system": one.system, "hop": one.step, "url": one.url or None} for one in links]
    print_list(rows, ctx.form, ("system", "hop", "url"), _("Nothing behind this is connected yet."))


def test_lead(args: argparse.Namespace) -> int:
    """Send an easily recognised lead the way a real one goes; 0 once it is in the last connected system."""
    ctx = Context(args)
    with ctx.open(create=True) as workspace:
        done = run_reporting(
            workspace.db, progress_lines(ctx), send_probe, to=args.to, wait_s=args.wait,
            interaction=args.interaction,
        )  # fmt: skip
    if ctx.form == "json":
        found = {
            "email": done.way.who,
            "arrived": done.arrived,
            "where": done.way.sentence,
            "hops": _rows(done.way),
        }
        print_json(found)
    else:
        print_list(_rows(done.way), ctx.form, _COLUMNS)
    message(done.way.sentence)
    message(_("To remove it again: pqldesk erase {email}").format(email=done.way.who))
    return 0 if done.arrived else 1


def _rows(way: Way) -> list[Json]:
    return [
        {
            "hop": hop.hop,
            "system": hop.system,
            "status": hop.status,
            "at": iso(hop.at),
            "remote_id": hop.remote_id,
            "error": hop.error,
            "detail": hop.detail,
            "url": hop.url,
        }
        for hop in way.hops
    ]
