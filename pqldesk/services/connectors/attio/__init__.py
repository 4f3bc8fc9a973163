"""Attio, REST API v2. Unique keys make company, person, list entry and deal safe to send again; tasks and notes
are found again by the marker in their text."""

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.attio.answers import explain, missing_scope
from pqldesk.services.connectors.attio.feeds import AttioFeeds
from pqldesk.services.connectors.attio.records import Records
from pqldesk.services.connectors.attio.schema import create_suggested, discover
from pqldesk.services.connectors.attio.texts import Texts
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
from pqldesk.services.remote.problems import Held

BUDGET = (80.0, 20.0)  # reads and writes a second; Attio allows 100 and 25, shared with everybody else


class Attio(Connector):
    """A connected Attio workspace (services/remote/crm.py says what each call promises)."""

    title = "Attio"

    def __init__(self, opening: Opening) -> None:
        """The address is the server's root, without /v2. Chosen: rate."""
        self._rest = opening.rest(self.title, explain, opening.budget(BUDGET))
        self.use(Mapped(), Catalogue())

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._mapped = mapped
        records, texts = Records(self._rest, mapped, catalogue), Texts(self._rest, catalogue)
        keyed = mapped.slug("deal", "pqldesk_id") is not None
        self.ways = {
            CompanyStep: Way(records.company),  # these three are asserted: sending again is the look-up
            PersonStep: Way(records.person, present=lambda step: records.present_person(step.email)),
            ListStep: Way(records.entry),
            DealStep: Way(
                records.deal,
                records.find_deal,
                lambda step: keyed or step.known_id is not None,
                present=records.present_deal,
            ),
            FieldStep: Way(records.fields, present=records.present),
            TaskStep: Way(texts.task, texts.find_task, once=False),
            NoteStep: Way(texts.note, texts.find_note, once=False),
        }
        self.look = records.present_person
        self.feeds = AttioFeeds(self._rest, mapped, catalogue)

    async def account(self) -> Account:
        found = await self._rest.read("GET", "/v2/self")
        if not isinstance(found, dict) or not found.get("active"):
            raise Held(
                _("Attio does not accept the token: it is wrong or was revoked."),
                _("Make a new one in Attio and connect again."),
            )
        scopes = frozenset(str(found.get("scope") or "").split())
        return Account(str(found.get("workspace_name") or ""), scopes, missing_scope(scopes))

    async def catalogue(self) -> Catalogue:
        return await discover(self._rest)

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        return await create_suggested(self._rest, missing, self._mapped)
