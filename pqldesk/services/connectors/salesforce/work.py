"""Opportunities, tasks and notes. Tasks and notes are found again by the marker in subject and title."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import escape

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.salesforce.answers import Taken
from pqldesk.services.connectors.salesforce.api import Api, Row, has, keyed, same
from pqldesk.services.connectors.salesforce.org import Org
from pqldesk.services.connectors.salesforce.people import is_contact, written
from pqldesk.services.connectors.salesforce.reading import Reading
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.crm import DealStep, NoteStep, Ref, Seen, TaskStep
from pqldesk.services.remote.deals import FoundDeal, write_deal
from pqldesk.services.remote.problems import Ambiguous, Gone, Held, RemoteProblem
from pqldesk.services.remote.values import cut, stamp

LONGEST = {"deal": 120, "subject": 255, "title": 255, "text": 32_000}
DAYS_TO_CLOSE = 30  # Salesforce demands a date; a rep moves it
LEFT_TO_CONVERSION = _(
    "The person is a Lead in Salesforce: its opportunity comes with the conversion there, none was made."
)


class Work:
    """Writing and finding opportunities, tasks and notes."""

    def __init__(
        self,
        api: Api,
        mapped: Mapped,
        catalogue: Catalogue,
        org: Org,
        reading: Reading,
        *,
        days_to_close: int = DAYS_TO_CLOSE,
    ) -> None:
        self._api = api
        self._reading = reading
        self._mapped = mapped
        self._catalogue = catalogue
        self._org = org
        self._days = days_to_close

    # Opportunities

    @property
    def key_field(self) -> str | None:
        return self._mapped.slug("deal", "pqldesk_id")

    async def deal(self, step: DealStep) -> Ref:
        """The company's opportunity; none while the person is a Lead."""
        if not is_contact(step.person_id):
            return Ref("", said=LEFT_TO_CONVERSION)
        return await write_deal("Salesforce", self, step, keyed=self.key_field is not None)

    async def find_deal(self, step: DealStep) -> Ref | None:
        """The opportunity of our id or key, with the person on it."""
        found = await self.known(step)
        return None if found is None else found.ref

    async def known(self, step: DealStep) -> FoundDeal | None:
        """The opportunity of our id or key (Deals)."""
        seen = await self.present(step)
        if seen is None:
            return None
        return FoundDeal(Ref(seen.remote_id), str(seen.values["stage"] or ""), seen.outcome is not None)

    async def present(self, step: DealStep) -> Seen | None:
        """The opportunity of our id or key, as it stands; a Lead has none."""
        if not is_contact(step.person_id):
            return None
        paths = [step.known_id] if step.known_id is not None else []
        if self.key_field is not None:
            paths.append(keyed(self.key_field, step.key))
        for path in paths:
            try:
                row = await self._api.get("Opportunity", path, self._reading.deal_fields())
            except Gone:
                continue
            return self._reading.deal(row)
        return None

    async def alike(self, step: DealStep, since: datetime) -> Ref | None:
        """An opportunity of that name and person made since then (Deals)."""
        rows = await self._api.select(
            "OpportunityId",
            "OpportunityContactRole",
            same("ContactId", step.person_id),
            same("Opportunity.Name", self._name(step)),
            f"Opportunity.CreatedDate >= {stamp(since)}",
            limit=1,
        )
        return Ref(rows[0]["OpportunityId"]) if rows else None

    async def make(self, step: DealStep) -> Ref:
        """A new opportunity and the person's role on it, both or neither (Deals)."""
        owner = self._catalogue.member(step.owner)
        if owner is None:
            raise Held(
                _("{owner} is no user of this Salesforce org.").format(owner=step.owner),
                _("Assign somebody else, then retry."),
            )
        values: Row = {
            "Name": self._name(step),
            "StageName": step.stage,
            "CloseDate": (datetime.now(UTC) + timedelta(days=self._days)).date().isoformat(),
            "OwnerId": owner.remote_id,
            **self._value(step),
        }
        if step.company_id:
            values["AccountId"] = step.company_id
        role = {"OpportunityId": "@{deal.id}", "ContactId": step.person_id, "IsPrimary": True}
        if self.key_field is None:
            first = ("POST", "Opportunity", "deal", values)
        else:
            first = ("PATCH", f"Opportunity/{keyed(self.key_field, step.key)}", "deal", values)
        made = await self._api.together([first, ("POST", "OpportunityContactRole", "role", role)])
        return Ref(str(made["id"]))

    async def change(self, step: DealStep, found: FoundDeal, *, move: bool) -> Ref:
        """The opportunity with the person on it, and what *step* advances (Deals)."""
        deal_id = found.ref.remote_id
        values: Row = {}
        if step.advance and "name" not in step.kept:
            values["Name"] = self._name(step)
        if step.advance and "value" not in step.kept:
            values |= self._value(step)
        if move:
            values["StageName"] = step.stage
        if values:
            await self._api.change("Opportunity", deal_id, values)
        pair = {"OpportunityId": deal_id, "ContactId": step.person_id}
        conditions = [same(name, value) for name, value in pair.items()]
        if not await self._api.select("Id", "OpportunityContactRole", *conditions, limit=1):
            await self._api.create("OpportunityContactRole", {**pair, "IsPrimary": False})
        return found.ref

    def _name(self, step: DealStep) -> str:
        return cut(step.name, LONGEST["deal"])

    def _value(self, step: DealStep) -> Row:
        if step.value is None:
            return {}
        values = written("deal", {"value": step.value}, self._mapped, self._catalogue)
        if self._org.currencies and step.currency:
            if step.currency not in self._org.currencies:
                known = ", ".join(self._org.currencies)
                raise Held(
                    _("This Salesforce org has no currency {currency} (it has: {known}).").format(
                        currency=step.currency, known=known
                    ),
                    _("Add it there, or hand off with --currency; nothing is converted."),
                )
            values["CurrencyIsoCode"] = step.currency
        return values

    # Tasks

    async def task(self, step: TaskStep) -> Ref:
        """Create the task for the person, and for the opportunity where the person is a Contact."""
        values = self._of_task(step)
        if values is None:
            raise Held(
                _("{assignee} is no user of this Salesforce org.").format(assignee=step.assignee),
                _("Assign somebody else, then retry."),
            )
        return Ref(await self._api.create("Task", values))

    async def tasks(self, steps: Sequence[TaskStep]) -> list[Ref | None]:
        """Up to 200 tasks in one call; None for what was refused, and so not written."""
        refs: list[Ref | None] = [None] * len(steps)
        rows = [(at, row) for at, step in enumerate(steps) if (row := self._of_task(step)) is not None]
        if rows:
            ids = await self._api.many("POST", "", "Task", [row for _, row in rows])
            for (at, _), record_id in zip(rows, ids, strict=True):
                refs[at] = None if record_id is None else Ref(record_id)
        return refs

    def _of_task(self, step: TaskStep) -> Row | None:
        """Its fields; None where the assignee is no user."""
        owner = self._catalogue.member(step.assignee)
        if owner is None:
            return None
        values: Row = {
            "Subject": cut(step.content, LONGEST["subject"], step.marker),
            "Description": cut(step.content, LONGEST["text"], step.marker),
            "WhoId": step.person_id,
            "OwnerId": owner.remote_id,
        }
        if step.due_at is not None:
            values |= {
                "ActivityDate": step.due_at.date().isoformat(),
                "IsReminderSet": True,
                "ReminderDateTime": stamp(step.due_at),
            }
        if step.deal_id and is_contact(step.person_id):
            values["WhatId"] = step.deal_id
        return values

    async def find_task(self, step: TaskStep) -> Ref | None:
        """The person's task with our marker in its subject."""
        conditions = (same("WhoId", step.person_id), has("Subject", step.marker))
        rows = await self._api.select("Id", "Task", *conditions, limit=1)
        return Ref(rows[0]["Id"]) if rows else None

    # Notes

    async def note(self, step: NoteStep) -> Ref:
        """The note on the opportunity, else on the person; note and link both or neither."""
        parent = step.deal_id or step.person_id
        if not self._org.has_notes:
            return Ref(await self._api.create("Note", self._of_note(step)))
        made = await self._api.together(
            [
                ("POST", "ContentNote", "note", self._of_note(step)),
                ("POST", "ContentDocumentLink", "link", _link("@{note.id}", parent)),
            ]
        )
        return Ref(str(made["id"]))

    async def notes(self, steps: Sequence[NoteStep]) -> list[Ref | None]:
        """Up to 200 notes in two calls, notes and their links; None for what was refused, and so not written: a note
        whose link was refused is taken back."""
        rows = [self._of_note(step) for step in steps]
        if not self._org.has_notes:
            ids = await self._api.many("POST", "", "Note", rows)
            return [None if id_ is None else Ref(id_) for id_ in ids]
        ids = await self._api.many("POST", "", "ContentNote", rows)
        made = [(at, id_) for at, id_ in enumerate(ids) if id_ is not None]
        refs: list[Ref | None] = [None] * len(steps)
        if made:
            links = [_link(id_, steps[at].deal_id or steps[at].person_id) for at, id_ in made]
            try:
                linked = await self._api.many("POST", "", "ContentDocumentLink", links)
                for (at, id_), link in zip(made, linked, strict=True):
                    if link is None:
                        await self._api.delete("ContentNote", id_)
                    else:
                        refs[at] = Ref(id_)
            except RemoteProblem as problem:
                # The notes are there: each is to be looked for before it is written again.
                raise Ambiguous(problem.what, problem.remedy) from problem
        return refs

    def _of_note(self, step: NoteStep) -> Row:
        """Its fields."""
        title, text = self._title(step), cut(step.text, LONGEST["text"], step.marker)
        if not self._org.has_notes:
            return {"ParentId": step.deal_id or step.person_id, "Title": title, "Body": text}
        content = base64.b64encode(escape(text).replace("\n", "<br>").encode()).decode()
        return {"Title": title, "Content": content}

    async def find_note(self, step: NoteStep) -> Ref | None:
        """The note with our marker in its title; one that lost its link gets it back."""
        parent, title = step.deal_id or step.person_id, self._title(step)
        if not self._org.has_notes:
            conditions = (same("ParentId", parent), same("Title", title))
            rows = await self._api.select("Id", "Note", *conditions, limit=1)
            return Ref(rows[0]["Id"]) if rows else None
        rows = await self._api.select("Id", "ContentNote", same("Title", title), limit=1)
        if not rows:
            return None
        with suppress(Taken):
            await self._api.create("ContentDocumentLink", _link(rows[0]["Id"], parent))
        return Ref(rows[0]["Id"])

    def _title(self, step: NoteStep) -> str:
        return cut(f"{step.title} {step.marker}", LONGEST["title"], step.marker)


def _link(note_id: str, parent: str) -> Row:
    return {
        "ContentDocumentId": note_id,
        "LinkedEntityId": parent,
        "ShareType": "V",
        "Visibility": "AllUsers",
    }
