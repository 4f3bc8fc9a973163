"""Attribute values: what each type accepts on write and shows on read.

Writing goes in two steps, because Attio checks all types before it looks any title or record up: `typed` turns JSON
into the fields of the type, `resolved` replaces titles, addresses and slugs by what they name.
"""

import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pqldesk.sandbox.attio.addresses import domain_fields, email_fields, phone_fields
from pqldesk.sandbox.attio.answers import ApiError, invalid_value, value_not_found
from pqldesk.sandbox.attio.bodies import moment
from pqldesk.sandbox.attio.world import Attribute, Choice, Target, Value, World
from pqldesk.sandbox.clock import nine_digits

Fields = dict[str, Any]

LOCATION = (
    "line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode", "country_code", "latitude", "longitude",
)  # fmt: skip
NAME = ("first_name", "last_name", "full_name")

IDENTITY: dict[str, tuple[str, ...]] = {
    "currency": ("currency_value",),
    "select": ("option",),
    "status": ("status",),
    "record-reference": ("target_object", "target_record_id"),
    "actor-reference": ("referenced_actor_type", "referenced_actor_id"),
    "email-address": ("email_address",),
    "domain": ("domain",),
    "phone-number": ("phone_number",),
    "personal-name": NAME,
    "location": LOCATION,
}
"""The fields that decide whether two values of a type are the same; ``value`` where not listed."""


def identity(kind: str, value: Fields) -> tuple[Any, ...]:
    """What two equal values of type *kind* share."""
    return tuple(value.get(name) for name in IDENTITY.get(kind, ("value",)))


def typed(attribute: Attribute, raw: Any) -> list[Fields]:
    """*raw* as fields of the attribute's type; 400 ``validation_type`` naming the slug."""
    slug = attribute.api_slug
    if not attribute.is_writable:
        raise invalid_value(slug, "Attribute is not writable")
    if raw is None and not attribute.is_multiselect and attribute.type != "checkbox":
        return []
    if not isinstance(raw, list):
        if attribute.is_multiselect:
            raise invalid_value(slug, "Expected array")
        raw = [raw]
    if len(raw) > 1 and not attribute.is_multiselect:
        raise invalid_value(slug, f"Expected one value, received {len(raw)}")
    found = []
    for at, element in enumerate(raw):
        try:
            found.append(READERS[attribute.type](element))
        except ValueError as why:
            raise invalid_value(slug, str(why), at) from None
    return found


def resolved(world: World, attribute: Attribute, found: list[Fields]) -> list[Fields]:
    """*found* with titles and addresses replaced by ids; 400 ``value_not_found`` where one leads nowhere."""
    if attribute.type in ("select", "status"):
        return [fields for each in found if (fields := _chosen(attribute, each))]
    if attribute.type == "record-reference":
        return [_referenced(world, attribute, each) for each in found]
    if attribute.type == "actor-reference":
        return [actor(world, each) for each in found]
    if attribute.type == "currency":
        return [{**each, "currency_code": attribute.currency_code} for each in found]
    return found


def shown(world: World, target: Target, attribute: Attribute, value: Value) -> Value:
    """A stored value as the API shows it."""
    if attribute.type not in ("select", "status"):
        return {**value, "attribute_type": attribute.type}
    key = "option" if attribute.type == "select" else "status"
    choice = attribute.choice(value[key], archived=True)
    assert choice is not None, "options and statuses are never deleted"  # noqa: S101
    return {**value, key: choice_shown(world, target, attribute, choice), "attribute_type": attribute.type}


def choice_shown(world: World, target: Target, attribute: Attribute, choice: Choice) -> dict[str, Any]:
    """A select option or status as the API shows it."""
    status = attribute.type == "status"
    text = {
        "id": {
            "workspace_id": world.workspace_id,
            "object_id": target.target_id,
            "attribute_id": attribute.attribute_id,
            "status_id" if status else "option_id": choice.choice_id,
        },
        "title": choice.title,
        "is_archived": choice.is_archived,
    }
    if status:
        text["celebration_enabled"] = choice.celebration_enabled
        text["target_time_in_status"] = choice.target_time_in_status
    return text


