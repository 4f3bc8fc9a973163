"""What a merge would do, field by field, before anybody decides; and what was merged into a lead already."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, SUGGESTION, public_id
from pqldesk.models.people import Identity, Lead, Merge, Submission, Suggestion, Trial
from pqldesk.models.ready_made import ask, gap
from pqldesk.models.work import Note, Task
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.retelling import retold
from pqldesk.services.history import Image, stored_rows
from pqldesk.services.identity.fills import merged_fields
from pqldesk.services.identity.suggestions import check_open, the_two
from pqldesk.services.record_rows import MergedLead, MergeField, MergePreview

FIELDS = (
    "name", "email", "job_title", "phone", "company_name", "domain", "country", "region", "plan", "source",
    "placement", "signup_at", "hand_raised_at", "state", "owner",
)  # fmt: skip
_MOMENTS = frozenset({"signup_at", "hand_raised_at"})
_MERGED = (
    select(Lead.id, Lead.name, Lead.email, Merge.at, Merge.actor, Merge.reason)
    .join(Merge, Merge.loser_id == Lead.id)
    .where(Merge.survivor_id == gap("lead"), Merge.undone_at.is_(None))
    .order_by(Merge.id.desc())
)


def merge_preview(session: Session, suggestion: Suggestion) -> MergePreview:
    """The lead that stays, the one that becomes part of it, and every field that either has."""
    check_open(suggestion)
    keeps, goes = the_two(session, suggestion)
    rows = stored_rows(session, "lead", [keeps.id, goes.id])
    mine, theirs = rows[keeps.id], rows[goes.id]
    after = {**mine, **merged_fields(mine, theirs)}
    fields = tuple(
        MergeField(key, _plain(key, mine), _plain(key, theirs), _plain(key, after))
        for key in FIELDS
        if mine[key] is not None or theirs[key] is not None
    )
    scores = (number(keeps.score, HUNDRED), number(goes.score, HUNDRED))
    return MergePreview(
        public_id(SUGGESTION, suggestion.id),
        public_id(LEAD, keeps.id),
        keeps.name,
        public_id(LEAD, goes.id),
        goes.name,
        retold(suggestion.reason),
        (*fields, MergeField("score", *scores, None)),  # worked out from the usage of both once they are one
        _moves(session, goes.id),
    )


def merged_leads(session: Session, lead_id: int) -> tuple[MergedLead, ...]:
    """The leads that are part of this one now, the latest merge first."""
    found = ask(session, _MERGED, lead=lead_id)
    return tuple(MergedLead(public_id(LEAD, row.id), *row[1:-1], retold(row.reason)) for row in found)


def _moves(session: Session, lead_id: int) -> tuple[tuple[str, int], ...]:
    ((events,),) = Driver(session).rows(
        "SELECT coalesce(sum(n), 0) FROM usage_total WHERE identity_id IN (SELECT id FROM identity WHERE lead_id = ?)",
        (lead_id,),
    )
    counts = [("usage_event", int(events))]
    for table in (Identity, Submission, Trial, Task, Note):
        many = session.scalar(select(func.count()).select_from(table).where(table.lead_id == lead_id))
        counts.append((table.__tablename__, many or 0))
    return tuple((name, many) for name, many in counts if many)


def _plain(key: str, row: Image) -> Any:
    value = row[key]
    return moment(value) if key in _MOMENTS and value is not None else value
