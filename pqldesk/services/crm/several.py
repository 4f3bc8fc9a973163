"""Several connections of one kind, each with a name of its own: what keeps them apart."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import kind_of, title_of
from pqldesk.services.crm.connections import Linked, linked_named

_TABLES: Final = {
    "warehouse": ("table",),
    "portal_tables": ("leads", "customers", "trial_histories", "orders"),
}


def named(kind: str, name: str) -> str:
    """What the connection of that kind is called that people know as *name*; the plain kind where that is empty."""
    words = "-".join(name.lower().split())
    return f"{kind}-{words}" if words else kind


def others_like(session: Session, system: str) -> list[Linked]:
    """The other connections of the same kind."""
    names = session.scalars(select(Connection.system).order_by(Connection.id))
    return [
        linked_named(session, name) for name in names if name != system and kind_of(name) == kind_of(system)
    ]


def refuse_twice(linked: Linked, others: Iterable[Linked]) -> None:
    """BadInput where one of *others* reads the same: under two names everything in it would count twice."""
    for other in others:
        shared = _shared(linked, other)
        if shared:
            raise BadInput(
                _("{other} reads {shared} already.").format(other=title_of(other.system), shared=shared),
                _("Name another one, or change that connection: pqldesk connect {system}.").format(
                    system=other.system
                ),
            )


def _shared(linked: Linked, other: Linked) -> str:
    if kind_of(linked.system) == "folder":
        ours, theirs = (Path(str(one.settings.get("folder") or "")).expanduser() for one in (linked, other))
        if ours == Path() or theirs == Path():
            return ""
        ours, theirs = ours.resolve(), theirs.resolve()
        return str(ours) if ours.is_relative_to(theirs) or theirs.is_relative_to(ours) else ""
    if linked.url != other.url:
        return ""
    for part in _TABLES.get(kind_of(linked.system), ()):
        usual = "" if part == "table" else part
        ours_of, theirs_of = (str(one.settings.get(part, usual)).strip() for one in (linked, other))
        if ours_of and ours_of == theirs_of:
            return f"{ours_of} ({linked.url})"
    return ""
