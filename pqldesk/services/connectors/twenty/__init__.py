"""Twenty, REST API. PQLDesk chooses the id of each record it makes, so that all of them can be sent again."""

from pqldesk.services.connectors.twenty.answers import explain, stay_away_s
from pqldesk.services.connectors.twenty.api import Api
from pqldesk.services.connectors.twenty.feeds import TwentyFeeds
from pqldesk.services.connectors.twenty.fields import Fields
from pqldesk.services.connectors.twenty.reading import Reading
from pqldesk.services.connectors.twenty.records import Records
from pqldesk.services.connectors.twenty.schema import Schema, create_suggested, discover
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.connector import Connector, Opening, Way
from pqldesk.services.remote.crm import (
    Account,
    CompanyStep,
    DealStep,
    FieldStep,
    ListStep,
    NoteStep,
    PersonStep,
    TaskStep,
)

BUDGET = 1.0  # requests a second, of the 100 a minute that Twenty allows


class Twenty(Connector):
    """A connected workspace (services/remote/crm.py says what each call promises)."""

    title = "Twenty"

    def __init__(self, opening: Opening) -> None:
        """Chosen: rate."""
        budget = opening.budget(BUDGET)
        self._api = Api(opening.rest(self.title, explain, budget, stay_away_s=stay_away_s))
        self._schema = Schema()
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        records = Records(self._api, mapped, catalogue, self._schema)
        reading = Reading(mapped, catalogue, self._schema)
        fields = Fields(self._api, records, reading)
        self.feeds = TwentyFeeds(self._api, reading, self._schema)
        self.look = records.seen
        self.ways = {  # each record has an id of ours: sending again is the look-up
            CompanyStep: Way(records.company),
            PersonStep: Way(records.person, present=fields.person),
            ListStep: Way(records.entry),
            DealStep: Way(records.deal, records.find_deal, present=fields.deal),
            FieldStep: Way(fields.write, present=fields.present),
            TaskStep: Way(records.task),
            NoteStep: Way(records.note),
        }

    async def account(self) -> Account:
        await self._api.rest.read("GET", "/rest/workspaceMembers", params={"limit": 1, "depth": "0"})
        return Account("", frozenset())

    async def catalogue(self) -> Catalogue:
        catalogue, self._schema = await discover(self._api)
        return catalogue

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return await create_suggested(self._api, self._schema, missing)