def actor(world: World, asked: Fields) -> Fields:
    """The workspace member an id or address names; 400 ``value_not_found``."""
    named = asked.get("referenced_actor_id") or asked.get("workspace_member_email_address") or ""
    member = world.member(named)
    if member is None:
        raise value_not_found(f'Could not find workspace member "{named}".')
    return {"referenced_actor_type": "workspace-member", "referenced_actor_id": member.member_id}


def is_uuid(text: Any) -> bool:
    """True for the text form of a UUID."""
    try:
        return isinstance(text, str) and len(text) == 36 and bool(uuid.UUID(text))
    except ValueError:
        return False


def _chosen(attribute: Attribute, asked: Fields) -> Fields | None:
    key = "option" if attribute.type == "select" else "status"
    wanted = asked[key]
    if asked.get("bare") and attribute.type == "select" and is_uuid(wanted) and attribute.choice(wanted):
        return None  # seen live: a bare option id answers 200 and is not stored
    choice = attribute.choice(wanted)
    if choice is None:
        kind = "select option" if key == "option" else "status"
        raise value_not_found(
            f'Cannot find {kind} with title or ID "{wanted}" for attribute "{attribute.api_slug}".'
        )
    return {key: choice.choice_id}


def _referenced(world: World, attribute: Attribute, asked: Fields) -> Fields:
    try:
        target = world.target("objects", asked["target_object"])
    except ApiError:  # in a path an unknown object is 404, in a value it is 400
        raise value_not_found(f'Could not find object "{asked["target_object"]}".') from None
    if attribute.allowed_objects and target.api_slug not in attribute.allowed_objects:
        raise invalid_value(attribute.api_slug, f'Object "{target.api_slug}" is not allowed here')
    record_id = asked.get("target_record_id")
    if record_id is None:
        record_id = _matched(world, target.target_id, asked)
    if record_id not in world.of(target):
        raise value_not_found(f'Could not find record with ID "{record_id}" in object "{target.api_slug}".')
    return {"target_object": target.api_slug, "target_record_id": record_id}


def _matched(world: World, target_id: str, asked: Fields) -> str:
    slug, wanted = asked["matching"]
    held = world.unique.get((target_id, slug), {})
    found = {held[key] for each in wanted if (key := str(next(iter(each.values()))).lower()) in held}
    if len(found) != 1:
        raise value_not_found(f'Expected exactly one record matching "{slug}", found {len(found)}.')
    return found.pop()


# One reader per type: a JSON element -> fields, ValueError with the reason ---------------------------------------


def _only(element: Any, key: str) -> Any:
    """The value under *key* of an object that may hold nothing else, or the bare element."""
    if not isinstance(element, dict):
        return element
    if set(element) != {key}:
        raise ValueError(f"Expected an object with the key {key!r} only, received {sorted(element)}")
    return element[key]


def _text(element: Any) -> Fields:
    value = _only(element, "value")
    if not isinstance(value, str):
        raise ValueError("Expected string")
    return {"value": value}


def _number(element: Any) -> Fields:
    value = _only(element, "value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Expected number")
    return {"value": value}


def _checkbox(element: Any) -> Fields:
    value = {"true": True, "false": False}.get(element, element) if isinstance(element, str) else element
    value = _only(value, "value")
    if not isinstance(value, bool):
        raise ValueError("Expected boolean")
    return {"value": value}


def _currency(element: Any) -> Fields:
    value = _only(element, "currency_value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Expected number")
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -4:
        raise ValueError("Expected at most 4 decimal places")
    return {"currency_value": value}


def _date(element: Any) -> Fields:
    return {"value": moment(_only(element, "value")).strftime("%Y-%m-%d")}


def _timestamp(element: Any) -> Fields:
    return {"value": nine_digits(moment(_only(element, "value")))}


def _rating(element: Any) -> Fields:
    value = _only(element, "value")
    if isinstance(value, bool) or value not in (0, 1, 2, 3, 4, 5):
        raise ValueError("Expected a whole number from 0 to 5")
    return {"value": int(value)}


