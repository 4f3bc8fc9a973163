"""Runs of the delivery: what people, other runs and the clock do in between."""

import json
import subprocess
import sys
import threading
import time

import pytest
from fixtures_crm import DANA, INES, NOW, Desk, add_submission
from sqlalchemy import select
from sqlalchemy.orm import Session
from written import ONE_EACH, WRITES, arrived, set_score

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Hop
from pqldesk.models.schema import Base
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.delivery.deliver import Delivered
from pqldesk.services.delivery.pauses import Pauses
from pqldesk.services.erasure.erase import erase
from pqldesk.services.outbox.edit import edit_item
from pqldesk.services.outbox.outbox import cancel_item, hold_item, retry_items
from pqldesk.services.workspaces.runner_lock import AlreadyRunning


def test_an_old_score_is_not_restored_by_a_late_retry(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.sandbox.fault("status", *WRITES["person"], status=500, count=3)
    desk.deliver()
    desk.db.write(set_score, lead, 9100).result()
    desk.db.write(retry_items, [], NOW).result()
    desk.deliver()
    assert desk.sandbox.dump()["people"][0]["pql_score"] == 91


def test_delivering_adds_the_crm_hop_to_the_leads_submissions(desk: Desk) -> None:
    lead = desk.add_lead()
    number = row_number(LEAD, lead)
    desk.db.write(add_submission, number).result()
    desk.hand_off(lead)
    desk.sandbox.fault("status", *WRITES["person"], status=422)
    desk.deliver()
    assert _hops(desk) == [("crm", "failed", None)]
    desk.db.write(retry_items, [], NOW).result()
    desk.deliver()
    person = desk.sandbox.dump()["people"][0]["record_id"]
    assert _hops(desk) == [("crm", "delivered", person)]


def test_holding_an_item_keeps_the_rest_of_its_handoff_waiting(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    deal = next(row.item_id for row in desk.outbox() if row.kind == "deal")
    desk.db.write(hold_item, deal, DANA, NOW).result()
    ended = desk.deliver()
    assert ended.undone is not None
    assert f"Held by {DANA}" in ended.undone
    assert arrived(desk) == {"company": 1, "person": 1, "list_entry": 1, "deal": 0, "task": 0, "note": 0}
    desk.db.write(retry_items, [deal], NOW).result()
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


def test_cancelling_an_item_lets_the_rest_go_out_without_it(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    task = next(row.item_id for row in desk.outbox() if row.kind == "task")
    desk.db.write(cancel_item, task, DANA, NOW).result()
    assert desk.deliver().undone is None
    assert arrived(desk) == {**ONE_EACH, "task": 0}
    with pytest.raises(NotAllowed, match="is cancelled"):
        desk.db.write(hold_item, task, DANA, NOW).result()
    with pytest.raises(NotFound, match="no outbox item O00000Z"):
        desk.db.write(retry_items, ["O00000Z"], NOW).result()


def test_editing_keeps_the_marker(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    rows = {row.kind: row.item_id for row in desk.outbox()}
    desk.db.write(edit_item, rows["deal"], {"value": "80000", "stage": "In Progress"}, DANA, NOW).result()
    desk.db.write(edit_item, rows["note"], {"text": "All new"}, DANA, NOW).result()
    with pytest.raises(BadInput, match="has no colour to edit"):
        desk.db.write(edit_item, rows["deal"], {"colour": "red"}, DANA, NOW).result()
    desk.deliver()
    there = desk.sandbox.dump()
    assert (there["deals"][0]["value"], there["deals"][0]["stage"]) == (80000, "In Progress")
    assert there["notes"][0]["content"].startswith("All new\n[pqd:")


def test_once_does_not_wait(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["person"], status=500)
    an_hour = 3_600.0  # which it would wait here
    ended = desk.deliver(once=True, pauses=Pauses(settle_s=an_hour, again_s=(an_hour,)))
    assert ended.undone is not None
    assert desk.states()["person"] == "unknown"


def test_a_second_run_is_refused_and_names_the_first(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("delay", *WRITES["person"], ms=700)
    first = threading.Thread(target=desk.deliver)
    first.start()
    while not desk.sandbox.log(path="/v2/objects/people/records"):
        time.sleep(0.01)
    with pytest.raises(AlreadyRunning, match=r"Process \d+ on .* has been delivering since"):
        desk.deliver()
    first.join()
    assert arrived(desk) == ONE_EACH


@pytest.mark.of_a_file
def test_what_a_killed_process_was_sending_is_looked_for_by_the_next_run(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("delay", *WRITES["task"], ms=3000, when="after")
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(desk.path)])
    while not any(entry["path"] == "/v2/tasks" for entry in desk.sandbox.log()):
        time.sleep(0.01)
    child.kill()
    child.wait()
    assert "sending" in desk.states().values()
    desk.sandbox.heal()
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


def test_a_pinned_clock_still_lets_retries_come_due(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PQLDESK_NOW", "2026-11-20T10:00:00Z")
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["note"], status=503)
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


CHILD = """
import sys
from pathlib import Path
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.workspaces.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]), create=False)
run_outbox(workspace.db)
workspace.close()
"""


def _hops(desk: Desk) -> list[tuple[str, str, str | None]]:
    return desk.db.read(
        lambda session: [(hop.step, hop.status, hop.remote_id) for hop in session.query(Hop)]
    ).result()


def test_many_short_runs_wait_as_long_as_one_long_run(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["person"], status=500, count=1000)
    quick = Pauses(0.0, (0.0, 0.0, 0.0), jitter=0.0)
    for _ in range(6):
        desk.deliver(once=True, pauses=quick)
    (person,) = [row for row in desk.outbox() if row.kind == "person"]
    assert person.attempts == 3
    assert person.next_attempt_at is not None
    assert 50 < (person.next_attempt_at - desk.clock()).total_seconds() <= 60


@pytest.mark.both_databases
def test_a_person_who_is_erased_while_a_write_is_under_way_leaves_nothing_here_and_is_told_of(
    desk: Desk,
) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.sandbox.fault("delay", "PUT", "/v2/objects/people/records", ms=1_500, when="after")
    ended: list[Delivered] = []
    delivering = threading.Thread(target=lambda: ended.append(desk.deliver()))
    delivering.start()
    while "sending" not in desk.states().values() or not desk.sandbox.dump()["people"]:
        assert delivering.is_alive()
    found = erase(desk.db, "nadia@quayworks.example", INES, NOW, lambda _progress: None)
    assert [said for said in found.left if "Attio" in said and "under way" in said]
    delivering.join()
    assert ended

    def kept(session: Session) -> str:
        rows = [
            [str(cell) for cell in row]
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        ]
        return json.dumps(rows).casefold()

    stored = desk.db.read(kept).result()
    assert [word for word in ("nadia", "okoye", "head of ops") if word in stored] == []
    (row,) = desk.sandbox.dump()["people"]
    assert row["record_id"] not in stored


def test_a_run_over_an_outbox_in_which_nothing_was_cut_off_tells_nobody_that_it_changed(desk: Desk) -> None:
    told: list[object] = []
    desk.db.on_commit(told.append)
    desk.deliver()
    assert [one for one in told if isinstance(one, Changes) and one.topics] == []
