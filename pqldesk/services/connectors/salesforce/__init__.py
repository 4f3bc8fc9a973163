"""Salesforce, REST API. Unique external ids make account, person and opportunity safe to send again where the org
has them; else they are looked for first. Tasks and notes are found again by the marker in subject and title."""

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.connectors.salesforce.answers import explain, explain_sign_in, explain_token, ran_out
from pqldesk.services.connectors.salesforce.api import AT_ONCE, VERSION, Api
from pqldesk.services.connectors.salesforce.feeds import SalesforceFeeds
from pqldesk.services.connectors.salesforce.fields import Fields
from pqldesk.services.connectors.salesforce.org import Org, discover
from pqldesk.services.connectors.salesforce.people import People
from pqldesk.services.connectors.salesforce.reading import Reading
from pqldesk.services.connectors.salesforce.work import DAYS_TO_CLOSE, Work
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
from pqldesk.services.remote.oauth import REFRESH, Refreshing, missing_scopes
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.rest import Answer
from pqldesk.services.remote.together import Together
from pqldesk.services.remote.tokens import Grant, Tokens

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
SCOPES = ("api",)
BUDGET = (50.0, 25.0)  # Salesforce counts by the day, not by the second; this leaves room for everybody else
SLOW_S = 30.0  # two hundred rows with an org's automations take their time
WARN_AT = 0.8  # share of the day's calls from which `connect` says so
_USED = re.compile(r"(?<!-)\bapi-usage=(\d+)/(\d+)")


class Salesforce(Connector):
    """A connected org (services/remote/crm.py says what each call promises)."""

    title = "Salesforce"
    at_once = AT_ONCE

    def __init__(self, opening: Opening) -> None:
        """The address is the org's My Domain; by the app's own user, or by a sign-in.

        Chosen: rate, people (contacts or leads), currency, close_days.
        """
        budget, chosen = opening.budget(BUDGET), opening.chosen
        self._door = opening.rest(self.title, explain_token, budget)
        self._secrets = opening.secrets
        fetch = self._own_user
        if REFRESH in opening.secrets:
            door = opening.rest(self.title, explain_sign_in, budget)
            fetch = Refreshing(opening, door, TOKEN_PATH, self._grant).fetch
        self._tokens = Tokens(fetch)
        self._api = Api(
            opening.rest(
                self.title,
                explain,
                budget,
                tokens=self._tokens,
                ran_out=ran_out,
                seen=self._count,
                slow_s=SLOW_S,
            )
        )
        self._leads = _one_of(chosen.get("people", "contacts"), ("contacts", "leads")) == "leads"
        self._currency = chosen.get("currency")
        self._days = opening.number("close_days", DAYS_TO_CLOSE, "days")
        self._used = (0, 0)
        self._org = Org()
        self._user = ""
        self._scope: str | None = None
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._known_account = catalogue.account
        org = self._org
        own_user = (
            "" if REFRESH in self._secrets else self._user
        )  # what the app's own user owns nobody has taken
        reading = Reading(mapped, catalogue, org, own_user)
        people = People(self._api, mapped, catalogue, org, reading, leads=self._leads)
        work = Work(self._api, mapped, catalogue, org, reading, days_to_close=self._days)
        fields = Fields(self._api, mapped, catalogue, reading)
        keyed = work.key_field is not None
        persons = Together(people.people, people.person, AT_ONCE, lambda step: step.email.casefold())
        # A campaign takes a person once: sending again is the look-up.
        members = Together(
            people.members,
            lambda step: people.member(step, self._user),
            AT_ONCE,
            lambda step: (step.list_key, step.person_id),
        )
        tasks = Together(work.tasks, work.task, AT_ONCE, lambda step: step.marker)
        notes = Together(work.notes, work.note, AT_ONCE, lambda step: step.marker)
        self.ways = {
            CompanyStep: Way(people.company, people.find_company, once="Account" in org.keys),
            PersonStep: Way(
                persons.send,
                people.find_person,
                once=("Lead" if self._leads else "Contact") in org.keys,
                present=lambda step: people.present(step.known_id, step.email),
            ),
            ListStep: Way(members.send),
            DealStep: Way(
                work.deal,
                work.find_deal,
                lambda step: keyed or step.known_id is not None,
                present=work.present,
            ),
            FieldStep: Way(fields.write, present=fields.present),
            TaskStep: Way(tasks.send, work.find_task, once=False),
            NoteStep: Way(notes.send, work.find_note, once=False),
        }
        self.look = lambda email: people.present(None, email)
        self.feeds = SalesforceFeeds(self._api, reading)

    async def account(self) -> Account:
        grant = await self._tokens.grant()
        if self._known_account and grant.account != self._known_account:
            raise Held(
                _(
                    "The credential opens another Salesforce org ({account}) than the one that was connected "
                    "({known_account})."
                ).format(account=grant.account, known_account=self._known_account),
                _("Connect again if that is meant."),
            )
        versions = await self._api.rest.read("GET", "/services/data/")
        if VERSION not in {each["version"] for each in versions}:
            raise Held(
                _("This Salesforce org does not offer version {version} of its API.").format(version=VERSION),
                _("Update PQLDesk."),
            )
        (org,) = await self._api.select("Id, Name", "Organization")
        used, most = self._used
        problem = missing_scopes(self.title, self._scope or "", SCOPES)
        if most and used >= most * WARN_AT:
            problem = _(
                "{used} of the {most} API calls that Salesforce allows this org a day are used."
            ).format(used=numeral(used), most=numeral(most))
        return Account(org["Name"], frozenset(), problem)

    async def catalogue(self) -> Catalogue:
        grant = await self._tokens.grant()
        catalogue, self._org = await discover(self._api, grant.account, self._currency)
        return catalogue

    async def _own_user(self) -> Grant:
        """A token for the app's own user."""
        basic = ":".join(quote(self._secrets[name], safe="") for name in ("client_id", "client_secret"))
        body = await self._door.read(
            "POST",
            TOKEN_PATH,
            form={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {base64.b64encode(basic.encode()).decode()}"},
        )
        return self._grant(body)

    def _grant(self, body: Mapping[str, Any]) -> Grant:
        """The token in an answer, which says where the org lives now and who we are there."""
        org, _, self._user = str(body["id"]).rstrip("/").rpartition("/")
        self._scope = body.get("scope")
        return Grant(body["access_token"], body["instance_url"], org.rpartition("/")[2])

    def _count(self, answer: Answer) -> None:
        found = _USED.search(answer.headers.get("sforce-limit-info") or "")
        if found:
            self._used = (int(found[1]), int(found[2]))


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(
            _("people={value} is not one of {known}").format(value=value, known=", ".join(known))
        )
    return value
