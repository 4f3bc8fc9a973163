"""Reading Attio. Records carry no time of change: what is new is asked for by creation, deals by when their stage
began, and what is linked is looked at again by its id."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pqldesk.services.connectors.attio.reading import OBJECTS, Reading, moment
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.feeds import AT_ONCE, Arrived
from pqldesk.services.remote.rest import Rest
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, Moved, Seen, Touch
from pqldesk.services.remote.values import stamp

PEOPLE, COMPANIES, DEALS, STAGES, CLAIMS, TASKS = "people", "companies", "deals", "stages", "claims", "tasks"
_KIND = {PEOPLE: PERSON, COMPANIES: COMPANY, DEALS: DEAL, STAGES: DEAL}
_OLDEST_FIRST = [{"attribute": "created_at", "direction": "asc"}]


class AttioFeeds:
    """One workspace (services/remote/feeds.py says what each call promises)."""

    def __init__(self, rest: Rest, mapped: Mapped, catalogue: Catalogue) -> None:
        self._rest = rest
        self._mapped = mapped
        self._reading = Reading(mapped, catalogue)

    @property
    def names(self) -> tuple[str, ...]:
        deals = (DEALS, STAGES) if self._mapped.deals else ()
        claims = (CLAIMS,) if self._mapped.slug("list.pql", "claimed_by") else ()
        return (COMPANIES, PEOPLE, *deals, *claims, TASKS)

    @property
    def walks(self) -> tuple[str, ...]:
        return (COMPANY, PERSON, DEAL) if self._mapped.deals else (COMPANY, PERSON)

    async def page(self, name: str, since: datetime | None, at: Any) -> Arrived:
        if name == TASKS:
            return await self._tasks(since, int(at or 0))
        if name == CLAIMS:
            return await self._claims(int(at or 0))
        body: dict[str, Any] = {"limit": AT_ONCE, "offset": int(at or 0), "sorts": _OLDEST_FIRST}
        if name == STAGES:
            if since is None:
                return Arrived()  # the first run reads every deal
            body["filter"] = {"stage": {"active_from": {"$gte": stamp(since)}}}
        elif since is not None:
            body["filter"] = {"created_at": {"$gte": stamp(since)}}
        kind = _KIND[name]
        rows = await self._query(kind, body)
        seen = tuple(self._reading.seen(kind, row) for row in rows)
        times = [moment(row["created_at"]) for row in rows]
        if name == STAGES:
            times = [moment(row["values"]["stage"][0]["active_from"]) for row in rows]
        return Arrived(seen, at=_next(rows, at), until=max(times, default=None))

    async def look(self, kind: str, ids: Collection[str]) -> Arrived:
        body = {"filter": {"record_id": {"$in": list(ids)}}, "limit": len(ids)}
        seen = tuple(self._reading.seen(kind, row) for row in await self._query(kind, body))
        gone = set(ids) - {one.remote_id for one in seen}
        return Arrived(seen, moved=tuple(Moved(kind, one) for one in sorted(gone)))

    async def people(self, emails: Collection[str]) -> Arrived:
        wanted = [{"email_addresses": one} for one in emails]
        rows = await self._query(PERSON, {"filter": {"$or": wanted}, "limit": AT_ONCE})
        return Arrived(tuple(self._reading.person(row) for row in rows))

    async def _query(self, kind: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        path = f"/v2/objects/{OBJECTS[kind]}/records/query"
        rows: list[dict[str, Any]] = (await self._rest.read("POST", path, body=body))["data"]
        return rows

    async def _claims(self, offset: int) -> Arrived:
        """Who has claimed whom on the PQL list: all of it, each time, because entries carry no time of change."""
        slug, claimed = self._mapped.lists["pql"], self._mapped.slug("list.pql", "claimed_by") or ""
        body = {"limit": AT_ONCE, "offset": offset, "sorts": _OLDEST_FIRST}
        path = f"/v2/lists/{slug}/entries/query"
        rows = (await self._rest.read("POST", path, body=body))["data"]
        seen = []
        for row in rows:
            holder = (row["entry_values"].get(claimed) or [None])[0]
            values = {"owner": self._reading.member(holder)}
            seen.append(Seen(PERSON, str(row["parent_record_id"]), values))
        return Arrived(tuple(seen), at=_next(rows, offset))

    async def _tasks(self, since: datetime | None, offset: int) -> Arrived:
        """Tasks that were done, the latest first, back to *since*: each one is a touch of whom it was for."""
        params = {"is_completed": "true", "sort": "completed_at:desc", "limit": AT_ONCE, "offset": offset}
        rows = (await self._rest.read("GET", "/v2/tasks", params=params))["data"]
        dated = [row for row in rows if row.get("completed_at")]
        fresh = [row for row in dated if since is None or moment(row["completed_at"]) >= since]
        touches = []
        for row in fresh:
            rep = next((e for one in row["assignees"] if (e := self._reading.member(one))), None)
            for linked in row["linked_records"] if rep else ():
                # The object is told by its name or by an id; ids of records of several objects are never equal.
                if linked["target_object_id"] not in (COMPANIES, DEALS):
                    done = moment(row["completed_at"])
                    touches.append(Touch(str(linked["target_record_id"]), str(rep), done))
        at = _next(rows, offset) if len(fresh) == len(rows) else None
        until = max((moment(row["completed_at"]) for row in fresh), default=None)
        return Arrived(touches=tuple(touches), at=at, until=until)


def _next(rows: list[Any], at: Any) -> int | None:
    """Where the next page begins; a short page is the last."""
    return int(at or 0) + len(rows) if len(rows) == AT_ONCE else None
