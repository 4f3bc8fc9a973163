"""Erasing a person: nothing of them is left anywhere, and nothing brings them back."""

import csv
import json
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from pqldesk.cli import main
from pqldesk.models.history import Action, ActionRow, Change
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Identity, Lead, Trial
from pqldesk.models.remote import Connection
from pqldesk.models.schema import Base
from pqldesk.models.settings import Placement, SavedView, ViewLayout, WrittenFile
from pqldesk.models.team import Route
from pqldesk.models.usage import RawPage
from pqldesk.services import claims
from pqldesk.services.basics import bugs
from pqldesk.services.basics.bugs import every_log, keep_words
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.written_files import note_print, note_written
from pqldesk.services.erasure import erase as erasing
from pqldesk.services.erasure import rows as erased_rows
from pqldesk.services.events import deriving, raw_pages
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads import notes, tasks
from pqldesk.services.leads.leads import LeadDraft, add_lead
from pqldesk.services.leads.undo import undo
from pqldesk.services.pulls.counted_usage import Cell, PersonDay, replace_days
from pqldesk.services.queue import saved_views, view_layouts
from pqldesk.services.queue.find import lead_of
from pqldesk.services.workspaces.backup import backup_now, daily_backup
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import NOW

pytestmark = pytest.mark.both_databases

REP = "kim@example.com"
WHO = "zoe.quagmire@north.example"
TOKENS = ("zoe.quagmire", "quagmire", "+49 555 0199", "zq-4711", "heptagonal")
LEADS = """email,first_name,last_name,phone,user_id,company,comment,kind
zoe.quagmire@north.example,Zoe,Quagmire,+49 555 0199,zq-4711,North,Heptagonal needs,hand_raise
abe@north.example,Abe,Olin,,ao-1,North,,
"""
EVENTS = """event_id,email,user_id,event,occurred_at
e1,zoe.quagmire@north.example,zq-4711,login,2026-11-10T10:00:00Z
e2,,zq-4711,login,2026-11-11T10:00:00Z
e3,abe@north.example,,login,2026-11-11T10:00:00Z
e4,zoe.quagmire@north.example,,login,2027-11-11T10:00:00Z
"""
TRIALS = """email,plan,starts_at,ends_at
zoe.quagmire@north.example,Pro,2026-11-01,2026-12-01
"""


def nothing(_: object) -> None:
    """Nobody watches the progress."""


@pytest.fixture
def bring(workspace: Workspace, tmp_path: Path) -> Callable[..., Any]:
    def bring(kind: Kind, text: str, name: str) -> Any:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        options = ImportOptions(source="app", rejects_dir=tmp_path)
        return import_file(
            workspace.db, kind, path, options, at=NOW, actor=REP, fallback_dir=tmp_path, report=nothing
        )

    return bring


@pytest.fixture
def lived(workspace: Workspace, bring: Callable[..., Any]) -> Workspace:
    """A workspace in which much was done with the person."""
    bring(Kind.LEADS, LEADS, "leads.csv")
    bring(Kind.EVENTS, EVENTS, "events.csv")
    bring(Kind.TRIALS, TRIALS, "trials.csv")
    db = workspace.db
    db.write(lambda s: claims.claim_lead(s, lead_of(s, WHO), REP, NOW)).result()
    db.write(lambda s: notes.add_note(s, lead_of(s, WHO), "Zoe Quagmire wants heptagonal", REP, NOW)).result()
    due = NOW + timedelta(days=1)
    db.write(lambda s: tasks.add_task(s, lead_of(s, WHO), "Call Zoe Quagmire", REP, NOW, due_at=due)).result()
    return workspace


def erase(workspace: Workspace, who: str = WHO) -> erasing.Found:
    return erasing.erase(workspace.db, who, REP, NOW, nothing)


