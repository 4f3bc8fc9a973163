"""One workspace: objects, fields and records; and how it refuses."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pqldesk.sandbox.clock import Clock

SECRET = "sandbox-twenty-key"  # noqa: S105  opens a sandbox on loopback only
MEMBERS = (
    ("ines@northquay.example", "Ines", "Duarte"),
    ("dana@northquay.example", "Dana", "Kim"),
)
NAMES = {  # plural -> singular
    "people": "person",
    "companies": "company",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "taskTargets": "taskTarget",
    "noteTargets": "noteTarget",
    "workspaceMembers": "workspaceMember",
}
# name:TYPE:flags; u unique. RELATION fields are written by their join column (companyId).
STANDARD = {
    "people": "name:FULL_NAME emails:EMAILS:u phones:PHONES jobTitle:TEXT company:RELATION",
    "companies": "name:TEXT domainName:LINKS:u accountOwner:RELATION",
    "opportunities": "name:TEXT amount:CURRENCY closeDate:DATE_TIME stage:SELECT pointOfContact:RELATION"
    " company:RELATION owner:RELATION",
    "tasks": "title:TEXT bodyV2:RICH_TEXT dueAt:DATE_TIME status:SELECT assignee:RELATION",
    "notes": "title:TEXT bodyV2:RICH_TEXT",
    "taskTargets": "task:RELATION targetPerson:RELATION targetCompany:RELATION targetOpportunity:RELATION",
    "noteTargets": "note:RELATION targetPerson:RELATION targetCompany:RELATION targetOpportunity:RELATION",
    "workspaceMembers": "name:FULL_NAME userEmail:TEXT:u",
}
CUSTOM = (
    "pqlScore:NUMBER activationScore:NUMBER pqlState:SELECT signupDate:DATE signupSource:TEXT planType:TEXT"
    " lastActivityAt:DATE_TIME featuresActivated:NUMBER milestonesCompleted:MULTI_SELECT pqlLists:MULTI_SELECT"
)
POINTS_TO = {
    "company": "companies",
    "accountOwner": "workspaceMembers",
    "pointOfContact": "people",
    "owner": "workspaceMembers",
    "assignee": "workspaceMembers",
    "task": "tasks",
    "note": "notes",
    "targetPerson": "people",
    "targetCompany": "companies",
    "targetOpportunity": "opportunities",
}
OPTIONS = {
    "stage": "New,Product Qualified,Sales Qualified,Proposal,Customer,Lost",
    "status": "To do,In progress,Done",
    "pqlState": "New,Qualified,Claimed,Working,Handed off,Won,Lost,Disqualified,Snoozed,Nurture",
    "milestonesCompleted": "signed_up,first_login,first_feature,invited_teammate,first_integration,imported_data",
    "pqlLists": "Active trials,PQL queue",
}
VALUES = {"To do": "TODO"}

Record = dict[str, Any]


class ApiError(Exception):
    """A refusal in Twenty's shape."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"statusCode": status, "error": error, "messages": [message]}


def bad(message: str) -> ApiError:
    return ApiError(400, "BadRequestException", message)


@dataclass(slots=True)
class Field:
    """A field; *options*: value -> label."""

    field_id: str
    name: str
    type: str
    label: str
    unique: bool = False
    custom: bool = False
    options: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Switches:
    """What can be changed at run time (admin action ``switch``)."""

    key_active: bool = True
    key_expired: bool = False
    read_only: list[str] = field(default_factory=list)  # objects that the key's role may not write
    per_minute: int | None = None
    rate_headers: bool = True
    new_metadata: bool = False  # the other envelope of metadata
    old_targets: bool = False  # the columns of an older generation: personId instead of targetPersonId


@dataclass(slots=True)
class Workspace:
    """Everything stored."""

    clock: Clock
    fields: dict[str, dict[str, Field]] = field(default_factory=dict)
    object_ids: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    made: int = 0
    revision: int = 0

    def new_id(self) -> str:
        self.made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"twenty {self.made}"))

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def of(self, plural: str) -> dict[str, Record]:
        return self.records.setdefault(plural, {})

    def column(self, plural: str, name: str) -> str:
        """How a relation's join column is written: in older workspaces targets have other names."""
        if self.switches.old_targets and plural.endswith("Targets"):
            name = name.removeprefix("target")
            name = name[:1].lower() + name[1:]
        return f"{name}Id"

    def columns(self, plural: str) -> dict[str, Field]:
        """Everything that can be written, by the name it is written under."""
        return {
            self.column(plural, name) if each.type == "RELATION" else name: each
            for name, each in self.fields[plural].items()
        }

    def to_json(self) -> str:
        kept = {name: getattr(self, name) for name in _PLAIN} | {"switches": asdict(self.switches)}
        kept["fields"] = {
            plural: {name: asdict(each) for name, each in own.items()} for plural, own in self.fields.items()
        }
        return json.dumps(kept)

    def load_json(self, text: str) -> None:
        kept = json.loads(text)
        for name in _PLAIN:
            setattr(self, name, kept[name])
        self.fields = {
            plural: {name: Field(**each) for name, each in own.items()}
            for plural, own in kept["fields"].items()
        }
        self.switches = Switches(**kept["switches"])


_PLAIN = ("object_ids", "records", "made", "revision")


def founded(clock: Clock, *, bare: bool = False) -> Workspace:
    """The workspace Northquay; *bare* without PQLDesk's fields and stages."""
    made = Workspace(clock)
    for plural, rows in STANDARD.items():
        made.object_ids[plural] = made.new_id()
        made.fields[plural] = {}
        for row in rows.split():
            name, kind, flags = (*row.split(":"), "")[:3]
            add_field(made, plural, name, kind, unique="u" in flags)
    for row in () if bare else CUSTOM.split():
        name, kind = row.split(":")
        add_field(made, "people", name, kind, custom=True)
    if bare:
        stages = made.fields["opportunities"]["stage"].options
        for value in [value for value, label in stages.items() if "Qualified" in label]:
            del stages[value]
    for email, first, last in MEMBERS:
        member: Record = {
            "id": made.new_id(),
            "name": {"firstName": first, "lastName": last},
            "userEmail": email,
        }
        made.of("workspaceMembers")[member["id"]] = {**member, "deletedAt": None}
    return made


def add_field(made: Workspace, plural: str, name: str, kind: str, **more: Any) -> Field:
    """A field with the options that go with its name."""
    labels = [label for label in OPTIONS.get(name, "").split(",") if label]
    options = {VALUES.get(label, label.upper().replace(" ", "_")): label for label in labels}
    found = Field(made.new_id(), name, kind, _label(name), options=options, **more)
    made.fields[plural][name] = found
    return found


def _label(name: str) -> str:
    """``pqlScore`` -> ``Pql score``."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return spaced[:1].upper() + spaced[1:]
