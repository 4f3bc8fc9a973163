"""Reading Twenty: records by when they were last changed, page by page, and what lies in its trash."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pqldesk.services.connectors.twenty.api import COMPANIES, DEALS, PEOPLE, TASKS, Api, Row, where
from pqldesk.services.connectors.twenty.reading import Reading, moment
from pqldesk.services.connectors.twenty.schema import Schema
from pqldesk.services.remote.feeds import Arrived
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, Moved, Touch
from pqldesk.services.remote.values import stamp

TRASH = "trash"
TARGETS = "taskTargets"
_BINS = ((COMPANIES, COMPANY), (PEOPLE, PERSON), (DEALS, DEAL))


class TwentyFeeds:
    """One workspace (services/remote/feeds.py says what each call promises)."""

    walks = ()  # what is deleted goes into the trash, which can be read
    names = (
        TRASH,
        COMPANIES,
        PEOPLE,
        DEALS,
        TASKS,
    )  # first who is gone: a merge gives their address to who stays

    def __init__(self, api: Api, reading: Reading, schema: Schema) -> None:
        self._api = api
        self._reading = reading
        self._done = schema.value(TASKS, "status", "Done")
        self._person_of_target = schema.target(TARGETS, "person")

    async def page(self, name: str, since: datetime | None, at: Any) -> Arrived:
        if name == TRASH:
            return await self._trash(since, at)
        changed = None if since is None else f'updatedAt[gte]:"{stamp(since)}"'
        rows, after = await self._api.page(name, self._fields(name), changed, at, order="updatedAt")
        until = max((found for row in rows if (found := moment(row["updatedAt"]))), default=None)
        match name:
            case "companies":
                seen = tuple(self._reading.company(row) for row in rows)
            case "people":
                seen = tuple(self._reading.person(row) for row in rows)
            case "opportunities":
                seen = tuple(self._reading.deal(row) for row in rows)
            case _:
                return Arrived(touches=tuple(await self._touches(rows)), at=after, until=until)
        return Arrived(seen, at=after, until=until)

    async def look(self, kind: str, ids: Collection[str]) -> Arrived:
        raise NotImplementedError("no kind of record is walked over")

    async def people(self, emails: Collection[str]) -> Arrived:
        found = []
        for one in emails:  # a list in a filter is split at commas, and an address may hold one
            wanted = where("emails.primaryEmail", "eq", one.casefold())
            rows = await self._api.all(PEOPLE, self._reading.person_fields, wanted) if wanted else []
            found += [self._reading.person(row) for row in rows]
        return Arrived(tuple(found))

    def _fields(self, plural: str) -> list[str]:
        return {
            COMPANIES: ["name", "domainName", "createdAt", "updatedAt"],
            PEOPLE: self._reading.person_fields,
            DEALS: self._reading.deal_fields,
            TASKS: ["status", "assigneeId", "updatedAt"],
        }[plural]

    async def _touches(self, rows: list[Row]) -> list[Touch]:
        """Twenty does not keep when a task was done: it was last changed then, or later."""
        done = {row["id"]: row for row in rows if self._done is not None and row["status"] == self._done}
        if not done:
            return []
        ids = ",".join(f'"{one}"' for one in done)
        targets = await self._api.all(TARGETS, ["taskId", self._person_of_target], f"taskId[in]:[{ids}]")
        found = []
        for target in targets:
            row, person = done[target["taskId"]], target.get(self._person_of_target)
            rep, at = self._reading.member(row["assigneeId"]), moment(row["updatedAt"])
            if person and rep and at is not None:
                found.append(Touch(str(person), rep, at))
        return found

    async def _trash(self, since: datetime | None, at: Any) -> Arrived:
        """One kind of record after the other."""
        number, after = at or [0, None]
        plural, kind = _BINS[number]
        wanted = "deletedAt[is]:NOT_NULL" if since is None else f'deletedAt[gte]:"{stamp(since)}"'
        rows, goes_on = await self._api.page(plural, ["deletedAt"], wanted, after, order="deletedAt")
        until = max((found for row in rows if (found := moment(row["deletedAt"]))), default=None)
        place: list[Any] | None = [number, goes_on] if goes_on else [number + 1, None]
        if not goes_on and number + 1 == len(_BINS):
            place = None
        return Arrived(moved=tuple(Moved(kind, row["id"]) for row in rows), at=place, until=until)
