"""Companies, contacts and lists. Contacts are unique by e-mail; companies only by our own id, where it exists."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.hubspot.answers import Exists
from pqldesk.services.connectors.hubspot.api import COMPANIES, CONTACTS, Api, Row, fresh
from pqldesk.services.connectors.hubspot.portal import OUR_ID, Portal
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import CompanyStep, FieldValue, ListStep, PersonStep, Ref
from pqldesk.services.remote.problems import Gone, Held
from pqldesk.services.remote.seen import PERSON, Seen
from pqldesk.services.remote.values import fitting, number, stamp

OWNER = "hubspot_owner_id"


class People:
    """Writing and finding companies, contacts and who is on which list."""

    def __init__(self, api: Api, mapped: Mapped, catalogue: Catalogue, portal: Portal) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue
        self._portal = portal

    async def company(self, step: CompanyStep) -> Ref:
        """The company of the domain; made where there is none."""
        found = await self.find_company(step)
        if found is not None:
            return found
        properties = {"name": step.name, "domain": step.domain}
        if self._portal.company_key:
            properties[OUR_ID] = step.domain
        try:
            return Ref(await self._api.create(COMPANIES, properties))
        except Exists:
            found = await self.find_company(step)
            if found is None:
                raise
            return found

    async def find_company(self, step: CompanyStep) -> Ref | None:
        """Where it stood last, by our own id, then by domain in the search, which shows new companies late."""
        if step.known_id and await self._api.get(COMPANIES, step.known_id, ["domain"]) is not None:
            return Ref(step.known_id)
        if self._portal.company_key:
            row = await self._api.get(COMPANIES, step.domain, ["domain"], by=OUR_ID)
            if row is not None:
                return Ref(row["id"])
        rows = await self._api.search(COMPANIES, "domain", step.domain, ["domain"])
        return Ref(min((row["id"] for row in rows), key=int)) if rows else None

    async def person(self, step: PersonStep) -> Ref:
        """The contact of the e-mail with what is mapped written; made where nobody has it."""
        properties = self._written(step) | _names(step)
        found = await self._found(step.email)
        if found is None:
            fresh = {"email": step.email, **properties}
            try:
                return Ref(await self._api.create(CONTACTS, fresh, [(COMPANIES, step.company_id)]))
            except (
                Exists
            ) as problem:  # somebody made it meanwhile, or it is a second address of another contact
                found = await self._found(step.email) or problem.remote_id
                if found is None:
                    raise
        await self._api.change(CONTACTS, found, properties)
        if step.company_id and not await self._api.linked(CONTACTS, found, COMPANIES):
            await self._api.link(CONTACTS, found, COMPANIES, step.company_id)
        return Ref(found)

    async def seen(self, email: str) -> Seen | None:
        """The contact of the e-mail: its owner and how far it is."""
        names = ["email", OWNER, "lifecyclestage", "hs_lead_status", "createdate"]
        row = await self._api.get(CONTACTS, email, names, by="email")
        if row is None:
            return None
        held = row["properties"]
        owner = next((m.email for m in self._catalogue.members if m.remote_id == held.get(OWNER)), None)
        status = held.get("hs_lead_status") or held.get("lifecyclestage")
        return Seen(PERSON, str(row["id"]), {"owner": owner, "status": status})

    def _written(self, step: PersonStep) -> Row:
        return written(CONTACTS, "person", step.values, self._mapped, self._catalogue, self._portal)

    async def people(self, steps: Sequence[PersonStep]) -> list[Ref | None]:
        """Up to 100 contacts: one call to read, one to make, one to change, two for their companies. None where a step
        has to go by itself: a second address of another contact, what was refused."""
        rows = await self._api.read(CONTACTS, [step.email for step in steps], ["email"], by="email")
        there = {str(row["properties"].get("email") or "").casefold(): str(row["id"]) for row in rows}
        found = [there.get(step.email.casefold()) for step in steps]
        made = await self._new(step for step, contact in zip(steps, found, strict=True) if contact is None)
        inputs = []
        for step, contact in zip(steps, found, strict=True):
            properties = self._written(step) | _names(step)
            if contact is not None and properties:
                inputs.append({"id": contact, "properties": properties})
        changed = await self._api.change_many(CONTACTS, inputs)
        refused = {str(each["id"]) for each in inputs} - changed
        companies = {
            contact: step.company_id
            for step, contact in zip(steps, found, strict=True)
            if contact and step.company_id and contact not in refused
        }
        linked = await self._api.links(CONTACTS, list(companies), COMPANIES)
        missing = {contact: company for contact, company in companies.items() if contact not in linked}
        if not await self._api.link_many(CONTACTS, COMPANIES, missing):
            refused |= set(missing)
        ids = [contact or made.get(step.email.casefold()) for step, contact in zip(steps, found, strict=True)]
        return [None if contact is None or contact in refused else Ref(contact) for contact in ids]

    async def _new(self, steps: Iterable[PersonStep]) -> dict[str, str]:
        """Contacts whom nobody has, made with their companies; e-mail -> id of those that were taken."""
        inputs = [
            fresh(
                CONTACTS,
                {"email": step.email, **self._written(step), **_names(step)},
                [(COMPANIES, step.company_id)],
            )
            for step in steps
        ]
        return await self._api.create_many(CONTACTS, inputs, lambda held: str(held["email"]).casefold())

    async def entries(self, steps: Sequence[ListStep]) -> list[Ref | None]:
        """Up to 100 contacts, a call for each list; None for claims, and for contacts that are gone."""
        refs: list[Ref | None] = [None] * len(steps)
        for key in {step.list_key for step in steps} & set(self._mapped.lists):
            list_id = self._mapped.lists[key]
            own = [
                (at, step.person_id)
                for at, step in enumerate(steps)
                if step.list_key == key and step.claimed_by is None
            ]
            if not own:
                continue
            path = self._api.path("lists", list_id, "memberships", "add")
            answer = await self._api.rest.write("PUT", path, body=[contact for _, contact in own])
            gone = {str(each) for each in answer.get("recordIdsMissing") or ()}
            for at, contact in own:
                refs[at] = None if contact in gone else Ref(f"{list_id}:{contact}")
        return refs

    async def _found(self, email: str) -> str | None:
        row = await self._api.get(CONTACTS, email, ["email"], by="email")
        return None if row is None else str(row["id"])

    async def entry(self, step: ListStep) -> Ref:
        """The contact on the list; a claim is who owns the contact."""
        list_id = self._mapped.lists.get(step.list_key)
        if list_id is None:
            raise Held(
                _("The list {list_key} is not mapped to a list in HubSpot.").format(list_key=step.list_key),
                _("Connect again to map it."),
            )
        path = self._api.path("lists", list_id, "memberships", "add")
        answer = await self._api.rest.write("PUT", path, body=[step.person_id])
        if step.person_id in (answer.get("recordIdsMissing") or ()):
            raise Gone(
                _("HubSpot has no such contact."), _("It was deleted or merged; retry to look for it again.")
            )
        if step.claimed_by is not None and self._mapped.slug("list.pql", "claimed_by"):
            await self._claim(step.person_id, step.claimed_by)
        return Ref(f"{list_id}:{step.person_id}")

    async def _claim(self, person_id: str, rep: str) -> None:
        # HubSpot has no compare-and-set: look, write, look again.
        ours = self._catalogue.member(rep)
        if ours is None:
            raise Held(
                _("{rep} is no owner in HubSpot.").format(rep=rep),
                _("Invite them there, or assign somebody else."),
            )
        await self._refuse_other(person_id, ours.remote_id)
        await self._api.change(CONTACTS, person_id, {OWNER: ours.remote_id})
        await self._refuse_other(person_id, ours.remote_id)

    async def _refuse_other(self, person_id: str, ours: str) -> None:
        row = await self._api.get(CONTACTS, person_id, [OWNER])
        holder = (row or {"properties": {}})["properties"].get(OWNER)
        if holder not in (None, "", ours):
            name = next((m.email for m in self._catalogue.members if m.remote_id == holder), holder)
            raise Held(
                _("{name} owns this contact in HubSpot.").format(name=name),
                _("Ask them to hand it over there, then retry."),
            )


def _names(step: PersonStep) -> Row:
    """Of a new contact; of one who is there only where nothing stands, or PQLDesk is master of names."""
    return {"firstname": step.first_name, "lastname": step.last_name} if step.full_name else {}


def written(
    kind: str,
    part: str,
    values: Mapping[str, FieldValue],
    mapped: Mapped,
    catalogue: Catalogue,
    portal: Portal,
) -> Row:
    """*values* by our names as HubSpot writes them: every value a string, options by their internal name."""
    found = {}
    for field, value in fitting(part, values, mapped, catalogue):
        found[field.key] = _wire(value, portal.options.get((kind, field.key), {}))
    return found


def _wire(value: Any, options: Mapping[str, str]) -> str:
    match value:
        case tuple():
            return ";".join(options.get(label, label) for label in value)
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal() | int() | float():
            return str(number(value))
    return str(value)
