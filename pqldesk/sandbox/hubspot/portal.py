"""One account: properties, pipelines, owners, lists, records and associations; and how it refuses."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pqldesk.sandbox.clock import Clock
from pqldesk.sandbox.consent import Consents

SECRET = "sandbox-hubspot-key"  # noqa: S105  opens a sandbox on loopback only
APP_ID, APP_SECRET = "sandbox-hubspot-app", "sandbox-hubspot-app-secret"
VERSIONS = ("2026-09", "2026-03")  # of the API, in its paths
SESSION_S = 1_800.0
PORTAL = 4_477_001
FOUNDED = "2026-01-05T09:00:00.000Z"
OWNERS = (
    ("ines@northquay.example", "Ines", "Duarte", False),
    ("dana@northquay.example", "Dana", "Kim", False),
    ("omar@northquay.example", "Omar", "Haddad", True),
)
TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tasks": "0-27", "notes": "0-46"}
# from, to -> {association type id: label}; the first is what an unlabelled link gets
LINKS: dict[tuple[str, str], tuple[int, ...]] = {
    ("contacts", "companies"): (279, 1),
    ("companies", "contacts"): (280, 2),
    ("deals", "contacts"): (3,),
    ("contacts", "deals"): (4,),
    ("deals", "companies"): (341, 5),
    ("companies", "deals"): (342, 6),
    ("notes", "contacts"): (202,),
    ("contacts", "notes"): (201,),
    ("notes", "companies"): (190,),
    ("companies", "notes"): (189,),
    ("notes", "deals"): (214,),
    ("deals", "notes"): (213,),
    ("tasks", "contacts"): (204,),
    ("contacts", "tasks"): (203,),
    ("tasks", "companies"): (192,),
    ("companies", "tasks"): (191,),
    ("tasks", "deals"): (216,),
    ("deals", "tasks"): (215,),
}
STAGES = (
    ("Appointment", "0.2"),
    ("Product Qualified", "0.3"),
    ("Sales Qualified", "0.5"),
    ("Closed won", "1.0"),
    ("Closed lost", "0.0"),
)
STATES = "New,Qualified,Claimed,Working,Handed off,Won,Lost,Disqualified,Snoozed,Nurture"
MILESTONES = "signed_up,first_login,first_feature,invited_teammate,first_integration,imported_data"
# name:type:flags:options; u unique, r read-only, q required to create, m several options
STANDARD = {
    "contacts": "email:string firstname:string lastname:string jobtitle:string phone:string company:string"
    " lifecyclestage:enumeration::subscriber,lead,salesqualifiedlead,customer hubspot_owner_id:string"
    " hubspotscore:number:r lastmodifieddate:datetime:r createdate:datetime:r hs_merged_object_ids:string:r",
    "companies": "name:string domain:string hubspot_owner_id:string hs_lastmodifieddate:datetime:r"
    " hs_merged_object_ids:string:r",
    "deals": "dealname:string:q dealstage:string:q pipeline:string amount:number closedate:datetime"
    " hubspot_owner_id:string hs_lastmodifieddate:datetime:r hs_merged_object_ids:string:r",
    "tasks": "hs_timestamp:datetime:q hs_task_subject:string hs_task_body:string"
    " hs_task_status:enumeration::NOT_STARTED,IN_PROGRESS,WAITING,COMPLETED,DEFERRED"
    " hs_task_priority:enumeration::NONE,LOW,MEDIUM,HIGH hs_task_type:enumeration::TODO,CALL,EMAIL"
    " hubspot_owner_id:string hs_task_completion_date:datetime:r hs_lastmodifieddate:datetime:r",
    "notes": "hs_timestamp:datetime:q hs_note_body:string hubspot_owner_id:string",
}
CUSTOM = {
    "contacts": f"pql_score:number activation_score:number pql_state:enumeration::{STATES.replace(' ', '_')}"
    " signup_date:date signup_source:string plan_type:string last_activity_at:datetime features_activated:number"
    f" milestones_completed:enumeration:m:{MILESTONES}",
    "companies": "pqldesk_id:string:u",
    "deals": "pqldesk_id:string:u",
}
LISTS = ("Active trials", "PQL queue")

Record = dict[str, Any]


class ApiError(Exception):
    """A refusal in HubSpot's shape."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        code: str = "",
        names: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        errors = (
            [{"message": message, "code": code, "context": {"propertyName": list(names)}}] if code else []
        )
        self.body: dict[str, Any] = {
            "status": "error",
            "message": message,
            "correlationId": str(uuid4()),
            "category": category,
            **({"errors": errors} if errors else {}),
            **more,
        }


def invalid(message: str, code: str = "", *names: str) -> ApiError:
    """400 for a value or body that does not fit."""
    return ApiError(400, "VALIDATION_ERROR", message, code=code, names=names)


@dataclass(slots=True)
class Property:
    """A property of an object; *options*: value -> label."""

    name: str
    label: str
    type: str
    unique: bool = False
    read_only: bool = False
    required: bool = False
    multiple: bool = False
    options: dict[str, str] = field(default_factory=dict)
    standard: bool = True


