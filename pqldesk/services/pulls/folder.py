"""A watched folder: files of leads, companies, events and trials are imported as they arrive.

What a file holds is said by the folder it lies in (``leads/``, ``events/`` ...), by the beginning of its name, or by
``--set kind=``. It is imported in a process of its own, by the same command that people use, and then moved to
``done/`` or, with a report, to ``failed/``. A copy under another name is known by its content.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.child import ChildFailed, Stop, run_beside
from pqldesk.services.ingest.stored import Stored
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

KINDS: Final = ("leads", "companies", "events", "trials")
_COUNTS: Final = ("created", "updated", "duplicates", "set_aside")


def opened(setup: Setup) -> Puller:
    """The puller of one folder."""
    return Folder(setup)


class Folder:
    """One folder, and a folder for each kind in it."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._folder = folder_of(setup, "folder")
        self._kind = setup.chosen.get("kind", "").strip()
        if self._kind and self._kind not in KINDS:
            raise BadInput(
                _("kind={kind} is unknown.").format(kind=self._kind),
                _("Known: {known}.").format(known=", ".join(KINDS)),
            )
        self._quiet_s = setup.number("quiet_s", 5, 0, 86_400)
        self._source = setup.chosen.get("source", "").strip() or setup.source

    async def check(self, net: Net) -> str:
        """The folder's path."""
        return str(self._folder)

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """One page a file. A kill between a file and its page lets it be imported again, which changes nothing."""
        folders = [self._folder, *(self._folder / kind for kind in KINDS if (self._folder / kind).is_dir())]
        for folder in folders:
            for path in await asyncio.to_thread(self._whole, folder):
                digest = await asyncio.to_thread(digest_of, path)
                if digest is None:
                    continue
                if not await net.read(is_known, self._setup.source, digest):
                    stored, problem = await self._imported(net, path)
                    yield Page(
                        cursor, keep=remembering(self._setup.source, digest, path.name, stored, problem),
                        saying=": ".join(filter(None, (shown_name(path.name), problem))),
                    )  # fmt: skip
                else:
                    problem = ""
                where = folder / ("failed" if problem else "done")
                await asyncio.to_thread(put_away, path, where, problem)

    def _whole(self, folder: Path) -> list[Path]:
        return list(whole_files(folder, self._quiet_s, within=self._folder))

    async def _imported(self, net: Net, path: Path) -> tuple[Stored, str]:
        """What became of the file's rows, and why it could not be read."""
        kind = self._kind_of(path)
        if kind is None:
            return Stored(), (
                _("It is not said what {path} holds: put it into {known}/, or begin its name so.").format(
                    path=shown_name(path.name), known="/, ".join(KINDS)
                )
            )
        words = ["import", kind, str(path), "--source", self._source]
        words += ["--rejects-dir", str(path.parent / "failed")]
        (path.parent / "failed").mkdir(exist_ok=True)
        stop = Stop()
        run = asyncio.create_task(asyncio.to_thread(run_beside, net.db.place, words, stop=stop))
        run.add_done_callback(_heard)
        try:
            told = await asyncio.shield(run)
        except asyncio.CancelledError:
            stop.ask()  # the child ends after the transaction it is in; the thread then ends by itself
            raise
        except ChildFailed as problem:
            return Stored(), str(problem)
        return _stored(told["files"][0]), ""

    def _kind_of(self, path: Path) -> str | None:
        if path.parent.name in KINDS and path.parent != self._folder:
            return path.parent.name
        named = next((kind for kind in KINDS if path.name.lower().startswith(kind)), None)
        return named or self._kind or None


def _stored(told: dict[str, Any]) -> Stored:
    created, updated, duplicates, aside = (int(told.get(name) or 0) for name in _COUNTS)
    changes = Changes.to(Topic.LEADS, Topic.USAGE, Topic.TRIALS)
    return Stored(created, updated, duplicates, aside, changes=changes)


def _heard(run: "asyncio.Task[Any]") -> None:
    """A child that was stopped says so to nobody."""
    if not run.cancelled():
        run.exception()
