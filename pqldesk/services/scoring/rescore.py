"""Bringing stored scores up to date, in the transaction that made them stale.

A lead's row holds everything the queue shows: score with the values it was made from, milestones, when it first
qualified, and due_at, the moment at which it may change though nothing arrives. Only rows that differ are written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from operator import ne
from typing import Any

import msgspec
from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, LocalDays, local_days
from pqldesk.services.scoring.cells import KindNames, Usage, chunks, events_of, numbers, taken_back, usage_now
from pqldesk.services.scoring.exclusions import person_exclusion, session_exclusion
from pqldesk.services.scoring.fit import Fact, fit_score
from pqldesk.services.scoring.lead_at_hand import KNOWN, WRITTEN, LeadAtHand, signals_in
from pqldesk.services.scoring.live import LiveModel, ensure_model, live_model
from pqldesk.services.scoring.milestones import SIGNUP_KIND, activation, reached
from pqldesk.services.scoring.model import Measure
from pqldesk.services.scoring.rules import Earned, Scorer, can_ever_cross, is_qualified, pairs_text
from pqldesk.services.scoring.timeline import Event, first_crossing
from pqldesk.services.team.response_clock import ResponseClock

_FIT_FIELDS = ("email", "country", "region", "job_title", "plan", "domain", "company_name", "source", "phone")
_EVENT = "INSERT INTO score_event (lead_id, at, old, new, cause, parts, model_version_id) VALUES (?, ?, ?, ?, ?, ?, ?)"
_json_of = msgspec.json.Encoder(order="deterministic").encode


def _as_text(value: dict[str, int] | dict[str, int | None]) -> str:
    return _json_of(value).decode()


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


def due_leads(session: Session, at: datetime, most: int | None = None) -> list[int]:
    """Leads whose due moment has come, *most* of them if there are more."""
    # Not is_listed: SQLite would walk the index of all listed leads instead of the few that are due.
    due = select(Lead.id).where(Lead.due_at <= at, Lead.state.not_in(HIDDEN_STATES))
    return list(session.scalars(due.limit(most)))


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
        self._cause = cause
        self._live: LiveModel = live_model(session)
        self._zone = settings.zone(session)
        self._days: LocalDays = local_days(self._zone)
        self._today = self._days.day_of(self._at)
        self._kinds = KindNames(self._driver)
        model = self._live.model
        self._scorer = Scorer(model, self._kinds)
        self._clock = ResponseClock.of(session)
        # Texts about the person are read only under a model that asks for them.
        about = _FIT_FIELDS if model.fit else ("email",) if model.exclusions else ()
        columns = ", ".join(("id", *KNOWN, *WRITTEN, *about))
        self._select = f"SELECT {columns} FROM lead WHERE id IN "  # noqa: S608 - our own columns
        self._about = about
        sums = [s for s in model.signals if s.measure is Measure.SUM and s.weight > 0]
        self._sums_back = max((s.window_days or 0 for s in sums), default=0)  # days that a sum may look back
        self._summed = {s.kind for s in sums}
        self._simple = {
            m.key
            for m in self._live.milestones
            if m.measure is Measure.COUNT and m.threshold <= 1_000_000 and m.within_days is None
        }
        self._running = [m for m in self._live.milestones if m.key not in self._simple]
        self._updates: dict[tuple[bool, ...], str] = {}
        self._activations: dict[tuple[bool, ...], int] = {}
        self._parts: dict[tuple[tuple[int, ...], tuple[int, ...], int], str] = {}
        self.changed: list[int] = []
        self.newly_qualified: list[int] = []

    def run(self, ids: Sequence[int], earliest: Mapping[int, int]) -> None:
        leads = [LeadAtHand(values) for values in self._driver.rows(f"{self._select}({numbers(ids)})")]
        usage = usage_now(
            self._driver,
            [lead.id for lead in leads],
            self._at,
            self._today,
            self._scorer.days_needed,
            self._kinds,
        )
        measured, earned = self._scorer.measured, self._scorer.earned
        for lead in leads:
            mine = usage[lead.id]
            lead.values, lead.lapse_day = measured(mine.totals, mine.days, self._today)
            lead.earned = earned(lead.values)
            if lead.version_id == self._live.version_id:
                lead.new_from = earliest.get(lead.id)
        marked = {one.id for one in leads if self._milestones_moved(one, usage[one.id])}
        crossed = self._may_have_crossed(leads, usage)
        lives = events_of(self._driver, sorted(marked | crossed), self._kinds) if marked or crossed else {}
        updates: dict[tuple[bool, ...], list[tuple[Any, ...]]] = {}
        moves = []
        for lead in leads:
            life = lives.get(lead.id)
            new = self._scored(
                lead,
                usage[lead.id],
                life if lead.id in marked else None,
                life if lead.id in crossed else None,
            )
            differs = tuple(map(ne, new, lead.stored))
            if True not in differs:
                continue
            updates.setdefault(differs, []).append((*compress(new, differs), self._at, lead.id))
            if new[0] != lead.score:
                moves.append(self._move(lead, new))
            if new[0] != lead.score or bool(new[3]) != bool(lead.qualified):
                self.changed.append(lead.id)
            if new[3] and not lead.qualified:
                self.newly_qualified.append(lead.id)
        for differs, rows in updates.items():
            self._driver.run_many(self._update(differs), rows)
        if moves:
            self._driver.run_many(_EVENT, moves)

    def _update(self, differs: tuple[bool, ...]) -> str:
        """Sets only the columns that differ: every index with one of them among its columns is written."""
        if differs not in self._updates:
            columns = ", ".join(f"{name} = ?" for name in (*compress(WRITTEN, differs), "scored_at"))
            self._updates[differs] = f"UPDATE lead SET {columns} WHERE id = ?"  # noqa: S608 - our own columns
        return self._updates[differs]

    def _milestones_moved(self, lead: LeadAtHand, usage: Usage) -> bool:
        """Whether a milestone with a running measure has to be looked for in the lead's events."""
        firsts, new_from = usage.firsts, lead.new_from
        for milestone in self._running:
            if milestone.kind in firsts:
                if new_from is None:
                    return True
                reached_at = lead.milestones.get(milestone.key)
                if reached_at is None or new_from <= reached_at:
                    return True
        return False

    def _may_have_crossed(self, leads: Sequence[LeadAtHand], usage: Mapping[int, Usage]) -> set[int]:
        """The leads whose first crossing of the cut has to be looked for in their events.

        It stands where it lies before the first new event. It is still none where no value can have been high
        enough since: none was above what it is now, if that event is of today, or above all there ever was. Only a
        sum of which something was taken back may have been; such leads are read again.
        """
        found: set[int] = set()
        low: dict[int, int] = {}
        for lead in leads:
            if lead.crossing_stands:
                continue
            mine, new_from = usage[lead.id], lead.new_from
            if (
                new_from is not None
                and lead.qualified_at is None
                and mine.next_at is None
                and not self._most_reaches_cut(mine, lead.earned, new_from)
            ):
                if None in self._summed or not self._summed.isdisjoint(mine.firsts):
                    low[lead.id] = new_from
            elif self._may_cross(mine):
                found.add(lead.id)
        if low:
            since = min(low.values()) - self._sums_back * DAY
            found |= taken_back(self._driver, list(low), since)
        return found

    def _most_reaches_cut(self, usage: Usage, earned: Earned, new_from: int) -> bool:
        """Whether the highest score since *new_from* may be over the cut, if nothing was taken back."""
        model = self._live.model
        if self._days.day_of(new_from) == self._today:
            return earned.most >= model.cut
        return can_ever_cross(model, self._kinds, usage.totals, negative_quantities=False)

    def _may_cross(self, usage: Usage) -> bool:
        return can_ever_cross(self._live.model, self._kinds, usage.totals) or usage.next_at is not None

    def _scored(
        self, lead: LeadAtHand, usage: Usage, marked: list[Event] | None, crossed: list[Event] | None
    ) -> tuple[Any, ...]:
        """The columns of the lead. *marked* and *crossed* are its events where milestones or the crossing moved."""
        model, at = self._live.model, self._at
        hand_raised_at = lead.hand_raised_at
        hand_raised = hand_raised_at is not None and hand_raised_at <= at
        person = excluded = None
        if model.exclusions:
            person = person_exclusion(model, lead.about[0])
            excluded = person or session_exclusion(
                model, usage.count, usage.first_at, usage.last_at, hand_raised=hand_raised
            )
        if excluded is None:
            score, pairs = lead.earned.score, lead.earned.pairs
        else:
            score, pairs = 0, pairs_text(lead.values, (0,) * len(lead.values))
        qualified = is_qualified(model, score, hand_raised=hand_raised, excluded=excluded is not None)
        if marked is None:
            milestones = self._milestones_kept(lead, usage)
        else:
            milestones = reached(self._live.milestones, marked, lead.signup_at)
        if person is not None:
            qualified_at = None
        elif crossed is None:
            qualified_at = self._crossing_kept(lead, usage)
        else:
            qualified_at = first_crossing(model, crossed, self._zone, hand_raised_at)
        signed_up_at = usage.firsts.get(SIGNUP_KIND) if lead.signup_at is None else lead.signup_at
        state = lead.state
        if state in ("new", "qualified"):
            state = "qualified" if qualified else "new"
        facts: dict[str, Fact] = dict(zip(self._about, lead.about, strict=True)) if model.fit else {}
        return (
            score,
            fit_score(model, facts) if facts else None,
            None if excluded is None else excluded.label,
            qualified,
            qualified_at,
            self._activation(milestones),
            pairs,
            lead.milestones_text if milestones == lead.milestones else _as_text(milestones),
            usage.last_at,
            signed_up_at,
            self._due_at(lead, usage),
            self._live.version_id,
            state,
            self._respond_by(lead, score, qualified, qualified_at, hand_raised),
            self._known_qualified_at(lead, qualified, qualified_at),
        )

    def _crossing_kept(self, lead: LeadAtHand, usage: Usage) -> int | None:
        """The stored crossing or the hand-raise, whichever was first; none is left where none can be."""
        known: int | None = lead.qualified_at
        raised = lead.hand_raised_at
        if (
            known is not None
            and not lead.crossing_stands
            and (lead.version_id != self._live.version_id or not self._may_cross(usage))
        ):
            known = None
        if known is None or raised is None:
            return raised if known is None else known
        return min(known, raised)

    def _milestones_kept(self, lead: LeadAtHand, usage: Usage) -> dict[str, int | None]:
        """Milestones from first times alone; those with a running measure stand as stored while there is usage."""
        found: dict[str, int | None] = {}
        firsts, simple = usage.firsts, self._simple
        for milestone in self._live.milestones:
            key, kind = milestone.key, milestone.kind
            if kind == SIGNUP_KIND and lead.signup_at is not None:
                found[key] = lead.signup_at
            elif key in simple:
                found[key] = firsts.get(kind)
            else:
                found[key] = lead.milestones.get(key) if kind in firsts else None
        return found

    def _activation(self, milestones: dict[str, int | None]) -> int:
        """activation() as of now, remembered by which milestones are reached."""
        at = self._at
        key = tuple([when is not None and when <= at for when in milestones.values()])
        known = self._activations.get(key)
        if known is None:
            known = self._activations[key] = activation(self._live.milestones, milestones, at)
        return known

    def _due_at(self, lead: LeadAtHand, usage: Usage) -> int | None:
        """The next moment at which something changes though nothing arrives."""
        due = usage.next_at
        if lead.lapse_day is not None:
            midnight = self._days.midnight(lead.lapse_day)
            due = midnight if due is None or midnight < due else due
        raised = lead.hand_raised_at
        if raised is not None and raised > self._at and (due is None or raised < due):
            due = raised
        return due

    def _respond_by(
        self, lead: LeadAtHand, score: int, qualified: bool, qualified_at: int | None, hand_raised: bool
    ) -> int | None:
        """When the first touch is due; set when the lead qualifies and kept until somebody touches it.

        Counted from the crossing, or from when that came to be known here: nobody could answer sooner.
        """
        if lead.first_touch_at is not None:
            return None
        if lead.respond_by is not None:
            return int(lead.respond_by)
        if not qualified or qualified_at is None or lead.state not in ("new", "qualified", "claimed"):
            return None
        crossed = lead.hand_raised_at if hand_raised and lead.hand_raised_at is not None else qualified_at
        known = self._known_qualified_at(lead, qualified, qualified_at)
        start = crossed if known is None else max(crossed, known)
        urgent = hand_raised or self._live.model.band_of(score).key == "hot"
        return self._clock.due(start, urgent=urgent, owner=lead.owner)

    def _known_qualified_at(self, lead: LeadAtHand, qualified: bool, qualified_at: int | None) -> int | None:
        """When it was first known here that the lead qualifies: history may tell of a crossing long ago."""
        known: int | None = lead.known_qualified_at
        if known is not None or not qualified or qualified_at is None:
            return known
        return max(qualified_at, self._at)

    def _move(self, lead: LeadAtHand, new: tuple[Any, ...]) -> tuple[Any, ...]:
        old = lead.points if lead.version_id == self._live.version_id else ()
        after = tuple([pair[1] for pair in signals_in(new[6])])
        carried = lead.score if not old else 0
        parts = self._parts.get((old, after, carried))  # the same steps come again and again
        if parts is None:
            parts = self._parts[old, after, carried] = self._parts_text(old, after, carried)
        return (lead.id, self._at, lead.score, new[0], self._cause, parts, self._live.version_id)

    def _parts_text(self, old: tuple[int, ...], after: tuple[int, ...], carried: int) -> str:
        """What each signal gave or took; *carried*: the score of another model's that is not there any more."""
        keys = [signal.key for signal in self._live.model.signals]
        before = dict(zip(keys, old, strict=False))
        now = dict(zip(keys, after, strict=True))
        parts = {key: now[key] - before.get(key, 0) for key in keys if now[key] != before.get(key, 0)}
        if carried:
            parts["previous_model"] = -carried
        return _as_text(parts)
