"""The whole workspace out and in: identical afterwards, on either database, or nothing."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.models.schema import Base
from pqldesk.services import claims
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.events import deriving, raw_pages
from pqldesk.services.history import actions_of
from pqldesk.services.leads import notes
from pqldesk.services.leads.leads import LeadDraft, add_lead
from pqldesk.services.leads.undo import undo
from pqldesk.services.queue import queue
from pqldesk.services.queue.find import lead_of
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.workspaces.archive import MANIFEST, read_archive, write_archive
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import NOW, running_postgres

pytestmark = pytest.mark.both_databases

REP = "kim@example.com"


def nothing(_: object) -> None:
    """Nobody watches the progress."""


@pytest.fixture
def used(workspace: Workspace) -> Workspace:
    """A workspace with people, usage, work, an undone action and a lead that is gone."""
    db = workspace.db
    calls: list[dict[str, Any]] = [
        {"type": "identify", "messageId": "m1", "userId": "a-1", "traits": {"email": "ada@north.example"}},
        *(
            {"type": "track", "messageId": f"t{n}", "userId": "a-1", "event": "Signed In",
             "timestamp": f"2026-11-1{n}T10:00:00Z"}
            for n in range(7)
        ),
    ]  # fmt: skip
    db.write(raw_pages.keep_pages, [raw_pages.packed(raw_pages.Page("segment", calls, NOW))]).result()
    db.write(deriving.derive_waiting, NOW, 100).result()
    db.write(
        add_lead, LeadDraft(email="zoë@süd.example", first_name="Zoë", comment="{'a': \"b\"}"), REP, NOW
    ).result()
    db.write(lambda s: claims.claim_lead(s, lead_of(s, "ada@north.example"), REP, NOW)).result()
    db.write(
        lambda s: notes.add_note(s, lead_of(s, "ada@north.example"), "Line\nand \u2028 more", REP, NOW)
    ).result()
    db.write(add_lead, LeadDraft(email="gone@north.example"), REP, NOW).result()
    db.write(undo, REP, NOW).result()
    return workspace


def held(session: Session) -> dict[str, list[list[Any]]]:
    """Every row of every table but those of one copy alone."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ("change", "runner")]
    return {
        table.name: sorted([repr(cell) for cell in row] for row in session.execute(select(table)))
        for table in tables
    }


@contextmanager
def other_place(kind: str, folder: Path) -> Iterator[Path | str]:
    if kind == "sqlite":
        yield folder / "other.pqldesk"
    else:
        with running_postgres() as url:
            yield url


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_comes_in_is_what_went_out(used: Workspace, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "all.zip"
    rows = write_archive(used.db, file, NOW, nothing)
    with other_place(kind, tmp_path) as place:
        other = open_workspace(place, create=True)
        try:
            assert read_archive(other.db, file, nothing) == rows
            assert other.db.read(held).result() == used.db.read(held).result()
            for workspace in (used, other):
                workspace.db.write(
                    lambda s: notes.add_note(s, lead_of(s, "ada@north.example"), "Go on", REP, NOW)
                ).result()
                workspace.db.write(add_lead, LeadDraft(email="new@north.example"), REP, NOW).result()
            if used.db.is_sqlite == other.db.is_sqlite:  # a table of SQLite's may give a lost number again
                assert other.db.read(held).result() == used.db.read(held).result()
            mine, theirs = (w.db.read(queue.queue_page, at=NOW, limit=50).result()[0] for w in (used, other))
            assert mine == theirs
            assert len(mine) == 3
            assert list(other.db.read(queue.lead_order, search="zoë", at=NOW).result()) == [2]
            done = other.db.read(lambda s: [a.name for a in actions_of(s, 1)]).result()
            assert done == ["claimed", "note_added", "note_added"]
        finally:
            other.close()


def test_a_number_that_was_seen_is_not_given_again(used: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    write_archive(used.db, file, NOW, nothing)
    other = open_workspace(tmp_path / "other.pqldesk", create=True)
    try:
        read_archive(other.db, file, nothing)
        added = other.db.write(add_lead, LeadDraft(email="new@north.example"), REP, NOW).result()
        assert added.lead_id == "L000004"  # three was undone
    finally:
        other.close()


def test_a_workspace_that_was_used_is_left_as_it_is(used: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    write_archive(used.db, file, NOW, nothing)
    before = used.db.read(held).result()
    with pytest.raises(NotAllowed, match="never used"):
        read_archive(used.db, file, nothing)
    assert used.db.read(held).result() == before


def test_who_sits_there_and_how_the_window_looks_is_no_use_of_a_workspace(
    used: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "all.zip"
    write_archive(used.db, file, NOW, nothing)
    other = open_workspace(tmp_path / "other.pqldesk", create=True)
    try:
        other.db.write(change_setting, "rep", REP, REP, NOW).result()
        other.db.write(change_setting, "theme", "dark", REP, NOW).result()
        other.db.write(undo, REP, NOW).result()
        read_archive(other.db, file, nothing)
        assert other.db.read(held).result() == used.db.read(held).result()
        with pytest.raises(NotAllowed, match="never used"):
            read_archive(other.db, file, nothing)
    finally:
        other.close()


def test_half_an_archive_fills_nothing(used: Workspace, tmp_path: Path) -> None:
    file, half = tmp_path / "all.zip", tmp_path / "half.zip"
    write_archive(used.db, file, NOW, nothing)
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(half, "w") as part:
        for name in whole.namelist():
            lines = whole.read(name).splitlines(keepends=True)
            part.writestr(name, b"".join(lines if name != "note.jsonl" else lines[:1]))
    other = open_workspace(tmp_path / "other.pqldesk", create=True)
    try:
        with pytest.raises(BadInput, match="no whole archive: note has 0 rows of 1"):
            read_archive(other.db, half, nothing)
        assert other.db.read(lambda s: s.scalars(select(Lead)).all()).result() == []
    finally:
        other.close()


@pytest.mark.parametrize("content", [b"", b"email\nada@north.example\n", None])
def test_another_file_is_refused_by_name(workspace: Workspace, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "else.zip"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=r"else\.zip"):
        read_archive(workspace.db, file, nothing)


def test_an_archive_of_another_schema_says_which(used: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MANIFEST, json.dumps({"pqldesk_archive": 1, "schema": "0001"}))
    with pytest.raises(BadInput, match="schema 0001"):
        read_archive(used.db, file, nothing)


def test_no_file_is_overwritten(used: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "mine.zip"
    file.write_text("precious")
    with pytest.raises(BadInput, match="exists already"):
        write_archive(used.db, file, NOW, nothing)
    assert file.read_text() == "precious"
    with pytest.raises(NotFound):
        used.db.read(lead_of, "gone@north.example").result()
