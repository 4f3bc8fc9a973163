"""Amplitude events, as its libraries send them and as its export gives them."""

from collections.abc import Iterator
from typing import Any

from pqldesk.services.calls.reading import Item, Reading, group_in, ids_of, inner
from pqldesk.services.calls.shapes import Call, Traits, Usage
from pqldesk.services.files.values import BadValue, text


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one event. BadValue when it has no type or names nobody."""
    name = text(found.get("event_type"))
    if name is None:
        raise BadValue("event_type", "it has none")
    at, flaw = _when(found, reading)
    told = _told(inner(found, "user_properties"))
    who = ids_of(
        email=told.get("email"),
        user_id=found.get("user_id"),
        anonymous_id=found.get("device_id"),
        company_id=group_in(inner(found, "groups"), reading),
    )
    if name == "$groupidentify":
        if "company_id" not in who:
            raise BadValue("groups", "no company is named")
        yield Traits("group", {"company_id": who["company_id"]}, _told(inner(found, "group_properties")), at)
        return
    if not who.keys() - {"company_id"}:
        raise BadValue("event", "it names nobody", "give user_id or device_id")
    if name == "$identify":
        yield Traits("identify", who, told, at)
        return
    if told and reading.is_news(str(who), told):
        yield Traits("identify", who, told, at, beside=True)
    yield Usage(
        _event_id(found, reading),
        name,
        inner(found, "event_properties"),
        who.get("email"),
        who.get("user_id"),
        who.get("anonymous_id"),
        None,
        who.get("company_id"),
        at,
        reading.received_at or reading.time_or_none(_utc(found.get("server_received_time"))),
        flaw,
    )


def _when(found: Item, reading: Reading) -> tuple[int, str | None]:
    """Pushed events tell milliseconds; exported ones UTC without saying so, with the clock's error taken out."""
    if found.get("time") not in (None, ""):
        return reading.when(found["time"])
    return reading.when(_utc(found.get("event_time") or found.get("client_event_time")))


def _utc(value: object) -> object:
    return f"{value}Z" if isinstance(value, str) and value and not value.endswith("Z") else value


def _told(said: Item) -> dict[str, Any]:
    operations = {name: value for name, value in said.items() if name.startswith("$")}
    if not operations:
        return dict(said)
    told: dict[str, Any] = {}
    for name in ("$setOnce", "$set"):
        told |= inner(operations, name)
    unset = inner(operations, "$unset")
    return {**told, **dict.fromkeys(unset)}


def _event_id(found: Item, reading: Reading) -> str:
    own = text(found.get("uuid"))
    if own is not None:
        return own
    inserted = text(found.get("insert_id")) or text(found.get("$insert_id"))
    if inserted is None:
        return reading.made_id(found)
    return f"{text(found.get('device_id')) or ''}\x1f{inserted}"
