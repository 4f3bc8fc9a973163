"""The way from handoff to CRM on both databases."""

from dataclasses import replace

import pytest
from fixtures_crm import INES, NOW, QUICK, TOKEN, Sandbox, store_lead

from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.handoffs.handoff import handoff_draft, push_handoff
from pqldesk.services.net import run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.workspaces.workspace import Workspace


@pytest.mark.both_databases
def test_playbook_handoff_failure_and_retry_end_with_one_of_each(
    workspace: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTIO_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    db = workspace.db
    request = ConnectRequest("attio", sandbox.url, {"token": "ATTIO_TEST_TOKEN"}, default_owner=INES)
    run_network(db, connect, request, NOW)
    lead = db.write(store_lead, "nadia@quayworks.example", "Quayworks", {}).result()
    assert db.write(approve_playbook, "qualification", INES, NOW, backfill=True).result().queued == 5
    draft = db.read(handoff_draft, lead, INES, NOW).result()
    db.write(push_handoff, replace(draft, deal_value=19.99), INES, NOW).result()
    sandbox.fault("commit_then_drop", "POST", "/v2/tasks")
    sandbox.fault("status", "POST", "/v2/notes", status=422)
    ended = run_outbox(db, max_wait_s=5, pauses=QUICK)
    assert ended.counts == {"done": 10, "failed": 1}
    db.write(retry_items, [], NOW).result()
    assert run_outbox(db, max_wait_s=5, pauses=QUICK).undone is None
    there = sandbox.dump()
    assert [len(there[kind]) for kind in ("people", "companies", "deals", "tasks", "notes")] == [
        1,
        1,
        1,
        2,
        1,
    ]
    assert there["deals"][0]["value"] == 19.99
