"""Attio's published schema between the connector and the double: whatever either says that it does not allow fails.

Not part of the suite: ``make test-schemas ATTIO_SPEC=attio-openapi.json`` with the OpenAPI file that Attio publishes.
"""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures_crm import INES, NOW, Desk, add_trial
from schema_proxy import checked

from pqldesk.models.ids import LEAD, row_number
from pqldesk.services.outbox.playbooks import approve_playbook

SPEC = os.environ.get("PQLDESK_ATTIO_SPEC", "")
pytestmark = [
    pytest.mark.published_schema,  # the file is Attio's and not ours to ship
    pytest.mark.skipif(not SPEC, reason="needs Attio's file: make test-schemas ATTIO_SPEC=FILE"),
]


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


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """The published file, as it is meant."""
    made = tmp_path / "attio.json"
    made.write_text(json.dumps(_as_meant(json.loads(Path(SPEC).read_text()))))
    return made


def test_the_proxy_notices_what_the_schema_does_not_allow(bare_desk: Desk, spec: Path) -> None:
    headers = {"Authorization": "Bearer sandbox-attio-token"}
    with checked(bare_desk, spec) as through:
        body = {"data": {"content": 3}}
        httpx.post(f"{through.desk.sandbox.url}/v2/tasks", json=body, headers=headers)
    assert any("request.body.data.content" in line for line in through.said)


def test_connecting_playbooks_and_a_handoff_keep_to_attios_published_schema(
    bare_desk: Desk, spec: Path
) -> None:
    with checked(bare_desk, spec) as through:
        desk = through.desk
        desk.connect(create_fields=True)
        lead = desk.add_lead()
        desk.db.write(add_trial, row_number(LEAD, lead)).result()
        for playbook in ("signup", "qualification", "milestone"):
            desk.db.write(approve_playbook, playbook, INES, NOW, backfill=True).result()
        assert desk.deliver().undone is None
        desk.hand_off(lead)
        assert desk.deliver().undone is None
    assert through.kinds == []
