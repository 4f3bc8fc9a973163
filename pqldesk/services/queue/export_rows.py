"""A lead as one flat row: the queue row with its signals spread out, its user ids and its outcome."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity, Lead
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.clock import iso
from pqldesk.services.identity.keys import EMAIL
from pqldesk.services.queue.as_of import rows_as_of
from pqldesk.services.queue.queue import read_rows, reading
from pqldesk.services.queue.row_json import queue_row_json
from pqldesk.services.rows import QueueRow
from pqldesk.services.scoring.live import live_model

_HEAD = ("lead_id", "name", "email", "company", "domain", "score", "band", "qualified", "qualified_at")
_TRIAL = ("plan", "starts_at", "ends_at", "state", "days_left")
_TAIL = ("owner", "state", "last_active_at", "source", "placement", "respond_by", "fit", "hand_raised_at")
_FACTS = ("user_ids", "outcome", "outcome_at")
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What an export says of a lead beside its queue row."""

    user_ids: tuple[str, ...]
    outcome: str | None
    outcome_at: datetime | None


def export_columns(session: Session) -> list[str]:
    """The columns of `export leads` and of the queue as CSV."""
    live = live_model(session)
    signals = [
        f"signals.{signal.key}.{part}" for signal in live.model.signals for part in ("value", "points")
    ]
    milestones = [f"milestones.{milestone.key}" for milestone in live.milestones]
    trial = [f"trial.{name}" for name in _TRIAL]
    return [*_HEAD, *signals, "activation", *milestones, *trial, *_TAIL, *_FACTS]


def export_row(row: QueueRow, facts: Facts) -> dict[str, Any]:
    """One flat row."""
    document = queue_row_json(row)
    flat = {key: value for key, value in document.items() if not isinstance(value, dict)}
    for key, parts in document["signals"].items():
        flat |= {f"signals.{key}.{part}": parts[part] for part in ("value", "points")}
    flat |= {f"milestones.{key}": at for key, at in document["milestones"].items()}
    flat |= {f"trial.{key}": value for key, value in (document["trial"] or {}).items()}
    flat["user_ids"] = ";".join(facts.user_ids)
    flat["outcome"] = facts.outcome
    flat["outcome_at"] = iso(facts.outcome_at)
    return flat


def outcomes_of(session: Session, ids: Sequence[int]) -> dict[int, Facts]:
    """The ids under which sources know each lead, and its outcome."""
    found: dict[int, Facts] = {}
    for some in chunked(ids):
        known: dict[int, list[str]] = {one: [] for one in some}
        for lead_id, value in session.execute(
            select(Identity.lead_id, Identity.value)
            .where(
                Identity.lead_id.in_(some),
                Identity.namespace != EMAIL,
                Identity.namespace.not_like("%.anon"),
            )
            .order_by(Identity.id)
        ):
            if lead_id is not None:
                known[lead_id].append(value)
        for lead_id, outcome, at in session.execute(
            select(Lead.id, Lead.outcome, Lead.outcome_at).where(Lead.id.in_(some))
        ):
            found[lead_id] = Facts(tuple(known[lead_id]), outcome, at)
    return found


def exported(
    session: Session,
    at: datetime,
    known_at: datetime | None = None,
    *,
    past: bool = False,
    ids: Sequence[int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Flat rows of *ids* in their order; without them of every lead that is not erased, in the order of their ids."""
    if ids is None:
        ids = list(session.scalars(select(Lead.id).where(Lead.is_listed == 1).order_by(Lead.id)))
    how = reading(session, at)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        facts = outcomes_of(session, some)
        rows: Iterable[QueueRow] = (
            (row for row, _ in rows_as_of(session, at, known_at, some))
            if past
            else read_rows(Driver(session), some, how)
        )
        for row in rows:
            yield export_row(row, facts[row.id])
