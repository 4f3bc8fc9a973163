"""Accounts in order, and the rows of some of them, a million leads or not.

A company's people are summed from one index (`ix_lead_company_id`), which holds all that is needed of them.
"""

from array import array
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from pqldesk.models.driver import Driver
from pqldesk.models.ids import COMPANY, LEAD, public_id
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.models.plain_names import kept_text
from pqldesk.models.ranking import Ranking
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import moment
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.company_people import (
    THOSE_ASKED_FOR,
    alphabetical,
    is_sqlite,
    people_summed,
    summed,
    summed_at,
)
from pqldesk.services.figure_rows import AccountRow, ListOrder
from pqldesk.services.figures.account_score import ACTIVE, BEST, SUM, aggregation
from pqldesk.services.queue.ranked import listed
from pqldesk.services.queue.rows import trial_shown
from pqldesk.services.trial_outcomes import day_of, facts_of, running

TABS = ("all", "trial", "several", "unclaimed")
NEAR = 2_000  # best leads that tell how the list begins
SCREEN = 100  # companies that fill any window; fewer, and more leads are looked at
SORTS = ("score", "name", "champion", "active", "seen", "trial", "owner")

_MADE_OF = {BEST: ("best",), ACTIVE: (), SUM: ("plus", "minus")}  # what a rule's figure needs besides
_LISTED = Lead.is_listed + 0 == 1  # a sum: no walk over all that are listed, which stand in another order


def account_order(
    session: Session, at: datetime, tab: str = "all", sort: str = "", *, descending: bool = True
) -> ListOrder:
    """The companies that *tab* shows as of now: the best first by the declared rule, or by one of SORTS.

    Companies with nothing to sort by come last in both directions; of equals the better one is first.
    """
    check_order(tab, sort)
    with closing(account_ranking(session, at)) as ranking:
        if not ranking.has(sort):
            add_account_key(session, ranking, sort)
        return listed(ranking, tab, sort, descending=descending)


def check_order(tab: str, sort: str) -> None:
    """Raises BadInput where accounts have no such tab or sort."""
    if tab not in TABS or sort not in ("", *SORTS):
        raise BadInput(
            _("Accounts are not listed by {tab!r} and {sort!r}.").format(tab=tab, sort=sort),
            _("Known: {known}.").format(known=", ".join((*TABS, *SORTS))),
        )


def account_ranking(session: Session, at: datetime) -> Ranking:
    """All companies with the figures they are listed by as of *at*, but for what add_account_key() brings."""
    how = aggregation(session)
    which = ("company_id", "leads", "active", "seen", "owner", *_MADE_OF[how.rule])
    people = people_summed(session, at, which=which).cte("people").prefix_with("MATERIALIZED")
    trials = _trials(at, day_of(session, at)).cte("trials").prefix_with("MATERIALIZED")
    # Trials that have ended come first: they have nothing left.
    ends = case((trials.c.runs, func.coalesce(trials.c.ends_at, 0)), else_=0)
    runs = func.coalesce(cast(trials.c.runs, Integer), 0)
    tabs = (
        1 + 2 * runs + case((people.c.leads > 1, 4), else_=0) + case((people.c.owner.is_(None), 8), else_=0)
    )
    figure, active = _figure(how.rule, how.cap, people), func.coalesce(people.c.active, 0)
    name = _by_name(is_sqlite=is_sqlite(session)).label("name")
    found = (
        select(
            Company.id, tabs, figure, active, name, people.c.seen, case((trials.c.company_id.is_not(None), ends))
        )
        .outerjoin(people, people.c.company_id == Company.id)
        .outerjoin(trials, trials.c.company_id == Company.id)
        .order_by(figure.desc(), active.desc(), name, Company.id)
    )  # fmt: skip
    keys = ("score", "active", "name", "seen", "trial")
    return Ranking(TABS, keys, Driver(session).each_of(found), about=how.rule)


def first_accounts(session: Session, at: datetime, tab: str) -> ListOrder | None:
    """How the list of all companies begins, told by the best leads; None where these do not tell it."""
    if tab != "all" or aggregation(session).rule != BEST:
        return None
    among: set[int] = set()
    for near in (NEAR, 5 * NEAR):  # many may be equally good
        best = select(Lead.company_id, Lead.score).where(Lead.is_listed == 1).order_by(Lead.score.desc())
        met = session.execute(best.limit(near)).all()
        if len(met) < near:
            break
        among = _at_the_top([(row.company_id, row.score) for row in met])
        if len(among) >= SCREEN:
            break
    if not among:
        return None
    which = ("company_id", "best", "active")
    people = summed(is_sqlite(session), THOSE_ASKED_FOR, which).cte("people")
    name = _by_name(is_sqlite=is_sqlite(session))
    order = (people.c.best.desc(), people.c.active.desc(), name, Company.id)
    first = select(Company.id).join(people, people.c.company_id == Company.id).order_by(*order)
    ids = session.scalars(first, {"among": list(among), **summed_at(at)})
    return ListOrder(array("q", ids), {}, BEST)


def _by_name(*, is_sqlite: bool) -> ColumnElement[Any]:
    return alphabetical("company.name", kept_text("company", "name", "company.id"), is_sqlite=is_sqlite)