def everything_stored(workspace: Workspace) -> str:
    """All rows of all tables as one text."""

    def read(session: Any) -> str:
        return json.dumps(
            [
                [str(cell) for cell in row]
                for table in Base.metadata.sorted_tables
                for row in session.execute(select(table))
            ]
        )

    return workspace.db.read(read).result().casefold()


def test_every_table_says_what_erasing_does_to_it() -> None:
    known = {*erased_rows.GOES, *erased_rows.EMPTIED, *erased_rows.OF_NOBODY}
    assert set(Base.metadata.tables) == known
    assert len(known) == len(erased_rows.GOES) + len(erased_rows.EMPTIED) + len(erased_rows.OF_NOBODY)


def test_no_table_holds_anything_of_the_person_afterwards(lived: Workspace) -> None:
    before = everything_stored(lived)
    assert all(token in before for token in TOKENS)
    found = erase(lived)
    after = everything_stored(lived)
    assert [token for token in TOKENS if token in after] == []
    assert found.rows["lead"] == 1
    assert found.rows["usage_event"] == 2
    assert found.rows["event_set_aside"] == 1
    assert "abe@north.example" in after


def test_the_history_keeps_what_was_done_and_when(lived: Workspace) -> None:
    erase(lived)

    def read(session: Any) -> list[tuple[str, str]]:
        rows = session.execute(select(Action.name, Action.actor).order_by(Action.id))
        return [(name, actor) for name, actor in rows]

    assert lived.db.read(read).result() == [
        ("claimed", REP),
        ("note_added", REP),
        ("task_added", REP),
        ("erased", REP),
    ]
    owners = lived.db.read(
        lambda s: [
            image.after["owner"] for image in s.scalars(select(ActionRow)) if "owner" in (image.after or {})
        ]
    ).result()
    assert owners == [REP]


def test_what_was_done_with_an_erased_lead_cannot_be_undone(lived: Workspace) -> None:
    erase(lived)
    with pytest.raises(NotAllowed):
        lived.db.write(undo, REP, NOW).result()
    assert [token for token in TOKENS if token in everything_stored(lived)] == []


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


def test_views_and_routes_that_name_the_person_stay_without_the_name(lived: Workspace) -> None:
    where = f'email = "{WHO}" or owner = "{REP}"'
    for label, spec in (
        (WHO.upper(), {"filter": where}),
        ("Theirs", {"filter": "score >= 50", "search": "Zoe Quagmire"}),
        ("Others", {"filter": 'email = "abe@north.example"'}),
    ):
        lived.db.write(saved_views.save_view, label, spec, REP, NOW).result()
    lived.db.write(saved_views.save_view, "To go", {"search": "zoe quagmire"}, REP, NOW).result()
    lived.db.write(saved_views.delete_view, "to-go", REP, NOW).result()
    lived.db.write(view_layouts.pin_view, "zoe-quagmire-north-example", False, REP).result()
    lived.db.write(
        lambda s: s.add(Route(name="Zoe Quagmire", position=1, filter=where, weights={}, created_at=NOW))
    ).result()
    assert erasing.preview(lived.db, WHO).rows["saved_view"] == 2
    found = erase(lived)
    assert (found.rows["saved_view"], found.rows["route"]) == (2, 1)
    assert [token for token in TOKENS if token in everything_stored(lived)] == []

    def kept(session: Any) -> list[tuple[str, str]]:
        return [
            (view.label, view.spec.get("filter", ""))
            for view in session.scalars(select(SavedView).order_by(SavedView.id))
        ]

    assert lived.db.read(kept).result() == [
        ("erased", f'email = "erased" or owner = "{REP}"'),
        ("Theirs", "score >= 50"),
        ("Others", 'email = "abe@north.example"'),
    ]
    assert "erased-1" in lived.db.read(lambda s: s.scalars(select(ViewLayout.view)).all()).result()
    with pytest.raises(NotAllowed, match="named a person who was erased"):  # what "To go" was
        lived.db.write(undo, REP, NOW).result()


