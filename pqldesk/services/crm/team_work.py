"""What this computer may do for a team's workspace by itself: somebody else's turn, and somebody else's secrets, stay
theirs."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import linked_named, place_of


def is_shared(session: Session) -> bool:
    """Whether others may have the workspace open from other computers."""
    return session.get_bind().dialect.name != "sqlite"


def may_pull(session: Session) -> bool:
    """Whether whoever is connected may store what is pulled: in a team that is for managers and admins."""
    found = rights.me(session)
    return found is None or found.role != rights.REP


def reachable(session: Session, systems: Iterable[str]) -> list[str]:
    """Those of *systems* whose secrets are on this computer; in a file's workspace all of them, so that a missing one
    is told."""
    if not is_shared(session):
        return list(systems)
    return [system for system in systems if lacking(session, system) is None]


def lacking(session: Session, system: str) -> str | None:
    """Why this computer cannot write to *system*, in a sentence; None where it can."""
    place = place_of(session)
    try:
        linked = linked_named(session, system)
        for name, where in linked.secrets.items():
            secrets.read(place, linked.system, name, where)
    except (secrets.SecretMissing, NotFound) as problem:
        return str(problem)
    return None
