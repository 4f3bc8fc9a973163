"""Reading what an org holds: fields, stages, campaigns, users, and which objects can carry our own ids."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from pqldesk.services.connectors.salesforce.api import Api, Row
from pqldesk.services.remote.catalogue import Catalogue, Member, RemoteField, RemoteList, folded

KINDS = {
    "string": "text", "textarea": "text", "url": "text", "phone": "text", "email": "text",
    "double": "number", "int": "number", "percent": "number", "currency": "currency",
    "date": "date", "datetime": "timestamp", "picklist": "select", "multipicklist": "select",
}  # fmt: skip
OUR_KEY = "pqldesk_id"  # how the label of a unique external id for us reads when folded
USUAL = {"person.job_title": "Title", "deal.value": "Amount", "list.pql.score": "", "list.pql.claimed_at": ""}
_CLAIM = RemoteField("OwnerId", "Claimed by", "member")  # a claim on a campaign's person is its owner


@dataclass(slots=True)
class Org:
    """What the connector remembers of the org beside its catalogue."""

    fields: dict[str, frozenset[str]] = field(default_factory=dict)  # object: fields that can be written
    keys: dict[str, str] = field(default_factory=dict)  # object: its unique external id for us
    has_notes: bool = True  # ContentNote; else the old Note
    currencies: tuple[str, ...] = ()  # of an org with several


async def discover(api: Api, account: str, currency: str | None) -> tuple[Catalogue, Org]:
    """The org as it is now."""
    names = ("Contact", "Lead", "Account", "Opportunity", "ContentNote")
    described = dict(zip(names, await asyncio.gather(*(api.describe(name) for name in names)), strict=True))
    campaigns, users = await asyncio.gather(
        api.select("Id, Name", "Campaign", "IsActive = true", order="CreatedDate"),
        api.select("Id, Name, Email, IsActive", "User", "UserType = 'Standard'", order="CreatedDate"),
    )
    rows = {name: list(found["fields"]) if found else [] for name, found in described.items()}
    org = Org(
        {name: frozenset(row["name"] for row in own if row.get("updateable")) for name, own in rows.items()},
        {name: key for name, own in rows.items() if (key := _key(own)) is not None},
        described["ContentNote"] is not None,
        _options(next((row for row in rows["Opportunity"] if row["name"] == "CurrencyIsoCode"), {})),
    )
    people = {each.key: each for each in (*_fields(rows["Lead"]), *_fields(rows["Contact"]))}
    deals = tuple(_fields(rows["Opportunity"], currency)) if described["Opportunity"] else None
    return (
        Catalogue(
            person_fields=tuple(people.values()),
            deal_fields=deals,
            stages=next((each.options for each in deals or () if each.key == "StageName"), ()),
            lists=tuple(RemoteList(row["Id"], row["Name"], (_CLAIM,)) for row in campaigns),
            members=tuple(
                Member(row["Id"], row["Email"], row["Name"], bool(row["IsActive"]))
                for row in sorted(users, key=lambda row: not row["IsActive"])
            ),
            account=account,
            usual=USUAL,
        ),
        org,
    )


def _fields(rows: Iterable[Row], currency: str | None = None) -> Iterable[RemoteField]:
    for row in rows:
        yield RemoteField(
            key=row["name"],
            title=row["label"],
            kind=KINDS.get(row["type"]) or str(row["type"]),
            writable=bool(row.get("createable") and row.get("updateable")),
            required=bool(row.get("createable") and not row.get("nillable") and not row["defaultedOnCreate"]),
            unique=bool(row.get("unique") and row.get("externalId")),
            multiple=row["type"] == "multipicklist",
            options=_options(row),
            currency=currency if row["type"] == "currency" else None,
            length=row.get("length") or None,
        )


def _options(row: Row) -> tuple[str, ...]:
    return tuple(each["value"] for each in row.get("picklistValues") or () if each.get("active", True))


def _key(rows: Iterable[Row]) -> str | None:
    for row in rows:
        ours = OUR_KEY in (folded(row["label"]), folded(row["name"].removesuffix("__c")))
        if ours and row.get("externalId") and row.get("unique") and row["type"] == "string":
            return str(row["name"])
    return None
