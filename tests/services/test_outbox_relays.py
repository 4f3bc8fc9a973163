"""Relays: everything about a lead in one delivery, signed or under a token, that can be told from a second one."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fixtures_crm import INES, NOW, RELAYS, Desk, House, add_submission, add_trial

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Hop
from pqldesk.services.connectors import CRMS
from pqldesk.services.connectors.relay import Relay, signature
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.delivery.pauses import Pauses
from pqldesk.services.net import run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.crm import FormStep
from pqldesk.services.remote.rest import http_client

FAULTS: dict[str, dict[str, Any]] = {
    "too many requests": {"kind": "status", "status": 429},
    "a server error": {"kind": "status", "status": 503},
    "a proxy's page": {"kind": "html"},
    "stored and cut off": {"kind": "commit_then_drop"},
    "cut off before": {"kind": "drop_before_commit"},
}


@pytest.fixture(params=sorted(RELAYS))
def house(request: pytest.FixtureRequest) -> House:
    return RELAYS[request.param]


def test_a_handoff_is_one_delivery_with_everything_in_it(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.db.write(add_trial, row_number(LEAD, lead)).result()
    desk.db.write(add_submission, row_number(LEAD, lead)).result()
    pushed = desk.hand_off(lead)
    assert [item.kind for item in pushed.items] == ["relay"]
    assert desk.deliver().undone is None
    (delivery,) = desk.sandbox.dump()["deliveries"]
    body = delivery["body"]
    assert pushed.note.endswith(f"[pqd:{body['event_id']}]")
    assert body["comment"] == pushed.note
    wanted = {
        "schema": "pqldesk.lead.v1", "event": "pql.handoff", "environment": "production",
        "email": "nadia@quayworks.example", "first_name": "Nadia", "company_name": "Quayworks",
        "company_domain": "quayworks.example", "owner_email": INES, "pql_score": 85, "list_name": "trials, pql",
        "deal_name": "Enterprise Upgrade - Quayworks", "deal_stage": "Sales Qualified", "deal_value": 75000,
        "deal_currency": "USD", "source_lead_id": lead,
    }  # fmt: skip
    assert {name: body.get(name) for name in wanted} == wanted
    assert all(isinstance(value, str | int | float) for value in body.values())
    (row,) = desk.outbox()
    assert "not yet seen in the CRM behind it" in (row.error or "")
    hops = desk.db.read(lambda session: [(h.step, h.status) for h in session.query(Hop)]).result()
    assert hops == [("relay", "delivered")]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_delivery_that_may_have_arrived_goes_again_under_the_same_event_id(
    desk: Desk, house: House, fault: str
) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault(FAULTS[fault]["kind"], *house.writes["relay"], status=FAULTS[fault].get("status", 502))
    assert desk.deliver().undone is None
    taken = [each["body"]["event_id"] for each in desk.sandbox.dump()["deliveries"]]
    twice = fault == "stored and cut off" and house.system == "workato"  # Workato's recipe tells them apart
    assert len(taken) == (2 if twice else 1)
    assert len(set(taken)) == 1


def test_a_lost_delivery_is_left_alone_for_as_long_as_its_recipe_may_run(desk: Desk, house: House) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("commit_then_drop", *house.writes["relay"])
    began = desk.clock()
    desk.deliver(once=True, pauses=Pauses(jitter=0.0))
    (row,) = desk.outbox()
    assert row.state == "unknown"
    assert row.next_attempt_at is not None
    assert row.next_attempt_at >= began + timedelta(seconds=30)


def test_a_recipe_has_as_long_to_answer_as_workato_lets_it_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PQLDESK_HTTP_TIMEOUT", raising=False)
    allowed: list[float] = []

    def taken(request: httpx.Request) -> httpx.Response:
        allowed.append(request.extensions["timeout"]["read"])
        return httpx.Response(202)

    async def go() -> None:
        async with http_client(httpx.MockTransport(taken)) as client:
            relay = Relay("Relay", Opening(client, "https://relay.example/leads", {"signing_key": "k"}, {}))
            await relay.send(FormStep("E1", "trial", "POST", "/trials", {}, "kim@firm.example", NOW))

    asyncio.run(go())
    assert allowed == [40.0]


def test_playbooks_deliver_too_each_once(desk: Desk) -> None:
    desk.add_lead()
    for playbook in ("signup", "qualification", "milestone"):
        desk.db.write(approve_playbook, playbook, INES, NOW, backfill=True).result()
    assert desk.deliver().undone is None
    events = [each["body"]["event"] for each in desk.sandbox.dump()["deliveries"]]
    assert sorted(events) == ["pql.milestone", "pql.qualification", "pql.signup"]


def test_a_stopped_recipe_holds_and_a_refusal_fails_with_the_relays_words(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", mode="stopped")
    assert "its recipe is stopped" in str(desk.deliver().undone)
    assert set(desk.states().values()) == {"held"}
    desk.sandbox.change("switch", mode="validation")
    desk.db.write(retry_items, [], NOW).result()
    assert "email is missing" in str(desk.deliver().undone)
    assert set(desk.states().values()) == {"failed"}
    desk.sandbox.change("switch", mode="text")
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None


def test_the_signature_is_of_the_body_as_sent() -> None:
    content = json.dumps({"email": "né@a.example"}, ensure_ascii=False).encode()
    made = hmac.new(b"k", content, hashlib.sha256).hexdigest()
    assert signature("k", content) == f"sha256={made}"


@pytest.mark.parametrize("house", [RELAYS["workato"]])
def test_workato_is_connected_from_its_usual_variables(
    bare_desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = CRMS[house.system].variables
    for name, secret in house.secrets.items():
        monkeypatch.setenv(usual[name], secret)
    monkeypatch.setenv(usual["url"], bare_desk.sandbox.url + house.path)
    made = run_network(bare_desk.db, connect, ConnectRequest(house.system), NOW)
    assert made.url == bare_desk.sandbox.url + house.path
    assert made.missing == ()


def test_an_address_is_kept_whole_whatever_it_ends_with(bare_desk: Desk, house: House) -> None:
    bare_desk.house = replace(house, path="/pql/v2")
    assert bare_desk.connect(settings={"token_url": f"{bare_desk.sandbox.url}/oauth2/token"}).url.endswith(
        "/pql/v2"
    )


def test_no_secret_is_in_the_address_the_body_or_the_log(desk: Desk, house: House) -> None:
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    log = json.dumps(desk.sandbox.log())
    assert not any(secret in log for name, secret in house.secrets.items() if name != "client_id")
