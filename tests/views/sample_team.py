"""The team of the sample desk, its routes, and whose turn it was."""

from datetime import timedelta

from sample_leads import NOW, OTHER, REP, lead

from pqldesk.services.basics.problems import NotFound
from pqldesk.services.routes import RouteRow
from pqldesk.services.routing import Turn
from pqldesk.services.team.team import MemberRow


def team_rows(empty: bool) -> list[MemberRow]:
    if empty:
        return []
    week = NOW + timedelta(days=7)
    return [
        MemberRow(
            OTHER,
            "manager",
            False,
            "Europe/Berlin",
            "Mon-Thu 09:00-17:00",
            40,
            12,
            None,
            None,
            ("DACH", "Everybody"),
        ),
        MemberRow(REP, "rep", False, None, None, None, 7, NOW - timedelta(days=1), week, ("Everybody",)),
    ]


def route_rows(empty: bool) -> list[RouteRow]:
    if empty:
        return []
    return [
        RouteRow("DACH", "country is DE", True, False, True, ((OTHER, 1, 8, 0.0),)),
        RouteRow("Everybody", "", True, True, True, ((OTHER, 2, 4, -0.33), (REP, 1, 2, 0.33))),
    ]


def turn_of(number: int) -> Turn:
    one = lead(number)
    return Turn(NOW - timedelta(minutes=4), one.lead_id, "Everybody", OTHER, "turn", ((REP, "away"),),
                {OTHER: 0.33, REP: 0.67}, one.name)  # fmt: skip


def tried(text: str) -> Turn:
    if text != "jane@example.com":
        raise NotFound(f"There is no lead {text!r}.", "Give an e-mail, a lead id or a key.")
    return turn_of(2)
