"""Single properties of records that are there: what a person decided about a conflict, and who owns a record."""

from collections.abc import Sequence

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.hubspot.api import AT_ONCE, COMPANIES, CONTACTS, DEALS, Api, Row
from pqldesk.services.connectors.hubspot.people import OWNER, written
from pqldesk.services.connectors.hubspot.portal import Portal
from pqldesk.services.connectors.hubspot.reading import Reading
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import DealStep, FieldStep, PersonStep, Ref, Seen
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON
from pqldesk.services.remote.together import Together

_KINDS = {COMPANY: COMPANIES, PERSON: CONTACTS, DEAL: DEALS}


class Fields:
    """Reading and writing them."""

    def __init__(
        self, api: Api, mapped: Mapped, catalogue: Catalogue, portal: Portal, reading: Reading
    ) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue
        self._portal = portal
        self._reading = reading
        self._there: Together[str, list[Row]] = Together(self._each, self._alone, AT_ONCE, str.casefold)

    async def person(self, step: PersonStep) -> Seen | None:
        """The contact of the e-mail, as it stands."""
        rows = await self._there.send(step.email)
        return self._reading.person(rows[0]) if rows else None

    async def _alone(self, email: str) -> list[Row]:
        row = await self._api.get(CONTACTS, email, self._reading.person_names, by="email")
        return [] if row is None else [row]

    async def _each(self, emails: Sequence[str]) -> list[list[Row] | None]:
        """The contact of each, in one call. One that the answer does not hold is asked for by itself where any is
        left over whose address nobody asked for: it may be a second address of that one."""
        rows = await self._api.read(CONTACTS, emails, self._reading.person_names, by="email")
        there = {str(row["properties"].get("email") or "").casefold(): row for row in rows}
        asked = {email.casefold() for email in emails}
        unclear = any(email not in asked for email in there)
        found: list[list[Row] | None] = []
        for email in emails:
            row = there.get(email.casefold())
            found.append([row] if row is not None else None if unclear else [])
        return found

    async def deal(self, step: DealStep) -> Seen | None:
        """The deal of our id or key, as it stands."""
        row = None
        if step.known_id is not None:
            row = await self._api.get(DEALS, step.known_id, self._reading.deal_names)
        key = self._reading.deal_key
        if row is None and key is not None:
            row = await self._api.get(DEALS, step.key, self._reading.deal_names, by=key)
        return None if row is None else self._reading.deal(row)

    async def present(self, step: FieldStep) -> Seen | None:
        """The record that *step* is about."""
        names = {
            PERSON: self._reading.person_names, DEAL: self._reading.deal_names, COMPANY: ["name", "domain"],
        }  # fmt: skip
        row = await self._api.get(_KINDS[step.kind], step.remote_id, names[step.kind])
        if row is None:
            return None
        read = {PERSON: self._reading.person, DEAL: self._reading.deal, COMPANY: self._reading.company}
        return read[step.kind](row)

    async def write(self, step: FieldStep) -> Ref:
        """Those properties and nothing else."""
        kind, found = _KINDS[step.kind], Row()
        for name, value in step.values.items():
            match name:
                case "owner":
                    found[OWNER] = self._owner(str(value))
                case "name" if step.kind == PERSON:
                    first, _, last = str(value).rpartition(" ")
                    found |= {"firstname": first, "lastname": last}
                case "name":
                    found["dealname" if step.kind == DEAL else "name"] = str(value)
                case "stage":
                    stage = self._portal.stage(str(value))
                    found |= {"pipeline": stage.pipeline_id, "dealstage": stage.stage_id}
                case _:
                    found |= written(
                        kind, step.kind, {name: value}, self._mapped, self._catalogue, self._portal
                    )
        await self._api.change(kind, step.remote_id, found)
        return Ref(step.remote_id)

    def _owner(self, email: str) -> str:
        found = self._catalogue.member(email)
        if found is None or not found.active:
            raise Held(
                _("{email} is no owner in HubSpot.").format(email=email), _("Decide for somebody else.")
            )
        return found.remote_id
