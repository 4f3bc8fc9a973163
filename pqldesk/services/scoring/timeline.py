"""Scores along a lead's whole life, from its events: as of any moment, the first crossing, the next change.

An event is (microseconds, kind, key or '', quantity in millionths). Events of one moment count together.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.moments import LocalDays, local_days
from pqldesk.services.scoring.exclusions import session_exclusion
from pqldesk.services.scoring.model import Exclusion, ExclusionRule, Measure, ScoringModel, UsageSignal
from pqldesk.services.scoring.rules import DayCell, Scored, Scorer, TotalCell, is_met, points, scored

Event = tuple[int, str, str, int]


def score_at(
    model: ScoringModel,
    events: Iterable[Event],
    at: int,
    zone: ZoneInfo,
    *,
    hand_raised_at: int | None = None,
    exclusion: Exclusion | None = None,
) -> Scored:
    """The score as of *at*, counted event by event: the reference that every faster way must equal.

    *exclusion* is the one that holds for the person; single sessions are found here.
    """
    days = local_days(zone)
    today = days.day_of(at)
    occurred = [event for event in events if event[0] <= at]
    values = tuple(_measured(signal, occurred, today, days) for signal in model.signals)
    hand_raised = hand_raised_at is not None and hand_raised_at <= at
    if exclusion is None and occurred:
        times = [event[0] for event in occurred]
        exclusion = session_exclusion(model, len(times), min(times), max(times), hand_raised=hand_raised)
    return scored(model, values, hand_raised=hand_raised, exclusion=exclusion)


def _measured(signal: UsageSignal, occurred: list[Event], today: int, days: LocalDays) -> int:
    """One signal's value in millionths, from the events up to the moment."""
    counted = [event for event in occurred if signal.kind in (None, event[1])]
    if signal.window_days is not None:
        first = today - signal.window_days + 1
        counted = [event for event in counted if first <= days.day_of(event[0]) <= today]
    if signal.measure is Measure.COUNT:
        return len(counted) * MILLION
    if signal.measure is Measure.SUM:
        return sum(quantity for _, _, _, quantity in counted)
    if signal.measure is Measure.DISTINCT_KEYS:
        return len({key for _, _, key, _ in counted if key}) * MILLION
    return len({days.day_of(at) for at, _, _, _ in counted}) * MILLION


def first_crossing(
    model: ScoringModel,
    events: Sequence[Event],
    zone: ZoneInfo,
    hand_raised_at: int | None = None,
    *,
    excluded: bool = False,
    since: int | None = None,
) -> int | None:
    """The earliest moment at which the lead qualified: an event's time, a local midnight or the hand-raise.

    *events* are in order of time. *excluded*: the person is noise, never qualifies. *since* is the moment
    from which the lead is known; it matters only under a model whose cut is reached without any usage.
    """
    if excluded:
        return None
    life = Life(model, events, local_days(zone))
    for at in life.moments(events, since):
        if hand_raised_at is not None and at >= hand_raised_at:
            return hand_raised_at
        if life.score >= model.cut and not life.in_single_session():
            return at
    return hand_raised_at


def next_change(
    model: ScoringModel,
    events: Iterable[Event],
    now: int,
    zone: ZoneInfo,
    hand_raised_at: int | None = None,
) -> int | None:
    """The next moment at which a value, the score or the qualification may differ though nothing arrives.

    Until then nothing can: it is the earliest midnight at which a windowed value lapses, or the first event
    (or hand-raise) still ahead of *now*. None: never.
    """
    known = list(events)
    kinds, _, cells = cells_of(known, zone, now)
    days = local_days(zone)
    lapse = Scorer(model, kinds).next_lapse_day(cells, days.day_of(now))
    ahead = [at for at, _, _, _ in known if at > now]
    if hand_raised_at is not None and hand_raised_at > now:
        ahead.append(hand_raised_at)
    if lapse is not None:
        ahead.append(days.midnight(lapse))
    return min(ahead, default=None)


def cells_of(
    events: Iterable[Event], zone: ZoneInfo, until: int
) -> tuple[dict[int, tuple[str, str]], list[TotalCell], list[DayCell]]:
    """(kinds, totals, days) as the roll-ups would hold them for the events up to *until*."""
    days = local_days(zone)
    ids: dict[tuple[str, str], int] = {}
    totals: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    by_day: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for at, kind, key, quantity in events:
        if at <= until:
            number = ids.setdefault((kind, key), len(ids) + 1)
            for cell in (totals[number], by_day[days.day_of(at), number]):
                cell[0] += 1
                cell[1] += quantity
    return (
        {number: name for name, number in ids.items()},
        [(number, count, quantity) for number, (count, quantity) in totals.items()],
        [(day, number, count, quantity) for (day, number), (count, quantity) in by_day.items()],
    )


