"""Tasks of workspace members, linked to records."""

from typing import Any

from pqldesk.sandbox.attio.answers import invalid, issue, not_found
from pqldesk.sandbox.attio.bodies import QUERY_WRONG, boolean, data_of, moment, page, wrong_field
from pqldesk.sandbox.attio.calls import Call, refuse_merging
from pqldesk.sandbox.attio.values import is_uuid
from pqldesk.sandbox.attio.world import Task, World
from pqldesk.sandbox.clock import nine_digits

NEW = {
    "content": "string", "format": "string", "deadline_at": "string|null", "is_completed": "boolean",
    "linked_records": "array", "assignees": "array",
}  # fmt: skip
CHANGES = {key: NEW[key] for key in ("deadline_at", "is_completed", "linked_records", "assignees")}
LONGEST = 2000
SORTS = ("created_at:asc", "created_at:desc", "completed_at:asc", "completed_at:desc")


def create(call: Call) -> Any:
    """POST a task; all six keys are required."""
    world = call.world
    data = data_of(call.body, NEW)
    if data["format"] != "plaintext":
        raise wrong_field("format", "Invalid literal value, expected 'plaintext'")
    if len(data["content"]) > LONGEST:
        raise wrong_field("content", f"String must contain at most {LONGEST} character(s)")
    deadline = _deadline(data["deadline_at"])
    linked, assignees = _linked(world, data["linked_records"]), _assignees(world, data["assignees"])
    now = world.clock.stamp()
    done = now if data["is_completed"] else None
    task = Task(world.new_id(), data["content"], deadline, done, linked, assignees, call.actor, now)
    world.tasks[task.task_id] = task
    _index(world, task)
    world.changed()
    return {"data": task_shown(world, task)}


def some(call: Call) -> Any:
    """GET tasks by completion, assignee or linked record."""
    world, query = call.world, call.query
    limit, offset = page(query, 500, 500, call.notes)
    completed = boolean(query, "is_completed")
    order = query.get("sort", "created_at:asc")
    if order not in SORTS:
        raise invalid(QUERY_WRONG, issue(("sort",), f"Expected one of {', '.join(SORTS)}"))
    linked, record_id = query.get("linked_object"), query.get("linked_record_id")
    if (linked is None) != (record_id is None):
        raise invalid(
            QUERY_WRONG, issue(("linked_record_id",), "linked_object and linked_record_id go together")
        )
    found = list(world.tasks.values())
    if linked is not None and record_id is not None:
        pair = [world.target("objects", linked).api_slug, record_id]
        found = [
            world.tasks[key] for key in world.tasks_of.get(record_id, {}) if pair in world.tasks[key].linked
        ]
    if completed is not None:
        found = [task for task in found if (task.completed_at is not None) == completed]
    if "assignee" in query:
        found = _of_assignee(world, found, query["assignee"])
    key, _, direction = order.partition(":")
    dated = [task for task in found if getattr(task, key) is not None]
    dated.sort(key=lambda task: str(getattr(task, key)), reverse=direction == "desc")
    rows = dated + [task for task in found if getattr(task, key) is None]
    return {"data": [task_shown(world, task) for task in rows[offset : offset + limit]]}


def read(call: Call) -> Any:
    """GET one task."""
    return {"data": task_shown(call.world, _named(call))}


def change(call: Call) -> Any:
    """PATCH deadline, completion, links or assignees; the content stays what it was."""
    world, task = call.world, _named(call)
    data = data_of(call.body, {}, CHANGES, strict=True)
    deadline = _deadline(data["deadline_at"]) if "deadline_at" in data else task.deadline_at
    linked = _linked(world, data["linked_records"]) if "linked_records" in data else task.linked
    assignees = _assignees(world, data["assignees"]) if "assignees" in data else task.assignees
    task.deadline_at, task.assignees = deadline, assignees
    if data.get("is_completed", task.completed_at is not None) != (task.completed_at is not None):
        task.completed_at = world.clock.stamp() if data["is_completed"] else None
    _unindex(world, task)
    task.linked = linked
    _index(world, task)
    world.changed()
    return {"data": task_shown(world, task)}


def delete(call: Call) -> Any:
    """DELETE one task for good."""
    task = _named(call)
    _unindex(call.world, task)
    del call.world.tasks[task.task_id]
    call.world.changed()
    return {}


