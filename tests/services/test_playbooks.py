"""Rules that write by themselves: off until approved, then exactly once for each lead."""

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from fixtures_crm import DANA, INES, NOW, Desk, add_trial
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.models.remote import Connection, Playbook
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.handoffs.handoff import handoff_draft
from pqldesk.services.net import run_network
from pqldesk.services.outbox.playbooks import (
    approve_playbook,
    dry_run_playbook,
    playbook_list,
    queue_playbooks,
    stop_playbook,
)


def number_of(lead_id: str) -> int:
    found = row_number(LEAD, lead_id)
    assert found is not None
    return found


def touch(desk: Desk, *leads: str) -> int:
    """What an import or a rescore of *leads* does at its end."""
    return desk.db.write(queue_playbooks, [number_of(lead) for lead in leads], NOW).result()


def change(desk: Desk, lead: str, **columns: Any) -> None:
    def store(session: Session) -> None:
        row = session.get_one(Lead, number_of(lead))
        for name, value in columns.items():
            setattr(row, name, value)

    desk.db.write(store).result()


def approve(desk: Desk, name: str, *, backfill: bool = False) -> int:
    return desk.db.write(approve_playbook, name, INES, NOW, backfill=backfill).result().queued


def test_nothing_is_queued_until_a_person_has_approved(desk: Desk) -> None:
    lead = desk.add_lead()
    assert touch(desk, lead) == 0
    assert desk.outbox() == []
    rows = desk.db.read(playbook_list).result()
    assert [(row.name, row.approved_at) for row in rows] == [
        ("signup", None), ("qualification", None), ("milestone", None), ("handoff", None),
    ]  # fmt: skip


def test_a_system_that_only_sends_has_no_playbooks(desk: Desk) -> None:
    row = Connection(system="button", url="", settings={}, secrets={}, connected_at=NOW)
    desk.db.write(lambda session: session.add(row)).result()
    assert {row.system for row in desk.db.read(playbook_list).result()} == {"attio"}


def test_a_system_that_only_sends_is_refused_by_name_where_something_would_be_written(desk: Desk) -> None:
    run_network(desk.db, connect, ConnectRequest("button"), NOW)
    lead = desk.add_lead()
    said = "Hand-raise button is no CRM: nothing is written to it from here. Name one of attio, "
    for refused in (
        lambda: desk.db.write(approve_playbook, "signup", INES, NOW, system="button").result(),
        lambda: desk.db.read(dry_run_playbook, "signup", NOW, system="button").result(),
        lambda: desk.db.read(handoff_draft, lead, INES, NOW, system="button").result(),
    ):
        with pytest.raises(BadInput) as problem:
            refused()
        assert str(problem.value).startswith(said)
    assert desk.db.read(lambda session: session.query(Playbook).count()).result() == 0


def test_a_dry_run_says_what_would_be_written_and_stores_nothing(desk: Desk) -> None:
    desk.add_lead()
    desk.add_lead("cold@coldfirm.example", "Cold Firm", qualified=False, score=500)
    run = desk.db.read(dry_run_playbook, "qualification", NOW).result()
    assert (run.leads, run.items, run.approved) == (1, 5, False)
    (first,) = run.first
    assert [step.kind for step in first.steps] == ["company", "person", "deal", "list_entry", "task"]
    assert desk.outbox() == []


def test_signup_brings_person_company_and_the_trials_list(desk: Desk) -> None:
    approve(desk, "signup")
    lead = desk.add_lead(plan="Trial", signed_up_at=NOW, source="referral")
    desk.db.write(add_trial, number_of(lead)).result()
    assert touch(desk, lead) == 3
    assert touch(desk, lead) == 0
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (person,) = there["people"]
    assert (person["plan_type"], person["signup_date"], person["signup_source"]) == (
        "Trial",
        "2026-11-20",
        "Referral",
    )
    assert person["pql_score"] is None
    assert len(there["companies"]) == len(there["entries"]["active_trials"]) == 1
    assert there["deals"] == []


def test_qualification_makes_the_deal_list_entry_and_follow_up_once(desk: Desk) -> None:
    approve(desk, "qualification")
    lead = desk.add_lead(qualified=False, score=4000)
    assert touch(desk, lead) == 0
    change(desk, lead, qualified=True, score=8500)
    assert touch(desk, lead) == 5
    change(desk, lead, qualified=False)
    touch(desk, lead)
    change(desk, lead, qualified=True)
    assert touch(desk, lead) == 0
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (deal,), (task,), (person,) = there["deals"], there["tasks"], there["people"]
    assert (deal["name"], deal["stage"], deal["owner"]) == ("PQL - Quayworks", "Product Qualified", INES)
    assert task["content"].startswith("PQL Follow-up: Nadia Okoye, Quayworks [pqd:")
    assert task["assignees"] == [INES]
    assert (person["pql_score"], person["features_activated"]) == (85, 3)
    assert [entry["score"] for entry in there["entries"]["pql_queue"]] == [85]


def test_a_second_qualified_lead_of_a_company_joins_its_deal(desk: Desk) -> None:
    approve(desk, "qualification")
    touch(desk, desk.add_lead(), desk.add_lead("omid@quayworks.example", name="Omid Rahimi"))
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (deal,) = there["deals"]
    assert len(deal["associated_people"]) == 2
    assert len(there["tasks"]) == 2


def test_a_handoff_moves_the_deal_that_the_qualification_made(desk: Desk) -> None:
    approve(desk, "qualification")
    lead = desk.add_lead()
    touch(desk, lead)
    desk.hand_off(lead)
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (deal,) = there["deals"]
    assert (deal["name"], deal["stage"], deal["value"]) == (
        "Enterprise Upgrade - Quayworks",
        "Sales Qualified",
        75000,
    )
    assert len(there["people"]) == len(there["entries"]["pql_queue"]) == 1


