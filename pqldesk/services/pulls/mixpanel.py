"""Mixpanel's raw export: some days at a time, and the last three days again, for events that arrived late.

Rules of the outside: 60 exports an hour, so several days go into one; both ends of a range count; an export is not
deduplicated; it has no pages and its order is not told, so the cursor moves when a whole range is here.
"""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

import msgspec

from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net
from pqldesk.services.pulls.api import downloaded, explained
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import Ambiguous

PAGE: Final = 5_000
RANGE_DAYS: Final = 5  # 90 days of a first run are 18 of the 60 exports an hour
AGAIN_DAYS: Final = 3
_decode = msgspec.json.decode


def opened(setup: Setup) -> Puller:
    """The puller of one project."""
    return Mixpanel(setup)


class Mixpanel:
    """One project, by its secret, or by a service account when ``user`` and ``project`` are set."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        user, secret = setup.chosen.get("user", "").strip(), setup.secrets["pull_token"]
        self._auth = (user, secret) if user else (secret, "")
        self._project = setup.wanted("project", "12345") if user else ""
        self._again = setup.number("again_days", AGAIN_DAYS, 0, 60)

    async def check(self, net: Net) -> str:
        """Whether the credential may export; asks for one event of today."""
        async with self._export(net, self._setup.now.date(), self._setup.now.date(), {"limit": "1"}):
            return f"project {self._project}" if self._project else ""

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Whole days up to today. Today is asked for again by the next run, as the days before it are."""
        today = self._setup.now.date()
        done = cursor.get("day")
        day = (
            date.fromisoformat(done) - timedelta(days=self._again - 1) if done else self._setup.since().date()
        )
        while day <= today:
            last = min(day + timedelta(days=RANGE_DAYS - 1), today)
            stands = min(last, today - timedelta(days=1)).isoformat()
            moved = {"day": max(stands, done) if done else stands}
            async with self._export(net, day, last, {}) as file:
                lines = iter(file)
                items = _items(lines)
                saying = f"events up to {last:%Y-%m-%d}"
                while items:
                    more = _items(lines)
                    yield Page(cursor if more else moved, items, saying=saying)
                    items = more
            cursor = moved
            day = last + timedelta(days=1)
        yield Page(cursor)

    def _export(self, net: Net, first: date, last: date, more: dict[str, str]) -> Any:
        query = {"from_date": first.isoformat(), "to_date": last.isoformat(), **more}
        if self._project:
            query["project_id"] = self._project
        return downloaded(net, self._setup, "/api/2.0/export", query, self._auth, _EXPLAIN)


def _items(lines: Any) -> list[Any]:
    try:
        return [_decode(line) for line in islice(lines, PAGE) if line.strip()]
    except msgspec.DecodeError as cause:
        raise Ambiguous(
            _("Mixpanel broke off in the middle of an event."), _("PQLDesk tries again by itself.")
        ) from cause


_EXPLAIN: Final = explained(
    "Mixpanel", lambda answer: str(answer.body or "")[:200], _("the right to export raw data")
)
