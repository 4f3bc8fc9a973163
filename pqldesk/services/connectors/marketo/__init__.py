"""Marketo, REST API. Leads are looked for by e-mail and then made or changed; it has no companies to write, no deals,
tasks and notes: custom activities or requested campaigns stand for the last two where a person chose so."""

from collections.abc import Mapping

from pqldesk.services.connectors.marketo.activities import Activities
from pqldesk.services.connectors.marketo.answers import explain, explain_token, ran_out, stay_away_s, unveil
from pqldesk.services.connectors.marketo.api import Api
from pqldesk.services.connectors.marketo.instance import Instance, discover
from pqldesk.services.connectors.marketo.leads import Leads
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
from pqldesk.services.remote.tokens import Grant, Tokens

TITLE = "Marketo"
BUDGET = (1.5, 1.0)  # reads and writes a second: half of the 100 calls in 20 s that all integrations share
SLOW_S = 100.0  # Marketo goes on working on a write for 90 s
WARN_AT, USUAL_QUOTA = 0.8, 50_000
REASON = "reason"


class Marketo:
    """A connected instance (services/remote/crm.py says what each call promises)."""

    title = TITLE

    def __init__(
        self, http: httpx.AsyncClient, url: str, secrets: Mapping[str, str], chosen: Mapping[str, str]
    ) -> None:
        """*chosen*: rate, partition, quota (calls a day), token (of campaigns), and what lists and steps are."""
        budget = Budget.read(chosen.get("rate"), url, BUDGET)
        accept = {"Accept": "application/json"}
        self._client = {"client_id": secrets["client_id"], "client_secret": secrets["client_secret"]}
        self._door = Rest(http, TITLE, url, accept, explain_token, budget)
        self._tokens = Tokens(self._fetch)
        rest = Rest(
            http,
            TITLE,
            url,
            accept,
            explain,
            budget,
            tokens=self._tokens,
            ran_out=ran_out,
            stay_away_s=stay_away_s,
            unveil=unveil,
            slow_s=SLOW_S,
        )
        self._api = Api(rest, chosen.get("partition"))
        self._chosen = chosen
        self._token = chosen.get("token", REASON)
        self._quota = _count(chosen.get("quota", str(USUAL_QUOTA)))
        self._instance = Instance()
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._leads = Leads(self._api, mapped, catalogue)
        self._activities = Activities(self._api, mapped, self._instance, self._token)

    async def account(self) -> Account:
        grant = await self._tokens.grant()
        try:
            rows = await self._api.rows("stats/usage")
        except Held:  # an API user need not be shown it
            rows = []
        used = int((rows or [{}])[0].get("total") or 0)
        problem = None
        if used >= self._quota * WARN_AT:
            problem = (
                f"{used:,} of the {self._quota:,} calls that Marketo allows this instance a day are used."
            )
        return Account(grant.account, frozenset(), problem)

    async def catalogue(self) -> Catalogue:
        catalogue, self._instance = await discover(self._api, self._chosen)
        return catalogue

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return ()  # a field that the API makes can be hidden but never deleted: an admin decides on each

    async def send(self, step: Step) -> Ref:
        match step:
            case PersonStep():
                return await self._leads.person(step)
            case ListStep():
                return await self._leads.entry(step)
            case TaskStep():
                return await self._activities.task(step)
            case NoteStep():
                return await self._activities.note(step)
            case CompanyStep() | DealStep() | FieldStep() | RelayStep():
                raise cannot(TITLE, step)

    async def present(self, step: Step) -> Seen | None:
        return None

    async def find(self, step: Step) -> Ref | None:
        match step:
            case PersonStep():
                return await self._leads.find_person(step)
            case TaskStep() | NoteStep():
                return await self._activities.find(step)
            case _:
                return None  # a list takes a lead once: sending again is the look-up

    def writes_once(self, step: Step) -> bool:
        return not isinstance(step, PersonStep | TaskStep | NoteStep)

    async def _fetch(self) -> Grant:
        """A token of the custom service: asked for in a form, or where that is not read, in the address."""
        form = {"grant_type": "client_credentials", **self._client}
        try:
            body = await self._door.read("POST", "/identity/oauth/token", form=form)
        except Held:
            body = await self._door.read("GET", "/identity/oauth/token", params=form)
        return Grant(
            body["access_token"], account=str(body.get("scope") or ""), lasts_s=float(body["expires_in"])
        )


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise ValueError(f"quota={text} is no number of calls, such as {USUAL_QUOTA}")
    return int(text)
