"""The people of the team: their hours, the load they take, and when they are away."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.models.people import Lead
from pqldesk.models.team import Member, Route
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import told
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.rows import Assignable
from pqldesk.services.settings.working_time import week_example, week_of, week_text

HELD = ("claimed", "working")  # states of leads that count against a capacity


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as lists show them; *holds* counts open leads, *routes* those that give them leads.

    *kept* is whether the database keeps them to their role: they come by a login of their own.
    """

    email: str
    role: str
    kept: bool
    timezone: str | None
    working_hours: str | None
    capacity: int | None
    holds: int
    away_from: datetime | None
    away_until: datetime | None
    routes: tuple[str, ...]


def team_rows(session: Session) -> list[MemberRow]:
    """Everybody on the team, by e-mail."""
    held = leads_held(session)
    routes = session.execute(select(Route.name, Route.weights).order_by(Route.position, Route.id)).all()
    return [
        MemberRow(
            member.email,
            member.role,
            member.login is not None,
            member.timezone,
            member.working_hours,
            member.capacity,
            held.get(member.email.casefold(), 0),
            member.away_from,
            member.away_until,
            tuple(name for name, weights in routes if weights.get(member.email)),
        )
        for member in session.scalars(select(Member).order_by(Member.email))
    ]


def assignable(session: Session, at: datetime) -> tuple[Assignable, ...]:
    """Everybody on the team, and whoever has leads without being on it."""
    held: dict[str, tuple[str, int]] = {}
    for owner, many in session.execute(
        select(Lead.owner, func.count())
        .where(Lead.is_open == 1, Lead.owner.is_not(None))
        .group_by(Lead.owner)
    ):
        name, before = held.get(str(owner).casefold(), (str(owner), 0))
        held[name.casefold()] = (name, before + many)
    found = [
        Assignable(member.email, held.pop(member.email.casefold(), ("", 0))[1], _is_away(member, at))
        for member in session.scalars(select(Member).order_by(Member.email))
    ]
    return (*found, *(Assignable(name, many) for name, many in sorted(held.values())))


def _is_away(member: Member, at: datetime) -> bool:
    since, until = member.away_from, member.away_until
    return since is not None and since <= at and (until is None or until > at)


def set_member(
    session: Session, email: str, given: Mapping[str, str | None], actor: str, at: datetime
) -> Changes:
    """Add somebody, or change what is *given* of them: timezone, working_hours, capacity; None is back to none."""
    email = address(email)
    values = {name: _CHECKS[name](text) if text else None for name, text in given.items()}
    member = found_member(session, email)
    with recording(session, actor, "member_set", at=at, detail=email):
        if member is None:
            member = Member(email=email, added_at=at)
            session.add(member)
        for name, value in values.items():
            setattr(member, name, value)
    return Changes.to(Topic.SETTINGS)


def set_away(
    session: Session, email: str, start: datetime | None, end: datetime | None, actor: str, at: datetime
) -> Changes:
    """Somebody takes no leads from *start* until *end*; both None, and they are back."""
    member = member_named(session, email)
    if start is not None and end is not None and end <= start:
        raise BadInput(
            _("{member} cannot be away until {end}, before {start}.").format(
                member=member.email, end=told(end), start=told(start)
            ),
            _("Give a later end."),
        )
    with recording(session, actor, "member_away", at=at, detail=member.email):
        member.away_from, member.away_until = start, end
    return Changes.to(Topic.SETTINGS)


def remove_member(session: Session, email: str, actor: str, at: datetime) -> Changes:
    """Take somebody off the team, out of every route, and their login away. Their leads stay theirs."""
    member = member_named(session, email)
    if member.login is not None:
        rights.drop_login(session, member.login)
        session.refresh(member)
    with recording(session, actor, "member_removed", at=at, detail=member.email):
        for route in session.scalars(select(Route)):
            if member.email in route.weights:
                route.weights = {
                    name: weight for name, weight in route.weights.items() if name != member.email
                }
        session.delete(member)
    return Changes.to(Topic.SETTINGS)


def member_named(session: Session, email: str) -> Member:
    """The member of that e-mail. Raises NotFound naming those there are."""
    found = found_member(session, email)
    if found is None:
        known = ", ".join(session.scalars(select(Member.email).order_by(Member.email))) or _("nobody yet")
        raise NotFound(
            _("{email} is not on the team.").format(email=email),
            _("Known: {known}. Add them: team set {email}.").format(known=known, email=email),
        )
    return found


def found_member(session: Session, email: str) -> Member | None:
    return session.scalars(select(Member).where(func.lower(Member.email) == email.strip().lower())).first()


def leads_held(session: Session) -> dict[str, int]:
    """{e-mail, case-folded: open leads they have claimed}."""
    found: dict[str, int] = {}
    for owner, many in session.execute(
        select(Lead.owner, func.count())
        .where(Lead.is_open == 1, Lead.owner.is_not(None), Lead.state.in_(HELD))
        .group_by(Lead.owner)
    ):
        name = str(owner).casefold()
        found[name] = found.get(name, 0) + many
    return found


def address(text: str) -> str:
    """*text* as somebody's e-mail. Raises BadInput."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text.strip()):
        raise BadInput(
            _("{text!r} is no e-mail address of a rep.").format(text=text),
            _("Write it like kim@example.com."),
        )
    return text.strip()


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise BadInput(
            _("There is no time zone {text!r}.").format(text=text),
            _("Give an IANA name such as Europe/Berlin or UTC."),
        )
    return ZoneInfo(text).key


def _hours(text: str) -> str:
    try:
        return week_text(week_of(text))
    except ValueError:
        raise BadInput(
            _("{text!r} are no working hours.").format(text=text),
            _("Write 09:00-17:00, or {example}.").format(example=week_example()),
        ) from None


def _capacity(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 100_000:
        raise BadInput(
            _("{text!r} is no number of leads.").format(text=text),
            _("Give a whole number, or nothing for no limit."),
        )
    return int(text)


_CHECKS = {"timezone": _zone, "working_hours": _hours, "capacity": _capacity}
