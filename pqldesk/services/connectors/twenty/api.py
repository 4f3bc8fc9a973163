"""Twenty's calls. Records get ids of ours, so that making one again is answered with "duplicate"."""

import uuid
from collections.abc import Iterable
from typing import Any

from pqldesk.services.connectors.twenty.answers import Duplicate
from pqldesk.services.remote.problems import Gone, Refused
from pqldesk.services.remote.rest import Rest

PEOPLE, COMPANIES, DEALS, TASKS, NOTES = "people", "companies", "opportunities", "tasks", "notes"
SINGULAR = {PEOPLE: "person", COMPANIES: "company", DEALS: "opportunity", TASKS: "task", NOTES: "note"}
PAGE = 60  # more is cut to this without a word
_UNSAFE = frozenset('",()\\[]')  # a filter has no way to write these

Row = dict[str, Any]


def our_id(*parts: str) -> str:
    """The id that PQLDesk gives a record: always the same for the same thing."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "pqldesk:" + ":".join(parts)))


class Api:
    """One workspace."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    async def get(self, plural: str, record_id: str, fields: Iterable[str]) -> Row | None:
        """A record by id; None where there is none, or it lies in the trash."""
        params = {"depth": "0", "fields": ",".join(fields)}
        try:
            answer = await self.rest.read("GET", f"/rest/{plural}/{record_id}", params=params)
        except Gone:
            return None
        found: Row | None = answer["data"].get(SINGULAR[plural])
        return found

    async def all(self, plural: str, fields: Iterable[str], where: str | None = None) -> list[Row]:
        """All records that meet the filter, page by page."""
        rows: list[Row] = []
        after = None
        while True:
            params = {
                "depth": "0",
                "fields": ",".join(fields),
                "limit": PAGE,
                "filter": where,
                "starting_after": after,
            }
            answer = await self.rest.read("GET", f"/rest/{plural}", params=params)
            rows += answer["data"][plural]
            if not answer["pageInfo"]["hasNextPage"]:
                return rows
            after = answer["pageInfo"]["endCursor"]

    async def page(
        self, plural: str, fields: Iterable[str], where: str | None, after: str | None, *, order: str
    ) -> tuple[list[Row], str | None]:
        """One page of the records that meet the filter, in the order of a field, and where the next one begins."""
        params = {
            "depth": "0",
            "fields": ",".join(dict.fromkeys([*fields, order])),
            "limit": PAGE,
            "filter": where,
            "order_by": f"{order}[AscNullsLast],id[AscNullsLast]",
            "starting_after": after,
        }
        answer = await self.rest.read("GET", f"/rest/{plural}", params=params)
        info = answer["pageInfo"]
        rows: list[Row] = answer["data"][plural]
        return rows, info["endCursor"] if info["hasNextPage"] else None

    async def make(self, plural: str, record_id: str, values: Row) -> str | None:
        """Make a record under our id, or find it made already; None where something else is in the way.

        What Twenty cannot classify it answers with 400, so that a refusal too is looked into.
        """
        try:
            body = {"id": record_id, **values}
            await self.rest.write("POST", f"/rest/{plural}", body=body, params={"depth": "0"})
        except Refused as problem:
            if plural in SINGULAR and await self.get(plural, record_id, ["id"]) is not None:
                return record_id
            if isinstance(problem, Duplicate):
                return None
            raise
        return record_id

    async def change(self, plural: str, record_id: str, values: Row) -> None:
        if values:
            path = f"/rest/{plural}/{record_id}"
            await self.rest.write("PATCH", path, body=values, params={"depth": "0"})


def where(field: str, comparator: str, value: str) -> str | None:
    """A filter; None where the value cannot be written in one."""
    return None if _UNSAFE & set(value) else f'{field}[{comparator}]:"{value}"'
