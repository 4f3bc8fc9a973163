"""pqldesk team and route: who takes leads, and how they are given out."""

import argparse
from dataclasses import asdict
from typing import Any

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.services import invitations, routes, routing
from pqldesk.services.basics.clock import iso, told
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.routing import Turn
from pqldesk.services.settings.working_time import week_words
from pqldesk.services.team import logins, team

WHY = {
    routing.TURN: "it was their turn",
    routing.ACCOUNT: "has somebody of the company",
    routing.POOL: "left in the pool",
    routing.NOBODY: "nobody can take it now",
}
NOT = {
    routing.AWAY: "away",
    routing.OFF_HOURS: "outside their hours",
    routing.FULL: "holds as many as they take",
    routing.LET_LAPSE: "let their claim on it lapse",
    routing.GONE: "not on the team any more",
}


def team_list(args: argparse.Namespace) -> None:
    """Everybody on the team, what they hold and when they are away."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(team.team_rows)
    shown = [
        {
            **asdict(row),
            "away_from": iso(row.away_from),
            "away_until": iso(row.away_until),
            "routes": list(row.routes),
        }
        for row in rows
    ]
    if ctx.form == "table":
        shown = [{**row, "working_hours": week_words(row["working_hours"] or "")} for row in shown]
    columns = ("email", "role", "holds", "capacity", "timezone", "working_hours", "away_from", "away_until")
    print_list(shown, ctx.form, columns, _("Nobody is on the team yet: team set EMAIL."))


def team_invite(args: argparse.Namespace) -> None:
    """A login for somebody, and the URL to hand over; a second invitation gives a new password."""
    ctx = Context(args)
    with ctx.open(create=True):
        made = ctx.write(invitations.invite, args.email, args.role, ctx.rep_if_known or "manual", ctx.now)
    url = invitations.url_for(str(ctx.place), made.login, made.password)
    print_object({"email": made.email, "role": made.role, "login": made.login, "url": url}, ctx.form, url)
    message(_("Hand this over to {who} on a safe way; it is shown only now.").format(who=made.email))


def team_role(args: argparse.Namespace) -> None:
    """What somebody may do from now on."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(logins.set_role, args.email, args.role, ctx.rep_if_known or "manual", ctx.now)
        kept = ctx.read(logins.is_secured)
    message(_("{who} is {role} now.").format(who=args.email, role=args.role))
    if not kept:
        message(_("In a file a role keeps nobody from anything; a PostgreSQL workspace does."))


def team_set(args: argparse.Namespace) -> None:
    """Add somebody, or change their zone, hours or capacity."""
    ctx = Context(args)
    given = {"timezone": args.zone, "working_hours": args.hours, "capacity": args.capacity}
    with ctx.open(create=True):
        wanted = {name: text for name, text in given.items() if text is not None}
        ctx.write(team.set_member, args.email, wanted, ctx.rep_if_known or "manual", ctx.now)
    message(_("{who} is on the team.").format(who=args.email))


def team_away(args: argparse.Namespace) -> None:
    """Give somebody no leads for a while."""
    ctx = Context(args)
    with ctx.open():
        start = ctx.day_of(args.since, "--from") if args.since else ctx.now
        end = ctx.moment_of(args.until, "--until") if args.until else None
        ctx.write(team.set_away, args.email, start, end, ctx.rep_if_known or "manual", ctx.now)
    until = told(end)
    said = (
        _("{who} takes no leads until {until}.") if until else _("{who} takes no leads until they are back.")
    )
    message(said.format(who=args.email, until=until))


def team_back(args: argparse.Namespace) -> None:
    """Somebody who was away takes leads again."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(team.set_away, args.email, None, None, ctx.rep_if_known or "manual", ctx.now)
    message(_("{who} takes leads again.").format(who=args.email))


def team_remove(args: argparse.Namespace) -> None:
    """Take somebody off the team; their leads stay theirs."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(team.remove_member, args.email, ctx.rep_if_known or "manual", ctx.now)
    message(_("{who} is off the team.").format(who=args.email))


