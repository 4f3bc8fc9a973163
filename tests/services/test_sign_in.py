"""Signing in to Salesforce and HubSpot with a browser, and staying signed in."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import file_keyring
import httpx
import keyring
import keyring.backends.fail
import pytest
from fixtures_crm import HOUSES, INES, NOW, Desk, House

from pqldesk.services.crm.connecting import Connected, ConnectRequest, connect
from pqldesk.services.crm.secrets import SecretMissing
from pqldesk.services.crm.sign_in import Browser
from pqldesk.services.net import run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.remote.problems import Held

APPS = {
    "salesforce": {"client_id": "sandbox-salesforce-public"},
    "hubspot": {"client_id": "sandbox-hubspot-app", "client_secret": "sandbox-hubspot-app-secret"},
}
TOKENS = {"salesforce": "/services/oauth2/token", "hubspot": "/oauth/2026-09/token"}


@pytest.fixture(params=sorted(APPS))
def house(request: pytest.FixtureRequest) -> House:
    return replace(HOUSES[request.param], secrets=APPS[request.param])


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "keyring.json"
    monkeypatch.setenv("PQLDESK_TEST_KEYRING", str(path))
    before = keyring.get_keyring()
    keyring.set_keyring(file_keyring.FileKeyring())
    yield path
    keyring.set_keyring(before)


def sign_in(desk: Desk, browser: Browser, **options: Any) -> Connected:
    system = desk.house.system
    variables = {name: f"{system}_TEST_{name}".upper() for name in desk.house.secrets}
    request = ConnectRequest(system, desk.sandbox.url, variables, default_owner=INES, sign_in=True, **options)
    return run_network(desk.db, connect, request, NOW, browser)


async def _decided(address: str, decision: str = "allow", change: Callable[[str], str] = str) -> str:
    """What a person does in the browser; where they are sent to. *change* meddles with that address."""
    async with httpx.AsyncClient() as http:
        page = await http.get(address)
        assert "PQLDesk asks for" in page.raise_for_status().text
        answer = await http.post(address, data={"decision": decision})
        return change(answer.headers["location"])


def clicking(decision: str = "allow", change: Callable[[str], str] = str) -> Browser:
    """A browser that follows the redirect to this computer."""
    visits: set[asyncio.Task[None]] = set()

    async def visit(address: str) -> None:
        where = await _decided(address, decision, change)
        async with httpx.AsyncClient() as http:
            await http.get("http://localhost:" + str(urlsplit(where).port) + "/favicon.ico")
            await http.get(where.replace("state=", "state=x"))  # somebody else's: told so, and waited past
            await http.get(where)

    async def show(address: str) -> None:
        visits.add(asyncio.get_running_loop().create_task(visit(address)))

    return Browser(show)


def pasting(decision: str = "allow", change: Callable[[str], str] = str) -> Browser:
    """No browser here: a person opens the address elsewhere and pastes what it led to."""
    seen: list[str] = []

    async def show(address: str) -> None:
        seen.append(address)

    async def paste() -> str:
        return await _decided(seen[0], decision, change) + "\n"

    return Browser(show, paste)


def test_a_sign_in_connects_and_hands_over_as_the_person(bare_desk: Desk) -> None:
    made = sign_in(bare_desk, clicking())
    assert made.warning is None
    assert "person.pql_score" in made.mapped
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    assert len(bare_desk.sandbox.dump()["people"]) == 1


def test_without_a_browser_the_address_is_printed_and_the_one_it_led_to_is_pasted_back(
    bare_desk: Desk,
) -> None:
    assert sign_in(bare_desk, pasting()).mapped


def test_the_request_carries_a_challenge_a_state_and_a_registered_callback(bare_desk: Desk) -> None:
    seen: list[str] = []

    async def show(address: str) -> None:
        seen.append(address)

    async def paste() -> str:
        return "http://localhost:17171/callback?code=x&state=y"

    with pytest.raises(Held, match="does not belong to this sign-in"):
        sign_in(bare_desk, Browser(show, paste))
    query = parse_qs(urlsplit(seen[0]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) >= 32
    assert query["redirect_uri"] == ["http://localhost:17171/callback"]


@pytest.mark.parametrize("browser", [clicking, pasting])
def test_access_that_is_denied_is_said_in_one_sentence_and_nothing_is_kept(
    bare_desk: Desk, kept: Path, browser: Callable[[str], Browser]
) -> None:
    with pytest.raises(Held, match="gave no access: end-user denied authorization"):
        sign_in(bare_desk, browser("deny"))
    assert not kept.exists() or "refresh_token" not in kept.read_text()


def test_a_code_that_was_taken_already_is_refused_and_nothing_is_kept(bare_desk: Desk, kept: Path) -> None:
    def other_code(address: str) -> str:
        return address.replace("code=", "code=0")

    with pytest.raises(Held, match="gave no access for the code"):
        sign_in(bare_desk, pasting(change=other_code))
    assert not kept.exists() or "refresh_token" not in kept.read_text()


def test_a_sign_in_that_was_taken_back_holds_what_is_queued_and_another_one_finishes(
    bare_desk: Desk,
) -> None:
    sign_in(bare_desk, clicking())
    bare_desk.hand_off(bare_desk.add_lead())
    bare_desk.sandbox.change("revoke_sign_ins")
    bare_desk.sandbox.forget_log()
    undone = str(bare_desk.deliver().undone)
    assert "does not accept the sign-in any more" in undone
    assert f"pqldesk connect {bare_desk.house.system} --sign-in" in undone
    assert set(bare_desk.states().values()) == {"held"}
    assert bare_desk.sandbox.writes() == []
    sign_in(bare_desk, clicking())
    bare_desk.db.write(retry_items, [], NOW).result()
    assert bare_desk.deliver().undone is None


def test_a_scope_that_was_not_granted_is_named(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("grant_only", scopes=["refresh_token", "oauth"])
    if bare_desk.house.system == "salesforce":
        warning = sign_in(bare_desk, clicking()).warning
        assert warning is not None
        assert "did not grant api" in warning
    else:
        with pytest.raises(Held, match=r"Give it crm\.objects"):
            sign_in(bare_desk, clicking())


def test_without_a_keyring_nobody_is_sent_to_a_browser(bare_desk: Desk) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]

    async def show(address: str) -> None:
        raise AssertionError(address)

    with pytest.raises(SecretMissing, match="no keyring on this computer"):
        sign_in(bare_desk, Browser(show))


def test_a_key_takes_the_place_of_a_sign_in(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(bare_desk, clicking())
    system = bare_desk.house.system
    for name, secret in HOUSES[system].secrets.items():
        monkeypatch.setenv(f"{system}_TEST_{name}".upper(), secret)
    bare_desk.sandbox.change("revoke_sign_ins")
    replace(bare_desk, house=HOUSES[system]).connect()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None


# Rotation: only Salesforce replaces refresh tokens.


@pytest.mark.parametrize("house", [replace(HOUSES["salesforce"], secrets=APPS["salesforce"])])
def test_each_refresh_keeps_the_new_refresh_token_before_it_is_used(bare_desk: Desk, kept: Path) -> None:
    sign_in(bare_desk, clicking())
    for number in range(3):
        before = kept.read_text()
        bare_desk.hand_off(bare_desk.add_lead(f"p{number}@p{number}.example", f"P{number}"))
        bare_desk.sandbox.change("end_sessions")
        assert bare_desk.deliver().undone is None
        assert kept.read_text() != before


@pytest.mark.parametrize("house", [replace(HOUSES["salesforce"], secrets=APPS["salesforce"])])
def test_a_refresh_token_that_another_process_replaced_is_taken_from_where_it_is_kept(
    bare_desk: Desk, kept: Path
) -> None:
    """The other process refreshes while this one already holds the old token."""
    sign_in(bare_desk, clicking())
    (name,) = [key for key in json.loads(kept.read_text()) if key.endswith("refresh_token")]
    opened_with = json.loads(kept.read_text())[name]
    form = {"grant_type": "refresh_token", "refresh_token": opened_with, **APPS["salesforce"]}
    answer = httpx.post(bare_desk.sandbox.url + TOKENS["salesforce"], data=form).raise_for_status().json()
    held = json.loads(kept.read_text()) | {name: answer["refresh_token"]}
    kept.write_text(json.dumps(held))
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None


CHILD = """
import sys
from pathlib import Path
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.delivery.pauses import Pauses
from pqldesk.services.workspaces.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]), create=False)
print("delivering", flush=True)
run_outbox(workspace.db, pauses=Pauses(settle_s=0.15, again_s=(0.02, 0.04, 0.08), late=0.0))
"""


@pytest.mark.parametrize("house", [replace(HOUSES["salesforce"], secrets=APPS["salesforce"])])
@pytest.mark.of_a_file
def test_a_process_killed_after_the_new_token_was_kept_leaves_a_sign_in_that_holds(
    bare_desk: Desk, kept: Path
) -> None:
    """Killed as soon as the keyring has changed: what was replaced is what the next process begins with."""
    sign_in(bare_desk, clicking())
    env = {
        **os.environ,
        "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    for number in range(2):
        bare_desk.hand_off(bare_desk.add_lead(f"p{number}@p{number}.example", f"P{number}"))
        before = kept.read_text()
        command = [sys.executable, "-c", CHILD, str(bare_desk.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "delivering\n"
            while kept.read_text() == before and child.poll() is None:
                time.sleep(0.002)
            child.kill()
        assert kept.read_text() != before
    ended = bare_desk.deliver(max_wait_s=30)
    assert ended.undone is None
    assert len(bare_desk.sandbox.dump()["people"]) == 2
