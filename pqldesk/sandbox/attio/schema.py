"""Objects, attributes, select options and statuses."""

import re
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, invalid, not_found
from pqldesk.sandbox.attio.bodies import boolean, check_keys, data_of, page, wrong_field
from pqldesk.sandbox.attio.calls import Call
from pqldesk.sandbox.attio.values import CREATABLE, choice_shown
from pqldesk.sandbox.attio.world import Attribute, Choice, Target, World

NEW_ATTRIBUTE = {
    "title": "string", "description": "string|null", "api_slug": "string", "type": "string", "is_required": "boolean",
    "is_unique": "boolean", "is_multiselect": "boolean", "config": "object",
}  # fmt: skip
ATTRIBUTE_CHANGES = {
    "title": "string", "description": "string|null", "api_slug": "string", "is_required": "boolean",
    "is_unique": "boolean", "default_value": "any", "config": "object", "is_archived": "boolean",
}  # fmt: skip
SYSTEM_MAY_CHANGE = {"title", "description"}
PEOPLE_LIKE = ("people", "companies")
SLUG = re.compile(r"[a-z0-9_]+")
DURATION = re.compile(r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?")


def objects(call: Call) -> Any:
    """GET all objects, the disabled deals too."""
    return {"data": [object_shown(call.world, target) for target in call.world.objects.values()]}


def one_object(call: Call) -> Any:
    """GET one object."""
    return {"data": object_shown(call.world, call.world.target("objects", call.names["object"]))}


def attributes(call: Call) -> Any:
    """GET the attributes of an object or list, archived ones on request."""
    target = _target(call)
    archived = boolean(call.query, "show_archived")
    limit, offset = page(call.query, 500, 500, call.notes)
    found = [each for each in target.attributes.values() if archived or not each.is_archived]
    return {"data": [attribute_shown(call.world, target, each) for each in found[offset : offset + limit]]}


def one_attribute(call: Call) -> Any:
    """GET one attribute, archived or not."""
    target = _target(call)
    return {"data": attribute_shown(call.world, target, _attribute(call, target))}


def add_attribute(call: Call) -> Any:
    """POST a custom attribute; all eight keys are required whatever the type."""
    world, target = call.world, _target(call)
    data = data_of(call.body, NEW_ATTRIBUTE, {"default_value": "any", "relationship": "any"})
    kind, slug, people_like = data["type"], data["api_slug"], target.api_slug in PEOPLE_LIKE
    if kind not in CREATABLE:
        raise wrong_field("type", f"Invalid enum value. Expected one of {', '.join(sorted(CREATABLE))}")
    if not SLUG.fullmatch(slug):
        raise wrong_field("api_slug", "Expected lower case letters, digits and underscores")
    if kind == "status" and people_like:
        raise wrong_field("type", "Status attributes are not available on people and companies")
    if data.get("default_value") is not None and people_like:
        raise wrong_field("default_value", "Default values are not supported on people and companies")
    _refuse_unique(target, kind, unique=data["is_unique"])
    currency = _currency(kind, data["config"])
    allowed = _allowed_objects(world, kind, data["config"])
    if slug in target.attributes:
        raise _taken("attribute", slug)
    target.attributes[slug] = Attribute(
        world.new_id(), slug, data["title"], kind, world.clock.stamp(),
        description=data["description"], is_required=data["is_required"], is_unique=data["is_unique"],
        is_multiselect=data["is_multiselect"], currency_code=currency[0], currency_display=currency[1],
        allowed_objects=allowed, default_value=data.get("default_value"),
    )  # fmt: skip
    world.changed()
    return {"data": attribute_shown(world, target, target.attributes[slug])}


def change_attribute(call: Call) -> Any:
    """PATCH an attribute; type and multiplicity cannot change."""
    world, target = call.world, _target(call)
    attribute = _attribute(call, target)
    data = data_of(call.body, {}, ATTRIBUTE_CHANGES, strict=True)
    if attribute.is_system and not set(data) <= SYSTEM_MAY_CHANGE:
        message = f'System attribute "{attribute.api_slug}" cannot be edited.'
        raise ApiError(400, "system_edit_unauthorized", message)
    _refuse_unique(target, attribute.type, unique=bool(data.get("is_unique")))
    slug = data.pop("api_slug", attribute.api_slug)
    if slug != attribute.api_slug and slug in target.attributes:
        raise _taken("attribute", slug)
    data.pop("config", None)
    for key, value in data.items():
        setattr(attribute, key, value)
    rename_attribute(world, target, attribute, slug)
    return {"data": attribute_shown(world, target, attribute)}


def rename_attribute(world: World, target: Target, attribute: Attribute, slug: str) -> None:
    """Give an attribute another slug; its values move along."""
    old = attribute.api_slug
    if slug != old:
        attribute.api_slug = slug
        target.attributes = {each.api_slug: each for each in target.attributes.values()}
        for record in world.of(target).values():
            for held in (record.values, record.history):
                if old in held:
                    held[slug] = held.pop(old)
        if (target.target_id, old) in world.unique:
            world.unique[(target.target_id, slug)] = world.unique.pop((target.target_id, old))
        for places in world.pointing.values():
            for place in [each for each in places if each[0] == target.target_id and each[2] == old]:
                del places[place]
                places[(place[0], place[1], slug)] = None
    world.changed()


def choices(call: Call) -> Any:
    """GET the options of a select or the statuses of a status; the wrong one of the two is empty."""
    target = _target(call)
    attribute = _attribute(call, target)
    archived = boolean(call.query, "show_archived")
    if attribute.type != _choice_kind(call):
        return {"data": []}
    found = [each for each in attribute.choices if archived or not each.is_archived]
    return {"data": [choice_shown(call.world, target, attribute, each) for each in found]}


def add_choice(call: Call) -> Any:
    """POST an option or a status; titles stay taken when archived."""
    world, target, kind = call.world, _target(call), _choice_kind(call)
    attribute = _attribute(call, target)
    more = (
        {"celebration_enabled": "boolean", "target_time_in_status": "string|null"} if kind == "status" else {}
    )
    data = data_of(call.body, {"title": "string"}, more)
    if attribute.type != kind:
        raise invalid(f'Attribute "{attribute.api_slug}" is not of type {kind}.')
    if not data["title"]:
        raise wrong_field("title", "Expected at least one character")
    _check_duration(data)
    if any(each.title == data["title"] for each in attribute.choices):
        raise _taken(kind, data["title"])
    choice = Choice(world.new_id(), data["title"], **{key: data[key] for key in more if key in data})
    attribute.choices.append(choice)
    world.changed()
    return {"data": choice_shown(world, target, attribute, choice)}


def change_choice(call: Call) -> Any:
    """PATCH the title of an option or status, or archive it."""
    world, target, kind = call.world, _target(call), _choice_kind(call)
    attribute = _attribute(call, target)
    named = call.names["choice"]
    choice = attribute.choice(named, archived=True) if attribute.type == kind else None
    if choice is None:
        raise not_found(kind, named)
    more = (
        {"celebration_enabled": "boolean", "target_time_in_status": "string|null"} if kind == "status" else {}
    )
    data = data_of(call.body, {}, {"title": "string", "is_archived": "boolean", **more})
    _check_duration(data)
    if any(each.title == data.get("title") and each is not choice for each in attribute.choices):
        raise _taken(kind, data["title"])
    for key in ("title", "is_archived", *more):
        setattr(choice, key, data.get(key, getattr(choice, key)))
    world.changed()
    return {"data": choice_shown(world, target, attribute, choice)}


def object_shown(world: World, target: Target) -> dict[str, Any]:
    """An object as the API shows it."""
    return {
        "id": {"workspace_id": world.workspace_id, "object_id": target.target_id},
        "api_slug": target.api_slug,
        "singular_noun": target.singular,
        "plural_noun": target.name,
        "created_at": target.created_at,
    }


def attribute_shown(world: World, target: Target, attribute: Attribute) -> dict[str, Any]:
    """An attribute as the API shows it; ``object_id`` holds the list's id for list attributes."""
    allowed = [world.objects[slug].target_id for slug in attribute.allowed_objects]
    return {
        "id": {
            "workspace_id": world.workspace_id,
            "object_id": target.target_id,
            "attribute_id": attribute.attribute_id,
        },
        "title": attribute.title,
        "description": attribute.description,
        "api_slug": attribute.api_slug,
        "type": attribute.type,
        "is_system_attribute": attribute.is_system,
        "is_writable": attribute.is_writable,
        "is_required": attribute.is_required,
        "is_unique": attribute.is_unique,
        "is_multiselect": attribute.is_multiselect,
        "is_default_value_enabled": attribute.default_value is not None,
        "is_archived": attribute.is_archived,
        "default_value": attribute.default_value,
        "relationship": None,
        "created_at": attribute.created_at,
        "config": {
            "currency": {
                "default_currency_code": attribute.currency_code,
                "display_type": attribute.currency_display,
            },
            "record_reference": {"allowed_object_ids": allowed or None},
        },
    }


def _target(call: Call) -> Target:
    return call.world.target(call.names["target"], call.names["identifier"])


def _attribute(call: Call, target: Target) -> Attribute:
    found = target.attribute(call.names["attribute"], archived=True)
    if found is None:
        raise not_found("attribute", call.names["attribute"])
    return found


def _choice_kind(call: Call) -> str:
    return "select" if call.names["choices"] == "options" else "status"


def _refuse_unique(target: Target, kind: str, *, unique: bool) -> None:
    if unique and target.api_slug in PEOPLE_LIKE:
        raise wrong_field("is_unique", f"Unique attributes are not supported on {target.api_slug}")
    if unique and kind in ("select", "status", "checkbox"):
        raise wrong_field("is_unique", f"Attributes of type {kind} cannot be unique")


def _currency(kind: str, config: dict[str, Any]) -> tuple[str | None, str | None]:
    if kind != "currency":
        return None, None
    check_keys(config, ("data", "config"), {"currency": "object"}, {})
    keys = {"default_currency_code": "string", "display_type": "string"}
    check_keys(config["currency"], ("data", "config", "currency"), keys, {})
    return config["currency"]["default_currency_code"], config["currency"]["display_type"]


def _allowed_objects(world: World, kind: str, config: dict[str, Any]) -> list[str]:
    if kind != "record-reference":
        return []
    check_keys(config, ("data", "config"), {"record_reference": "object"}, {})
    keys = {"allowed_objects": "array"}
    check_keys(config["record_reference"], ("data", "config", "record_reference"), keys, {})
    return [
        world.target("objects", str(slug)).api_slug for slug in config["record_reference"]["allowed_objects"]
    ]


def _check_duration(data: dict[str, Any]) -> None:
    duration = data.get("target_time_in_status")
    if duration is not None and not DURATION.fullmatch(duration):
        raise wrong_field("target_time_in_status", "Expected an ISO 8601 duration")


def _taken(what: str, name: str) -> ApiError:
    return ApiError(409, "slug_conflict", f'The {what} "{name}" exists already, possibly archived.')
