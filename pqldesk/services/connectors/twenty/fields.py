"""Single fields of records that are there: what a person decided about a conflict, and who owns a record."""

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.twenty.api import COMPANIES, DEALS, PEOPLE, Api, Row
from pqldesk.services.connectors.twenty.reading import Reading
from pqldesk.services.connectors.twenty.records import Records
from pqldesk.services.remote.crm import DealStep, FieldStep, PersonStep, Ref, Seen
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON

_PLURAL = {PERSON: PEOPLE, COMPANY: COMPANIES, DEAL: DEALS}


class Fields:
    """Reading and writing them."""

    def __init__(self, api: Api, records: Records, reading: Reading) -> None:
        self._api = api
        self._records = records
        self._reading = reading

    async def person(self, step: PersonStep) -> Seen | None:
        """The person of the e-mail, as they stand."""
        row = await self._records.person_row(step.email, self._reading.person_fields)
        return None if row is None else self._reading.person(row)

    async def deal(self, step: DealStep) -> Seen | None:
        """The opportunity of our id, as it stands."""
        for record_id in dict.fromkeys(filter(None, (step.known_id, step.key))):
            row = await self._api.get(DEALS, record_id, self._reading.deal_fields)
            if row is not None:
                return self._reading.deal(row)
        return None

    async def present(self, step: FieldStep) -> Seen | None:
        """The record that *step* is about."""
        fields = {
            PERSON: self._reading.person_fields,
            DEAL: self._reading.deal_fields,
            COMPANY: ["name", "domainName"],
        }
        row = await self._api.get(_PLURAL[step.kind], step.remote_id, fields[step.kind])
        if row is None:
            return None
        read = {PERSON: self._reading.person, DEAL: self._reading.deal, COMPANY: self._reading.company}
        return read[step.kind](row)

    async def write(self, step: FieldStep) -> Ref:
        """Those fields and nothing else."""
        found = Row()
        for name, value in step.values.items():
            match name:
                case "owner" if step.kind == PERSON:
                    raise Held(_("A person has no owner in Twenty."), _("Cancel it."))
                case "owner":
                    found["ownerId"] = self._records.member(str(value))
                case "name" if step.kind == PERSON:
                    first, _space, last = str(value).rpartition(" ")
                    found["name"] = {"firstName": first, "lastName": last}
                case "name":
                    found["name"] = str(value)
                case "stage":
                    found["stage"] = self._records.stage(str(value))
                case "company":
                    found["companyId"] = str(value)
                case _:
                    found |= self._records.written(step.kind, _PLURAL[step.kind], {name: value})
        await self._api.change(_PLURAL[step.kind], step.remote_id, found)
        return Ref(step.remote_id)
