"""The commands around the team: who takes leads, and the routes by which they are given out."""

import argparse

from pqldesk.cli.parsing import Parser, count


def team_commands(top: Parser) -> None:
    """team, route."""
    team = top.command("team", "The people who take leads.")
    team.command("list", "Everybody on the team.", "routing.team_list")
    come = team.command("invite", "Give somebody a login of their own; PostgreSQL.", "routing.team_invite")
    come.add_argument("email", metavar="EMAIL")
    come.add_argument("--role", choices=("rep", "manager", "admin"), default="rep", help="default: rep")
    role = team.command("role", "What somebody may do from now on.", "routing.team_role")
    role.add_argument("email", metavar="EMAIL")
    role.add_argument("role", choices=("rep", "manager", "admin"))
    one = team.command("set", "Add somebody, or change them.", "routing.team_set")
    one.add_argument("email", metavar="EMAIL")
    one.add_argument("--zone", metavar="ZONE", help="their time zone; nothing: the workspace's")
    one.add_argument("--hours", metavar="HOURS", help="their working hours, such as Mon-Thu 09:00-17:00")
    one.add_argument("--capacity", metavar="N", help="leads they hold at once; nothing: no limit")
    away = team.command("away", "Give somebody no leads for a while.", "routing.team_away")
    away.add_argument("email", metavar="EMAIL")
    away.add_argument("--from", dest="since", metavar="T", help="default: now")
    away.add_argument("--until", metavar="T", help="default: until team back")
    for name, text, run in (
        ("back", "Somebody who was away takes leads again.", "routing.team_back"),
        ("remove", "Take somebody and their login off the team.", "routing.team_remove"),
    ):
        team.command(name, text, run).add_argument("email", metavar="EMAIL")

    route = top.command("route", "How qualified leads are given out.")
    route.command("list", "The routes in their order.", "routing.route_list")
    rule = route.command("set", "Add a route, or change one.", "routing.route_set")
    rule.add_argument("name", metavar="NAME")
    rule.add_argument("--filter", metavar="TEXT", help="whose leads: the filter language; nothing: everybody")
    shared = rule.add_mutually_exclusive_group()
    shared.add_argument(
        "--to", action="append", metavar="EMAIL[=WEIGHT]", help="shares them; may be repeated"
    )
    shared.add_argument("--pool", action="store_true", help="leave them in the pool")
    rule.add_argument("--any-hours", action=argparse.BooleanOptionalAction, help="also outside working hours")
    rule.add_argument(
        "--account-owner", action=argparse.BooleanOptionalAction, help="who has the company goes first"
    )
    rule.add_argument("--active", action=argparse.BooleanOptionalAction, help="whether it gives leads out")
    rule.add_argument("--position", type=count, metavar="N", help="1 is asked first")
    route.command("remove", "Take a route away.", "routing.route_remove").add_argument("name", metavar="NAME")
    route.command("try", "Who would get a lead now.", "routing.route_try").add_argument(
        "lead", metavar="LEAD"
    )
    waiting = route.command("run", "Give out what waits and never had a turn.", "routing.route_run")
    waiting.add_argument("--limit", type=count, default=1_000, metavar="N")
    turns = route.command("ledger", "Who got which lead and why.", "routing.route_ledger")
    turns.add_argument("--lead", metavar="LEAD")
    turns.add_argument("--limit", type=count, default=100, metavar="N")
