"""Erasing a person: no file holds anything of them, and what is left to others is named."""

from pathlib import Path
from typing import Any

import pytest
from erased import LEADS, REP, TOKENS, WHO, erase, nothing
from sqlalchemy import update

from pqldesk.cli import main
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.remote import Connection
from pqldesk.models.settings import WrittenFile
from pqldesk.services.basics import bugs
from pqldesk.services.basics.bugs import every_log, keep_words
from pqldesk.services.basics.written_files import note_print, note_written
from pqldesk.services.erasure import erase as erasing
from pqldesk.services.leads import notes
from pqldesk.services.queue.find import lead_of
from pqldesk.services.workspaces.backup import backup_now, daily_backup
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW

pytestmark = pytest.mark.both_databases


@pytest.mark.of_a_file
def test_no_file_of_the_workspace_holds_the_person_afterwards(lived: Workspace, tmp_path: Path) -> None:
    place = lived.place
    assert isinstance(place, Path)
    long = "Heptagonal pages of Zoe Quagmire. " * 1_000  # pages of its own, which are freed whole
    lived.db.write(lambda s: notes.add_note(s, lead_of(s, WHO), long, REP, NOW)).result()
    daily_backup(place, NOW.date())
    backup_now(place, NOW)
    by_hand = tmp_path / "on another disk.pqldesk"
    assert main(["--workspace", str(place), "backup", str(by_hand)]) == 0
    exported = tmp_path / "mine.csv"
    exported.write_text(f"email\n{WHO.upper()}\n")
    other = tmp_path / "others.csv"
    other.write_text("email\nabe@north.example\n")
    gone = tmp_path / "gone.csv"

    def note(session: Any) -> None:
        for path in (exported, other, gone):
            note_written(session, path, "export", NOW)

    lived.db.write(note).result()
    found = erase(lived)
    log = place.with_name(f"{place.name}-wal")
    assert not log.exists() or not any(token.encode() in log.read_bytes().lower() for token in TOKENS)
    lived.close()
    assert found.left == []
    assert found.deleted == [str(exported)]
    assert found.missing == [str(gone)]
    assert other.exists()
    assert len(found.rewritten) == 3
    for path in place.parent.rglob("*"):
        if path.is_file() and "in" not in path.relative_to(place.parent).parts:
            held = path.read_bytes().lower()
            assert [token for token in TOKENS if token.encode() in held] == [], path


def test_a_file_that_another_computer_wrote_is_named_and_left_alone(lived: Workspace, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.csv", tmp_path / "theirs.csv"
    for path in (mine, theirs):
        path.write_text(f"email\n{WHO}\n")
        lived.db.write(note_written, path, "export", NOW).result()

    def moved(session: Any) -> None:
        session.execute(
            update(WrittenFile).where(WrittenFile.path == str(theirs)).values(machine="lee's laptop")
        )

    lived.db.write(moved).result()
    shown, found = erasing.preview(lived.db, WHO), erase(lived)
    assert shown.deleted == found.deleted == [str(mine)]
    assert theirs.exists()
    for said in (shown.left, found.left):
        assert [one for one in said if str(theirs) in one and "lee's laptop" in one]


def test_a_file_of_ours_is_looked_into_whatever_it_is_called(lived: Workspace, tmp_path: Path) -> None:
    named, other = tmp_path / "people.dat", tmp_path / "others.dat"
    named.write_text(f"email\n{WHO.upper()}\n")
    other.write_text("email\nabe@north.example\n")
    for path in (named, other):
        lived.db.write(note_written, path, "export", NOW).result()
    assert erase(lived).deleted == [str(named)]
    assert other.exists()


def test_a_print_goes_with_any_of_the_leads_on_it(lived: Workspace, tmp_path: Path) -> None:
    theirs, others = tmp_path / "theirs.pdf", tmp_path / "others.pdf"
    zoe, abe = (
        lived.db.read(lambda s, who=who: public_id(LEAD, lead_of(s, who).id)).result()
        for who in (WHO, "abe@north.example")
    )
    for path, leads in ((theirs, [abe, zoe]), (others, [abe])):
        path.write_bytes(b"%PDF-1.4 pictures of letters")
        lived.db.write(note_print, path, leads, NOW).result()
    assert erasing.preview(lived.db, WHO).deleted == erase(lived).deleted == [str(theirs)]
    assert others.exists()
    assert not theirs.exists()


def test_lines_of_older_logs_that_name_the_person_go_too(
    lived: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(bugs, "LOG_BYTES", 200)
    for number in range(4):
        keep_words(f"KeyError: 'Zoe Quagmire', {number}\nand a line that names nobody, {number}")
    logs = every_log()
    assert len(logs) == 2
    assert set(map(str, logs)) <= set(erase(lived).rewritten)
    left = "".join(log.read_text() for log in logs)
    assert "Quagmire" not in left
    assert "names nobody, 3" in left


def test_files_that_others_put_into_a_watched_folder_are_told_and_left(
    lived: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    (folder / "done").mkdir(parents=True)
    theirs = folder / "done" / "leads.csv"
    theirs.write_text(LEADS)
    (folder / "other.csv").write_text("email\nabe@north.example\n")
    chosen = Connection(
        system="folder", url="", settings={"folder": str(folder)}, secrets={}, connected_at=NOW
    )
    lived.db.write(lambda session: session.add(chosen)).result()
    shown = erasing.preview(lived.db, WHO).left
    found = erasing.erase(lived.db, WHO, REP, NOW, nothing)
    assert [line for line in found.left if str(folder) in line] == shown
    assert len(shown) == 1
    assert str(theirs) in shown[0]
    assert theirs.exists()
