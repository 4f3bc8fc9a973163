"""Points, bands, exclusions and explanations of a score."""

import time
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pqldesk.services.basics.exact import HUNDRED, MILLION
from pqldesk.services.basics.moments import local_days, micros
from pqldesk.services.scoring.exclusions import person_exclusion, session_exclusion
from pqldesk.services.scoring.explain import breakdown, breakdown_json, hint_text, hints
from pqldesk.services.scoring.fit import fit_lines, fit_score
from pqldesk.services.scoring.model import (
    DEFAULT_MODEL,
    Exclusion,
    ExclusionRule,
    FitSignal,
    Measure,
    Operator,
    UsageSignal,
)
from pqldesk.services.scoring.rules import Scorer, can_ever_cross, points, scored

BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = UsageSignal("s", "S", "login", Measure.COUNT, 7, 5 * MILLION, 10 * HUNDRED)
KINDS = {
    1: ("login", ""),
    2: ("feature_activated", "board"),
    3: ("feature_activated", "api"),
    4: ("feature_activated", ""),
    5: ("team_invited", ""),
    6: ("data_imported", ""),
    7: ("integration_connected", "crm"),
}


def millions(*values: float) -> tuple[int, ...]:
    return tuple(int(value * MILLION) for value in values)


@pytest.mark.parametrize(("value", "earned"), [(0, 0), (4.999999, 0), (5, 1000), (50, 1000), (-5, 0)])
def test_a_signal_earns_its_whole_weight_at_the_threshold_and_nothing_below(
    value: float, earned: int
) -> None:
    assert points(PLAIN, int(value * MILLION)) == earned


@pytest.mark.parametrize(
    ("value", "weight", "threshold", "earned"),
    [
        (1, 10, 3, 333),
        (2, 10, 3, 667),
        (3, 10, 3, 1000),
        (9, 10, 3, 1000),
        (1, 0.01, 2, 1),  # 0.005 is half: up
        (0, 10, 0, 1000),  # a threshold of 0 is always reached
        (-1, 10, 4, -250),  # weight x min(1, value / threshold), to the letter
        (-1, 10, 0, 0),
    ],
)
def test_points_in_proportion(value: float, weight: float, threshold: float, earned: int) -> None:
    signal = replace(
        PLAIN, proportional=True, weight=round(weight * HUNDRED), threshold=int(threshold * MILLION)
    )
    assert points(signal, int(value * MILLION)) == earned


@example(59, 528, 792)  # 88.5
@given(st.integers(0, 10**12), st.integers(1, 10**10), st.integers(1, 10**5))
def test_proportional_points_equal_decimal_arithmetic(value: int, threshold: int, weight: int) -> None:
    signal = replace(PLAIN, proportional=True, weight=weight, threshold=threshold)
    exact = (
        Decimal(weight * min(value, threshold)) / threshold
    )  # halves stay halves: nothing is rounded before
    assert points(signal, value) == exact.quantize(Decimal(1), ROUND_HALF_UP)


def test_a_negative_weight_applies_whole_at_its_threshold_even_in_a_proportional_signal() -> None:
    signal = replace(PLAIN, weight=-10 * HUNDRED, proportional=True)
    assert [points(signal, value * MILLION) for value in (0, 4, 5, 9)] == [0, 0, -1000, -1000]


def test_a_cap_limits_the_value_before_weighing() -> None:
    signal = replace(PLAIN, cap=2 * MILLION, proportional=True)
    assert points(signal, 9 * MILLION) == points(signal, 2 * MILLION) == 400
    assert points(replace(signal, proportional=False), 9 * MILLION) == 0


def test_the_score_is_the_sum_of_its_points_and_is_not_clamped() -> None:
    everything = scored(DEFAULT_MODEL, millions(5, 3, 2, 1, 100, 7))
    assert (everything.score, everything.points) == (10000, (1000, 1500, 2000, 2500, 2000, 1000))
    doubled = replace(DEFAULT_MODEL, signals=(*DEFAULT_MODEL.signals, replace(PLAIN, weight=-30000)))
    assert scored(doubled, millions(5, 3, 2, 1, 100, 7, 5)).score == -20000


@pytest.mark.parametrize(
    ("score", "band"),
    [(100, "hot"), (80, "hot"), (79.99, "qualified"), (60, "qualified"), (59, "warming"), (40, "warming"),
     (39.99, "cold"), (0, "cold"), (-5, "cold")],
)  # fmt: skip
def test_bands_look_at_the_score_alone(score: float, band: str) -> None:
    assert DEFAULT_MODEL.band_of(round(score * HUNDRED)).key == band


