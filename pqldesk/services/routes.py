"""The rules that give leads out: territory as a filter, who shares it and by what weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.team import Route, RouteShare
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.language import filter_text, parse_filter
from pqldesk.services.filters.sql import conditions_of
from pqldesk.services.history import recording
from pqldesk.services.queue.queue import terms_of
from pqldesk.services.team.team import member_named

HEAVIEST = 1_000


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route as lists show it. *shares*: (e-mail, weight, received so far, owed in leads)."""

    name: str
    filter: str
    active: bool
    any_hours: bool
    account_owner: bool
    shares: tuple[tuple[str, int, int, float], ...]


def route_rows(session: Session) -> list[RouteRow]:
    """The routes in the order in which they are asked."""
    kept = {(share.route_id, share.email): share for share in session.scalars(select(RouteShare))}
    rows = []
    for route in routes_in_order(session):
        shares = []
        for email, weight in sorted(route.weights.items()):
            share = kept.get((route.id, email))
            shares.append((email, weight, share.received if share else 0, share.owed / 1e6 if share else 0.0))
        rows.append(
            RouteRow(
                route.name, route.filter, route.active, route.any_hours, route.account_owner, tuple(shares)
            )
        )
    return rows


def routes_in_order(session: Session) -> list[Route]:
    return list(session.scalars(select(Route).order_by(Route.position, Route.id)))


def set_route(
    session: Session,
    name: str,
    actor: str,
    at: datetime,
    *,
    filter: str | None = None,
    to: Mapping[str, int] | None = None,
    any_hours: bool | None = None,
    account_owner: bool | None = None,
    active: bool | None = None,
    position: int | None = None,
) -> Changes:
    """Add a route, or change what is given of one. *to*: weights by e-mail; nobody leaves its leads in the pool.

    Raises BadInput for a filter that cannot be read or a weight out of range, NotFound for nobody of the team.
    """
    name = name.strip()
    if not name:
        raise BadInput(_("A route needs a name."), _("Give one such as EMEA."))
    values: dict[str, object] = {
        key: value
        for key, value in (("any_hours", any_hours), ("account_owner", account_owner), ("active", active))
        if value is not None
    }
    if filter is not None:
        node = parse_filter(filter)
        conditions_of(node, terms_of(session, None, at))  # names of bands and signals that are not there
        values["filter"] = filter_text(node)
    if to is not None:
        values["weights"] = _weights(session, to)
    route = session.scalars(select(Route).where(func.lower(Route.name) == name.lower())).first()
    with recording(session, actor, "route_set", at=at, detail=name):
        if route is None:
            last = session.scalar(select(func.max(Route.position))) or 0
            route = Route(name=name, position=last + 1, filter="", weights={}, created_at=at)
            session.add(route)
        for key, value in values.items():
            setattr(route, key, value)
        session.flush()
        if position is not None:
            _place(session, route, position)
    return Changes.to(Topic.SETTINGS)


def remove_route(session: Session, name: str, actor: str, at: datetime) -> Changes:
    """Take a route away; its turns stay in the ledger."""
    route = route_named(session, name)
    with recording(session, actor, "route_removed", at=at, detail=route.name):
        for share in session.scalars(select(RouteShare).where(RouteShare.route_id == route.id)):
            session.delete(share)
        session.flush()
        session.delete(route)
    return Changes.to(Topic.SETTINGS)


def route_named(session: Session, name: str) -> Route:
    """Raises NotFound naming those there are."""
    found = session.scalars(select(Route).where(func.lower(Route.name) == name.strip().lower())).first()
    if found is None:
        known = ", ".join(route.name for route in routes_in_order(session)) or _("none yet")
        raise NotFound(
            _("There is no route {name!r}.").format(name=name), _("Known: {known}.").format(known=known)
        )
    return found


def _place(session: Session, route: Route, position: int) -> None:
    others = [one for one in routes_in_order(session) if one.id != route.id]
    others.insert(max(0, position - 1), route)
    for number, one in enumerate(others, 1):
        one.position = number


def _weights(session: Session, to: Mapping[str, int]) -> dict[str, int]:
    found = {}
    for email, weight in to.items():
        if not 0 < weight <= HEAVIEST:
            raise BadInput(
                _("{email} cannot weigh {weight}.").format(email=email, weight=weight),
                _("Give a whole number from 1 to {heaviest}.").format(heaviest=HEAVIEST),
            )
        found[member_named(session, email).email] = weight
    return found
