"""The incremental ways of scoring equal plain counting, at every moment, in zones whose days are not 24 h."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics.exact import HUNDRED, MILLION
from pqldesk.services.basics.moments import DAY, HOUR, local_days, micros
from pqldesk.services.scoring.model import (
    DEFAULT_MODEL,
    Exclusion,
    ExclusionRule,
    Measure,
    ScoringModel,
    UsageSignal,
)
from pqldesk.services.scoring.rules import Scorer, can_ever_cross
from pqldesk.services.scoring.timeline import Event, cells_of, first_crossing, next_change, score_at

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "America/Havana",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    )
]
BERLIN = ZoneInfo("Europe/Berlin")
# Around both clock changes of 2025 in Europe and America, and Apia's missing day.
STARTS = [
    micros(datetime.fromisoformat(text + "T00:00:00Z"))
    for text in ("2025-03-05", "2025-03-26", "2025-10-22", "2025-10-29", "2011-12-26", "2025-04-22")
]

signals = st.builds(
    UsageSignal,
    key=st.sampled_from(["a", "b", "c", "d"]),
    label=st.just("x"),
    kind=st.sampled_from(["login", "import", None]),
    measure=st.sampled_from(Measure),
    window_days=st.sampled_from([None, 1, 2, 3, 7]),
    threshold=st.sampled_from([0, 1, 2, 3, 5]).map(lambda n: n * MILLION) | st.just(2_500_000),
    weight=st.sampled_from([-4000, -1000, 500, 1000, 3333, 6000]),
    proportional=st.booleans(),
    cap=st.sampled_from([None, None, 2 * MILLION, 4 * MILLION]),
)
burst = Exclusion("burst", "Single session", ExclusionRule.SINGLE_SESSION, events=2, minutes=90)
models = st.builds(
    ScoringModel,
    name=st.just("m"),
    version=st.just(1),
    cut=st.sampled_from([-1000, 0, 1000, 4000, 6000, 7000]),
    signals=st.lists(signals, min_size=1, max_size=4).map(tuple),
    exclusions=st.sampled_from([(), (), (burst,)]),
)


@st.composite
def lives(draw: st.DrawFn) -> tuple[ZoneInfo, list[Event]]:
    zone = draw(st.sampled_from(ZONES))
    start = draw(st.sampled_from(STARTS))
    days = local_days(zone)
    first = days.day_of(start)
    moments = st.integers(0, 10 * 24 * 4).map(lambda n: start + n * HOUR // 4) | st.tuples(
        st.integers(0, 10), st.sampled_from([-1, 0, 0, 1])
    ).map(lambda edge: days.midnight(first + edge[0]) + edge[1])
    events = draw(
        st.lists(
            st.tuples(
                moments,
                st.sampled_from(["login", "import", "other"]),
                st.sampled_from(["", "k1", "k2", "k3"]),
                st.sampled_from([MILLION, 2 * MILLION, 0, -MILLION, 500_000, -3 * MILLION]),
            ),
            max_size=14,
        )
    )
    return zone, sorted(events)


def all_midnights(zone: ZoneInfo, events: list[Event]) -> list[int]:
    if not events:
        return []
    days = local_days(zone)
    first, last = days.day_of(events[0][0]), days.day_of(events[-1][0])
    return [days.midnight(day) for day in range(first + 1, last + 10)]


def plain_first_crossing(
    model: ScoringModel, events: list[Event], zone: ZoneInfo, hand: int | None, since: int | None
) -> int | None:
    moments = {event[0] for event in events} | set(all_midnights(zone, events))
    moments |= {moment for moment in (hand, since) if moment is not None}
    qualified = (
        at for at in sorted(moments) if score_at(model, events, at, zone, hand_raised_at=hand).qualified
    )
    return next(qualified, None)


@given(models, lives(), st.sampled_from([None, None, 0, 30, 100]), st.sampled_from([None, 0, 50]))
def test_first_crossing_equals_trying_every_moment(
    model: ScoringModel, life: tuple[ZoneInfo, list[Event]], hand_h: int | None, since_h: int | None
) -> None:
    zone, events = life
    start = events[0][0] if events else STARTS[0]
    hand = None if hand_h is None else start + hand_h * HOUR
    since = None if since_h is None else start + since_h * HOUR
    assert first_crossing(model, events, zone, hand, since=since) == plain_first_crossing(
        model, events, zone, hand, since
    )


@given(models, lives(), st.integers(-2, 14 * 24), st.sampled_from([0, 0, 1, 1_799_999_999]))
def test_roll_up_cells_measure_what_counting_events_measures(
    model: ScoringModel, life: tuple[ZoneInfo, list[Event]], hours: int, micro: int
) -> None:
    zone, events = life
    at = (events[0][0] if events else STARTS[0]) + hours * HOUR + micro
    kinds, totals, days = cells_of(events, zone, at)
    assert (
        Scorer(model, kinds).values(totals, days, local_days(zone).day_of(at))
        == score_at(model, events, at, zone).values
    )


@given(models, lives(), st.integers(-2, 14 * 24))
def test_nothing_changes_before_the_next_change_and_it_is_not_early_for_no_reason(
    model: ScoringModel, life: tuple[ZoneInfo, list[Event]], hours: int
) -> None:
    zone, events = life
    now = (events[0][0] if events else STARTS[0]) + hours * HOUR
    due = next_change(model, events, now, zone)
    before = score_at(model, events, now, zone)
    moments = sorted({event[0] for event in events} | set(all_midnights(zone, events)))
    later = [at for at in moments if at > now and (due is None or at < due)]
    for at in later:
        assert score_at(model, events, at, zone) == before
    if due is not None:
        assert due > now
        assert (
            due in {event[0] for event in events}
            or score_at(model, events, due, zone).values != before.values
        )
        assert score_at(model, events, due - 1, zone) == before


@given(models, lives())
def test_a_lead_that_can_never_cross_never_does(
    model: ScoringModel, life: tuple[ZoneInfo, list[Event]]
) -> None:
    zone, events = life
    kinds, totals, _ = cells_of(events, zone, 2**62)
    negative = any(event[3] < 0 for event in events)
    if not can_ever_cross(model, kinds, totals, negative_quantities=negative):
        assert first_crossing(model, events, zone) is None


def at(text: str) -> int:
    return micros(datetime.fromisoformat(text))


def test_events_of_one_moment_count_together() -> None:
    model = replace(
        DEFAULT_MODEL,
        cut=20 * HUNDRED,
        signals=(
            UsageSignal("records", "R", "data_imported", Measure.SUM, None, 10 * MILLION, 20 * HUNDRED),
        ),
    )
    moment = at("2025-05-01T10:00:00+02:00")
    taken_back: list[Event] = [
        (moment, "data_imported", "", 10 * MILLION),
        (moment, "data_imported", "", -MILLION),
        (moment + HOUR, "data_imported", "", MILLION),
    ]
    assert first_crossing(model, taken_back, BERLIN) == moment + HOUR


def test_a_penalty_that_leaves_its_window_qualifies_at_local_midnight() -> None:
    model = replace(
        DEFAULT_MODEL,
        cut=25 * HUNDRED,
        signals=(
            UsageSignal("good", "G", "integration_connected", Measure.COUNT, None, MILLION, 25 * HUNDRED),
            UsageSignal("bad", "B", "error", Measure.COUNT, 3, MILLION, -10 * HUNDRED),
        ),
    )
    events: list[Event] = [
        (at("2025-03-29T12:00:00+01:00"), "error", "", MILLION),
        (at("2025-03-29T13:00:00+01:00"), "integration_connected", "", MILLION),
    ]
    assert first_crossing(model, events, BERLIN) == at("2025-04-01T00:00:00+02:00")


def test_the_default_model_qualifies_a_lead_at_the_event_that_reaches_sixty() -> None:
    start = at("2025-06-02T08:00:00+02:00")
    events: list[Event] = [(start + n * DAY, "login", "", MILLION) for n in range(5)]
    events += [
        (start + 5 * DAY, "integration_connected", "crm", MILLION),  # 10 + 25
        (start + 5 * DAY + HOUR, "data_imported", "", 100 * MILLION),  # 55
        (start + 6 * DAY, "login", "", MILLION),  # the 7th active day: 65
    ]
    assert first_crossing(DEFAULT_MODEL, sorted(events), BERLIN) == start + 6 * DAY
    assert score_at(DEFAULT_MODEL, events, start + 6 * DAY, BERLIN).score == 65 * HUNDRED
    assert score_at(DEFAULT_MODEL, events, start + 6 * DAY - 1, BERLIN).score == 55 * HUNDRED


def test_a_hand_raise_qualifies_unless_usage_did_before() -> None:
    raised = at("2025-06-02T08:00:00Z")
    assert first_crossing(DEFAULT_MODEL, [], BERLIN, raised) == raised
    assert first_crossing(DEFAULT_MODEL, [], BERLIN, raised, excluded=True) is None
    assert first_crossing(DEFAULT_MODEL, [], BERLIN) is None


def test_a_single_session_does_not_qualify_until_the_person_comes_back() -> None:
    model = replace(
        DEFAULT_MODEL,
        cut=10 * HUNDRED,
        exclusions=(
            Exclusion("burst", "Single session", ExclusionRule.SINGLE_SESSION, events=3, minutes=60),
        ),
    )
    start = at("2025-06-02T08:00:00Z")
    events: list[Event] = [(start + n, "login", "", MILLION) for n in range(5)]
    assert first_crossing(model, events, BERLIN) is None
    assert score_at(model, events, start + HOUR, BERLIN).score == 0
    back = (start + 2 * HOUR, "login", "", MILLION)
    assert first_crossing(model, [*events, back], BERLIN) == start + 2 * HOUR
    assert first_crossing(model, events, BERLIN, start + HOUR) == start + HOUR


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2025-03-30T12:00:00+02:00", "2025-04-05T00:00:00+02:00"),
        ("2025-04-05T00:00:00+02:00", None),
    ],
)
def test_the_next_change_is_the_midnight_at_which_the_window_lapses(now: str, due: str | None) -> None:
    model = replace(DEFAULT_MODEL, signals=DEFAULT_MODEL.signals[:1])
    events: list[Event] = [(at("2025-03-29T23:30:00+01:00"), "login", "", MILLION)]
    assert next_change(model, events, at(now), BERLIN) == (None if due is None else at(due))
