"""Taking an import back: what only that batch brought goes, what others touched since stays."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.history import Action, ScoreEvent
from pqldesk.models.ids import BATCH, row_number
from pqldesk.models.people import (
    Company,
    CompanyKey,
    Identity,
    IdentityLink,
    Lead,
    Submission,
    Suggestion,
    Trial,
)
from pqldesk.models.remote import OutboxItem
from pqldesk.models.settings import Batch, BatchRow
from pqldesk.models.usage import EventSetAside, UsageEvent
from pqldesk.models.work import Claim, Handoff, Note, Task
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.figures.usage_days import rebuild_rollups
from pqldesk.services.history import bare_table, stored_rows
from pqldesk.services.scoring.rescore import rescore

CHANGED = Changes.to(Topic.LEADS, Topic.USAGE, Topic.TRIALS, Topic.SOURCES)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BatchUndone:
    """What was removed, by what it is."""

    removed: dict[str, int]
    changes: Changes


class _Rehearsed(Exception):
    def __init__(self, removed: dict[str, int]) -> None:
        super().__init__()
        self.removed = removed


def rehearse_undo(db: Database, batch: str, actor: str, at: datetime) -> dict[str, int]:
    """What undo_batch() would remove: it is done whole, and rolled back."""

    def try_it(session: Session) -> None:
        raise _Rehearsed(undo_batch(session, batch, actor, at).removed)

    try:
        db.write(try_it).result()
    except _Rehearsed as found:
        return found.removed
    raise RuntimeError("a rehearsal ends in its roll-back")


def undo_batch(session: Session, batch: str, actor: str, at: datetime) -> BatchUndone:
    """Remove what only this import brought.

    A lead that people have worked on since, or that another import or source also named, stays; fields that the
    import changed go back to what they held unless they changed again.
    """
    del actor  # imports are no actions; the batch itself says when it was taken back
    number = row_number(BATCH, batch)
    row = session.get(Batch, number) if number is not None else None
    if row is None:
        raise NotFound(
            _("There is no import {batch!r}.").format(batch=batch),
            _("See the list of imports for its id, such as B000001."),
        )
    if row.undone_at is not None:
        raise NotAllowed(
            _("The import {batch} was already taken back at {undone_at:%Y-%m-%d %H:%M} UTC.").format(
                batch=batch, undone_at=row.undone_at
            )
        )
    touched = _identities_with_usage(session, row.id)
    leads = _leads_of(session, touched)
    removed = {
        "events": _count(session, delete(UsageEvent).where(UsageEvent.batch_id == row.id)),
        "set_aside": _count(session, delete(EventSetAside).where(EventSetAside.batch_id == row.id)),
    }
    rebuild_rollups(session, touched)
    leads |= set(session.scalars(select(Submission.lead_id).where(Submission.batch_id == row.id)))
    removed["submissions"] = _count(session, delete(Submission).where(Submission.batch_id == row.id))
    removed["trials"] = _count(session, delete(Trial).where(Trial.batch_id == row.id))
    leads |= _put_back(session, row.id)
    removed["identities"] = _drop_identities(session, row.id)
    removed["leads"] = _drop_leads(session, row.id)
    removed["companies"] = _drop_companies(session, row.id)
    row.undone_at = at
    session.flush()
    session.expire_all()
    left = set(session.scalars(select(Lead.id).where(Lead.id.in_(leads))))
    rescore(session, left, at, "import_undone")
    return BatchUndone(removed, CHANGED)


def _identities_with_usage(session: Session, batch_id: int) -> set[int]:
    return set(
        session.scalars(select(UsageEvent.identity_id).where(UsageEvent.batch_id == batch_id).distinct())
    )


def _leads_of(session: Session, identities: Collection[int]) -> set[int]:
    found: set[int] = set()
    wanted = sorted(identities)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found |= {
            lead for lead in session.scalars(select(Identity.lead_id).where(Identity.id.in_(some))) if lead
        }
    return found


def _put_back(session: Session, batch_id: int) -> set[int]:
    """Fields that the batch changed hold again what they held, where nobody has changed them since."""
    leads: set[int] = set()
    for changed in session.scalars(
        select(BatchRow).where(BatchRow.batch_id == batch_id).order_by(BatchRow.id.desc())
    ):
        stored = stored_rows(session, changed.table, [changed.row_id]).get(changed.row_id)
        if stored is None:
            continue
        back: dict[str, Any] = {
            column: value
            for column, value in changed.before.items()
            if stored[column] == changed.after[column]
        }
        if back:
            table = bare_table(changed.table)
            session.execute(update(table).where(table.c.id == changed.row_id).values(**back))
        if changed.table == Lead.__tablename__:
            leads.add(changed.row_id)
    return leads


def _drop_identities(session: Session, batch_id: int) -> int:
    """Identities that the batch made and that have no usage of another origin."""
    used = or_(
        exists().where(UsageEvent.identity_id == Identity.id),
        exists().where(EventSetAside.identity_id == Identity.id),
        exists().where(Submission.identity_id == Identity.id),
    )
    staying = select(Lead.id).where(Lead.batch_id == batch_id, _kept(batch_id))
    mine = select(Identity.id).where(
        Identity.batch_id == batch_id,
        ~used,
        or_(Identity.lead_id.is_(None), Identity.lead_id.not_in(staying)),
    )
    ids = list(session.scalars(mine))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        session.execute(delete(IdentityLink).where(IdentityLink.identity_id.in_(some)))
        session.execute(delete(Identity).where(Identity.id.in_(some)))
    return len(ids)


def _kept(batch_id: int) -> ColumnElement[bool]:
    """Leads that somebody, or another import, has touched."""
    return or_(
        *(
            exists().where(table.lead_id == Lead.id)
            for table in (Action, Task, Note, Claim, Handoff, OutboxItem)
        ),
        exists().where(Submission.lead_id == Lead.id),
        exists().where(Trial.lead_id == Lead.id),
        Lead.merged_into.is_not(None),
        exists().where(
            BatchRow.table == Lead.__tablename__, BatchRow.row_id == Lead.id, BatchRow.batch_id != batch_id
        ),
    )


def _drop_leads(session: Session, batch_id: int) -> int:
    """Leads that the batch made, with no identity left and nothing done with them."""
    mine = select(Lead.id).where(
        Lead.batch_id == batch_id, ~_kept(batch_id), ~exists().where(Identity.lead_id == Lead.id)
    )
    ids = list(session.scalars(mine))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        session.execute(delete(ScoreEvent).where(ScoreEvent.lead_id.in_(some)))
        session.execute(
            delete(Suggestion).where(or_(Suggestion.lead_id.in_(some), Suggestion.other_id.in_(some)))
        )
        session.execute(delete(Lead).where(Lead.id.in_(some)))
    return len(ids)


def _drop_companies(session: Session, batch_id: int) -> int:
    """Companies that the batch made and nobody belongs to."""
    mine = select(Company.id).where(
        Company.batch_id == batch_id,
        *(~exists().where(table.company_id == Company.id) for table in (Lead, Identity, Trial)),
    )
    ids = list(session.scalars(mine))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        session.execute(delete(CompanyKey).where(CompanyKey.company_id.in_(some)))
        session.execute(delete(Company).where(Company.id.in_(some)))
    return len(ids)


def _count(session: Session, statement: Delete) -> int:
    return session.connection().execute(statement).rowcount
