"""Everything one Attio workspace holds, with the indexes that keep answers fast."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from pqldesk.sandbox.attio.answers import not_found
from pqldesk.sandbox.clock import Clock

Value = dict[str, Any]
"""One stored value: active_from, active_until, created_by_actor and the fields of its type (choices by id)."""

NAMESPACE = uuid.UUID("5d0b9c2e-7a41-4c57-9a0e-2f6d2c8e4b10")
SYSTEM = {"type": "system", "id": None}


@dataclass(slots=True)
class Choice:
    """A select option or a status."""

    choice_id: str
    title: str
    is_archived: bool = False
    celebration_enabled: bool = False
    target_time_in_status: str | None = None


@dataclass(slots=True)
class Attribute:
    """A field of an object or a list. *computed* ones are read from the record, the rest is stored."""

    attribute_id: str
    api_slug: str
    title: str
    type: str
    created_at: str
    description: str | None = None
    is_system: bool = False
    is_writable: bool = True
    is_required: bool = False
    is_unique: bool = False
    is_multiselect: bool = False
    is_archived: bool = False
    choices: list[Choice] = field(default_factory=list)
    currency_code: str | None = None
    currency_display: str | None = None
    allowed_objects: list[str] = field(default_factory=list)
    default_value: Any = None
    computed: str | None = None
    """``record_id``, ``created_at``, ``created_by``, ``parent_record`` or ``inverse:OBJECT.SLUG``."""

    def choice(self, title_or_id: str, *, archived: bool = False) -> Choice | None:
        """The option or status with this exact title or id."""
        for choice in self.choices:
            if title_or_id in (choice.title, choice.choice_id) and (archived or not choice.is_archived):
                return choice
        return None


@dataclass(slots=True)
class Target:
    """An object or a list: what has attributes and holds records or entries."""

    kind: str
    target_id: str
    api_slug: str
    name: str
    singular: str
    created_at: str
    parent_object: str | None = None
    workspace_access: str | None = "full-access"
    workspace_member_access: list[Any] = field(default_factory=list)
    created_by: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def attribute(self, slug_or_id: str, *, archived: bool = False) -> Attribute | None:
        """The attribute with this slug or id; archived ones only if asked for."""
        found = self.attributes.get(slug_or_id) or next(
            (each for each in self.attributes.values() if each.attribute_id == slug_or_id), None
        )
        return found if found and (archived or not found.is_archived) else None


@dataclass(slots=True)
class Record:
    """A record of an object, or an entry of a list (then with a parent)."""

    record_id: str
    target_id: str
    created_at: str
    created_by: dict[str, Any]
    values: dict[str, list[Value]] = field(default_factory=dict)
    history: dict[str, list[Value]] = field(default_factory=dict)
    parent_object: str | None = None
    parent_record_id: str | None = None


@dataclass(slots=True)
class Member:
    """A workspace member."""

    member_id: str
    first_name: str
    last_name: str
    email_address: str
    access_level: str
    created_at: str


@dataclass(slots=True)
class Note:
    note_id: str
    parent_object: str
    parent_record_id: str
    title: str
    content_plaintext: str
    content_markdown: str
    meeting_id: str | None
    created_by: dict[str, Any]
    created_at: str


@dataclass(slots=True)
class Task:
    task_id: str
    content: str
    deadline_at: str | None
    completed_at: str | None
    linked: list[list[str]]
    """Pairs of object slug and record id."""
    assignees: list[str]
    created_by: dict[str, Any]
    created_at: str


@dataclass(slots=True)
class Token:
    """An API token of the workspace."""

    token_id: str
    name: str
    secret: str
    scopes: list[str]
    active: bool = True
    issued_at: int = 0


@dataclass(slots=True)
class Switches:
    """What the contract leaves open or a workspace may have set differently."""

    deals_enabled: bool = True
    auto_company: bool = True
    unfiltered_notes: bool = True
    note_limit: int = 100_000
    search_delay_s: float = 2.0
    reads_per_s: int | None = 100
    writes_per_s: int | None = 25
    note_lists_per_s: int | None = 10


@dataclass(slots=True)
class World:
    """One workspace. Only store.py, notes.py, tasks.py and schema.py write into it, and they call `changed`."""

    clock: Clock
    workspace_id: str = ""
    name: str = "Northquay"
    slug: str = "northquay"
    switches: Switches = field(default_factory=Switches)
    tokens: dict[str, Token] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    objects: dict[str, Target] = field(default_factory=dict)
    lists: dict[str, Target] = field(default_factory=dict)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    """Target id -> record or entry id -> record or entry, in order of creation."""
    notes: dict[str, Note] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    merging: dict[str, int] = field(default_factory=dict)
    """Record id -> how many more requests find it being merged."""
    ids: int = 0
    revision: int = 1
    # indexes, never saved
    unique: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    pointing: dict[str, dict[tuple[str, str, str], None]] = field(default_factory=dict)
    entries: dict[str, dict[str, str]] = field(default_factory=dict)
    notes_of: dict[str, dict[str, None]] = field(default_factory=dict)
    tasks_of: dict[str, dict[str, None]] = field(default_factory=dict)
    touched: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Record id -> when it last changed and what search still finds it under until the delay is over."""

    def new_id(self) -> str:
        """A UUID never given before; the same sequence in every fresh workspace."""
        self.ids += 1
        return str(uuid.uuid5(NAMESPACE, str(self.ids)))

    def changed(self) -> None:
        """Something was stored."""
        self.revision += 1

    def target(self, kind: str, slug_or_id: str) -> Target:
        """The object (``objects``) or list (``lists``) of that slug or id; 404."""
        pool = self.objects if kind == "objects" else self.lists
        found = pool.get(slug_or_id) or next((t for t in pool.values() if t.target_id == slug_or_id), None)
        if found is None:
            raise not_found("object" if kind == "objects" else "list", slug_or_id)
        return found

    def target_by_id(self, target_id: str) -> Target:
        """The object or list a record belongs to."""
        return next(t for t in self.targets() if t.target_id == target_id)

    def targets(self) -> Iterator[Target]:
        """Objects, then lists."""
        yield from self.objects.values()
        yield from self.lists.values()

    def of(self, target: Target) -> dict[str, Record]:
        """All records or entries of *target*."""
        return self.records.setdefault(target.target_id, {})

    def member(self, id_or_email: str) -> Member | None:
        """The member with this id, or with this address whatever its case."""
        wanted = id_or_email.lower()
        return next((m for m in self.members if wanted in (m.member_id, m.email_address.lower())), None)

    def to_json(self) -> str:
        """Everything but indexes as JSON text."""
        return json.dumps(
            {name: getattr(self, name) for name in SAVED}, default=_plain, separators=(",", ":")
        )

    def load_json(self, text: str) -> None:
        """Take over what `to_json` wrote; the caller builds the indexes."""
        saved = json.loads(text)
        for name in ("workspace_id", "name", "slug", "merging", "ids", "revision"):
            setattr(self, name, saved[name])
        self.switches = Switches(**saved["switches"])
        self.tokens = {key: Token(**row) for key, row in saved["tokens"].items()}
        self.members = [Member(**row) for row in saved["members"]]
        self.objects = {key: _target(row) for key, row in saved["objects"].items()}
        self.lists = {key: _target(row) for key, row in saved["lists"].items()}
        self.records = {
            target: {key: Record(**row) for key, row in rows.items()}
            for target, rows in saved["records"].items()
        }
        self.notes = {key: Note(**row) for key, row in saved["notes"].items()}
        self.tasks = {key: Task(**row) for key, row in saved["tasks"].items()}


SAVED = (
    "workspace_id", "name", "slug", "switches", "tokens", "members", "objects", "lists", "records", "notes", "tasks",
    "merging", "ids", "revision",
)  # fmt: skip


def _plain(thing: Any) -> Any:
    if is_dataclass(thing) and not isinstance(thing, type):
        return {each.name: getattr(thing, each.name) for each in fields(thing)}
    raise TypeError(f"{type(thing).__name__} cannot be saved")


def _target(row: dict[str, Any]) -> Target:
    attributes = {
        slug: Attribute(**{**text, "choices": [Choice(**each) for each in text["choices"]]})
        for slug, text in row.pop("attributes").items()
    }
    return Target(**row, attributes=attributes)
