"""Reading what a workspace holds, and making the fields PQLDesk suggests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pqldesk.services.connectors.twenty.api import DEALS, PEOPLE, Api, Row
from pqldesk.services.remote.catalogue import Catalogue, Member, RemoteField, RemoteList, folded
from pqldesk.services.remote.suggested import FIELDS, LISTS

KINDS = {
    "TEXT": "text", "NUMBER": "number", "NUMERIC": "number", "DATE": "date", "DATE_TIME": "timestamp",
    "SELECT": "select", "MULTI_SELECT": "select", "CURRENCY": "currency",
}  # fmt: skip
TYPES = {"text": "TEXT", "number": "NUMBER", "date": "DATE", "timestamp": "DATE_TIME", "select": "SELECT"}
LISTS_FIELD, LISTS_TITLE = "pqlLists", "PQL lists"
# Twenty has no lists and a person no owner; a deal is known by the id that PQLDesk gives it.
USUAL = {
    "deal.value": "amount",
    "deal.pqldesk_id": "",
    "list.pql.score": "",
    "list.pql.claimed_by": "",
    "list.pql.claimed_at": "",
}


@dataclass(slots=True)
class Schema:
    """What the connector remembers of the workspace beside its catalogue."""

    options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # label -> value
    fields: dict[str, frozenset[str]] = field(default_factory=dict)  # object: names of its fields
    object_ids: dict[str, str] = field(default_factory=dict)

    def value(self, plural: str, name: str, label: str) -> str | None:
        """The key of an option, by its label."""
        known = {folded(each): value for each, value in self.options.get((plural, name), {}).items()}
        return known.get(folded(label))

    def target(self, plural: str, kind: str) -> str:
        """The column of a target row for a person or deal: its name has changed between generations."""
        new = f"target{kind[:1].upper()}{kind[1:]}"
        return f"{new}Id" if new in self.fields.get(plural, ()) else f"{kind}Id"


async def discover(api: Api) -> tuple[Catalogue, Schema]:
    """The workspace as it is now."""
    answer = await api.rest.read("GET", "/rest/metadata/objects", params={"limit": 1000})
    data = answer["data"]  # in one of two envelopes
    objects: dict[str, Row] = {
        each["namePlural"]: each for each in (data["objects"] if isinstance(data, dict) else data)
    }
    members = await api.all("workspaceMembers", ["name", "userEmail"])
    rows = {
        plural: [row for row in each["fields"] if row.get("isActive", True)]
        for plural, each in objects.items()
    }
    schema = Schema(
        {
            (plural, row["name"]): {option["label"]: option["value"] for option in row.get("options") or ()}
            for plural in (PEOPLE, DEALS, "tasks")
            for row in rows.get(plural, ())
        },
        {plural: frozenset(row["name"] for row in own) for plural, own in rows.items()},
        {plural: each["id"] for plural, each in objects.items()},
    )
    deals = objects.get(DEALS)
    has_deals = deals is not None and deals.get("isActive", True)
    lists = schema.options.get((PEOPLE, LISTS_FIELD), {})
    return (
        Catalogue(
            person_fields=tuple(_fields(rows[PEOPLE])),
            deal_fields=tuple(_fields(rows[DEALS])) if has_deals else None,
            stages=tuple(schema.options.get((DEALS, "stage"), {})) if has_deals else (),
            lists=tuple(RemoteList(value, label) for label, value in lists.items()),
            members=tuple(
                Member(row["id"], row["userEmail"], _name(row.get("name")), active=True) for row in members
            ),
            usual=USUAL,
        ),
        schema,
    )


def _fields(rows: Iterable[Row]) -> Iterable[RemoteField]:
    for row in rows:
        yield RemoteField(
            key=row["name"],
            title=row["label"],
            kind=KINDS.get(row["type"]) or str(row["type"]).casefold(),
            unique=bool(row.get("isUnique")),
            multiple=row["type"] == "MULTI_SELECT",
            options=tuple(each["label"] for each in row.get("options") or ()),
        )


def _name(name: Any) -> str:
    parts = name if isinstance(name, dict) else {}
    return f"{parts.get('firstName') or ''} {parts.get('lastName') or ''}".strip()


async def create_suggested(api: Api, schema: Schema, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Make what is *missing* of our suggested person fields and lists; what was made. Stages are an admin's to make."""
    made = []
    for name in missing:
        part, _, key = name.rpartition(".")
        if part == "person" and name in FIELDS:
            wanted = FIELDS[name]
            kind = "MULTI_SELECT" if wanted.multiple else TYPES[wanted.kind]
            await _make_field(api, schema, _camel(key), kind, wanted.title, wanted.options)
            made.append(name)
    lists = tuple(f"list.{key}" for key in LISTS)
    if all(name in missing for name in lists):
        titles = tuple(title for _slug, title in LISTS.values())
        await _make_field(api, schema, LISTS_FIELD, "MULTI_SELECT", LISTS_TITLE, titles)
        made += lists
    return tuple(made)


async def _make_field(
    api: Api, schema: Schema, name: str, kind: str, title: str, options: tuple[str, ...]
) -> None:
    body: Row = {
        "objectMetadataId": schema.object_ids[PEOPLE],
        "type": kind,
        "name": name,
        "label": title,
        "isLabelSyncedWithName": False,
    }
    if options:
        body["options"] = [
            {"value": folded(option).upper(), "label": option, "position": at, "color": "blue"}
            for at, option in enumerate(options)
        ]
    await api.rest.write("POST", "/rest/metadata/fields", body=body)


def _camel(name: str) -> str:
    """``pql_score`` -> ``pqlScore``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
