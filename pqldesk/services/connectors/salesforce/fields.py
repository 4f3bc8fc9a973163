"""Single fields of rows that are there: what a person decided about a conflict, and who owns a row."""

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.salesforce.api import Api, Row, kind_of
from pqldesk.services.connectors.salesforce.people import written
from pqldesk.services.connectors.salesforce.reading import Reading
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import FieldStep, Ref, Seen
from pqldesk.services.remote.problems import Gone, Held
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON


class Fields:
    """Reading and writing them."""

    def __init__(self, api: Api, mapped: Mapped, catalogue: Catalogue, reading: Reading) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue
        self._reading = reading

    async def present(self, step: FieldStep) -> Seen | None:
        """The row as it stands."""
        name = _object(step)
        try:
            match step.kind:
                case "person":
                    row = await self._api.get(name, step.remote_id, self._reading.person_fields(name))
                    return self._reading.person(row, name)
                case "deal":
                    row = await self._api.get(name, step.remote_id, self._reading.deal_fields())
                    return self._reading.deal(row)
            return self._reading.company(await self._api.get(name, step.remote_id, ["Id", "Name", "Website"]))
        except Gone:
            return None

    async def write(self, step: FieldStep) -> Ref:
        """Those fields and nothing else; no assignment rule of the org comes between."""
        values: Row = {}
        for name, value in step.values.items():
            match name:
                case "owner":
                    values["OwnerId"] = self._owner(str(value))
                case "name" if step.kind == PERSON:
                    first, _, last = str(value).rpartition(" ")
                    values |= {"FirstName": first, "LastName": last}
                case "name":
                    values["Name"] = str(value)
                case "stage":
                    values["StageName"] = str(value)
                case "company":
                    values["AccountId"] = str(value)
                case _:
                    values |= written(step.kind, {name: value}, self._mapped, self._catalogue)
        await self._api.change(_object(step), step.remote_id, values)
        return Ref(step.remote_id)

    def _owner(self, email: str) -> str:
        found = self._catalogue.member(email)
        if found is None or not found.active:
            raise Held(
                _("{email} is no active user of this Salesforce org.").format(email=email),
                _("Decide for somebody else."),
            )
        return found.remote_id


def _object(step: FieldStep) -> str:
    return {COMPANY: "Account", DEAL: "Opportunity"}.get(step.kind) or kind_of(step.remote_id)
