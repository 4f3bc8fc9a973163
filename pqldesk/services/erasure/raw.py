"""What other systems sent of a person, in the pages that are kept as they came."""

import zlib
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.usage import EventName, RawPage, RefusedCall
from pqldesk.services.erasure.rows import Person
from pqldesk.services.history import ERASED

_TOGETHER: Final = 50  # pages looked through in one transaction
_IDS: Final = frozenset(
    {"userid", "anonymousid", "previousid", "distinctid", "deviceid", "uid", "duid", "alias", "id"}
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Any]).decode


class Step(NamedTuple):
    """How many items were emptied, and the page after which to go on; None when all were looked through."""

    items: int
    after: int | None


def empty_raw(session: Session, person: Person, after: int) -> Step:
    """Empty the next pages of everything the person sent or was named in. Items keep their places."""
    ids = frozenset(value for _, value in person.keys)
    emptied, last = 0, None
    pages = session.scalars(select(RawPage).where(RawPage.id > after).order_by(RawPage.id).limit(_TOGETHER))
    for page in pages:
        last = page.id
        items = _decode(zlib.decompress(page.body))
        theirs = [
            place for place, item in enumerate(items) if item is not None and _is_about(item, person, ids)
        ]
        if theirs:
            emptied += len(theirs)
            for place in theirs:
                items[place] = None
            page.body = zlib.compress(_encode(items), 1)
    if last is None:
        _empty_samples(session, person)
    return Step(emptied, last)


def _is_about(item: Any, person: Person, ids: frozenset[str]) -> bool:
    text = _encode(item).decode().casefold()
    return any(word in text for word in person.words) or _names(item, ids)


def _names(item: Any, ids: frozenset[str]) -> bool:
    """Whether one of the person's ids stands where ids stand; elsewhere it may mean anything."""
    if isinstance(item, list):
        return any(_names(one, ids) for one in item)
    if not isinstance(item, dict):
        return False
    return any(
        (key.replace("_", "").replace("$", "").casefold() in _IDS and str(value) in ids) or _names(value, ids)
        for key, value in item.items()
    )


def _empty_samples(session: Session, person: Person) -> None:
    """Items that could not be read, and the newest example of each event."""
    for word in person.words:
        named = RefusedCall.shown.icontains(word, autoescape=True) | RefusedCall.reason.icontains(
            word, autoescape=True
        )
        session.execute(update(RefusedCall).where(named).values(shown=ERASED, reason=ERASED))
    for sample in session.scalars(select(EventName).where(EventName.sample.is_not(None))):
        if any(word in _encode(sample.sample).decode().casefold() for word in person.words):
            sample.sample = None
