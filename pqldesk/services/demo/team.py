"""The demo's team: four made-up people, the rules that give leads out among them, and what these rules gave out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.models.team import Member, Route, RouteShare, RouteTurn
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.claims import claim_lead
from pqldesk.services.routes import set_route
from pqldesk.services.routing import route_leads
from pqldesk.services.team.team import member_named, set_away, set_member

INES, DANA = "ines@northquay.example", "dana@northquay.example"
OMAR, MIRA = "omar@northquay.example", "mira@northquay.example"
BEGAN: Final = timedelta(days=130)  # before now: ahead of everything the story tells
_AWAY: Final = timedelta(days=9)
_MEMBERS: Final = {
    INES: {"capacity": "25"},
    DANA: {"capacity": "25"},
    OMAR: {"capacity": "15", "working_hours": "Mon-Thu 09:00-17:00, Fri 09:00-13:00"},
    MIRA: {"capacity": "20", "timezone": "Pacific/Auckland"},
}
_ROLES: Final = {INES: "manager", MIRA: "admin"}
_EUROPE: Final = (
    "AT",
    "BE",
    "CH",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HU",
    "IE",
    "IT",
    "NO",
    "PL",
    "SE",
    "SK",
)


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    filter: str
    to: dict[str, int]


_RULES: Final = (
    _Rule("Continental Europe", f"country is any of ({', '.join(_EUROPE)})", {INES: 1, DANA: 1, OMAR: 1}),
    _Rule("Australia and New Zealand", "country is any of (AU, NZ)", {INES: 1, MIRA: 2}),
    _Rule("United Kingdom, paid", "country is GB and plan is Basic", {}),
)  # fmt: skip


def gather_team(session: Session, now: datetime) -> Changes:
    """Put everybody on the team, and the rules in force."""
    at = now - BEGAN
    for email, given in _MEMBERS.items():
        set_member(session, email, given, MIRA, at)
        member_named(session, email).role = _ROLES.get(email, "rep")
    set_away(session, OMAR, at, now + _AWAY, MIRA, at)
    for rule in _RULES:
        set_route(session, rule.name, MIRA, at, filter=rule.filter, to=rule.to, account_owner=False)
    return Changes.to(Topic.SETTINGS)


def remove_team(session: Session) -> None:
    """Take the made-up people and their rules away, and every turn of these rules."""
    names = [rule.name for rule in _RULES]
    routes = select(Route.id).where(Route.name.in_(names))
    session.execute(delete(RouteShare).where(RouteShare.route_id.in_(routes)))
    session.execute(delete(RouteTurn).where(RouteTurn.route.in_(names)))
    session.execute(delete(Route).where(Route.name.in_(names)))
    session.execute(delete(Member).where(Member.email.in_(_MEMBERS)))


def set_rules(session: Session, *, active: bool) -> Changes:
    """Whether the rules give leads out: not while a week's files come, whose leads wait for a rep to get to them."""
    names = [rule.name for rule in _RULES if rule.to]
    session.execute(update(Route).where(Route.name.in_(names)).values(active=active))
    return Changes.to(Topic.SETTINGS)


def take(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    """Let the rules give the lead out; *rep* claims one that they leave in the pool."""
    if lead.owner is not None:
        return Changes()
    changes = route_leads(session, [lead.id], at).changes
    return changes if lead.owner is not None else claim_lead(session, lead, rep, at)
