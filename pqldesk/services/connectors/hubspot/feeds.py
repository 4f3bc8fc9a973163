"""Reading HubSpot: the search by when a record was last changed, and what is linked looked at by id, because the
search tells neither of deletions nor of merges."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from pqldesk.services.connectors.hubspot.api import COMPANIES, CONTACTS, DEALS, TASKS, Api, Row
from pqldesk.services.connectors.hubspot.reading import MERGED, OWNER, Reading, moment
from pqldesk.services.remote.feeds import Arrived
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, Moved, Seen, Touch

CHANGED = {CONTACTS: "lastmodifieddate"}  # what the other kinds call hs_lastmodifieddate
REACH = 9_000  # of one query: the search ends at 10,000 rows
_KINDS = {COMPANY: COMPANIES, PERSON: CONTACTS, DEAL: DEALS}


class HubSpotFeeds:
    """One account (services/remote/feeds.py says what each call promises)."""

    names = (COMPANIES, CONTACTS, DEALS, TASKS)
    walks = (COMPANY, PERSON, DEAL)

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    async def page(self, name: str, since: datetime | None, at: Any) -> Arrived:
        changed = CHANGED.get(name, "hs_lastmodifieddate")
        from_ms, after = at or [_ms(since), 0]
        rows, goes_on = await self._api.changed(name, changed, from_ms, after, [*self._names(name), changed])
        times = [found for row in rows if (found := moment(row["properties"].get(changed))) is not None]
        last = max(times, default=None)
        place: list[int] | None = None
        if goes_on:
            place = [from_ms, after + len(rows)]
            if place[1] >= REACH and last is not None and _ms(last) > from_ms:
                place = [_ms(last), 0]  # past the reach of one query: a new one, from the last time seen
        if name == TASKS:
            return Arrived(touches=tuple(await self._touches(rows, changed)), at=place, until=last)
        return Arrived(await self._seen(name, rows), at=place, until=last)

    async def look(self, kind: str, ids: Collection[str]) -> Arrived:
        plural = _KINDS[kind]
        rows = await self._api.read(plural, list(ids), [*self._names(plural), MERGED])
        moved = []
        here = {str(row["id"]) for row in rows}
        for row in rows:
            # Asked for by the id of one that was merged away, the one that stayed is answered.
            merged = str(row["properties"].get(MERGED) or "").split(";")
            moved += [Moved(kind, old, str(row["id"])) for old in merged if old in ids and old not in here]
        followed = {one.remote_id for one in moved}
        moved += [Moved(kind, one) for one in sorted(set(ids) - here - followed)]
        unique = {str(row["id"]): row for row in rows}
        return Arrived(await self._seen(plural, list(unique.values())), moved=tuple(moved))

    async def people(self, emails: Collection[str]) -> Arrived:
        rows = await self._api.read(CONTACTS, list(emails), self._reading.person_names, by="email")
        return Arrived(tuple(self._reading.person(row) for row in rows))

    def _names(self, plural: str) -> list[str]:
        return {
            COMPANIES: ["name", "domain"],
            CONTACTS: self._reading.person_names,
            DEALS: self._reading.deal_names,
            TASKS: ["hs_task_status", "hs_task_completion_date", OWNER],
        }[plural]

    async def _seen(self, plural: str, rows: list[Row]) -> tuple[Seen, ...]:
        match plural:
            case "companies":
                return tuple(self._reading.company(row) for row in rows)
            case "contacts":
                return tuple(self._reading.person(row) for row in rows)
        people = await self._api.links(DEALS, [str(row["id"]) for row in rows], CONTACTS)
        return tuple(self._reading.deal(row, tuple(people.get(str(row["id"]), ()))) for row in rows)

    async def _touches(self, rows: list[Row], changed: str) -> list[Touch]:
        done = [row for row in rows if row["properties"].get("hs_task_status") == "COMPLETED"]
        people = await self._api.links(TASKS, [str(row["id"]) for row in done], CONTACTS)
        found = []
        for row in done:
            own = row["properties"]
            rep = self._reading.member(own.get(OWNER))
            at = moment(own.get("hs_task_completion_date")) or moment(own.get(changed))
            if rep and at is not None:
                found += [Touch(person, rep, at) for person in people.get(str(row["id"]), ())]
        return found


def _ms(at: datetime | None) -> int:
    return 0 if at is None else int(at.astimezone(UTC).timestamp() * 1000)