def _at_the_top(met: Sequence[tuple[int | None, int]]) -> set[int]:
    """The companies of the best leads, by scores that nobody else has: a screen of them, where there are so many.

    Of companies whose best are as good as the last one met, others may be ahead.
    """
    found: set[int] = set()
    for score, leads in groupby(met, key=itemgetter(1)):
        if score == met[-1][1] or len(found) >= SCREEN:
            break
        found.update(company for company, _ in leads if company is not None)
    return found


def add_account_key(session: Session, ranking: Ranking, sort: str) -> None:
    """Have companies sorted by their champion and by their owner too: a row of each one's people has to be read."""
    del sort
    which = ("company_id", "first", "owner")
    people = people_summed(session, moment(0), which=which).cte("people").prefix_with("MATERIALIZED")
    champion = aliased(Lead, name="champion")
    kept = kept_text("lead", "name", "champion.id")
    name = alphabetical("champion.name", kept, is_sqlite=is_sqlite(session))
    found = (
        select(people.c.company_id, name, func.coalesce(champion.owner, people.c.owner))
        .select_from(people)
        .join(champion, champion.id == people.c.first)
    )
    ranking.add(("champion", "owner"), Driver(session).each_of(found))


def account_rows(session: Session, at: datetime, ids: Sequence[int]) -> list[AccountRow]:
    """The rows of these companies as of now, in their order; those that are gone are left out."""
    how, zone = aggregation(session), settings.zone(session)
    values = {"among": list(ids), "at": at, "today": day_of(session, at), "cap": how.cap, **summed_at(at)}
    found = session.execute(_rows_by(how.rule, is_sqlite(session)), values)
    rows = {}
    for row in found:
        shown = None if row.Trial is None else facts_of(row.Trial)
        some = row.leads is not None
        rows[row.id] = AccountRow(
            company_id=public_id(COMPANY, row.id),
            name=row.name,
            domain=row.domain,
            leads=row.leads or 0,
            active_users_14d=row.active or 0,
            trial=None if shown is None else trial_shown(shown, at, zone),
            score=number(row.figure, HUNDRED),
            owner=row.champions_owner or row.owner,
            best_lead_id=public_id(LEAD, row.champion_id) if some else None,
            champion=row.champion,
            best_score=number(row.best, HUNDRED) if some else 0,
            rule=how.rule,
            cap=number(how.cap, HUNDRED) if how.rule == SUM else None,
            plan=(shown.plan if shown is not None else None) or row.plan,
            last_active_at=None if row.seen is None else moment(row.seen),
            owners=row.owners or 0,
        )
    return [rows[one] for one in ids if one in rows]


@cache
def _rows_by(rule: str, is_sqlite: bool) -> Select[Any]:
    """The statement behind account_rows(): to put it together takes four times as long as to run it."""
    among: Any = bindparam("among", expanding=True)
    people = summed(is_sqlite, THOSE_ASKED_FOR).cte("people")
    trials = _trials(bindparam("at"), bindparam("today"), among).cte("trials")
    owners = (
        select(func.count(Lead.owner.distinct()))
        .where(Lead.company_id == people.c.company_id, _LISTED)
        .correlate(people)
        .scalar_subquery()
    )
    champion = aliased(Lead)
    figure = _figure(rule, bindparam("cap", type_=BigInteger), people)
    return (
        select(
            Company.id, Company.name, Company.domain, Company.plan, people, figure.label("figure"),
            owners.label("owners"), champion.id.label("champion_id"), champion.name.label("champion"),
            champion.owner.label("champions_owner"), Trial,
        )
        .outerjoin(people, people.c.company_id == Company.id)
        .outerjoin(champion, champion.id == people.c.first)
        .outerjoin(trials, trials.c.company_id == Company.id)
        .outerjoin(Trial, Trial.id == trials.c.id)
        .where(Company.id.in_(among))
    )  # fmt: skip


def _trials(at: Any, today: Any, among: Any = None) -> Select[Any]:
    """The trial that each company shows, its own or one of its people's, and whether it runs."""
    whose = cast(
        func.coalesce(Trial.company_id, Lead.company_id), BigInteger
    )  # a type, so that it can be looked up
    latest = func.row_number().over(
        partition_by=whose, order_by=(Trial.starts_at.is_(None), Trial.starts_at.desc(), Trial.id.desc())
    )
    of_people = and_(Lead.id == Trial.lead_id, Trial.company_id.is_(None), _LISTED)
    begun = (
        select(
            whose.label("company_id"), Trial.id, Trial.ends_at, running(at, today).label("runs"), latest.label("n")
        )
        .outerjoin(Lead, of_people)
        .where(or_(Trial.starts_at.is_(None), Trial.starts_at <= at), whose.is_not(None))
    )  # fmt: skip
    if among is not None:
        people = select(Lead.id).where(Lead.company_id.in_(among), _LISTED)
        begun = begun.where(or_(Trial.company_id.in_(among), Trial.lead_id.in_(people)))
    every = begun.subquery()
    return select(every.c.company_id, every.c.id, every.c.ends_at, every.c.runs).where(every.c.n == 1)


def _figure(rule: str, cap: Any, people: FromClause) -> ColumnElement[int]:
    """What account_score makes of people's scores, in hundredths."""
    named = people.c
    if rule == BEST:
        figure: ColumnElement[Any] = named.best
    elif rule == ACTIVE:
        share = (2 * 100 * HUNDRED * named.active + named.leads) // (2 * named.leads)
        figure = case((named.active > 0, share), else_=0)
    else:
        figure = case((named.plus > cap, cap), else_=named.plus) + named.minus
    return func.coalesce(figure, 0)
