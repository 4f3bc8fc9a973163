"""Joining what one source knows of somebody to the ids of another: which settings of a connection say so."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import CompanyKey, Identity
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import INBOUND, PULLED, kind_of, title_of
from pqldesk.services.crm.connections import Linked

IDS_OF: Final = "ids_of"  # the source whose ids they are
JOINED_BY: Final = (IDS_OF, "user_key", "company_key")
JOINING: Final = frozenset({"stripe"})  # kinds whose people carry the ids of another source


def refuse_ids_of_nobody(session: Session, linked: Linked) -> None:
    """BadInput where the ids are said to be those of no source there is, or of none at all."""
    if kind_of(linked.system) not in JOINING:
        return
    source, *keys = (str(linked.settings.get(name) or "").strip() for name in JOINED_BY)
    if not source:
        if any(keys):
            raise BadInput(
                _("Whose ids {title}'s metadata holds is not said.").format(title=title_of(linked.system)),
                _("Add --set ids_of=segment, or whichever source knows people by them."),
            )
        return
    if source == linked.system or not _is_source(session, source):
        raise BadInput(
            _("ids_of={source} is no source that knows people by ids of the product.").format(source=source),
            _("Name one of {known}, or the name under which a file was imported.").format(
                known=", ".join((*(name for name in INBOUND if name not in JOINING), *PULLED))
            ),
        )


def joins_differ(before: Linked | None, after: Linked) -> bool:
    """Whether people of the source have to be looked at again, because they join by other ids than before."""
    return before is not None and any(
        (before.settings.get(name) or "") != (after.settings.get(name) or "") for name in JOINED_BY
    )


def _is_source(session: Session, name: str) -> bool:
    """A system that can be connected, or a name under which something was imported."""
    if kind_of(name) in {**INBOUND, **PULLED}:
        return True
    known = (select(table.id).where(table.namespace == name).limit(1) for table in (Identity, CompanyKey))
    return any(session.scalar(one) is not None for one in known)
