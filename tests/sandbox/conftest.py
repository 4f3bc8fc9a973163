"""A sandbox as users get it: its own process, spoken to over a real socket."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

SECRET = "sandbox-attio-token"


class Attio:
    """A running sandbox and the few things tests ask it all the time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.url: str = json.loads(process.stdout.readline())["listening"]
        self.http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {SECRET}"}, timeout=10)

    def close(self) -> None:
        """End it the way the demo does."""
        self.http.close()
        self.process.terminate()
        self.process.wait(5)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The ``data`` of an answer that has to be 200."""
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json().get("data", answer.json())

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of an answer, which has to have Attio's error shape."""
        answer = self.http.request(method, path, json=body)
        error = answer.json()
        assert error["status_code"] == answer.status_code
        assert {"type", "code", "message"} <= set(error)
        return answer.status_code, error["code"]

    def admin(self, path: str, /, **order: Any) -> Any:
        """The answer of an admin route."""
        return self.http.post(f"/admin/{path}", json=order).raise_for_status().json()

    def dump(self) -> Any:
        """Everything stored."""
        return self.http.get("/admin/dump").json()

    def member(self, first: str = "Ines") -> str:
        """A member's id."""
        rows = self.ok("GET", "/v2/workspace_members")
        return str(next(row["id"]["workspace_member_id"] for row in rows if row["first_name"] == first))

    def person(self, address: str = "nadia@northquay.example", **values: Any) -> Any:
        """A person, asserted by address."""
        body = {"data": {"values": {"email_addresses": [{"email_address": address}], **values}}}
        return self.ok("PUT", "/v2/objects/people/records?matching_attribute=email_addresses", body)

    def person_id(self, address: str = "nadia@northquay.example", **values: Any) -> str:
        """Its record id."""
        return str(self.person(address, **values)["id"]["record_id"])

    def deal_values(self, key: str, **more: Any) -> dict[str, Any]:
        """Enough values for a deal."""
        owner = {"referenced_actor_type": "workspace-member", "referenced_actor_id": self.member()}
        stage = [{"status": "Product Qualified"}]
        return {"pqldesk_id": [{"value": key}], "name": "PQL", "stage": stage, "owner": [owner], **more}


Start = Callable[..., Attio]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes with options of the test's own; ends them all."""
    running: list[Attio] = []

    def start_one(*options: str) -> Attio:
        command = [sys.executable, "-m", "pqldesk.sandbox", "attio", *options]
        running.append(Attio(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)))
        return running[-1]

    yield start_one
    for attio in running:
        attio.close()


@pytest.fixture(scope="session")
def shared_attio() -> Iterator[Attio]:
    command = [sys.executable, "-m", "pqldesk.sandbox", "attio", "--rate", "off"]
    attio = Attio(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    yield attio
    attio.close()


@pytest.fixture
def attio(shared_attio: Attio) -> Attio:
    """A freshly seeded workspace without rate limits."""
    shared_attio.admin("reset")
    return shared_attio
