"""When milestones are reached, and the figures made from that."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics.exact import HUNDRED, MILLION
from pqldesk.services.basics.moments import DAY, HOUR, micros
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.scoring.milestones import (
    DEFAULT_MILESTONES,
    Event,
    Milestone,
    activation,
    days_since_signup,
    milestones_from_json,
    milestones_to_json,
    reached,
    signup_moment,
)
from pqldesk.services.scoring.model import Measure

START = micros(datetime.fromisoformat("2024-12-12T12:00:00Z"))


def event(hours: float, kind: str, quantity: float = 1, key: str = "") -> Event:
    return START + round(hours * HOUR), kind, key, round(quantity * MILLION)


def test_the_default_milestones_are_reached_at_their_first_event() -> None:
    events = [
        event(1, "login"),
        event(2, "login"),
        event(3, "feature_activated", key="board"),
        event(4, "team_invited", 0.5),
        event(5, "team_invited", 0.5),
        event(6, "data_imported", 40),
    ]
    found = reached(DEFAULT_MILESTONES, events, START)
    assert found == {
        "signed_up": START,
        "first_login": START + HOUR,
        "first_feature": START + 3 * HOUR,
        "invited_teammate": START + 5 * HOUR,
        "first_integration": None,
        "imported_data": START + 6 * HOUR,
    }
    assert activation(DEFAULT_MILESTONES, found) == 83
    assert activation(DEFAULT_MILESTONES, found, START + 5 * HOUR) == 67
    assert activation(DEFAULT_MILESTONES, found, START - 1) == 0


def test_the_leads_own_signup_goes_before_the_first_signed_up_event() -> None:
    events = [event(1, "signed_up"), event(9, "signed_up")]
    assert reached(DEFAULT_MILESTONES, events, START + 5 * HOUR)["signed_up"] == START + 5 * HOUR
    assert reached(DEFAULT_MILESTONES, events, None)["signed_up"] == START + HOUR
    assert signup_moment(events, None) == START + HOUR
    assert signup_moment([], None) is None


def test_events_of_one_moment_count_together_and_later_ones_take_nothing_back() -> None:
    imported = (Milestone("m", "M", "data_imported", Measure.SUM, 10 * MILLION),)
    together = [event(1, "data_imported", 10), event(1, "data_imported", -1)]
    assert reached(imported, together, None)["m"] is None
    later = [*together, event(2, "data_imported", 1), event(3, "data_imported", -8)]
    assert reached(imported, later, None)["m"] == START + 2 * HOUR


def test_a_milestone_with_a_time_limit_counts_up_to_that_moment_after_signup() -> None:
    limited = (Milestone("m", "M", "login", threshold=2 * MILLION, within_days=2),)
    assert reached(limited, [event(1, "login"), event(48, "login")], START)["m"] == START + 48 * HOUR
    assert reached(limited, [event(1, "login"), event(48.001, "login")], START)["m"] is None
    assert reached(limited, [event(1, "login"), event(2, "login")], None)["m"] is None


def test_distinct_keys_leave_out_events_without_a_key() -> None:
    three = (Milestone("m", "M", "feature_activated", Measure.DISTINCT_KEYS, 2 * MILLION),)
    events = [event(n, "feature_activated", key=key) for n, key in enumerate(["", "a", "a", "", "b"])]
    assert reached(three, events, None)["m"] == START + 4 * HOUR


kinds = st.sampled_from(["login", "data_imported"])
amounts = st.sampled_from([MILLION, 0, -MILLION, 3 * MILLION, 500_000])


@given(
    st.lists(st.tuples(st.integers(0, 5), kinds, st.sampled_from(["", "a", "b"]), amounts), max_size=10),
    st.sampled_from([Measure.COUNT, Measure.SUM, Measure.DISTINCT_KEYS]),
    st.integers(1, 3),
)
def test_reached_is_the_first_moment_as_of_which_the_threshold_shows(
    raw: list[Event], measure: Measure, threshold: int
) -> None:
    events = sorted(raw)
    milestone = Milestone("m", "M", "data_imported", measure, threshold * MILLION)

    def value(at: int) -> int:
        own = [e for e in events if e[1] == "data_imported" and e[0] <= at]
        if measure is Measure.SUM:
            return sum(e[3] for e in own)
        return (len(own) if measure is Measure.COUNT else len({e[2] for e in own if e[2]})) * MILLION

    expected = next((at for at in range(6) if value(at) >= threshold * MILLION), None)
    assert reached((milestone,), events, None)["m"] == expected


def test_activation_is_a_share_of_weight_in_whole_percent_half_up() -> None:
    weighted = tuple(
        replace(m, weight=w * HUNDRED) for m, w in zip(DEFAULT_MILESTONES, (1, 1, 1, 5, 0, 0), strict=True)
    )
    assert activation(weighted, {"signed_up": 1}) == 13  # 12.5
    assert activation(weighted, {m.key: 1 for m in weighted}) == 100
    assert activation((), {}) == 0


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (23.99, 0), (24, 1), (71.9, 2), (72, 3), (-5, 0)])
def test_days_since_signup_are_whole_days_and_never_negative(hours: float, days: int) -> None:
    assert days_since_signup(START + round(hours * HOUR), START) == days


def test_days_since_signup_are_unknown_without_signup_or_milestone() -> None:
    assert days_since_signup(START, None) is None
    assert days_since_signup(None, START) is None
    assert days_since_signup(START + DAY, START) == 1


def test_definitions_survive_their_json() -> None:
    own = (*DEFAULT_MILESTONES, Milestone("x", "X", "report", Measure.SUM, 2_500_000, 14, 150))
    assert milestones_from_json(milestones_to_json(own)) == own
    assert milestones_from_json([{"key": "a", "kind": "login"}]) == (Milestone("a", "a", "login"),)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "at least one milestone"),
        ([3], "Milestone 1 is not an object."),
        ([{"kind": "login"}], '"key" is None'),
        ([{"key": "a"}], '"kind" is None'),
        ([{"key": "a", "kind": "b", "measure": "distinct_days"}], "Known: count, sum, distinct_keys."),
        ([{"key": "a", "kind": "b", "threshold": 0}], '"threshold" is 0. Write a number above 0.'),
        ([{"key": "a", "kind": "b", "weight": "x"}], "\"weight\" is 'x'."),
        ([{"key": "a", "kind": "b", "within_days": 0}], '"within_days" is 0.'),
        ([{"key": "a", "kind": "b"}] * 2, 'The milestone "a" stands more than once.'),
    ],
)
def test_a_wrong_definition_is_named(document: object, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        milestones_from_json(document)
    assert sentence in str(caught.value)
