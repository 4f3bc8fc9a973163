"""Enriched Snowplow events: lines of 131 fields in a folder that a loader or a bucket's copy fills, gzipped or not.

Files stay where they are unless ``move=yes``; each is known by its content. The cursor stands inside a file, so that a
large one goes on where a kill left it. A file that is damaged, or holds something else, is told once and keeps nobody
back.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.calls.snowplow import FIELDS, line
from pqldesk.services.files.bytesource import byte_source
from pqldesk.services.files.refusals import unreadable
from pqldesk.services.files.values import BadValue
from pqldesk.services.net import Net
from pqldesk.services.pulls.files import (
    digest_of,
    folder_of,
    is_known,
    put_away,
    remembering,
    shown_name,
    whole_files,
)
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import Refused

PAGE: Final = 5_000
LONGEST: Final = 4 << 20  # characters of a line; the collector takes 2 MB
BROKEN: Final = 1_000  # lines after one another that are no events: then the file is none of these

_TABS: Final = len(FIELDS) - 1
_AWAY: Final = frozenset({"done", "failed"})


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

    async def check(self, net: Net) -> str:
        """The folder's path."""
        return str(self._folder)

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Files that are new, the oldest first. Refused at the end where some could not be read, naming them."""
        damaged: list[str] = []
        for path in await asyncio.to_thread(
            lambda: list(whole_files(self._folder, self._quiet_s, deep=True))
        ):
            if not _AWAY.isdisjoint(path.parent.parts[len(self._folder.parts) :]):
                continue
            digest = await asyncio.to_thread(digest_of, path)
            if digest is None:
                continue
            problem = ""
            if not await net.read(is_known, self._setup.source, digest):
                done = int(cursor.get("lines", 0)) if cursor.get("file") == digest else 0
                lines = _Lines(path)
                async for page in self._read(lines, digest, done):
                    yield page
                problem = lines.problem
                if problem:
                    damaged.append(f"{shown_name(path.name)} ({problem.rstrip('.')})")
            if self._moves:
                where = self._folder / ("failed" if problem else "done")
                await asyncio.to_thread(put_away, path, where, problem)
        if damaged:
            raise Refused(
                _("Of some files not everything could be read: {names}.").format(
                    names=", ".join(damaged[:5])
                ),
                _("Copy them anew into the folder; the others were read."),
            )

    async def _read(self, lines: "_Lines", digest: str, done: int) -> AsyncIterator[Page]:
        new, name = islice(lines, done, None), shown_name(lines.path.name)
        while True:
            items = await asyncio.to_thread(lambda: [_item(text, n) for n, text in islice(new, self._page)])
            done += len(items)
            if len(items) < self._page:
                keep = remembering(self._setup.source, digest, name, problem=lines.problem)
                yield Page({}, items, keep, f"{name}: {lines.problem or f'{done} events'}")
                return
            yield Page({"file": digest, "lines": done}, items, None, f"{name}: {done} events")


class _Lines:
    """The lines of a file that are not empty, with their numbers. They end early where the file is damaged or holds
    something else; *problem* then says so.

    A packed file may hold any number of lines that are no events: it is left after the first BROKEN of them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number = broken = 0
        try:
            with byte_source(self.path).open() as raw:
                file = io.TextIOWrapper(raw, "utf-8", errors="replace")
                while text := file.readline(LONGEST):
                    number += 1
                    broken = 0 if text.count("\t") == _TABS else broken + 1
                    if broken == BROKEN:
                        self.problem = _("from line {line} on it holds no events").format(
                            line=number - BROKEN + 1
                        )
                        return
                    if text.strip():
                        yield number, text.rstrip("\r\n")
        except BadInput as damage:
            self.problem = f"{damage.what} " + _("Read up to line {line}.").format(line=number)
        except OSError as refused:
            self.problem = unreadable(self.path, refused).what


def _item(text: str, number: int) -> dict[str, Any]:
    """A line as an item; one that is none keeps what it was, and is refused where it is read."""
    try:
        return dict(line(text.split("\t")))
    except BadValue:
        return {"line": number, "text": text[:1_000]}
