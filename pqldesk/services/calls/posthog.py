"""PostHog events, as its libraries send them and as its exports and queries give them."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from pqldesk.services.calls.reading import COMPANY_TYPES, Item, Reading, address, group_in, ids_of, inner
from pqldesk.services.calls.shapes import NOTHING, Call, Traits, TrialSeen, Usage
from pqldesk.services.files.json_table import parsed
from pqldesk.services.files.values import BadValue, person_id, text

_ID_LIMIT: Final = 200  # where PostHog cuts ids
_SAME: Final = frozenset({"$create_alias", "$merge_dangerously"})


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one event. BadValue when it has no name or names nobody."""
    name = text(found.get("event"))
    if name is None:
        raise BadValue("event", "it has no name")
    properties = _object(found, "properties")
    who = person_id(
        found.get("distinct_id") if found.get("distinct_id") is not None else properties.get("distinct_id")
    )
    who = who if who is None else who[:_ID_LIMIT]
    if name == "$groupidentify":
        yield from _company(properties, reading)
        return
    if who is None:
        raise BadValue("event", "it names nobody", "give distinct_id")
    at, flaw = _when(found, properties, reading)
    told = _told(found, properties)
    ids = ids_of(email=told.get("email") or (who if "@" in who else None), user_id=who)
    company = group_in(inner(properties, "$groups"), reading)
    if company is not None:
        ids["company_id"] = company
    if name in _SAME:
        other = person_id(properties.get("alias"))
        if other is None:
            raise BadValue("alias", "it names no second id")
        yield Traits("alias", {**ids, "previous_id": other[:_ID_LIMIT]}, {}, at)
    elif name in ("$identify", "$set"):
        before = person_id(properties.get("$anon_distinct_id"))
        known = before is None or before == who
        yield Traits("identify", ids if known else {**ids, "previous_id": str(before)}, told, at)
    else:
        if (
            told
            and properties.get("$process_person_profile") is not False
            and reading.is_news(who, told, company)
        ):
            yield Traits("identify", ids, told, at, beside=True)
        yield Usage(
            _event_id(found, properties, name, who, reading),
            name,
            properties,
            _address(who, found),
            who,
            None,
            None,
            company,
            at,
            _received(found, reading),
            flaw,
        )
    yield from _trial(told, ids, reading, at)


def _address(who: str, found: Item) -> str | None:
    """The address an event itself goes by: an id that is one, or that of an exported person."""
    return address(who) if "@" in who else address(_object(found, "person_properties").get("email"))


def _told(found: Item, properties: Item) -> dict[str, Any]:
    """What is said of the person. What was set only once counts least; a row that was pulled or exported knows the
    person as of then, and what the event itself sets is newer."""
    told: dict[str, Any] = {**inner(properties, "$set_once"), **inner(found, "$set_once")}
    told |= _object(found, "person_properties")
    told |= {**inner(properties, "$set"), **inner(found, "$set")}
    return {name: value for name, value in told.items() if not name.startswith("$")}


def _company(properties: Item, reading: Reading) -> Iterator[Call]:
    kind, key = text(properties.get("$group_type")), text(properties.get("$group_key"))
    if kind is None or key is None:
        raise BadValue("group", "it names no group")
    chosen = reading.chosen.get("group_type")
    if kind != chosen if chosen else kind not in COMPANY_TYPES:
        return
    told = inner(properties, "$group_set")
    yield Traits("group", {"company_id": key}, told)
    yield from _trial(told, {"company_id": key}, reading, reading.received_at)


def _trial(told: Item, ids: dict[str, str], reading: Reading, at: int | None) -> Iterator[Call]:
    ends = told.get("trial_ends_at")
    if ends and reading.is_news(f"trial {ids}", ends):
        fields = {"plan": told.get("plan"), "starts_at": told.get("trial_starts_at"), "ends_at": ends}
        yield TrialSeen(ids, fields, at, beside=True)


def _when(found: Item, properties: Item, reading: Reading) -> tuple[int, str | None]:
    offset = found.get("offset")
    if (
        found.get("timestamp") in (None, "")
        and isinstance(offset, int | float)
        and reading.received_at is not None
    ):
        return reading.received_at - int(offset * 1_000), None
    return reading.when(found.get("timestamp") or properties.get("$time"))


def _received(found: Item, reading: Reading) -> int | None:
    return reading.received_at or reading.time_or_none(found.get("created_at") or found.get("_inserted_at"))


def _event_id(found: Item, properties: Item, name: str, who: str, reading: Reading) -> str:
    given = text(found.get("uuid")) or text(properties.get("$insert_id"))
    if given is not None:
        return given
    told = text(found.get("timestamp"))
    if told is None:
        return reading.made_id(found, ("offset",))
    made = hashlib.blake2b("\x1f".join((name, who, told)).encode("utf-8", "surrogatepass"), digest_size=16)
    return f"row:{made.hexdigest()}"


def _object(found: Item, name: str) -> Item:
    """An object, or one written as JSON text, as exports to columns have it."""
    value = found.get(name)
    if isinstance(value, str) and value[:1] == "{":
        value = parsed(value.encode("utf-8", "surrogatepass"))
    return value if isinstance(value, dict) else NOTHING
