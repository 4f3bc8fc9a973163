"""HubSpot's published schema between the connector and the double: whatever either says that it does not allow fails.

Not part of the suite: ``make test-schemas HUBSPOT_SPECS=FOLDER`` with the OpenAPI files that HubSpot publishes, one for
each of its APIs.
"""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures_crm import HOUSES, INES, NOW, Desk, House, add_trial
from schema_proxy import checked

from pqldesk.models.ids import LEAD, row_number
from pqldesk.services.net import run_network
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.sync.run import sync

SPECS = os.environ.get("PQLDESK_HUBSPOT_SPECS", "")
REFERENCE = "#/components/schemas/"
pytestmark = [
    pytest.mark.published_schema,  # the files are HubSpot's and not ours to ship
    pytest.mark.skipif(not SPECS, reason="needs HubSpot's files: make test-schemas HUBSPOT_SPECS=FOLDER"),
]


@pytest.fixture
def house() -> House:
    return HOUSES["hubspot"]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """All of the files as one: several call different things by one name."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for file in sorted(Path(SPECS).glob("*.json")):
        text = file.read_text().replace(REFERENCE, f"{REFERENCE}{file.stem}.")
        one = json.loads(text, object_hook=_as_meant)
        paths |= one["paths"]
        schemas |= {f"{file.stem}.{name}": each for name, each in one["components"]["schemas"].items()}
    assert paths
    unchecked = {"get": {"responses": {"200": {"description": "Whose account it is"}}}}
    paths.setdefault("/account-info/2026-09/details", unchecked)  # its file is not among those of the CRM
    info = {"title": "HubSpot", "version": "1"}
    made = tmp_path / "hubspot.json"
    made.write_text(
        json.dumps({"openapi": "3.0.1", "info": info, "paths": paths, "components": {"schemas": schemas}})
    )
    return made


def _as_meant(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema but for what the files do not say: a property that is not set and a link without a label are null."""
    for name, inner in schema.items():
        if name in ("properties", "label") and isinstance(inner, dict):
            unset = inner.get("additionalProperties") if name == "properties" else inner
            if isinstance(unset, dict) and unset.get("type") == "string":
                unset["nullable"] = True
    return schema


def test_the_proxy_notices_what_the_schema_does_not_allow(bare_desk: Desk, spec: Path) -> None:
    headers = {"Authorization": "Bearer sandbox-hubspot-key"}
    with checked(bare_desk, spec) as through:
        body = {"properties": {"email": "kim@firm.example"}, "associations": "none"}
        httpx.post(f"{through.desk.sandbox.url}/crm/objects/2026-09/contacts", json=body, headers=headers)
    assert any("request.body.associations" in line for line in through.said)


def test_connecting_playbooks_and_a_handoff_keep_to_hubspots_published_schema(
    bare_desk: Desk, spec: Path
) -> None:
    with checked(bare_desk, spec) as through:
        desk = through.desk
        desk.connect(create_fields=True)
        leads = [desk.add_lead(f"kim{number}@firm{number}.example", f"Firm {number}") for number in range(3)]
        desk.db.write(add_trial, row_number(LEAD, leads[0])).result()
        for playbook in ("signup", "qualification", "milestone"):
            desk.db.write(approve_playbook, playbook, INES, NOW, backfill=True).result()
        assert desk.deliver().undone is None
        for lead in leads:
            desk.hand_off(lead)
        assert desk.deliver().undone is None
        (pulled,) = run_network(desk.db, sync, ["hubspot"]).outcomes
        assert pulled.problem is None
    assert through.kinds == [], "\n".join(through.kinds)
