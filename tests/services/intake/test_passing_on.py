"""Relay mode: forms reach the portal behind us once, whatever the network does, and nobody waits for it."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures_crm import QUICK, RELAYS, Sandbox, running_sandbox

from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import Problem
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.delivery.deliver import Delivered, run_outbox
from pqldesk.services.net import run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.workspaces.workspace import Workspace

RECORDED = json.loads(
    (Path(__file__).parents[2] / "data/recorded/gitlab-customersdot-httparty-0.21.0.json").read_text()
)["requests"]
TOKEN = {"X-Admin-Email": "gl_com_api@gitlab.com", "X-Admin-Token": "customer_admin_token"}
RAISE = RECORDED[0]["body_json"]
HOPS = "SELECT step, status, remote_id, error FROM hop ORDER BY id"
Post = Callable[..., httpx.Response]
Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def running_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    file = tmp_path_factory.mktemp("portal") / "portal.sqlite"
    with running_sandbox("--database", str(file), system="portal") as double:
        yield double, file


@pytest.fixture
def portal(running_portal: tuple[Sandbox, Path]) -> Sandbox:
    running_portal[0].reset()
    return running_portal[0]


@pytest.fixture
def joined(
    workspace: Workspace, portal: Sandbox, connect: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """GitLab in front of us, the portal behind."""
    connect("gitlab")
    monkeypatch.setenv("PORTAL_TOKEN", "customer_admin_token")

    def join(**secrets: str) -> None:
        for name, value in secrets.items():
            monkeypatch.setenv(f"PORTAL_{name}", value)
        named = {"token": "PORTAL_TOKEN"} | {name: f"PORTAL_{name}" for name in secrets}
        run_network(workspace.db, connect_portal, ConnectRequest("portal", portal.url, named), clock.now())

    return join


connect_portal = connect
pytestmark = pytest.mark.usefixtures("joined")


@pytest.fixture
def deliver(workspace: Workspace) -> Callable[[], Delivered]:
    return lambda: run_outbox(workspace.db, max_wait_s=5, pauses=QUICK)


def leads(portal: Sandbox) -> list[tuple[str, str, str]]:
    return [(row["kind"], row["work_email"], row["glm_content"]) for row in portal.dump()["leads"]]


def test_a_hand_raise_is_answered_at_once_and_reaches_the_portal_once(
    joined: Callable[..., None], post: Post, portal: Sandbox, deliver: Callable[[], Delivered], rows: Rows
) -> None:
    joined()
    portal.forget_log()
    for _ in range(2):
        assert post("/leads/gitlab_com/hand_raises", json=RAISE, headers=TOKEN).json() == {"success": True}
    assert leads(portal) == []
    assert rows(HOPS) == [("received", "ok", None, None), ("portal", "pending", None, None)]

    assert deliver().undone is None
    assert deliver().delivered == 0
    assert leads(portal) == [("hand_raise", "dana.ruiz@example.com", "billing-group")]
    (sent,) = portal.log("POST")
    assert sent["path"] == "/leads/gitlab_com/hand_raises"
    assert sent["body"] == RAISE
    assert rows(HOPS)[1][:2] == ("portal", "delivered")


@pytest.mark.parametrize("fault", ["commit_then_drop", "drop_before_commit", "status"])
def test_after_a_lost_answer_the_form_is_looked_for_before_it_is_sent_again(
    joined: Callable[..., None], running_portal: tuple[Sandbox, Path], post: Post, portal: Sandbox,
    deliver: Callable[[], Delivered], fault: str,
) -> None:  # fmt: skip
    joined(leads_sql=f"sqlite:///{running_portal[1]}")
    post("/trials/create_hand_raise_lead", json=RAISE, headers=TOKEN)
    portal.fault(fault, "POST", "/trials/*")
    assert deliver().undone is None
    assert len(leads(portal)) == 1


def test_a_lost_answer_waits_for_a_person_where_the_portal_cannot_be_asked(
    joined: Callable[..., None], workspace: Workspace, post: Post, portal: Sandbox, deliver: Callable[[], Delivered],
    rows: Rows,
) -> None:  # fmt: skip
    joined()
    post("/trials/create_hand_raise_lead", json=RAISE, headers=TOKEN)
    portal.fault("commit_then_drop", "POST", "/trials/*")
    assert "may have this form already" in str(deliver().undone)
    assert len(leads(portal)) == 1
    assert rows(HOPS)[1][:2] == ("portal", "held")

    workspace.db.write(retry_items, [], clock.now()).result()  # somebody looked, and wants it sent again
    assert deliver().undone is None
    assert len(leads(portal)) == 2


def test_forms_wait_while_the_portal_is_away(
    joined: Callable[..., None], post: Post, portal: Sandbox, deliver: Callable[[], Delivered], rows: Rows
) -> None:
    joined()
    portal.change("switch", token="another one")
    post("/trials/create_hand_raise_lead", json=RAISE, headers=TOKEN)
    assert "does not accept the admin token" in str(deliver().undone)
    assert rows("SELECT count(*) FROM submission") == [(1,)]


def test_what_begins_a_trial_gets_the_portals_own_answer(
    joined: Callable[..., None], post: Post, portal: Sandbox, rows: Rows
) -> None:
    joined()
    lead, apply = RECORDED[3], RECORDED[4]
    post(lead["path"], json=lead["body_json"], headers=TOKEN)
    answer = post(apply["path"], json=apply["body_json"], headers=TOKEN)
    assert answer.status_code == 201
    assert "trial_ends_on" in answer.json()["trial"]
    again = post(apply["path"], json=apply["body_json"], headers=TOKEN)
    assert again.status_code == 422
    assert again.json()["error_attribute_map"] == {"namespace_id": ["taken"]}
    assert len(portal.dump()["trial_histories"]) == 1
    assert rows("SELECT count(*) FROM trial") == [(1,)]


def test_questions_pass_through_with_their_cache_time_and_502_when_nobody_answers(
    joined: Callable[..., None], post: Post, portal: Sandbox
) -> None:
    joined()
    asked = "/api/v1/gitlab/namespaces/trials/eligibility?namespace_ids%5B%5D=4521&namespace_ids%5B%5D=4522"
    answer = post(asked, "GET", headers=TOKEN)
    assert answer.json() == {"namespaces": {"4521": ["ultimate_with_dap"], "4522": ["ultimate_with_dap"]}}
    assert answer.headers["cache-control"] == "max-age=28800"
    portal.fault("drop_before_commit", "GET")
    lost = post(asked, "GET", headers=TOKEN)
    assert lost.status_code == 502
    assert "did not answer" in lost.json()["errors"]
    portal.fault("html", "GET")
    assert "without JSON" in post(asked, "GET", headers=TOKEN).json()["errors"]


def test_forms_go_to_a_relay_as_well_where_the_setting_names_it(
    joined: Callable[..., None], workspace: Workspace, post: Post, portal: Sandbox, deliver: Callable[[], Delivered],
    monkeypatch: pytest.MonkeyPatch, rows: Rows,
) -> None:  # fmt: skip
    from pqldesk.services import settings

    joined()
    with running_sandbox(system="relay") as relay:
        monkeypatch.setenv("RELAY_KEY", RELAYS["relay"].secrets["signing_key"])
        request = ConnectRequest("relay", f"{relay.url}/relay", {"signing_key": "RELAY_KEY"})
        run_network(workspace.db, connect_portal, request, clock.now())
        workspace.db.write(settings.store, "relay_forms", "portal, relay").result()
        post("/trials/create_hand_raise_lead", json=RAISE, headers=TOKEN)
        relay.fault("commit_then_drop", "POST", "/relay")
        assert deliver().undone is None
        (delivery,) = relay.dump()["deliveries"]
    body = delivery["body"]
    assert body["work_email"] == body["email"] == "dana.ruiz@example.com"
    assert body["lead_type"] == "hand_raise"
    assert body["glm_content"] == "billing-group"
    assert {(step, status) for step, status, *_ in rows(HOPS)} == {
        ("received", "ok"), ("portal", "delivered"), ("relay", "delivered"),
    }  # fmt: skip


def test_the_button_of_a_page_reaches_the_portal_as_one_of_its_own_forms(
    joined: Callable[..., None], connect: Callable[..., None], post: Post, portal: Sandbox,
    deliver: Callable[[], Delivered],
) -> None:  # fmt: skip
    connect("button")
    joined()
    body = {
        **RAISE,
        "provider": None,
        "cta_tracking": {"action": "click"},
        "page": "https://a.example/",
        "button_text": "Ask",
    }
    assert post("/embed/hand_raises", json=body).status_code == 200
    assert deliver().undone is None
    (row,) = portal.dump()["leads"]
    assert json.loads(row["body"]) == RAISE


def test_a_portal_with_a_wrong_token_is_not_connected(joined: Callable[..., None], portal: Sandbox) -> None:
    portal.change("switch", token="another one")
    with pytest.raises(Problem, match="does not accept the admin token"):
        joined()


def test_the_running_intake_passes_forms_on_by_itself(
    joined: Callable[..., None], workspace: Workspace, post: Post, portal: Sandbox
) -> None:
    from pqldesk.services.intake.passing import pass_on

    joined()
    post("/trials/create_hand_raise_lead", json=RAISE, headers=TOKEN)

    def seen() -> None:
        until = time.monotonic() + 60
        while not leads(portal):
            assert time.monotonic() < until
            time.sleep(0.02)

    async def until_it_is_there() -> None:
        passing = asyncio.create_task(pass_on(workspace.db))
        await asyncio.to_thread(seen)
        passing.cancel()
        await asyncio.gather(passing, return_exceptions=True)

    asyncio.run(until_it_is_there())
