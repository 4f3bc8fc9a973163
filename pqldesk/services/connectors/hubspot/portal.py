"""Reading what an account holds, and making the properties and lists PQLDesk suggests."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.hubspot.answers import Exists
from pqldesk.services.connectors.hubspot.api import COMPANIES, CONTACTS, DEALS, Api, Row
from pqldesk.services.remote.catalogue import STAGES, Catalogue, Member, RemoteField, RemoteList, folded
from pqldesk.services.remote.problems import Gone, Held
from pqldesk.services.remote.suggested import FIELDS, LISTS

KINDS = {"string": "text", "datetime": "timestamp", "enumeration": "select", "phone_number": "text"}
TYPES = {  # ours -> property type, field type
    "text": ("string", "text"),
    "number": ("number", "number"),
    "date": ("date", "date"),
    "timestamp": ("datetime", "date"),
    "select": ("enumeration", "select"),
}
GROUPS = {CONTACTS: "contactinformation", COMPANIES: "companyinformation", DEALS: "dealinformation"}
OUR_ID = "pqldesk_id"
LONGEST_TEXT = 65_536
USUAL = {
    "person.job_title": "jobtitle",
    "deal.value": "amount",
    "list.pql.score": "",
    "list.pql.claimed_at": "",
}
LISTED = ("MANUAL", "SNAPSHOT")  # kinds of lists that people can be put on
_CLAIM = RemoteField("hubspot_owner_id", "Claimed by", "member")  # a claim is the contact's owner


@dataclass(frozen=True, slots=True)
class Stage:
    """A deal stage and the pipeline it is in."""

    stage_id: str
    pipeline_id: str
    title: str
    closed: bool
    won: bool = False


@dataclass(slots=True)
class Portal:
    """What the connector remembers of the account beside its catalogue."""

    stages: tuple[Stage, ...] = ()
    options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # label -> value
    company_key: bool = False  # companies can carry our unique id
    currencies: tuple[str, ...] = ()  # of an account with several

    def stage(self, title: str) -> Stage:
        """By its title. Raises Held where the account has none."""
        for stage in self.stages:
            if folded(stage.title) == folded(title):
                return stage
        raise Held(
            _("HubSpot has no deal stage “{title}” any more.").format(title=title),
            _("Restore it or choose another, then retry."),
        )


async def discover(api: Api, pipeline: str | None) -> tuple[Catalogue, Portal]:
    """The account as it is now; *pipeline*: title or id of the one to use."""
    contacts, companies, deals = await asyncio.gather(
        *(api.pages(api.path("properties", kind)) for kind in (CONTACTS, COMPANIES, DEALS))
    )
    active, gone = await asyncio.gather(
        *(api.pages(api.path("owners"), limit=100, archived=text) for text in ("false", "true"))
    )
    pipelines, lists, details = await asyncio.gather(
        api.pages(api.path("pipelines", DEALS)), _lists(api), account_details(api)
    )
    stages = tuple(_stages(pipelines, pipeline))
    several = any(row["name"] == "deal_currency_code" for row in deals)
    portal = Portal(
        stages,
        {
            (kind, row["name"]): {option["label"]: option["value"] for option in row.get("options") or ()}
            for kind, rows in ((CONTACTS, contacts), (DEALS, deals))
            for row in rows
        },
        any(row["name"] == OUR_ID and row.get("hasUniqueValue") for row in companies),
        (str(details.get("companyCurrency")), *details.get("additionalCurrencies", ())) if several else (),
    )
    currency = None if several else details.get("companyCurrency")
    return (
        Catalogue(
            person_fields=tuple(_fields(contacts)),
            deal_fields=tuple(_fields(deals, currency)),
            stages=tuple(stage.title for stage in stages),
            lists=tuple(RemoteList(row["listId"], row["name"], (_CLAIM,)) for row in lists),
            members=tuple(_member(row, active=True) for row in active if row.get("email"))
            + tuple(_member(row, active=False) for row in gone if row.get("email")),
            account=str(details.get("portalId") or ""),
            usual=USUAL,
        ),
        portal,
    )


async def account_details(api: Api) -> Mapping[str, Any]:
    """Whose account it is, and its currency; empty where this call is not offered."""
    try:
        found: Mapping[str, Any] = await api.rest.read("GET", f"/account-info/{api.version}/details")
    except (Gone, Held):
        return {}
    return found


async def _lists(api: Api) -> list[Row]:
    rows: list[Row] = []
    while True:
        body = {
            "query": "",
            "processingTypes": list(LISTED),
            "offset": len(rows),
            "count": 100,
            "listIds": [],
            "additionalProperties": [],
        }
        answer = await api.rest.read("POST", api.path("lists", "search"), body=body)
        rows += answer["lists"]
        if not answer["hasMore"] or not answer["lists"]:
            return [row for row in rows if row.get("objectTypeId", "0-1") == "0-1"]


def _stages(pipelines: list[Row], wanted: str | None) -> Iterable[Stage]:
    """The stages of the pipeline that was named, else of the first that has one of ours, else of the first."""
    ordered = sorted(
        (row for row in pipelines if not row.get("archived")), key=lambda row: row["displayOrder"]
    )
    ours = {folded(title) for title in STAGES.values()}
    if wanted is not None:
        ordered = [row for row in ordered if wanted == row["id"] or folded(wanted) == folded(row["label"])]
    having = [row for row in ordered if ours & {folded(stage["label"]) for stage in row["stages"]}]
    for pipeline in (having or ordered)[:1]:
        for stage in sorted(pipeline["stages"], key=lambda row: row["displayOrder"]):
            metadata = stage.get("metadata") or {}
            closed = str(metadata.get("isClosed")).casefold() == "true"
            closed = closed or metadata.get("probability") in ("0.0", "1.0")
            won = closed and metadata.get("probability") == "1.0"
            yield Stage(stage["id"], pipeline["id"], stage["label"], closed, won)


def _fields(rows: Iterable[Row], currency: str | None = None) -> Iterable[RemoteField]:
    for row in rows:
        money = row["name"] == "amount"
        read_only = row.get("calculated") or (row.get("modificationMetadata") or {}).get("readOnlyValue")
        yield RemoteField(
            key=row["name"],
            title=row["label"],
            kind="currency" if money else KINDS.get(row["type"]) or str(row["type"]),
            writable=not read_only and not row.get("archived"),
            unique=bool(row.get("hasUniqueValue")),
            multiple=row.get("fieldType") == "checkbox",
            options=tuple(each["label"] for each in row.get("options") or ()),
            currency=currency if money else None,
        )


def _member(row: Row, *, active: bool) -> Member:
    name = f"{row.get('firstName') or ''} {row.get('lastName') or ''}".strip()
    return Member(str(row["id"]), row["email"], name, active)


async def create_suggested(api: Api, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Make what is *missing* of our suggested properties and lists; what was made. Stages are an admin's to make."""
    made = []
    for name in missing:
        part, _, key = name.rpartition(".")
        if part in ("person", "deal") and name in FIELDS:
            kind = CONTACTS if part == "person" else DEALS
            await _make_property(api, kind, key, name)
            made.append(name)
        elif part == "list" and key in LISTS:
            body = {"name": LISTS[key][1], "objectTypeId": "0-1", "processingType": "MANUAL"}
            await api.rest.write("POST", api.path("lists"), body=body)
            made.append(name)
    with suppress(Exists):
        await _make_property(api, COMPANIES, OUR_ID, "deal.pqldesk_id")
        made.append(f"company.{OUR_ID}")
    return tuple(made)


async def _make_property(api: Api, kind: str, key: str, name: str) -> None:
    wanted = FIELDS[name]
    type_, field_type = TYPES[wanted.kind]
    body = {
        "name": key,
        "label": wanted.title,
        "type": type_,
        "fieldType": "checkbox" if wanted.multiple else field_type,
        "groupName": GROUPS[kind],
        "hasUniqueValue": wanted.unique,
        "options": [
            {"value": option, "label": option, "hidden": False, "displayOrder": at}
            for at, option in enumerate(wanted.options)
        ],
    }
    await api.rest.write("POST", api.path("properties", kind), body=body)
