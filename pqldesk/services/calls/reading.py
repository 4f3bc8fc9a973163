"""What readers share while they read one request, page or file: its times, and how the source is set up."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from pqldesk.services.calls.shapes import NOTHING
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.times import BadTime
from pqldesk.services.files.values import BadValue, email, person_id, text

#: What sources call a company when nothing is chosen.
COMPANY_TYPES: Final = ("company", "organization", "account")
MINUTE: Final = 60_000_000
_REMEMBERED: Final = 20_000
_NO_IDS: Final = (dict, list)
Item = Mapping[str, Any]


class Reading:
    """The times of one request or page; None for *received_at* is a file, whose own times stand.

    *chosen*: what the source is set up with (``--set KEY=VALUE`` of connect).
    """

    def __init__(
        self,
        options: ValueOptions,
        received_at: int | None = None,
        sent_at: int | None = None,
        chosen: Mapping[str, Any] = NOTHING,
    ) -> None:
        self.options = options
        self.times = options.times()
        self.received_at = received_at
        self.sent_at = sent_at
        self.chosen = chosen
        self._met: dict[str, int] = {}
        self._told: dict[str, tuple[object, ...]] = {}

    def delivered(self, received_at: int | None, sent_at: int | None) -> None:
        """Go on with another request."""
        self.received_at, self.sent_at = received_at, sent_at

    def when(self, value: object, *, sent_at: int | None = None) -> tuple[int, str | None]:
        """When it happened, and why that cannot be believed, if so. BadValue in files, which name their lines.

        A sender's clock that is off by more than a minute is corrected by when it says it sent the request:
        received - (sent - told). Less than that is the way, not the clock.
        """
        if value is None or value == "":
            if self.received_at is None:
                raise BadValue("time", "it is missing")
            return self.received_at, None
        try:
            told = self.times.micros(value)
        except BadTime as wrong:
            if self.received_at is None:
                raise BadValue("time", str(wrong)) from None
            return self.received_at, f"Its time cannot be used: {wrong}."
        sent = self.sent_at if sent_at is None else sent_at
        if sent is not None and self.received_at is not None and abs(self.received_at - sent) > MINUTE:
            return self.received_at - (sent - told), None
        return told, None

    def made_id(self, found: Item, leaving_out: Collection[str] = ()) -> str:
        """An id for what has none: out of all it says but what changes when it is sent again. Equal rows of a file are
        told apart by their ordinal; two equal requests are one that was sent twice."""
        kept = {name: value for name, value in found.items() if name not in leaving_out}
        written = json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
        made = "row:" + hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if self.received_at is not None:
            return made
        self._met[made] = ordinal = self._met.get(made, 0) + 1
        return made if ordinal == 1 else f"{made}:{ordinal}"

    def is_news(self, about: str, *said: object) -> bool:
        """Whether that was not the last thing said of somebody in this reading: rows that carry all of a person repeat
        it with each event."""
        if self._told.get(about) == said:
            return False
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[about] = said
        return True

    def time_or_none(self, value: object) -> int | None:
        """A time that only helps: None where it cannot be read."""
        try:
            return None if value in (None, "") else self.times.micros(value)
        except BadTime:
            return None


def inner(found: Item, name: str) -> Item:
    """The object under *name*, an empty one where there is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else NOTHING


def group_in(groups: Item, reading: Reading) -> str | None:
    """The company among an event's groups: of the type chosen for the source, else of a usual one, else the first."""
    kind = group_type(groups, reading)
    found = groups.get(kind) if kind is not None else None
    if isinstance(found, list):
        found = found[0] if found else None
    return None if isinstance(found, dict) else text(found)


def group_type(groups: Collection[str], reading: Reading) -> str | None:
    """Which type of group is a company."""
    chosen = reading.chosen.get("group_type")
    if chosen:
        return str(chosen) if chosen in groups else None
    return next((name for name in COMPANY_TYPES if name in groups), next(iter(groups), None))


def address(value: object) -> str | None:
    """An e-mail address, None for what is none: a wrong one must not cost the event."""
    try:
        return email(value)
    except BadValue:
        return None


def ids_of(**named: object) -> dict[str, str]:
    """The ids that are there; what trackers send for nobody is none."""
    checked: dict[str, str] = {}
    for name, value in named.items():
        if value is None or isinstance(value, _NO_IDS):
            continue
        found = (
            address(value) if name == "email" else text(value) if name == "company_id" else person_id(value)
        )
        if found is not None:
            checked[name] = found
    return checked
