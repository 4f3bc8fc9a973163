"""Figures against published values and plain counting."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics.statistics import (
    auc,
    confusion,
    lift_top_decile,
    median,
    reached_by_day,
    share,
    time_until,
    wilson,
)

outcomes = st.lists(st.tuples(st.integers(0, 6).map(float), st.booleans()), max_size=40)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_intervals_are_the_published_ones(part: int, whole: int, low: float, high: float) -> None:
    interval = wilson(part, whole)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_wilson_interval_holds_its_rate_and_stays_a_rate(part: int, whole: int) -> None:
    interval = wilson(min(part, whole), whole)
    assert interval is not None
    assert 0 <= interval.low <= min(part, whole) / whole <= interval.high <= 1


def test_undefined_figures_are_none() -> None:
    assert wilson(0, 0) is None
    assert median([]) is None
    assert share(0, 0) is None
    assert auc([]) is None
    assert auc([(1, True), (2, True)]) is None
    assert lift_top_decile([]) is None
    assert lift_top_decile([(1, False)]) is None
    assert time_until(0.5, []) is None
    nothing = confusion([])
    assert (nothing.precision, nothing.recall, nothing.lift, nothing.base_rate) == (None, None, None, None)
    assert confusion([(True, False)]).lift is None


def test_median_is_the_middle() -> None:
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5


def test_shares_by_day_are_those_of_an_independent_kaplan_meier() -> None:
    """SciPy's estimate of the same, an event half a day before the end of its day."""
    stats = pytest.importorskip("scipy.stats")
    dice = random.Random(5)
    people = [
        (
            dice.choice((None, None, 0, 1, dice.randint(0, 40))),
            dice.choice((0, 1, 9, 60, dice.randint(0, 40))),
        )
        for _ in range(900)
    ]
    seen = [
        (day + 0.5, True) if day is not None and day < watched else (watched, False)
        for day, watched in people
    ]
    sample = stats.CensoredData(
        uncensored=[time for time, came in seen if came], right=[time for time, came in seen if not came]
    )
    expected = stats.ecdf(sample).cdf.evaluate([day + 0.9 for day in range(31)])
    assert reached_by_day([(*one, 1) for one in people], 31) == pytest.approx(list(expected))


def test_who_came_today_does_not_make_a_milestone_look_missed() -> None:
    """Ten of ten reached it on day 1; ninety who signed up an hour ago could not have."""
    shares = reached_by_day([(1, 40, 10), (None, 0, 90)], 3)
    assert shares == (0, 1, 1)
    assert reached_by_day([(0, 0, 5)], 31) == ()
    assert reached_by_day([(None, 2, 1)], 31) == (0, 0)


def test_time_until_counts_those_still_waiting() -> None:
    # Freireich 1963, 6-MP arm: the published Kaplan-Meier median is 23 weeks; the plain one of relapses is 10.
    events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    arm = [(float(week), True) for week in events] + [(float(week), False) for week in censored]
    assert time_until(0.5, arm) == 23
    assert time_until(0.25, arm) == 13
    assert time_until(0.9, arm) is None


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.sampled_from([0.1, 0.5, 0.9]))
def test_without_waiting_ones_time_until_is_the_plain_quantile(times: list[int], quantile: float) -> None:
    rank = math.ceil(quantile * len(times) - 1e-9)
    assert time_until(quantile, [(float(time), True) for time in times]) == sorted(times)[rank - 1]


def test_confusion_counts_and_its_rates() -> None:
    found = confusion([(True, True)] * 6 + [(True, False)] * 2 + [(False, True)] * 4 + [(False, False)] * 8)
    assert (found.tp, found.fp, found.fn, found.tn, found.n, found.won) == (6, 2, 4, 8, 20, 10)
    assert (found.precision, found.recall, found.base_rate, found.lift) == (0.75, 0.6, 0.5, 1.5)


@given(outcomes)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    won = [score for score, outcome in rows if outcome]
    lost = [score for score, outcome in rows if not outcome]
    found = auc(rows)
    if not won or not lost:
        assert found is None
        return
    pairs = sum((w > x) + (w == x) / 2 for w in won for x in lost)
    assert found is not None
    assert found.value == pytest.approx(pairs / len(won) / len(lost))
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    if len(won) > 1 and len(lost) > 1:
        over = [sum((w > x) + (w == x) / 2 for x in lost) / len(lost) for w in won]
        under = [sum((w > x) + (w == x) / 2 for w in won) / len(won) for x in lost]
        error = math.sqrt(spread(over) / len(won) + spread(under) / len(lost))
        assert found.low == pytest.approx(max(0, found.value - 1.959964 * error), abs=1e-6)


def spread(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def test_a_score_separates_only_when_the_interval_leaves_out_one_half() -> None:
    blind = auc([(score, score % 2 == 0) for score in range(40)])
    sharp = auc([(score, score >= 20) for score in range(40)])
    few = auc([(2, True), (1, False), (3, False)])
    flat = auc([(1, True), (1, False)] * 20)
    assert blind is not None
    assert not blind.separates
    assert sharp is not None
    assert (sharp.value, sharp.separates) == (1, True)
    assert few is not None
    assert not few.separates
    assert flat is not None
    assert (flat.value, flat.separates) == (0.5, False)


@given(outcomes)
def test_the_top_decile_shares_ties_at_its_border(rows: list[tuple[float, bool]]) -> None:
    wins = sum(outcome for _, outcome in rows)
    found = lift_top_decile(rows)
    if not wins:
        assert found is None
        return
    size = math.ceil(len(rows) / 10)
    expected = 0.0
    for score, outcome in rows:  # the chance that this lead is in the top when ties are drawn by lot
        above = sum(other > score for other, _ in rows)
        tied = sum(other == score for other, _ in rows)
        expected += outcome * min(1, max(0, (size - above) / tied))
    assert found == pytest.approx(expected / size / (wins / len(rows)))


def test_lift_of_a_perfect_score_is_one_over_the_base_rate() -> None:
    assert lift_top_decile([(float(n), n >= 90) for n in range(100)]) == pytest.approx(10)
