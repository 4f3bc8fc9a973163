"""The same verb for many leads: step by step, so that nobody waits, each lead answered for, one undo for all.

Each lead has its own action in the history; all of one bulk carry the same number, by which undo finds them.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.services import claims
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.history import in_bulk
from pqldesk.services.leads import leads

HELD_S = 0.04  # a step holds the write lock this long at most, and one lead longer
AT_ONCE = 500  # leads offered to one step

Verb = Callable[[Session, Lead, str, datetime, Any], Changes]
VERBS: dict[str, Verb] = {
    "claim": lambda session, lead, rep, at, _none: claims.claim_lead(session, lead, rep, at),
    "release": lambda session, lead, rep, at, _none: claims.release_lead(session, lead, rep, at),
    "assign": lambda session, lead, rep, at, to: claims.assign_lead(session, lead, to, rep, at),
    "snooze": lambda session, lead, rep, at, until: leads.snooze(session, lead, until, rep, at),
    "nurture": lambda session, lead, rep, at, until: leads.nurture(session, lead, until, rep, at),
    "disqualify": lambda session, lead, rep, at, reason: leads.disqualify(session, lead, reason, rep, at),
    "won": lambda session, lead, rep, at, value: leads.won(
        session, lead, rep, at, deal_value=None if value is None else Decimal(str(value))
    ),
    "lost": lambda session, lead, rep, at, reason: leads.lost(session, lead, rep, at, reason=reason),
    "reopen": lambda session, lead, rep, at, _none: leads.reopen(session, lead, rep, at),
}

DONE, UNCHANGED, SKIPPED = "done", "unchanged", "skipped"


@dataclass(frozen=True, slots=True)
class BulkRow:
    """What became of one lead: done, unchanged because it was so already, or skipped with the reason."""

    lead_id: str
    name: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BulkStep:
    """What one step did. It took the first len(rows) of the leads it was offered."""

    rows: tuple[BulkRow, ...]
    changes: Changes


def new_bulk() -> int:
    """A number for what is about to be done in one go."""
    return secrets.randbits(62)


def bulk_step(
    session: Session, verb: str, ids: Sequence[int], argument: object, rep: str, at: datetime, bulk: int
) -> BulkStep:
    """Do *verb* to as many of *ids* as fit into a short transaction; at least one.

    A lead that a rule keeps from it is left as it is and answered with the reason. BadInput for an unknown verb.
    """
    if verb not in VERBS:
        raise BadInput(
            _("{verb!r} cannot be done to many leads.").format(verb=verb),
            _("Known: {known}.").format(known=", ".join(VERBS)),
        )
    rows: list[BulkRow] = []
    topics = frozenset[Any]()
    ends = time.monotonic() + HELD_S
    with in_bulk(session, rep, bulk):
        for number in ids:
            row, changes = _one(session, VERBS[verb], number, argument, rep, at)
            rows.append(row)
            topics |= changes.topics
            if time.monotonic() >= ends:
                break
    return BulkStep(tuple(rows), Changes(topics))


def _one(
    session: Session, verb: Verb, number: int, argument: object, rep: str, at: datetime
) -> tuple[BulkRow, Changes]:
    lead_id = public_id(LEAD, number)
    lead = session.get(Lead, number)
    if lead is None or lead.state in HIDDEN_STATES:
        return BulkRow(lead_id, lead_id, SKIPPED, _("The lead is not there any more.")), Changes()
    name = lead.name
    try:
        with session.begin_nested():
            changes = verb(session, lead, rep, at, argument)
    except Problem as problem:
        session.expire(lead)
        return BulkRow(lead_id, name, SKIPPED, f"{problem.what} {problem.remedy}".strip()), Changes()
    return BulkRow(lead_id, name, DONE if changes.topics else UNCHANGED), changes
