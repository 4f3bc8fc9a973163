"""What stands for tasks and notes, where a person chose it: custom activities and requested campaigns.

Neither has a key, so that a lost answer is never simply repeated: activities are read back by the marker, requested
campaigns by lead and campaign, which a person must look at.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.marketo.answers import refused_row
from pqldesk.services.connectors.marketo.api import Api, Row
from pqldesk.services.connectors.marketo.instance import CAMPAIGN, Instance
from pqldesk.services.remote.catalogue import Mapped, folded
from pqldesk.services.remote.crm import NoteStep, Ref, TaskStep
from pqldesk.services.remote.problems import Adoptable, Held
from pqldesk.services.remote.values import cut, stamp

LONGEST_LINE = 255
LONGEST_TEXT = 20_000  # UTF-16 units: at three bytes each within the 65,536 that an activity may carry
EARLIER = timedelta(hours=1)  # the two clocks may differ
TEXTS = ("note", "text", "details", "description", "content")


class Activities:
    """Writing and finding what stands for tasks and notes."""

    def __init__(self, api: Api, mapped: Mapped, instance: Instance, token: str) -> None:
        """*token*: of a campaign, takes the text of a task; "" for none."""
        self._api = api
        self._mapped = mapped
        self._instance = instance
        self._token = token

    async def task(self, step: TaskStep) -> Ref:
        """The activity, or the request, that stands for a task."""
        if step.known_id is not None:
            return Ref(step.known_id)
        stand_in = self._stand_in("task")
        if stand_in.startswith(CAMPAIGN):
            return await self._requested(stand_in.removeprefix(CAMPAIGN), step.person_id, step.content)
        return await self._added(step)

    async def note(self, step: NoteStep) -> Ref:
        """The activity, or the request, that stands for a note."""
        stand_in = self._stand_in("note")
        if stand_in.startswith(CAMPAIGN):
            return await self._requested(stand_in.removeprefix(CAMPAIGN), step.person_id, step.text)
        return await self._added(step)

    async def many(self, steps: Sequence[TaskStep | NoteStep]) -> list[Ref | None]:
        """Up to 300 activities in one call; None for what is none, or was refused and so not written."""
        refs: list[Ref | None] = [None] * len(steps)
        rows = [(at, row) for at, step in enumerate(steps) if (row := self._row(step)) is not None]
        if rows:
            answers = await self._api.write("activities/external", [row for _, row in rows])
            for (at, _), answer in zip(rows, answers, strict=True):
                refs[at] = None if refused_row(answer) else Ref(_id(answer))
        return refs

    async def find(self, step: TaskStep | NoteStep) -> Ref | None:
        """What an earlier try left, by marker. Adoptable where only lead and campaign can be compared."""
        stand_in = self._stand_in("task" if isinstance(step, TaskStep) else "note")
        if isinstance(step, TaskStep) and step.known_id is not None:
            return Ref(step.known_id)
        since = (step.since or datetime.now(UTC)) - EARLIER
        if not stand_in.startswith(CAMPAIGN):
            own = self._instance.types.get(stand_in)
            async for row in self._since(since, own.type_id if own else 0, step.person_id):
                if step.marker in str(row):
                    return Ref(_id(row))
            return None
        if self._instance.requested is None:
            raise Held(
                _(
                    "Marketo does not tell PQLDesk which campaigns were requested, and whether this one was "
                    "is unknown."
                ),
                _("Look at the lead's activity log there; cancel the item if it ran."),
            )
        campaign = stand_in.removeprefix(CAMPAIGN)
        alike = None
        async for row in self._since(since, self._instance.requested, step.person_id):
            if str(row.get("primaryAttributeValueId")) == campaign:
                if step.marker in str(row):
                    return Ref(_id(row))
                alike = row
        if alike is None:
            return None
        raise Adoptable(
            _(
                "The campaign was requested for this lead in Marketo at {alike}, perhaps by the try that "
                "went unanswered."
            ).format(alike=alike.get("activityDate")),
            _("Retry to take that for it, or request it there by hand and cancel the item."),
            remote_id=_id(alike),
        )

    def _stand_in(self, kind: str) -> str:
        found = self._mapped.steps.get(kind)
        if found is None:
            raise Held(
                _("Marketo has no {kind}s, and nothing was chosen to stand for them.").format(kind=kind),
                _("Cancel it."),
            )
        return found

    async def _added(self, step: TaskStep | NoteStep) -> Ref:
        row = self._row(step)
        if row is None:
            raise Held(
                _("The chosen type of activity is gone in Marketo."), _("Approve it there again, then retry.")
            )
        return Ref(_id(await self._api.write_one("activities/external", row)))

    def _row(self, step: TaskStep | NoteStep) -> Row | None:
        """The activity that stands for the step; None where none does."""
        if isinstance(step, TaskStep):
            due = {"due_at": stamp(step.due_at.replace(microsecond=0))} if step.due_at else {}
            kind, line, text, more = "task", step.content, step.content, {"assignee": step.assignee, **due}
            chosen = step.known_id
        else:
            kind, line, text, more = "note", f"{step.title} {step.marker}", step.text, {}
            chosen = None
        own = self._instance.types.get(self._mapped.steps.get(kind, ""))
        if own is None or chosen is not None:
            return None
        marker = step.marker
        names = {folded(name.removesuffix("_c")).replace("_", ""): name for name in own.attributes}
        attributes = []
        for ours in TEXTS:
            if ours in names:
                short = own.attributes[names[ours]] == "string"
                held = cut(text, LONGEST_LINE if short else LONGEST_TEXT, marker)
                attributes.append({"apiName": names[ours], "value": held})
                break
        for ours, value in more.items():
            if ours.replace("_", "") in names:
                attributes.append({"apiName": names[ours.replace("_", "")], "value": value})
        return {
            "leadId": int(step.person_id),
            "activityDate": stamp(datetime.now(UTC).replace(microsecond=0)),
            "activityTypeId": own.type_id,
            "primaryAttributeValue": cut(" ".join(line.split()), LONGEST_LINE, marker),
            "attributes": attributes,
        }

    async def _requested(self, campaign: str, lead_id: str, text: str) -> Ref:
        tokens = [{"name": "{{my." + self._token + "}}", "value": text}] if self._token else []
        body = {"input": {"leads": [{"id": int(lead_id)}], "tokens": tokens}}
        await self._api.rest.write("POST", f"/rest/v1/campaigns/{campaign}/trigger.json", body=body)
        return Ref(f"{campaign}:{lead_id}", said=_("The campaign was requested; what it does is Marketo's."))

    async def _since(self, since: datetime, type_id: int, lead_id: str) -> AsyncIterator[Row]:
        """A lead's activities of a type from then on: pages may be empty and yet not be the last."""
        moment = stamp(since.replace(microsecond=0))
        token = (await self._api.get("activities/pagingtoken", sinceDatetime=moment))["nextPageToken"]
        more = True
        while more:
            page = await self._api.get(
                "activities", nextPageToken=token, activityTypeIds=type_id, leadIds=lead_id
            )
            for row in page.get("result") or []:
                yield row
            token, more = page["nextPageToken"], bool(page.get("moreResult"))


def _id(row: Row) -> str:
    return str(row.get("marketoGUID") or row.get("id"))
