"""Reading what an instance holds: fields, the lists and campaigns that are named, types of custom activities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.marketo.api import Api, Row
from pqldesk.services.remote.catalogue import LIST_TITLES, Catalogue, RemoteField, RemoteList, StandIn
from pqldesk.services.remote.problems import Held, RemoteProblem

KINDS = {
    "string": "text", "text": "text", "email": "text", "phone": "text", "url": "text",
    "integer": "number", "float": "number", "score": "number", "percent": "number",
    "date": "date", "datetime": "timestamp",
}  # fmt: skip
USUAL = {
    "person.job_title": "title", "list.pql.score": "", "list.pql.claimed_by": "", "list.pql.claimed_at": "",
}  # fmt: skip
ACTIVITY, CAMPAIGN = "activity:", "campaign:"
REQUESTED = "request campaign"


@dataclass(frozen=True, slots=True)
class ActivityType:
    """A type of custom activities; *attributes*: name in the API -> its type."""

    type_id: int
    attributes: Mapping[str, str]


@dataclass(slots=True)
class Instance:
    """What the connector remembers of the instance beside its catalogue."""

    types: dict[str, ActivityType] = field(default_factory=dict)  # by the key of the stand-in
    requested: int | None = None  # the type of activity that tells of a requested campaign


async def discover(api: Api, chosen: Mapping[str, str]) -> tuple[Catalogue, Instance]:
    """The instance as it is now. Of lists and campaigns only those that are named: there can be thousands."""
    described = await api.rows("leads/describe")
    lists = [
        row
        for key, title in LIST_TITLES.items()
        for row in await _lists(api, chosen.get(f"list.{key}") or title)
    ]
    instance = Instance()
    stand_ins = [*await _activities(api, instance), *await _campaigns(api, instance, chosen)]
    return (
        Catalogue(
            person_fields=tuple(_field(row) for row in described if row.get("rest")),
            lists=tuple(lists),
            usual=USUAL,
            stand_ins=tuple(stand_ins),
        ),
        instance,
    )


def _field(row: Row) -> RemoteField:
    return RemoteField(
        key=row["rest"]["name"],
        title=row["displayName"],
        kind=KINDS.get(row["dataType"]) or str(row["dataType"]),
        writable=not row["rest"].get("readOnly"),
        length=row.get("length"),
    )


async def _lists(api: Api, wanted: str) -> Sequence[RemoteList]:
    """The static lists of that name or id. Several of one name are told apart by their program: nobody guesses."""
    rows = await api.rows("lists", **({"id": wanted} if wanted.isdigit() else {"name": wanted}))
    if len(rows) == 1:
        return [RemoteList(str(rows[0]["id"]), rows[0]["name"])]
    return [
        RemoteList(str(row["id"]), f"{row['name']} ({row.get('programName') or row.get('workspaceName')})")
        for row in rows
    ]


async def _activities(api: Api, instance: Instance) -> Sequence[StandIn]:
    try:
        rows = await api.rows("activities/external/types")
    except Held:  # the API user need not see them unless one is used
        return []
    found = []
    for row in rows:
        if row.get("status") != "approved":
            continue
        key = f"{ACTIVITY}{row['id']}"
        attributes = row.get("attributes")
        if attributes is None:  # the list leaves them out in some answers
            (row,) = await api.rows(f"activities/external/type/{row['apiName']}/describe")
            attributes = row.get("attributes") or []
        known = {
            each["apiName"]: str(each.get("dataType")) for each in attributes if not each.get("isPrimary")
        }
        instance.types[key] = ActivityType(int(row["id"]), known)
        found.append(StandIn(key, row["name"], "custom activity"))
    return found


async def _campaigns(api: Api, instance: Instance, chosen: Mapping[str, str]) -> Sequence[StandIn]:
    """The campaigns that were chosen as ``campaign:NAME``."""
    wanted = [text for key, text in chosen.items() if key.startswith("step.") and text.startswith(CAMPAIGN)]
    if not wanted:
        return []
    named = {text.removeprefix(CAMPAIGN) for text in wanted}
    rows: list[Any] = [
        row
        for row in await api.rows("campaigns", isTriggerable="true")
        if row["name"] in named or str(row["id"]) in named
    ]
    if len({row["name"] for row in rows}) < len(rows):
        raise Held(
            _("Several campaigns in Marketo have the name that was chosen."), _("Give its id instead.")
        )
    try:
        types = await api.rows("activities/types")
    except RemoteProblem:
        types = []
    instance.requested = next((row["id"] for row in types if row["name"].casefold() == REQUESTED), None)
    return [StandIn(f"{CAMPAIGN}{row['id']}", f"{CAMPAIGN}{row['name']}", "campaign") for row in rows]
