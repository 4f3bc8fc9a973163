"""Lists and their entries."""

from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, value_not_found
from pqldesk.sandbox.attio.bodies import data_of, wrong_field
from pqldesk.sandbox.attio.calls import Call, refuse_merging
from pqldesk.sandbox.attio.query import queried
from pqldesk.sandbox.attio.records import values_shown
from pqldesk.sandbox.attio.seed import system_attributes
from pqldesk.sandbox.attio.store import APPEND, CREATE, OVERWRITE, checked, remove, write
from pqldesk.sandbox.attio.values import is_uuid
from pqldesk.sandbox.attio.world import Record, Target, World

ENTRY = {"parent_record_id": "string", "parent_object": "string", "entry_values": "object"}
NEW_LIST = {
    "name": "string", "api_slug": "string", "parent_object": "string", "workspace_access": "string|null",
    "workspace_member_access": "array",
}  # fmt: skip
ACCESS = ("full-access", "read-and-write", "read-only", None)


def lists(call: Call) -> Any:
    """GET all lists."""
    return {"data": [list_shown(call.world, each) for each in call.world.lists.values()]}


def one_list(call: Call) -> Any:
    """GET one list."""
    return {"data": list_shown(call.world, call.list())}


def add_list(call: Call) -> Any:
    """POST a list; ``parent_object`` is a string here and an array when read."""
    world = call.world
    data = data_of(call.body, NEW_LIST)
    if data["workspace_access"] not in ACCESS:
        raise wrong_field("workspace_access", "Expected full-access, read-and-write, read-only or null")
    try:
        parent = world.target("objects", data["parent_object"])
    except ApiError:
        raise value_not_found(f'Could not find object "{data["parent_object"]}".') from None
    if data["api_slug"] in world.lists:
        raise ApiError(409, "slug_conflict", f'The list "{data["api_slug"]}" exists already.')
    now = world.clock.stamp()
    target = Target(
        "lists", world.new_id(), data["api_slug"], data["name"], "Entry", now, parent_object=parent.api_slug,
        workspace_access=data["workspace_access"], workspace_member_access=data["workspace_member_access"],
        created_by=call.actor,
    )  # fmt: skip
    target.attributes = system_attributes(world, target)
    world.lists[target.api_slug] = target
    world.changed()
    return {"data": list_shown(world, target)}


def change_list(call: Call) -> Any:
    """PATCH name, slug or access of a list."""
    world, target = call.world, call.list()
    changes = {key: NEW_LIST[key] for key in NEW_LIST if key != "parent_object"}
    data = data_of(call.body, {}, changes)
    slug = data.get("api_slug", target.api_slug)
    if slug != target.api_slug and slug in world.lists:
        raise ApiError(409, "slug_conflict", f'The list "{slug}" exists already.')
    for key in changes:
        setattr(target, key, data.get(key, getattr(target, key)))
    world.lists = {each.api_slug: each for each in world.lists.values()}
    world.changed()
    return {"data": list_shown(world, target)}


def create(call: Call) -> Any:
    """POST an entry; the same record may be added again and again."""
    target, parent, parent_id, given = _asked(call)
    entry = write(
        call.world, target, None, given, CREATE, call.actor, parent_object=parent, parent_record_id=parent_id
    )
    return {"data": entry_shown(call.world, target, entry)}


def assert_one(call: Call) -> Any:
    """PUT by parent: one entry is changed, none is created, several are refused."""
    world = call.world
    target, parent, parent_id, given = _asked(call)
    held = [key for key, list_id in world.entries.get(parent_id, {}).items() if list_id == target.target_id]
    if len(held) > 1:
        message = f'Record "{parent_id}" has {len(held)} entries in list "{target.api_slug}".'
        raise ApiError(400, "multiple_match_results", message)
    entry = world.of(target)[held[0]] if held else None
    new = {} if entry else {"parent_object": parent, "parent_record_id": parent_id}
    entry = write(world, target, entry, given, OVERWRITE, call.actor, **new)
    return {"data": entry_shown(world, target, entry)}


def read(call: Call) -> Any:
    """GET one entry."""
    target = call.list()
    return {"data": entry_shown(call.world, target, call.record(target, "entry_id"))}


def change(call: Call) -> Any:
    """PATCH adds to multi-value attributes, PUT sets them; the parent stays."""
    target = call.list()
    entry = call.record(target, "entry_id")
    parents = {"parent_record_id": "string", "parent_object": "string"}
    data = data_of(call.body, {"entry_values": "object"}, parents)
    for key in parents:
        if data.get(key, getattr(entry, key)) != getattr(entry, key):
            raise ApiError(400, "immutable_value", "The parent of an entry cannot change.")
    given = checked(call.world, target, data["entry_values"])
    mode = APPEND if call.method == "PATCH" else OVERWRITE
    return {
        "data": entry_shown(call.world, target, write(call.world, target, entry, given, mode, call.actor))
    }


def delete(call: Call) -> Any:
    """DELETE by entry id, never by record id."""
    target = call.list()
    remove(call.world, target, call.record(target, "entry_id"))
    return {}


def query(call: Call) -> Any:
    """POST a filter; the page of entries it finds."""
    target = call.list()
    found, cost = queried(call.world, target, call.body, call.notes)
    call.headers["x-attio-record-query-score"] = str(cost)
    return {"data": [entry_shown(call.world, target, entry) for entry in found]}


def list_shown(world: World, target: Target) -> dict[str, Any]:
    """A list as the API shows it."""
    return {
        "id": {"workspace_id": world.workspace_id, "list_id": target.target_id},
        "api_slug": target.api_slug,
        "name": target.name,
        "parent_object": [target.parent_object],
        "workspace_access": target.workspace_access,
        "workspace_member_access": target.workspace_member_access,
        "created_by_actor": target.created_by,
        "created_at": target.created_at,
    }


def entry_shown(world: World, target: Target, entry: Record) -> dict[str, Any]:
    """An entry as every endpoint shows it."""
    return {
        "id": {"workspace_id": world.workspace_id, "list_id": target.target_id, "entry_id": entry.record_id},
        "parent_record_id": entry.parent_record_id,
        "parent_object": entry.parent_object,
        "created_at": entry.created_at,
        "entry_values": values_shown(world, target, entry),
    }


def _asked(call: Call) -> tuple[Target, str, str, Any]:
    """List, parent object, parent id and checked values of a create or assert."""
    world, target = call.world, call.list()
    data = data_of(call.body, ENTRY)
    parent_id = data["parent_record_id"]
    if not is_uuid(parent_id):
        raise wrong_field("parent_record_id", "Expected a UUID")
    parent = next(
        (t for t in world.objects.values() if data["parent_object"] in (t.api_slug, t.target_id)), None
    )
    if parent is None:
        raise value_not_found(f'Could not find object "{data["parent_object"]}".')
    if parent.api_slug != target.parent_object:
        raise wrong_field("parent_object", f'List "{target.api_slug}" holds {target.parent_object} only')
    given = checked(world, target, data["entry_values"])
    if parent_id not in world.of(parent):
        raise value_not_found(f'Could not find record with ID "{parent_id}" in object "{parent.api_slug}".')
    refuse_merging(world, parent_id, 400)
    return target, parent.api_slug, parent_id, given
