"""Amplitude's export: by the hour in which events were uploaded, up to two hours ago.

Rules of the outside: hours are UTC and both ends count; an hour is complete two hours later; 404 is "no data", 400
"larger than 4 GB", 504 "too large", after which half the range is asked for; the answer is a zip of gzipped lines.
"""

import gzip
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import IO, Any, Final

import msgspec

from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net
from pqldesk.services.pulls.api import downloaded, explained
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import Ambiguous, Gone, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer

PAGE: Final = 5_000
HOURS: Final = 24  # of one export
BEHIND: Final = timedelta(hours=2)
MOST_MEMBERS: Final = 10_000
MOST_BYTES: Final = 40 << 30  # inflated, of one export
_HOUR: Final = timedelta(hours=1)
_decode = msgspec.json.decode


def opened(setup: Setup) -> Puller:
    """The puller of one project."""
    return Amplitude(setup)


class Amplitude:
    """One project, by its API key (``token``, which events carry too) and its secret key."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._auth = (setup.secrets["token"], setup.secrets["pull_token"])

    async def check(self, net: Net) -> str:
        """Whether the keys may export; asks for one finished hour."""
        hour = _hour(self._setup.now - BEHIND - _HOUR)
        try:
            async with self._export(net, hour, hour):
                return ""
        except Gone:
            return ""

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Hour after hour from the one after the last finished; the cursor moves when a range is whole."""
        done = cursor.get("hour")
        hour = datetime.fromisoformat(done) + _HOUR if done else _hour(self._setup.since())
        last = _hour(self._setup.now - BEHIND) - _HOUR
        hours = HOURS
        while hour <= last:
            end = min(hour + (hours - 1) * _HOUR, last)
            moved = {"hour": end.isoformat()}
            saying = f"events up to {end:%Y-%m-%d %H}:59"
            try:
                async with self._export(net, hour, end) as file:
                    items: list[Any] = []
                    lines = _lines(file)
                    items = list(islice(lines, PAGE))
                    while items:
                        more = list(islice(lines, PAGE))
                        yield Page(cursor if more else moved, items, saying=saying)
                        items = more
            except Gone:
                yield Page(moved, saying=saying)
            except (_TooLarge, Ambiguous):
                if end == hour:
                    raise
                hours = max(1, hours // 2)
                continue
            cursor = moved
            hour = end + _HOUR

    def _export(self, net: Net, first: datetime, last: datetime) -> Any:
        query = {"start": f"{first:%Y%m%dT%H}", "end": f"{last:%Y%m%dT%H}"}
        return downloaded(net, self._setup, "/api/2/export", query, self._auth, _explain)


class _TooLarge(RemoteProblem):
    """The range has to be halved."""


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _lines(file: IO[bytes]) -> Iterator[Any]:
    """The events of a zip of gzipped lines; nothing is written anywhere, so names in it mean nothing."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise Refused(
                    _("Amplitude's export holds {members} files.").format(members=len(members)),
                    _("That is no export of events."),
                )
            for member in members:
                if not member.filename.endswith(".json.gz"):
                    continue
                with archive.open(member) as packed, gzip.open(packed) as lines:
                    for line in lines:
                        left -= len(line)
                        if left < 0:
                            raise Refused(
                                _("Amplitude's export unpacks to more than 40 GB."), _("Ask for fewer hours.")
                            )
                        if line.strip():
                            yield _decode(line)
    except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError, msgspec.DecodeError) as cause:
        raise Ambiguous(
            _("Amplitude's export cannot be unpacked."), _("PQLDesk tries again by itself.")
        ) from cause


def _explain(answer: Answer) -> RemoteProblem:
    if answer.status == 404:
        return Gone(_("Amplitude has no data in these hours."))
    if answer.status == 400:
        return _TooLarge(
            _("Amplitude says that this is too large to export."), _("Ask Amplitude for a smaller export.")
        )
    problem = explained(
        "Amplitude", lambda one: str(one.body or "")[:200], _("the right keys for this region")
    )
    return problem(answer)
