"""From a rep's "hand off" to records in the CRM."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fixtures_crm import DANA, INES, NOW, OMAR, Desk, add_submission, add_trial
from sqlalchemy.orm import Session

from pqldesk.models.history import Action
from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.models.work import Note, Task
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.handoffs.handoff import handoff_draft, planned_handoff
from pqldesk.services.handoffs.note import markers_in
from pqldesk.services.lead_states import MoveNotAllowed
from pqldesk.services.leads.undo import undo
from pqldesk.services.outbox.outbox import retry_items

pytestmark = pytest.mark.both_databases


def number_of(lead_id: str) -> int:
    found = row_number(LEAD, lead_id)
    assert found is not None
    return found


def test_a_handoff_arrives_as_one_person_company_deal_task_and_note(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.db.write(add_trial, number_of(lead)).result()
    pushed = desk.hand_off(lead, assignee=DANA)
    assert [row.kind for row in pushed.items] == [
        "company", "person", "list_entry", "list_entry", "deal", "task", "note",
    ]  # fmt: skip
    assert pushed.problem is None
    ended = desk.deliver()
    assert ended.undone is None
    assert ended.counts == {"done": 7}
    there = desk.sandbox.dump()
    (person,), (company,), (deal,) = there["people"], there["companies"], there["deals"]
    (task,), (note,) = there["tasks"], there["notes"]
    assert person["email_addresses"] == ["nadia@quayworks.example"]
    assert (person["name"], person["job_title"], person["pql_score"]) == ("Nadia Okoye", "Head of Ops", 85)
    assert person["activation_score"] == 92
    assert person["milestones_completed"] == ["first_login"]
    assert person["company"] == company["record_id"]
    assert (company["name"], company["domains"]) == ("Quayworks", ["quayworks.example"])
    assert (deal["name"], deal["stage"], deal["value"]) == (
        "Enterprise Upgrade - Quayworks",
        "Sales Qualified",
        75000,
    )
    assert (deal["owner"], deal["associated_company"]) == (DANA, company["record_id"])
    assert deal["associated_people"] == [person["record_id"]]
    assert task["assignees"] == [DANA]
    assert sorted(task["linked_records"]) == [["deals", deal["record_id"]], ["people", person["record_id"]]]
    assert task["content"].startswith("PLG → Sales Handoff: ")
    assert len(markers_in(task["content"])) == 1
    assert (note["parent_object"], note["parent_record_id"], note["title"]) == (
        "deals", deal["record_id"], "PLG Handoff Context",
    )  # fmt: skip
    assert note["content"] == pushed.note
    assert [entry["parent_record_id"] for entry in there["entries"]["active_trials"]] == [person["record_id"]]
    assert [entry["score"] for entry in there["entries"]["pql_queue"]] == [85]
    rows = {row.kind: row for row in desk.outbox()}
    assert rows["deal"].remote_id == deal["record_id"]
    assert rows["note"].remote_id == note["note_id"]
    assert rows["person"].remote_url is not None


def test_the_note_states_six_facts_then_the_request_then_its_origin(desk: Desk) -> None:
    lead = desk.add_lead(hand_raised_at=NOW)
    desk.add_lead("omid@quayworks.example")
    desk.db.write(add_trial, number_of(lead)).result()
    desk.db.write(add_submission, number_of(lead)).result()
    lines = desk.hand_off(lead).note.splitlines()
    assert lines[:7] == [
        "PQL Score: 85",
        "Active Users: 2",
        "Key Features: Integrations",
        "Trial Start: 2024-12-01",
        "Activation: 92%",
        "Recommended Approach: Reply to the request",
        "Could we talk about seats?",
    ]
    assert lines[7].startswith("PQLDesk model PLG default v1, as of 2026-11-20T10:00:00Z [pqd:")
    assert len(lines) == 8


def test_a_handoff_moves_the_lead_and_keeps_task_note_and_history_here(desk: Desk) -> None:
    lead = desk.add_lead()
    pushed = desk.hand_off(lead, task="Call about seats")
    with_rows = desk.db.read(
        lambda session: (
            session.get(Lead, number_of(lead)).state,
            session.query(Task).one().title,
            session.query(Note).one().text,
            [(a.name, a.actor) for a in session.query(Action)],
        )
    ).result()
    assert with_rows == (
        "handed_off",
        "PLG → Sales Handoff: Call about seats",
        pushed.note,
        [("handed_off", INES)],
    )


def test_a_handoff_is_a_touch_that_ends_the_wait_and_undone_it_goes_on(desk: Desk) -> None:
    due = NOW + timedelta(hours=4)
    lead = desk.add_lead(respond_by=due)

    def clock(session: Session) -> tuple[datetime | None, datetime | None]:
        row = session.get_one(Lead, number_of(lead))
        return row.respond_by, row.first_touch_at

    desk.hand_off(lead)
    assert desk.db.read(clock).result() == (None, NOW)
    desk.db.write(undo, INES, NOW).result()
    assert desk.db.read(clock).result()[1] is None


def test_undoing_a_handoff_before_delivery_leaves_nothing_to_deliver(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.db.write(undo, INES, NOW).result()
    assert desk.outbox() == []
    assert desk.deliver().counts == {}
    assert desk.sandbox.dump()["deals"] == []


def test_a_dry_run_shows_the_items_and_stores_nothing(desk: Desk) -> None:
    lead = desk.add_lead()
    draft = desk.db.read(handoff_draft, lead, INES, NOW).result()
    planned = desk.db.read(planned_handoff, draft, INES, NOW).result()
    assert planned.dry_run
    assert planned.handoff_id is None
    assert [row.kind for row in planned.items] == ["company", "person", "list_entry", "deal", "task", "note"]
    assert desk.outbox() == []


def test_a_second_handoff_needs_again_and_then_changes_the_same_deal(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.deliver()
    with pytest.raises(NotAllowed, match=r"already handed off to Attio by ines@northquay\.example"):
        desk.hand_off(lead)
    desk.hand_off(lead, again=True, deal_value=90000, deal_name="Renewal - Quayworks")
    assert desk.deliver().undone is None
    (deal,) = desk.sandbox.dump()["deals"]
    assert (deal["name"], deal["value"]) == ("Renewal - Quayworks", 90000)


def test_after_the_deal_is_won_the_next_handoff_makes_a_new_one(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    desk.deliver()
    (deal,) = desk.sandbox.dump()["deals"]
    won = {"data": {"values": {"stage": [{"status": "Won 🎉"}]}}}
    desk.sandbox.as_user("PATCH", f"/v2/objects/deals/records/{deal['record_id']}", won)
    desk.hand_off(lead, again=True)
    assert desk.deliver().undone is None
    stages = sorted(deal["stage"] for deal in desk.sandbox.dump()["deals"])
    assert stages == ["Sales Qualified", "Won 🎉"]


def test_two_leads_of_a_company_share_its_deal(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.hand_off(desk.add_lead("omid@quayworks.example"))
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    (deal,) = there["deals"]
    assert sorted(deal["associated_people"]) == sorted(person["record_id"] for person in there["people"])
    assert len(there["companies"]) == 1


def test_without_a_company_the_leads_name_stands_in_the_deal(desk: Desk) -> None:
    desk.hand_off(desk.add_lead("nadia@gmail.com", company=None))
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    assert [deal["name"] for deal in there["deals"]] == ["Enterprise Upgrade - Nadia Okoye"]
    assert there["companies"] == []


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"stage": "Nowhere"}, "Attio has no deal stage “Nowhere”"),
        ({"assignee": OMAR}, "omar@northquay.example is suspended in Attio"),
        ({"assignee": "kim@elsewhere.example"}, "kim@elsewhere.example is no member of Attio"),
        ({"currency": "EUR"}, "Deal values in Attio are in USD, this one is in EUR"),
    ],
)
def test_what_the_crm_would_refuse_half_way_is_held_before_the_first_write(
    desk: Desk, edits: dict[str, str], sentence: str
) -> None:
    pushed = desk.hand_off(desk.add_lead(), **edits)
    assert pushed.problem is not None
    assert sentence in pushed.problem
    assert set(desk.states().values()) == {"held"}
    ended = desk.deliver()
    assert set(desk.states().values()) == {"held"}
    assert all(row.attempts == 0 and sentence in (row.error or "") for row in desk.outbox())
    assert ended.undone is not None
    assert sentence in ended.undone
    assert desk.sandbox.writes() == []


def test_nobody_to_own_the_deal_holds_it(bare_desk: Desk) -> None:
    bare_desk.connect(default_owner=None)
    bare_desk.sandbox.forget_log()
    bare_desk.hand_off(bare_desk.add_lead())
    bare_desk.deliver()
    assert set(bare_desk.states().values()) == {"held"}
    assert "Nobody is named for the deal" in (bare_desk.outbox()[0].error or "")
    assert bare_desk.sandbox.writes() == []


def test_the_claimant_goes_before_the_default_owner(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(owner=DANA, claimed_at=NOW, state="claimed"))
    desk.deliver()
    assert desk.sandbox.dump()["deals"][0]["owner"] == DANA


def test_closed_leads_and_leads_without_email_are_refused_with_a_sentence(desk: Desk) -> None:
    closed = desk.add_lead(state="lost")
    with pytest.raises(MoveNotAllowed, match="Reopen the lead first"):
        desk.hand_off(closed)
    with pytest.raises(NotAllowed, match="has no e-mail"):
        desk.hand_off(desk.add_lead(None, None))


def test_without_a_crm_the_draft_says_so_and_pushing_is_refused(bare_desk: Desk) -> None:
    lead = bare_desk.add_lead()
    draft = bare_desk.db.read(handoff_draft, lead, INES, NOW).result()
    assert (draft.system, draft.problem) == (None, "No CRM is connected.")
    with pytest.raises(NotAllowed, match="No CRM is connected"):
        bare_desk.hand_off(lead)


@pytest.mark.parametrize(("value", "shown"), [(75_000.0, "75000 USD"), (10.5, "10.50 USD")])
def test_a_planned_deal_shows_its_amount_as_money_is_written(desk: Desk, value: float, shown: str) -> None:
    draft = desk.db.read(handoff_draft, desk.add_lead(), INES, NOW).result()
    planned = desk.db.read(planned_handoff, replace(draft, deal_value=value), INES, NOW).result()
    (deal,) = (item for item in planned.items if item.kind == "deal")
    assert deal.summary is not None
    assert f" · {shown} · " in deal.summary


def test_a_second_handoff_says_that_the_first_is_held_and_why(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead, stage="Nowhere")
    with pytest.raises(NotAllowed, match=r"is held: .*no deal stage “Nowhere”.*outbox retry.*undo"):
        desk.hand_off(lead)


def test_a_held_handoff_goes_out_once_the_stage_is_there(desk: Desk) -> None:
    desk.sandbox.change("rename_choice", target="deals", attribute="stage", title="Sales Qualified", to="SQL")
    desk.hand_off(desk.add_lead(), stage="SQL")  # the stages known here are from before
    assert set(desk.states().values()) == {"held"}
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert [deal["stage"] for deal in desk.sandbox.dump()["deals"]] == ["SQL"]


def test_what_is_written_names_milestones_as_people_do(desk: Desk) -> None:
    lead = desk.add_lead()
    draft = desk.db.read(handoff_draft, lead, INES, NOW).result()
    (person,) = (step for step in draft.steps if step.kind == "person")
    assert "First login" in person.detail
    assert "first_login" not in person.detail
