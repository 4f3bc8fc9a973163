"""Erasing a person: nothing brings them back."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from erased import EVENTS, LEADS, REP, TOKENS, TRIALS, WHO, erase, everything_stored, nothing
from sqlalchemy import select

from pqldesk.models.people import Lead
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.erasure import erase as erasing
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads.leads import LeadDraft, add_lead
from pqldesk.services.pulls.counted_usage import Cell, PersonDay, replace_days
from pqldesk.services.queue.find import lead_of
from pqldesk.services.workspaces.backup import backup_now
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import NOW

pytestmark = pytest.mark.both_databases


@pytest.mark.of_a_file
def test_a_backup_put_back_keeps_the_person_out(
    lived: Workspace, bring: Callable[..., Any], tmp_path: Path
) -> None:
    assert isinstance(lived.place, Path)
    kept = backup_now(lived.place, NOW)
    erase(lived)
    restored = open_workspace(kept, create=False)
    try:
        result = import_file(
            restored.db, Kind.LEADS, tmp_path / "in" / "leads.csv", ImportOptions(source="app", rejects_dir=tmp_path),
            at=NOW, actor=REP, fallback_dir=tmp_path, report=nothing,
        )  # fmt: skip
        assert result.erased == 1
        assert [token for token in TOKENS if token in everything_stored(restored)] == []
    finally:
        restored.close()


def test_no_import_brings_the_person_back(
    lived: Workspace, bring: Callable[..., Any], tmp_path: Path
) -> None:
    erase(lived)
    people = bring(Kind.LEADS, LEADS, "again.csv")
    usage = bring(Kind.EVENTS, EVENTS.replace("\ne", "\nnew-e"), "again-events.csv")
    trials = bring(Kind.TRIALS, TRIALS, "again-trials.csv")
    said = {"email": WHO, "name": "Zoe Quagmire"}
    track = {"type": "track", "event": "Signed In", "timestamp": "2026-11-10T10:00:00Z"}
    calls = [
        {"type": "identify", "messageId": "m1", "userId": "zq-4711", "traits": said},
        {**track, "messageId": "m2", "userId": "zq-4711"},
        {**track, "messageId": "m3", "userId": "ao-1"},
    ]
    segment = bring(Kind.EVENTS, "\n".join(map(json.dumps, calls)), "calls.jsonl")
    assert [result.erased for result in (people, usage, trials, segment)] == [1, 3, 1, 2]
    assert usage.created == segment.created == 1
    assert [token for token in TOKENS if token in everything_stored(lived)] == []
    for path in tmp_path.glob("*rejects*"):
        assert list(csv.reader(path.open())) == []


def test_a_large_import_leaves_the_person_out_too(workspace: Workspace, bring: Callable[..., Any]) -> None:
    bring(Kind.LEADS, LEADS, "leads.csv")
    erase(workspace)
    lines = [
        f"x{n},{WHO if n % 2 else 'abe@north.example'},,login,2026-11-10T10:00:00Z" for n in range(21_000)
    ]
    result = bring(Kind.EVENTS, "\n".join([EVENTS.splitlines()[0], *lines]), "many.csv")
    assert (result.created, result.erased) == (10_500, 10_500)


def test_nobody_enters_the_person_by_hand_before_the_tombstone_is_lifted(lived: Workspace) -> None:
    erase(lived)
    draft = LeadDraft(email=WHO, first_name="Zoe")
    with pytest.raises(BadInput, match="was erased"):
        lived.db.write(add_lead, draft, REP, NOW).result()
    assert (
        lived.db.read(lambda s: s.scalars(select(Lead.email).where(Lead.email == WHO)).all()).result() == []
    )
    lived.db.write(erasing.lift_tombstone, WHO).result()
    lived.db.write(add_lead, draft, REP, NOW).result()
    assert lived.db.read(lambda s: lead_of(s, WHO).first_name).result() == "Zoe"


def test_what_a_warehouse_counted_goes_and_does_not_come_back(workspace: Workspace) -> None:
    cell = Cell("login", "", 1, 1_000_000, 1_794_000_000, 1_794_000_000)
    days = [
        PersonDay(who, user, date(2026, 11, 10), (cell,))
        for who, user in ((WHO, None), (None, "zq-4711"), ("abe@north.example", None))
    ]
    workspace.db.write(replace_days, "warehouse", days, NOW, None).result()
    erase(workspace)
    erase(workspace, "warehouse:zq-4711")
    again = workspace.db.write(replace_days, "warehouse", days, NOW, None).result()
    assert (again.erased, again.duplicates) == (2, 1)
    assert [token for token in TOKENS if token in everything_stored(workspace)] == []


def test_somebody_who_is_not_here_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match=r"nobody 'x@y\.example'"):
        erase(workspace, "x@y.example")


def test_who_was_erased_before_is_said_to_be(lived: Workspace) -> None:
    erase(lived)
    with pytest.raises(NotFound, match="was erased before"):
        erase(lived)