def test_qualified_is_the_cut_or_a_raised_hand() -> None:
    low, high = millions(0, 0, 0, 0, 0, 0), millions(5, 3, 2, 0, 100, 0)
    assert not scored(DEFAULT_MODEL, low).qualified
    assert scored(DEFAULT_MODEL, high).qualified
    assert scored(DEFAULT_MODEL, low, hand_raised=True).qualified
    rule = Exclusion("x", "Internal", ExclusionRule.INTERNAL_DOMAINS, ("example.com",))
    excluded = scored(DEFAULT_MODEL, high, hand_raised=True, exclusion=rule)
    assert (excluded.score, excluded.qualified, sum(excluded.points)) == (0, False, 0)
    assert excluded.values == high


def test_cells_of_several_identities_are_measured_as_one_person() -> None:
    today = 20_000
    scorer = Scorer(DEFAULT_MODEL, KINDS)
    totals = [(1, 9, 9 * MILLION), (2, 4, 4 * MILLION), (2, 1, MILLION), (3, 1, MILLION), (4, 5, 0),
              (5, 2, 1_500_000), (6, 1, 40 * MILLION), (6, 3, 22_250_000), (7, 1, MILLION)]  # fmt: skip
    days = [(today, 1, 2, 0), (today, 1, 1, 0), (today - 6, 1, 1, 0), (today - 7, 1, 5, 0), (today - 13, 6, 1, 0),
            (today - 14, 6, 1, 0), (today + 1, 1, 9, 0)]  # fmt: skip
    assert scorer.values(totals, days, today) == millions(4, 2, 1.5, 1, 62.25, 4)
    assert scorer.days_needed == 14


def test_the_next_lapse_is_the_first_day_on_which_a_window_lets_something_go() -> None:
    scorer = Scorer(DEFAULT_MODEL, KINDS)
    assert scorer.next_lapse_day([], 100) is None
    assert scorer.next_lapse_day([(100, 1, 1, 0)], 100) == 107
    assert scorer.next_lapse_day([(95, 1, 1, 0), (90, 5, 1, 0)], 100) == 102
    assert scorer.next_lapse_day([(90, 5, 1, 0)], 100) == 104
    assert (
        scorer.next_lapse_day([(93, 1, 1, 0), (86, 5, 1, 0), (101, 1, 1, 0)], 100) == 107
    )  # an active day still


def test_measuring_a_lead_takes_microseconds() -> None:
    scorer = Scorer(DEFAULT_MODEL, KINDS)
    totals = [(kind, 5, 5 * MILLION) for kind in KINDS]
    days = [(100 - age, kind, 1, MILLION) for age in range(14) for kind in (1, 2, 6)]
    best = min(_timed(scorer, totals, days) for _ in range(5))
    assert best < 200e-6  # about 15 on an idle core; the bound only catches a change of kind


def _timed(
    scorer: Scorer, totals: list[tuple[int, int, int]], days: list[tuple[int, int, int, int]]
) -> float:
    begin = time.perf_counter()
    for _ in range(100):
        scorer.values(totals, days, 100)
    return (time.perf_counter() - begin) / 100


def test_the_explanation_lists_every_signal_and_adds_up() -> None:
    as_of = micros(datetime.fromisoformat("2025-03-31T12:00:00+02:00"))
    result = scored(DEFAULT_MODEL, millions(5, 2, 2, 0, 62.5, 1))
    shown = breakdown_json(breakdown(DEFAULT_MODEL, result, as_of, local_days(BERLIN)))
    assert (shown["score"], shown["cut"], shown["as_of"]) == (30, 60, "2025-03-31T10:00:00Z")
    assert (shown["model"], shown["version"]) == ("PLG default", 1)
    assert sum(line["points"] for line in shown["signals"]) == shown["score"]
    logins, features, _, _, records, _ = shown["signals"]
    assert (logins["from"], logins["to"], logins["window_days"]) == ("2025-03-25", "2025-03-31", 7)
    assert (features["from"], features["to"], features["measure"]) == (None, "2025-03-31", "distinct_keys")
    assert (records["value"], records["threshold"], records["weight"], records["points"]) == (
        62.5,
        100,
        20,
        0,
    )


def test_hints_say_what_would_add_points_most_first() -> None:
    result = scored(DEFAULT_MODEL, millions(4, 2, 2, 0, 62, 5))
    assert [hint_text(hint) for hint in hints(DEFAULT_MODEL, result)] == [
        "1 more connected integration would add 25 points.",
        "38 more imported records would add 20 points.",
        "1 more activated feature would add 15 points.",
        "1 more login would add 10 points.",
        "2 more active days would add 10 points.",
    ]
    assert hints(DEFAULT_MODEL, result)[1].score_then == result.score + 2000


