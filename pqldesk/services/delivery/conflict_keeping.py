"""Storing what comparing found: conflicts for a person, what gave way to a rule, and theirs taken over here.

Nothing is lost on either side without a row that says what stood there, what replaced it, and by which rule or whom.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Conflict
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.crm.agreement import TAKABLE, Compared
from pqldesk.services.crm.bases import Record
from pqldesk.services.remote.ownership import Verdict
from pqldesk.services.remote.seen import PERSON
from pqldesk.services.taking import take

RULE = "rule"  # who decided, where no person did
MINE, THEIRS, OTHER, SETTLED = "mine", "theirs", "other", "settled"


@dataclass(frozen=True, slots=True)
class Place:
    """A record on both sides, and the lead it is shown with."""

    system: str
    kind: str
    local_id: int
    lead_id: int | None
    remote_id: str

    @property
    def record(self) -> Record:
        return self.system, self.kind, self.local_id


def note_compared(
    session: Session, place: Place, compared: Iterable[Compared], found_by: str, now: datetime
) -> Changes:
    """Store what was found. Again with the same values it changes nothing: a killed run may ask twice."""
    topics = {Topic.SOURCES, Topic.OUTBOX}
    for one in compared:
        waiting = _open(session, place, one.field)
        match one.verdict:
            case Verdict.CONFLICT:
                if waiting is None:
                    waiting = _row(place, one, found_by, now)
                    session.add(waiting)
                waiting.base, waiting.mine, waiting.theirs = one.base, one.mine, one.theirs
                waiting.remote_id = place.remote_id
            case Verdict.OVERWRITE:
                _decided(session, place, one, MINE, found_by, now)
            case Verdict.TAKE if one.field in TAKABLE:
                if take(session, place.record, one.field, one.told, now):
                    topics.add(Topic.LEADS)
                    _decided(session, place, one, THEIRS, found_by, now)
        if waiting is not None and one.verdict is not Verdict.CONFLICT:
            waiting.decision, waiting.decided_at, waiting.decided_by = SETTLED, now, RULE
            waiting.rule = one.rule
    session.flush()
    return Changes.to(*topics)


def _open(session: Session, place: Place, field: str) -> Conflict | None:
    return session.scalars(_of(place, field).where(Conflict.decision.is_(None)).limit(1)).first()


def _decided(
    session: Session, place: Place, one: Compared, decision: str, found_by: str, now: datetime
) -> None:
    last = session.scalars(_of(place, one.field).order_by(Conflict.id.desc()).limit(1)).first()
    if last is not None and (last.decision, last.mine, last.theirs, last.base) == (
        decision, one.mine, one.theirs, one.base,
    ):  # fmt: skip
        return
    row = _row(place, one, found_by, now)
    row.decision, row.decided_at, row.decided_by, row.rule = decision, now, RULE, one.rule
    session.add(row)


def _of(place: Place, field: str) -> Select[Conflict]:
    # A merge gives a person's conflicts to the lead that stays.
    whose = Conflict.lead_id == place.lead_id if place.kind == PERSON else Conflict.local_id == place.local_id
    return select(Conflict).where(
        Conflict.system == place.system, Conflict.kind == place.kind, whose, Conflict.field == field
    )


def _row(place: Place, one: Compared, found_by: str, now: datetime) -> Conflict:
    return Conflict(
        system=place.system,
        kind=place.kind,
        local_id=place.local_id,
        lead_id=place.lead_id,
        remote_id=place.remote_id,
        field=one.field,
        base=one.base,
        mine=one.mine,
        theirs=one.theirs,
        found_at=now,
        found_by=found_by,
    )
