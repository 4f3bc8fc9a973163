"""Twenty, REST API. PQLDesk chooses the id of each record it makes, so that all of them can be sent again."""

from collections.abc import Mapping

from pqldesk.services.connectors.twenty.answers import explain, stay_away_s
from pqldesk.services.connectors.twenty.api import Api
from pqldesk.services.connectors.twenty.records import Records
from pqldesk.services.connectors.twenty.schema import Schema, create_suggested, discover
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import (
    Account,
    CompanyStep,
    DealStep,
    FieldStep,
    ListStep,
    NoteStep,
    PersonStep,
    Ref,
    RelayStep,
    Seen,
    Step,
    TaskStep,
    cannot,
)
from pqldesk.services.remote.pace import Budget
from pqldesk.services.remote.rest import Rest, httpx

TITLE = "Twenty"
BUDGET = (0.6, 0.4)  # reads and writes a second: 60 a minute of the 100 that Twenty allows


class Twenty:
    """A connected workspace (services/remote/crm.py says what each call promises)."""

    title = TITLE

    def __init__(self, http: httpx.AsyncClient, url: str, token: str, chosen: Mapping[str, str]) -> None:
        """*chosen*: rate."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        budget = Budget.read(chosen.get("rate"), url, BUDGET)
        self._api = Api(Rest(http, TITLE, url, headers, explain, budget, stay_away_s=stay_away_s))
        self._schema = Schema()
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._records = Records(self._api, mapped, catalogue, self._schema)

    async def account(self) -> Account:
        await self._api.rest.read("GET", "/rest/workspaceMembers", params={"limit": 1, "depth": "0"})
        return Account("", frozenset())

    async def catalogue(self) -> Catalogue:
        catalogue, self._schema = await discover(self._api)
        return catalogue

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return await create_suggested(self._api, self._schema, missing)

    async def send(self, step: Step) -> Ref:
        match step:
            case CompanyStep():
                return await self._records.company(step)
            case PersonStep():
                return await self._records.person(step)
            case ListStep():
                return await self._records.entry(step)
            case DealStep():
                return await self._records.deal(step)
            case TaskStep():
                return await self._records.task(step)
            case NoteStep():
                return await self._records.note(step)
            case FieldStep() | RelayStep():
                raise cannot(TITLE, step)

    async def present(self, step: Step) -> Seen | None:
        return None

    async def find(self, step: Step) -> Ref | None:
        match step:
            case DealStep():
                return await self._records.find_deal(step)
            case _:
                return None  # each has an id of ours: sending again is the look-up

    def writes_once(self, step: Step) -> bool:
        return True
