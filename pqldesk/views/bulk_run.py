"""One verb for many leads, step by step on the writer's thread: progress, cancel, a result, one undo."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.page import Page

_OFFERED = 500  # leads offered to one step; it takes as many as fit into a short transaction
KEPT = 1_000  # rows of each outcome that the result lists; all are counted


@dataclass
class BulkResult:
    """What became of the leads: how many, and the first rows of each outcome."""

    title: str
    counts: dict[str, int] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)
    cancelled: bool = False

    def take(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.counts[row.outcome] = self.counts.get(row.outcome, 0) + 1
            if self.counts[row.outcome] <= KEPT:
                self.rows.append(row)

    def count(self, outcome: str) -> int:
        return self.counts.get(outcome, 0)


class BulkRun(QObject):
    """Runs until all leads are answered for or somebody cancels."""

    moved = Signal(int, int)  # leads answered for, of how many
    ended = Signal(object)  # BulkResult

    def __init__(self, page: Page, title: str, verb: str, argument: object, bulk: int) -> None:
        super().__init__(page)
        self._page, self._verb, self._argument, self._bulk = page, verb, argument, bulk
        self.result = BulkResult(title)
        self._ids: Sequence[int] = array("q")
        self._at = 0
        self._stopped = False

    def start(self, ids: Sequence[int]) -> None:
        """Begin with *ids*."""
        self._ids = ids
        self._step()

    def cancel(self) -> None:
        """Stop after the step under way; what is done stays done, and one undo takes it back."""
        self._stopped = True

    def _step(self) -> None:
        if self._stopped or self._at >= len(self._ids):
            self.result.cancelled = self._stopped and self._at < len(self._ids)
            self.ended.emit(self.result)
            self.deleteLater()
            return
        part = tuple(self._ids[self._at : self._at + _OFFERED])
        context = self._page.context
        job = self._page.write(
            context.desk.bulk_step, self._verb, part, self._argument, context.rep, self._bulk
        )
        job.then(self._stepped).otherwise(self._failed)

    def _stepped(self, step: Any) -> None:
        self.result.take(step.rows)
        self._at += len(step.rows)
        self.moved.emit(self._at, len(self._ids))
        self._step()

    def _failed(self, problem: object) -> None:
        """A full disk or a workspace that is gone ends the run; what was done stays done."""
        self._page.context.background.problem.emit(problem)
        self._stopped = True
        self._step()


def bulk_words(result: BulkResult, many: Callable[[str], str]) -> str:
    """The sentence of a toast: Claimed 38 of 40 leads."""
    done, all_of = result.count("done"), sum(result.counts.values())
    shown = wording.number(done)
    if done < all_of:
        shown = _("{n} of {all}").format(n=shown, all=wording.number(all_of))
    words = many(shown)
    return _("{words}; cancelled").format(words=words) if result.cancelled else words
