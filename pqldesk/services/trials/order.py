"""Trials in order for the window: a few numbers of each, so that rows are made only of those in sight."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.models.ranking import Ranking
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, LocalDays, local_days
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.company_people import ACTIVE_DAYS, OF_TRIALS, alphabetical, is_sqlite, people_summed
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.queue.ranked import listed
from pqldesk.services.trial_outcomes import state_at
from pqldesk.services.trial_rules import OPEN_STATES, TrialState
from pqldesk.services.trials.pace import AT_RISK, Usual, pace, usual_activation
from pqldesk.services.trials.trials import QUIET_DAYS, URGENCY

WEEK = 7
_NO_END = 1 << 60


class _Trial(NamedTuple):
    """One trial and the people behind it; times in microseconds, score in hundredths."""

    id: int
    state: str
    starts_at: int | None
    ends_at: int | None
    by_day: bool
    outcome_at: int | None
    activation: int
    score: int
    seen: int | None
    users: int
    days_left: int = 0
    pace: str = ""
    quiet: bool = False


TABS: dict[str, Callable[[_Trial], bool]] = {
    "active": lambda one: one.state in OPEN_STATES,
    "ending": lambda one: one.state in OPEN_STATES and one.days_left <= WEEK,
    "risk": lambda one: one.pace == AT_RISK or one.quiet,
    "converted": lambda one: one.state == TrialState.CONVERTED,
    "expired": lambda one: one.state in (TrialState.EXPIRED, TrialState.LOST),
}
_SORTED_BY: dict[str, Callable[[_Trial], int | str | None]] = {
    "ends": lambda one: one.ends_at,
    "left": lambda one: one.days_left if one.state in OPEN_STATES else None,
    "activation": lambda one: one.activation,
    "pace": lambda one: one.pace or one.state,
    "seen": lambda one: one.seen,
    "users": lambda one: one.users,
    "score": lambda one: one.score,
}
WORDS = ("company", "owner")  # looked up once somebody sorts by them
SORTS = (*_SORTED_BY, *WORDS)


def trial_order(
    session: Session, at: datetime, tab: str = "active", sort: str = "", *, descending: bool = True
) -> ListOrder:
    """The trials begun by *at* that *tab* shows: the most urgent first as trials() has them, or by one of SORTS.

    Trials with nothing to sort by come last in both directions; of equals the more urgent one is first.
    """
    check_order(tab, sort)
    with closing(trial_ranking(session, at)) as ranking:
        if not ranking.has(sort):
            add_trial_key(session, ranking, sort)
        return listed(ranking, tab, sort, descending=descending)


def check_order(tab: str, sort: str) -> None:
    """Raises BadInput where trials have no such tab or sort."""
    if tab not in TABS or sort not in ("", *SORTS):
        raise BadInput(
            _("Trials are not listed by {tab!r} and {sort!r}.").format(tab=tab, sort=sort),
            _("Known: {known}.").format(known=", ".join((*TABS, *SORTS))),
        )


def trial_ranking(session: Session, at: datetime) -> Ranking:
    """The trials begun by *at* with the numbers they are listed by, but for what add_trial_key() brings."""
    keeps = list(enumerate(TABS.values()))
    keys = [*_SORTED_BY.values()]
    rows = (
        (one.id, sum(1 << n for n, keep in keeps if keep(one)), *(key(one) for key in keys), *_urgency(one))
        for one in _trials(session, at)
    )
    urgency = ("kind", "time", "missing")
    return Ranking(tuple(TABS), (*_SORTED_BY, *urgency), rows, "kind, time, missing, score DESC, id")


def add_trial_key(session: Session, ranking: Ranking, sort: str) -> None:
    """Have trials sorted by one of the words too."""
    own = aliased(Lead, name="own")
    if sort == "owner":
        words = select(Trial.id, _owner())
    else:
        apart = and_(own.id == Trial.lead_id, own.is_listed + 0 == 1)
        name = alphabetical(
            "coalesce(company.name, own.company_name, own.email)", is_sqlite=is_sqlite(session)
        )
        words = (
            select(Trial.id, name).outerjoin(own, apart).outerjoin(Company, Company.id == Trial.company_id)
        )
    ranking.add((sort,), Driver(session).each_of(words))


def _trials(session: Session, at: datetime) -> list[_Trial]:
    team = people_summed(session, at, OF_TRIALS).cte("team")
    own = aliased(Lead)
    apart = and_(own.id == Trial.lead_id, own.is_listed + 0 == 1)
    since = micros(at) - ACTIVE_DAYS * DAY
    also = and_(
        own.company_id.is_distinct_from(Trial.company_id), type_coerce(own.last_active_at, BigInteger) > since
    )
    selected = select(
        Trial.id, state_at(session, at), *(type_coerce(one, BigInteger) for one in (Trial.starts_at, Trial.ends_at)),
        Trial.ends_date_only, type_coerce(Trial.outcome_at, BigInteger),
        team.c.activation, own.activation, team.c.best, own.score, team.c.seen,
        type_coerce(own.last_active_at, BigInteger), func.coalesce(team.c.active, 0), also,
    ).outerjoin(team, team.c.company_id == Trial.company_id).outerjoin(own, apart)  # fmt: skip
    begun = or_(Trial.starts_at.is_(None), Trial.starts_at <= at)
    rows = Driver(session).each_of(selected.where(begun))
    found = []
    for (
        number, state, starts, ends, by_day, outcome, activation, own_activation, best, own_best, seen, own_seen,
        users, one_more,
    ) in rows:  # fmt: skip
        found.append(
            _Trial(
                number, state, starts, ends, by_day, outcome,
                max(activation or 0, own_activation or 0), _most(best, own_best) or 0, _most(seen, own_seen),
                users + bool(one_more),
            )
        )  # fmt: skip
    return _with_pace(session, at, found)


def _owner() -> ColumnElement[str | None]:
    """Whose the best of the people behind a trial is; of equals the older lead's."""
    lead = aliased(Lead)
    theirs = or_(lead.company_id == Trial.company_id, lead.id == Trial.lead_id)
    best = (
        select(lead.owner).where(theirs, lead.is_listed + 0 == 1).order_by((lead.score + 0).desc(), lead.id)
    )
    return best.limit(1).correlate(Trial).scalar_subquery()


