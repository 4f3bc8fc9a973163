"""A page of 100 queue rows under every filter and at every depth, against 100 rows read by their keys.

usage: python -m benchmarks.queue_page [--small]

Both sides end in the same rows as the window shows them (signals, milestones, trial, score change), read from the same
file in the same process; each is the best of many repetitions, in turns.
"""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.orm import Session

from benchmarks.build import AT, REPS
from benchmarks.figures import Figure
from benchmarks.ground import workspace_of
from pqldesk.models.driver import Driver
from pqldesk.services.filters.language import parse_filter
from pqldesk.services.filters.queue_filter import QueueFilter
from pqldesk.services.queue import queue
from pqldesk.services.workspaces.workspace import open_workspace

PAGE = 100
ROUNDS = 15
ONE_FILTER = {
    "open": QueueFilter(),
    "all": QueueFilter("all"),
    "unclaimed": QueueFilter("unclaimed"),
    "mine": QueueFilter("mine"),
    "hand-raises": QueueFilter("hand-raises"),
    "source": QueueFilter(source="posthog"),
    "min score": QueueFilter(min_score=6_000),
    "snoozed": QueueFilter("all", state="snoozed"),
}
# What the filter language adds, by whether an index leads to it; the others walk the queue until the page is full.
LED = {
    "placement": "placement is group-billing",
    "band": "band is warming",
    "hand-raise since": "hand-raise in the last 7 days",
    "owner and score": "owner is nobody and score >= 60",
}
WALKED = {
    "signal met": "signal integrations is met",
    "milestone": "milestone imported_data is reached",
    "active": "active in the last 7 days",
    "company": "company contains bra",
    "not source": "source is not posthog",
    "either": "score >= 60 or owner is me",
}
ONE_FILTER |= {name: QueueFilter(where=parse_filter(text)) for name, text in LED.items()}
THREE_FILTERS = QueueFilter(source="segment", state="qualified", min_score=6_000)
ENDING = QueueFilter("trials-ending")


class Paid(NamedTuple):
    """A page against its rows by key: the ratio, both in ms, and the ratio of the CPU time of the thread."""

    ratio: float
    page: float
    by_key: float
    cpu: float


def main(small: bool) -> list[Figure]:
    """The worst page under one filter, under three, and the one view that has no index of its own."""
    workspace = open_workspace(workspace_of(100_000 if small else 1_000_000), create=False)
    try:
        return workspace.db.read(_measured).result()
    finally:
        workspace.close()


def _measured(session: Session) -> list[Figure]:
    ratios = {
        (name, depth): _ratio(session, wanted, depth)
        for name, wanted in ONE_FILTER.items()
        for depth in ("top", "middle", "end")
    }
    (name, depth), worst = max(ratios.items(), key=lambda item: item[1].ratio)
    cpu = max(found.cpu for found in ratios.values())
    three = max(
        (_ratio(session, THREE_FILTERS, depth) for depth in ("top", "middle", "end")),
        key=lambda found: found.ratio,
    )
    walked = {
        name: _ratio(session, QueueFilter(where=parse_filter(text)), "top") for name, text in WALKED.items()
    }
    slowest, walk = max(walked.items(), key=lambda item: item[1].ratio)
    ending = _ratio(session, ENDING, "top")
    started = time.perf_counter()
    whole = queue.lead_order(session, at=AT)
    order_ms = 1e3 * (time.perf_counter() - started)
    views_ms, views_cpu = _ms(lambda: queue.queue_views(session, REPS[1], AT))
    return [
        Figure(
            "queue page, any filter, any depth", worst.ratio, "x", 1.5, 1.0,
            f"worst: {name}, {depth}: {worst.page:.2f} ms, by key {worst.by_key:.2f} ms; {len(ratios)} pages measured,"
            f" by CPU time at most {cpu:.2f} x",
        ),
        Figure(
            "queue page, three filters", three.ratio, "x", 5, 1.0,
            f"{three.page:.2f} ms, by key {three.by_key:.2f} ms",
        ),
        Figure(
            "queue page, a filter that walks the queue", walk.ratio, "x", 50, 5,
            f"worst: {slowest}, top: {walk.page:.1f} ms, by key {walk.by_key:.2f} ms; {len(walked)} filters",
        ),
        Figure(
            "queue page, trials ending", ending.ratio, "x", 50, 10,
            f"{ending.page:.1f} ms: which trial a lead shows is worked out, not stored",
        ),
        Figure("whole order", order_ms, "ms", 1_000, 300, f"{len(whole):,} ids"),
        Figure("counts of all views", views_ms, "ms", 150, 50, f"{views_cpu:.0f} ms of CPU time"),
    ]  # fmt: skip


def _ratio(session: Session, wanted: QueueFilter, depth: str) -> Paid:
    """A page at that depth of that filter, and its rows by their keys, in turns."""
    ids = queue.filtered_order(session, wanted, REPS[1], AT)
    after = None
    if depth != "top":
        at = len(ids) // 2 if depth == "middle" else max(0, len(ids) - PAGE - 1)
        (columns,) = Driver(session).rows("SELECT score, active_order, id FROM lead WHERE id = ?", (ids[at],))
        after = queue.Place(*columns)
    rows, _ = queue.queue_page(session, rep=REPS[1], at=AT, after=after, limit=PAGE, wanted=wanted)
    keys = [row.id for row in rows]
    pages, keyed = [], []
    for _ in range(ROUNDS):
        pages.append(
            _ms(lambda: queue.queue_page(session, rep=REPS[1], at=AT, after=after, limit=PAGE, wanted=wanted))
        )
        keyed.append(_ms(lambda: queue.lead_rows(session, keys, AT)))
    (page, page_cpu), (by_key, by_key_cpu) = (map(min, zip(*some, strict=True)) for some in (pages, keyed))
    return Paid(page / by_key, page, by_key, page_cpu / by_key_cpu)


def _ms(work: Callable[[], object]) -> tuple[float, float]:
    """(milliseconds, those of this thread's CPU time)."""
    started, began = time.perf_counter(), time.thread_time()
    work()
    return 1e3 * (time.perf_counter() - started), 1e3 * (time.thread_time() - began)


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
