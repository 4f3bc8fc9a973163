"""What people do to a workspace behind the API's back, and what it holds in plain form (admin routes)."""

from collections.abc import Callable, Mapping
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError
from pqldesk.sandbox.attio.bodies import moment
from pqldesk.sandbox.attio.merging import merged
from pqldesk.sandbox.attio.store import values_of
from pqldesk.sandbox.attio.values import IDENTITY, shown
from pqldesk.sandbox.attio.world import Attribute, Record, Switches, Target, Token, World
from pqldesk.sandbox.double import BadOrder

Order = Mapping[str, Any]


def change(world: World, order: Order) -> Any:
    """Do the action an order names; BadOrder lists what would have been right."""
    action = order.get("action")
    if action not in ACTIONS:
        raise BadOrder(f"action {action!r} is unknown; known: {', '.join(sorted(ACTIONS))}")
    try:
        found = ACTIONS[action](world, order)
    except KeyError as missing:
        raise BadOrder(f"action {action} needs {missing}") from None
    except ApiError as refused:
        raise BadOrder(str(refused)) from None
    world.changed()
    return {} if found is None else found


def _revoke_token(world: World, order: Order) -> None:
    _token(world, order).active = False


def _restore_token(world: World, order: Order) -> None:
    _token(world, order).active = True


def _remove_scope(world: World, order: Order) -> None:
    token, scope = _token(world, order), order["scope"]
    if scope not in token.scopes:
        raise BadOrder(f"token {token.name} has no scope {scope!r}; it has: {', '.join(token.scopes)}")
    token.scopes.remove(scope)


def _add_scope(world: World, order: Order) -> None:
    _token(world, order).scopes.append(order["scope"])


def _token(world: World, order: Order) -> Token:
    """By name; the first one if none is named."""
    named = order.get("token", next(iter(world.tokens.values())).name)
    for token in world.tokens.values():
        if token.name == named:
            return token
    raise BadOrder(f"token {named!r} is unknown; known: {[each.name for each in world.tokens.values()]}")


def _rename_choice(world: World, order: Order) -> None:
    _choice(world, order).title = order["to"]


def _archive_choice(world: World, order: Order) -> None:
    _choice(world, order).is_archived = order.get("archived", True)


def _choice(world: World, order: Order) -> Any:
    attribute = _attribute(world, order)
    choice = attribute.choice(order["title"], archived=True)
    if choice is None:
        raise BadOrder(f"{order['title']!r} is unknown; known: {[each.title for each in attribute.choices]}")
    return choice


def _archive_attribute(world: World, order: Order) -> None:
    _attribute(world, order).is_archived = order.get("archived", True)


def _attribute(world: World, order: Order) -> Attribute:
    target = next((each for each in world.targets() if each.api_slug == order["target"]), None)
    found = target.attribute(order["attribute"], archived=True) if target else None
    if found is None:
        raise BadOrder(f"{order['target']}.{order['attribute']} is unknown")
    return found


def _set_member_access(world: World, order: Order) -> None:
    member = world.member(order["member"])
    if member is None:
        raise BadOrder(f"member {order['member']!r} is unknown")
    member.access_level = order["access_level"]


def _suspend_member(world: World, order: Order) -> None:
    _set_member_access(world, {**order, "access_level": "suspended"})


def _merge_away(world: World, order: Order) -> Any:
    target = world.target("objects", order["object"])
    pair = (order["primary_record_id"], order["secondary_record_id"])
    for record_id in pair:
        if record_id not in world.of(target):
            raise BadOrder(f"record {record_id} is unknown")
    return {"new_record_id": merged(world, target, *pair).record_id}


def _end_merge(world: World, order: Order) -> None:
    world.merging.pop(order["record_id"], None)


def _switch(world: World, order: Order) -> None:
    for name, value in order.items():
        if name == "action":
            continue
        if name not in Switches.__slots__:
            raise BadOrder(f"switch {name!r} is unknown; known: {', '.join(Switches.__slots__)}")
        setattr(world.switches, name, value)


