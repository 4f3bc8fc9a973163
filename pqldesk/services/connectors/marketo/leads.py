"""Leads and lists. Two creates at once make two leads, so each is read first and then made or changed, never both."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.connectors.marketo.answers import CompanyClosed, Exists, refused_row
from pqldesk.services.connectors.marketo.api import Api, Row
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import FieldValue, ListStep, PersonStep, Ref
from pqldesk.services.remote.problems import Adoptable, Held, Refused, TryLater
from pqldesk.services.remote.seen import PERSON, Seen
from pqldesk.services.remote.values import cut, fitting, number, stamp

LONGEST_NAME = 255


class Leads:
    """Writing and finding leads, and who is on which list."""

    def __init__(self, api: Api, mapped: Mapped, catalogue: Catalogue) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue

    async def person(self, step: PersonStep) -> Ref:
        """The lead of the e-mail with what is mapped written; made where nobody has it."""
        values = self._written(step.values)
        found = await self._found(step, ())
        if found is None:
            try:
                return Ref(await self._made(step, values))
            except Exists:  # somebody made it meanwhile
                found = await self._found(step, ())
                if found is None:
                    raise TryLater("Marketo is still making this lead.", "PQLDesk tries again.") from None
        await self._api.change(str(found["id"]), values)
        return Ref(str(found["id"]))

    async def find_person(self, step: PersonStep) -> Ref | None:
        """The lead of the e-mail, once it holds what we would write."""
        values = self._written(step.values)
        found = await self._found(step, tuple(values))
        if found is None or any(found.get(name) != value for name, value in values.items()):
            return None
        return Ref(str(found["id"]))

    async def seen(self, email: str) -> Seen | None:
        """The oldest lead of the e-mail: its score, and which of our lists it is on."""
        rows = await self._api.leads([email], ["id", "email", "leadScore"])
        if not rows:
            return None
        found = min(rows, key=lambda row: int(row["id"]))
        lists = [
            name
            for name, list_id in self._mapped.lists.items()
            if await self._is_member(list_id, str(found["id"]))
        ]
        return Seen(PERSON, str(found["id"]), {"score": found.get("leadScore"), "lists": tuple(lists)})

    async def _made(self, step: PersonStep, values: Row) -> str:
        if not step.email.isascii():
            raise Refused(
                f"Marketo does not take the e-mail {step.email}.", "Give the lead another, then retry."
            )
        names = {"firstName": step.first_name, "lastName": step.last_name} if step.full_name else {}
        fresh: Row = {
            "email": step.email,
            **{name: cut(text, LONGEST_NAME) for name, text in names.items()},
            **values,
        }
        company = {"company": cut(step.company, LONGEST_NAME)} if step.company else {}
        try:
            return await self._api.create(fresh | company)
        except CompanyClosed:
            return await self._api.create(fresh)

    async def _found(self, step: PersonStep, fields: tuple[str, ...]) -> Row | None:
        """The one lead of the e-mail; of several the one a person chose, or that we wrote before."""
        rows = await self._api.leads([step.email], ["id", "email", *fields])
        if len(rows) < 2:
            return rows[0] if rows else None
        by_id = {str(row["id"]): row for row in rows}
        for ours in (step.known_id, step.linked_id):
            if ours in by_id:
                return by_id[str(ours)]
        oldest = min(by_id, key=int)
        raise Adoptable(
            f"{len(rows)} leads in Marketo have the e-mail {step.email} ({', '.join(sorted(by_id, key=int))}).",
            f"Retry to use {oldest}, or merge them there first and then retry.",
            remote_id=oldest,
        )

    async def entry(self, step: ListStep) -> Ref:
        """The lead on the list."""
        list_id = self._mapped.lists.get(step.list_key)
        if list_id is None:
            raise Held(
                f"The list {step.list_key} is not mapped to a list in Marketo.", "Connect again to map it."
            )
        (row,) = await self._api.write(f"lists/{list_id}/leads", [{"id": int(step.person_id)}])
        if row.get("status") != "added" and not await self._is_member(list_id, step.person_id):
            raise refused_row({**row, "status": "skipped"}) or Refused(
                "Marketo did not add the lead.", "Retry."
            )
        return Ref(f"{list_id}:{step.person_id}")

    async def _is_member(self, list_id: str, lead_id: str) -> bool:
        rows = await self._api.rows(f"lists/{list_id}/leads/ismember", id=lead_id)
        return any(row.get("status") == "memberof" for row in rows)

    def _written(self, values: Mapping[str, FieldValue]) -> Row:
        return {f.key: _wire(value) for f, value in fitting("person", values, self._mapped, self._catalogue)}


def _wire(value: Any) -> Any:
    match value:
        case datetime():
            return stamp(value.replace(microsecond=0))
        case date():
            return value.isoformat()
        case bool() | str():
            return value
        case Decimal() | int() | float():
            return number(value)
    return str(value)
