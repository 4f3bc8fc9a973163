"""Checks the usage events of a file: one by one, or by columns at the speed of bulk imports."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.texts import _
from pqldesk.services.files.event_columns import NOBODY_NAMED, EventColumns, EventRow, Numbered, Who
from pqldesk.services.files.events import NO_EVENTS, folded_name, key_in, kind_named, quantity_in
from pqldesk.services.files.json_table import parsed
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.times import BadTime
from pqldesk.services.files.values import BadValue, domain, email, person_id, quantity, text

_CACHED: Final = 200_000
_OWN_ID: Final = "row:"
_new: Final = tuple.__new__  # half the time of EventRow(...), which is called once a row


class EventReader:
    """Checks the values of events one by one; it remembers names, addresses and ids, which repeat."""

    def __init__(self, options: ValueOptions, empty: frozenset[str] = frozenset()) -> None:
        self.times = options.times()
        self._empty: dict[object, str | None] = dict.fromkeys((None, "", *empty))
        self._style = options.style
        self._event_map = options.event_map
        self._kinds: dict[str, str] = {}
        self._texts = dict(self._empty)
        self._ids = dict(self._empty)
        self._emails = dict(self._empty)
        self._amounts: dict[str, int] = dict.fromkeys(("", *empty), MILLION)
        self.people: Numbered[Who] = Numbered()
        self.people.code(NOBODY_NAMED)
        self.names: Numbered[tuple[str, str | None]] = Numbered()
        self._seen: set[int] = set()
        self._repeats: dict[int, int] = {}

    def row(
        self,
        line: int,
        number: int,
        event_id: object,
        address: object,
        user_id: object,
        anonymous_id: object,
        company_domain: object,
        company_id: object,
        name: object,
        key: object,
        amount: object,
        occurred_at: object,
        received_at: object,
        properties: object = None,
    ) -> EventRow:
        """The checked event; BadValue with a sentence otherwise."""
        # Lookups first: in bulk nearly every value but the id has been seen before.
        empty = self._empty
        try:
            kind = self._kinds[name]  # type: ignore[index]  # an unhashable name is a TypeError, caught below
            mail = self._emails[address]
            user = self._ids[user_id]
            used = self._texts[key]
        except (KeyError, TypeError):
            kind, mail = self._kind(name), self._email(address)
            user, used = self._id(user_id), self._text(key)
        anonymous = self._id(anonymous_id) if anonymous_id is not None else None
        company = self._text(company_id) if company_id is not None else None
        site = domain(company_domain, "company_domain") if company_domain not in empty else None
        if mail is None and user is None and anonymous is None and company is None and site is None:
            raise BadValue("event", _("it names nobody"), _("give email, user_id, anonymous_id or a company"))
        try:
            at = self.times.micros(occurred_at)
            received = self.times.micros(received_at) if received_at not in empty else None
        except BadTime as wrong:
            raise BadValue("time", str(wrong)) from None
        if properties not in empty:
            inner = _properties(properties)
            used = key_in(kind, inner) if used is None else used
            millionths = (
                quantity_in(kind, inner) if amount in empty else quantity(amount, "quantity", self._style)
            )
        elif amount is None:
            millionths = MILLION
        elif type(amount) is str:
            known = self._amounts.get(amount)
            millionths = self._amount(amount) if known is None else known
        else:
            millionths = quantity(amount, "quantity", self._style)
        own = text(event_id) if event_id not in empty else None
        if own is None:
            own = self._made_id((mail, user, anonymous, site, company, text(name), used, millionths, at))
        return _new(
            EventRow,
            (line, number, own, mail, user, anonymous, site, company, kind, used, millionths, at, received),
        )

    def columns(
        self, lines: Sequence[int], numbers: Sequence[int], given: Mapping[str, Sequence[Any]]
    ) -> EventColumns | None:
        """A block of events by the columns *given* (field -> its values); None where anything in it is unusual.

        Then its rows go through row() one by one, which says what is wrong. Nothing here changes what row() gives.
        """
        try:
            return self._columns(lines, numbers, given)
        except (BadValue, KeyError, IndexError, TypeError):
            return None

    def _columns(
        self, lines: Sequence[int], numbers: Sequence[int], given: Mapping[str, Sequence[Any]]
    ) -> EventColumns | None:
        count = len(lines)
        ids = given["event_id"]
        joined = "\n".join(ids)  # a TypeError when one is missing or a number
        # Trimming, normalizing and taking quotes off would change nothing of them.
        clean = joined.isascii() and "'" not in joined and joined.split() == [*ids]
        if (
            not clean
            or not self._empty.keys().isdisjoint(ids)
            or _said(given, "company_domain", "properties")
        ):
            return None
        nothing: list[str | None] = [None] * count
        mails = self._each(self._emails, given.get("email"), email) or nothing
        users = self._each(self._ids, given.get("user_id"), person_id) or nothing
        anonymous = self._each(self._ids, given.get("anonymous_id"), person_id) or nothing
        companies = self._each(self._texts, given.get("company_id"), text) or nothing
        names = given["event"]
        for name in set(names).difference(self._kinds):
            self._kind(name)
        kinds = [self._kinds[name] for name in names]
        keys = self._each(self._texts, given.get("key"), text) or nothing
        amounts = self._millionths(given.get("quantity"), count)
        occurred = self.times.all_micros(given["occurred_at"])
        received: list[int | None] | None = None
        if _said(given, "received_at"):
            empty = self._empty
            received = [
                None if at in empty else self.times.all_micros([at])[0] for at in given["received_at"]
            ]
        who = self.people.codes(lambda: zip(mails, users, anonymous, nothing, companies, strict=True))
        if 0 in who:  # names nobody
            return None
        what = self.names.codes(lambda: zip(kinds, keys, strict=True))
        return EventColumns(
            self.people, self.names, lines, numbers, list(ids), who, what, amounts, occurred, received
        )

    def _each(
        self,
        cache: dict[object, str | None],
        values: Sequence[Any] | None,
        check: Callable[[object], str | None],
    ) -> list[str | None] | None:
        """The checked value of each, None when there is none at all."""
        if values is None or values.count(None) == len(values):
            return None
        try:
            return [cache[value] for value in values]
        except KeyError:
            for value in set(values).difference(cache):
                if type(value) is not str:
                    raise
                self._remembered(cache, value, check)
            return [cache[value] for value in values]

    def _millionths(self, values: Sequence[Any] | None, count: int) -> list[int]:
        if values is None or values.count(None) == count:
            return [MILLION] * count
        known: dict[object, int] = {None: MILLION}
        for value in set(values) - {None}:
            amount = self._amounts.get(value) if type(value) is str else None
            known[value] = quantity(value, "quantity", self._style) if amount is None else amount
        return [known[value] for value in values]

    def _amount(self, written: str) -> int:
        found = quantity(written, "quantity", self._style)
        if len(self._amounts) < _CACHED:
            self._amounts[written] = found
        return found

    def _kind(self, name: object) -> str:
        found = text(name)
        if found is None:
            raise BadValue("event", _("it has no name"))
        if folded_name(found) in NO_EVENTS:
            raise BadValue(
                "event", _("{found!r} is sent by trackers and is no usage event").format(found=found)
            )
        kind = kind_named(found, self._event_map)
        if isinstance(name, str) and len(self._kinds) < _CACHED:
            self._kinds[name] = kind
        return kind

    def _email(self, value: object) -> str | None:
        return self._remembered(self._emails, value, email)

    def _id(self, value: object) -> str | None:
        return self._remembered(self._ids, value, person_id)

    def _text(self, value: object) -> str | None:
        return self._remembered(self._texts, value, text)

    def _remembered(
        self, cache: dict[object, str | None], value: object, check: Callable[[object], str | None]
    ) -> str | None:
        if type(value) is not str:  # as dictionary keys 1, 1.0 and True would be the same
            return check(value)
        if value in cache:
            return cache[value]
        found = check(value) if value.strip() not in self._empty else None
        if len(cache) >= _CACHED:
            cache.clear()
            cache.update(self._empty)
        cache[value] = found
        return found

    def _made_id(self, values: tuple[object, ...]) -> str:
        """An id out of the values, and for equal rows of a file out of their ordinal too."""
        written = "\x1f".join("" if value is None else str(value) for value in values)
        digest = hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        short = int.from_bytes(digest[:8], "big")
        if short not in self._seen:
            self._seen.add(short)
            return _OWN_ID + digest.hex()
        self._repeats[short] = ordinal = self._repeats.get(short, 1) + 1
        return f"{_OWN_ID}{digest.hex()}:{ordinal}"


def _said(given: Mapping[str, Sequence[Any]], *names: str) -> bool:
    """Whether any row has a value in these columns."""
    return any(name in given and given[name].count(None) < len(given[name]) for name in names)


class Properties(dict[str, Any]):
    """Properties of one event, already taken apart; hashable by identity so that it can be asked for like a text."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def _properties(written: object) -> Mapping[str, Any]:
    """The properties of an event from an object or its JSON text."""
    if isinstance(written, Properties):
        return written
    found = parsed(str(written).encode("utf-8", "surrogatepass"))
    if not isinstance(found, dict):
        raise BadValue("properties", _("it is not a JSON object"))
    return found
