"""What an instance of Marketo holds: fields, leads, lists, campaigns, activity types, activities."""

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from pqldesk.sandbox.clock import Clock

CLIENT, SECRET, API_USER = "sandbox-marketo-client", "sandbox-marketo-secret", "api-user@northquay.example"
# name:title:type:flags, r read-only
STANDARD = (
    "id:Id:integer:r", "email:Email Address:email", "firstName:First Name:string", "lastName:Last Name:string",
    "company:Company Name:string", "title:Job Title:string", "website:Website:url", "phone:Phone Number:phone",
    "leadScore:Lead Score:score", "createdAt:Created At:datetime:r", "updatedAt:Updated At:datetime:r",
)  # fmt: skip
CUSTOM = (
    "pqlScore:PQL Score:integer", "activationScore:Activation Score:integer", "pqlState:PQL State:string",
    "signupDate:Signup Date:date", "signupSource:Signup Source:string", "planType:Plan Type:string",
    "lastActivityAt:Last Activity At:datetime", "featuresActivated:Features Activated:integer",
    "milestonesCompleted:Milestones Completed:text",
)  # fmt: skip
LENGTHS = {"string": 255, "email": 255, "url": 255, "phone": 255, "text": 2_000}
LISTS, TWINS = ("Active trials", "PQL queue"), ("Newsletter", "Newsletter")
CAMPAIGNS = (("PQL follow-up", True), ("Long gone", False))
PROGRAM, STATUSES = "PQL Handoff", ("New", "Handed off", "Accepted")
TYPES = (
    ("pqlTask_c", "PQL task", "approved"),
    ("pqlNote_c", "PQL note", "approved"),
    ("draft_c", "Draft", "draft"),
)
NEW_LEAD, REQUESTED, PUSHED = 12, 47, 145  # of built-in activity types; read by name, never by number

Lead = dict[str, Any]


class CallError(Exception):
    """The whole call is refused: ``success`` is false."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class RowError(Exception):
    """One row is refused: its status is ``skipped``."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Switches:
    """What can be changed at run time (admin action ``switch``)."""

    client_active: bool = True
    form_tokens: bool = True  # the identity endpoint reads a form, not only the address
    token_life_s: float = 3_600.0
    per_window: int | None = 100  # calls in twenty seconds, of everybody
    concurrent: int | None = 10
    daily: int = 50_000
    forbidden: list[str] = field(default_factory=list)  # permissions the API user lacks
    crm_sync: bool = True
    company_closed: bool = False  # company fields of leads are told 1021
    activity_lag_s: float = 0.0
    empty_pages: int = 1  # pages without activities before the first that has some
    guid_only: bool = False  # activities carry no id
    tokens_shown: bool = False  # a requested campaign shows the tokens it was given
    repeated: str = "skipped"  # what adding somebody to a list again is told: skipped or added
    bare_failures: bool = False  # failed rows of a push carry no status
    carried_out_604: int = 0  # so many writes are carried out and told 604
    carried_out_611: int = 0
    unavailable: int = 0  # so many calls are told 713
    rows_in_use: int = 0  # so many rows of the next calls that write are told 1022


@dataclass(slots=True)
class Instance:
    """Everything stored."""

    clock: Clock
    fields: list[dict[str, Any]] = field(default_factory=list)
    leads: dict[str, Lead] = field(default_factory=dict)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    programs: dict[str, dict[str, Any]] = field(default_factory=dict)
    types: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""
    token_ends: float = 0.0
    switches: Switches = field(default_factory=Switches)
    made: int = 500
    revision: int = 0
    violations: list[str] = field(default_factory=list)

    def new_id(self) -> int:
        self.made += 1
        return self.made

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def to_json(self) -> str:
        return json.dumps(
            {each.name: _plain(getattr(self, each.name)) for each in fields(self) if each.name != "clock"}
        )

    def load_json(self, text: str) -> None:
        kept = json.loads(text)
        kept["switches"] = Switches(**kept["switches"])
        for name, value in kept.items():
            setattr(self, name, value)

    def field_named(self, name: str) -> dict[str, Any] | None:
        """A field by its name in the REST API, exactly as it is spelt."""
        return next((each for each in self.fields if (each.get("rest") or {}).get("name") == name), None)

    def lead(self, lead_id: Any) -> Lead:
        found = self.leads.get(str(lead_id))
        if found is None:
            raise RowError(1004, "Lead not found")
        return found

    def use_some(self) -> None:
        """Refuse a row, while there are some that something else has in use."""
        if self.switches.rows_in_use > 0:
            self.switches.rows_in_use -= 1
            raise RowError(1022, "Object in use")

    def happened(
        self, lead_id: int, type_id: int, value_id: int | None, value: str, **attributes: Any
    ) -> int:
        """Add to the activity log; the activity's number."""
        number = self.new_id()
        self.activities.append(
            {
                "id": number,
                "marketoGUID": str(number),
                "leadId": lead_id,
                "activityDate": self.stamp(),
                "activityTypeId": type_id,
                "primaryAttributeValueId": value_id,
                "primaryAttributeValue": value,
                "attributes": [{"name": name, "value": each} for name, each in attributes.items()],
                "at": self.clock.time(),
            }
        )
        self.revision += 1
        return number


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Switches) else value


def founded(clock: Clock, *, bare: bool = False) -> Instance:
    """The instance of Northquay; *bare* without PQLDesk's fields, lists and activity types."""
    instance = Instance(clock)
    for text in (*STANDARD, *(() if bare else CUSTOM)):
        instance.fields.append(_field(text, instance.new_id()))
    instance.fields.append({"id": instance.new_id(), "displayName": "Old Score", "dataType": "integer"})
    for name in (*(() if bare else LISTS), *TWINS):
        number = instance.new_id()
        program = f"Program {number}"
        row = {"id": number, "name": name, "programName": program, "workspaceName": "Default"}
        instance.lists[str(number)] = {**row, "createdAt": instance.stamp(), "updatedAt": instance.stamp()}
        instance.members[str(number)] = []
    for name, active in CAMPAIGNS:
        number = instance.new_id()
        instance.campaigns[str(number)] = {
            "id": number, "name": name, "type": "trigger", "active": active, "workspaceName": "Default",
        }  # fmt: skip
    number = instance.new_id()
    instance.programs[str(number)] = {"id": number, "name": PROGRAM, "members": {}}
    for at, (api_name, name, status) in enumerate(() if bare else TYPES):
        instance.types.append(_type(100_021 + at, api_name, name, status))
    return instance


def _field(text: str, number: int) -> dict[str, Any]:
    name, title, kind, flags = (*text.split(":"), "")[:4]
    row: dict[str, Any] = {"id": number, "displayName": title, "dataType": kind}
    if kind in LENGTHS:
        row["length"] = LENGTHS[kind]
    return row | {
        "rest": {"name": name, "readOnly": flags == "r"},
        "soap": {"name": title, "readOnly": False},
    }


def _type(number: int, api_name: str, name: str, status: str) -> dict[str, Any]:
    return {
        "id": number,
        "apiName": api_name,
        "name": name,
        "description": "",
        "status": status,
        "triggerName": name,
        "filterName": name,
        "primaryAttribute": {"apiName": "subject", "name": "Subject", "dataType": "string"},
        "attributes": [
            {"apiName": "note", "name": "Note", "dataType": "text"},
            {"apiName": "assignee", "name": "Assignee", "dataType": "string"},
            {"apiName": "dueAt", "name": "Due at", "dataType": "datetime"},
        ],
    }