def _urgency(one: _Trial) -> tuple[int, int, int]:
    """As trials() has it, with numbers; the score and the older one come after them."""
    if one.state in OPEN_STATES:
        return 0, _NO_END if one.ends_at is None else one.days_left, one.activation - 100
    end = one.outcome_at if one.outcome_at is not None else one.ends_at
    return URGENCY[one.state], -(end or 0), 0


def _with_pace(session: Session, at: datetime, found: list[_Trial]) -> list[_Trial]:
    """The open ones with days left, pace, and whether they went quiet."""
    now, days = micros(at), local_days(settings.zone(session))
    today = days.day_of(now)
    is_open = [one.state in OPEN_STATES for one in found]
    usual = usual_activation(
        session, {_day(one, now) for one, runs in zip(found, is_open, strict=True) if runs}, at
    )
    return [
        _running(one, now, days, today, usual) if runs else one
        for one, runs in zip(found, is_open, strict=True)
    ]


def _running(one: _Trial, now: int, days: LocalDays, today: int, usual: dict[int, Usual]) -> _Trial:
    left = 0
    if one.ends_at is not None:
        # A date-only end may be any moment of that day, and runs to the end of it.
        left = days.day_of(one.ends_at if one.by_day else one.ends_at - 1) - today
    since = _most(one.starts_at, one.seen)
    return one._replace(
        days_left=left,
        pace=pace(one.activation, usual.get(_day(one, now))),
        quiet=since is not None and (now - since) // DAY >= QUIET_DAYS,
    )


def _day(one: _Trial, now: int) -> int:
    return 0 if one.starts_at is None else (now - one.starts_at) // DAY


def _most(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)