@dataclass(slots=True)
class Switches:
    """What can be changed at run time (admin action ``switch``)."""

    key_active: bool = True
    missing_scopes: list[str] = field(default_factory=list)
    search_lag_s: float = 3.0
    ten_seconds: int | None = None  # requests in ten seconds; None: no limit
    search_per_s: int | None = None
    daily: int | None = None
    retry_after: bool = False  # 429 carries the header
    auto_company: bool = False  # a contact gets the company of its e-mail's domain
    locked: int = 0  # so many writes are told 423
    rows_locked: int = 0  # so many rows of the next batches that write are told so
    migrating: int = 0  # so many requests are told 477
    closed_won_needs_date: bool = False  # a rule of the account, enforced from 2026-09 on


@dataclass(slots=True)
class Portal:
    """Everything stored. Records by type and id; links as (from type, from id, to type, to id, type id)."""

    clock: Clock
    secret: str = SECRET
    properties: dict[str, dict[str, Property]] = field(default_factory=dict)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)  # id merged away -> the one that stayed
    links: list[list[Any]] = field(default_factory=list)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    owners: list[dict[str, Any]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    switches: Switches = field(default_factory=Switches)
    consents: Consents = field(default_factory=lambda: Consents({APP_ID: APP_SECRET}, rotate=False))
    sessions: dict[str, list[Any]] = field(default_factory=dict)  # token: when it began, its scopes
    made: int = 500
    revision: int = 0

    def new_id(self) -> str:
        self.made += 1
        return str(self.made)

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def of(self, kind: str) -> dict[str, Record]:
        return self.records.setdefault(kind, {})

    def to_json(self) -> str:
        kept = {name: getattr(self, name) for name in _PLAIN}
        kept["properties"] = {
            kind: {name: asdict(each) for name, each in own.items()} for kind, own in self.properties.items()
        }
        return json.dumps(kept | {"switches": asdict(self.switches), "consents": asdict(self.consents)})

    def load_json(self, text: str) -> None:
        kept = json.loads(text)
        for name in _PLAIN:
            setattr(self, name, kept[name])
        self.properties = {
            kind: {name: Property(**each) for name, each in own.items()}
            for kind, own in kept["properties"].items()
        }
        self.switches = Switches(**kept["switches"])
        self.consents = Consents(**kept["consents"])


_PLAIN = (
    "sessions",
    "records",
    "merged",
    "links",
    "lists",
    "members",
    "owners",
    "stages",
    "made",
    "revision",
)


def founded(clock: Clock, *, bare: bool = False) -> Portal:
    """The account Northquay; *bare* without PQLDesk's properties, lists and stages."""
    portal = Portal(clock)
    for kind in TYPE_IDS:
        rows = list(_properties(STANDARD[kind], standard=True))
        rows += [] if bare else _properties(CUSTOM.get(kind, ""), standard=False)
        portal.properties[kind] = {each.name: each for each in rows}
    for email, first, last, archived in OWNERS:
        number = portal.new_id()
        portal.owners.append(
            {
                "id": f"7{number}",
                "userId": int(number),
                "email": email,
                "firstName": first,
                "lastName": last,
                "type": "PERSON",
                "archived": archived,
            }
        )
    for label, probability in STAGES:
        if not bare or "Qualified" not in label:
            closed = "true" if probability in ("0.0", "1.0") else "false"
            metadata = {"probability": probability, "isClosed": closed}
            portal.stages.append(
                {
                    "id": f"98{portal.new_id()}",
                    "label": label,
                    "displayOrder": len(portal.stages),
                    "metadata": metadata,
                }
            )
    for name in () if bare else LISTS:
        add_list(portal, name, "MANUAL")
    add_list(portal, "Everybody", "DYNAMIC")
    return portal


def add_list(portal: Portal, name: str, processing: str) -> dict[str, Any]:
    """A list of contacts."""
    row: dict[str, Any] = {
        "listId": portal.new_id(),
        "name": name,
        "objectTypeId": TYPE_IDS["contacts"],
        "processingType": processing,
        "processingStatus": "COMPLETE",
        "listVersion": 1,
        "additionalProperties": {},
    }
    portal.lists[row["listId"]] = row
    portal.members[row["listId"]] = []
    return row


def _properties(rows: str, *, standard: bool) -> list[Property]:
    found = []
    for row in rows.split():
        name, kind, flags, options = (*row.split(":"), "", "")[:4]
        labels = {value: value.replace("_", " ") for value in options.split(",") if value}
        if name == "milestones_completed":
            labels = {value: value for value in labels}
        found.append(
            Property(
                name,
                name.replace("hs_", "").replace("_", " ").capitalize(),
                kind,
                "u" in flags,
                "r" in flags,
                "q" in flags,
                "m" in flags,
                labels,
                standard,
            )
        )
    return found
