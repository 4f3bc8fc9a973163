"""Figures that know how little they know: intervals, censored medians, how well a score tells leads apart.

An undefined figure is None, never 0.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Auc:
    """The chance that a won lead scores above a lost one, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def separates(self) -> bool:
        """Whether the interval leaves out one half."""
        return not self.low <= 0.5 <= self.high


@dataclass(frozen=True, slots=True)
class Confusion:
    """Flagged against outcome: *tp* flagged and won, *fp* flagged and lost, *fn* won but not flagged."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def won(self) -> int:
        return self.tp + self.fn

    @property
    def base_rate(self) -> float | None:
        return share(self.won, self.n)

    @property
    def precision(self) -> float | None:
        return share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        return share(self.tp, self.won)

    @property
    def lift(self) -> float | None:
        """Precision as a multiple of the base rate."""
        precision, base = self.precision, self.base_rate
        return None if precision is None or not base else precision / base


def share(part: float, whole: float) -> float | None:
    """part / whole, None of nothing."""
    return part / whole if whole else None


def wilson(part: int, whole: int, z: float = Z_95) -> Interval | None:
    """The Wilson interval of a rate (95 % by default); None of nothing."""
    if whole == 0:
        return None
    rate = part / whole
    spread = z * z / whole
    centre = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / whole + spread / (4 * whole)) / (1 + spread)
    return Interval(
        0.0 if part == 0 else max(0.0, centre - half), 1.0 if part == whole else min(1.0, centre + half)
    )


def newcombe(part1: int, whole1: int, part2: int, whole2: int) -> Interval | None:
    """The 95 % interval of part1/whole1 - part2/whole2: Newcombe's hybrid of two Wilson intervals (1998, method 10)."""
    one, two = wilson(part1, whole1), wilson(part2, whole2)
    if one is None or two is None:
        return None
    p1, p2 = part1 / whole1, part2 / whole2
    below = sqrt((p1 - one.low) ** 2 + (two.high - p2) ** 2)
    above = sqrt((one.high - p1) ** 2 + (p2 - two.low) ** 2)
    return Interval(p1 - p2 - below, p1 - p2 + above)


def median(values: Iterable[float]) -> float | None:
    """The middle value, the mean of the two middle ones of an even number; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def time_until(quantile: float, durations: Sequence[tuple[float, bool]]) -> float | None:
    """The time by which a share of *quantile* had the event, by Kaplan-Meier.

    *durations* are (time, happened); not happened means watched that long without it. None when so many have
    not come so far yet.
    """
    came = Counter(time for time, happened in durations if happened)
    stayed = Counter(time for time, happened in durations if not happened)
    counts = ((time, came[time], stayed[time]) for time in sorted(came.keys() | stayed.keys()))
    return time_until_of(quantile, counts, len(durations))


def time_until_of(quantile: float, counts: Iterable[tuple[float, int, int]], waiting: int) -> float | None:
    """time_until() of counts in order of time: (time, how many it happened to, how many were watched that long)."""
    free = 1.0
    for time, happened, censored in counts:
        if happened:
            free *= 1 - happened / waiting
            if free <= 1 - quantile + 1e-12:
                return time
        waiting -= happened + censored
    return None


def reached_by_day(cells: Iterable[tuple[int | None, int, int]], days: int) -> tuple[float, ...]:
    """The share that had the event by the end of day 0, 1, 2 ..., by Kaplan-Meier over whole days.

    *cells* are (day of the event or None, whole days watched, how many). A day counts for those who were watched to its
    end, so who came an hour ago counts for none. It ends with the last day that anybody was watched through, at most
    after *days*.
    """
    came, left = [0] * days, [0] * (days + 1)
    waiting = longest = 0
    for day, watched, many in cells:
        waiting += many
        longest = max(longest, watched)
        if day is None or day >= watched:
            left[min(watched, days)] += many
        elif day < days:
            came[day] += many
    free, shares = 1.0, []
    for day in range(min(days, longest)):
        waiting -= left[day]
        if came[day]:
            free *= 1 - came[day] / waiting
            waiting -= came[day]
        shares.append(1 - free)
    return tuple(shares)


def confusion(rows: Iterable[tuple[bool, bool]]) -> Confusion:
    """Counts of (flagged, won)."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for flagged, won in rows:
        counts[bool(flagged), bool(won)] += 1
    return Confusion(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def auc(rows: Iterable[tuple[float, bool]]) -> Auc | None:
    """Mann-Whitney's area over (score, won), ties one half; None unless there are both won and lost.

    The interval is DeLong's; with a single won or lost lead, where that has no variance, Hanley and McNeil's.
    """
    known = list(rows)
    won = sorted(score for score, outcome in known if outcome)
    lost = sorted(score for score, outcome in known if not outcome)
    if not won or not lost:
        return None
    over = _shares_below(won, lost)  # for each won lead, the share of lost ones below it
    value = sum(over) / len(won)
    if len(won) > 1 and len(lost) > 1:
        under = [1 - part for part in _shares_below(lost, won)]
        error = sqrt(_variance(over) / len(won) + _variance(under) / len(lost))
    else:
        error = _hanley_mcneil(value, len(won), len(lost))
    return Auc(value, max(0.0, value - Z_95 * error), min(1.0, value + Z_95 * error))


def lift_top_decile(rows: Iterable[tuple[float, bool]]) -> float | None:
    """The rate in the first ceil(n / 10) by score over the base rate; ties at the border share in proportion."""
    ordered = sorted(rows, key=lambda row: -row[0])
    wins = sum(outcome for _, outcome in ordered)
    if not wins:
        return None
    size = ceil(len(ordered) / 10)
    border = ordered[size - 1][0]
    above = [outcome for score, outcome in ordered if score > border]
    tied = [outcome for score, outcome in ordered if score == border]
    in_top = sum(above) + (size - len(above)) * sum(tied) / len(tied)
    return (in_top / size) / (wins / len(ordered))


def _shares_below(of: list[float], among: list[float]) -> list[float]:
    """For each value of sorted *of* the share of sorted *among* below it, equal ones counted half."""
    shares: list[float] = []
    below = upto = 0
    for value in of:
        while below < len(among) and among[below] < value:
            below += 1
        upto = max(upto, below)
        while upto < len(among) and among[upto] <= value:
            upto += 1
        shares.append((below + upto) / 2 / len(among))
    return shares


def _variance(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _hanley_mcneil(value: float, won: int, lost: int) -> float:
    q1, q2 = value / (2 - value), 2 * value * value / (1 + value)
    spread = value * (1 - value) + (won - 1) * (q1 - value * value) + (lost - 1) * (q2 - value * value)
    return sqrt(max(0.0, spread) / (won * lost))
