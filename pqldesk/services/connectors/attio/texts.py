"""Tasks and notes: made once, found again by the marker at their end."""

from typing import Any

from pqldesk.services.connectors.attio.values import LONGEST_TASK, member
from pqldesk.services.remote.catalogue import Catalogue
from pqldesk.services.remote.crm import NoteStep, Ref, TaskStep
from pqldesk.services.remote.pace import Pace
from pqldesk.services.remote.problems import Refused
from pqldesk.services.remote.rest import Rest
from pqldesk.services.remote.values import cut, stamp

TASKS_PAGE, NOTES_PAGE = 500, 50
NOTE_LISTS_PER_S = 8.0  # Attio allows 10


class Texts:
    """Writing and finding tasks and notes."""

    def __init__(self, rest: Rest, catalogue: Catalogue) -> None:
        self._rest = rest
        self._catalogue = catalogue
        self._listing = Pace(NOTE_LISTS_PER_S)

    async def task(self, step: TaskStep) -> Ref:
        """Create the task, linked to deal and person; to the person alone where deals cannot be linked."""
        try:
            made = await self._rest.write("POST", "/v2/tasks", body=self._task_body(step, with_deal=True))
        except Refused as problem:
            if step.deal_id is None or not any("linked_records" in path for path in problem.paths):
                raise
            made = await self._rest.write("POST", "/v2/tasks", body=self._task_body(step, with_deal=False))
        return Ref(made["data"]["id"]["task_id"])

    def _task_body(self, step: TaskStep, *, with_deal: bool) -> dict[str, Any]:
        links = [{"target_object": "people", "target_record_id": step.person_id}]
        if with_deal and step.deal_id is not None:
            links.insert(0, {"target_object": "deals", "target_record_id": step.deal_id})
        return {
            "data": {
                "content": cut(step.content, LONGEST_TASK, step.marker),
                "format": "plaintext",
                "deadline_at": None if step.due_at is None else stamp(step.due_at),
                "is_completed": False,
                "linked_records": links,
                "assignees": member(step.assignee, self._catalogue),
            }
        }

    async def find_task(self, step: TaskStep) -> Ref | None:
        """The task with our marker among those linked to the person."""
        offset = 0
        while True:
            params = {
                "linked_object": "people",
                "linked_record_id": step.person_id,
                "sort": "created_at:desc",
                "limit": TASKS_PAGE,
                "offset": offset,
            }
            page = (await self._rest.read("GET", "/v2/tasks", params=params))["data"]
            for task in page:
                if step.marker in (task.get("content_plaintext") or ""):
                    return Ref(task["id"]["task_id"])
            if len(page) < TASKS_PAGE:
                return None
            offset += len(page)

    async def note(self, step: NoteStep) -> Ref:
        """Create the note on the deal, else on the person."""
        parent, record_id = _parent(step)
        data = {
            "parent_object": parent,
            "parent_record_id": record_id,
            "title": step.title,
            "format": "plaintext",
            "content": step.text,
        }
        made = await self._rest.write("POST", "/v2/notes", body={"data": data})
        return Ref(made["data"]["id"]["note_id"])

    async def find_note(self, step: NoteStep) -> Ref | None:
        """The note with our marker; their order is not documented, so all pages are read."""
        parent, record_id = _parent(step)
        offset = 0
        while True:
            params = {
                "parent_object": parent,
                "parent_record_id": record_id,
                "limit": NOTES_PAGE,
                "offset": offset,
            }
            page = (await self._rest.read("GET", "/v2/notes", params=params, pace=self._listing))["data"]
            for note in page:
                if step.marker in (note.get("content_plaintext") or ""):
                    return Ref(note["id"]["note_id"])
            if len(page) < NOTES_PAGE:
                return None
            offset += len(page)


def _parent(step: NoteStep) -> tuple[str, str]:
    return ("deals", step.deal_id) if step.deal_id is not None else ("people", step.person_id)
