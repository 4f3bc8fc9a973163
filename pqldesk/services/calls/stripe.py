"""Stripe: events of webhooks and of its list, and customers and subscriptions as its API gives them.

A subscription with a trial is a trial. Whether it converted is inferred: it was trialing and is active now.

A customer's metadata may say which user and which account of the product it is. Whose ids those are, and under which
keys they stand, is chosen when connecting (``ids_of``, ``user_key``, ``company_key``); without ``ids_of`` nobody joins
by them.
"""

from collections.abc import Iterator
from typing import Any, Final

from pqldesk.services.calls.reading import Item, Reading, ids_of, inner
from pqldesk.services.calls.shapes import Call, Key, Traits, TrialSeen
from pqldesk.services.files.values import BadValue, person_id, text

_STATES: Final = {"trialing": "active", "active": "active", "past_due": "active", "canceled": "lost",
                  "paused": "lost", "incomplete_expired": "expired"}  # fmt: skip
_SECOND: Final = 1_000_000
USER_KEYS: Final = ("user_id",)  # where nothing is chosen
COMPANY_KEYS: Final = ("account_id", "org_id", "workspace_id")


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one event or object; none where it says nothing of people or trials."""
    kind = found.get("object")
    if kind == "event":
        wanted = reading.chosen.get("livemode")
        if wanted is not None and str(found.get("livemode")).lower() != str(wanted).lower():
            return
        data = inner(found, "data")
        of_it = inner(data, "object")
        seen = found.get("created")
        yield from _object(of_it, inner(data, "previous_attributes"), seen, str(found.get("type")), reading)
    elif kind in ("customer", "subscription"):
        now = None if reading.received_at is None else reading.received_at // _SECOND  # as it is now
        yield from _object(found, {}, now, "", reading)
    elif kind != "v2.core.event":
        raise BadValue("object", f"{kind!r} is nothing that Stripe sends here")


def _object(of_it: Item, before: Item, seen: object, event: str, reading: Reading) -> Iterator[Call]:
    match of_it.get("object"):
        case "customer":
            yield from _customer(of_it, seen, event, reading)
        case "subscription":
            expanded = of_it.get("customer")
            if isinstance(expanded, dict):
                yield from _customer(expanded, seen, "", reading, beside=True)
            yield from _trial(of_it, before, seen, event)


def _customer(
    of_it: Item, seen: object, event: str, reading: Reading, *, beside: bool = False
) -> Iterator[Call]:
    if event == "customer.deleted" or of_it.get("deleted"):
        return
    number = text(of_it.get("id"))
    ids = ids_of(email=of_it.get("email"), user_id=number, company_id=number)
    if not ids:
        raise BadValue("customer", "it has no id")
    address = inner(of_it, "address")
    told: dict[str, Any] = {
        "name": of_it.get("individual_name") or of_it.get("name"),
        "phone": of_it.get("phone"),
        "country": address.get("country"),
        "region": address.get("state"),
    }
    if of_it.get("business_name"):
        told["company"] = of_it["business_name"]
    person, company = _known_as(inner(of_it, "metadata"), reading)
    said = {k: v for k, v in told.items() if v}
    yield Traits(
        "identify", ids, said, _micros(seen), beside=beside, same_person=person, same_company=company
    )


def _known_as(metadata: Item, reading: Reading) -> tuple[Key | None, Key | None]:
    """What the product's source calls the person and the company, as far as the metadata says it."""
    source = text(reading.chosen.get("ids_of"))
    if source is None:
        return None, None
    user, account = (
        next((metadata[key] for key in keys if text(metadata.get(key)) is not None), None)
        for keys in (_keys(reading, "user_key", USER_KEYS), _keys(reading, "company_key", COMPANY_KEYS))
    )
    person, company = person_id(user), text(account)
    return (source, person) if person else None, (source, company) if company else None


def _keys(reading: Reading, setting: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    chosen = text(reading.chosen.get(setting))
    return usual if chosen is None else (chosen,)


def _trial(of_it: Item, before: Item, seen: object, event: str) -> Iterator[Call]:
    """Period ends are no trial: only a subscription that has, or had, a trial's end is one."""
    ends = of_it.get("trial_end")
    if ends is None:
        return
    customer = of_it.get("customer")
    number = text(customer.get("id") if isinstance(customer, dict) else customer)
    state = str(of_it.get("status"))
    fields: dict[str, Any] = {
        "trial_id": of_it.get("id"),
        "plan": _plan(of_it),
        "starts_at": of_it.get("trial_start"),
        "ends_at": ends,
        "state": _STATES.get(state),
    }
    if state == "active" and (before.get("status") == "trialing" or _is_over(ends, seen)):
        fields["state"] = "converted"
        fields["converted_at"] = seen if before.get("status") == "trialing" and seen else ends
    if event == "customer.subscription.deleted":
        fields["state"] = "lost" if not _was_converted(of_it) else None
    ids = ids_of(user_id=number, company_id=number)  # who that is, the customer beside it says
    yield TrialSeen(ids, {k: v for k, v in fields.items() if v is not None}, _micros(seen))


def _is_over(ends: object, seen: object) -> bool:
    """Still active after its trial ended."""
    return isinstance(ends, int) and isinstance(seen, int) and seen >= ends


def _was_converted(of_it: Item) -> bool:
    """A subscription that ended after its trial was a customer's."""
    ended, ends = of_it.get("ended_at") or of_it.get("canceled_at"), of_it.get("trial_end")
    return isinstance(ended, int) and isinstance(ends, int) and ended > ends


def _plan(of_it: Item) -> str | None:
    lines = inner(of_it, "items").get("data")
    for one in lines if isinstance(lines, list) else ():
        price = inner(one, "price") if isinstance(one, dict) else {}
        found = text(price.get("nickname")) or text(inner(price, "product").get("name"))
        if found is None and isinstance(one, dict):
            found = text(inner(one, "plan").get("nickname"))
        if found is not None:
            return found
    return None


def _micros(seen: object) -> int | None:
    return seen * _SECOND if isinstance(seen, int) and not isinstance(seen, bool) else None
