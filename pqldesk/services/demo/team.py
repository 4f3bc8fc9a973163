"""The demo's team: four made-up people, the rules that give leads out among them, and what these rules gave out."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.models.team import Member, Route, RouteShare, RouteTurn
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.claims import claim_lead
from pqldesk.services.routes import set_route
from pqldesk.services.routing import route_leads
from pqldesk.services.team.fair_turns import next_in_turn
from pqldesk.services.team.team import member_named, set_away, set_member

INES, DANA = "ines@northquay.example", "dana@northquay.example"
OMAR, MIRA = "omar@northquay.example", "mira@northquay.example"
BEGAN: Final = timedelta(days=30)  # before now: ahead of everything the story tells
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
    countries: tuple[str, ...]
    to: dict[str, int]
    here: tuple[str, ...] = ()  # who can take a lead on a weekday morning in the workspace's zone


_RULES: Final = (
    _Rule("Continental Europe", f"country is any of ({', '.join(_EUROPE)})", _EUROPE,
          {INES: 1, DANA: 1, OMAR: 1}, (INES, DANA)),
    _Rule("Australia and New Zealand", "country is any of (AU, NZ)", ("AU", "NZ"), {INES: 1, MIRA: 2}, (INES,)),
    _Rule("United Kingdom, paid", "country is GB and plan is Basic", (), {}),
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


@dataclass(slots=True)
class Turns:
    """Tells in order of time which leads of the story the rules give to the rep that the story wants."""

    _owed: dict[str, dict[str, int]] = field(default_factory=dict)

    def would_give(self, country: str | None, rep: str) -> bool:
        """Whether the rule of *country* has *rep* next; if so its balances move on."""
        rule = next((one for one in _RULES if country in one.countries), None)
        if rule is None:
            return False
        chosen, after = next_in_turn(self._owed.get(rule.name, {}), rule.to, rule.here)
        if chosen == rep:
            self._owed[rule.name] = after
        return chosen == rep


def give_out(rep: str, session: Session, lead: Lead, at: datetime) -> Changes:
    """Let the rules give the lead out; *rep* claims one that they leave in the pool."""
    changes = route_leads(session, [lead.id], at).changes
    return changes if lead.owner is not None else claim_lead(session, lead, rep, at)
