"""Leads and lists. Two creates at once make two leads, so each is read first and then made or changed, never both."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.marketo.answers import CompanyClosed, Exists, refused_row
from pqldesk.services.connectors.marketo.api import AT_ONCE, Api, Row
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.crm import FieldStep, FieldValue, ListStep, PersonStep, Ref
from pqldesk.services.remote.problems import Adoptable, Held, Refused, TryLater
from pqldesk.services.remote.seen import PERSON, Seen
from pqldesk.services.remote.together import Together
from pqldesk.services.remote.values import cut, fitting, number, stamp

LONGEST_NAME = 255
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")  # times come back as Z, +00:00 or +0000


class Leads:
    """Writing and finding leads, and who is on which list."""

    def __init__(self, api: Api, mapped: Mapped, catalogue: Catalogue) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue
        there = {each.key: each for each in catalogue.fields_of("person", mapped)}
        slugs = mapped.fields.get("person", {})
        self._fields = {ours: there[slug] for ours, slug in slugs.items() if slug in there}
        self._there: Together[str, list[Row]] = Together(self._each, self._alone, AT_ONCE, str.casefold)

    # What stands there

    async def present(self, step: PersonStep) -> Seen | None:
        """The lead of the e-mail, as it stands; of several the one that would be written, or none to compare."""
        by_id = {str(row["id"]): row for row in await self._there.send(step.email)}
        ours = next((by_id[one] for one in (step.known_id, step.linked_id) if one in by_id), None)
        if ours is None and len(by_id) == 1:
            (ours,) = by_id.values()
        return None if ours is None else self._seen(ours)

    async def present_fields(self, step: FieldStep) -> Seen | None:
        """The lead that a person decided about."""
        names = ",".join(["id", "email", *self._keys])
        rows = await self._api.rows("leads", filterType="id", filterValues=step.remote_id, fields=names)
        return self._seen(rows[0]) if rows else None

    async def fields(self, step: FieldStep) -> Ref:
        """Those fields and nothing else."""
        await self._api.change(step.remote_id, self._written(step.values))
        return Ref(step.remote_id)

    @property
    def _keys(self) -> list[str]:
        return [field.key for field in self._fields.values()]

    async def _alone(self, email: str) -> list[Row]:
        return await self._api.leads([email], ["id", "email", *self._keys])

    async def _each(self, emails: Sequence[str]) -> list[list[Row] | None]:
        """The leads of each e-mail, in one call; None for an address that cannot stand in a list of them."""
        plain = [email for email in emails if _in_list(email)]
        there: dict[str, list[Row]] = {}
        for row in await self._api.leads(plain, ["id", "email", *self._keys]) if plain else ():
            there.setdefault(str(row["email"]).casefold(), []).append(row)
        return [there.get(email.casefold(), []) if _in_list(email) else None for email in emails]

    def _seen(self, row: Row) -> Seen:
        values = {ours: _decoded(field, row.get(field.key)) for ours, field in self._fields.items()}
        return Seen(PERSON, str(row["id"]), values, (str(row.get("email") or ""),))

    # People

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
                    raise TryLater(
                        _("Marketo is still making this lead."), _("PQLDesk tries again.")
                    ) from None
        await self._api.change(str(found["id"]), values)
        return Ref(str(found["id"]))

    async def people(self, steps: Sequence[PersonStep]) -> list[Ref | None]:
        """Up to 300 of them: one call to read, one to make, one to change. None where a step has to go by itself: what
        was refused, several leads of one e-mail, an address that cannot stand in a list of them."""
        plain = [step.email for step in steps if _in_list(step.email)]
        there: dict[str, list[str]] = {email.casefold(): [] for email in plain}
        for row in await self._api.leads(plain, ["id", "email"]) if plain else ():
            there.setdefault(str(row["email"]).casefold(), []).append(str(row["id"]))
        refs: list[Ref | None] = [None] * len(steps)
        made: list[tuple[int, Row]] = []
        changed: list[tuple[int, Row]] = []
        for at, step in enumerate(steps):
            values, found = self._written(step.values), there.get(step.email.casefold())
            if found == []:
                made.append((at, self._fresh(step, values)))
            elif found is not None and len(found) == 1:
                refs[at] = None if values else Ref(found[0])
                changed += [(at, {"id": int(found[0]), **values})] if values else []
        for rows, action, key in ((changed, "updateOnly", "id"), (made, "createOnly", "email")):
            if rows:
                answers = await self._api.upsert([row for _, row in rows], action, key)
                for (at, _), answer in zip(rows, answers, strict=True):
                    refs[at] = None if refused_row(answer) else Ref(str(answer["id"]))
        return refs

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
        fresh = self._fresh(step, values)
        if not step.email.isascii():
            raise Refused(
                _("Marketo does not take the e-mail {email}.").format(email=step.email),
                _("Give the lead another, then retry."),
            )
        try:
            return await self._api.create(fresh)
        except CompanyClosed:
            return await self._api.create({name: each for name, each in fresh.items() if name != "company"})

    def _fresh(self, step: PersonStep, values: Row) -> Row:
        """All fields of a new lead."""
        names = {"firstName": step.first_name, "lastName": step.last_name} if step.full_name else {}
        texts = {**names, "company": step.company} if step.company else names
        return {
            "email": step.email,
            **{name: cut(text, LONGEST_NAME) for name, text in texts.items()},
            **values,
        }

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
            _("{rows} leads in Marketo have the e-mail {email} ({known}).").format(
                rows=len(rows), email=step.email, known=", ".join(sorted(by_id, key=int))
            ),
            _("Retry to use {oldest}, or merge them there first and then retry.").format(oldest=oldest),
            remote_id=oldest,
        )

    async def entry(self, step: ListStep) -> Ref:
        """The lead on the list."""
        list_id = self._mapped.lists.get(step.list_key)
        if list_id is None:
            raise Held(
                _("The list {list_key} is not mapped to a list in Marketo.").format(list_key=step.list_key),
                _("Connect again to map it."),
            )
        (row,) = await self._api.write(f"lists/{list_id}/leads", [{"id": int(step.person_id)}])
        if row.get("status") != "added" and not await self._is_member(list_id, step.person_id):
            raise refused_row({**row, "status": "skipped"}) or Refused(
                _("Marketo did not add the lead."), "Retry."
            )
        return Ref(f"{list_id}:{step.person_id}")

    async def entries(self, steps: Sequence[ListStep]) -> list[Ref | None]:
        """Up to 300 leads, a call for each list; None where a row was not simply added."""
        refs: list[Ref | None] = [None] * len(steps)
        for key in {step.list_key for step in steps} & set(self._mapped.lists):
            list_id = self._mapped.lists[key]
            own = [(at, step.person_id) for at, step in enumerate(steps) if step.list_key == key]
            rows = [{"id": int(lead_id)} for _, lead_id in own]
            answers = await self._api.write(f"lists/{list_id}/leads", rows)
            for (at, lead_id), answer in zip(own, answers, strict=True):
                refs[at] = Ref(f"{list_id}:{lead_id}") if answer.get("status") == "added" else None
        return refs

    async def _is_member(self, list_id: str, lead_id: str) -> bool:
        rows = await self._api.rows(f"lists/{list_id}/leads/ismember", id=lead_id)
        return any(row.get("status") == "memberof" for row in rows)

    def _written(self, values: Mapping[str, FieldValue]) -> Row:
        return {f.key: _wire(value) for f, value in fitting("person", values, self._mapped, self._catalogue)}


def _in_list(email: str) -> bool:
    """Whether an address can stand beside others in a filter, and is compared letter by letter."""
    return email.isascii() and "," not in email


def _decoded(field: RemoteField, value: Any) -> FieldValue | None:
    """A value of a lead in the type of its field."""
    if value in (None, ""):
        return None
    match field.kind:
        case "number" | "currency":
            return Decimal(str(value))
        case "date":
            return date.fromisoformat(str(value)[:10])
        case "timestamp":
            return datetime.fromisoformat(_ZONE.sub(r"\1:\2", str(value)))
    return str(value).lower() if isinstance(value, bool) else str(value)


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
