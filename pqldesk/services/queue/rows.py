"""Stored columns into QueueRow. Standard library only: the first frame is made with it, before SQLAlchemy is loaded."""

import json
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pqldesk.models.first_page import CHANGE_DAYS_US, first_page
from pqldesk.models.ids import LEAD, TRIAL, public_id
from pqldesk.services.basics.exact import HUNDRED, MILLION, number
from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.first_rows import QueueRow, SignalValue, TrialShown
from pqldesk.services.scoring.milestones import DEFAULT_MILESTONES, Milestone, milestones_from_json
from pqldesk.services.scoring.model import DEFAULT_MODEL, ScoringModel
from pqldesk.services.scoring.model_json import model_from_json
from pqldesk.services.trial_rules import TrialFacts, days_left, trial_state

CHANGE_WINDOW = CHANGE_DAYS_US  # a row shows what its score moved in this time


@dataclass(frozen=True)
class Reading:
    """What turns stored columns into a row: the live model, the milestones, the zone of days, and the moment."""

    model: ScoringModel
    milestones: tuple[Milestone, ...]
    zone: ZoneInfo
    strips: dict[str, tuple[SignalValue, ...]] = field(repr=False)  # stored JSON -> signals, as met so far
    at: datetime

    def signals(self, stored: str | None) -> tuple[SignalValue, ...]:
        """The signals of a lead from their stored JSON; leads have few different strips, so each is read once."""
        known = self.strips.get(stored or "")
        if known is None:
            if len(self.strips) > 512:
                self.strips.clear()
            pairs = json.loads(stored) if stored else []
            known = self.strips[stored or ""] = signal_values(self.model, pairs)
        return known

    def reached(self, stored: str | None) -> dict[str, datetime | None]:
        """When each milestone was reached, in the order of their definitions."""
        times = json.loads(stored) if stored else {}
        return reached_by(self.milestones, times, micros(self.at))


@dataclass(frozen=True, slots=True)
class FirstQueue:
    """The first frame: row numbers in order, the rows on the tallest screen, and how many leads there are."""

    ids: "array[int]"
    unread: Mapping[int, Callable[[], QueueRow]]  # row number -> its row, made when it is first shown
    total: int  # how many leads are open
    rep: str  # who uses this workspace here, as far as it is set
    unclaimed: int  # of the open leads
    sample: bool  # whether there are people of the sample


def first_queue(place: Path, at: datetime) -> FirstQueue | None:
    """The beginning of the open queue without SQLAlchemy; None where the workspace cannot be read that way."""
    page = first_page(place, micros(at))
    if page is None:
        return None
    reading = reading_of(page.spec, page.settings, at)
    stored = {columns[0]: columns for columns in page.rows}
    unread = {one: partial(queue_row, stored[one], reading) for one in page.ids if one in stored}
    rep = page.settings.get("rep", "")
    return FirstQueue(page.ids, unread, page.total, rep, page.unclaimed, page.sample)


def reading_of(spec: str | None, settings: Mapping[str, str], at: datetime) -> Reading:
    """How to read rows as of *at*, from the stored model and settings; None is the default model."""
    rules = _rules(spec, settings.get("milestones"), settings.get("timezone", "UTC"))
    return Reading(*rules, at)


@lru_cache(maxsize=8)
def _rules(
    spec: str | None, milestones: str | None, zone: str
) -> tuple[ScoringModel, tuple[Milestone, ...], ZoneInfo, dict[str, tuple[SignalValue, ...]]]:
    return (
        model_from_json(json.loads(spec)) if spec else DEFAULT_MODEL,
        milestones_from_json(json.loads(milestones)) if milestones else DEFAULT_MILESTONES,
        ZoneInfo(zone),
        {},
    )


def in_order(ids: Iterable[int], found: Iterable[Sequence[Any]], reading: Reading) -> list[QueueRow]:
    """The rows of *ids*, in their order; ids that are gone are left out."""
    rows = {columns[0]: columns for columns in found}
    return [queue_row(rows[one], reading) for one in ids if one in rows]


def queue_row(columns: Sequence[Any], reading: Reading) -> QueueRow:
    """One row from the columns of models/queue_sql.py."""
    (
        row_id, name, email, company, domain, score, qualified, qualified_at, signals, activation, milestones, owner,
        state, last_active_at, source, placement, respond_by, fit, hand_raised_at, sample, plan, job_title, country,
        region, signed_up_at, created_at, moved, trial_id, *trial,
    ) = columns  # fmt: skip
    crossed = _moment(qualified_at)
    return QueueRow(
        row_id,
        public_id(LEAD, row_id),
        name,
        email,
        company,
        domain,
        number(score, HUNDRED),
        reading.model.band_of(score).key,
        bool(qualified),
        crossed if crossed is None or crossed <= reading.at else None,
        reading.signals(signals),
        activation,
        reading.reached(milestones),
        None if trial_id is None else _trial(trial_id, trial, reading),
        owner,
        state,
        _moment(last_active_at),
        source,
        placement,
        _moment(respond_by),
        None if fit is None else number(fit, HUNDRED),
        number(int(moved or 0), HUNDRED),
        _moment(hand_raised_at),
        bool(sample),
        plan,
        job_title,
        country,
        region,
        _moment(signed_up_at),
        _moment(created_at),
    )


def signal_values(model: ScoringModel, pairs: Sequence[Sequence[int]]) -> tuple[SignalValue, ...]:
    """Every signal of the model with [value in millionths, points in hundredths]; without a pair it is 0 and 0."""
    filled = [*pairs, *[(0, 0)] * (len(model.signals) - len(pairs))]
    return tuple(
        SignalValue(
            signal.key,
            signal.label,
            number(value, MILLION),
            number(signal.threshold, MILLION),
            number(points, HUNDRED),
            number(signal.weight, HUNDRED),
        )
        for signal, (value, points) in zip(model.signals, filled, strict=False)
    )


def reached_by(
    milestones: Iterable[Milestone], times: dict[str, int | None], at: int
) -> dict[str, datetime | None]:
    """Milestone key -> when it was reached, None where that was not before *at*."""
    found: dict[str, datetime | None] = {}
    for milestone in milestones:
        when = times.get(milestone.key)
        found[milestone.key] = moment(when) if when is not None and when <= at else None
    return found


def trial_facts(trial_id: int, columns: Sequence[Any]) -> TrialFacts:
    """The stored facts of a trial from its columns in models/queue_sql.py."""
    plan, starts_at, ends_at, date_only, first_ends_at, source_state, converted_at, closed_at = columns
    return TrialFacts(
        _moment(starts_at),
        _moment(ends_at),
        bool(date_only),
        _moment(first_ends_at),
        source_state,
        _moment(converted_at),
        _moment(closed_at),
        plan,
        public_id(TRIAL, trial_id),
    )


def trial_shown(facts: TrialFacts, at: datetime, zone: ZoneInfo) -> TrialShown:
    """A trial as a lead shows it at a moment; an open one without end has 0 days left."""
    return TrialShown(
        facts.plan,
        facts.starts_at,
        facts.ends_at,
        str(trial_state(facts, at, zone)),
        days_left(facts, at, zone) or 0,
    )


def _trial(trial_id: int, columns: Sequence[Any], reading: Reading) -> TrialShown:
    return trial_shown(trial_facts(trial_id, columns), reading.at, reading.zone)


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)
