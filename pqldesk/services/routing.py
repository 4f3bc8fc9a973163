"""Giving leads out by the routes: whose turn it is, who is passed over and why, every turn in a ledger.

A lead is routed when it qualifies and nobody has it, and again when a claim on it has lapsed. Who has somebody of its
company already comes first; else the first active route whose filter lets it through decides. Where nobody can take
it, it stays in the pool and is tried again when somebody is back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.team import Member, Route, RouteShare, RouteTurn
from pqldesk.models.work import LAPSED, Claim
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.claims import assign_lead
from pqldesk.services.filters.language import parse_filter
from pqldesk.services.filters.sql import conditions_of
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import terms_of
from pqldesk.services.routes import routes_in_order
from pqldesk.services.settings.working_time import WorkingHours, opening_at
from pqldesk.services.team.fair_turns import in_turn, next_in_turn
from pqldesk.services.team.lapses import BY_RULE
from pqldesk.services.team.response_clock import hours_by_owner, working_hours
from pqldesk.services.team.team import leads_held

TURN, ACCOUNT, POOL, NOBODY = "turn", "account", "pool", "nobody"
AWAY, OFF_HOURS, FULL, LET_LAPSE, GONE = "away", "off_hours", "full", "let_lapse", "not_on_the_team"


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the ledger. *owed* in leads, before the turn."""

    at: datetime
    lead_id: str
    route: str
    chosen: str | None
    why: str
    skipped: tuple[tuple[str, str], ...]
    owed: dict[str, float] = field(default_factory=dict)
    name: str = ""  # of the lead


@dataclass(frozen=True, slots=True)
class Routed:
    """How many leads found somebody, and how many wait in the pool."""

    given: int
    waiting: int
    changes: Changes


def route_leads(session: Session, lead_ids: Collection[int], at: datetime) -> Routed:
    """Give out those of *lead_ids* that nobody has and that qualify, the best first."""
    if not lead_ids:
        return Routed(0, 0, Changes())
    routes = [route for route in routes_in_order(session) if route.active]
    if not routes:
        return Routed(0, 0, Changes())
    return _Desk(session, routes, at).give_out(lead_ids)


def route_waiting(session: Session, at: datetime) -> Routed:
    """Try again for leads that nobody could take, where somebody may be back."""
    due = select(RouteTurn.lead_id).where(RouteTurn.retry_at <= at)
    leads = list(session.scalars(due.distinct()))
    session.execute(update(RouteTurn).where(RouteTurn.retry_at <= at).values(retry_at=None))
    return route_leads(session, leads, at)


def unrouted(session: Session, limit: int) -> list[int]:
    """Qualified leads that nobody has and that never had a turn, the best first: what `route run` gives out."""
    turned = exists().where(RouteTurn.lead_id == Lead.id)
    return list(
        session.scalars(
            select(Lead.id)
            .where(Lead.is_open == 1, Lead.owner.is_(None), Lead.qualified, ~turned)
            .order_by(Lead.score.desc(), Lead.active_order.desc(), Lead.id)
            .limit(limit)
        )
    )


def ledger(session: Session, lead: str | None = None, limit: int = 100) -> list[Turn]:
    """The newest turns, or those of one lead. Raises NotFound."""
    query = select(RouteTurn).order_by(RouteTurn.id.desc()).limit(limit)
    if lead is not None:
        query = query.where(RouteTurn.lead_id == lead_of(session, lead).id)
    rows = session.scalars(query).all()
    leads = {row.lead_id for row in rows}
    found = session.execute(select(Lead.id, Lead.name).where(Lead.id.in_(leads)))
    names = {row.id: row.name for row in found}
    return [_turn(row, names.get(row.lead_id, "")) for row in rows]


def tried(session: Session, lead: str, at: datetime) -> Turn:
    """Who would get the lead now, nothing done. Raises NotFound."""
    found = lead_of(session, lead)
    routes = [route for route in routes_in_order(session) if route.active]
    return _turn(_Desk(session, routes, at).decide(found).turn, found.name)


