"""Marketo, REST API. Leads are looked for by e-mail and then made or changed; it has no companies to write, no deals,
tasks and notes: custom activities or requested campaigns stand for the last two where a person chose so."""

from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.connectors.marketo.activities import Activities
from pqldesk.services.connectors.marketo.answers import explain, explain_token, ran_out, stay_away_s, unveil
from pqldesk.services.connectors.marketo.api import AT_ONCE, Api
from pqldesk.services.connectors.marketo.instance import Instance, discover
from pqldesk.services.connectors.marketo.leads import Leads
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.connector import Connector, Opening, Way
from pqldesk.services.remote.crm import Account, FieldStep, ListStep, NoteStep, PersonStep, TaskStep
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.together import Together
from pqldesk.services.remote.tokens import Grant, Tokens

BUDGET = 2.5  # calls a second: half of the 100 in 20 s that all integrations share
SLOW_S = 100.0  # Marketo goes on working on a write for 90 s
WARN_AT, USUAL_QUOTA = 0.8, 50_000
REASON = "reason"


class Marketo(Connector):
    """A connected instance (services/remote/crm.py says what each call promises)."""

    title = "Marketo"
    at_once = AT_ONCE

    def __init__(self, opening: Opening) -> None:
        """Chosen: rate, partition, quota (calls a day), token (of campaigns), and what lists and steps are."""
        budget, chosen = opening.budget(BUDGET), opening.chosen
        self._client = {name: opening.secrets[name] for name in ("client_id", "client_secret")}
        self._door = opening.rest(self.title, explain_token, budget)
        self._tokens = Tokens(self._fetch)
        rest = opening.rest(
            self.title,
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
        self._quota = opening.number("quota", USUAL_QUOTA, "calls")
        self._instance = Instance()
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        leads = Leads(self._api, mapped, catalogue)
        activities = Activities(self._api, mapped, self._instance, self._token)
        self.look = leads.seen
        people = Together(leads.people, leads.person, AT_ONCE, lambda step: step.email.casefold())
        entries = Together(leads.entries, leads.entry, AT_ONCE, lambda step: (step.list_key, step.person_id))
        tasks = Together(activities.many, activities.task, AT_ONCE, lambda step: step.marker)
        notes = Together(activities.many, activities.note, AT_ONCE, lambda step: step.marker)
        self.ways = {
            PersonStep: Way(people.send, leads.find_person, once=False, present=leads.present),
            FieldStep: Way(leads.fields, present=leads.present_fields),
            ListStep: Way(entries.send),  # a list takes a lead once: sending again is the look-up
            TaskStep: Way(tasks.send, activities.find, once=False),
            NoteStep: Way(notes.send, activities.find, once=False),
        }

    async def account(self) -> Account:
        grant = await self._tokens.grant()
        try:
            rows = await self._api.rows("stats/usage")
        except Held:  # an API user need not be shown it
            rows = []
        used = int((rows or [{}])[0].get("total") or 0)
        problem = None
        if used >= self._quota * WARN_AT:
            problem = _(
                "{used} of the {quota} calls that Marketo allows this instance a day are used."
            ).format(used=numeral(used), quota=numeral(self._quota))
        return Account(grant.account, frozenset(), problem)

    async def catalogue(self) -> Catalogue:
        catalogue, self._instance = await discover(self._api, self._chosen)
        return catalogue

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
