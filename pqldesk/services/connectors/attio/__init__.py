"""Attio, REST API v2. Unique keys make company, person, list entry and deal safe to send again; tasks and notes
are found again by the marker in their text."""

from pqldesk.services.connectors.attio.answers import explain, missing_scope
from pqldesk.services.connectors.attio.records import Records
from pqldesk.services.connectors.attio.schema import create_suggested, discover
from pqldesk.services.connectors.attio.texts import Texts
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

NAME, TITLE = "attio", "Attio"
URL = "https://api.attio.com"
BUDGET = (80.0, 20.0)  # reads and writes a second; Attio allows 100 and 25, shared with everybody else


class Attio:
    """A connected Attio workspace (services/remote/crm.py says what each call promises)."""

    title = TITLE

    def __init__(self, http: httpx.AsyncClient, url: str, token: str, *, rate: str | None = None) -> None:
        """*url* is the server's root, without /v2; *rate* as Budget.read takes it."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._rest = Rest(http, TITLE, url, headers, explain, Budget.read(rate, url, BUDGET))
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._mapped = mapped
        self._records = Records(self._rest, mapped, catalogue)
        self._texts = Texts(self._rest, catalogue)

    async def account(self) -> Account:
        found = await self._rest.read("GET", "/v2/self")
        if not isinstance(found, dict) or not found.get("active"):
            raise Held(
                "Attio does not accept the token: it is wrong or was revoked.",
                "Make a new one in Attio and connect again.",
            )
        scopes = frozenset(str(found.get("scope") or "").split())
        return Account(str(found.get("workspace_name") or ""), scopes, missing_scope(scopes))

    async def catalogue(self) -> Catalogue:
        return await discover(self._rest)

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return await create_suggested(self._rest, missing, self._mapped)

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
            case FieldStep():
                return await self._records.fields(step)
            case TaskStep():
                return await self._texts.task(step)
            case NoteStep():
                return await self._texts.note(step)
            case RelayStep():
                raise cannot(TITLE, step)

    async def present(self, step: Step) -> Seen | None:
        match step:
            case PersonStep():
                return await self._records.present_person(step.email)
            case DealStep():
                return await self._records.present_deal(step)
            case FieldStep():
                return await self._records.present(step)
            case _:
                return None

    async def find(self, step: Step) -> Ref | None:
        match step:
            case TaskStep():
                return await self._texts.find_task(step)
            case NoteStep():
                return await self._texts.find_note(step)
            case DealStep():
                return await self._records.find_deal(step)
            case _:
                return None  # asserted: sending again is the look-up

    def writes_once(self, step: Step) -> bool:
        match step:
            case TaskStep() | NoteStep():
                return False
            case DealStep():
                return step.known_id is not None or self._mapped.slug("deal", "pqldesk_id") is not None
            case _:
                return True
