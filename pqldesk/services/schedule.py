"""Work that falls due by itself: looked up on start, on wake, at midnight, and before each answer that needs it."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.team import RouteTurn
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.events.raw_pages import is_waiting
from pqldesk.services.scoring.rescore import due_leads, rescore_due
from pqldesk.services.team.lapses import falls_due, settle_leads
from pqldesk.services.trial_outcomes import settle_trials, trials_are_due


def is_due(session: Session, at: datetime) -> bool:
    """Whether settle() would do anything; reads six short indexes."""
    waiting = select(exists().where(falls_due(at), Lead.state.not_in(HIDDEN_STATES)))
    # Not is_listed: SQLite would walk the index of all listed leads instead of the few that are due.
    due = select(exists().where(Lead.due_at <= at, Lead.state.not_in(HIDDEN_STATES)))
    return (
        bool(session.scalar(waiting))
        or bool(session.scalar(due))
        or trials_are_due(session, at)
        or is_waiting(session)
        or _turns_are_due(session, at)
    )


def settle(session: Session, at: datetime, *, with_scores: bool = True) -> Changes:
    """End leases and sleeps that have run out, rescore what time has changed, give leads out, note what became of
    trials, derive what was received and is not derived yet. *with_scores* False: somebody else rescores."""
    topics: set[Topic] = set()
    if is_waiting(session):
        from pqldesk.services.events.deriving import derive_all  # reading and storing take 60 ms to load

        topics |= derive_all(session, at).topics
    rescored = with_scores and bool(due_leads(session, at, most=1))
    qualified: list[int] = []
    if rescored:
        qualified += rescore_due(session, at).newly_qualified
    moved = settle_leads(session, at)
    if qualified or moved or _turns_are_due(session, at):
        from pqldesk.services import routing

        topics |= routing.route_leads(session, [*qualified, *moved], at).changes.topics
        topics |= routing.route_waiting(session, at).changes.topics
    if settle_trials(session, at):
        topics |= {Topic.LEADS, Topic.TRIALS}
    if moved or rescored:
        topics.add(Topic.LEADS)
    return Changes(frozenset(topics))


def _turns_are_due(session: Session, at: datetime) -> bool:
    """Whether a lead that nobody could take may find somebody now."""
    return bool(session.scalar(select(exists().where(RouteTurn.retry_at <= at))))
