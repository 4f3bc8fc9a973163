"""Handoffs that are kept for later, and writes that are edited before they leave."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from pqldesk.models.people import Lead
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.handoff_drafts import draft_rows, draft_to_edit, drop_draft, save_draft
from pqldesk.services.identity.merges import merge_leads, unmerge
from pqldesk.services.leads.undo import undo
from pqldesk.services.outbox.edit import assign_writes, edit_item, item_edit

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"
CODE = "7K2M9QRT"


def kept(write, lead="L000001", **fields):
    draft = dataclasses.replace(write(draft_to_edit, lead, KIM, NOW), **fields)
    write(save_draft, draft, KIM, NOW)


@pytest.mark.both_databases
def test_a_draft_keeps_what_was_written_over_fresh_facts(write, new_lead):
    new_lead("ada@example.com", name="Ada Byrne")
    kept(write, deal_name="Big deal", deal_value=10.5, note="By hand", task_due_at=NOW + timedelta(days=3))
    again = write(draft_to_edit, "L000001", KIM, NOW)
    assert (again.deal_name, again.deal_value, again.note) == ("Big deal", 10.5, "By hand")
    assert (again.task_due_at, again.saved_at) == (NOW + timedelta(days=3), NOW)
    (row,) = write(draft_rows)
    assert (row.lead_name, row.deal_name, row.rep) == ("Ada Byrne", "Big deal", KIM)


def test_a_lead_has_one_draft_and_saving_can_be_undone(write, new_lead):
    new_lead("ada@example.com")
    kept(write, deal_name="First")
    kept(write, deal_name="Second")
    assert [row.deal_name for row in write(draft_rows)] == ["Second"]
    write(undo, KIM, NOW)
    assert [row.deal_name for row in write(draft_rows)] == ["First"]


def test_dropping_a_draft_can_be_undone_and_needs_one(write, new_lead):
    new_lead("ada@example.com")
    with pytest.raises(NotFound, match="no draft"):
        write(drop_draft, "L000001", KIM, NOW)
    kept(write, deal_name="First")
    write(drop_draft, "L000001", KIM, NOW)
    assert write(draft_rows) == []
    write(undo, KIM, NOW)
    assert len(write(draft_rows)) == 1


def test_a_due_time_that_has_passed_is_not_offered_again(write, new_lead):
    new_lead("ada@example.com")
    kept(write, task_due_at=NOW)
    assert write(draft_to_edit, "L000001", KIM, NOW + timedelta(days=1)).task_due_at == NOW + timedelta(
        days=1
    )


def test_a_draft_goes_along_with_a_merge_and_comes_back(write, new_lead):
    one, other = new_lead("ada@example.com"), new_lead("ada@example.org")
    kept(write, "L000002", deal_name="Hers")
    write(lambda s: merge_leads(s, s.get_one(Lead, one), s.get_one(Lead, other), KIM, "same", NOW))
    assert [row.lead_id for row in write(draft_rows)] == ["L000001"]
    write(lambda s: unmerge(s, s.get_one(Lead, other), KIM, NOW))
    assert [row.lead_id for row in write(draft_rows)] == ["L000002"]


@pytest.fixture
def item(write, new_lead):
    """``item(kind, payload, state)``: an outbox item; returns its id."""
    lead = new_lead("ada@example.com", name="Ada Byrne")

    def make(kind, payload, state="pending"):
        def store(session):
            handoff = Handoff(
                lead_id=lead,
                playbook="handoff",
                run_key=kind,
                system="attio",
                created_at=NOW,
                created_by=KIM,
                facts={},
            )
            session.add(handoff)
            session.flush()
            session.add(OutboxItem(
                handoff_id=handoff.id, lead_id=lead, position=0, system="attio", kind=kind, state=state,
                payload=payload, idempotency_key=CODE, created_at=NOW,
            ))  # fmt: skip

        write(store)
        return "O000001"

    return make


def payload(session):
    return session.scalars(select(OutboxItem)).one().payload


def test_the_marker_of_a_task_is_not_shown_and_stays(write, item):
    item("task", {"content": f"Call Ada [pqd:{CODE}]", "assignee": None})
    shown = {field.key: field.value for field in write(item_edit, "O000001").fields}
    assert shown == {"content": "Call Ada", "assignee": ""}
    write(edit_item, "O000001", {"content": "Write to Ada"}, KIM, NOW)
    assert write(payload)["content"] == f"Write to Ada [pqd:{CODE}]"


def test_a_note_keeps_its_last_line_with_the_marker(write, item):
    text = f"PQL Score: 85\nPQLDesk model PLG default v1, as of 2026-11-18T09:30:00Z [pqd:{CODE}]"
    item("note", {"title": "PLG Handoff Context", "text": text})
    write(edit_item, "O000001", {"text": text.replace("85", "90")}, KIM, NOW)
    assert write(payload)["text"] == text.replace("85", "90")


def test_an_unchanged_write_is_no_action(write, item):
    item("deal", {"name": "Deal", "stage": "Lead", "value": "100", "currency": "USD", "owner": None})
    assert write(edit_item, "O000001", {"value": "100"}, KIM, NOW) == Changes()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": "much"}, "'much' is no amount"),
        ({"value": "-1"}, "'-1' is no amount"),
        ({"currency": "Euro"}, "'Euro' is no currency"),
        ({"owner": "Kim"}, "'Kim' is no e-mail address"),
        ({"name": " "}, "needs a name"),
        ({"colour": "red"}, "no colour to edit"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_sentence(write, item, changes, words):
    item("deal", {"name": "Deal", "stage": "Lead", "value": "100", "currency": "USD", "owner": None})
    with pytest.raises(BadInput, match=words):
        write(edit_item, "O000001", changes, KIM, NOW)
    assert write(payload)["name"] == "Deal"


@pytest.mark.parametrize("state", ["sending", "unknown", "done", "cancelled"])
def test_what_may_have_left_is_not_edited(write, item, state):
    item("deal", {"name": "Deal"}, state)
    with pytest.raises(NotAllowed, match="certainly not gone out"):
        write(item_edit, "O000001")


OMAR, DANA = "omar@example.com", "dana@example.com"
PAYLOADS = (
    ("company", {"domain": "example.com"}),
    ("deal", {"name": "Deal", "owner": OMAR}),
    ("task", {"content": "Call Ada", "assignee": OMAR}),
    ("note", {"text": "Facts"}),
)


def held_handoff(session, lead):
    """Store a handoff that is held because its owner cannot have it."""
    handoff = Handoff(
        lead_id=lead, playbook="handoff", run_key="1", system="attio", created_at=NOW, created_by=KIM, facts={},
        held="omar is suspended.",
    )  # fmt: skip
    session.add(handoff)
    session.flush()
    for n, (kind, payload) in enumerate(PAYLOADS):
        session.add(OutboxItem(
            handoff_id=handoff.id, lead_id=lead, position=n, system="attio", kind=kind, state="held", payload=payload,
            idempotency_key=f"{CODE[:-1]}{n}", created_at=NOW, error="omar is suspended.",
        ))  # fmt: skip


def _states(session):
    items = session.scalars(select(OutboxItem).order_by(OutboxItem.position)).all()
    return [(one.state, one.payload.get("owner") or one.payload.get("assignee")) for one in items]


@pytest.mark.both_databases
def test_one_action_gives_deal_and_task_to_somebody_else_and_lets_the_handoff_go(write, new_lead):
    write(held_handoff, new_lead("ada@example.com"))
    write(assign_writes, "O000001", DANA, KIM, NOW)
    assert write(_states) == [("pending", None), ("pending", DANA), ("pending", DANA), ("pending", None)]
    assert write(lambda session: session.scalars(select(Handoff)).one().held) is None
    write(undo, KIM, NOW)
    assert [whom for _state, whom in write(_states)] == [None, OMAR, OMAR, None]


def test_a_handoff_that_has_left_is_assigned_in_the_crm(write, item):
    item("task", {"content": "Call Ada", "assignee": None}, "done")
    with pytest.raises(NotAllowed, match="Nothing of this handoff waits"):
        write(assign_writes, "O000001", "dana@example.com", KIM, NOW)
