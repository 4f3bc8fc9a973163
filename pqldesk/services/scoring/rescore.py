"""Bringing stored scores up to date, in the transaction that made them stale.

A lead's row holds everything the queue shows: score with the values it was made from, milestones, when it first
qualified, and due_at, the moment at which it may change though nothing arrives. Only rows that differ are written.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.db import Driver
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.services import settings
from pqldesk.services.moments import DAY, LocalDays, local_days
from pqldesk.services.response_clock import ResponseClock
from pqldesk.services.scoring.cells import KindNames, Usage, chunks, events_of, numbers, taken_back, usage_now
from pqldesk.services.scoring.exclusions import person_exclusion, session_exclusion
from pqldesk.services.scoring.fit import Fact, fit_score
from pqldesk.services.scoring.live import LiveModel, ensure_model, live_model
from pqldesk.services.scoring.milestones import SIGNUP_KIND, activation, reached
from pqldesk.services.scoring.model import Measure
from pqldesk.services.scoring.rules import Scorer, can_ever_cross, scored
from pqldesk.services.scoring.timeline import Event, first_crossing

_KNOWN = (
    "email", "country", "region", "job_title", "plan", "domain", "company_name", "source", "phone",
    "signup_at", "hand_raised_at", "state", "owner", "first_touch_at",
)  # fmt: skip
_WRITTEN = (
    "score", "fit", "excluded", "qualified", "qualified_at", "activation", "signals", "milestones",
    "last_active_at", "signed_up_at", "due_at", "model_version_id", "state", "respond_by",
)  # fmt: skip
_SELECT = f"SELECT id, {', '.join((*_KNOWN, *_WRITTEN))} FROM lead WHERE id IN "  # noqa: S608 - our own columns
_UPDATE = f"UPDATE lead SET {', '.join(f'{name} = ?' for name in _WRITTEN)}, scored_at = ? WHERE id = ?"  # noqa: S608
_EVENT = "INSERT INTO score_event (lead_id, at, old, new, cause, parts, model_version_id) VALUES (?, ?, ?, ?, ?, ?, ?)"
_as_text = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode
_FIT_FIELDS = ("email", "country", "region", "job_title", "plan", "domain", "company_name", "source", "phone")


@dataclass(frozen=True, slots=True)
class Rescored:
    """What a rescore did: leads whose score or qualification changed, and those that qualified now."""

    changed: tuple[int, ...]
    newly_qualified: tuple[int, ...]


def rescore(
    session: Session,
    lead_ids: Collection[int],
    at: datetime,
    cause: str,
    earliest: Mapping[int, int] | None = None,
) -> Rescored:
    """Rescore *lead_ids* as of *at* and store what changed.

    *earliest* gives, per lead, the time (µs) of the earliest event that is new: what was reached before it
    stands. Without it everything is worked out again.
    """
    session.flush()
    ensure_model(session, at)
    worker = _Rescorer(session, at, cause)
    for ids in chunks(sorted(lead_ids)):
        worker.run(ids, earliest or {})
    session.expire_all()
    return Rescored(tuple(worker.changed), tuple(worker.newly_qualified))


def rescore_due(session: Session, at: datetime) -> Rescored:
    """Rescore the leads whose stored score may have changed by itself: windows lapsed, events came due."""
    return rescore(session, due_leads(session, at), at, "window")


def due_leads(session: Session, at: datetime) -> list[int]:
    """Leads whose due moment has come."""
    # Not is_listed: SQLite would walk the index of all listed leads instead of the few that are due.
    return list(session.scalars(select(Lead.id).where(Lead.due_at <= at, Lead.state.not_in(HIDDEN_STATES))))


def rescore_all(session: Session, at: datetime, cause: str = "model") -> Rescored:
    """Rescore every lead; in a large workspace call it from a child process."""
    return rescore(session, list(session.scalars(select(Lead.id).where(Lead.is_listed == 1))), at, cause)


def score_counts(session: Session) -> tuple[int, int]:
    """(leads under the model, those that are qualified now)."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(Lead.qualified.cast(Integer)), 0)).where(
            Lead.is_listed == 1
        )
    ).one()
    return row[0], int(row[1])