def test_what_names_the_person_and_is_left_to_others_is_said(lived: Workspace) -> None:
    lived.db.write(lambda s: s.add(Placement(glm_content="mail", note=f"Of {WHO}", created_at=NOW))).result()
    for said in (erasing.preview(lived.db, WHO).left, erase(lived).left):
        assert "The placement mail names the person: change it where it should not." in said


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


def test_every_window_hears_of_it_as_soon_as_the_rows_are_gone(
    lived: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []

    def stopped(*_given: object) -> None:
        heard.append(lived.db.read(lambda session: len(session.scalars(select(Change.id)).all())).result())
        raise KeyboardInterrupt

    before = lived.db.read(lambda session: len(session.scalars(select(Change.id)).all())).result()
    monkeypatch.setattr(erasing, "_empty_files", stopped)
    with pytest.raises(KeyboardInterrupt):
        erase(lived)
    assert heard[0] > before


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


def test_a_person_known_only_by_usage_is_erased_too(workspace: Workspace, bring: Callable[..., Any]) -> None:
    bring(Kind.EVENTS, "event_id,user_id,event,occurred_at\ne1,zq-4711,login,2026-11-10T10:00:00Z\n", "e.csv")
    found = erase(workspace, "app:zq-4711")
    assert found.leads == []
    assert found.rows["usage_event"] == 1
    assert workspace.db.read(lambda s: s.scalars(select(Identity.value)).all()).result() == []


def test_the_trial_of_a_company_stays_without_the_person(
    workspace: Workspace, bring: Callable[..., Any]
) -> None:
    bring(Kind.LEADS, LEADS, "leads.csv")
    bring(Kind.TRIALS, TRIALS, "trials.csv")
    erase(workspace)
    trial = workspace.db.read(lambda s: s.scalars(select(Trial)).one()).result()
    assert (trial.lead_id, trial.identity_id) == (None, None)
    assert trial.company_id is not None
    assert trial.plan == "Pro"


def test_what_was_received_raw_is_emptied_and_derives_nothing_any_more(workspace: Workspace) -> None:
    track = {"type": "track", "event": "Signed In", "timestamp": "2026-11-10T10:00:00Z"}
    zoe = {"type": "identify", "messageId": "m1", "userId": "zq-4711", "traits": {"email": WHO}}
    items = [
        zoe,
        {**track, "messageId": "m2", "userId": "zq-4711"},
        {**track, "messageId": "m3", "userId": "ao-1"},
    ]
    page = raw_pages.packed(raw_pages.Page("segment", items, NOW))
    workspace.db.write(raw_pages.keep_pages, [page, page]).result()
    workspace.db.write(deriving.derive_waiting, NOW, 3).result()  # the first page; the second waits
    found = erase(workspace)
    assert found.rows["raw_item"] == 4
    workspace.db.write(deriving.derive_waiting, NOW, 100).result()

    def read(session: Any) -> tuple[list[Any], int]:
        bodies = session.scalars(select(RawPage.body))
        return [json.loads(zlib.decompress(body)) for body in bodies], len(
            session.scalars(select(Lead.email)).all()
        )

    pages, leads = workspace.db.read(read).result()
    assert [[item and item["userId"] for item in page] for page in pages] == [[None, None, "ao-1"]] * 2
    assert leads == 1  # the shell
    assert [token for token in TOKENS if token in everything_stored(workspace)] == []


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


def test_what_would_be_erased_is_shown_and_left(lived: Workspace, tmp_path: Path) -> None:
    before = everything_stored(lived)
    found = erasing.preview(lived.db, WHO)
    assert found.rows["note"] == 1
    assert found.rows["task"] == 1
    assert everything_stored(lived) == before


def test_somebody_who_is_not_here_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match=r"nobody 'x@y\.example'"):
        erase(workspace, "x@y.example")


def test_who_was_erased_before_is_said_to_be(lived: Workspace) -> None:
    erase(lived)
    with pytest.raises(NotFound, match="was erased before"):
        erase(lived)