class Life:
    """All signals of one lead, moved forward in time: windows slide, nothing is counted twice."""

    def __init__(self, model: ScoringModel, events: Sequence[Event], days: LocalDays) -> None:
        self._model = model
        self._days = days
        self._tracks = [_Track(signal) for signal in model.signals]
        self._of_kind: dict[str, list[_Track]] = {}
        self._sessions = any(rule.rule is ExclusionRule.SINGLE_SESSION for rule in model.exclusions)
        self._count = 0
        self._first_at: int | None = None
        self._last_at: int | None = None
        taken_back = {kind for _, kind, _, quantity in events if quantity < 0}
        # A lapse can only raise a score where something that costs points falls out of a window.
        self._lapses_may_raise = any(
            signal.window_days is not None
            and (
                signal.weight < 0
                or (
                    signal.measure is Measure.SUM
                    and (bool(taken_back) if signal.kind is None else signal.kind in taken_back)
                )
            )
            for signal in model.signals
        )

    @property
    def score(self) -> int:
        return sum(track.points for track in self._tracks)

    def in_single_session(self) -> bool:
        """Whether a rule takes the usage so far for one burst."""
        return (
            self._sessions
            and session_exclusion(self._model, self._count, self._first_at, self._last_at) is not None
        )

    def moments(self, events: Sequence[Event], since: int | None) -> Iterator[int]:
        """Each moment at which the score may rise, in order, with this life advanced to it."""
        for at, group in _gathered(events, since):
            yield from self.midnights_before(at)
            self.advance(self._days.day_of(at))
            for _, kind, key, quantity in group:
                self.add(at, self._today, kind, key, quantity)
            yield at
        yield from self.midnights_before(None)

    def midnights_before(self, at: int | None) -> Iterator[int]:
        """The midnights before *at* at which something that costs points lapses, this life advanced to each."""
        while self._lapses_may_raise:
            lapses = [track.oldest + track.window for track in self._tracks if track.oldest is not None]
            if not lapses:
                return
            midnight = self._days.midnight(min(lapses))
            if at is not None and midnight >= at:
                return
            self.advance(self._days.day_of(midnight))
            yield midnight

    def advance(self, today: int) -> None:
        """Let windows slide on to *today*."""
        for track in self._tracks:
            if track.oldest is not None and track.oldest + track.window <= today:
                track.advance(today)
        self._today = today

    def add(self, at: int, day: int, kind: str, key: str, quantity: int) -> None:
        """Count one event of the moment *at* on its *day*, which may lie before today: it came late."""
        tracks = self._of_kind.get(kind)
        if tracks is None:
            tracks = [track for track in self._tracks if track.signal.kind in (None, kind)]
            self._of_kind[kind] = tracks
        for track in tracks:
            if not track.window or day + track.window > self._today:
                track.add(day, key, quantity)
        self._count += 1
        if self._last_at is None or at > self._last_at:
            self._last_at = at
        if self._first_at is None or at < self._first_at:
            self._first_at = at

    def met(self) -> list[bool]:
        """For each signal, whether its value is at or over the threshold."""
        return [is_met(track.signal, track.value) for track in self._tracks]


class _Track:
    """One signal's running value. *oldest* is the first day in its window that holds something."""

    __slots__ = ("_days", "_last", "_measure", "oldest", "points", "signal", "value", "window")

    def __init__(self, signal: UsageSignal) -> None:
        self.signal = signal
        self.window = signal.window_days or 0
        self.value = 0
        self.points = points(signal, 0)
        self.oldest: int | None = None
        self._measure = signal.measure
        self._days: deque[list[int | str]] = deque()  # [day, amount] or [day, key], oldest first
        self._last: dict[int | str, int] = {}  # key or day -> the last day that had it

    def add(self, day: int, key: str, quantity: int) -> None:
        if self._measure is Measure.COUNT:
            self._count(day, MILLION)
        elif self._measure is Measure.SUM:
            self._count(day, quantity)
        elif self._measure is Measure.DISTINCT_DAYS:
            self._meet(day, day)
        elif key:
            self._meet(day, key)

    def advance(self, today: int) -> None:
        """Drop the days that have left the window."""
        while self._days and (begun := int(self._days[0][0])) + self.window <= today:
            thing = self._days.popleft()[1]
            if self._measure in (Measure.COUNT, Measure.SUM):
                self.value -= int(thing)
            elif self._last[thing] == begun:
                del self._last[thing]
                self.value -= MILLION
        self.oldest = int(self._days[0][0]) if self._days else None
        self.points = points(self.signal, self.value)

    def _count(self, day: int, amount: int) -> None:
        self.value += amount
        self.points = points(self.signal, self.value)
        if self.window:
            place = self._place(day)
            if place and self._days[place - 1][0] == day:
                self._days[place - 1][1] = int(self._days[place - 1][1]) + amount
            else:
                self._days.insert(place, [day, amount])
            self.oldest = int(self._days[0][0])

    def _place(self, day: int) -> int:
        """Behind the last entry of *day* or before; at the end, unless the event came late."""
        place = len(self._days)
        while place and int(self._days[place - 1][0]) > day:
            place -= 1
        return place

    def _meet(self, day: int, thing: int | str) -> None:
        known = self._last.get(thing)
        if known is not None and known >= day:
            return
        self._last[thing] = day
        if known is None:
            self.value += MILLION
            self.points = points(self.signal, self.value)
        if self.window:
            self._days.insert(self._place(day), [day, thing])
            self.oldest = int(self._days[0][0])


def _gathered(events: Sequence[Event], since: int | None) -> Iterator[tuple[int, Iterable[Event]]]:
    """The events by moment, *since* among them even when nothing happened then."""
    for at, group in groupby(events, key=itemgetter(0)):
        if since is not None and since <= at:
            if since < at:
                yield since, ()
            since = None
        yield at, group
    if since is not None:
        yield since, ()
