"""The people who work on leads, as far as this workspace has heard of them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.history import Action
from pqldesk.models.people import Lead
from pqldesk.models.team import Member
from pqldesk.models.work import Claim
from pqldesk.services import settings
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.fields import ME, NOBODY

NAMED = 8  # in one sentence


def check_owner(session: Session, owner: str) -> None:
    """NotFound for an owner who has no lead, never had one, never did anything and is not on the team."""
    if owner in (NOBODY, ME):
        return
    heard_of = (
        select(Lead.id).where(Lead.owner == owner),
        select(Claim.id).where(Claim.rep == owner),
        select(Member.id).where(Member.email == owner),
        select(Action.id).where(Action.actor == owner),
    )
    if any(session.execute(query.limit(1)).first() for query in heard_of):
        return
    if owner in (settings.value(session, "rep"), settings.value(session, "default_owner")):
        return
    known = sorted({*_owners(session), *session.scalars(select(Member.email))})
    names = ", ".join(known[:NAMED])
    if len(known) > NAMED:
        names = _("{names} and {n} more").format(names=names, n=len(known) - NAMED)
    raise NotFound(
        _("No lead is owned by {owner!r}.").format(owner=owner),
        _("Known: {names}, or {nobody}.").format(names=names, nobody=NOBODY)
        if known
        else _("Nobody owns any."),
    )


def _owners(session: Session) -> list[str]:
    """Those who have leads, by single steps through the index: counting a million leads is not needed."""
    found: list[str] = []
    query = select(Lead.owner).where(Lead.owner.is_not(None)).order_by(Lead.owner).limit(1)
    last = session.scalar(query)
    while last is not None and len(found) < 200:
        found.append(last)
        last = session.scalar(query.where(Lead.owner > last))
    return found
