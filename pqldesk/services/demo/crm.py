"""What the demo's local CRM holds about one person, read from it over HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pqldesk.services.basics.clock import iso
from pqldesk.services.remote.rest import httpx

Record = dict[str, Any]
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class CrmRecords:
    """The person and everything linked to them or to their deals."""

    people: list[Record]
    companies: list[Record]
    deals: list[Record]
    tasks: list[Record]
    notes: list[Record]


def set_clock(url: str, at: datetime) -> None:
    """Let the local CRM live at *at* too, so that its stamps fit the demo's."""
    order = {"action": "set_clock", "now": iso(at)}
    httpx.post(f"{url}/admin/state", json=order, timeout=TIMEOUT_S).raise_for_status()


def crm_records(url: str, email: str) -> CrmRecords:
    """The records of the person with that address, and what hangs on them."""
    held = httpx.get(f"{url}/admin/dump", timeout=TIMEOUT_S).raise_for_status().json()
    people = [one for one in held["people"] if email in one["email_addresses"]]
    ids = {one["record_id"] for one in people}
    companies = [one for one in held["companies"] if ids & set(one["team"])]
    deals = [one for one in held["deals"] if ids & set(one["associated_people"])]
    ids |= {one["record_id"] for one in (*companies, *deals)}
    return CrmRecords(
        people,
        companies,
        deals,
        [one for one in held["tasks"] if any(target in ids for _kind, target in one["linked_records"])],
        [one for one in held["notes"] if one["parent_record_id"] in ids],
    )
