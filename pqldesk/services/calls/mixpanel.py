"""Mixpanel events and profiles, as its libraries send them and as its raw export gives them."""

from collections.abc import Iterator
from typing import Any, Final

from pqldesk.services.calls.reading import Item, Reading, ids_of, inner
from pqldesk.services.calls.shapes import Call, Traits, Usage
from pqldesk.services.files.values import BadValue, person_id, text

_COMPANY_KEYS: Final = ("company_id", "account_id", "organization_id", "company", "account", "organization")
_WORDS: Final = {"$first_name": "first_name", "$last_name": "last_name", "$name": "name", "$email": "email",
                 "$phone": "phone", "$created": "created_at", "$country_code": "country"}  # fmt: skip


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one event or profile update. BadValue when it is neither, or names nobody."""
    if "event" not in found:
        yield _profile(found, reading)
        return
    name = text(found.get("event"))
    if name is None:
        raise BadValue("event", "it has no name")
    properties = inner(found, "properties")
    at, flaw = reading.when(properties.get("time"))
    if name in ("$identify", "$create_alias", "$merge"):
        yield _same(name, properties, at)
        return
    who = ids_of(
        email=properties.get("$email"),
        user_id=properties.get("$user_id") or properties.get("distinct_id"),
        anonymous_id=properties.get("$device_id"),
        company_id=_company(properties, reading),
    )
    if not who:
        raise BadValue("event", "it names nobody", "give distinct_id")
    told = _told(properties, ("$email", "$name"))
    if told and reading.is_news(str(who), told):
        yield Traits("identify", who, told, at, beside=True)
    yield Usage(
        _event_id(found, name, properties, reading),
        name,
        {key: value for key, value in properties.items() if key != "token"},
        who.get("email"),
        who.get("user_id"),
        who.get("anonymous_id"),
        None,
        who.get("company_id"),
        at,
        reading.received_at or reading.time_or_none(properties.get("mp_processing_time_ms")),
        flaw,
    )


def _profile(found: Item, reading: Reading) -> Traits:
    told: dict[str, Any] = {**inner(found, "$set_once"), **inner(found, "$set")}
    group = text(found.get("$group_id"))
    if group is not None:
        return Traits("group", {"company_id": group}, _told(told, told))
    ids = ids_of(user_id=found.get("$distinct_id"), email=told.get("$email") or told.get("email"))
    if not ids:
        raise BadValue("profile", "it names nobody", "give $distinct_id")
    return Traits("identify", ids, _told(told, told), reading.received_at)


def _told(said: Item, names: Any) -> dict[str, Any]:
    return {_WORDS.get(name, name): said[name] for name in names if name in said}


def _same(name: str, properties: Item, at: int) -> Traits:
    several = properties.get("$distinct_ids")
    if isinstance(several, list) and len(several) == 2:
        pair = several
    elif name == "$identify":
        pair = [properties.get("$identified_id"), properties.get("$anon_id")]
    else:
        pair = [properties.get("alias"), properties.get("distinct_id")]
    one, other = (person_id(value) for value in pair)
    if one is None or other is None:
        raise BadValue("call", "it names no two ids")
    return Traits("alias", {"user_id": one, "previous_id": other}, {}, at)


def _company(properties: Item, reading: Reading) -> str | None:
    chosen = reading.chosen.get("group_type") or reading.chosen.get("group_key")
    for name in (str(chosen),) if chosen else _COMPANY_KEYS:
        found = properties.get(name)
        if isinstance(found, list):
            found = found[0] if found else None
        if found is not None and not isinstance(found, dict):
            return text(found)
    return None


def _event_id(found: Item, name: str, properties: Item, reading: Reading) -> str:
    own = text(properties.get("$insert_id"))
    if own is None:
        return reading.made_id(found)
    parts = (name, text(properties.get("distinct_id")) or "", text(properties.get("time")) or "", own)
    return "\x1f".join(parts)