def _disable_deals(world: World, order: Order) -> None:
    world.switches.deals_enabled = False


def _set_rates(world: World, order: Order) -> None:
    world.switches.reads_per_s, world.switches.writes_per_s = order["reads"], order["writes"]


def _set_clock(world: World, order: Order) -> Any:
    world.clock.set(moment(order["now"]), stopped=order.get("stopped", False))
    return {"now": world.clock.stamp()}


def _advance_clock(world: World, order: Order) -> Any:
    world.clock.advance(order["seconds"])
    return {"now": world.clock.stamp()}


ACTIONS: dict[str, Callable[[World, Order], Any]] = {
    "revoke_token": _revoke_token,
    "restore_token": _restore_token,
    "remove_scope": _remove_scope,
    "add_scope": _add_scope,
    "rename_choice": _rename_choice,
    "archive_choice": _archive_choice,
    "archive_attribute": _archive_attribute,
    "suspend_member": _suspend_member,
    "set_member_access": _set_member_access,
    "disable_deals": _disable_deals,
    "merge_away": _merge_away,
    "end_merge": _end_merge,
    "set_rates": _set_rates,
    "switch": _switch,
    "set_clock": _set_clock,
    "advance_clock": _advance_clock,
}


def dump(world: World) -> dict[str, Any]:
    """Everything stored, values flattened: single ones bare, multiple ones as lists."""
    rows = {t.target_id: [_flat(world, t, each) for each in world.of(t).values()] for t in world.targets()}
    return {
        **{slug: rows[target.target_id] for slug, target in world.objects.items()},
        "entries": {slug: rows[target.target_id] for slug, target in world.lists.items()},
        "notes": [
            {
                "note_id": note.note_id, "parent_object": note.parent_object, "parent_record_id": note.parent_record_id,
                "title": note.title, "content": note.content_plaintext, "created_at": note.created_at,
            }
            for note in world.notes.values()
        ],
        "tasks": [
            {
                "task_id": task.task_id, "content": task.content, "deadline_at": task.deadline_at,
                "completed_at": task.completed_at, "linked_records": task.linked,
                "assignees": [_address(world, each) for each in task.assignees], "created_at": task.created_at,
            }
            for task in world.tasks.values()
        ],
        "members": [{"email": each.email_address, "access_level": each.access_level} for each in world.members],
        "tokens": [{"name": t.name, "active": t.active, "scopes": t.scopes} for t in world.tokens.values()],
    }  # fmt: skip


def _flat(world: World, target: Target, record: Record) -> dict[str, Any]:
    key = "record_id" if target.kind == "objects" else "entry_id"
    row: dict[str, Any] = {key: record.record_id, "created_at": record.created_at}
    if record.parent_record_id:
        row |= {"parent_object": record.parent_object, "parent_record_id": record.parent_record_id}
    for slug, attribute in target.attributes.items():
        if attribute.computed is None or attribute.computed.startswith("inverse:"):
            held = values_of(world, target, record, attribute)
            plain = [_bare(world, target, attribute, value) for value in held]
            row[slug] = plain if attribute.is_multiselect else (plain or [None])[0]
    return row


def _bare(world: World, target: Target, attribute: Attribute, value: dict[str, Any]) -> Any:
    fields = IDENTITY.get(attribute.type, ("value",))
    match attribute.type:
        case "select" | "status":
            return shown(world, target, attribute, value)[fields[0]]["title"]
        case "record-reference":
            return value["target_record_id"]
        case "actor-reference":
            return _address(world, value["referenced_actor_id"])
        case "personal-name":
            return value["full_name"]
        case "location":
            return {name: value[name] for name in fields}
    return value[fields[0]]


def _address(world: World, member_id: str) -> str:
    member = world.member(member_id)
    return member.email_address if member else member_id
