"""Scores as of a past moment, computed and not stored.

*at* leaves out what happened later, *known_at* in addition what PQLDesk had not received, or linked, by then.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import Lead, Submission
from pqldesk.services import settings
from pqldesk.services.basics.moments import local_days
from pqldesk.services.scoring.cells import KindNames, Usage, chunks, events_of, numbers, usage_at
from pqldesk.services.scoring.exclusions import person_exclusion, session_exclusion
from pqldesk.services.scoring.fit import Fact, fit_score
from pqldesk.services.scoring.live import LiveModel, live_model
from pqldesk.services.scoring.milestones import activation, reached
from pqldesk.services.scoring.rules import Scored, Scorer, scored
from pqldesk.services.scoring.timeline import Event, cells_of, first_crossing

_FIELDS = ("email", "country", "region", "job_title", "plan", "domain", "company_name", "source", "phone")


@dataclass(frozen=True, slots=True)
class LeadScore:
    """One lead's score as of a moment. Scores in hundredths, values in millionths, times in microseconds."""

    lead_id: int
    score: int
    result: Scored
    qualified: bool
    qualified_at: int | None
    milestones: dict[str, int | None]
    activation: int
    last_active_at: int | None
    excluded: str | None
    fit: int | None
    hand_raised_at: int | None = None

    @property
    def signals(self) -> list[tuple[int, int]]:
        """(value, points) in the model's order."""
        return list(zip(self.result.values, self.result.points, strict=True))


def scored_as_of(
    session: Session,
    at: datetime,
    known_at: datetime | None = None,
    lead_ids: Collection[int] | None = None,
    live: LiveModel | None = None,
) -> Iterator[LeadScore]:
    """The score of every lead (or of *lead_ids*) as of *at*, under the live model or the one given."""
    ids: Sequence[int] = (
        list(session.scalars(select(Lead.id).where(Lead.is_listed == 1).order_by(Lead.id)))
        if lead_ids is None
        else sorted(lead_ids)
    )
    reader = _Reader(session, at, known_at, live or live_model(session))
    for some in chunks(ids):
        yield from reader.read(some)


class _Reader:
    def __init__(self, session: Session, at: datetime, known_at: datetime | None, live: LiveModel) -> None:
        self._driver = Driver(session)
        self._at = micros(at)
        self._known_at = None if known_at is None else micros(known_at)
        self._live = live
        self._zone = settings.zone(session)
        self._today = local_days(self._zone).day_of(self._at)
        self._kinds = KindNames(self._driver)
        self._stored_holds = known_at is None and live.version_id is not None
        self._session = session

    def read(self, ids: Sequence[int]) -> Iterator[LeadScore]:
        rows = self._driver.rows(
            "SELECT id, signup_at, hand_raised_at, qualified_at, milestones, model_version_id, "  # noqa: S608
            f"{', '.join(_FIELDS)} FROM lead WHERE id IN ({numbers(ids)}) ORDER BY id"
        )
        if self._known_at is not None:
            raised = self._hands_known(ids)
            lives = events_of(self._driver, ids, self._kinds, known_at=self._known_at)
            for row in rows:
                yield self._from_life(row, lives[row[0]], raised.get(row[0]))
            return
        usage = usage_at(self._driver, ids, self._at, self._today)
        stale = [row[0] for row in rows if row[5] != self._live.version_id or not self._stored_holds]
        lives = events_of(self._driver, stale, self._kinds) if stale else {}
        scorer = Scorer(self._live.model, self._kinds)
        for row in rows:
            mine = usage[row[0]]
            values = scorer.values(mine.totals, mine.days, self._today)
            if row[0] in lives:
                milestones, qualified_at = self._past(row, lives[row[0]], row[2])
            else:
                milestones, qualified_at = self._stored(row)
            yield self._result(row, values, mine, milestones, qualified_at, row[2])

    def _from_life(self, row: tuple[Any, ...], life: list[Event], hand_raised_at: int | None) -> LeadScore:
        occurred = [event for event in life if event[0] <= self._at]
        kinds, totals, days = cells_of(occurred, self._zone, self._at)
        values = Scorer(self._live.model, kinds).values(totals, days, self._today)
        usage = Usage(count=len(occurred))
        if occurred:
            usage.first_at, usage.last_at = occurred[0][0], occurred[-1][0]
        milestones, qualified_at = self._past(row, life, hand_raised_at)
        return self._result(row, values, usage, milestones, qualified_at, hand_raised_at)

    def _past(
        self, row: tuple[Any, ...], life: list[Event], hand_raised_at: int | None
    ) -> tuple[dict[str, int | None], int | None]:
        person = person_exclusion(self._live.model, row[6])
        return (
            reached(self._live.milestones, life, row[1]),
            first_crossing(self._live.model, life, self._zone, hand_raised_at, excluded=person is not None),
        )

    def _stored(self, row: tuple[Any, ...]) -> tuple[dict[str, int | None], int | None]:
        return (json.loads(row[4]) if row[4] else {}), row[3]

    def _result(
        self,
        row: tuple[Any, ...],
        values: tuple[int, ...],
        usage: Usage,
        milestones: dict[str, int | None],
        qualified_at: int | None,
        hand_raised_at: int | None,
    ) -> LeadScore:
        model = self._live.model
        facts: dict[str, Fact] = dict(zip(_FIELDS, row[6:], strict=True))
        hand_raised = hand_raised_at is not None and hand_raised_at <= self._at
        excluded = person_exclusion(model, row[6]) or session_exclusion(
            model, usage.count, usage.first_at, usage.last_at, hand_raised=hand_raised
        )
        result = scored(model, values, hand_raised=hand_raised, exclusion=excluded)
        return LeadScore(
            lead_id=row[0],
            score=result.score,
            result=result,
            qualified=result.qualified,
            qualified_at=qualified_at if qualified_at is not None and qualified_at <= self._at else None,
            milestones={
                key: when if when is not None and when <= self._at else None
                for key, when in milestones.items()
            },
            activation=activation(self._live.milestones, milestones, self._at),
            last_active_at=usage.last_at,
            excluded=None if excluded is None else excluded.label,
            fit=fit_score(model, facts),
            hand_raised_at=hand_raised_at if hand_raised else None,
        )

    def _hands_known(self, ids: Sequence[int]) -> dict[int, int]:
        """The first hand-raise of each lead that had been received by the moment of knowing."""
        found: dict[int, int] = {}
        for lead, received in self._session.execute(
            select(Submission.lead_id, Submission.received_at)
            .where(Submission.lead_id.in_(ids), Submission.kind == "hand_raise")
            .order_by(Submission.received_at.desc())
        ):
            if self._known_at is not None and micros(received) <= self._known_at:
                found[lead] = micros(received)
        return found
