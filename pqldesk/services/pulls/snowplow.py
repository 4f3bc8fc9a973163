"""Enriched Snowplow events: lines of 131 fields in a folder that a loader or a bucket's copy fills, gzipped or not.

Files stay where they are unless ``move=yes``; each is known by its content. The cursor stands inside a file, so that a
large one goes on where a kill left it.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pqldesk.services.basics.texts import _
from pqldesk.services.calls.snowplow import line
from pqldesk.services.files.values import BadValue
from pqldesk.services.net import Net
from pqldesk.services.pulls.files import digest_of, folder_of, is_known, put_away, remembering, whole_files
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import Refused

PAGE: Final = 5_000
LONGEST: Final = 4 << 20  # characters of a line; the collector takes 2 MB


def opened(setup: Setup) -> Puller:
    """The puller of one folder."""
    return Snowplow(setup)


class Snowplow:
    """One folder with folders below."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._folder = folder_of(setup, "folder")
        self._quiet_s = setup.number("quiet_s", 5, 0, 86_400)
        self._page = setup.number("page", PAGE, 1, 100_000)
        self._moves = setup.chosen.get("move", "").lower() in ("yes", "true", "1")
        self._seen: dict[Path, tuple[int, int]] = {}

    async def check(self, net: Net) -> str:
        """The folder's path."""
        return str(self._folder)

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Files that are new, the oldest first."""
        for path in await asyncio.to_thread(
            lambda: list(whole_files(self._folder, self._quiet_s, deep=True))
        ):
            if "done" in path.parent.parts[len(self._folder.parts) :]:
                continue
            digest = await asyncio.to_thread(digest_of, path)
            if not await net.read(is_known, self._setup.source, digest):
                done = int(cursor.get("lines", 0)) if cursor.get("file") == digest else 0
                async for page in self._read(path, digest, done):
                    yield page
            if self._moves:
                await asyncio.to_thread(put_away, path, self._folder / "done")

    async def _read(self, path: Path, digest: str, done: int) -> AsyncIterator[Page]:
        lines = islice(_lines(path), done, None)
        while True:
            items = await asyncio.to_thread(lambda: [_item(text, n) for n, text in _some(lines, self._page)])
            done += len(items)
            is_last = len(items) < self._page
            keep = remembering(self._setup.source, digest, path.name) if is_last else None
            yield Page(
                {} if is_last else {"file": digest, "lines": done}, items, keep, f"{path.name}: {done} events"
            )
            if is_last:
                return


def _some(lines: Iterator[tuple[int, str]], most: int) -> list[tuple[int, str]]:
    return list(islice(lines, most))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(
            path, "rt", encoding="utf-8", errors="replace"
        ) as file:
            number = 0
            while text := file.readline(LONGEST):
                number += 1
                if text.strip():
                    yield number, text.rstrip("\r\n")
    except (OSError, EOFError) as cause:
        raise Refused(
            _("{path} cannot be read: {cause}.").format(path=path.name, cause=cause),
            _("Copy it anew, or take it out of the folder."),
        ) from cause


def _item(text: str, number: int) -> dict[str, Any]:
    """A line as an item; one that is none keeps what it was, and is refused where it is read."""
    try:
        return dict(line(text.split("\t")))
    except BadValue:
        return {"line": number, "text": text[:1_000]}
