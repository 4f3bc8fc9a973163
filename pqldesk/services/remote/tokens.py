"""Short-lived tokens: fetched when first needed, and again when the system says that one has run out."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import TryLater

EARLY_S = 60.0  # how long before its end a token is replaced


@dataclass(frozen=True, slots=True)
class Grant:
    """A token in force. *base_url* is where it counts, *account* whose it is; *lasts_s* None: until refused."""

    token: str
    base_url: str = ""
    account: str = ""
    lasts_s: float | None = None


class Tokens:
    """The token in force of one system. Never two fetches at a time: some systems end the older of two."""

    def __init__(self, fetch: Callable[[], Awaitable[Grant]]) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._grant: Grant | None = None
        self._ends_at = float("inf")

    async def grant(self) -> Grant:
        """The token in force; raises what fetching it raises."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._grant is None or now >= self._ends_at:
                self._grant = await self._fetched()
                lasts = self._grant.lasts_s
                self._ends_at = float("inf") if lasts is None else now + max(1.0, lasts - EARLY_S)
            return self._grant

    async def _fetched(self) -> Grant:
        try:
            return await self._fetch()
        except (AttributeError, KeyError, TypeError, ValueError) as cause:  # it was read as if it were one
            raise TryLater(
                _("What came for an answer when a token was asked for is none."),
                _("PQLDesk tries again by itself."),
            ) from cause

    def refused(self, used: Grant) -> None:
        """The system did not accept *used*: the next request gets another, unless somebody has fetched it since."""
        if self._grant is used:
            self._grant = None
