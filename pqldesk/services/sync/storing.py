"""Storing what one run of a source brings: page after page, each with its cursor, and then all that follows from it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.events.after_storing import follow
from pqldesk.services.events.deriving import Derived, derive_waiting
from pqldesk.services.events.raw_pages import PackedPage, drop_old, keep_pages, packed
from pqldesk.services.events.raw_pages import Page as RawPage
from pqldesk.services.files.fields import Kind
from pqldesk.services.identity.likeness import suggest_likely
from pqldesk.services.imports.pace import Pace
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.net import Net
from pqldesk.services.pulls.puller import Page
from pqldesk.services.sync.state import note_stored


@dataclass(slots=True)
class Counts:
    """Rows of a run by what became of them."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    duplicates: int = 0
    set_aside: int = 0
    refused: int = 0
    pages: int = 0

    def add(self, stored: Stored) -> None:
        """Count what a transaction stored."""
        self.created += stored.created
        self.updated += stored.updated
        self.duplicates += stored.duplicates
        self.set_aside += stored.set_aside


class Storing:
    """The pages of one run."""

    def __init__(self, net: Net, source: str) -> None:
        self._net = net
        self._source = source
        self._pace = Pace(net.db, Kind.EVENTS, None)
        self._new_leads: set[int] = set()
        self.counts = Counts()

    async def keep(self, page: Page) -> None:
        """Store a page with its cursor, all of it or nothing; then derive what its items mean, in transactions that
        a window beside us does not notice."""
        now = clock.now()
        raw = RawPage(self._source, page.items, now)
        body = await asyncio.to_thread(packed, raw) if page.items else None
        kept = await self._net.write_bulk(_keep, self._source, page, body, now)
        self._count(kept, len(page.items) + kept.rows + len(kept.refused))
        self.counts.refused += len(kept.refused)
        self.counts.pages += 1
        if page.items:
            await self.derive()

    async def derive(self) -> None:
        """Turn what waits, from here or from a run that was killed, into usage."""
        while True:
            most = await asyncio.to_thread(self._pace.rows)
            derived = await self._net.write_bulk(_derive, clock.now(), most)
            self._count(derived.stored, 0)
            self.counts.refused += derived.refused
            await asyncio.to_thread(self._pace.kept, max(derived.items, 1), derived.seconds)
            if not derived.is_more:
                return

    async def finish(self) -> None:
        """What is done once for a run: likeness compares its new leads with all others, and old pages go."""
        if self._new_leads:
            await self._net.write_bulk(_suggest, set(self._new_leads), clock.now())
        while await self._net.write_bulk(drop_old, clock.now()):
            pass

    def _count(self, stored: Stored, rows: int) -> None:
        self.counts.rows += rows
        self.counts.add(stored)
        self._new_leads |= stored.new_leads


def _keep(session: Session, source: str, page: Page, body: PackedPage | None, at: datetime) -> Stored:
    """One page and its cursor."""
    if body is not None:
        keep_pages(session, [body])
    stored = Stored() if page.keep is None else follow(session, page.keep(session, at, None), at)
    rows = len(page.items) + stored.rows + len(stored.refused)
    note_stored(session, source, rows, page.saying, page.cursor)
    stored.changes = Changes(stored.changes.topics | {Topic.SOURCES})
    return stored


def _derive(session: Session, at: datetime, most: int) -> Derived:
    return derive_waiting(session, at, most)


def _suggest(session: Session, leads: set[int], at: datetime) -> Changes:
    suggest_likely(session, leads, at, None)
    return Changes.to(Topic.LEADS)
