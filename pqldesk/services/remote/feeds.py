"""What a CRM offers to be read by: feeds of what has changed, and looking records up by id or e-mail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pqldesk.services.remote.seen import Moved, Seen, Touch

AT_ONCE = 100  # records in a page, and ids in a look: what a transaction stores beside a window


@dataclass(frozen=True, slots=True)
class Arrived:
    """Some of a feed. *at* is where the next page begins, None at the end; *until* up to when it is complete."""

    seen: tuple[Seen, ...] = ()
    touches: tuple[Touch, ...] = ()
    moved: tuple[Moved, ...] = ()
    at: Any = None
    until: datetime | None = None


class Feeds(Protocol):
    """One CRM. *names* in the order in which they are read: companies and people before what refers to them."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def walks(self) -> tuple[str, ...]:
        """The kinds of record whose changes, merges or deletions no feed tells: they are looked at one by one."""
        ...

    async def page(self, name: str, since: datetime | None, at: Any) -> Arrived:
        """The page at *at* of what has changed since then, the oldest first; everything where *since* is None."""
        ...

    async def look(self, kind: str, ids: Collection[str]) -> Arrived:
        """Those records as they stand; who is not there any more is among *moved*."""
        ...

    async def people(self, emails: Collection[str]) -> Arrived:
        """Who has one of these addresses."""
        ...