def task_shown(world: World, task: Task) -> dict[str, Any]:
    """A task as every endpoint shows it: other key names than were sent, as in the real thing."""
    return {
        "id": {"workspace_id": world.workspace_id, "task_id": task.task_id},
        "content_plaintext": task.content,
        "deadline_at": task.deadline_at,
        "is_completed": task.completed_at is not None,
        "completed_at": task.completed_at,
        "linked_records": [{"target_object_id": slug, "target_record_id": key} for slug, key in task.linked],
        "assignees": [
            {"referenced_actor_type": "workspace-member", "referenced_actor_id": key}
            for key in task.assignees
        ],
        "created_by_actor": task.created_by,
        "created_at": task.created_at,
    }


def _named(call: Call) -> Task:
    task_id = call.names["task_id"]
    found = call.world.tasks.get(task_id) if is_uuid(task_id) else None
    if found is None:
        raise not_found("task", task_id)
    return found


def _deadline(text: str | None) -> str | None:
    try:
        return None if text is None else nine_digits(moment(text))
    except ValueError:
        raise wrong_field("deadline_at", "Expected an ISO 8601 date-time or null") from None


def _linked(world: World, asked: list[Any]) -> list[list[str]]:
    """Object slug and record id of every link; strings and objects do not mix."""
    if len({isinstance(each, str) for each in asked}) > 1:
        raise wrong_field("linked_records", "Strings and objects cannot be mixed")
    found = []
    for each in asked:
        if isinstance(each, str):
            pair = _by_value(world, "people" if "@" in each else "companies", each)
        elif not isinstance(each, dict) or not isinstance(each.get("target_object"), str) or len(each) != 2:
            raise wrong_field("linked_records", "Expected target_object and target_record_id")
        elif "target_record_id" in each:
            target = world.target("objects", each["target_object"])
            if not is_uuid(each["target_record_id"]):
                raise wrong_field("linked_records", "Expected target_record_id to be a UUID")
            pair = [target.api_slug, each["target_record_id"]]
            if pair[1] not in world.of(target):
                raise not_found("record", pair[1])
        else:
            ((_, wanted),) = ((key, value) for key, value in each.items() if key != "target_object")
            if not isinstance(wanted, list) or len(wanted) != 1 or not isinstance(wanted[0], dict):
                raise wrong_field("linked_records", "Expected one value of the matching attribute")
            pair = _by_value(world, each["target_object"], str(next(iter(wanted[0].values()), "")))
        refuse_merging(world, pair[1], 400)
        if pair not in found:
            found.append(pair)
    return found


def _by_value(world: World, slug: str, wanted: str) -> list[str]:
    target = world.target("objects", slug)
    for (target_id, _), held in world.unique.items():
        if target_id == target.target_id and wanted.lower() in held:
            return [target.api_slug, held[wanted.lower()]]
    raise not_found("record", wanted)


def _assignees(world: World, asked: list[Any]) -> list[str]:
    """Member ids; people records are no assignees."""
    found = []
    for each in asked:
        keys = set(each) if isinstance(each, dict) else set()
        if keys == {"workspace_member_email_address"}:
            named = each["workspace_member_email_address"]
        elif (
            keys == {"referenced_actor_type", "referenced_actor_id"}
            and each["referenced_actor_type"] == "workspace-member"
        ):
            named = each["referenced_actor_id"]
        else:
            raise wrong_field("assignees", "Expected a workspace member by id or email address")
        member = world.member(str(named))
        if member is None:
            raise not_found("workspace member", str(named))
        found.append(member.member_id)
    return list(dict.fromkeys(found))


def _of_assignee(world: World, tasks: list[Task], wanted: str) -> list[Task]:
    if wanted in ("", "null"):
        return [task for task in tasks if not task.assignees]
    member = world.member(wanted)
    return [task for task in tasks if member and member.member_id in task.assignees]


def _index(world: World, task: Task) -> None:
    for _, record_id in task.linked:
        world.tasks_of.setdefault(record_id, {})[task.task_id] = None


def _unindex(world: World, task: Task) -> None:
    for _, record_id in task.linked:
        world.tasks_of.get(record_id, {}).pop(task.task_id, None)