class _Rescorer:
    """One model, one moment, many leads."""

    def __init__(self, session: Session, at: datetime, cause: str) -> None:
        self._driver = Driver(session)
        self._at = micros(at)
        self._moment = at
        self._cause = cause
        self._live: LiveModel = live_model(session)
        self._zone = settings.zone(session)
        self._days: LocalDays = local_days(self._zone)
        self._today = self._days.day_of(self._at)
        self._kinds = KindNames(self._driver)
        self._scorer = Scorer(self._live.model, self._kinds)
        self._clock = ResponseClock.of(session)
        sums = [s.window_days for s in self._live.model.signals if s.measure is Measure.SUM and s.weight > 0]
        self._sums_back = max((days or 0 for days in sums), default=None)  # days that a sum may look back
        self._simple_milestones = {
            m.key: m.kind
            for m in self._live.milestones
            if m.measure is Measure.COUNT and m.threshold <= 1_000_000 and m.within_days is None
        }
        self._running_milestones = [m for m in self._live.milestones if m.key not in self._simple_milestones]
        self.changed: list[int] = []
        self.newly_qualified: list[int] = []

    def run(self, ids: Sequence[int], earliest: Mapping[int, int]) -> None:
        leads = [_Row(values) for values in self._driver.rows(f"{_SELECT}({numbers(ids)})")]
        usage = usage_now(
            self._driver, [lead.id for lead in leads], self._at, self._today, self._scorer.days_needed
        )
        values = {
            lead.id: self._scorer.values(usage[lead.id].totals, usage[lead.id].days, self._today)
            for lead in leads
        }
        marked = {one.id for one in leads if self._milestones_moved(one, usage[one.id], earliest.get(one.id))}
        crossed = self._may_have_crossed(leads, usage, values, earliest)
        lives = events_of(self._driver, sorted(marked | crossed), self._kinds)
        updates, moves = [], []
        for lead in leads:
            life = lives.get(lead.id)
            new = self._scored(
                lead,
                usage[lead.id],
                values[lead.id],
                life if lead.id in marked else None,
                life if lead.id in crossed else None,
            )
            if new == lead.stored:
                continue
            updates.append((*new, self._at, lead.id))
            if new[0] != lead["score"]:
                moves.append(self._move(lead, new))
            if new[0] != lead["score"] or bool(new[3]) != bool(lead["qualified"]):
                self.changed.append(lead.id)
            if new[3] and not lead["qualified"]:
                self.newly_qualified.append(lead.id)
        if updates:
            self._driver.run_many(_UPDATE, updates)
        if moves:
            self._driver.run_many(_EVENT, moves)

    def _milestones_moved(self, lead: "_Row", usage: Usage, new_from: int | None) -> bool:
        """Whether a milestone with a running measure has to be looked for in the lead's events."""
        if not self._running_milestones:
            return False
        stands = new_from is not None and lead["model_version_id"] == self._live.version_id
        known = lead.milestones if stands else {}
        firsts = self._first_times(usage)
        for milestone in self._running_milestones:
            if milestone.kind in firsts:
                reached_at = known.get(milestone.key)
                if reached_at is None or new_from is None or new_from <= reached_at:
                    return True
        return False

    def _may_have_crossed(
        self,
        leads: Sequence["_Row"],
        usage: Mapping[int, Usage],
        values: Mapping[int, tuple[int, ...]],
        earliest: Mapping[int, int],
    ) -> set[int]:
        """The leads whose first crossing of the cut has to be looked for in their events.

        It stands where it lies before the first new event. It is still none where no value can have been high
        enough since: none was above what it is now, if that event is of today, or above all there ever was. Only a
        sum of which something was taken back may have been; such leads are read again.
        """
        found: set[int] = set()
        low: list[int] = []
        for lead in leads:
            new_from, mine = earliest.get(lead.id), usage[lead.id]
            if new_from is not None and lead["model_version_id"] == self._live.version_id:
                qualified_at = lead["qualified_at"]
                if qualified_at is not None:
                    if new_from > qualified_at:
                        continue
                elif mine.next_at is None and not self._most_reaches_cut(mine, values[lead.id], new_from):
                    low.append(lead.id)
                    continue
            if self._may_cross(lead, mine):
                found.add(lead.id)
        if low and self._sums_back is not None:
            since = min(earliest[one] for one in low) - self._sums_back * DAY
            found |= taken_back(self._driver, low, since)
        return found

    def _most_reaches_cut(self, usage: Usage, values: tuple[int, ...], new_from: int) -> bool:
        """Whether the highest score since *new_from* may be over the cut, if nothing was taken back."""
        model = self._live.model
        if self._days.day_of(new_from) == self._today:
            return self._scorer.most(values) >= model.cut
        return can_ever_cross(model, self._kinds, usage.totals, negative_quantities=False)

    def _may_cross(self, lead: "_Row", usage: Usage) -> bool:
        return can_ever_cross(self._live.model, self._kinds, usage.totals) or usage.next_at is not None

    def _scored(
        self,
        lead: "_Row",
        usage: Usage,
        values: tuple[int, ...],
        marked: list[Event] | None,
        crossed: list[Event] | None,
    ) -> tuple[Any, ...]:
        """The columns of the lead. *marked* and *crossed* are its events where milestones or the crossing moved."""
        model = self._live.model
        hand_raised_at = lead["hand_raised_at"]
        hand_raised = hand_raised_at is not None and hand_raised_at <= self._at
        person = person_exclusion(model, lead["email"])
        excluded = person or session_exclusion(
            model, usage.count, usage.first_at, usage.last_at, hand_raised=hand_raised
        )
        result = scored(model, values, hand_raised=hand_raised, exclusion=excluded)
        if marked is None:
            milestones = self._milestones_kept(lead, usage)
        else:
            milestones = reached(self._live.milestones, marked, lead["signup_at"])
        if crossed is None:
            qualified_at = self._crossing_kept(lead, usage, hand_raised_at)
            if person is not None:
                qualified_at = None
        else:
            qualified_at = first_crossing(
                model, crossed, self._zone, hand_raised_at, excluded=person is not None
            )
        signed_up_at = lead["signup_at"]
        if signed_up_at is None:
            signed_up_at = self._first_times(usage).get(SIGNUP_KIND)
        state = lead["state"]
        if state in ("new", "qualified"):
            state = "qualified" if result.qualified else "new"
        facts: dict[str, Fact] = {name: lead[name] for name in _FIT_FIELDS} if model.fit else {}
        signals = ",".join(
            f"[{value},{points}]" for value, points in zip(result.values, result.points, strict=True)
        )
        return (
            result.score,
            fit_score(model, facts),
            None if excluded is None else excluded.label,
            result.qualified,
            qualified_at,
            activation(self._live.milestones, milestones, self._at),
            f"[{signals}]",
            lead["milestones"] if milestones == lead.milestones else _as_text(milestones),
            usage.last_at,
            signed_up_at,
            self._due_at(usage, hand_raised_at),
            self._live.version_id,
            state,
            self._respond_by(lead, result.qualified, qualified_at, result.band.key, hand_raised),
        )

    def _crossing_kept(self, lead: "_Row", usage: Usage, hand_raised_at: int | None) -> int | None:
        """The stored crossing or the hand-raise, whichever was first; none is left where none can be."""
        known = lead["qualified_at"]
        if known is not None and (
            lead["model_version_id"] != self._live.version_id or not self._may_cross(lead, usage)
        ):
            known = None
        return min((when for when in (known, hand_raised_at) if when is not None), default=None)

    def _milestones_kept(self, lead: "_Row", usage: Usage) -> dict[str, int | None]:
        """Milestones from first times alone; those with a running measure stand as stored while there is usage."""
        found: dict[str, int | None] = {}
        firsts = self._first_times(usage)
        for milestone in self._live.milestones:
            if milestone.kind == SIGNUP_KIND and lead["signup_at"] is not None:
                found[milestone.key] = lead["signup_at"]
            elif milestone.key in self._simple_milestones:
                found[milestone.key] = firsts.get(milestone.kind)
            else:
                found[milestone.key] = (
                    lead.milestones.get(milestone.key) if milestone.kind in firsts else None
                )
        return found

    def _first_times(self, usage: Usage) -> dict[str, int]:
        """When each kind of event was first seen, whatever its key."""
        found: dict[str, int] = {}
        kinds = self._kinds
        for kind, at in usage.firsts.items():
            name = kinds[kind][0]
            if name not in found or at < found[name]:
                found[name] = at
        return found

    def _due_at(self, usage: Usage, hand_raised_at: int | None) -> int | None:
        moments = [] if usage.next_at is None else [usage.next_at]
        lapse = self._scorer.next_lapse_day(usage.days, self._today)
        if lapse is not None:
            moments.append(self._days.midnight(lapse))
        if hand_raised_at is not None and hand_raised_at > self._at:
            moments.append(hand_raised_at)
        return min(moments, default=None)

    def _respond_by(
        self, lead: "_Row", qualified: bool, qualified_at: int | None, band: str, hand_raised: bool
    ) -> int | None:
        """When the first touch is due; set when the lead qualifies and kept until somebody touches it."""
        if lead["first_touch_at"] is not None:
            return None
        if lead["respond_by"] is not None:
            return int(lead["respond_by"])
        if not qualified or qualified_at is None or lead["state"] not in ("new", "qualified", "claimed"):
            return None
        start = lead["hand_raised_at"] if hand_raised else qualified_at
        return self._clock.due(start, urgent=hand_raised or band == "hot", owner=lead["owner"])

    def _move(self, lead: "_Row", new: tuple[Any, ...]) -> tuple[Any, ...]:
        keys = [signal.key for signal in self._live.model.signals]
        old = lead.points if lead["model_version_id"] == self._live.version_id else []
        before = dict(zip(keys, old, strict=False))
        after = dict(zip(keys, (pair[1] for pair in json.loads(new[6])), strict=True))
        parts = {key: after[key] - before.get(key, 0) for key in keys if after[key] != before.get(key, 0)}
        if not before and lead["score"]:
            parts["previous_model"] = -lead["score"]
        return (
            lead.id, self._at, lead["score"], new[0], self._cause,
            _as_text(parts), self._live.version_id,
        )  # fmt: skip


class _Row:
    """A lead's columns as the driver gave them."""

    __slots__ = ("_milestones", "_values", "id", "stored")
    _PLACE = {name: place for place, name in enumerate(("id", *_KNOWN, *_WRITTEN))}  # noqa: RUF012 - a constant

    def __init__(self, values: tuple[Any, ...]) -> None:
        self._values = values
        self.id: int = values[0]
        self.stored = values[-len(_WRITTEN) :]
        self._milestones: dict[str, int | None] | None = None

    def __getitem__(self, name: str) -> Any:
        return self._values[self._PLACE[name]]

    @property
    def milestones(self) -> dict[str, int | None]:
        if self._milestones is None:
            text = self["milestones"]
            self._milestones = json.loads(text) if text else {}
        return self._milestones

    @property
    def points(self) -> list[int]:
        text = self["signals"]
        return [pair[1] for pair in json.loads(text)] if text else []
