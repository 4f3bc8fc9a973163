"""Segment and RudderStack calls, from their tracking API and from exports alike."""

from collections.abc import Iterator
from typing import Any, Final

from pqldesk.services.calls.reading import Item, Reading, ids_of, inner
from pqldesk.services.calls.shapes import Call, Traits, TrialSeen, Usage
from pqldesk.services.files.values import BadValue, person_id, text

CALLS: Final = frozenset({"identify", "track", "page", "screen", "group", "alias"})
_TRIAL_ENDS: Final = ("trialEndsAt", "trial_ends_at", "trial_end_date")
_TRIAL_STARTS: Final = ("trialStartsAt", "trial_starts_at", "trial_start_date")
_SIGNED_UP: Final = frozenset({"signed up", "account created"})


def is_call(found: Item) -> bool:
    """Whether its type is one of a call; it may be anything, also what cannot be looked up."""
    kind = found.get("type")
    return isinstance(kind, str) and kind in CALLS


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one message. BadValue with a sentence when nothing can be made of it."""
    kind = found.get("type")
    if not is_call(found):
        raise BadValue("type", f"{kind!r} is no call", f"known are {', '.join(sorted(CALLS))}")
    context = inner(found, "context")
    told = {**inner(context, "traits"), **inner(found, "traits")}
    company = found.get("groupId") or context.get("groupId")
    who = ids_of(
        email=told.get("email") if kind != "group" else None,
        user_id=found.get("userId"),
        anonymous_id=found.get("anonymousId"),
        company_id=company,
    )
    if kind in ("identify", "group", "alias"):
        # It may have been an anonymous id or a user id: nothing says which.
        previous = person_id(found.get("previousId"))
        ids = who if previous is None else {"anonymous_id": previous, **who, "previous_id": previous}
        if not ids:
            raise BadValue("call", "it names nobody", "give userId or anonymousId")
        at = None
        if (time := _time(found)) is not None:
            at, _ = reading.when(time)
        yield Traits(str(kind), ids, {**told, **_campaign(context)}, at)
        ends = next((told[name] for name in _TRIAL_ENDS if told.get(name)), None)
        if ends is not None:
            starts = next((told[name] for name in _TRIAL_STARTS if told.get(name)), None)
            fields = {"plan": told.get("plan"), "starts_at": starts, "ends_at": ends}
            yield TrialSeen(ids, fields, at, beside=True)
        return
    yield from _usage(found, str(kind), who, reading)


def _usage(found: Item, kind: str, who: dict[str, str], reading: Reading) -> Iterator[Call]:
    properties: Item = inner(found, "properties")
    if kind == "track":
        name = text(found.get("event"))
        if name is None:
            raise BadValue("event", "a track call has no name")
    else:
        name = f"{kind}_view"
        properties = {"key": found.get("name"), **properties}
        if found.get("category") and "category" not in properties:
            properties = {**properties, "category": found["category"]}
    if not who:
        raise BadValue("event", "it names nobody", "give email, user_id, anonymous_id or a company")
    at, flaw = reading.when(_time(found))
    if name.lower() in _SIGNED_UP and "user_id" in who:
        ids = {**who, **ids_of(email=properties.get("email"))}
        if "email" in ids:  # a sign-up says who somebody is, as an identify call does
            yield Traits("identify", ids, properties, at, beside=True)
    yield Usage(
        text(found.get("messageId")) or reading.made_id(found, ("sentAt", "receivedAt")),
        name,
        properties,
        who.get("email"),
        who.get("user_id"),
        who.get("anonymous_id"),
        None,
        who.get("company_id"),
        at,
        reading.received_at
        if reading.received_at is not None
        else reading.time_or_none(found.get("receivedAt")),
        flaw,
    )


def _time(found: Item) -> object:
    return found.get("originalTimestamp") or found.get("timestamp") or found.get("sentAt")


def _campaign(context: Item) -> dict[str, Any]:
    campaign = inner(context, "campaign")
    return {"utm_campaign": campaign["name"]} if campaign.get("name") else {}
