"""The arithmetic of a score: measured values, points, sum, band. Pure, and exact in whole numbers.

Values are whole millionths, points and scores whole hundredths, days count from 1970 in the workspace's zone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pqldesk.services.exact import MILLION, half_up
from pqldesk.services.scoring.model import Band, Exclusion, Measure, ScoringModel, UsageSignal

TotalCell = tuple[int, int, int]
"""(kind id, events, quantity) of all time up to the moment that is scored."""

DayCell = tuple[int, int, int, int]
"""(day, kind id, events, quantity)."""


def points(signal: UsageSignal, value: int) -> int:
    """What a measured value earns, in hundredths.

    The whole weight at or over the threshold, else nothing; in proportion: weight x min(1, value /
    threshold), half up to 2 decimals. A cap limits the value first. A negative weight is never split.
    """
    if signal.cap is not None and value > signal.cap:
        value = signal.cap
    if value >= signal.threshold:
        return signal.weight
    if signal.proportional and signal.weight > 0 and signal.threshold > 0:
        return half_up(signal.weight * value, signal.threshold)
    return 0


def is_met(signal: UsageSignal, value: int) -> bool:
    """Whether the (capped) value is at or over the threshold."""
    return (value if signal.cap is None else min(value, signal.cap)) >= signal.threshold


def all_points(model: ScoringModel, values: Iterable[int], *, excluded: bool = False) -> tuple[int, ...]:
    """The points per signal in the model's order; an excluded lead earns none."""
    if excluded:
        return (0,) * len(model.signals)
    return tuple(points(signal, value) for signal, value in zip(model.signals, values, strict=True))


@dataclass(frozen=True, slots=True)
class Scored:
    """A lead's score with all it was made from: the points add up to the score."""

    values: tuple[int, ...]
    points: tuple[int, ...]
    score: int
    band: Band
    qualified: bool
    exclusion: Exclusion | None = None


def scored(
    model: ScoringModel,
    values: tuple[int, ...],
    *,
    hand_raised: bool = False,
    exclusion: Exclusion | None = None,
) -> Scored:
    """The score of measured *values*; an excluded lead has 0 points and does not qualify."""
    earned = all_points(model, values, excluded=exclusion is not None)
    score = sum(earned)
    qualified = is_qualified(model, score, hand_raised=hand_raised, excluded=exclusion is not None)
    return Scored(values, earned, score, model.band_of(score), qualified, exclusion)


def is_qualified(
    model: ScoringModel, score: int, *, hand_raised: bool = False, excluded: bool = False
) -> bool:
    """At or over the cut, or a hand raised; never while excluded."""
    return not excluded and (hand_raised or score >= model.cut)


