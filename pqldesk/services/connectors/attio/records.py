"""Companies, people, list entries and deals: asserted by what makes them unique."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.attio.answers import SeveralEntries
from pqldesk.services.connectors.attio.reading import OBJECTS, Reading
from pqldesk.services.connectors.attio.values import amount, first, full_name, member, reference, shaped
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import CompanyStep, DealStep, FieldStep, ListStep, PersonStep, Ref, Seen
from pqldesk.services.remote.deals import FoundDeal, write_deal
from pqldesk.services.remote.problems import Gone, Held
from pqldesk.services.remote.rest import Rest
from pqldesk.services.remote.seen import PERSON
from pqldesk.services.remote.values import stamp

PEOPLE, COMPANIES, DEALS = (
    "/v2/objects/people/records",
    "/v2/objects/companies/records",
    "/v2/objects/deals/records",
)
Record = dict[str, Any]


class Records:
    """Writing and finding records."""

    def __init__(self, rest: Rest, mapped: Mapped, catalogue: Catalogue) -> None:
        self._rest = rest
        self._mapped = mapped
        self._catalogue = catalogue
        self._reading = Reading(mapped, catalogue)

    async def company(self, step: CompanyStep) -> Ref:
        """The company of the domain. A name that somebody has curated is left alone."""
        query = {"filter": {"domains": step.domain}, "limit": 2}
        found = (await self._rest.read("POST", f"{COMPANIES}/query", body=query))["data"]
        if found:
            return _ref(found[0])
        values = {"domains": [{"domain": step.domain}], "name": [{"value": step.name}]}
        return _ref(await self._assert(COMPANIES, "domains", values))

    async def person(self, step: PersonStep) -> Ref:
        """The person of the e-mail, with what is mapped written."""
        values: Record = {"email_addresses": [{"email_address": step.email}]}
        if step.full_name:
            values["name"] = full_name(step.first_name, step.last_name)
        if step.company_id is not None:
            values["company"] = reference("companies", step.company_id)
        values |= shaped("person", step.values, self._mapped, self._catalogue)
        return _ref(await self._assert(PEOPLE, "email_addresses", values))

    async def present_person(self, email: str) -> Seen | None:
        """The person of the e-mail, as they stand."""
        query = {"filter": {"email_addresses": email}, "limit": 2}
        found = (await self._rest.read("POST", f"{PEOPLE}/query", body=query))["data"]
        return self._reading.person(found[0]) if found else None

    async def present(self, step: FieldStep) -> Seen | None:
        """The record that *step* is about; who has a person stands on their list entry."""
        path = f"/v2/objects/{OBJECTS[step.kind]}/records/{step.remote_id}"
        try:
            record: Record = (await self._rest.read("GET", path))["data"]
        except Gone:
            return None
        seen = self._reading.seen(step.kind, record)
        if "owner" in step.values and step.kind == PERSON:
            entry = await self._own_entry(step.remote_id)
            seen = replace(seen, values={**seen.values, "owner": entry[1] if entry else None})
        return seen

    async def fields(self, step: FieldStep) -> Ref:
        """Those fields of the record, and nothing else."""
        values: Record = {}
        for name, value in step.values.items():
            if name == "owner" and step.kind == PERSON:
                await self._give(step.remote_id, str(value))
            elif name == "owner":
                values["owner"] = member(str(value), self._catalogue)
            elif name == "name" and step.kind == PERSON:
                before, _, after = str(value).rpartition(" ")
                values["name"] = full_name(before or after, after if before else "")
            elif name == "name":
                values["name"] = [{"value": str(value)}]
            elif name == "stage":
                values["stage"] = [{"status": str(value)}]
            elif name == "company":
                values["company"] = reference("companies", str(value))
            else:
                values |= shaped(step.kind, {name: value}, self._mapped, self._catalogue)
        if values:
            path = f"/v2/objects/{OBJECTS[step.kind]}/records/{step.remote_id}"
            await self._rest.write("PATCH", path, body={"data": {"values": values}})
        return Ref(step.remote_id)

    async def _own_entry(self, person_id: str) -> tuple[str, str | None] | None:
        """The person's entry on the PQL list and who has claimed it there."""
        slug = self._mapped.lists.get("pql")
        claimed = self._mapped.slug("list.pql", "claimed_by")
        if slug is None or claimed is None:
            return None
        try:
            entry_id = await self._oldest_entry(person_id, slug)
        except Gone:
            return None
        entry = (await self._rest.read("GET", f"/v2/lists/{slug}/entries/{entry_id}"))["data"]
        holder = first(entry, claimed)
        return entry_id, self._reading.member(holder)

    async def _give(self, person_id: str, rep: str) -> None:
        entry = await self._own_entry(person_id)
        if entry is None:
            raise Held(_("The person is not on the PQL list in Attio."), _("Add them there, then retry."))
        slug, claimed = self._mapped.lists["pql"], self._mapped.slug("list.pql", "claimed_by") or ""
        values = {claimed: member(rep, self._catalogue)}
        path = f"/v2/lists/{slug}/entries/{entry[0]}"
        await self._rest.write("PATCH", path, body={"data": {"entry_values": values}})

    async def _assert(self, path: str, attribute: str, values: Record) -> Record:
        answer = await self._rest.write(
            "PUT", path, body={"data": {"values": values}}, params={"matching_attribute": attribute}
        )
        data: Record = answer["data"]
        return data

    async def entry(self, step: ListStep) -> Ref:
        """The person's one entry on the list; a claim is written only where nobody else holds it."""
        slug = self._mapped.lists.get(step.list_key)
        if slug is None:
            raise Held(
                _("The list {list_key} is not mapped to a list in Attio.").format(list_key=step.list_key),
                _("Connect again to map it."),
            )
        path = f"/v2/lists/{slug}/entries"
        values = shaped(f"list.{step.list_key}", step.values, self._mapped, self._catalogue)
        data = {"parent_record_id": step.person_id, "parent_object": "people", "entry_values": values}
        try:
            made = (await self._rest.write("PUT", path, body={"data": data}))["data"]
            entry_id: str = made["id"]["entry_id"]
        except SeveralEntries:
            entry_id = await self._oldest_entry(step.person_id, slug)
            if values:
                await self._rest.write("PATCH", f"{path}/{entry_id}", body={"data": {"entry_values": values}})
        if step.claimed_by is not None:
            await self._claim(f"{path}/{entry_id}", step, step.claimed_by)
        return Ref(entry_id)

    async def _oldest_entry(self, person_id: str, slug: str) -> str:
        found = (await self._rest.read("GET", f"{PEOPLE}/{person_id}/entries"))["data"]
        own = sorted((e for e in found if e["list_api_slug"] == slug), key=lambda e: str(e["created_at"]))
        if not own:
            raise Gone(_("The person's entries have left the list."), _("Retry to add it again."))
        oldest: str = own[0]["entry_id"]
        return oldest

    async def _claim(self, path: str, step: ListStep, rep: str) -> None:
        # Attio has no compare-and-set: look, write, look again.
        slug = self._mapped.slug("list.pql", "claimed_by")
        if slug is None:
            return
        ours = self._catalogue.member(rep)
        if ours is None:
            raise Held(
                _("{rep} is no member of this Attio workspace.").format(rep=rep),
                _("Invite them, or assign somebody else."),
            )
        await self._refuse_other_claim(path, slug, ours.remote_id)
        values = {slug: member(rep, self._catalogue)}
        at_slug = self._mapped.slug("list.pql", "claimed_at")
        if at_slug is not None and step.claimed_at is not None:
            values |= shaped("list.pql", {"claimed_at": step.claimed_at}, self._mapped, self._catalogue)
        await self._rest.write("PATCH", path, body={"data": {"entry_values": values}})
        await self._refuse_other_claim(path, slug, ours.remote_id)

    async def _refuse_other_claim(self, path: str, slug: str, ours: str) -> None:
        entry = (await self._rest.read("GET", path))["data"]
        holder = first(entry, slug, "referenced_actor_id")
        if holder not in (None, ours):
            name = next((m.email for m in self._catalogue.members if m.remote_id == holder), holder)
            raise Held(
                _("{name} has claimed this person in Attio.").format(name=name),
                _("Ask them to release it there, then retry."),
            )

    async def deal(self, step: DealStep) -> Ref:
        """The company's deal: changed where it exists, else made."""
        return await write_deal("Attio", self, step, keyed=self._id_slug is not None)

    async def find_deal(self, step: DealStep) -> Ref | None:
        """The deal of our key or id."""
        found = await self.known(step)
        return None if found is None else found.ref

    @property
    def _id_slug(self) -> str | None:
        return self._mapped.slug("deal", "pqldesk_id")

    async def known(self, step: DealStep) -> FoundDeal | None:
        """The deal of our id or key (Deals)."""
        found = await self.present_deal(step)
        return None if found is None else FoundDeal(
            Ref(found.remote_id, found.url), str(found.values["stage"] or ""), found.outcome is not None
        )  # fmt: skip

    async def present_deal(self, step: DealStep) -> Seen | None:
        """The deal of our id or key, as it stands."""
        if step.known_id is not None:
            try:
                found: Record = (await self._rest.read("GET", f"{DEALS}/{step.known_id}"))["data"]
            except Gone:
                pass  # deleted, or merged into another: our key tells
            else:
                return self._reading.deal(found)
        if self._id_slug is None:
            return None
        query = {"filter": {self._id_slug: step.key}, "limit": 2}
        rows: list[Record] = (await self._rest.read("POST", f"{DEALS}/query", body=query))["data"]
        return self._reading.deal(rows[0]) if rows else None

    async def alike(self, step: DealStep, since: datetime) -> Ref | None:
        """A deal of that name and person made since then (Deals)."""
        query = {
            "filter": {
                "name": step.name,
                "associated_people": {"target_object": "people", "target_record_id": step.person_id},
                "created_at": {"$gte": stamp(since)},
            },
            "limit": 2,
        }
        rows = (await self._rest.read("POST", f"{DEALS}/query", body=query))["data"]
        return _ref(rows[0]) if rows else None

    async def make(self, step: DealStep) -> Ref:
        """A new deal (Deals)."""
        values: Record = {
            "name": [{"value": step.name}],
            "stage": [{"status": step.stage}],
            "owner": member(step.owner, self._catalogue),
            "associated_people": reference("people", step.person_id),
            **self._value(step),
        }
        if step.company_id is not None:
            values["associated_company"] = reference("companies", step.company_id)
        if self._id_slug is None:
            made = (await self._rest.write("POST", DEALS, body={"data": {"values": values}}))["data"]
            return _ref(made)
        values[self._id_slug] = [{"value": step.key}]
        return _ref(await self._assert(DEALS, self._id_slug, values))

    async def change(self, step: DealStep, found: FoundDeal, *, move: bool) -> Ref:
        """The deal with the person on it, and what *step* advances (Deals)."""
        values: Record = {"associated_people": reference("people", step.person_id)}
        if step.advance and "name" not in step.kept:
            values["name"] = [{"value": step.name}]
        if step.advance and "value" not in step.kept:
            values |= self._value(step)
        if move:
            values["stage"] = [{"status": step.stage}]
        path = f"{DEALS}/{found.ref.remote_id}"
        return _ref((await self._rest.write("PATCH", path, body={"data": {"values": values}}))["data"])

    def _value(self, step: DealStep) -> Record:
        slug = self._mapped.slug("deal", "value")
        return {} if slug is None or step.value is None else {slug: amount(step.value)}


def _ref(record: Record) -> Ref:
    return Ref(record["id"]["record_id"], record.get("web_url"))
