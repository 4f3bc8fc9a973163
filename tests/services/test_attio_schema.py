"""Attio's published schema between the connector and the double: whatever either says that it does not allow fails.

Not part of the suite: ``make test-schemas ATTIO_SPEC=attio-openapi.json`` with the OpenAPI file that Attio publishes.
"""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from fixtures_crm import INES, NOW, Desk, Sandbox, add_trial

from pqldesk.models.ids import LEAD, row_number
from pqldesk.services.outbox.playbooks import approve_playbook

PRISM = os.environ.get("PQLDESK_PRISM") or shutil.which("prism", path="node_modules/.bin")
SPEC = os.environ.get("PQLDESK_ATTIO_SPEC", "")
pytestmark = pytest.mark.published_schema  # the file is Attio's and not ours to ship: `make test-schemas`


def _as_meant(schema: Any) -> Any:
    """The schema but for two slips of the published one: where a type allows null, the list of values forgets it, and
    timestamps are said to have the format of a date, though the service answers the whole moment."""
    if isinstance(schema, list):
        return [_as_meant(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _as_meant(value) for key, value in schema.items()}
    kinds, values = found.get("type"), found.get("enum")
    if isinstance(kinds, list) and "null" in kinds and isinstance(values, list) and None not in values:
        found["enum"] = [*values, None]
    inner = found.get("properties")
    if isinstance(inner, dict) and inner.get("attribute_type", {}).get("enum") == ["timestamp"]:
        inner["value"]["format"] = "date-time"
    return found


@contextmanager
def proxy(url: str, spec: Path) -> Iterator[tuple[str, list[str]]]:
    """Prism in front of *url*, and what it says about requests and answers that the schema does not allow."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PRISM), "proxy", str(spec), url, "-h", "127.0.0.1", "-p", str(port)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines = process.stdout
        assert lines is not None
        for line in lines:
            if "listening" in line:
                break
        ear = Thread(target=lambda: said.extend(line.strip() for line in lines if "iolation" in line))
        ear.start()
        try:
            yield f"http://127.0.0.1:{port}", said
        finally:
            process.terminate()
            ear.join()


@dataclass
class Checked:
    """A desk whose connector goes through the proxy, and what the proxy has said once it has ended."""

    desk: Desk
    said: list[str]


@contextmanager
def checked(bare_desk: Desk, tmp_path: Path) -> Iterator[Checked]:
    spec = tmp_path / "attio.json"
    spec.write_text(json.dumps(_as_meant(json.loads(Path(SPEC).read_text()))))
    with proxy(bare_desk.sandbox.url, spec) as (url, said):
        yield Checked(replace(bare_desk, sandbox=_At(bare_desk.sandbox, url)), said)


class _At(Sandbox):
    """The double, reached through the proxy by the connector and directly by its admin routes."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.url, self._http = url, sandbox._http


def test_the_proxy_notices_what_the_schema_does_not_allow(bare_desk: Desk, tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer sandbox-attio-token"}
    with checked(bare_desk, tmp_path) as through:
        body = {"data": {"content": 3}}
        httpx.post(f"{through.desk.sandbox.url}/v2/tasks", json=body, headers=headers)
    assert any("request.body.data.content" in line for line in through.said)


def test_connecting_playbooks_and_a_handoff_keep_to_attios_published_schema(
    bare_desk: Desk, tmp_path: Path
) -> None:
    with checked(bare_desk, tmp_path) as through:
        desk = through.desk
        desk.connect(create_fields=True)
        lead = desk.add_lead()
        desk.db.write(add_trial, row_number(LEAD, lead)).result()
        for playbook in ("signup", "qualification", "milestone"):
            desk.db.write(approve_playbook, playbook, INES, NOW, backfill=True).result()
        assert desk.deliver().undone is None
        desk.hand_off(lead)
        assert desk.deliver().undone is None
    kinds = {re.sub(r"\.\d+\b", ".N", line.partition("Violation: ")[2]) for line in through.said}
    assert sorted(kinds) == []