class Scorer:
    """Measures all signals of a model at once from roll-up cells, some microseconds a lead.

    *kinds* names the kind ids of the cells: id -> (event kind, key, '' without one). It may be a live mapping
    that grows; ids are looked up when first met.
    """

    def __init__(self, model: ScoringModel, kinds: Mapping[int, tuple[str, str]]) -> None:
        self.model = model
        self._kinds = kinds
        self._windowed = [(at, s) for at, s in enumerate(model.signals) if s.window_days is not None]
        # Distinct days of all time are on no total: they need the day cells too, unbounded.
        self._ever_days = [
            (at, s)
            for at, s in enumerate(model.signals)
            if s.window_days is None and s.measure is Measure.DISTINCT_DAYS
        ]
        self._totalled = [
            (at, s)
            for at, s in enumerate(model.signals)
            if s.window_days is None and s.measure is not Measure.DISTINCT_DAYS
        ]
        self._of_total: dict[int, tuple[tuple[int, Measure, str], ...]] = {}
        self._of_day: dict[int, tuple[tuple[int, Measure, str, int | None], ...]] = {}
        windows = [s.window_days for _, s in self._windowed if s.window_days is not None]
        self.days_needed: int | None = None if self._ever_days else max(windows, default=0)
        """How many days back day cells are needed, today included; None means all there are."""

    def values(self, totals: Iterable[TotalCell], days: Iterable[DayCell], today: int) -> tuple[int, ...]:
        """The measured values in the model's order.

        *totals* hold what happened up to the moment, *days* the days back to ``days_needed``; cells of days
        after *today* or before a window are passed over. Several identities of a lead bring more cells.
        """
        values = [0] * len(self.model.signals)
        seen: dict[int, set[str | int]] = {}
        of_total = self._of_total
        for kind, count, quantity in totals:
            plan = of_total.get(kind)
            if plan is None:
                plan = of_total[kind] = self._plan_total(kind)
            for place, measure, key in plan:
                if measure is Measure.COUNT:
                    values[place] += count * MILLION
                elif measure is Measure.SUM:
                    values[place] += quantity
                elif count > 0:
                    seen.setdefault(place, set()).add(key)
        of_day = self._of_day
        for day, kind, count, quantity in days:
            day_plan = of_day.get(kind)
            if day_plan is None:
                day_plan = of_day[kind] = self._plan_day(kind)
            age = today - day
            if age < 0:
                continue
            for place, measure, key, window in day_plan:
                if window is not None and age >= window:
                    continue
                if measure is Measure.DISTINCT_DAYS:
                    if count > 0:
                        seen.setdefault(place, set()).add(day)
                elif measure is Measure.COUNT:
                    values[place] += count * MILLION
                elif measure is Measure.SUM:
                    values[place] += quantity
                elif count > 0:
                    seen.setdefault(place, set()).add(key)
        for place, things in seen.items():
            values[place] = len(things) * MILLION
        return tuple(values)

    def most(self, values: Iterable[int]) -> int:
        """The score of *values* without what costs points: nothing lower can have been more."""
        return sum(
            points(signal, value)
            for signal, value in zip(self.model.signals, values, strict=True)
            if signal.weight > 0
        )

    def next_lapse_day(self, days: Iterable[DayCell], today: int) -> int | None:
        """The first day after *today* on which a windowed value differs if nothing more happens, or None."""
        sums: dict[tuple[int, int], int] = {}
        last: dict[tuple[int, str], int] = {}
        soonest: int | None = None
        for day, kind, count, quantity in days:
            plan = self._of_day.get(kind)
            if plan is None:
                plan = self._of_day[kind] = self._plan_day(kind)
            age = today - day
            if age < 0:
                continue
            for place, measure, key, window in plan:
                if window is None or age >= window:
                    continue
                if measure is Measure.SUM:
                    sums[place, day] = sums.get((place, day), 0) + quantity
                elif count > 0:
                    if measure is Measure.DISTINCT_KEYS:
                        known = last.get((place, key))
                        if known is None or day > known:
                            last[place, key] = day
                    elif soonest is None or day + window < soonest:
                        soonest = day + window
        for (place, day), quantity in sums.items():
            lapse = day + (self.model.signals[place].window_days or 0)
            if quantity and (soonest is None or lapse < soonest):
                soonest = lapse
        for (place, _), day in last.items():
            lapse = day + (self.model.signals[place].window_days or 0)
            if soonest is None or lapse < soonest:
                soonest = lapse
        return soonest

    def _plan_total(self, kind: int) -> tuple[tuple[int, Measure, str], ...]:
        name, key = self._kinds[kind]
        return tuple(
            (place, signal.measure, key)
            for place, signal in self._totalled
            if signal.kind in (None, name) and (key or signal.measure is not Measure.DISTINCT_KEYS)
        )

    def _plan_day(self, kind: int) -> tuple[tuple[int, Measure, str, int | None], ...]:
        name, key = self._kinds[kind]
        return tuple(
            (place, signal.measure, key, signal.window_days)
            for place, signal in (*self._windowed, *self._ever_days)
            if signal.kind in (None, name) and (key or signal.measure is not Measure.DISTINCT_KEYS)
        )


def can_ever_cross(
    model: ScoringModel,
    kinds: Mapping[int, tuple[str, str]],
    totals: Iterable[TotalCell],
    *,
    hand_raised: bool = False,
    negative_quantities: bool = True,
) -> bool:
    """False only when no moment in the life of these totals can reach the cut: then no log needs to be read.

    *negative_quantities* False (nothing was ever taken back) lets sums be judged by their end value.
    """
    if hand_raised:
        return True
    cells = list(totals)
    most = 0
    for signal in model.signals:
        if signal.weight <= 0:
            continue
        count, total, keys = 0, 0, set()
        for kind, events, quantity in cells:
            name, key = kinds[kind]
            if signal.kind in (None, name):
                count += events
                total += quantity
                if key:
                    keys.add(key)
        if signal.measure is Measure.SUM:
            bound = max(total, 0) if not negative_quantities or count == 0 else signal.threshold
        else:
            bound = (len(keys) if signal.measure is Measure.DISTINCT_KEYS else count) * MILLION
        most += points(signal, bound)
    return most >= model.cut
