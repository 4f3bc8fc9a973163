"""Delivery: in order, once, whatever the CRM or the network does in between."""

import time

import pytest
from fixtures_crm import INES, NOW, Desk, running_sandbox
from sqlalchemy.orm import Session
from written import ONE_EACH, ORDER, STAGE, WRITES, arrived, set_score

from pqldesk.models.remote import Connection
from pqldesk.services.delivery.pauses import Pauses
from pqldesk.services.outbox.outbox import retry_items


@pytest.mark.parametrize("kind", ORDER)
@pytest.mark.parametrize(
    "fault", ["commit_then_drop", "drop_before_commit", "html", "status 500", "status 408"]
)
def test_an_answer_that_is_lost_once_still_leaves_exactly_one_of_each(
    desk: Desk, kind: str, fault: str
) -> None:
    method, path = WRITES[kind]
    name, _, status = fault.partition(" ")
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault(name, method, path, **({"status": int(status)} if status else {}))
    ended = desk.deliver()
    assert ended.undone is None
    assert arrived(desk) == ONE_EACH
    rows = {row.kind: row for row in desk.outbox()}
    assert {row.state for row in rows.values()} == {"done"}
    assert all(rows[each].remote_id for each in ORDER)
    assert rows[kind].attempts == 2


@pytest.mark.parametrize("kind", ["task", "note"])
def test_a_lost_create_is_looked_for_twice_before_it_is_written_again(desk: Desk, kind: str) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("drop_before_commit", *WRITES[kind])
    desk.deliver()
    path = WRITES[kind][1]
    calls = [entry["method"] for entry in desk.sandbox.log(path=path)]
    assert calls == ["POST", "GET", "GET", "POST"]


def test_an_answer_slower_than_the_timeout_is_looked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PQLDESK_HTTP_TIMEOUT", "0.3")
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("delay", *WRITES["note"], ms=600, when="after")
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


def test_three_tries_in_a_run_then_due_again_in_one_five_fifteen_and_sixty_minutes(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["person"], status=500, count=1000)
    waits = []
    for run in range(1, 6):
        began = time.monotonic()
        ended = desk.deliver(pauses=Pauses(0.0, (0.01, 0.01, 0.01), jitter=0.0))
        assert time.monotonic() - began < 10
        (person,) = [row for row in desk.outbox() if row.kind == "person"]
        assert person.attempts == 3 * run
        assert person.next_attempt_at is not None
        waits.append(round((person.next_attempt_at - desk.clock()).total_seconds() / 60))
        assert ended.undone is not None
        assert "the person for Attio: Attio answered 500" in ended.undone
        desk.db.write(retry_items, [], desk.clock()).result()
    assert waits == [1, 5, 15, 60, 60]


def test_too_many_requests_are_waited_out_and_never_counted(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["task"], status=429, count=2)
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH
    assert {row.attempts for row in desk.outbox()} == {1}


def test_a_refusal_fails_at_once_and_stops_what_comes_after(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["deal"], status=422)
    ended = desk.deliver()
    states = desk.states()
    assert [states[kind] for kind in ORDER] == ["done", "done", "done", "failed", "pending", "pending"]
    assert ended.undone is not None
    assert "the deal for Attio" in ended.undone
    assert desk.deliver().delivered == 0
    assert arrived(desk)["task"] == 0
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


@pytest.mark.parametrize("status", [401, 403])
def test_a_right_lost_in_the_middle_holds_the_rest(desk: Desk, status: int) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["task"], status=status)
    desk.deliver()
    assert desk.states()["deal"] == "done"
    assert (desk.states()["task"], desk.states()["note"]) == ("held", "held")
    assert {row.error for row in desk.outbox() if row.state == "held"} != {None}
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


def test_a_revoked_token_holds_everything_before_the_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("revoke_token")
    ended = desk.deliver()
    assert set(desk.states().values()) == {"held"}
    assert desk.sandbox.writes() == []
    assert ended.undone is not None
    assert "revoked" in ended.undone
    desk.sandbox.change("restore_token")
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None


