"""The arithmetic of a score: measured values, points, sum, band. Pure, and exact in whole numbers.

Values are whole millionths, points and scores whole hundredths, days count from 1970 in the workspace's zone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pqldesk.services.basics.exact import MILLION, half_up
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


@dataclass(frozen=True, slots=True)
class Earned:
    """What measured values earn: points per signal, their sum, the sum without what costs points, and the text
    of [value, points] pairs that is stored with the score."""

    points: tuple[int, ...]
    score: int
    most: int
    pairs: str


_COUNT, _SUM, _KEYS, _DAYS = range(4)  # numbers, because they are compared for each cell
_STEP = {Measure.COUNT: _COUNT, Measure.SUM: _SUM, Measure.DISTINCT_KEYS: _KEYS, Measure.DISTINCT_DAYS: _DAYS}
_EVER = 1 << 40  # days: a window that never ends
_REMEMBERED = 100_000

_Plan = tuple[tuple[int, int, str, int], ...]  # (place of the signal, how it is counted, key, days back)


class _Plans(dict[int, _Plan]):
    """What a cell of a kind adds to which signals, worked out when the kind is first met."""

    def __init__(
        self, signals: Iterable[tuple[int, UsageSignal]], kinds: Mapping[int, tuple[str, str]]
    ) -> None:
        super().__init__()
        self._signals = tuple(signals)
        self._kinds = kinds

    def __missing__(self, kind: int) -> _Plan:
        name, key = self._kinds[kind]
        plan = self[kind] = tuple(
            (place, _STEP[signal.measure], key, _EVER if signal.window_days is None else signal.window_days)
            for place, signal in self._signals
            if signal.kind in (None, name) and (key or signal.measure is not Measure.DISTINCT_KEYS)
        )
        return plan


def pairs_text(values: Iterable[int], per_signal: Iterable[int]) -> str:
    """Values with the points they earn, as stored: ``[[5000000,1000],[0,0]]``."""
    return "[" + ",".join([f"[{value},{some}]" for value, some in zip(values, per_signal, strict=True)]) + "]"


class Scorer:
    """Measures all signals of a model at once from roll-up cells, some microseconds a lead.

    *kinds* names the kind ids of the cells: id -> (event kind, key, '' without one). It may be a live mapping
    that grows; ids are looked up when first met.
    """

    def __init__(self, model: ScoringModel, kinds: Mapping[int, tuple[str, str]]) -> None:
        self.model = model
        signals = list(enumerate(model.signals))
        # Distinct days of all time are on no total: they need the day cells too, unbounded.
        by_day = [
            (place, signal)
            for place, signal in signals
            if signal.window_days is not None or signal.measure is Measure.DISTINCT_DAYS
        ]
        self._of_day = _Plans(by_day, kinds)
        self._of_total = _Plans((one for one in signals if one not in by_day), kinds)
        self._earned: dict[tuple[int, ...], Earned] = {}
        self._costing = [place for place, signal in signals if signal.weight < 0]
        is_plain = all(signal.cap is None and not signal.proportional for _, signal in signals)
        self._steps = [(signal.threshold, signal.weight) for _, signal in signals] if is_plain else None
        windows = [signal.window_days for _, signal in by_day]
        self.days_needed: int | None = (
            None if None in windows else max((days for days in windows if days), default=0)
        )
        """How many days back day cells are needed, today included; None means all there are."""

    def measured(
        self, totals: Iterable[TotalCell], days: Iterable[DayCell], today: int
    ) -> tuple[tuple[int, ...], int | None]:
        """The measured values in the model's order, and the first day after *today* on which a windowed one
        differs if nothing more happens, None when none will.

        *totals* hold what happened up to the moment, *days* the days back to ``days_needed``; cells of days
        after *today* or before a window are passed over. Several identities of a lead bring more cells.
        """
        values = [0] * len(self.model.signals)
        seen: dict[int, set[str | int]] = {}
        sums: dict[tuple[int, int], int] = {}  # (day of lapse, place) -> what lapses then
        last: dict[tuple[int, str], int] = {}  # (place, key) -> day of lapse
        of_total, of_day = self._of_total, self._of_day
        soonest = _EVER
        for kind, count, quantity in totals:
            for place, step, key, _ in of_total[kind]:
                if step == _COUNT:
                    values[place] += count * MILLION
                elif step == _SUM:
                    values[place] += quantity
                elif count > 0:
                    seen.setdefault(place, set()).add(key)
        for day, kind, count, quantity in days:
            age = today - day
            for place, step, key, window in of_day[kind]:
                if not 0 <= age < window:
                    continue
                if step == _SUM:
                    values[place] += quantity
                    sums[day + window, place] = sums.get((day + window, place), 0) + quantity
                elif count > 0:
                    if step == _KEYS:
                        seen.setdefault(place, set()).add(key)
                        last[place, key] = max(day + window, last.get((place, key), 0))
                        continue
                    if step == _COUNT:
                        values[place] += count * MILLION
                    elif place in seen:
                        seen[place].add(day)
                    else:
                        seen[place] = {day}
                    if day + window < soonest:
                        soonest = day + window
        for place, things in seen.items():
            values[place] = len(things) * MILLION
        if sums:
            soonest = min(soonest, min((lapse for (lapse, _), some in sums.items() if some), default=_EVER))
        if last:
            soonest = min(soonest, min(last.values()))
        return tuple(values), soonest if soonest < _EVER else None

    def values(self, totals: Iterable[TotalCell], days: Iterable[DayCell], today: int) -> tuple[int, ...]:
        """The measured values alone."""
        return self.measured(totals, days, today)[0]

    def next_lapse_day(self, days: Iterable[DayCell], today: int) -> int | None:
        """The first day after *today* on which a windowed value differs if nothing more happens, or None."""
        return self.measured((), days, today)[1]

    def earned(self, values: tuple[int, ...]) -> Earned:
        """What *values* earn; the same values come again and again, so it is remembered."""
        found = self._earned.get(values)
        if found is None:
            if self._steps is None:
                per_signal = all_points(self.model, values)
            else:  # the same in half the time
                steps = zip(self._steps, values, strict=True)
                per_signal = tuple([weight if value >= least else 0 for (least, weight), value in steps])
            score = sum(per_signal)
            # Nothing lower can have been more than what is there without what costs points.
            most = score - sum([per_signal[place] for place in self._costing])
            found = Earned(per_signal, score, most, pairs_text(values, per_signal))
            if len(self._earned) < _REMEMBERED:
                self._earned[values] = found
        return found


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
