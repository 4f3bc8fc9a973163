"""The hand-raise button: which pages may send, how often over real sockets, and how GitLab's admin finds the words."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pqldesk.cli import main
from pqldesk.services import settings
from pqldesk.services.crm.connections import connection_rows
from pqldesk.services.workspaces.workspace import Workspace

BUTTON = "/embed/hand_raises"
PAGE = "https://app.acme.example"
Post = Callable[..., httpx.Response]
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.fixture
def allowed(workspace: Workspace, connect: Callable[..., None]) -> None:
    """The button is on and may be used by one page."""
    connect("button")
    workspace.db.write(settings.store, "intake_origins", PAGE).result()


@pytest.fixture
def button(place: Path | str, allowed: None) -> Iterator[httpx.Client]:
    """A client of an intake that runs as users run it."""
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(place), "intake", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as child:
        assert child.stdout is not None
        address = json.loads(child.stdout.readline())["listening"]
        with httpx.Client(base_url=address, timeout=30) as client:
            yield client
        child.terminate()


def form(number: int = 1) -> dict[str, Any]:
    return {
        "work_email": f"ada{number}@example.com",
        "first_name": "Ada",
        "last_name": "Byrne",
        "glm_content": "x",
    }


def test_a_page_that_was_named_may_send_and_read_the_answer(allowed: None, post: Post, rows: Any) -> None:
    asked = post(BUTTON, "OPTIONS", headers={"Origin": PAGE, **PREFLIGHT})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "Content-Type" in asked.headers["access-control-allow-headers"]
    sent = post(BUTTON, json=form(), headers={"Origin": PAGE})
    assert (sent.status_code, sent.json()) == (200, {"success": True})
    assert sent.headers["access-control-allow-origin"] == PAGE
    assert sent.headers["vary"] == "Origin"
    assert rows("SELECT count(*) FROM raw_page") == [(1,)]


def test_any_page_may_load_the_button_itself(allowed: None, post: Post) -> None:
    script = post("/embed/hand-raise-lead-button.js", "GET", headers={"Origin": "https://any.example"})
    assert (script.status_code, script.headers.get_list("access-control-allow-origin")) == (200, ["*"])


def test_any_other_page_is_refused_before_anything_is_kept(allowed: None, post: Post, rows: Any) -> None:
    for origin in ("https://evil.example", "https://app.acme.example.evil.example", "null"):
        headers = {"Origin": origin}
        assert post(BUTTON, "OPTIONS", headers={**headers, **PREFLIGHT}).status_code == 403
        answer = post(BUTTON, json=form(), headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]


def test_the_thirty_first_form_of_a_minute_is_told_when_to_come_again(button: httpx.Client) -> None:
    said = [button.post(BUTTON, json=form(n), headers={"Origin": PAGE}) for n in range(31)]
    assert [answer.status_code for answer in said] == [200] * 30 + [429]
    assert said[-1].headers["retry-after"] == "60"
    assert said[-1].headers["access-control-allow-origin"] == PAGE  # the page can read why


def test_gitlabs_own_words_lead_to_the_intake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    monkeypatch.setenv("SUBSCRIPTION_PORTAL_ADMIN_TOKEN", "customer_admin_token")
    monkeypatch.setenv("CUSTOMER_PORTAL_URL", "https://customers.acme.example")
    asked = ["--workspace", str(tmp_path / "w"), "connect", "gitlab"]
    assert main(asked) == 0
    said = capsys.readouterr()
    assert "set CUSTOMER_PORTAL_URL to the address of the intake" in said.out
    assert "CUSTOMER_PORTAL_URL is https://customers.acme.example here" in said.out
    assert main([*asked, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["system"] == "gitlab"
    assert main([*asked, "--set", "CUSTOMER_PORTAL_URL=https://x.example"]) == 1
    assert "CUSTOMER_PORTAL_URL is a variable of GitLab itself" in capsys.readouterr().err


def test_it_is_said_that_nobody_makes_gitlabs_trials_begin_until_the_portal_behind_is_connected(
    connect: Callable[..., None], workspace: Workspace
) -> None:
    def said() -> str:
        rows = workspace.db.read(connection_rows).result()
        return next(row.detail for row in rows if row.system == "gitlab")

    connect("gitlab")
    assert "nobody makes them begin" in said()
    connect("portal")
    assert said() == ""