@given(st.lists(st.integers(-3, 120).map(lambda n: n * MILLION), min_size=6, max_size=6), st.booleans())
def test_following_a_hint_earns_exactly_what_it_promises(values: list[int], proportional: bool) -> None:
    model = replace(
        DEFAULT_MODEL, signals=tuple(replace(s, proportional=proportional) for s in DEFAULT_MODEL.signals)
    )
    before = scored(model, tuple(values))
    for hint in hints(model, before):
        place = model.signals.index(hint.signal)
        followed = [*values[:place], values[place] + hint.missing, *values[place + 1 :]]
        assert scored(model, tuple(followed)).score == before.score + hint.points == hint.score_then


def test_nothing_is_hinted_that_no_usage_can_reach() -> None:
    out_of_reach = (
        replace(PLAIN, cap=2 * MILLION),
        replace(PLAIN, key="d", measure=Measure.DISTINCT_DAYS, threshold=8 * MILLION),
        replace(PLAIN, key="n", weight=-100),
    )
    model = replace(DEFAULT_MODEL, signals=out_of_reach)
    assert hints(model, scored(model, (0, 0, 0))) == ()


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("Kim@Example.com", "Internal"),
        ("kim@mail.example.com", "Internal"),
        ("kim@notexample.com", None),
        ("qa+test7@example.org", "Test account"),
        ("uptime-bot@example.org", "Machine"),
        ("no-reply@example.org", "Machine"),
        ("abbot@example.org", None),
        (None, None),
    ],
)
def test_people_are_excluded_for_who_they_are(email: str | None, reason: str | None) -> None:
    model = replace(
        DEFAULT_MODEL,
        exclusions=(
            Exclusion("internal", "Internal", ExclusionRule.INTERNAL_DOMAINS, ("example.com",)),
            Exclusion("tests", "Test account", ExclusionRule.TEST_ACCOUNTS, ("*+test*@*",)),
            Exclusion("bots", "Machine", ExclusionRule.BOTS),
        ),
    )
    found = person_exclusion(model, email)
    assert (found.label if found else None) == reason
    flagged = person_exclusion(model, None, is_bot=True)
    assert flagged is not None
    assert flagged.label == "Machine"


def test_a_burst_is_many_events_close_together_and_no_raised_hand() -> None:
    rule = Exclusion("burst", "Single session", ExclusionRule.SINGLE_SESSION, events=3, minutes=30)
    model = replace(DEFAULT_MODEL, exclusions=(rule,))
    minute = 60 * 1_000_000
    assert session_exclusion(model, 3, 0, 30 * minute) is rule
    assert session_exclusion(model, 3, 0, 30 * minute + 1) is None
    assert session_exclusion(model, 2, 0, minute) is None
    assert session_exclusion(model, 3, 0, minute, hand_raised=True) is None
    assert session_exclusion(model, 0, None, None) is None


def test_fit_is_a_number_of_its_own() -> None:
    model = replace(
        DEFAULT_MODEL,
        fit=(
            FitSignal("role", "Decides", "job_title", Operator.CONTAINS, "Head", 3000),
            FitSignal("size", "Large", "employees", Operator.AT_LEAST, 200, 2000),
            FitSignal("where", "Served", "country", Operator.ONE_OF, ("DE", "AT"), 1000),
            FitSignal("free", "Free mail", "email", Operator.ENDS_WITH, "@example.net", -1500),
            FitSignal("phone", "Phone", "phone", Operator.IS_SET, None, 500),
        ),
    )
    facts = {
        "job_title": "head of data",
        "employees": "200",
        "country": "de",
        "email": "a@example.net",
        "phone": " ",
    }
    assert [line.points for line in fit_lines(model, facts)] == [3000, 2000, 1000, -1500, 0]
    assert fit_score(model, facts) == 4500
    assert fit_score(model, {}) == 0
    assert fit_score(DEFAULT_MODEL, facts) is None
    assert scored(model, (0,) * 6).score == 0


@pytest.mark.parametrize("order", [1, -1])
def test_a_key_lapses_with_the_last_day_that_had_it(order: int) -> None:
    keys = replace(PLAIN, kind="feature_activated", measure=Measure.DISTINCT_KEYS, window_days=7)
    scorer = Scorer(replace(DEFAULT_MODEL, signals=(keys,)), KINDS)
    cells = [(95, 2, 1, 0), (99, 2, 1, 0), (98, 3, 1, 0), (94, 4, 1, 0)][::order]
    assert scorer.next_lapse_day(cells, 100) == 105


def test_a_sum_that_was_taken_back_may_still_have_crossed_before() -> None:
    model = replace(DEFAULT_MODEL, cut=20 * HUNDRED, signals=(DEFAULT_MODEL.signals[4],))
    taken_back = [(6, 2, 10 * MILLION)]  # 100 imported, 90 deleted
    assert can_ever_cross(model, KINDS, taken_back)
    assert not can_ever_cross(model, KINDS, taken_back, negative_quantities=False)
    assert not can_ever_cross(model, KINDS, [])
    assert can_ever_cross(model, KINDS, [], hand_raised=True)