def route_list(args: argparse.Namespace) -> None:
    """The routes in their order, with what each member received and is owed."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(routes.route_rows)
    if ctx.form == "json":
        print_json([_route(row) for row in rows])
        return
    flat = [
        {"route": row.name, "leads": row.filter or "everybody", "to": email or "the pool", "weight": weight,
         "received": received, "owed": round(owed, 2), "active": row.active}
        for row in rows
        for email, weight, received, owed in row.shares or (("", None, 0, 0.0),)
    ]  # fmt: skip
    columns = ("route", "leads", "to", "weight", "received", "owed", "active")
    print_list(flat, ctx.form, columns, _("No route: every lead waits in the pool."))


def route_set(args: argparse.Namespace) -> None:
    """Add a route, or change one."""
    ctx = Context(args)
    changes: dict[str, Any] = {
        "filter": args.filter,
        "to": {} if args.pool else _weights(args.to),
        "any_hours": args.any_hours,
        "account_owner": args.account_owner,
        "active": args.active,
        "position": args.position,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    with ctx.open(create=True):
        ctx.write(routes.set_route, args.name, ctx.rep_if_known or "manual", ctx.now, **given)
    message(_("Route {name} is set.").format(name=args.name))


def route_remove(args: argparse.Namespace) -> None:
    """Take a route away."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(routes.remove_route, args.name, ctx.rep_if_known or "manual", ctx.now)
    message(_("Route {name} is removed.").format(name=args.name))


def route_try(args: argparse.Namespace) -> None:
    """Who would get a lead now, and who would be passed over."""
    ctx = Context(args)
    with ctx.open():
        turn = ctx.read(routing.tried, args.lead, ctx.at)
    print_object(_turn(turn), ctx.form, _sentence(turn))


def route_run(args: argparse.Namespace) -> None:
    """Give out qualified leads that nobody has and that never had a turn."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        waiting = ctx.read(routing.unrouted, args.limit)
        routed = ctx.write(routing.route_leads, waiting, ctx.now)
    print_object(
        {"leads": len(waiting), "given": routed.given, "waiting": routed.waiting},
        ctx.form,
        f"{routed.given} of {len(waiting)} leads were given out.",
    )


def route_ledger(args: argparse.Namespace) -> None:
    """The newest turns: who got which lead and why, and who was passed over."""
    ctx = Context(args)
    with ctx.open():
        turns = ctx.read(routing.ledger, args.lead, args.limit)
    rows = [_turn(turn) for turn in turns]
    if ctx.form == "json":
        print_json(rows)
        return
    shown = [
        {**row, "why": _(WHY[turn.why]), "skipped": _skipped(turn)}
        for row, turn in zip(rows, turns, strict=True)
    ]
    print_list(
        shown, ctx.form, ("at", "lead_id", "route", "chosen", "why", "skipped"), _("No turn yet."), widest=80
    )


def _weights(given: list[str] | None) -> dict[str, int] | None:
    if given is None:
        return None
    found = {}
    for part in given:
        email, sign, weight = part.partition("=")
        if sign and not weight.isdigit():
            raise BadInput(_("{part!r} is no weight.").format(part=part), _("Write --to kim@example.com=2."))
        found[email.strip()] = int(weight) if sign else 1
    return found


def _route(row: routes.RouteRow) -> dict[str, Any]:
    shares = [
        {"email": email, "weight": weight, "received": received, "owed": owed}
        for email, weight, received, owed in row.shares
    ]
    return {**asdict(row), "shares": shares}


def _turn(turn: Turn) -> dict[str, Any]:
    skipped = [{"email": email, "reason": reason} for email, reason in turn.skipped]
    return {**asdict(turn), "at": iso(turn.at), "skipped": skipped}


def _sentence(turn: Turn) -> str:
    said = _("{who} would get it: {why}") if turn.chosen else _("It stays in the pool: {why}")
    who = said.format(who=turn.chosen, why=_(WHY[turn.why]))
    route = _(" (route {name})").format(name=turn.route) if turn.route else ""
    passed = _("; passed over: {who}").format(who=_skipped(turn)) if turn.skipped else ""
    return f"{who}{route}{passed}."


def _skipped(turn: Turn) -> str:
    return ", ".join(f"{email} ({_(NOT[reason])})" for email, reason in turn.skipped)
