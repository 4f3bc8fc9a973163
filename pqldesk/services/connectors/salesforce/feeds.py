"""Reading Salesforce: rows by when the system last touched them, deletions and merges from the recycle bin."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pqldesk.services.connectors.salesforce.api import Api, Row, among, in_parts
from pqldesk.services.connectors.salesforce.reading import Reading, moment
from pqldesk.services.remote.feeds import AT_ONCE, Arrived
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, Moved, Seen, Touch
from pqldesk.services.remote.values import stamp

STAMP = "SystemModstamp"
DELETED = "deleted"
_OBJECTS = {
    "accounts": "Account",
    "contacts": "Contact",
    "leads": "Lead",
    "deals": "Opportunity",
    "tasks": "Task",
}
_BIN = (("Account", COMPANY), ("Contact", PERSON), ("Lead", PERSON), ("Opportunity", DEAL))


class SalesforceFeeds:
    """One org (services/remote/feeds.py says what each call promises)."""

    walks = ()  # every change, merge and deletion moves SystemModstamp

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    @property
    def names(self) -> tuple[str, ...]:
        return (*_OBJECTS, DELETED)

    async def page(self, name: str, since: datetime | None, at: Any) -> Arrived:
        if name == DELETED:
            return await self._deleted(since, at)
        thing = _OBJECTS[name]
        rows = await self._rows(thing, self._fields(thing), since, at)
        match thing:
            case "Account":
                arrived = Arrived(tuple(self._reading.company(row) for row in rows))
            case "Opportunity":
                arrived = Arrived(await self._deals(rows))
            case "Task":
                arrived = Arrived(touches=tuple(self._touches(rows)))
            case _:
                arrived = self._people(rows, thing)
        return _with_place(arrived, rows, [])

    async def look(self, kind: str, ids: Collection[str]) -> Arrived:
        raise NotImplementedError("no kind of record is walked over")

    async def people(self, emails: Collection[str]) -> Arrived:
        found: list[Seen] = []
        for part in in_parts(list(emails)):  # an address of the web takes so many and no more
            for thing in ("Contact", "Lead"):
                fields = ", ".join(self._reading.person_fields(thing))
                rows = await self._api.select(fields, thing, among("Email", part), order="CreatedDate")
                found += [self._reading.person(row, thing) for row in rows if not row.get("IsConverted")]
        return Arrived(tuple(found))

    def _fields(self, thing: str) -> list[str]:
        match thing:
            case "Account":
                return ["Id", "Name", "Website", "CreatedDate", "LastModifiedDate"]
            case "Opportunity":
                return self._reading.deal_fields()
            case "Task":
                return ["Id", "WhoId", "OwnerId", "IsClosed", "CompletedDateTime"]
        return self._reading.person_fields(thing)

    async def _rows(
        self,
        thing: str,
        fields: list[str],
        since: datetime | None,
        at: Any,
        *where: str,
        deleted: bool = False,
    ) -> list[Row]:
        """The next rows in the order in which the system touched them."""
        conditions = list(where)
        if at is not None:
            stamped, last = at[-2:]
            conditions.append(f"({STAMP} > {stamped} OR ({STAMP} = {stamped} AND Id > '{last}'))")
        elif since is not None:
            conditions.append(f"{STAMP} >= {stamp(since)}")
        asked = ", ".join(dict.fromkeys([*fields, STAMP]))
        return await self._api.select(
            asked, thing, *conditions, order=f"{STAMP}, Id", limit=AT_ONCE, deleted=deleted
        )

    def _people(self, rows: list[Row], thing: str) -> Arrived:
        converted = [row for row in rows if row.get("IsConverted") and row.get("ConvertedContactId")]
        seen = tuple(self._reading.person(row, thing) for row in rows if row not in converted)
        return Arrived(
            seen, moved=tuple(Moved(PERSON, row["Id"], row["ConvertedContactId"]) for row in converted)
        )

    async def _deals(self, rows: list[Row]) -> tuple[Seen, ...]:
        roles: list[Row] = []
        if rows:
            ids = ", ".join(f"'{row['Id']}'" for row in rows)
            of_these = f"OpportunityId IN ({ids})"
            roles = await self._api.select("OpportunityId, ContactId", "OpportunityContactRole", of_these)
        people: dict[str, list[str]] = {}
        for role in roles:
            people.setdefault(role["OpportunityId"], []).append(role["ContactId"])
        return tuple(self._reading.deal(row, tuple(people.get(row["Id"], ()))) for row in rows)

    def _touches(self, rows: list[Row]) -> list[Touch]:
        found = []
        for row in rows:
            rep = self._reading.member(row["OwnerId"])
            if rep and row["IsClosed"] and row["WhoId"] and row["CompletedDateTime"]:
                found.append(Touch(str(row["WhoId"]), rep, moment(row["CompletedDateTime"])))
        return found

    async def _deleted(self, since: datetime | None, at: Any) -> Arrived:
        """The bin of one object after the other; a merge leaves there who lost, with who stayed."""
        number = int(at[0]) if at is not None else 0
        thing, kind = _BIN[number]
        master = ["MasterRecordId"] if kind != DEAL else []
        place = at if at is not None and len(at) > 1 else None
        rows = await self._rows(thing, ["Id", *master], since, place, "IsDeleted = true", deleted=True)
        moved = tuple(Moved(kind, row["Id"], row.get("MasterRecordId")) for row in rows)
        arrived = _with_place(Arrived(moved=moved), rows, [number])
        if arrived.at is None and number + 1 < len(_BIN):
            return Arrived(moved=moved, at=[number + 1], until=arrived.until)
        return arrived


def _with_place(arrived: Arrived, rows: list[Row], before: list[int]) -> Arrived:
    """*arrived* with where the next page begins; a short page is the last."""
    last = rows[-1] if rows else None
    at = None
    if last is not None and len(rows) == AT_ONCE:
        at = [*before, stamp(moment(last[STAMP])), last["Id"]]
    until = None if last is None else moment(last[STAMP])
    return Arrived(arrived.seen, arrived.touches, arrived.moved, at, until)
