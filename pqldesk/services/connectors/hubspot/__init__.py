"""HubSpot, CRM API. Contacts are unique by e-mail, deals and companies by our own id where the account has it; tasks
and notes are found again by the marker in their text."""

from collections.abc import Mapping

from pqldesk.services.connectors.hubspot.answers import explain, stay_away_s
from pqldesk.services.connectors.hubspot.api import VERSION, Api
from pqldesk.services.connectors.hubspot.people import People
from pqldesk.services.connectors.hubspot.portal import Portal, account_details, create_suggested, discover
from pqldesk.services.connectors.hubspot.work import Work
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
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.rest import Rest, httpx

TITLE = "HubSpot"
BUDGET = (
    6.0,
    3.0,
)  # reads and writes a second; HubSpot allows 100 requests in ten seconds in its smallest plan


class HubSpot:
    """A connected account (services/remote/crm.py says what each call promises)."""

    title = TITLE

    def __init__(self, http: httpx.AsyncClient, url: str, token: str, chosen: Mapping[str, str]) -> None:
        """*chosen*: rate, version of the API, pipeline (its title or id)."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        budget = Budget.read(chosen.get("rate"), url, BUDGET)
        rest = Rest(http, TITLE, url, headers, explain, budget, stay_away_s=stay_away_s)
        self._api = Api(rest, chosen.get("version", VERSION))
        self._pipeline = chosen.get("pipeline")
        self._portal = Portal()
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._known_account = catalogue.account
        self._people = People(self._api, mapped, catalogue, self._portal)
        self._work = Work(self._api, mapped, catalogue, self._portal)

    async def account(self) -> Account:
        await self._api.rest.read("GET", self._api.path("owners"), params={"limit": 1})
        found = str((await account_details(self._api)).get("portalId") or "")
        if self._known_account and found and found != self._known_account:
            raise Held(
                f"The key opens another HubSpot account ({found}) than the one that was connected"
                f" ({self._known_account}).",
                "Connect again if that is meant.",
            )
        return Account(found, frozenset())

    async def catalogue(self) -> Catalogue:
        catalogue, self._portal = await discover(self._api, self._pipeline)
        return catalogue

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return await create_suggested(self._api, missing)

    async def send(self, step: Step) -> Ref:
        match step:
            case CompanyStep():
                return await self._people.company(step)
            case PersonStep():
                return await self._people.person(step)
            case ListStep():
                return await self._people.entry(step)
            case DealStep():
                return await self._work.deal(step)
            case TaskStep():
                return await self._work.task(step)
            case NoteStep():
                return await self._work.note(step)
            case FieldStep() | RelayStep():
                raise cannot(TITLE, step)

    async def present(self, step: Step) -> Seen | None:
        return None

    async def find(self, step: Step) -> Ref | None:
        match step:
            case CompanyStep():
                return await self._people.find_company(step)
            case DealStep():
                return await self._work.find_deal(step)
            case TaskStep():
                return await self._work.find_task(step)
            case NoteStep():
                return await self._work.find_note(step)
            case _:
                return None  # unique: sending again is the look-up

    def writes_once(self, step: Step) -> bool:
        match step:
            case CompanyStep():
                return self._portal.company_key
            case DealStep():
                return step.known_id is not None or self._work.key_name is not None
            case TaskStep() | NoteStep():
                return False
            case _:
                return True