@pytest.mark.parametrize(
    ("change", "what", "sentence"),
    [
        ("rename_choice", {**STAGE, "title": "Sales Qualified", "to": "SQL"}, "no deal stage"),
        ("archive_choice", {**STAGE, "title": "Sales Qualified"}, "no deal stage"),
        ("archive_attribute", {"target": "people", "attribute": "pql_score"}, "The field pql_score"),
        ("archive_attribute", {"target": "pql_queue", "attribute": "score"}, "The field score"),
        ("suspend_member", {"member": INES}, "is suspended in Attio"),
        ("disable_deals", {}, "Deals are switched off"),
    ],
)
def test_what_was_mapped_and_is_gone_holds_the_handoff_before_its_first_write(
    desk: Desk, change: str, what: dict[str, str], sentence: str
) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change(change, **what)
    desk.deliver()
    assert set(desk.states().values()) == {"held"}
    assert sentence in (desk.outbox()[0].error or "")
    assert desk.sandbox.writes() == []


def test_deals_that_were_off_at_connect_are_left_out_and_note_and_task_go_to_the_person(
    bare_desk: Desk,
) -> None:
    bare_desk.sandbox.change("disable_deals")
    connected = bare_desk.connect()
    assert ("deals", "switched off") in connected.missing
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    there = bare_desk.sandbox.dump()
    person = there["people"][0]["record_id"]
    assert [(note["parent_object"], note["parent_record_id"]) for note in there["notes"]] == [
        ("people", person)
    ]
    assert [task["linked_records"] for task in there["tasks"]] == [[["people", person]]]


def test_a_server_that_is_away_costs_three_tries_and_loses_nothing(desk: Desk) -> None:
    with running_sandbox() as gone:
        away = gone.url
    sandbox, desk.sandbox.url = desk.sandbox.url, away
    desk.db.write(_point_to, away).result()
    desk.hand_off(desk.add_lead())
    ended = desk.deliver()
    assert ended.undone is not None
    assert "cannot be reached" in ended.undone
    first = desk.outbox()[0]
    assert (first.state, first.attempts) == ("pending", 3)
    desk.sandbox.url = sandbox
    desk.db.write(_point_to, sandbox).result()
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert arrived(desk) == ONE_EACH


def test_records_merged_meanwhile_are_found_under_their_new_id(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *WRITES["task"], status=422)
    desk.deliver()
    made = desk.sandbox.as_user(
        "POST", "/v2/objects/people/records", {"data": {"values": {"name": "Okoye, Nadia"}}}
    )
    person = desk.sandbox.dump()["people"][0]["record_id"]
    desk.sandbox.change(
        "merge_away",
        object="people",
        primary_record_id=made["data"]["id"]["record_id"],
        secondary_record_id=person,
    )
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (task,) = there["tasks"]
    assert ["people", there["people"][0]["record_id"]] in task["linked_records"]


def test_a_record_being_merged_is_tried_again_later(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.deliver()
    person = desk.sandbox.dump()["people"][0]["record_id"]
    desk.sandbox.fault("merge_in_progress", record_id=person, count=1)
    desk.hand_off(lead, again=True)
    assert desk.deliver().undone is None


def test_a_deal_without_a_unique_field_that_may_have_arrived_asks_the_person(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("archive_attribute", target="deals", attribute="pqldesk_id")
    bare_desk.connect()
    bare_desk.hand_off(bare_desk.add_lead())
    bare_desk.sandbox.fault("commit_then_drop", "POST", "/v2/objects/deals/records")
    ended = bare_desk.deliver()
    assert ended.undone is not None
    assert "Retry to use that deal" in ended.undone
    assert bare_desk.states()["deal"] == "held"
    bare_desk.db.write(retry_items, [], NOW).result()
    assert bare_desk.deliver().undone is None
    assert arrived(bare_desk) == ONE_EACH


def test_several_entries_of_a_person_are_met_by_changing_the_oldest(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.deliver()
    person = desk.sandbox.dump()["people"][0]["record_id"]
    entry = {"data": {"parent_record_id": person, "parent_object": "people", "entry_values": {}}}
    desk.sandbox.as_user("POST", "/v2/lists/pql_queue/entries", entry)
    desk.db.write(set_score, lead, 9900).result()
    desk.hand_off(lead, again=True)
    assert desk.deliver().undone is None
    assert [row["score"] for row in desk.sandbox.dump()["entries"]["pql_queue"]] == [99, None]


def test_a_task_too_long_for_the_crm_is_cut_with_a_mark_and_keeps_its_marker(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(), task="seats " * 600)
    assert desk.deliver().undone is None
    (task,) = desk.sandbox.dump()["tasks"]
    assert len(task["content"]) <= 2000
    assert "… [pqd:" in task["content"]


def _point_to(session: Session, url: str) -> None:
    session.query(Connection).one().url = url