def _choice(key: str) -> Callable[[Any], Fields]:
    def read(element: Any) -> Fields:
        value = _only(element, key)
        if not isinstance(value, str) or not value:
            raise ValueError("Expected string")
        return {key: value, "bare": not isinstance(element, dict)}

    return read


def _record_reference(element: Any) -> Fields:
    if not isinstance(element, dict) or not isinstance(element.get("target_object"), str):
        raise ValueError("Expected an object with target_object")
    rest = {key: value for key, value in element.items() if key != "target_object"}
    if set(rest) == {"target_record_id"}:
        if not is_uuid(rest["target_record_id"]):
            raise ValueError("Expected target_record_id to be a UUID")
        return dict(element)
    if len(rest) == 1:
        ((slug, wanted),) = rest.items()
        if isinstance(wanted, list) and wanted and all(isinstance(each, dict) and each for each in wanted):
            return {"target_object": element["target_object"], "matching": (slug, wanted)}
    raise ValueError("Expected target_record_id or one matching attribute")


def _actor_reference(element: Any) -> Fields:
    if isinstance(element, str):
        return {"workspace_member_email_address": element}
    keys = set(element) if isinstance(element, dict) else set()
    if keys == {"workspace_member_email_address"}:
        return dict(element)
    if keys != {"referenced_actor_type", "referenced_actor_id"}:
        raise ValueError("Expected referenced_actor_type and referenced_actor_id")
    if element["referenced_actor_type"] != "workspace-member" or not is_uuid(element["referenced_actor_id"]):
        raise ValueError("Expected a workspace-member and its UUID")
    return dict(element)


def _keyed_string(element: Any, key: str) -> str:
    value = element.get(key) if isinstance(element, dict) else element
    if not isinstance(value, str):
        raise ValueError(f"Expected a string or an object with {key}")
    return value


def _phone(element: Any) -> Fields:
    country = element.get("country_code") if isinstance(element, dict) else None
    return phone_fields(_keyed_string(element, "original_phone_number"), country)


def _name(element: Any) -> Fields:
    if isinstance(element, str):
        last, comma, first = (part.strip() for part in element.partition(","))
        first, last = (first, last) if comma else (last, "")
        return {"first_name": first, "last_name": last, "full_name": f"{first} {last}".strip()}
    if not isinstance(element, dict):
        raise ValueError("Expected string or object")
    missing = [key for key in NAME if not isinstance(element.get(key), str)]
    if missing:
        raise ValueError(f"Required: {', '.join(missing)}")
    return {key: element[key] for key in NAME}


def _location(element: Any) -> Fields:
    if not isinstance(element, dict) or set(element) != set(LOCATION):
        raise ValueError(f"Expected an object with exactly the keys {', '.join(LOCATION)}")
    if any(not isinstance(each, str | None) for each in element.values()):
        raise ValueError("Expected strings or null")
    for key, most in (("latitude", 90), ("longitude", 180)):
        if element[key] is not None and not (
            re.fullmatch(r"[-+]?\d+(\.\d+)?", element[key]) and abs(float(element[key])) <= most
        ):
            raise ValueError(f"Expected {key} to be a number in a string")
    return {key: element[key] for key in LOCATION}


READERS: dict[str, Callable[[Any], Fields]] = {
    "text": _text,
    "number": _number,
    "checkbox": _checkbox,
    "currency": _currency,
    "date": _date,
    "timestamp": _timestamp,
    "rating": _rating,
    "select": _choice("option"),
    "status": _choice("status"),
    "record-reference": _record_reference,
    "actor-reference": _actor_reference,
    "email-address": lambda element: dict(email_fields(_keyed_string(element, "email_address"))),
    "domain": lambda element: dict(domain_fields(_keyed_string(element, "domain"))),
    "phone-number": _phone,
    "personal-name": _name,
    "location": _location,
}
CREATABLE = frozenset(READERS) - {"personal-name"}
