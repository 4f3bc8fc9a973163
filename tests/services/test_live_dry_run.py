"""A dry run that asks the CRM shows, in each of them, what stands there now and what the push would make of it."""

from dataclasses import replace
from typing import Any

import pytest
from fixtures_crm import HOUSES, INES, NOW, RELAYS, Desk, House
from test_conflicts_everywhere import change_lead, retitle

from pqldesk.services.delivery.live_dry_run import LiveLead, LiveRun, live_dry_run, live_handoff
from pqldesk.services.handoffs.handoff import handoff_draft
from pqldesk.services.net import run_network
from pqldesk.services.outbox.playbooks import approve_playbook, playbook_list


@pytest.fixture(params=sorted(HOUSES))
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


def asked(desk: Desk, name: str = "qualification", **how: Any) -> LiveRun:
    return run_network(desk.db, live_dry_run, name, NOW, **how)


def changes(lead: LiveLead) -> dict[str, tuple[object, object, str]]:
    return {one.field: (one.before, one.after, one.what) for one in lead.changes}


def test_it_shows_before_and_after_and_writes_nothing(desk: Desk, house: House) -> None:
    lead = desk.add_lead()
    desk.db.write(approve_playbook, "signup", INES, NOW, backfill=True).result()
    assert desk.deliver().undone is None
    retitle(desk, "Chief of Staff")
    desk.db.write(change_lead, lead, job_title="VP Ops").result()
    desk.add_lead("omid@other.example", "Other", name="Omid Rahimi", first_name="Omid")
    before, queued = desk.sandbox.dump(), len(desk.outbox())
    run = asked(desk)
    known, new = run.asked
    assert (run.leads, known.is_new, new.is_new) == (2, False, True)
    found = changes(known)
    assert found["person.job_title"] == ("Chief of Staff", "VP Ops", "conflict")
    assert found["person.pql_score"] == (None, "85", "write")
    assert changes(new)["person.pql_score"] == (None, "85", "write")
    assert ("deal" in known.adds) == ("deal" not in house.cannot)
    assert "task" in known.adds
    after = desk.sandbox.dump()
    assert all(after[kind] == before[kind] for kind in ("people", "deals", "tasks", "notes", "entries"))
    assert len(desk.outbox()) == queued
    assert not any(
        row.approved_at for row in desk.db.read(playbook_list).result() if row.name == "qualification"
    )


@pytest.mark.parametrize("house", [HOUSES["attio"]])
def test_a_handoff_can_be_held_against_the_crm_too(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.db.write(approve_playbook, "qualification", INES, NOW, backfill=True).result()
    assert desk.deliver().undone is None
    retitle(desk, "Chief of Staff")
    desk.sandbox.forget_log()
    draft = replace(desk.db.read(handoff_draft, lead, INES, NOW).result(), deal_value=75000)
    run = run_network(desk.db, live_handoff, draft, NOW)
    (one,) = run.asked
    found = changes(one)
    assert found["deal.stage"] == ("Product Qualified", "Sales Qualified", "write")
    assert found["deal.value"] == (None, "75000", "write")
    assert found["deal.name"] == ("PQL - Quayworks", "Enterprise Upgrade - Quayworks", "write")
    assert "person.job_title" not in found  # the colleague's title stays: ours has not changed
    assert set(one.adds) >= {"task", "note"}
    assert desk.sandbox.writes() == []
    assert {row.state for row in desk.outbox()} == {"done"}


@pytest.mark.parametrize("house", [HOUSES["attio"]])
def test_one_lead_alone_or_so_many(desk: Desk) -> None:
    for number in range(3):
        desk.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}")
    assert (asked(desk, limit=2).leads, len(asked(desk, limit=2).asked)) == (3, 2)
    (only,) = asked(desk, lead_id=2).asked
    assert only.email == "lead1@firm1.example"


@pytest.mark.parametrize("house", [RELAYS["workato"]])
def test_a_relay_cannot_be_asked_and_gets_everything_in_one_delivery(desk: Desk) -> None:
    desk.add_lead()
    (only,) = asked(desk).asked
    assert (only.changes, only.adds) == ((), ("relay",))
