"""Claims: one statement decides who has a lead, and the loser is told who and since when."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.models.work import REASSIGNED, RELEASED, Claim
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import told
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import AlreadyClaimed, NotAllowed, RepUnknown
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording, watch
from pqldesk.services.lead_states import Move, check_move, moved
from pqldesk.services.outbox.playbooks import queue_playbooks
from pqldesk.services.team.lapses import settle_lead
from pqldesk.services.team.leases import lease, lease_end, put, standing_of


def claim_lead(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    """Make *rep* the owner until the lease ends. Claiming one's own lead again changes nothing.

    Raises AlreadyClaimed with the owner and since when, or NotAllowed where the lead's state rules it out.
    """
    rep = named_rep(rep)
    settle_lead(session, lead, at)
    session.refresh(lead)
    rep = _spelled(rep, lead)
    if lead.owner is not None and lead.owner != rep:
        raise _taken(lead)
    standing = standing_of(lead)
    check_move(lead.name, standing.state, Move.CLAIM)
    had_claim = lead.owner == rep and lead.claimed_at is not None  # an owner named by a file has none yet
    if had_claim and standing.until is None:
        return Changes()
    after = moved(lead.name, standing, Move.CLAIM, rep=rep, now=micros(at), lease=lease(session))
    with recording(session, rep, "claimed", at=at, lead_id=lead.id):
        watch(session, "lead", [lead.id])
        won = session.execute(
            update(Lead)
            .where(
                Lead.id == lead.id,
                or_(Lead.owner.is_(None), Lead.owner == rep),
                Lead.state == standing.state.value,
            )
            .values(
                owner=rep,
                state=after.state.value,
                state_before=None,
                state_until=None,
                claimed_at=Lead.claimed_at if had_claim else at,
                lease_until=lease_end(session, at),
            )
            .returning(Lead.id)
            .execution_options(synchronize_session=False)
        ).first()
        session.refresh(lead)
        if won is None:
            if lead.owner is not None and lead.owner != rep:
                raise _taken(lead)
            raise NotAllowed(
                _("{lead} became {state} just now.").format(lead=lead.name, state=lead.state),
                _("Look again and repeat the claim."),
            )
        if not had_claim:
            session.add(Claim(lead_id=lead.id, rep=rep, taken_at=at))
    queue_playbooks(session, [lead.id], at)
    return Changes.to(Topic.LEADS, Topic.OUTBOX)


def release_lead(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    """Give the lead back to the pool. Only its owner can."""
    settle_lead(session, lead, at)
    standing = standing_of(lead)
    after = moved(lead.name, standing, Move.RELEASE, now=micros(at))
    rep = _spelled(rep, lead)
    if lead.owner != rep:
        raise NotAllowed(
            _("{lead} is claimed by {owner} since {claimed_at}, not by {rep}.").format(
                lead=lead.name, owner=lead.owner, claimed_at=told(lead.claimed_at), rep=rep
            ),
            _("Ask {owner} to release it, or assign it to somebody.").format(owner=lead.owner),
        )
    with recording(session, rep, "released", at=at, lead_id=lead.id):
        end_claims(session, lead.id, at, RELEASED)
        put(lead, after)
    return Changes.to(Topic.LEADS)


def assign_lead(session: Session, lead: Lead, to: str, actor: str, at: datetime) -> Changes:
    """Give the lead to *to*, whoever has it now."""
    settle_lead(session, lead, at)
    to = _spelled(named_rep(to), lead)
    if lead.owner == to:
        return Changes()
    standing = standing_of(lead)
    check_move(lead.name, standing.state, Move.CLAIM)
    after = moved(lead.name, standing, Move.CLAIM, rep=to, now=micros(at), lease=lease(session))
    with recording(session, actor, "assigned", at=at, detail=f"to {to}", lead_id=lead.id):
        end_claims(session, lead.id, at, REASSIGNED)
        put(lead, after)
        lead.claimed_at = at
        session.add(Claim(lead_id=lead.id, rep=to, taken_at=at))
    queue_playbooks(session, [lead.id], at)
    return Changes.to(Topic.LEADS, Topic.OUTBOX)


def renew_claim(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    """Keep the lead for another lease from now on. Only its owner can; work on it renews the lease by itself."""
    settle_lead(session, lead, at)
    rep = _spelled(named_rep(rep), lead)
    if lead.owner is None or lead.lease_until is None:
        raise NotAllowed(
            _("Nobody holds a lease on {lead}.").format(lead=lead.name), _("Claim the lead first.")
        )
    if lead.owner != rep:
        raise _taken(lead)
    until = lease_end(session, at)
    if until <= lead.lease_until:
        return Changes()
    with recording(session, rep, "renewed", at=at, detail=f"until {told(until)}", lead_id=lead.id):
        lead.lease_until = until
    return Changes.to(Topic.LEADS)


def end_claims(session: Session, lead_id: int, at: datetime, reason: str) -> None:
    """End the open claim of a lead, if there is one."""
    for claim in session.scalars(select(Claim).where(Claim.lead_id == lead_id, Claim.ended_at.is_(None))):
        claim.ended_at, claim.end_reason = at, reason


def named_rep(rep: str) -> str:
    """The rep's e-mail, trimmed. RepUnknown when there is none."""
    if not rep.strip():
        raise RepUnknown
    return rep.strip()


def _spelled(rep: str, lead: Lead) -> str:
    """*rep* as the lead's owner is written, where both are one address but for upper and lower case."""
    return lead.owner if lead.owner is not None and lead.owner.casefold() == rep.casefold() else rep


def _taken(lead: Lead) -> AlreadyClaimed:
    since = told(lead.claimed_at) or "an unknown time"
    return AlreadyClaimed(lead.name, lead.owner or "somebody", since)