@dataclass(frozen=True, slots=True)
class _Decided:
    """A turn, the route it is of, and what everybody is owed by that route afterwards."""

    turn: RouteTurn
    route: Route | None
    after: dict[str, int] = field(default_factory=dict)


class _Desk:
    """The team as it stands at one moment, while leads are given out."""

    def __init__(self, session: Session, routes: list[Route], at: datetime) -> None:
        self._session = session
        self._routes = routes
        self._at = at
        self._members = {member.email: member for member in session.scalars(select(Member))}
        self._hours = hours_by_owner(session)
        self._usual = working_hours(session)
        self._held = leads_held(session)
        self._shares = {
            (share.route_id, share.email): share
            for share in session.scalars(
                select(RouteShare).where(RouteShare.route_id.in_([route.id for route in routes]))
            )
        }
        self._territory: dict[int, int] = {}  # lead -> place of its route

    def give_out(self, lead_ids: Collection[int]) -> Routed:
        given = waiting = 0
        leads = self._free(lead_ids)
        self._find_territories([lead.id for lead in leads])
        for lead in leads:
            decided = self.decide(lead)
            turn = decided.turn
            self._session.add(turn)
            if turn.chosen is None:
                waiting += turn.retry_at is not None
                continue
            given += 1
            assign_lead(self._session, lead, turn.chosen, BY_RULE, self._at)
            self._held[turn.chosen.casefold()] = self._held.get(turn.chosen.casefold(), 0) + 1
            if decided.route is not None:
                self._keep(decided.route, decided)
        self._session.flush()
        return Routed(given, waiting, Changes.to(Topic.LEADS, Topic.OUTBOX) if given else Changes())

    def decide(self, lead: Lead) -> _Decided:
        """The lead's turn, nothing of it stored."""
        if lead.id not in self._territory:
            self._find_territories([lead.id])
        place = self._territory.get(lead.id)
        route = None if place is None else self._routes[place]
        turn = RouteTurn(
            at=self._at, lead_id=lead.id, route_id=route and route.id, route=route.name if route else "",
            chosen=None, why=POOL, skipped=[], owed={},
        )  # fmt: skip
        if route is None or not route.weights:
            return _Decided(turn, route)
        if route.account_owner and (owner := self._account_owner(lead)) is not None:
            turn.chosen, turn.why = owner, ACCOUNT
            return _Decided(turn, route)
        lapsed = self._let_lapse(lead)
        reasons = {email: self._why_not(email, route, lapsed) for email in route.weights}
        available = [email for email, reason in reasons.items() if reason is None]
        owed = {
            email: share.owed for email in route.weights if (share := self._shares.get((route.id, email)))
        }
        turn.owed = owed
        turn.chosen, after = next_in_turn(owed, route.weights, available)
        order = in_turn(owed, route.weights)
        passed = order if turn.chosen is None else order[: order.index(turn.chosen)]
        turn.skipped = [[email, reasons[email]] for email in passed if reasons[email] is not None]
        turn.why = TURN if turn.chosen is not None else NOBODY
        if turn.chosen is None:
            turn.retry_at = self._back_at(reasons)
        return _Decided(turn, route, after)

    def _keep(self, route: Route, decided: _Decided) -> None:
        """Store the balances as they are after the turn."""
        for email, owed in decided.after.items():
            share = self._shares.get((route.id, email))
            if share is None:
                share = RouteShare(route_id=route.id, email=email, owed=0, received=0)
                self._shares[route.id, email] = share
                self._session.add(share)
            share.owed = owed
            share.received += email == decided.turn.chosen

    def _free(self, lead_ids: Collection[int]) -> list[Lead]:
        found: list[Lead] = []
        for chunk in chunked(sorted(lead_ids)):
            found += self._session.scalars(
                select(Lead).where(
                    Lead.id.in_(chunk), Lead.is_open == 1, Lead.owner.is_(None), Lead.qualified
                )
            )
        return sorted(found, key=lambda lead: (-lead.score, -lead.active_order, lead.id))

    def _find_territories(self, lead_ids: Iterable[int]) -> None:
        """For each lead the first route whose filter lets it through; one statement a route."""
        driver, terms = Driver(self._session), terms_of(self._session, None, self._at)
        left = set(lead_ids)
        self._session.flush()
        for place, route in enumerate(self._routes):
            for chunk in chunked(sorted(left)):
                where = conditions_of(parse_filter(route.filter), terms)
                marks = ",".join("?" * len(chunk))
                sql = " AND ".join([f"id IN ({marks})", *(f"({part.sql})" for part in where)])
                values = [*chunk, *(value for part in where for value in part.values)]
                for (lead_id,) in driver.rows(f"SELECT id FROM lead WHERE {sql}", values):  # noqa: S608
                    self._territory[lead_id] = place
            left -= self._territory.keys()

    def _account_owner(self, lead: Lead) -> str | None:
        """Who has somebody of the lead's company, the newest claim first, where they can take another."""
        if lead.company_id is None:
            return None
        owners = self._session.scalars(
            select(Lead.owner)
            .where(
                Lead.company_id == lead.company_id, Lead.id != lead.id, Lead.owner.is_not(None),
                Lead.state.not_in((*HIDDEN_STATES, "disqualified", "lost")),
            )
            .order_by(Lead.claimed_at.is_(None), Lead.claimed_at.desc(), Lead.id)
        )  # fmt: skip
        by_name = {email.casefold(): email for email in self._members}
        lapsed = self._let_lapse(lead)
        for owner in owners:
            email = by_name.get((owner or "").casefold())
            if email is not None and email not in lapsed and not self._is_away(email):
                return email
        return None

    def _let_lapse(self, lead: Lead) -> set[str]:
        """Who let the last claim on the lead lapse: it is not theirs again at once."""
        last = self._session.scalars(
            select(Claim).where(Claim.lead_id == lead.id).order_by(Claim.id.desc()).limit(1)
        ).first()
        return {last.rep} if last is not None and last.end_reason == LAPSED else set()

    def _why_not(self, email: str, route: Route, lapsed: Collection[str]) -> str | None:
        member = self._members.get(email)
        if member is None:
            return GONE
        if self._is_away(email):
            return AWAY
        if not route.any_hours and self._opens(email) > micros(self._at):
            return OFF_HOURS
        if member.capacity is not None and self._held.get(email.casefold(), 0) >= member.capacity:
            return FULL
        return LET_LAPSE if email in lapsed and len(route.weights) > 1 else None

    def _is_away(self, email: str) -> bool:
        member = self._members[email]
        begun = member.away_from is not None and member.away_from <= self._at
        return begun and (member.away_until is None or member.away_until > self._at)

    def _opens(self, email: str) -> int:
        """When somebody's working time begins, in microseconds; now where it has begun."""
        hours: WorkingHours = self._hours.get(email.casefold(), self._usual)
        return opening_at(self._at, hours)

    def _back_at(self, reasons: dict[str, str | None]) -> datetime | None:
        """The earliest moment at which somebody may take it; those who are full free themselves at any time."""
        found = []
        for email, reason in reasons.items():
            if reason == OFF_HOURS:
                found.append(moment(self._opens(email)))
            elif reason == AWAY and (until := self._members[email].away_until) is not None:
                found.append(until)
            elif reason == FULL:
                found.append(moment(micros(self._at) + 15 * 60 * 1_000_000))
        return min(found, default=None)


def _turn(row: RouteTurn, name: str) -> Turn:
    return Turn(
        row.at,
        public_id(LEAD, row.lead_id),
        row.route,
        row.chosen,
        row.why,
        tuple((email, reason) for email, reason in row.skipped),
        {email: owed / 1e6 for email, owed in row.owed.items()},
        name,
    )
