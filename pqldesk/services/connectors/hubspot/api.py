"""HubSpot's calls, each path made from one version."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import Ambiguous, Gone
from pqldesk.services.remote.rest import Rest

VERSION = "2026-09"
SEARCHES_PER_S = 4.0  # HubSpot allows 5, of an account, shared with everybody else
AT_ONCE = 100
CONTACTS, COMPANIES, DEALS, TASKS, NOTES = "contacts", "companies", "deals", "tasks", "notes"
# from, to -> what the association is called by its number; a contact's and a deal's company is their primary one
LINK = {
    (CONTACTS, COMPANIES): 1,
    (DEALS, CONTACTS): 3,
    (DEALS, COMPANIES): 5,
    (TASKS, CONTACTS): 204,
    (TASKS, DEALS): 216,
    (NOTES, CONTACTS): 202,
    (NOTES, DEALS): 214,
}

Row = dict[str, Any]


class Api:
    """One account."""

    def __init__(self, rest: Rest, version: str = VERSION) -> None:
        self.rest = rest
        self.version = version
        self._searching = rest.budget.pace("searches", SEARCHES_PER_S)

    def path(self, area: str, *parts: str) -> str:
        return "/".join([f"/crm/{area}/{self.version}", *parts])

    async def pages(self, path: str, **params: Any) -> list[Row]:
        """All rows of a listing."""
        rows: list[Row] = []
        after = None
        while True:
            answer = await self.rest.read("GET", path, params={**params, "after": after})
            rows += answer["results"]
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if after is None:
                return rows

    async def get(self, kind: str, key: str, names: Iterable[str], by: str | None = None) -> Row | None:
        """A record's id and named properties, by id or by a unique property; None where there is none."""
        params = {"properties": ",".join(names), "idProperty": by}
        try:
            found: Row = await self.rest.read("GET", self.path("objects", kind, key), params=params)
        except Gone:
            return None
        return found

    async def create(self, kind: str, properties: Row, links: Sequence[tuple[str, str | None]] = ()) -> str:
        """Make a record with its links, all in one call; its id."""
        body = fresh(kind, properties, links)
        return str((await self.rest.write("POST", self.path("objects", kind), body=body))["id"])

    async def change(self, kind: str, record_id: str, properties: Row) -> None:
        if properties:
            path = self.path("objects", kind, record_id)
            await self.rest.write("PATCH", path, body={"properties": properties})

    async def link(self, kind: str, record_id: str, to_kind: str, to_id: str) -> None:
        """Associate two records; again changes nothing."""
        path = self.path("objects", kind, record_id, "associations", to_kind, to_id)
        await self.rest.write("PUT", path, body=_link(kind, to_kind, to_id)["types"])

    async def linked(self, kind: str, record_id: str, to_kind: str) -> list[str]:
        """Ids of what a record is associated with; shown at once, unlike in the search."""
        path = self.path("associations", kind, to_kind, "batch", "read")
        found: list[str] = []
        after = None
        while True:
            wanted: Row = {"id": record_id} if after is None else {"id": record_id, "after": after}
            rows = (await self.rest.read("POST", path, body={"inputs": [wanted]}))["results"]
            found += [str(each["toObjectId"]) for row in rows for each in row["to"]]
            after = next((((r.get("paging") or {}).get("next") or {}).get("after") for r in rows), None)
            if after is None:
                return found

    async def links(self, kind: str, ids: Sequence[str], to_kind: str) -> dict[str, list[str]]:
        """What each of the records is associated with; of the first hundred."""
        if not ids:
            return {}
        path = self.path("associations", kind, to_kind, "batch", "read")
        body = {"inputs": [{"id": each} for each in ids[:AT_ONCE]]}
        rows = (await self.rest.read("POST", path, body=body))["results"]
        return {str(row["from"]["id"]): [str(each["toObjectId"]) for each in row["to"]] for row in rows}

    async def changed(
        self, kind: str, name: str, from_ms: int, after: int, names: Sequence[str]
    ) -> tuple[list[Row], bool]:
        """The page *after* so many of what was changed since then, the oldest first; whether there is more."""
        body = {
            "filterGroups": [{"filters": [{"propertyName": name, "operator": "GTE", "value": str(from_ms)}]}],
            "sorts": [name],
            "properties": list(names),
            "limit": AT_ONCE,
            "after": str(after),
        }
        path = self.path("objects", kind, "search")
        answer = await self.rest.read("POST", path, body=body, pace=self._searching)
        rows: list[Row] = answer["results"]
        return rows, bool((answer.get("paging") or {}).get("next"))

    async def read(
        self, kind: str, ids: Sequence[str], names: Sequence[str], by: str | None = None
    ) -> list[Row]:
        """Records by id, or by a unique property, in any order; those that are gone are left out."""
        rows: list[Row] = []
        for at in range(0, len(ids), AT_ONCE):
            body: Row = {
                "inputs": [{"id": each} for each in ids[at : at + AT_ONCE]],
                "properties": list(names),
                "propertiesWithHistory": [],
            }
            if by is not None:
                body["idProperty"] = by
            path = self.path("objects", kind, "batch", "read")
            rows += (await self.rest.read("POST", path, body=body))["results"]
        return rows

    async def change_many(self, kind: str, inputs: Sequence[Row]) -> set[str]:
        """Change up to 100 records; the ids of those that were. The others were refused, nothing of them written."""
        if not inputs:
            return set()
        path = self.path("objects", kind, "batch", "update")
        answer = await self.rest.write("POST", path, body={"inputs": list(inputs)})
        return {str(row["id"]) for row in answer["results"]}

    async def create_many(
        self, kind: str, inputs: Sequence[Row], own: Callable[[Row], str | None]
    ) -> dict[str, str]:
        """Make up to 100 records with their links; the id of each by what *own* finds of ours in its properties. What
        is not among them was refused, nothing of it written."""
        if not inputs:
            return {}
        path = self.path("objects", kind, "batch", "create")
        # Without the id of each one refusal refuses them all.
        traced = [{**each, "objectWriteTraceId": str(at)} for at, each in enumerate(inputs)]
        answer = await self.rest.write("POST", path, body={"inputs": traced})
        results = answer["results"]
        made = {mark: str(row["id"]) for row in results if (mark := own(row["properties"])) is not None}
        if len(made) != len(results) or len(made) + len(answer.get("errors") or ()) < len(inputs):
            raise Ambiguous(
                _("HubSpot did not say what came of each record."), _("PQLDesk looks what arrived.")
            )
        return made

    async def link_many(self, kind: str, to_kind: str, pairs: Mapping[str, str]) -> bool:
        """Associate up to 100 records, each with one; again changes nothing. Whether all of them were."""
        if not pairs:
            return True
        inputs = [
            {"from": {"id": from_id}, **_link(kind, to_kind, to_id)} for from_id, to_id in pairs.items()
        ]
        path = self.path("associations", kind, to_kind, "batch", "create")
        return not (await self.rest.write("POST", path, body={"inputs": inputs})).get("errors")

    async def search(self, kind: str, name: str, value: str, names: Sequence[str]) -> list[Row]:
        """Records whose property has that value; what is new or changed is shown late."""
        body = {
            "filterGroups": [{"filters": [{"propertyName": name, "operator": "EQ", "value": value}]}],
            "sorts": [],
            "properties": list(names),
            "limit": AT_ONCE,
            "after": "0",
        }
        path = self.path("objects", kind, "search")
        found: list[Row] = (await self.rest.read("POST", path, body=body, pace=self._searching))["results"]
        return found


def fresh(kind: str, properties: Row, links: Sequence[tuple[str, str | None]] = ()) -> Row:
    """A record to be, with what it is associated with."""
    associations = [_link(kind, to_kind, to_id) for to_kind, to_id in links if to_id]
    return {"properties": properties, "associations": associations}


def _link(kind: str, to_kind: str, to_id: str) -> Row:
    type_id = LINK[kind, to_kind]
    return {
        "to": {"id": to_id},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
    }
