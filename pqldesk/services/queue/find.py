"""From what a person writes on the command line or in the search box to the lead that is meant."""

from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from pqldesk.models.ids import COMPANY, LEAD, public_id, row_number
from pqldesk.models.people import Company, Identity, Lead
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.identity.keys import EMAIL, fold, survivor_of
from pqldesk.services.rows import CompanyHit

_PLAIN = table(
    "company_plain", column("company_id"), column("name"), column("domain")
)  # see models/plain_names.py


def lead_of(session: Session, text: str, *, merged: bool = False) -> Lead:
    """The lead with that id, e-mail or ``namespace:value``. NotFound names what was looked for.

    A lead that was merged away stands for its survivor, unless *merged* asks for the hidden lead itself.
    """
    wanted = text.strip()
    number = row_number(LEAD, wanted)
    lead = session.get(Lead, number) if number is not None else None
    if lead is None:
        lead_id = _by_key(session, wanted)
        lead = session.get(Lead, lead_id) if lead_id is not None else None
    if lead is None:
        raise NotFound(
            _("There is no lead {wanted!r}.").format(wanted=wanted),
            _("Give a lead id such as L000001, an e-mail, or an id of a source such as app:4711."),
        )
    return lead if merged else session.get_one(Lead, survivor_of(session, lead.id))


def companies_found(session: Session, text: str, limit: int = 4) -> list[CompanyHit]:
    """Companies whose name or domain holds *text*; those that begin with it first."""
    wanted = as_searched(text).strip()
    if not wanted:
        return []
    # A name as it is compared: beside it where it has letters beyond ASCII, else as it is written.
    name = func.coalesce(_PLAIN.c.name, func.lower(Company.name))
    domain = func.coalesce(_PLAIN.c.domain, func.lower(Company.domain))
    found = session.execute(
        select(Company.id, Company.name, Company.domain)
        .outerjoin(_PLAIN, _PLAIN.c.company_id == Company.id)
        .where(name.contains(wanted, autoescape=True) | domain.contains(wanted, autoescape=True))
        .order_by(name.startswith(wanted, autoescape=True).desc(), Company.name, Company.id)
        .limit(limit)
    )
    return [CompanyHit(public_id(COMPANY, number), name, domain or "") for number, name, domain in found]


def _by_key(session: Session, text: str) -> int | None:
    keys = [(EMAIL, text)]
    namespace, colon, value = text.partition(":")
    if colon:
        keys.append((namespace.strip(), value))
    for name, key in keys:
        found = session.scalar(
            select(Identity.lead_id).where(Identity.namespace == name, Identity.folded == fold(name, key))
        )
        if found is not None:
            return found
    return None
