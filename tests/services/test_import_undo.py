"""Importing, and taking an import back."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.people import Company, Identity, Lead, Submission
from pqldesk.models.usage import UsageDay, UsageEvent, UsageTotal
from pqldesk.services import settings
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.files import rejects
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import FileResult, ImportOptions, NothingUsable
from pqldesk.services.imports.set_aside import release_events, set_aside_rows
from pqldesk.services.imports.undo import rehearse_undo, undo_batch
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.undo import undo
from pqldesk.services.queue.find import lead_of
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.workspaces.workspace import Workspace

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEADS = """email,name,company,plan,user_id,kind,comment
ada@acme.example,Ada Byrne,Acme,Free,u1,,
bo@beta.example,Bo Lind,Beta,,u2,hand_raise,Call me
"""
EVENTS = "event_id,email,user_id,event,quantity,occurred_at\n" + "".join(
    f"e{n},,u1,data_imported,40,2026-11-1{n}T10:00:00Z\n" for n in range(1, 4)
)


@pytest.fixture
def run(workspace: Workspace, tmp_path: Path) -> Callable[..., FileResult]:
    """``run("leads", text, name="a.csv", ...)``: import the text of a file."""

    def go(kind: str, text: str, name: str = "file.csv", **options: Any) -> FileResult:
        path = tmp_path / name
        path.write_text(text)
        return import_file(
            workspace.db, Kind(kind), path, ImportOptions(**options), at=NOW, actor="kim@example.com",
            fallback_dir=tmp_path,
        )  # fmt: skip

    return go


def _counts(session: Session) -> dict[str, int]:
    tables = (Lead, Identity, Company, Submission, UsageEvent, UsageDay, UsageTotal)
    return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def _figures(result: FileResult) -> tuple[int, ...]:
    return result.created, result.updated, result.duplicates, result.rejected, result.set_aside


def test_every_row_is_counted_once(run: Callable[..., FileResult], write: Callable[..., Any]) -> None:
    assert _figures(run("leads", LEADS)) == (2, 0, 0, 0, 0)
    assert _figures(run("leads", LEADS)) == (0, 0, 2, 0, 0)
    assert _figures(run("leads", LEADS.replace("Free", "Pro"))) == (0, 1, 1, 0, 0)
    assert _figures(run("events", EVENTS + "e9,,u1,login,,2026-11-25T10:00:00Z\ne1,,u1,login,,2026-11-11\n")) == (
        3, 0, 1, 0, 1,
    )  # fmt: skip
    ada = write(lambda session: lead_of(session, "ADA@acme.example"))
    assert (ada.score, ada.plan, ada.company_name) == (2_000, "Pro", "Acme")
    bo = write(lambda session: lead_of(session, "file:u2"))
    assert bo.qualified
    assert bo.hand_raised_at == NOW


def test_undoing_an_import_leaves_what_was_there_before(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    run("leads", LEADS.split("bo@")[0])
    before = write(_counts)
    second = run("leads", LEADS.replace("Free", "Pro"), "b.csv")
    events = run("events", EVENTS, "e.csv")
    assert write(lambda session: lead_of(session, "file:u1").score) == 2_000
    write(undo_batch, events.batch, "kim@example.com", NOW)
    write(undo_batch, second.batch, "kim@example.com", NOW)
    assert write(_counts) == before
    ada = write(lambda session: lead_of(session, "file:u1"))
    assert (ada.score, ada.plan) == (0, "Free")
    with pytest.raises(NotAllowed, match="already taken back"):
        write(undo_batch, second.batch, "kim@example.com", NOW)


def test_undoing_an_import_keeps_the_leads_that_were_worked_on(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    first = run("leads", LEADS)
    write(lambda session: add_note(session, lead_of(session, "file:u1"), "Called.", "kim@example.com", NOW))
    write(undo_batch, first.batch, "kim@example.com", NOW)
    assert write(lambda session: list(session.scalars(select(Lead.email)))) == ["ada@acme.example"]


def test_a_dry_run_prints_the_same_figures_and_stores_nothing(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    before = write(_counts)
    dry = run("leads", LEADS + "nobody,,,,,,\n", dry_run=True)
    assert write(_counts) == before
    assert dry.rejects_file is None
    wet = run("leads", LEADS + "nobody,,,,,,\n")
    assert _figures(dry) == _figures(wet) == (2, 0, 0, 1, 0)
    assert "nobody" in Path(str(wet.rejects_file)).read_text()


def test_a_file_without_a_usable_row_changes_nothing(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    before = write(_counts)
    with pytest.raises(BadInput, match="no usable row"):
        run("leads", "email\nnobody\n")
    with pytest.raises(BadInput, match="no rows"):
        run("leads", "email,name\n")
    assert write(_counts) == before


def test_a_row_that_ties_two_verified_people_together_is_a_suggestion(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    run("leads", LEADS)
    result = run("leads", "email,user_id\ncy@acme.example,u1\n")
    assert _figures(result) == (1, 0, 0, 0, 0)
    assert write(lambda session: lead_of(session, "file:u1").email) == "ada@acme.example"


def test_a_row_with_two_ids_of_one_person_merges_their_leads(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    run("leads", LEADS + ",Ada from the app,,,u7,,\n")
    run("events", "event_id,user_id,event,occurred_at\nz,u7,integration_connected,2026-11-19T10:00:00Z\n")
    result = run("leads", "email,user_id\nada@acme.example,u7\n")
    assert _figures(result) == (0, 1, 0, 0, 0)
    merged = write(lambda session: lead_of(session, "file:u7"))
    assert (merged.email, merged.score) == ("ada@acme.example", 2_500)


def test_usage_that_came_before_its_lead_counts_once_the_lead_is_known(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    run("events", EVENTS.replace("u1", "u5") + "x,,u5,team_invited,2,2026-11-12\n")
    assert write(_counts)["lead"] == 0
    run("leads", "email,user_id\neve@acme.example,u5\n")
    assert write(lambda session: lead_of(session, "eve@acme.example").score) == 4_000


def test_segment_calls_are_read_as_they_are(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    calls = [
        {"type": "identify", "messageId": "1", "userId": "s1", "anonymousId": "an",
         "traits": {"email": "sam@acme.example", "firstName": "Sam", "company": {"name": "Acme", "id": "org1"}},
         "timestamp": "2026-11-19T10:00:00Z"},
        {"type": "track", "messageId": "2", "anonymousId": "an", "event": "Integration Connected",
         "properties": {"integration": "slack"}, "timestamp": "2026-11-19T10:00:05Z"},
        {"type": "track", "messageId": "2", "anonymousId": "an", "event": "Integration Connected",
         "timestamp": "2026-11-19T10:00:05Z"},
    ]  # fmt: skip
    result = run("events", "\n".join(map(json.dumps, calls)), "calls.jsonl", source="segment")
    assert _figures(result) == (2, 0, 1, 0, 0)
    sam = write(lambda session: lead_of(session, "segment:s1"))
    assert (sam.first_name, sam.company_name, sam.score) == ("Sam", "Acme", 2_500)


def test_an_event_set_aside_counts_once_released(
    run: Callable[..., FileResult], write: Callable[..., Any]
) -> None:
    run("leads", LEADS)
    run("events", "event_id,user_id,event,occurred_at\nz,u1,integration_connected,2026-11-25T10:00:00Z\n")
    (row,) = write(set_aside_rows)
    later = datetime(2026, 11, 26, tzinfo=UTC)
    assert write(release_events, [row.event_id], later).count == 1
    assert write(lambda session: lead_of(session, "file:u1").score) == 2_500
    assert write(set_aside_rows) == []


def test_another_time_zone_moves_the_days(run: Callable[..., FileResult], write: Callable[..., Any]) -> None:
    run("leads", LEADS)
    hours = "".join(f"e{n},u1,login,2026-11-13T23:{n}0:00Z\n" for n in range(5))
    run("events", "event_id,user_id,event,occurred_at\n" + hours)
    assert write(lambda session: lead_of(session, "file:u1").score) == 0  # seven days back is the 14th
    write(change_setting, "timezone", "Europe/Berlin", "kim@example.com", NOW)
    assert write(lambda session: lead_of(session, "file:u1").score) == 1_000


def test_a_changed_setting_is_undone_like_anything_else(write: Callable[..., Any]) -> None:
    write(change_setting, "currency", "EUR", "kim@example.com", NOW)
    assert write(settings.value, "currency") == "EUR"
    assert write(undo, "kim@example.com", NOW).action == "setting_changed"
    assert write(settings.value, "currency") == "USD"


def test_a_mapping_is_remembered_for_the_same_header_and_said(run: Callable[..., FileResult]) -> None:
    text = "Post,Wer\nada@acme.example,Ada\n"
    run("leads", text, mapping=("Post=email", "Wer=name"))
    again = run("leads", text.replace("ada", "bo"), "next.csv")
    assert again.mapping == {"Post": "email", "Wer": "name"}
    assert any("last import of a file with this header" in note for note in again.notes)


def test_how_values_are_read_is_remembered_with_the_mapping(run: Callable[..., FileResult]) -> None:
    text = 'email,name,signup_at,deal_value\nada@acme.example,Ada,02/01/2026 10:00,"6,5"\n'
    with pytest.raises(NothingUsable) as none:
        run("leads", text, dry_run=True)
    assert none.value.result.in_question == ["dates", "numbers"]
    first = run("leads", text, zone="America/New_York", day_first=True, decimal_comma=True)
    assert first.notes == ["1 time without a zone is taken as America/New_York."]
    again = run("leads", text.replace("ada", "bo"), "next.csv", dry_run=True)
    assert (again.created, again.zone, again.day_first, again.decimal_comma) == (
        1,
        "America/New_York",
        True,
        True,
    )
    assert again.in_question == ["zone", "dates", "numbers"]
    other = run("leads", text.replace("ada", "cy"), "last.csv", zone="UTC", dry_run=True)
    assert (other.zone, other.day_first) == ("UTC", True)


@pytest.mark.parametrize("name", ["Moon/Base", "../etc/passwd", "Europe", ""])
def test_a_zone_that_is_none_is_named_before_anything_is_stored(
    run: Callable[..., FileResult], name: str
) -> None:
    with pytest.raises(BadInput, match="is no time zone"):
        run("leads", "email,signup_at\nada@acme.example,2026-11-01\n", zone=name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_rejected_rows_on_a_full_disk_are_said_in_one_sentence(
    run: Callable[..., FileResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open
    monkeypatch.setattr(
        rejects, "os", SimpleNamespace(**{**vars(os), "open": lambda *_: opened("/dev/full", os.O_WRONLY)})
    )
    with pytest.raises(BadInput, match="csv cannot be written: No space left on device"):
        run("leads", "email\nada@acme.example\nnone\n")


def test_a_rehearsal_says_what_an_undo_removes_and_changes_nothing(
    workspace: Workspace, run: Callable[..., FileResult]
) -> None:
    run("leads", LEADS)
    run("events", EVENTS, "events.csv")
    before = workspace.db.read(_counts).result()
    for batch in ("B000001", "B000002"):
        said = rehearse_undo(workspace.db, batch, "kim@example.com", NOW)
        assert workspace.db.read(_counts).result() == before
        assert any(said.values())
    last = workspace.db.write(undo_batch, "B000002", "kim@example.com", NOW).result()
    assert said == last.removed
