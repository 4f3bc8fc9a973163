"""Companies, people, lists, opportunities, tasks and notes, each under an id of ours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.twenty.api import (
    COMPANIES,
    DEALS,
    NOTES,
    PEOPLE,
    SINGULAR,
    TASKS,
    Api,
    Row,
    our_id,
    where,
)
from pqldesk.services.connectors.twenty.reading import outcome_of
from pqldesk.services.connectors.twenty.schema import LISTS_FIELD, Schema
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import (
    CompanyStep,
    DealStep,
    FieldValue,
    ListStep,
    NoteStep,
    PersonStep,
    Ref,
    TaskStep,
)
from pqldesk.services.remote.deals import FoundDeal, write_deal
from pqldesk.services.remote.problems import Gone, Held
from pqldesk.services.remote.seen import PERSON, Seen
from pqldesk.services.remote.values import cut, fitting, number, stamp

LONGEST_TITLE = 255
MICROS = 1_000_000


class Records:
    """Writing and finding everything."""

    def __init__(self, api: Api, mapped: Mapped, catalogue: Catalogue, schema: Schema) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue
        self._schema = schema

    # Companies and people

    async def company(self, step: CompanyStep) -> Ref:
        """The company of the domain; made where there is none."""
        found = await self._company(step.domain)
        if found is None:
            values = {"name": step.name, "domainName": {"primaryLinkUrl": f"https://{step.domain}"}}
            found = await self._api.make(COMPANIES, our_id("company", step.domain), values)
            found = found or await self._company(step.domain)
        if found is None:
            raise _in_trash("company", step.domain)
        return Ref(found)

    async def _company(self, domain: str) -> str | None:
        wanted = where("domainName.primaryLinkUrl", "ilike", f"%{domain}%")
        rows = await self._api.all(COMPANIES, ["domainName"], wanted) if wanted else []
        for row in rows:
            url = str((row.get("domainName") or {}).get("primaryLinkUrl") or "").casefold()
            host = url.partition("://")[2] or url
            if host.partition("/")[0].removeprefix("www.") == domain:
                return str(row["id"])
        return None

    async def person(self, step: PersonStep) -> Ref:
        """The person of the e-mail with what is mapped written; made where nobody has it."""
        values = self.written("person", PEOPLE, step.values)
        found = await self._person(step.email) if step.there is None else _as_row(step.there)
        if found is None:
            fresh: Row = {"emails": {"primaryEmail": step.email}, **values}
            if step.full_name:
                fresh["name"] = {"firstName": step.first_name, "lastName": step.last_name}
            if step.company_id:
                fresh["companyId"] = step.company_id
            made = await self._api.make(PEOPLE, our_id("person", step.email.casefold()), fresh)
            found = (
                await self._person(step.email) if made is None else {"id": made, "companyId": step.company_id}
            )
        if found is None:
            raise _in_trash("person", step.email)
        if step.company_id and not found.get("companyId"):  # a company that a colleague chose is left alone
            values["companyId"] = step.company_id
        if step.full_name:  # only where nothing stands there, or PQLDesk is master of names
            values["name"] = {"firstName": step.first_name, "lastName": step.last_name}
        await self._api.change(PEOPLE, found["id"], values)
        return Ref(found["id"])

    async def _person(self, email: str) -> Row | None:
        return await self.person_row(email, ["emails", "companyId"])

    async def person_row(self, email: str, fields: Sequence[str]) -> Row | None:
        """The person of the e-mail, else the one that PQLDesk made for it; not one in the trash."""
        wanted = where("emails.primaryEmail", "eq", email.casefold())
        rows = await self._api.all(PEOPLE, fields, wanted) if wanted else []
        return rows[0] if rows else await self._api.get(PEOPLE, our_id("person", email.casefold()), fields)

    async def seen(self, email: str) -> Seen | None:
        """The person of the e-mail."""
        row = await self._person(email)
        return None if row is None else Seen(PERSON, str(row["id"]))

    async def entry(self, step: ListStep) -> Ref:
        """The person marked with the list; again changes nothing."""
        wanted = self._mapped.lists.get(step.list_key)
        if wanted is None:
            raise Held(
                _("The list {list_key} is not mapped in Twenty.").format(list_key=step.list_key),
                _("Connect again to map it."),
            )
        row = await self._api.get(PEOPLE, step.person_id, [LISTS_FIELD])
        if row is None:
            raise Gone(
                _("Twenty has no such person."),
                _("They were deleted or merged; retry to look for them again."),
            )
        held = list(row.get(LISTS_FIELD) or ())
        if wanted not in held:
            await self._api.change(PEOPLE, step.person_id, {LISTS_FIELD: [*held, wanted]})
        return Ref(f"{wanted}:{step.person_id}")

    # Opportunities

    async def deal(self, step: DealStep) -> Ref:
        """The company's opportunity: changed where it exists, else made."""
        return await write_deal("Twenty", self, step, keyed=True)

    async def find_deal(self, step: DealStep) -> Ref | None:
        """The opportunity of our id."""
        found = await self.known(step)
        return None if found is None else found.ref

    async def known(self, step: DealStep) -> FoundDeal | None:
        """The opportunity of our id (Deals)."""
        for record_id in dict.fromkeys(filter(None, (step.known_id, step.key))):
            row = await self._api.get(DEALS, record_id, ["stage", "pointOfContactId"])
            if row is not None:
                labels = {value: label for label, value in self._options("stage").items()}
                stage = labels.get(row["stage"], str(row["stage"]))
                people = tuple(filter(None, [row.get("pointOfContactId")]))
                return FoundDeal(Ref(row["id"]), stage, outcome_of(stage) is not None, people)
        return None

    async def alike(self, step: DealStep, since: datetime) -> Ref | None:
        """Never asked: every opportunity carries our id (Deals)."""
        return None

    async def make(self, step: DealStep) -> Ref:
        """A new opportunity under our id (Deals)."""
        values: Row = {
            "name": step.name,
            "stage": self.stage(step.stage),
            "pointOfContactId": step.person_id,
            **self._value(step),
        }
        if "owner" in self._schema.fields.get(DEALS, ()):
            values["ownerId"] = self.member(step.owner)
        if step.company_id:
            values["companyId"] = step.company_id
        made = await self._api.make(DEALS, step.key, values)
        if made is None:
            raise _in_trash("opportunity", step.name)
        return Ref(made)

    async def change(self, step: DealStep, found: FoundDeal, *, move: bool) -> Ref:
        """The opportunity with what *step* advances; it has one contact, who stays (Deals)."""
        values: Row = {}
        if step.advance and "name" not in step.kept:
            values["name"] = step.name
        if step.advance and "value" not in step.kept:
            values |= self._value(step)
        if move:
            values["stage"] = self.stage(step.stage)
        if not found.people:
            values["pointOfContactId"] = step.person_id
        await self._api.change(DEALS, found.ref.remote_id, values)
        return found.ref

    def _options(self, name: str) -> Mapping[str, str]:
        return self._schema.options.get((DEALS, name), {})

    def stage(self, title: str) -> str:
        """The key of a stage, by its label. Raises Held where the workspace has none."""
        found = self._schema.value(DEALS, "stage", title)
        if found is None:
            raise Held(
                _("Twenty has no deal stage “{title}” any more.").format(title=title),
                _("Restore it or choose another, then retry."),
            )
        return found

    def _value(self, step: DealStep) -> Row:
        slug = self._mapped.slug("deal", "value")
        if slug is None or step.value is None:
            return {}
        return {slug: {"amountMicros": int(step.value * MICROS), "currencyCode": step.currency or "USD"}}

    def member(self, email: str) -> str:
        """The id of a workspace member. Raises Held where nobody has that e-mail."""
        found = self._catalogue.member(email)
        if found is None:
            raise Held(
                _("{email} is no member of this Twenty workspace.").format(email=email),
                _("Assign somebody else, then retry."),
            )
        return found.remote_id

    # Tasks and notes

    async def task(self, step: TaskStep) -> Ref:
        """The task under our id, and what it is about."""
        values: Row = {
            "title": cut(step.content, LONGEST_TITLE, step.marker),
            "bodyV2": {"markdown": step.content},
            "assigneeId": self.member(step.assignee),
            "dueAt": None if step.due_at is None else stamp(step.due_at),
        }
        status = next(iter(self._schema.options.get((TASKS, "status"), {}).values()), None)
        if status is not None:
            values["status"] = status
        return await self._about(TASKS, step.marker, values, step.person_id, step.deal_id)

    async def note(self, step: NoteStep) -> Ref:
        """The note under our id, and what it is about."""
        lines = "  \n".join(step.text.splitlines())  # two spaces: a line of its own in Markdown
        values = {"title": step.title, "bodyV2": {"markdown": lines}}
        return await self._about(NOTES, step.marker, values, step.person_id, step.deal_id)

    async def _about(self, plural: str, marker: str, values: Row, person_id: str, deal_id: str | None) -> Ref:
        """Record first, then its targets: made again, both are there already."""
        singular = SINGULAR[plural]
        made = await self._api.make(plural, our_id(singular, marker), values)
        if made is None:
            raise _in_trash(singular, marker)
        targets = f"{singular}Targets"
        for kind, record_id in (("person", person_id), ("opportunity", deal_id)):
            if record_id:
                row = {f"{singular}Id": made, self._schema.target(targets, kind): record_id}
                await self._api.make(targets, our_id(targets, marker, kind), row)
        return Ref(made)

    def written(self, part: str, plural: str, values: Mapping[str, FieldValue]) -> Row:
        """*values* by our names as Twenty writes them."""
        found: Row = {}
        for field, value in fitting(part, values, self._mapped, self._catalogue):
            options = self._schema.options.get((plural, field.key), {})
            found[field.key] = _wire(value, options, many=field.multiple)
        return found


def _wire(value: Any, options: Mapping[str, str], *, many: bool) -> Any:
    match value:
        case tuple():
            keys = [options.get(label, label) for label in value]
            return keys if many else (keys[0] if keys else None)
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return number(value)
    return value


def _as_row(seen: Seen) -> Row:
    return {"id": seen.remote_id, "companyId": seen.company}


def _in_trash(what: str, which: str) -> Held:
    return Held(
        _("The {what} {which} lies in Twenty's trash, or its unique value belongs to another record.").format(
            what=what, which=which
        ),
        _("Restore it there, or destroy it for good, then retry."),
    )
