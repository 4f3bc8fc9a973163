"""Deals, tasks and notes. Tasks and notes are found again by the marker in their text, over their associations."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.hubspot.api import COMPANIES, CONTACTS, DEALS, NOTES, TASKS, Api, Row, fresh
from pqldesk.services.connectors.hubspot.people import OWNER, written
from pqldesk.services.connectors.hubspot.portal import LONGEST_TEXT, Portal
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import DealStep, NoteStep, Ref, TaskStep
from pqldesk.services.remote.deals import FoundDeal, write_deal
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.values import cut, stamp

LONGEST_SUBJECT = 255
LONGEST_NOTE = (
    LONGEST_TEXT - 1_000
) // 6  # before escaping, beside the title: a quotation mark becomes six characters
DAYS_TO_CLOSE = 30


class Work:
    """Writing and finding deals, tasks and notes."""

    def __init__(self, api: Api, mapped: Mapped, catalogue: Catalogue, portal: Portal) -> None:
        self._api = api
        self._mapped = mapped
        self._catalogue = catalogue
        self._portal = portal

    # Deals

    @property
    def key_name(self) -> str | None:
        return self._mapped.slug("deal", "pqldesk_id")

    async def deal(self, step: DealStep) -> Ref:
        """The company's deal: changed where it exists, else made."""
        return await write_deal("HubSpot", self, step, keyed=self.key_name is not None)

    async def find_deal(self, step: DealStep) -> Ref | None:
        """The deal of our id or key."""
        found = await self.known(step)
        return None if found is None else found.ref

    async def known(self, step: DealStep) -> FoundDeal | None:
        """The deal of our id or key (Deals)."""
        row = None
        if step.known_id is not None:
            row = await self._api.get(DEALS, step.known_id, ["dealstage"])
        if row is None and self.key_name is not None:
            row = await self._api.get(DEALS, step.key, ["dealstage"], by=self.key_name)
        if row is None:
            return None
        stage_id = row["properties"].get("dealstage")
        stage = next((each for each in self._portal.stages if each.stage_id == stage_id), None)
        return FoundDeal(Ref(row["id"]), stage.title if stage else "", bool(stage and stage.closed))

    async def alike(self, step: DealStep, since: datetime) -> Ref | None:
        """A deal of that name and person made since then (Deals)."""
        ids = await self._api.linked(CONTACTS, step.person_id, DEALS)
        for row in await self._api.read(DEALS, ids, ["dealname"]):
            made = datetime.fromisoformat(row["createdAt"])
            if row["properties"].get("dealname") == step.name and made >= since:
                return Ref(row["id"])
        return None

    async def make(self, step: DealStep) -> Ref:
        """A new deal with its contact and company, in one call (Deals)."""
        stage = self._portal.stage(step.stage)
        close = datetime.now(UTC) + timedelta(days=DAYS_TO_CLOSE)
        properties = {
            "dealname": step.name,
            "pipeline": stage.pipeline_id,
            "dealstage": stage.stage_id,
            "closedate": stamp(close.replace(microsecond=0)),
            OWNER: self._owner(step.owner),
            **self._value(step),
        }
        if self.key_name is not None:
            properties[self.key_name] = step.key
        links = [(CONTACTS, step.person_id), (COMPANIES, step.company_id)]
        return Ref(await self._api.create(DEALS, properties, links))

    async def change(self, step: DealStep, found: FoundDeal, *, move: bool) -> Ref:
        """The deal with the person on it, and what *step* advances (Deals)."""
        properties: Row = {}
        if step.advance and "name" not in step.kept:
            properties["dealname"] = step.name
        if step.advance and "value" not in step.kept:
            properties |= self._value(step)
        if move:
            stage = self._portal.stage(step.stage)
            properties |= {"pipeline": stage.pipeline_id, "dealstage": stage.stage_id}
        await self._api.change(DEALS, found.ref.remote_id, properties)
        await self._api.link(DEALS, found.ref.remote_id, CONTACTS, step.person_id)
        return found.ref

    def _value(self, step: DealStep) -> Row:
        if step.value is None:
            return {}
        mapped, catalogue = self._mapped, self._catalogue
        properties = written(DEALS, "deal", {"value": step.value}, mapped, catalogue, self._portal)
        if self._portal.currencies and step.currency:
            if step.currency not in self._portal.currencies:
                known = ", ".join(self._portal.currencies)
                raise Held(
                    _("This HubSpot account has no currency {currency} (it has: {known}).").format(
                        currency=step.currency, known=known
                    ),
                    _("Add it there, or hand off with --currency; nothing is converted."),
                )
            properties["deal_currency_code"] = step.currency
        return properties

    def _owner(self, email: str) -> str:
        found = self._catalogue.member(email)
        if found is None:
            raise Held(
                _("{email} is no owner in HubSpot.").format(email=email),
                _("Assign somebody else, then retry."),
            )
        return found.remote_id

    # Tasks and notes

    async def task(self, step: TaskStep) -> Ref:
        """Create the task on contact and deal."""
        return Ref(await self._api.create(TASKS, self._of_task(step), _on(step)))

    async def tasks(self, steps: Sequence[TaskStep]) -> list[Ref | None]:
        """Up to 100 tasks in one call; None for what was refused, and so not written."""
        inputs = [
            fresh(TASKS, self._of_task(step), _on(step)) if self._catalogue.member(step.assignee) else None
            for step in steps
        ]
        return await self._made(TASKS, steps, inputs, "hs_task_subject")

    def _of_task(self, step: TaskStep) -> Row:
        due = step.due_at or datetime.now(UTC)  # HubSpot demands one
        return {
            "hs_timestamp": stamp(due),
            "hs_task_subject": cut(step.content, LONGEST_SUBJECT, step.marker),
            "hs_task_body": _html(cut(step.content, LONGEST_NOTE, step.marker)),
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "TODO",
            OWNER: self._owner(step.assignee),
        }

    async def find_task(self, step: TaskStep) -> Ref | None:
        """The contact's task with our marker."""
        return await self._marked(TASKS, step.person_id, step.marker, ["hs_task_subject", "hs_task_body"])

    async def note(self, step: NoteStep) -> Ref:
        """Create the note on the contact, and on the deal where it belongs to one."""
        return Ref(await self._api.create(NOTES, _of_note(step), _on(step)))

    async def notes(self, steps: Sequence[NoteStep]) -> list[Ref | None]:
        """Up to 100 notes in one call; None for what was refused, and so not written."""
        inputs = [fresh(NOTES, _of_note(step), _on(step)) for step in steps]
        return await self._made(NOTES, steps, inputs, "hs_note_body")

    async def _made(
        self, kind: str, steps: Sequence[TaskStep | NoteStep], inputs: Sequence[Row | None], name: str
    ) -> list[Ref | None]:
        """What was made of *inputs*, told by the marker in the property called *name*."""
        marks = [step.marker for step in steps]

        def own(properties: Row) -> str | None:
            text = str(properties.get(name) or "")
            return next((mark for mark in marks if mark in text), None)

        made = await self._api.create_many(kind, [each for each in inputs if each is not None], own)
        return [Ref(made[mark]) if mark in made else None for mark in marks]

    async def find_note(self, step: NoteStep) -> Ref | None:
        """The contact's note with our marker."""
        return await self._marked(NOTES, step.person_id, step.marker, ["hs_note_body"])

    async def _marked(self, kind: str, person_id: str, marker: str, names: Sequence[str]) -> Ref | None:
        ids = await self._api.linked(CONTACTS, person_id, kind)
        for row in await self._api.read(kind, ids, names):
            if any(marker in str(row["properties"].get(name) or "") for name in names):
                return Ref(row["id"])
        return None


def _of_note(step: NoteStep) -> Row:
    text = cut(step.text, LONGEST_NOTE, step.marker)
    return {
        "hs_timestamp": stamp(datetime.now(UTC)),
        "hs_note_body": f"<p><strong>{escape(step.title)}</strong></p><p>{_html(text)}</p>",
    }


def _on(step: TaskStep | NoteStep) -> list[tuple[str, str | None]]:
    """What it hangs on."""
    return [(CONTACTS, step.person_id), (DEALS, step.deal_id)]


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
