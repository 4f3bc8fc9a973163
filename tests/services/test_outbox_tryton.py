"""Handoffs into a real Tryton server. ``make test-tryton`` installs and runs it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fixtures_crm import INES, QUICK, store_lead
from tryton_server import running_tryton

from pqldesk.services.connectors import CRMS
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.handoffs.handoff import handoff_draft, push_handoff
from pqldesk.services.net import run_network
from pqldesk.services.outbox_rows import outbox_list
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.crm import CompanyStep, NoteStep, PersonStep
from pqldesk.services.remote.problems import Held
from pqldesk.services.workspaces.workspace import Workspace

pytestmark = pytest.mark.tryton
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with running_tryton(tmp_path_factory.mktemp("tryton")) as server:
        yield server


@pytest.fixture
def connected(workspace: Workspace, tryton: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    url, key = tryton
    monkeypatch.setenv("TRYTON_KEY", key)
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    request = ConnectRequest("tryton", url, {"token": "TRYTON_KEY"}, default_owner=INES)
    run_network(workspace.db, connect, request, NOW)
    return workspace


def asked(tryton: tuple[str, str], model: str, *fields: str) -> list[dict[str, Any]]:
    """What Tryton itself says it holds."""
    url, key = tryton
    answer = httpx.get(
        f"{url}/rest/model/{model}",
        params={"f": list(fields)},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    found: list[dict[str, Any]] = answer.raise_for_status().json()
    return found


def hand_off(workspace: Workspace, email: str, company: str) -> dict[str, str]:
    """Kind of write -> its state, once the outbox has run."""
    lead = workspace.db.write(store_lead, email, company, {"name": "Nadia Okoye"}).result()
    draft = workspace.db.read(handoff_draft, lead, INES, NOW).result()
    workspace.db.write(push_handoff, draft, INES, NOW).result()
    run_outbox(workspace.db, once=False, max_wait_s=5.0, pauses=QUICK)
    return {row.kind: row.state for row in workspace.db.read(outbox_list).result()}


def test_a_handoff_leaves_a_company_a_person_and_a_note(
    connected: Workspace, tryton: tuple[str, str]
) -> None:
    states = hand_off(connected, "nadia_o@quayworks.example", "Quayworks")
    assert states == {"company": "done", "person": "done", "note": "done"}
    everybody = asked(tryton, "party.contact_mechanism", "type", "value", "party.rec_name")
    ways = [way for way in everybody if "quayworks" in way["value"]]
    assert sorted((way["type"], way["value"], way["party"]["rec_name"]) for way in ways) == [
        ("email", "nadia_o@quayworks.example", "Nadia Okoye"),
        ("website", "https://quayworks.example", "Quayworks"),
    ]
    person = next(way["party"]["id"] for way in ways if way["type"] == "email")
    notes = asked(tryton, "ir.note", "message", "resource")
    [note] = [note for note in notes if note["resource"] == f"party.party,{person}"]
    assert note["message"].startswith("PLG Handoff Context\nPQL Score: ")


async def _twice(net: Any, tryton: tuple[str, str]) -> list[tuple[str, str]]:
    """The ids of each step, sent twice as after a lost answer."""
    url, key = tryton
    opened = CRMS["tryton"].open
    assert opened is not None
    crm = opened(Opening(net.http, url, {"token": key}, {}))
    company = CompanyStep("twice.example", "Twice")
    person = PersonStep("o'neil%_@twice.example", "Ann", "O'Neil", "Ann O'Neil", None)
    pairs = []
    for step in (company, person):
        pairs.append(((await crm.send(step)).remote_id, (await crm.send(step)).remote_id))
    note = NoteStep("[pqd:01234567]", "Title", "Text [pqd:01234567]", pairs[1][0], None)
    pairs.append(((await crm.send(note)).remote_id, (await crm.send(note)).remote_id))
    return pairs


def test_what_is_sent_again_after_a_lost_answer_is_found_there(
    connected: Workspace, tryton: tuple[str, str]
) -> None:
    for first, second in run_network(connected.db, _twice, tryton):
        assert first == second


def test_a_key_that_is_none_is_told_at_connect(
    workspace: Workspace, tryton: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRYTON_KEY", "nobody-made-this")
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    request = ConnectRequest("tryton", tryton[0], {"token": "TRYTON_KEY"}, default_owner=INES)
    with pytest.raises(Held, match="Tryton does not accept the key"):
        run_network(workspace.db, connect, request, NOW)
