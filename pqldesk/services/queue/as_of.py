"""The queue of a past moment: scores worked out for then, put in the same order. Stored scores stay untouched."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.people import Lead
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.filters.facts import LeadFacts, holds, row_facts
from pqldesk.services.filters.language import Node, clauses_in
from pqldesk.services.filters.queue_filter import QueueFilter, filter_node, search_words
from pqldesk.services.filters.terms import Terms
from pqldesk.services.queue.queue import read_rows, reading, terms_of
from pqldesk.services.queue.rows import Reading, signal_values
from pqldesk.services.rows import QueueRow
from pqldesk.services.scoring.as_of import LeadScore, scored_as_of

OPEN = ("new", "qualified", "claimed", "working")
AT_ONCE = 1_000


def queue_as_of(
    session: Session,
    wanted: QueueFilter,
    at: datetime,
    known_at: datetime | None = None,
    rep: str | None = None,
    limit: int | None = None,
) -> list[QueueRow]:
    """The leads that *wanted* lets through as of *at*, best first."""
    terms = terms_of(session, rep, at)
    node = filter_node(wanted)
    terms.check(node)
    know = _Known(session, node, terms)
    found = [
        row
        for row in rows_as_of(session, at, known_at)
        if in_scope(wanted, row) and holds(node, know.facts(row[0]), terms)
    ]
    rows = sorted((row for row, _ in found), key=_best_first)
    return rows[:limit] if limit else rows


def rows_as_of(
    session: Session, at: datetime, known_at: datetime | None = None, lead_ids: Iterable[int] | None = None
) -> Iterable[tuple[QueueRow, str | None]]:
    """Every lead's row as of *at*, and why it is excluded if it is."""
    how = reading(session, at)
    driver = Driver(session)
    ids = (
        list(lead_ids)
        if lead_ids is not None
        else list(session.scalars(select(Lead.id).where(Lead.is_listed == 1).order_by(Lead.id)))
    )
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        scores = {score.lead_id: score for score in scored_as_of(session, at, known_at, some)}
        for row in read_rows(driver, some, how):
            score = scores.get(row.id)
            if score is not None:
                yield _as_of(row, score, how), score.excluded


def _as_of(row: QueueRow, score: LeadScore, how: Reading) -> QueueRow:
    raised = row.hand_raised_at if row.hand_raised_at and row.hand_raised_at <= how.at else None
    state = row.state
    if state in ("new", "qualified"):
        state = "qualified" if score.qualified else "new"
    return replace(
        row,
        score=number(score.score, HUNDRED),
        band=how.model.band_of(score.score).key,
        qualified=score.qualified,
        qualified_at=None if score.qualified_at is None else moment(score.qualified_at),
        signals=signal_values(how.model, score.signals),
        activation=score.activation,
        milestones={
            milestone.key: None if (when := score.milestones.get(milestone.key)) is None else moment(when)
            for milestone in how.milestones
        },
        state=state,
        last_active_at=None if score.last_active_at is None else moment(score.last_active_at),
        fit=None if score.fit is None else number(score.fit, HUNDRED),
        score_change=0,
        hand_raised_at=raised,
    )


def in_scope(wanted: QueueFilter, found: tuple[QueueRow, str | None]) -> bool:
    """Whether a row that was worked out is one the view shows at all, and holds what is searched for."""
    row, excluded = found
    if wanted.view != "all" and (row.state not in OPEN or excluded is not None):
        return False
    text = [as_searched(part) for part in (row.name, row.email, row.company, row.domain) if part]
    return all(any(word in part for part in text) for word in search_words(wanted.search))


class _Known:
    """The facts of leads as filters ask for them; what no row holds is read once, if the filter asks for it."""

    def __init__(self, session: Session, node: Node, terms: Terms) -> None:
        self._terms = terms
        asked = {clause.field for clause in clauses_in(node)}
        self._claims: dict[int, int | None] = {}
        self._asked: dict[int, list[str]] = {}
        self._tasks: dict[int, list[int | None]] = {}
        driver = Driver(session)
        if "claimed" in asked:
            self._claims = {row[0]: row[1] for row in driver.rows("SELECT id, claimed_at FROM lead")}
        if "asked" in asked:
            said = (
                "SELECT lead_id, comment, product_interaction FROM submission"
                " WHERE kind = 'hand_raise' AND received_at <= ?"
            )
            for lead_id, *texts in driver.rows(said, (terms.now,)):
                self._asked.setdefault(lead_id, []).extend(filter(None, texts))
        if "task due" in asked:
            for lead_id, due in driver.rows("SELECT lead_id, due_at FROM task WHERE done_at IS NULL"):
                self._tasks.setdefault(lead_id, []).append(due)

    def facts(self, row: QueueRow) -> LeadFacts:
        return row_facts(
            row,
            self._terms,
            claimed=self._claims.get(row.id),
            asked=self._asked.get(row.id, ()),
            tasks=self._tasks.get(row.id, ()),
        )


def _best_first(row: QueueRow) -> tuple[float, int, int]:
    last = -1 if row.last_active_at is None else micros(row.last_active_at)
    return -row.score, -last, row.id
