"""The response clock starts when it is known here that a lead qualifies, not when history says that it crossed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pqldesk.models.people import Lead
from pqldesk.services.figures.funnel_now import funnel_now
from pqldesk.services.figures.funnel_ways import Asked
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads.detail import lead_detail
from pqldesk.services.leads.notes import add_note
from pqldesk.services.score_now import score_now
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
CROSSED = datetime(2026, 10, 20, 10, 0, tzinfo=UTC)
KIM = "kim@example.com"
HEAD = "event_id,email,event,key,quantity,occurred_at\n"


@pytest.fixture
def imported(workspace: Workspace, tmp_path: Path) -> Callable[..., None]:
    """``imported(crossed, at)``: a file with usage that reaches the cut at that moment, taken in at the other."""

    def take_in(crossed: datetime, at: datetime = NOW) -> None:
        what = [("login", "", 1)] * 12 + [("team_invited", "", 4), ("data_imported", "", 900)]
        what += [("integration_connected", key, 1) for key in ("a", "b", "c")]
        what += [("feature_activated", key, 1) for key in "pqrstu"]
        when = f"{crossed:%Y-%m-%dT%H:%M:%SZ}"
        rows = [
            f"e{n},ada@acme.example,{kind},{key},{many},{when}" for n, (kind, key, many) in enumerate(what)
        ]
        file = tmp_path / "usage.csv"
        file.write_text(HEAD + "\n".join(rows))
        options = ImportOptions(source="file")
        import_file(workspace.db, Kind.EVENTS, file, options, at=at, actor=KIM, fallback_dir=tmp_path)

    return take_in


def the_lead(workspace: Workspace) -> Lead:
    return workspace.db.write(lambda session: session.get_one(Lead, 1)).result()


def test_a_lead_whose_crossing_lies_in_imported_history_may_be_answered_from_the_import_on(
    workspace: Workspace, imported: Callable[..., None]
) -> None:
    imported(CROSSED)
    lead = the_lead(workspace)
    assert (lead.qualified_at, lead.known_qualified_at) == (CROSSED, NOW)
    assert lead.respond_by > NOW  # four working hours or a day, by its band
    detail = workspace.db.write(lambda session: lead_detail(session, "L000001", NOW)).result()
    assert detail.known_qualified_at == NOW


def test_the_clock_neither_starts_anew_nor_vanishes_when_more_usage_comes(
    workspace: Workspace, imported: Callable[..., None]
) -> None:
    imported(CROSSED)
    due = the_lead(workspace).respond_by
    imported(CROSSED - DAY, NOW + 2 * DAY)  # the same events are duplicates: nothing is new
    workspace.db.write(score_now, NOW + 2 * DAY, full=True).result()
    lead = the_lead(workspace)
    assert (lead.respond_by, lead.known_qualified_at) == (due, NOW)


def speed_of(workspace: Workspace, at: datetime) -> Any:
    return workspace.db.write(lambda session: funnel_now(session, Asked(at, 13)).speed).result()


def touch(workspace: Workspace, at: datetime) -> None:
    workspace.db.write(
        lambda session: add_note(session, session.get_one(Lead, 1), "Called.", KIM, at)
    ).result()


def test_speed_to_lead_counts_imported_history_from_when_it_came_to_be_known(
    workspace: Workspace, imported: Callable[..., None]
) -> None:
    imported(CROSSED)
    sign_up(workspace)
    touch(workspace, NOW + timedelta(hours=2))
    speed = speed_of(workspace, NOW + timedelta(hours=3))
    assert (speed.n, speed.median_hours, speed.from_history) == (1, 2.0, 1)
    assert (speed.in_time.n, speed.in_time.of) == (1, 1)


def test_news_that_come_within_a_day_are_counted_from_the_crossing_but_judged_from_when_they_came(
    workspace: Workspace, imported: Callable[..., None]
) -> None:
    imported(NOW - timedelta(hours=20))
    sign_up(workspace)
    touch(workspace, NOW + timedelta(hours=2))
    speed = speed_of(workspace, NOW + timedelta(hours=3))
    assert (speed.median_hours, speed.from_history) == (22.0, 0)
    assert (speed.in_time.n, speed.in_time.of) == (1, 1)


def test_who_was_touched_before_the_crossing_came_to_be_known_is_never_late(
    workspace: Workspace, imported: Callable[..., None]
) -> None:
    imported(CROSSED)
    sign_up(workspace)
    workspace.db.write(lambda session: session.execute(text("UPDATE lead SET respond_by = NULL"))).result()
    touch(workspace, NOW - DAY)
    speed = speed_of(workspace, NOW + 9 * DAY)
    assert (speed.n, speed.in_time.n, speed.in_time.of) == (1, 1, 1)


def sign_up(workspace: Workspace) -> None:
    def store(session: Any) -> None:
        session.get_one(Lead, 1).signed_up_at = CROSSED - DAY

    workspace.db.write(store).result()
