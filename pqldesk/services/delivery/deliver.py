"""Delivering the outbox, one process at a time.

A try that may have arrived is never simply repeated: the item becomes ``unknown`` and is looked for first, twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.progress import Progress
from pqldesk.services.crm.beside import sharing
from pqldesk.services.crm.team_work import is_shared, lacking
from pqldesk.services.delivery.pauses import Pauses, Time
from pqldesk.services.delivery.run import Run
from pqldesk.services.net import Net, run_reporting
from pqldesk.services.outbox.claims import waiting_systems
from pqldesk.services.outbox.outbox import left_undone
from pqldesk.services.outbox_rows import outbox_counts
from pqldesk.services.workspaces.runner_lock import OUTBOX, the_only


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run did. *undone* is one sentence about what is left, None when nothing is."""

    delivered: int
    counts: Mapping[str, int]
    undone: str | None
    changes: Changes


async def deliver_outbox(
    net: Net, *, once: bool = False, max_wait_s: float = 60.0, pauses: Pauses | None = None
) -> Delivered:
    """Send what is due, waiting up to *max_wait_s* in all for retries; *once* does not wait at all.

    Raises AlreadyRunning when another process is at it. May be cancelled at any time.
    """
    async with the_only(net, OUTBOX), sharing(net):
        run = Run(net, Time(clock.now()), pauses or Pauses(), 0.0 if once else max_wait_s)
        try:
            await run.all()
        except BaseExceptionGroup as several:  # the first to fail brought the others down
            raise several.exceptions[0] from None
        counts = await net.read(outbox_counts)
        undone = await net.read(_left_undone)
        return Delivered(run.delivered, counts, undone, Changes.to(Topic.OUTBOX))


def _left_undone(session: Session) -> str | None:
    """One sentence about what is left, and what this computer lacks where only another can send it."""
    said = left_undone(session)
    waiting = waiting_systems(session) if said and is_shared(session) else []
    return " ".join(filter(None, (said, *(lacking(session, system) for system in waiting)))) or None


def run_outbox(
    db: Database,
    *,
    once: bool = False,
    max_wait_s: float = 60.0,
    pauses: Pauses | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Delivered:
    """deliver_outbox() for where there is no network thread."""
    return run_reporting(db, report, deliver_outbox, once=once, max_wait_s=max_wait_s, pauses=pauses)
