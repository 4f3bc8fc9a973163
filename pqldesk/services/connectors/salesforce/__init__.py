"""Salesforce, REST API. Unique external ids make account, person and opportunity safe to send again where the org
has them; else they are looked for first. Tasks and notes are found again by the marker in subject and title."""

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote

from pqldesk.services.connectors.salesforce.answers import explain, explain_token, ran_out
from pqldesk.services.connectors.salesforce.api import VERSION, Api
from pqldesk.services.connectors.salesforce.org import Org, discover
from pqldesk.services.connectors.salesforce.people import People
from pqldesk.services.connectors.salesforce.work import DAYS_TO_CLOSE, Work
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
from pqldesk.services.remote.rest import Answer, Rest, httpx
from pqldesk.services.remote.tokens import Grant, Tokens

TITLE = "Salesforce"
BUDGET = (50.0, 25.0)  # Salesforce counts by the day, not by the second; this leaves room for everybody else
WARN_AT = 0.8  # share of the day's calls from which `connect` says so
_USED = re.compile(r"(?<!-)\bapi-usage=(\d+)/(\d+)")


class Salesforce:
    """A connected org (services/remote/crm.py says what each call promises)."""

    title = TITLE

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        client_id: str,
        client_secret: str,
        chosen: Mapping[str, str],
    ) -> None:
        """*url* is the org's My Domain; *chosen*: rate, people (contacts or leads), currency, close_days."""
        budget = Budget.read(chosen.get("rate"), url, BUDGET)
        basic = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._basic = base64.b64encode(basic.encode()).decode()
        self._door = Rest(http, TITLE, url, {"Accept": "application/json"}, explain_token, budget)
        self._tokens = Tokens(self._fetch)
        rest = Rest(
            http,
            TITLE,
            url,
            {"Accept": "application/json"},
            explain,
            budget,
            tokens=self._tokens,
            ran_out=ran_out,
            seen=self._count,
        )
        self._api = Api(rest)
        self._leads = _one_of(chosen.get("people", "contacts"), ("contacts", "leads")) == "leads"
        self._currency = chosen.get("currency")
        self._days = _days(chosen.get("close_days", str(DAYS_TO_CLOSE)))
        self._used = (0, 0)
        self._org = Org()
        self._user = ""
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._mapped = mapped
        self._known_account = catalogue.account
        self._people = People(self._api, mapped, catalogue, self._org, leads=self._leads)
        self._work = Work(self._api, mapped, catalogue, self._org, days_to_close=self._days)

    async def account(self) -> Account:
        grant = await self._tokens.grant()
        if self._known_account and grant.account != self._known_account:
            raise Held(
                f"The credential opens another Salesforce org ({grant.account}) than the one that was connected"
                f" ({self._known_account}).",
                "Connect again if that is meant.",
            )
        versions = await self._api.rest.read("GET", "/services/data/")
        if VERSION not in {each["version"] for each in versions}:
            raise Held(f"This Salesforce org does not offer version {VERSION} of its API.", "Update PQLDesk.")
        (org,) = await self._api.select("Id, Name", "Organization")
        used, most = self._used
        problem = None
        if most and used >= most * WARN_AT:
            problem = f"{used:,} of the {most:,} API calls that Salesforce allows this org a day are used."
        return Account(org["Name"], frozenset(), problem)

    async def catalogue(self) -> Catalogue:
        grant = await self._tokens.grant()
        catalogue, self._org = await discover(self._api, grant.account, self._currency)
        return catalogue

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return ()  # custom fields are an admin's to make: they need page layouts and permission sets, too

    async def send(self, step: Step) -> Ref:
        match step:
            case CompanyStep():
                return await self._people.company(step)
            case PersonStep():
                return await self._people.person(step)
            case ListStep():
                return await self._people.member(step, self._user)
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
            case PersonStep():
                return await self._people.find_person(step)
            case DealStep():
                return await self._work.find_deal(step)
            case TaskStep():
                return await self._work.find_task(step)
            case NoteStep():
                return await self._work.find_note(step)
            case _:
                return None  # a campaign takes a person once: sending again is the look-up

    def writes_once(self, step: Step) -> bool:
        match step:
            case CompanyStep():
                return "Account" in self._org.keys
            case PersonStep():
                return ("Lead" if self._leads else "Contact") in self._org.keys
            case DealStep():
                return step.known_id is not None or self._work.key_field is not None
            case TaskStep() | NoteStep():
                return False
            case _:
                return True

    async def _fetch(self) -> Grant:
        """A token for the app's own user; it says where the org lives now."""
        body = await self._door.read(
            "POST",
            "/services/oauth2/token",
            form={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {self._basic}"},
        )
        org, _, self._user = str(body["id"]).rstrip("/").rpartition("/")
        return Grant(body["access_token"], body["instance_url"], org.rpartition("/")[2])

    def _count(self, answer: Answer) -> None:
        found = _USED.search(answer.headers.get("sforce-limit-info") or "")
        if found:
            self._used = (int(found[1]), int(found[2]))


def _days(text: str) -> int:
    if not text.isdigit():
        raise ValueError(f"close_days={text} is no number of days, such as 30")
    return int(text)


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"people={value} is not one of {', '.join(known)}")
    return value
