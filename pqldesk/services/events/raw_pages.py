"""What other systems sent or gave, kept as it came.

Keeping a page is one short durable write, so the intake may answer. Its usage is derived afterwards (deriving.py); a
page whose process ended in between waits, and whoever settles the workspace next derives it.
"""

import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.models.usage import RawPage, RefusedCall
from pqldesk.services import settings

_WAITING: Final = (
    "SELECT id, source, received_at, sent_at, done, body FROM raw_page WHERE done < items ORDER BY id LIMIT ?"
)
_KEEP: Final = (
    "INSERT INTO raw_page (source, received_at, sent_at, items, body, done) VALUES (?, ?, ?, ?, ?, 0)"
)
_PAGES: Final = 1_000  # looked at together
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Any]).decode


class Page(NamedTuple):
    """What came together from one source: the body of one request, one page of a pull."""

    source: str
    items: Sequence[Any]
    received_at: datetime
    sent_at: datetime | None = None


class PackedPage(NamedTuple):
    """A page as it is kept."""

    source: str
    received_at: datetime
    sent_at: datetime | None
    items: int
    body: bytes


def packed(page: Page) -> PackedPage:
    """The page compressed; can be done on any thread."""
    body = zlib.compress(_encode(page.items), 1)
    return PackedPage(page.source, page.received_at, page.sent_at, len(page.items), body)


def keep_pages(session: Session, pages: Iterable[PackedPage]) -> None:
    """Keep pages as they came. Their usage is derived by derive_waiting()."""
    if rows := _rows(pages):
        session.flush()
        Driver(session).run_many(_KEEP, rows)


def keep_durably(db: Database, pages: Iterable[PackedPage]) -> Future[None]:
    """The same in a transaction of its own; done once they are on disk."""
    return db.write_rows(_KEEP, _rows(pages))


def _rows(pages: Iterable[PackedPage]) -> list[tuple[object, ...]]:
    return [
        (page.source, micros(page.received_at), None if page.sent_at is None else micros(page.sent_at),
         page.items, page.body)
        for page in pages
        if page.items
    ]  # fmt: skip


def is_waiting(session: Session) -> bool:
    """Whether anything was kept that has not been derived."""
    session.flush()
    return bool(Driver(session).rows("SELECT 1 FROM raw_page WHERE done < items LIMIT 1"))


def items_of(body: bytes) -> list[Any]:
    """The items of a page as it is kept; None where somebody was erased."""
    return _decode(zlib.decompress(body))


def drop_old(session: Session, at: datetime, most: int = 200) -> int:
    """Forget derived pages older than the setting raw_days allows, up to *most* of them; returns how many went."""
    days = int(settings.value(session, "raw_days"))
    old = (
        select(RawPage.id)
        .where(RawPage.received_at < at - timedelta(days=days), RawPage.done >= RawPage.items)
        .order_by(RawPage.id)
        .limit(most)
    )
    ids = list(session.scalars(old))
    if ids:
        session.execute(delete(RefusedCall).where(RefusedCall.page_id.in_(ids)))
        session.execute(delete(RawPage).where(RawPage.id.in_(ids)))
    return len(ids)


def waiting_items(session: Session) -> int:
    """How many items wait."""
    found = session.scalar(
        select(func.coalesce(func.sum(RawPage.items - RawPage.done), 0)).where(RawPage.done < RawPage.items)
    )
    return int(found or 0)


class WaitingPage(NamedTuple):
    """A page, or the part of it, that has not been derived. *first*: the number of its first item."""

    page_id: int
    received_at: int
    sent_at: int | None
    first: int
    items: list[Any]


def waiting_pages(session: Session, most: int) -> dict[str, list[WaitingPage]]:
    """Waiting pages by source, so many that *most* items are reached; the last may be a part of its page."""
    found: dict[str, list[WaitingPage]] = {}
    left = most
    for number, source, received_at, sent_at, done, body in Driver(session).rows(_WAITING, (_PAGES,)):
        items = items_of(body)[done : done + left]
        found.setdefault(source, []).append(WaitingPage(number, received_at, sent_at, done, items))
        left -= len(items)
        if left <= 0:
            break
    return found


def refused_rows(session: Session, limit: int) -> list[tuple[str, datetime, str, str]]:
    """Source, time, reason and beginning of the items nothing could be made of, the newest first; 0 is no limit."""
    wanted = select(RefusedCall).order_by(RefusedCall.id.desc())
    rows = session.scalars(wanted.limit(limit) if limit else wanted)
    return [(row.source, row.at, row.reason, row.shown) for row in rows]
