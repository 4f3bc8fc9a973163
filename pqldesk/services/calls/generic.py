"""JSON of nobody in particular, under the names that our own files use: events, people, forms, trials."""

from collections.abc import Iterator
from typing import Any, Final

from pqldesk.services.calls import segment
from pqldesk.services.calls.reading import Item, Reading, ids_of, inner
from pqldesk.services.calls.shapes import Call, Form, Traits, TrialSeen, Usage
from pqldesk.services.files.records import SUBMISSION_FIELDS
from pqldesk.services.files.values import BadValue, text

_IDS: Final = ("email", "user_id", "anonymous_id", "company_id", "company_domain")


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The call of one object: an event when it names one, a trial when it has an end, else a form or a person."""
    if segment.is_call(found) and ("userId" in found or "anonymousId" in found):
        yield from segment.read(found, reading)
        return
    ids = ids_of(**{name: found.get(name) for name in _IDS})
    domain = ids.pop("company_domain", None)
    if not ids and domain is None:
        raise BadValue("object", "it names nobody", "give email, user_id, anonymous_id or company_id")
    name = text(found.get("event"))
    if name is not None:
        at, flaw = reading.when(found.get("occurred_at"))
        yield Usage(
            text(found.get("event_id")) or reading.made_id(found),
            name,
            inner(found, "properties"),
            ids.get("email"),
            ids.get("user_id"),
            ids.get("anonymous_id"),
            domain,
            ids.get("company_id"),
            at,
            reading.received_at,
            flaw,
            key=text(found.get("key")) if not isinstance(found.get("key"), dict | list) else None,
            quantity=found.get("quantity"),
        )
        return
    told: dict[str, Any] = {
        name: value for name, value in found.items() if not isinstance(value, dict | list)
    }
    told |= inner(found, "traits")
    if "ends_at" in told or "trial_id" in told:
        if domain is not None:
            told.setdefault("domain", domain)
        yield TrialSeen(ids, told, None)
    elif any(told.get(name) for name in SUBMISSION_FIELDS):
        yield Form(ids, told, found)
    else:
        yield Traits("identify", ids, told, reading.received_at)
