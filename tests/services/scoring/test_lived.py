"""A life as it was known, against the plain reference and against the first crossing."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pqldesk.models.base import micros
from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.moments import DAY, HOUR, local_days
from pqldesk.services.scoring.lived import KnownEvent, lived
from pqldesk.services.scoring.rules import is_met
from pqldesk.services.scoring.timeline import first_crossing, score_at
from tests.services.scoring.test_rescore import KINDS, START, TRICKY

BEGIN = micros(START)


@st.composite
def lives(draw: st.DrawFn) -> list[KnownEvent]:
    """Events of three weeks, some of which arrived hours or days after they occurred."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(KINDS),
                st.integers(0, 20 * 24),
                st.sampled_from((0, 0, 0, 3, 30, 200)),
                st.sampled_from((-40, 1, 2, 60)),
            ),
            max_size=25,
        )
    )
    return sorted(
        (BEGIN + (hour + late) * HOUR, BEGIN + hour * HOUR, kind, key or "", quantity * MILLION)
        for (kind, key), hour, late, quantity in rows
    )


def _known(events: list[KnownEvent], at: int) -> list[Any]:
    return [(when, kind, key, quantity) for known, when, kind, key, quantity in events if known <= at]


@pytest.mark.parametrize("zone_name", ["UTC", "America/New_York"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=lives(), end=st.integers(0, 30 * 24))
def test_a_replayed_score_is_the_reference_of_what_was_known(
    zone_name: str, events: list[KnownEvent], end: int
) -> None:
    zone, until = ZoneInfo(zone_name), BEGIN + end * HOUR
    found = lived(TRICKY, events, local_days(zone), until)
    reference = score_at(TRICKY, _known(events, until), until, zone)
    assert found.score == reference.score
    moments = sorted({known for known, *_ in events if known <= until} | {until})
    seen = [score_at(TRICKY, _known(events, at), at, zone) for at in moments]
    assert found.peak >= max((one.score for one in seen), default=0)
    for place, signal in enumerate(TRICKY.signals):
        assert found.met[place] >= any(is_met(signal, one.values[place]) for one in seen)


@settings(max_examples=40, deadline=None)
@given(events=lives())
def test_without_late_events_it_crosses_when_the_stored_score_did(events: list[KnownEvent]) -> None:
    in_time = sorted((at, at, kind, key, quantity) for _, at, kind, key, quantity in events)
    until, zone = BEGIN + 60 * DAY, ZoneInfo("UTC")
    plain = [(at, kind, key, quantity) for _, at, kind, key, quantity in in_time]
    assert lived(TRICKY, in_time, local_days(zone), until).crossed_at == first_crossing(TRICKY, plain, zone)


@settings(max_examples=30, deadline=None)
@given(events=lives(), end=st.integers(0, 20 * 24))
def test_nothing_known_later_changes_what_was_said_before(events: list[KnownEvent], end: int) -> None:
    days, until = local_days(ZoneInfo("UTC")), BEGIN + end * HOUR
    before = [event for event in events if event[0] <= until]
    assert lived(TRICKY, events, days, until) == lived(TRICKY, before, days, until)
    whole = lived(TRICKY, events, days, BEGIN + 40 * DAY, until)
    assert (whole.peak, whole.met) == (
        (then := lived(TRICKY, before, days, BEGIN + 40 * DAY, until)).peak,
        then.met,
    )
