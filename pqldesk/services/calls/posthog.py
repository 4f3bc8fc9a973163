"""PostHog events, from capture requests, pulled rows and batch exports alike.

A person there has one kind of id, so whatever it is called (distinct id, device, alias) it is a user id here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pqldesk.services.calls.reading import Item, Reading, address, ids_of, inner
from pqldesk.services.calls.shapes import Call, Traits, TrialSeen, Usage
from pqldesk.services.files.values import BadValue, person_id, text

ID_LENGTH: Final = 200  # what PostHog keeps of a distinct id
GROUP_TYPES: Final = ("company", "organization", "account")  # the first that is there, unless one was chosen
_COMPANY: Final = ("name", "domain", "website", "plan", "employees", "industry")


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one event. BadValue with a sentence when nothing can be made of it."""
    name = text(found.get("event"))
    if name is None:
        raise BadValue("event", "it has no name")
    properties = inner(found, "properties")
    distinct = _id(found.get("distinct_id")) or _id(properties.get("distinct_id"))
    # A row that was pulled or exported knows the person as of then; what the event itself sets is newer.
    known = inner(found, "person_properties")
    told = {**inner(properties, "$set"), **inner(found, "$set")}
    once = {**inner(properties, "$set_once"), **inner(found, "$set_once")}
    person = {**{key: once[key] for key in ("email", "name") if once.get(key)}, **known, **told}
    who = ids_of(email=person.get("email") or (distinct if address(distinct) else None), user_id=distinct)
    at, flaw = _when(found, properties, reading)
    if name == "$groupidentify":
        yield from _company(properties, at, reading)
        return
    company = _group(inner(properties, "$groups"), reading)
    ids = {**who, "company_id": company} if company else who
    if name == "$create_alias":  # the two libraries of the vendor put old and new the other way round
        other = _id(properties.get("alias"))
        if distinct is None or other is None:
            raise BadValue("alias", "it names one id, not two")
        yield Traits("alias", {**who, "previous_id": other}, {}, at)
        return
    if name in ("$identify", "$set"):
        before = _id(properties.get("$anon_distinct_id"))
        if before is not None and before != distinct:
            ids = {**ids, "previous_id": before}
        if not ids:
            raise BadValue("call", "it names nobody", "give distinct_id")
        yield Traits("identify", ids, person, at)
        yield from _trial(ids, person, at, reading)
        return
    if "email" in who and reading.is_news(who["email"], distinct, company, person):
        yield Traits("identify", ids, person, at, beside=True)
        yield from _trial(ids, person, at, reading)
    if not ids:
        raise BadValue("event", "it names nobody", "give distinct_id")
    yield Usage(
        text(found.get("uuid")) or text(properties.get("$insert_id")) or reading.made_id(found, ("sent_at",)),
        name, properties, who.get("email"), who.get("user_id"), None, None, company, at,
        reading.received_at if reading.received_at is not None else reading.time_or_none(found.get("created_at")),
        flaw,
    )  # fmt: skip


def _id(value: object) -> str | None:
    if isinstance(value, dict | list):
        return None
    found = person_id(value)
    return None if found is None else found[:ID_LENGTH]


def _when(found: Item, properties: Item, reading: Reading) -> tuple[int, str | None]:
    """``timestamp``, else ``offset`` milliseconds before the request was sent."""
    told = found.get("timestamp") or properties.get("$time")
    offset = found.get("offset")
    if not told and isinstance(offset, int | float) and reading.received_at is not None:
        return reading.received_at - int(offset * 1_000), None
    return reading.when(told)


def _group(groups: Item, reading: Reading) -> str | None:
    """The company among an event's groups: of the type that was chosen, of a usual one, else the first."""
    chosen = str(reading.chosen.get("group_type") or "")
    order = (chosen,) if chosen else (*GROUP_TYPES, *groups)
    return next((found for name in order if (found := text(groups.get(name))) is not None), None)


def _company(properties: Item, at: int, reading: Reading) -> Iterator[Call]:
    """What is said of a group, where it is of the type that stands for companies."""
    kind, key = text(properties.get("$group_type")), text(properties.get("$group_key"))
    chosen = str(reading.chosen.get("group_type") or "")
    if key is None or kind is None or (kind != chosen if chosen else kind not in GROUP_TYPES):
        return
    told = inner(properties, "$group_set")
    yield Traits("group", {"company_id": key}, {name: told[name] for name in _COMPANY if told.get(name)}, at)
    yield from _trial({"company_id": key}, told, at, reading)


def _trial(ids: Mapping[str, str], told: Mapping[str, Any], at: int, reading: Reading) -> Iterator[Call]:
    """A trial that is told of by the properties of a person or company."""
    ends = told.get("trial_ends_at")
    if reading.time_or_none(ends) is not None:
        fields = {"plan": told.get("plan"), "starts_at": told.get("trial_starts_at"), "ends_at": ends}
        yield TrialSeen(ids, fields, at, beside=True)
