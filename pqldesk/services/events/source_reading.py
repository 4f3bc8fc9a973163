"""How a source's items are read: as its connection was set up, in the workspace's zone."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.calls.readers import READERS
from pqldesk.services.calls.reading import Reading
from pqldesk.services.calls.shapes import Usage
from pqldesk.services.connectors import kind_of
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.values import BadValue


def reading_of(session: Session, source: str) -> Reading:
    """What reads the items of *source*."""
    zone, currency = settings.values(session, "timezone", "currency")
    stored = Driver(session).rows("SELECT settings FROM connection WHERE system = ?", (source,))
    chosen = json.loads(stored[0][0] or "{}") if stored else {}
    return Reading(ValueOptions(zone=ZoneInfo(zone), currency=currency), chosen=chosen)


def usages(source: str, items: Iterable[Any], reading: Reading) -> Iterator[Usage]:
    """The events among items; what else they say, and what cannot be read, is left out."""
    read = READERS[kind_of(source)]
    for item in items:
        if isinstance(item, dict) and "too_large" not in item:
            try:
                yield from [call for call in read(item, reading) if isinstance(call, Usage)]
            except BadValue:
                continue
