"""Stored scores against the plain reference: in batches, late, ahead of time, across midnight, in any zone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros, moment
from pqldesk.models.history import ScoreEvent
from pqldesk.models.people import Identity, Lead
from pqldesk.models.settings import Setting
from pqldesk.services.basics.exact import MILLION
from pqldesk.services.files.event_rows import EventRow
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.scoring.as_of import scored_as_of
from pqldesk.services.scoring.live import draft_version, publish_version
from pqldesk.services.scoring.milestones import DEFAULT_MILESTONES, reached
from pqldesk.services.scoring.model import DEFAULT_MODEL, Measure, ScoringModel, UsageSignal
from pqldesk.services.scoring.rescore import rescore, rescore_all, rescore_due
from pqldesk.services.scoring.timeline import first_crossing, next_change, score_at
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 20, tzinfo=UTC)  # the clocks of both zones below change in these weeks
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
KINDS = (
    ("login", None), ("login", None), ("feature_activated", "a"), ("feature_activated", "b"),
    ("feature_activated", "c"), ("team_invited", None), ("integration_connected", "slack"),
    ("data_imported", None), ("page_viewed", None), ("feature_activated", None),
)  # fmt: skip
TRICKY = ScoringModel(
    "Tricky", 1, 4_000,
    (
        UsageSignal("logins", "Logins", "login", Measure.COUNT, 3, 3 * MILLION, 1_500, proportional=True),
        UsageSignal("keys", "Keys", "feature_activated", Measure.DISTINCT_KEYS, 7, 2 * MILLION, 2_500),
        UsageSignal("records", "Records", "data_imported", Measure.SUM, 5, 50 * MILLION, 2_000, cap=80 * MILLION),
        UsageSignal("noise", "Noise", "page_viewed", Measure.COUNT, 2, 2 * MILLION, -1_000),
        UsageSignal("days", "Days", None, Measure.DISTINCT_DAYS, None, 4 * MILLION, 1_000),
    ),
)  # fmt: skip


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[int, list[tuple[Any, ...]]]]:
    """Batches: (hours since the last one, [(person, named by user id, kind, minutes since START, quantity)])."""
    event = st.tuples(
        st.integers(0, 2),
        st.booleans(),
        st.sampled_from(KINDS),
        st.one_of(st.integers(0, 20 * 24 * 60), st.integers(0, 19).map(lambda day: day * 1440)),
        st.sampled_from((-40, 0, 1, 2, 60)),
    )
    return draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.lists(event, min_size=1, max_size=12)), min_size=1, max_size=5
        )
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=deliveries(), zone=st.sampled_from(ZONES), tricky=st.booleans())
def test_scores_kept_up_to_date_equal_a_full_rescore_and_the_plain_reference(
    batches: list[Any],
    zone: str,
    tricky: bool,
    sqlite_template: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("w") / "w.pqldesk"
    path.write_bytes(sqlite_template.read_bytes())
    workspace = open_workspace(path, create=False)
    try:
        _follow(workspace, batches, zone, TRICKY if tricky else DEFAULT_MODEL)
    finally:
        workspace.close()


def _follow(workspace: Workspace, batches: list[Any], zone: str, model: ScoringModel) -> None:
    def prepare(session: Session) -> None:
        session.add(Setting(key="timezone", value=zone))
        draft_version(session, model, START)
        publish_version(session, model.name, None, "test", START)

    workspace.db.write(prepare).result()
    store, lives, now, number = EventStore("feed"), {0: [], 1: [], 2: []}, START + 4 * 24 * HOUR, 0
    met: set[int] = set()
    for hours, events in batches:
        now += hours * HOUR
        rows = []
        for person, by_id, (kind, key), minutes, quantity in events:
            at = micros(START + timedelta(minutes=minutes))
            if at > micros(now + 24 * HOUR):
                continue
            number += 1
            amount = (quantity if kind in ("data_imported", "team_invited") else 1) * MILLION
            row = _row(number, person, kind, key, amount, at)
            if person not in met:  # usage hangs on both identities of the lead from now on
                row = row._replace(user_id=f"u{person}")
            elif by_id:
                row = row._replace(user_id=f"u{person}", email=None)
            met.add(person)
            rows.append(row)
            lives[person].append((at, kind, key or "", amount))

        def keep(session: Session, rows: list[EventRow] = rows, now: datetime = now) -> None:
            stored = store.store(session, rows, now, None)
            rescore(session, stored.leads, now, "events", stored.earliest)

        workspace.db.write(keep).result()
        _compare(workspace, lives, now, zone, model, due_first=True)
        now += 30 * HOUR  # over a midnight or two, with nothing arriving
        _compare(workspace, lives, now, zone, model, due_first=True)


def _compare(
    workspace: Workspace,
    lives: dict[int, list[Any]],
    now: datetime,
    zone: str,
    model: ScoringModel,
    due_first: bool,
) -> None:
    def check(session: Session) -> None:
        if due_first:
            rescore_due(session, now)
        stored = {lead.email: lead for lead in session.scalars(select(Lead))}
        for person, life in lives.items():
            if not life:
                continue
            lead, events = stored[f"p{person}@example.com"], sorted(life)
            wanted = score_at(model, events, micros(now), ZoneInfo(zone))
            assert [value for value, _ in lead.signals] == list(wanted.values)
            assert lead.score == wanted.score
            assert lead.qualified is wanted.qualified
            crossed = first_crossing(model, events, ZoneInfo(zone))
            assert (lead.qualified_at and micros(lead.qualified_at)) == crossed
            assert lead.milestones == reached(DEFAULT_MILESTONES, events, None)
            seen = [event[0] for event in events if event[0] <= micros(now)]
            assert lead.last_active_at == (moment(max(seen)) if seen else None)
            change = next_change(model, events, micros(now), ZoneInfo(zone))
            assert (lead.due_at and micros(lead.due_at)) == change
        assert rescore_all(session, now).changed == ()
        for lead in session.scalars(select(Lead)):
            moves = session.scalars(
                select(ScoreEvent).where(ScoreEvent.lead_id == lead.id).order_by(ScoreEvent.id)
            ).all()
            assert sum(move.new - move.old for move in moves) == lead.score
            assert all(sum(move.parts.values()) == move.new - move.old for move in moves)

    workspace.db.write(check).result()

    def past(session: Session) -> None:
        for days in (1, 6, 13):
            then = now - timedelta(days=days, minutes=7)
            for found in scored_as_of(session, then):
                email = session.get_one(Lead, found.lead_id).email
                events = sorted(lives[int((email or "p0")[1])])
                wanted = score_at(model, events, micros(then), ZoneInfo(zone))
                assert (found.score, found.result.values) == (wanted.score, wanted.values)
                crossed = first_crossing(model, events, ZoneInfo(zone))
                assert found.qualified_at == (
                    crossed if crossed is not None and crossed <= micros(then) else None
                )
            known = list(scored_as_of(session, then, known_at=now + timedelta(days=99)))
            assert [one.score for one in known] == [one.score for one in scored_as_of(session, then)]

    workspace.db.read(past).result()


def _row(number: int, person: int, kind: str, key: str | None, amount: int, at: int) -> EventRow:
    return EventRow(
        number,
        number,
        f"e{number}",
        f"p{person}@example.com",
        None,
        None,
        None,
        None,
        kind,
        key,
        amount,
        at,
        None,
    )


@pytest.mark.both_databases
def test_scoring_twice_at_the_same_moment_changes_nothing(
    write: Callable[..., Any], new_lead: Callable[..., int]
) -> None:
    lead = new_lead("ada@example.com")
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)

    def keep(session: Session) -> None:
        rows = [
            EventRow(n, n, f"e{n}", "ada@example.com", None, None, None, None, "login", None, MILLION,
                     micros(now - n * HOUR), None)
            for n in range(1, 6)
        ]  # fmt: skip
        stored = EventStore("feed").store(session, rows, now, None)
        assert stored.created == 5
        rescore(session, stored.leads, now, "events", stored.earliest)

    write(keep)
    assert write(lambda session: session.get_one(Lead, lead).score) == 1_000
    assert write(rescore_all, now).changed == ()


@pytest.mark.both_databases
def test_a_delivery_that_comes_again_changes_nothing(
    write: Callable[..., Any], new_lead: Callable[..., int]
) -> None:
    new_lead("ada@example.com")
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    rows = [_row(n, 0, "data_imported", None, 60 * MILLION, micros(now - n * HOUR)) for n in (1, 2)]
    first = write(lambda session: EventStore("feed").store(session, rows, now, None))
    other = [row._replace(quantity=5, occurred_at=row.occurred_at - 1) for row in rows]
    again = write(lambda session: EventStore("feed").store(session, other, now, None))
    assert (first.created, again.created, again.duplicates) == (2, 0, 2)
    assert write(lambda session: EventStore("other feed").store(session, rows, now, None)).created == 2


def test_events_more_than_a_day_ahead_are_set_aside_once(write: Callable[..., Any]) -> None:
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    rows = [
        _row(1, 0, "login", None, MILLION, micros(now + 23 * HOUR)),
        _row(2, 0, "login", None, MILLION, micros(now + 25 * HOUR)),
    ]
    first = write(lambda session: EventStore("feed").store(session, rows, now, None))
    again = write(lambda session: EventStore("feed").store(session, rows, now, None))
    assert (first.created, first.set_aside, first.duplicates) == (1, 1, 0)
    assert (again.created, again.set_aside, again.duplicates) == (0, 0, 2)


def test_an_id_is_whose_the_events_say_that_count_whatever_one_says_that_is_set_aside(
    write: Callable[..., Any],
) -> None:
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    ahead, counted = (_row(n, 0, "login", None, MILLION, micros(now + n * HOUR)) for n in (30, -1))
    rows = [
        ahead._replace(email="bo@example.com", user_id="u1"),
        counted._replace(email="ada@example.com", user_id="u1"),
    ]
    write(lambda session: EventStore("feed").store(session, rows, now, None))

    def owner(session: Session) -> str | None:
        known = select(Lead.email).join(Identity, Identity.lead_id == Lead.id)
        return session.scalar(known.where(Identity.namespace == "feed", Identity.folded == "u1"))

    assert write(owner) == "ada@example.com"
