"""A team workspace whose server goes away at the worst moment: one sentence, nothing half done, and on it goes."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cable import Cable
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pqldesk.background import Background
from pqldesk.models.history import Action
from pqldesk.models.people import Lead
from pqldesk.models.readers import GivenUp
from pqldesk.models.work import Claim
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import WorkspaceAway
from pqldesk.services.claims import claim_lead
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import FileResult, ImportOptions
from pqldesk.services.leads.leads import LeadDraft, add_lead
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import NOW, team_database

KIM = "kim@example.com"


@pytest.fixture
def place(postgres_template: str) -> Iterator[str]:
    with team_database(postgres_template) as url:
        yield url


@pytest.fixture
def cable(place: str) -> Iterator[Cable]:
    made = Cable(place)
    yield made
    made.cut()


@pytest.fixture
def far(cable: Cable) -> Iterator[Workspace]:
    """The workspace at the other end of the cable."""
    opened = open_workspace(cable.url, create=False)
    yield opened
    opened.close()


@pytest.fixture
def background(qapp: Any, cable: Cable) -> Iterator[Background]:
    """A window's background at the other end of the cable."""
    made = Background(lambda: open_workspace(cable.url, create=True).db)
    yield made
    made.close()


class Heard:
    """What a window is told."""

    def __init__(self, background: Background) -> None:
        self.away: list[object] = []
        self.changed: list[Changes] = []
        self.problems: list[object] = []
        background.away.connect(self.away.append)
        background.changed.connect(self.changed.append)
        background.problem.connect(self.problems.append)


def claim(session: Session, number: int) -> Changes:
    return claim_lead(session, session.get_one(Lead, number), KIM, NOW)


def counted(session: Session) -> tuple[int, int]:
    return tuple(session.scalar(select(func.count()).select_from(kind)) for kind in (Claim, Action))


def test_a_server_that_is_down_at_the_start_is_one_sentence(cable: Cable) -> None:
    cable.cut()
    with pytest.raises(WorkspaceAway, match=r"did not answer.* Check that it is running"):
        open_workspace(cable.url, create=False)


def test_a_window_opens_by_itself_once_the_server_is_there(
    qtbot: Any, cable: Cable, background: Background
) -> None:
    cable.cut()
    heard = Heard(background)
    found: list[object] = []
    background.read(counted).then(found.append)
    background.open()
    qtbot.waitUntil(lambda: len(heard.away) == 1, timeout=30_000)
    cable.mend()
    qtbot.waitUntil(lambda: found == [(0, 0)], timeout=30_000)
    assert [str(why)[:12] for why in heard.away] == ["The database", "None"]
    assert heard.problems == []


def test_the_server_goes_in_mid_claim_and_the_claim_is_whole_or_not_at_all(
    far: Workspace, cable: Cable, workspace: Workspace, new_lead: Callable[..., int]
) -> None:
    number = new_lead("zoe@north.example")

    def broken(session: Session) -> Changes:
        changes = claim(session, number)
        session.flush()
        cable.cut()
        return changes

    with pytest.raises(WorkspaceAway):
        far.db.write(broken).result()
    assert workspace.db.read(counted).result() == (0, 0)
    cable.mend()
    far.db.write(claim, number).result()
    assert workspace.db.read(counted).result() == (1, 1)


def test_what_is_shown_stays_and_is_asked_for_again(
    qtbot: Any, cable: Cable, background: Background, workspace: Workspace
) -> None:
    heard = Heard(background)
    answers: list[object] = []
    background.read(counted).then(answers.append)
    background.open()
    qtbot.waitUntil(lambda: answers == [(0, 0)], timeout=30_000)
    cable.cut()
    qtbot.waitUntil(lambda: len(heard.away) == 1, timeout=30_000)
    background.read(counted).then(answers.append)
    refused: list[object] = []
    background.write(add_lead, LeadDraft(email="zoe@north.example"), KIM, NOW).otherwise(refused.append)
    qtbot.waitUntil(lambda: len(refused) == 1, timeout=30_000)
    assert isinstance(refused[0], WorkspaceAway)
    workspace.db.write(add_lead, LeadDraft(email="mia@north.example"), "lee@example.com", NOW).result()
    heard.changed.clear()
    cable.mend()
    everything = Changes(frozenset(Topic))
    qtbot.waitUntil(lambda: everything in heard.changed, timeout=30_000)
    assert heard.away[-1] is None
    assert answers == [(0, 0)]  # while it was away nobody was answered, and nobody was told of a problem
    assert heard.problems == []


def test_a_query_that_is_given_up_ends_on_the_server_while_everything_else_goes_on(far: Workspace) -> None:
    """The cable is of this process: were the interpreter held until the server answers, this would never end."""
    begun = threading.Event()

    def sleep(session: Session) -> None:
        begun.set()
        session.execute(text("SELECT pg_sleep(600)"))

    answer = far.db.read_long(sleep)
    assert begun.wait(60)
    assert not answer.cancel()
    with pytest.raises(GivenUp):
        answer.result(60)


def test_an_import_that_breaks_off_is_finished_by_the_same_import(
    far: Workspace, cable: Cable, workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("email,name\n" + "".join(f"p{n}@north.example,P {n}\n" for n in range(900)))

    def run(report: Callable[[object], None]) -> FileResult:
        return import_file(
            far.db, Kind.LEADS, path, ImportOptions(), at=NOW, actor=KIM, fallback_dir=tmp_path, report=report
        )  # fmt: skip

    with pytest.raises(WorkspaceAway):
        run(lambda _progress: cable.cut())
    cable.mend()
    run(lambda _progress: None)
    people = workspace.db.read(lambda s: s.scalars(select(Lead.email).order_by(Lead.id)).all()).result()
    assert sorted(people) == sorted(f"p{n}@north.example" for n in range(900))


def test_another_processes_change_is_seen_without_being_asked_for(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch, background: Background, place: str
) -> None:
    monkeypatch.setattr("pqldesk.background.HEARING_MS", 3_600_000)  # it is told, or never finds out
    heard = Heard(background)
    with qtbot.waitSignal(background.opened, timeout=30_000):
        background.open()
    qtbot.waitUntil(lambda: background._seen_change >= 0, timeout=30_000)
    subprocess.run(
        [sys.executable, "-m", "pqldesk", "--workspace", place, "lead", "add", "--email", "zoe@north.example",
         "--rep", KIM], check=True, capture_output=True,
    )  # fmt: skip
    qtbot.waitUntil(lambda: any(c.touch(frozenset({Topic.LEADS})) for c in heard.changed), timeout=30_000)
