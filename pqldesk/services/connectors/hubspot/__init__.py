"""HubSpot, CRM API. Contacts are unique by e-mail, deals and companies by our own id where the account has it; tasks
and notes are found again by the marker in their text."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.hubspot.answers import explain, explain_token, stay_away_s
from pqldesk.services.connectors.hubspot.api import AT_ONCE, VERSION, Api
from pqldesk.services.connectors.hubspot.feeds import HubSpotFeeds
from pqldesk.services.connectors.hubspot.fields import Fields
from pqldesk.services.connectors.hubspot.people import People
from pqldesk.services.connectors.hubspot.portal import Portal, account_details, create_suggested, discover
from pqldesk.services.connectors.hubspot.reading import Reading
from pqldesk.services.connectors.hubspot.work import Work
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
from pqldesk.services.remote.oauth import REFRESH, Refreshing
from pqldesk.services.remote.pace import Budget
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.rest import Answer
from pqldesk.services.remote.together import Together
from pqldesk.services.remote.tokens import Grant, Tokens

BUDGET = 8.0  # requests a second; HubSpot allows 100 in ten seconds in its smallest plan
SHARE = 0.8  # of what its answers say the plan allows; the rest is for others


class HubSpot(Connector):
    """A connected account (services/remote/crm.py says what each call promises)."""

    title = "HubSpot"
    at_once = AT_ONCE

    def __init__(self, opening: Opening) -> None:
        """By a key, or by a sign-in. Chosen: rate, version of the API, pipeline (its title or id)."""
        budget, version = opening.budget(BUDGET), opening.chosen.get("version", VERSION)
        tokens = None
        if REFRESH in opening.secrets:
            door = opening.rest(self.title, explain_token, budget)
            tokens = Tokens(Refreshing(opening, door, f"/oauth/{version}/token", _grant).fetch)
        seen = None if "rate" in opening.chosen else partial(_allow, budget)
        rest = opening.rest(
            self.title, explain, budget, tokens=tokens, ran_out=_ran_out, stay_away_s=stay_away_s, seen=seen
        )
        self._api = Api(rest, version)
        self._pipeline = opening.chosen.get("pipeline")
        self._portal = Portal()
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._known_account = catalogue.account
        portal = self._portal
        people, work = (
            People(self._api, mapped, catalogue, portal),
            Work(self._api, mapped, catalogue, portal),
        )
        contacts = Together(people.people, people.person, AT_ONCE, lambda step: step.email.casefold())
        entries = Together(
            people.entries, people.entry, AT_ONCE, lambda step: (step.list_key, step.person_id)
        )
        tasks = Together(work.tasks, work.task, AT_ONCE, lambda step: step.marker)
        notes = Together(work.notes, work.note, AT_ONCE, lambda step: step.marker)
        reading = Reading(mapped, catalogue, portal)
        fields = Fields(self._api, mapped, catalogue, portal, reading)
        self.feeds = HubSpotFeeds(self._api, reading)
        keyed = work.key_name is not None
        self.look = people.seen
        self.ways = {
            CompanyStep: Way(people.company, people.find_company, once=portal.company_key),
            # Unique, and a list takes a person once: sending again is the look-up.
            PersonStep: Way(contacts.send, present=fields.person),
            ListStep: Way(entries.send),
            DealStep: Way(
                work.deal,
                work.find_deal,
                lambda step: keyed or step.known_id is not None,
                present=fields.deal,
            ),
            FieldStep: Way(fields.write, present=fields.present),
            TaskStep: Way(tasks.send, work.find_task, once=False),
            NoteStep: Way(notes.send, work.find_note, once=False),
        }

    async def account(self) -> Account:
        await self._api.rest.read("GET", self._api.path("owners"), params={"limit": 1})
        found = str((await account_details(self._api)).get("portalId") or "")
        if self._known_account and found and found != self._known_account:
            raise Held(
                _(
                    "The key opens another HubSpot account ({found}) than the one that was connected "
                    "({known_account})."
                ).format(found=found, known_account=self._known_account),
                _("Connect again if that is meant."),
            )
        return Account(found, frozenset())

    async def catalogue(self) -> Catalogue:
        catalogue, self._portal = await discover(self._api, self._pipeline)
        return catalogue

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return await create_suggested(self._api, missing)


def _grant(body: Mapping[str, Any]) -> Grant:
    lasts = body.get("expires_in")
    return Grant(str(body["access_token"]), lasts_s=float(lasts) if lasts else None)


def _allow(budget: Budget, answer: Answer) -> None:
    """The budget follows the plan, which is told in headers of most answers."""
    most, span_ms = (
        answer.headers.get(f"x-hubspot-ratelimit-{name}") or "" for name in ("max", "interval-milliseconds")
    )
    if most.isdecimal() and span_ms.isdecimal() and int(most) and int(span_ms):
        budget.reads.allow(SHARE * int(most) * 1000 / int(span_ms))


def _ran_out(answer: Answer) -> bool:
    return answer.status == 401
