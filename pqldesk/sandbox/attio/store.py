"""Writing records and entries: checked in Attio's order, then stored whole; and reading their values back.

The order (contract: all or nothing): attribute slugs, value types, titles and references, required attributes,
uniqueness. Only then anything changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, value_not_found
from pqldesk.sandbox.attio.values import Fields, identity, resolved, typed
from pqldesk.sandbox.attio.world import SYSTEM, Attribute, Record, Target, Value, World

Checked = list[tuple[Attribute, list[Fields]]]


@dataclass(frozen=True, slots=True)
class Mode:
    """How values sent meet values held. *adds_to* is the matching attribute of an assert."""

    prepends: bool = False
    adds_to: str | None = None


CREATE = OVERWRITE = Mode()
APPEND = Mode(prepends=True)


def checked(world: World, target: Target, values: Mapping[str, Any]) -> Checked:
    """*values* with slugs, types, titles and references checked, each stage for all attributes before the next."""
    found = [(target.attribute(key), raw) for key, raw in values.items()]
    for (attribute, _), key in zip(found, values, strict=True):
        if attribute is None:
            raise value_not_found(f'Cannot find attribute with slug/ID "{key}".')
    shapes = [(attribute, typed(attribute, raw)) for attribute, raw in found if attribute]
    return [(attribute, resolved(world, attribute, shape)) for attribute, shape in shapes]


def write(
    world: World,
    target: Target,
    record: Record | None,
    given: Checked,
    mode: Mode,
    actor: dict[str, Any],
    **new: Any,
) -> Record:
    """Create (*record* None) or change a record or entry; refuses without a trace."""
    fresh = record is None
    now = world.clock.stamp()
    held = record.values if record else {}
    after = {
        attribute.api_slug: _combined(attribute, held.get(attribute.api_slug, []), fields, mode, actor, now)
        for attribute, fields in given
    }
    _require(target, held, after, fresh=fresh)
    _refuse_taken(world, target, record.record_id if record else None, given)
    if record is None:
        record = Record(world.new_id(), target.target_id, now, actor, **new)
        world.of(target)[record.record_id] = record
    note_text_before(world, target, record)
    for slug, values in after.items():
        _replace(record, slug, values, now)
    _index_values(world, target, record, after)
    if fresh:
        _index_parent(world, target, record)
    world.changed()
    return record


def remove(world: World, target: Target, record: Record) -> None:
    """Delete a record with its entries and notes, or an entry; references to it vanish."""
    forget(world, target, record)
    for entry_id, list_id in list(world.entries.pop(record.record_id, {}).items()):
        del world.records[list_id][entry_id]
    for note_id in world.notes_of.pop(record.record_id, {}):
        world.notes.pop(note_id, None)
    for task_id in world.tasks_of.pop(record.record_id, {}):
        task = world.tasks[task_id]
        task.linked = [pair for pair in task.linked if pair[1] != record.record_id]
    for target_id, record_id, slug in list(world.pointing.pop(record.record_id, {})):
        holder = world.records[target_id].get(record_id)
        if holder:
            rest = [v for v in holder.values[slug] if v["target_record_id"] != record.record_id]
            holder.values[slug] = rest
    world.changed()


def forget(world: World, target: Target, record: Record) -> None:
    """Take a record out of its object and of every index that leads from its values."""
    del world.of(target)[record.record_id]
    for slug in record.values:
        _unindex(world, target, record, slug)
    if record.parent_record_id:
        world.entries.get(record.parent_record_id, {}).pop(record.record_id, None)


def build_indexes(world: World) -> None:
    """Indexes of a world that was just loaded or seeded."""
    for index in (world.unique, world.pointing, world.entries, world.notes_of, world.tasks_of, world.touched):
        index.clear()
    for target in world.targets():
        for record in world.of(target).values():
            _index_values(world, target, record, record.values)
            _index_parent(world, target, record)
    for note in world.notes.values():
        world.notes_of.setdefault(note.parent_record_id, {})[note.note_id] = None
    for task in world.tasks.values():
        for _, record_id in task.linked:
            world.tasks_of.setdefault(record_id, {})[task.task_id] = None


def values_of(world: World, target: Target, record: Record, attribute: Attribute) -> list[Value]:
    """Current values of one attribute, computed ones included."""
    if attribute.computed is None:
        return record.values.get(attribute.api_slug, [])
    if attribute.computed.startswith("inverse:"):
        return _inverse(world, record, attribute.computed.removeprefix("inverse:"))
    fields: Fields = {"value": record.created_at}
    match attribute.computed:
        case "record_id":
            fields = {"value": record.record_id}
        case "created_by":
            actor = record.created_by
            fields = {"referenced_actor_type": actor["type"], "referenced_actor_id": actor["id"]}
        case "parent_record":
            fields = {"target_object": record.parent_object, "target_record_id": record.parent_record_id}
    return [
        {
            "active_from": record.created_at,
            "active_until": None,
            "created_by_actor": record.created_by,
            **fields,
        }
    ]


def unique_key(value: Fields, kind: str) -> str:
    """Under what a unique value is indexed: case does not count."""
    return str(identity(kind, value)[0]).lower()


def note_text_before(world: World, target: Target, record: Record) -> None:
    """Remember what search found *record* under, until its index catches up."""
    if target.kind == "objects":
        now = world.clock.time()
        before = world.touched.get(record.record_id)
        stale = before is not None and now - before[0] < world.switches.search_delay_s
        text = before[1] if before and stale else searchable(record)
        world.touched[record.record_id] = (now, text)


def searchable(record: Record) -> str:
    """The text search looks at: names, domains, addresses, phones and socials, not custom text."""
    found = (
        value.get(key)
        for slug in SEARCHED
        for value in record.values.get(slug, ())
        for key in SEARCHED_FIELDS
    )
    return " ".join(text for text in found if text).lower()


SEARCHED = ("name", "domains", "email_addresses", "phone_numbers", "linkedin", "twitter")
SEARCHED_FIELDS = ("value", "full_name", "domain", "email_address", "phone_number")


def _combined(
    attribute: Attribute, held: list[Value], sent: list[Fields], mode: Mode, actor: dict[str, Any], now: str
) -> list[Value]:
    """The values an attribute has after the write; equal values keep their history."""
    known = {identity(attribute.type, value): value for value in held}
    result: dict[tuple[Any, ...], Value] = {}
    for fields in sent:
        fields.pop("bare", None)
        key = identity(attribute.type, fields)
        fresh = {"active_from": now, "active_until": None, "created_by_actor": actor, **fields}
        result.setdefault(key, known.get(key, fresh))
    if not attribute.is_multiselect or not (mode.prepends or mode.adds_to == attribute.api_slug):
        return list(result.values())
    unseen = [value for key, value in result.items() if key not in known]
    return unseen + held if mode.prepends else held + unseen


def _require(
    target: Target, held: Mapping[str, list[Value]], after: Mapping[str, list[Value]], *, fresh: bool
) -> None:
    for slug, attribute in target.attributes.items():
        if not attribute.is_required or attribute.is_archived:
            continue
        left = after.get(slug, held.get(slug, []))
        if not left and (fresh or slug in after):
            raise ApiError(
                400,
                "missing_value",
                f'Required value for attribute with ID "{attribute.attribute_id}" was not provided.',
            )


def _refuse_taken(world: World, target: Target, own_id: str | None, given: Checked) -> None:
    for attribute, fields in given:
        if not attribute.is_unique:
            continue
        taken = world.unique.get((target.target_id, attribute.api_slug), {})
        for each in fields:
            key = unique_key(each, attribute.type)
            holder = taken.get(key)
            if holder not in (None, own_id):
                raise ApiError(
                    400,
                    "uniqueness_conflict",
                    f'The value "{key}" provided for attribute with slug "{attribute.api_slug}" conflicts with one'
                    f' already in the system, held by record "{holder}".',
                )


def _replace(record: Record, slug: str, values: list[Value], now: str) -> None:
    kept = {id(value) for value in values}
    for old in record.values.get(slug, ()):
        if id(old) not in kept:
            record.history.setdefault(slug, []).append({**old, "active_until": now})
    record.values[slug] = values


def _index_values(world: World, target: Target, record: Record, after: Mapping[str, list[Value]]) -> None:
    for slug, values in after.items():
        attribute = target.attributes[slug]
        if attribute.is_unique:
            held = world.unique.setdefault((target.target_id, slug), {})
            for key in [
                key for key, holder in _gone(record, slug, attribute.type) if held.get(key) == holder
            ]:
                del held[key]
            held.update((unique_key(value, attribute.type), record.record_id) for value in values)
        elif attribute.type == "record-reference":
            place = (target.target_id, record.record_id, slug)
            for old in record.history.get(slug, ()):
                world.pointing.get(old["target_record_id"], {}).pop(place, None)
            for value in values:
                world.pointing.setdefault(value["target_record_id"], {})[place] = None


def _gone(record: Record, slug: str, kind: str) -> list[tuple[str, str]]:
    return [(unique_key(value, kind), record.record_id) for value in record.history.get(slug, ())]


def _unindex(world: World, target: Target, record: Record, slug: str) -> None:
    attribute = target.attributes[slug]
    for value in record.values[slug]:
        if attribute.is_unique:
            world.unique.get((target.target_id, slug), {}).pop(unique_key(value, attribute.type), None)
        elif attribute.type == "record-reference":
            place = (target.target_id, record.record_id, slug)
            world.pointing.get(value["target_record_id"], {}).pop(place, None)


def _index_parent(world: World, target: Target, record: Record) -> None:
    if record.parent_record_id:
        world.entries.setdefault(record.parent_record_id, {})[record.record_id] = target.target_id


def _inverse(world: World, record: Record, place: str) -> list[Value]:
    object_slug, _, slug = place.partition(".")
    target = world.objects.get(object_slug)
    found = []
    for target_id, record_id, via in world.pointing.get(record.record_id, ()):
        if target and target_id == target.target_id and via == slug:
            since = world.records[target_id][record_id].values[slug][0]["active_from"]
            found.append(
                {
                    "active_from": since,
                    "active_until": None,
                    "created_by_actor": SYSTEM,
                    "target_object": object_slug,
                    "target_record_id": record_id,
                }
            )
    return found
