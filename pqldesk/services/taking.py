"""What a CRM says becomes ours: one field of a lead, its company or its deal, and who has the lead."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Company, Lead
from pqldesk.models.work import REASSIGNED, RELEASED, Claim
from pqldesk.services.basics.moments import micros
from pqldesk.services.claims import end_claims
from pqldesk.services.crm.bases import Record
from pqldesk.services.lead_states import ALLOWED, LeadState, Move, moved
from pqldesk.services.team.leases import lease, put, standing_of


def take(session: Session, record: Record, field: str, value: object, now: datetime) -> bool:
    """Make *value* ours; False where that changes nothing. Stored through the session, so that a recording sees it."""
    _system, kind, local_id = record
    if kind == "company":
        company = session.get(Company, local_id)
        if company is None or field != "company.name" or not value or company.name == value:
            return False
        company.name = str(value)
        return True
    changed = False
    for lead in _leads(session, kind, local_id):
        changed |= _take(session, lead, field, value, now)
    return changed


def _leads(session: Session, kind: str, local_id: int) -> list[Lead]:
    """The lead itself, or those a company's deal is about: who was handed off."""
    wanted = select(Lead).where(Lead.state.not_in(HIDDEN_STATES))
    if kind == "deal":
        wanted = wanted.where(Lead.company_id == local_id, Lead.state.in_(("handed_off", "won", "lost")))
    else:
        wanted = wanted.where(Lead.id == local_id)
    return list(session.scalars(wanted))


def _take(session: Session, lead: Lead, field: str, value: object, now: datetime) -> bool:
    text = "" if value is None else str(value).strip()
    match field:
        case "person.name" if text and text != lead.name:
            first, _, last = text.rpartition(" ")
            lead.first_name, lead.last_name = (first, last) if first else (last, None)
            lead.name = text
        case "person.job_title" if text and text != lead.job_title:
            lead.job_title = text
        case "person.plan_type":
            plan = ", ".join(value) if isinstance(value, tuple | list) else text
            if not plan or plan == lead.plan:
                return False
            lead.plan = plan
        case "deal.value":
            try:
                amount = Decimal(text)
            except InvalidOperation:
                return False
            if lead.deal_value == amount:
                return False
            lead.deal_value = amount
        case "deal.outcome":
            return close(lead, text, now)
        case "person.owner":
            return give(session, lead, text or None, now)
        case _:
            return False
    return True


def close(lead: Lead, told: str, now: datetime) -> bool:
    """The lead's deal is ``won TIME``, ``lost TIME``, or ``open`` again."""
    outcome, _, when = told.partition(" ")
    state = LeadState(lead.state)
    if outcome not in ("won", "lost"):
        if lead.outcome is None:
            return False
        lead.outcome = lead.outcome_at = None
        if state in (LeadState.WON, LeadState.LOST):
            lead.state = LeadState.HANDED_OFF.value
        return True
    if lead.outcome == outcome:
        return False
    lead.outcome, lead.outcome_at = outcome, datetime.fromisoformat(when) if when else now
    move = Move.WON if outcome == "won" else Move.LOST
    if state in (LeadState.WON, LeadState.LOST):
        lead.state = outcome
    elif state in ALLOWED[move]:
        put(lead, moved(lead.name, standing_of(lead), move, now=micros(now)))
    return True


def give(session: Session, lead: Lead, owner: str | None, now: datetime) -> bool:
    """The lead belongs to *owner* from now on, or to nobody; who has it in a closed state is only noted."""
    if (lead.owner or "").casefold() == (owner or "").casefold():
        return False
    state = LeadState(lead.state)
    standing = standing_of(lead)
    if owner is None:
        if state not in ALLOWED[Move.RELEASE] or state is LeadState.HANDED_OFF:
            return False
        end_claims(session, lead.id, now, RELEASED)
        put(lead, moved(lead.name, standing, Move.RELEASE, now=micros(now)))
        return True
    end_claims(session, lead.id, now, REASSIGNED)
    if state in ALLOWED[Move.CLAIM]:
        after = moved(lead.name, standing, Move.CLAIM, rep=owner, now=micros(now), lease=lease(session))
        put(lead, after)
        lead.claimed_at = now
        session.add(Claim(lead_id=lead.id, rep=owner, taken_at=now))
    else:
        lead.owner = owner
    return True
