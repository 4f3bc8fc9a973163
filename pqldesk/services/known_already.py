"""What is here already of somebody who is being entered by hand: asked while typing, by keys and the search index."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import HIDDEN_STATES, Company, CompanyKey, Identity, Lead
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.identity.companies import company_domain
from pqldesk.services.identity.keys import EMAIL, fold, survivor_of
from pqldesk.services.identity.likeness import plain_name
from pqldesk.services.queue.queue import lead_order
from pqldesk.services.rows import KnownAlready, LeadDraft

_LOOKED_THROUGH = 20  # hits of the search that are compared by name
_OF_COMPANY = 500  # people of a company that are compared by name


def known_already(session: Session, draft: LeadDraft) -> KnownAlready:
    """The lead that has the draft's address, else one of the same name, and the company of its domain."""
    lead = _with_address(session, draft.email)
    company = _company(session, draft)
    if lead is not None:
        return _known(lead, is_same=True, company=company)
    name = " ".join(filter(None, (draft.first_name.strip(), draft.last_name.strip())))
    alike = _with_name(session, name) or (_at_company(session, name, company) if company else None)
    return _known(alike, is_same=False, company=company)


def _known(lead: Lead | None, *, is_same: bool, company: Company | None) -> KnownAlready:
    return KnownAlready(
        "" if lead is None else public_id(LEAD, lead.id),
        "" if lead is None else lead.name,
        "" if lead is None else lead.company_name or "",
        is_same,
        "" if company is None else company.name,
        "" if company is None else company.domain or "",
    )


def _with_address(session: Session, email: str) -> Lead | None:
    if "@" not in email:
        return None
    found = session.scalar(
        select(Identity.lead_id).where(Identity.namespace == EMAIL, Identity.folded == fold(EMAIL, email))
    )
    return None if found is None else session.get(Lead, survivor_of(session, found))


def _with_name(session: Session, name: str) -> Lead | None:
    if " " not in name:
        return None  # a first name alone says nothing
    hits = lead_order(session, "all", name, "score", True, limit=_LOOKED_THROUGH)
    for lead in session.scalars(
        select(Lead).where(Lead.id.in_(list(hits)), Lead.state.not_in(HIDDEN_STATES))
    ):
        if as_searched(lead.name) == as_searched(name):
            return lead
    return None


def _at_company(session: Session, name: str, company: Company) -> Lead | None:
    """Somebody of the company whose name differs in accents and signs at most: Vojtěch Jeřábek for Vojtech Jerabek."""
    wanted = plain_name(name)
    if " " not in wanted:
        return None
    people = select(Lead).where(Lead.company_id == company.id, Lead.state.not_in(HIDDEN_STATES))
    for lead in session.scalars(people.order_by(Lead.id).limit(_OF_COMPANY)):
        if plain_name(lead.name) == wanted:
            return lead
    return None


def _company(session: Session, draft: LeadDraft) -> Company | None:
    domain = company_domain(draft.domain or draft.email)
    if domain is None:
        return None
    return session.scalars(
        select(Company)
        .join(CompanyKey, CompanyKey.company_id == Company.id)
        .where(CompanyKey.namespace == "domain", CompanyKey.value == domain)
    ).first()
