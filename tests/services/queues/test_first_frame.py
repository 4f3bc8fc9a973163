"""The queue of the first frame, read before the program has loaded what it works with."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from queued import NOW, Make
from sqlalchemy.orm import Session

from pqldesk.models.first_page import first_page
from pqldesk.models.settings import Batch
from pqldesk.services.basics.moments import micros
from pqldesk.services.queue import queue
from pqldesk.services.queue.nav import nav_counts
from pqldesk.services.queue.rows import first_queue
from pqldesk.services.workspaces.workspace import Workspace


@pytest.mark.of_a_file
def test_the_first_frame_shows_what_the_queue_shows_without_loading_sqlalchemy(
    place: Path, lead: Make, ask: Callable[..., Any]
) -> None:
    for number in range(5):
        lead(f"p{number}@example.com", number * 20, milestones={"signed_up": 1_700_000_000_000_000})
    first = first_queue(place, NOW)
    assert first is not None
    assert list(first.ids) == list(ask(queue.lead_order, at=NOW))
    assert (first.total, first.unclaimed, first.sample) == (5, ask(nav_counts, NOW).queue, False)
    assert [make() for make in first.unread.values()] == ask(queue.lead_rows, list(first.ids), NOW)
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from pqldesk.services.queue.rows import first_queue;"
        f"assert first_queue(Path({str(place)!r}), datetime.now(UTC)).total == 5;"
        "sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.of_a_file
def test_the_first_frame_knows_whether_the_people_are_made_up(place: Path, workspace: Workspace) -> None:
    assert not getattr(first_queue(place, NOW), "sample", None)

    def add(session: Session) -> None:
        session.add(Batch(kind="leads", source="sample", file="leads.csv", at=NOW))

    workspace.db.write(add).result()
    first = first_queue(place, NOW)
    assert first is not None
    assert first.sample


@pytest.mark.of_a_file
def test_the_first_frame_knows_how_many_leads_there_are_beyond_the_first_ones(
    place: Path, lead: Make
) -> None:
    for number in range(6):
        lead(f"p{number}@example.com", number * 10, state="won" if number == 3 else "new")
    page = first_page(place, micros(NOW), ids=2)
    assert page is not None
    assert len(page.ids) == 2
    assert (page.total, page.unclaimed) == (5, 5)


def test_the_first_frame_is_none_where_there_is_no_workspace(tmp_path: Path) -> None:
    assert first_queue(tmp_path / "none.pqldesk", NOW) is None
    (tmp_path / "text.pqldesk").write_text("hello")
    assert first_queue(tmp_path / "text.pqldesk", NOW) is None