def test_a_later_qualification_leaves_a_handed_over_deal_as_it_is(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.deliver()
    approve(desk, "qualification")
    touch(desk, desk.add_lead("omid@quayworks.example", name="Omid Rahimi"))
    assert desk.deliver().undone is None
    (deal,) = desk.sandbox.dump()["deals"]
    assert (deal["name"], deal["stage"]) == ("Enterprise Upgrade - Quayworks", "Sales Qualified")


def test_each_milestone_gets_its_note_once_and_the_score_of_activation(desk: Desk) -> None:
    lead = desk.add_lead(milestones={})
    approve(desk, "milestone")
    signup, later = NOW - timedelta(days=3), NOW - timedelta(hours=1)
    change(
        desk,
        lead,
        signed_up_at=signup,
        milestones={"signed_up": micros(signup), "first_integration": micros(later)},
    )
    assert touch(desk, lead) == 2
    assert touch(desk, lead) == 0
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (note,), (person,) = there["notes"], there["people"]
    assert (note["title"], note["parent_object"]) == ("Activation Milestone", "people")
    lines = note["content"].splitlines()
    assert lines[:3] == [
        "Milestone: first_integration",
        "Timestamp: 2026-11-20T09:00:00Z",
        "Days since signup: 2",
    ]
    assert lines[3].startswith("[pqd:")
    assert len(lines) == 4
    assert person["activation_score"] == 92
    assert person["milestones_completed"] == ["signed_up", "first_integration"]


def test_a_milestone_note_stays_with_the_person_when_the_company_has_a_deal(desk: Desk) -> None:
    lead = desk.add_lead(milestones={})
    approve(desk, "milestone")
    desk.hand_off(lead)
    change(desk, lead, milestones={"first_integration": micros(NOW - timedelta(hours=1))})
    touch(desk, lead)
    assert desk.deliver().undone is None
    parents = {note["title"]: note["parent_object"] for note in desk.sandbox.dump()["notes"]}
    assert parents == {"PLG Handoff Context": "deals", "Activation Milestone": "people"}


@pytest.mark.parametrize("name", ["signup", "qualification", "milestone"])
def test_what_was_so_at_approval_is_queued_only_with_backfill(desk: Desk, name: str) -> None:
    lead = desk.add_lead()
    assert approve(desk, name) == 0
    assert touch(desk, lead) == 0
    assert approve(desk, name, backfill=True) > 0
    assert approve(desk, name, backfill=True) == 0
    assert desk.deliver().undone is None


def test_a_claim_is_written_to_the_pql_list(desk: Desk) -> None:
    approve(desk, "handoff")
    lead = desk.add_lead()
    change(desk, lead, owner=DANA, claimed_at=NOW, state="claimed")
    assert touch(desk, lead) > 0
    assert touch(desk, lead) == 0
    assert desk.deliver().undone is None
    (entry,) = desk.sandbox.dump()["entries"]["pql_queue"]
    assert entry["claimed_by"] == DANA
    assert entry["claimed_at"].startswith("2026-11-20T10:00:00")


def test_a_claim_that_somebody_else_holds_in_the_crm_is_held_and_not_overwritten(desk: Desk) -> None:
    approve(desk, "handoff")
    lead = desk.add_lead()
    change(desk, lead, owner=DANA, claimed_at=NOW, state="claimed")
    touch(desk, lead)
    desk.deliver()
    (entry,) = desk.sandbox.dump()["entries"]["pql_queue"]
    taken = {"data": {"entry_values": {"claimed_by": [{"workspace_member_email_address": INES}]}}}
    desk.sandbox.as_user("PATCH", f"/v2/lists/pql_queue/entries/{entry['entry_id']}", taken)
    change(desk, lead, claimed_at=NOW + timedelta(seconds=1))
    touch(desk, lead)
    ended = desk.deliver()
    assert ended.undone is not None
    assert f"{INES} has claimed this person in Attio" in ended.undone
    assert desk.sandbox.dump()["entries"]["pql_queue"][0]["claimed_by"] == INES


@pytest.mark.parametrize("columns", [{"excluded": "internal"}, {"state": "erased"}, {"state": "merged"}])
def test_noise_and_erased_leads_are_never_written_about(desk: Desk, columns: dict[str, str]) -> None:
    approve(desk, "qualification")
    assert touch(desk, desk.add_lead(**columns)) == 0


def test_switching_off_stops_queueing_and_unknown_names_are_told(desk: Desk) -> None:
    approve(desk, "signup")
    desk.db.write(stop_playbook, "signup", INES, NOW).result()
    assert touch(desk, desk.add_lead()) == 0
    with pytest.raises(NotAllowed, match="is off for Attio already"):
        desk.db.write(stop_playbook, "signup", INES, NOW).result()
    with pytest.raises(BadInput, match="Known: signup, qualification, milestone, handoff"):
        desk.db.read(dry_run_playbook, "sign-up", NOW).result()


@pytest.mark.of_a_file
def test_without_an_approved_playbook_a_touch_costs_one_query(desk: Desk) -> None:
    statements: list[str] = []

    def count(session: Session) -> None:
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(statements.append)
        queue_playbooks(session, list(range(1, 1000)), NOW)
        driver.set_trace_callback(None)

    desk.db.write(count).result()
    assert len(statements) == 1


def test_a_dry_run_names_the_default_owner_where_nobody_else_is_named(desk: Desk) -> None:
    desk.add_lead()
    run = desk.db.read(dry_run_playbook, "qualification", NOW).result()
    details = {step.kind: step.detail for step in run.first[0].steps}
    assert (details["deal"], details["task"]) == (f"Product Qualified · {INES}", f"For {INES}")
