"""Work that falls due by itself: looked up on start, on wake, at midnight, and before each answer that needs it."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.lapses import falls_due, settle_leads
from pqldesk.services.scoring.rescore import due_leads, rescore_due
from pqldesk.services.trial_outcomes import settle_trials, trials_are_due


def is_due(session: Session, at: datetime) -> bool:
    """Whether settle() would do anything; reads four short indexes."""
    waiting = select(exists().where(falls_due(at), Lead.state.not_in(HIDDEN_STATES)))
    # Not is_listed: SQLite would walk the index of all listed leads instead of the few that are due.
    due = select(exists().where(Lead.due_at <= at, Lead.state.not_in(HIDDEN_STATES)))
    return bool(session.scalar(waiting)) or bool(session.scalar(due)) or trials_are_due(session, at)


def settle(session: Session, at: datetime) -> Changes:
    """End leases and sleeps that have run out, rescore what time has changed, note what became of trials."""
    rescored = due_leads(session, at)
    if rescored:
        rescore_due(session, at)
    moved = settle_leads(session, at)
    if settle_trials(session, at):
        return Changes.to(Topic.LEADS, Topic.TRIALS)
    return Changes.to(Topic.LEADS) if moved or rescored else Changes()
