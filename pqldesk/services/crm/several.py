"""Several connections of one kind, each with a name of its own: what keeps them apart."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import PULLED, kind_of, title_of
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import Linked, linked_named, place_of

_KEYS: Final = ("token", "webhook_secret", "pull_token")
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


def refuse_same_key(session: Session, linked: Linked) -> None:
    """BadInput where another connection of the kind brings the same key: nobody could tell whose an event is, or the
    same account would be read twice. A key that reads several projects may, with another project."""
    place = place_of(session)
    for other in others_like(session, linked.system):
        if kind_of(linked.system) == "snowplow" and _has_no_secret(linked) and _has_no_secret(other):
            raise BadInput(
                _("{other} takes what trackers on this computer send already.").format(
                    other=title_of(other.system)
                ),
                _("Give this one a secret of its own: --token-env NAME."),
            )
        for field in _KEYS:
            if field == "pull_token" and (
                kind_of(linked.system) in PULLED
                or linked.url != other.url
                or linked.settings.get("project") != other.settings.get("project")
            ):
                continue
            if (ours := _secret(place, linked, field)) is not None and ours == _secret(place, other, field):
                raise BadInput(
                    _("{other} is connected with the same key already.").format(other=title_of(other.system)),
                    _(
                        "Give the key of another one, or change that connection: pqldesk connect {system}."
                    ).format(system=other.system),
                )


def _has_no_secret(linked: Linked) -> bool:
    """Whether it receives, from this computer alone; what reads a folder receives nothing."""
    return "token" not in linked.secrets and "folder" not in linked.settings


def _secret(place: str, linked: Linked, field: str) -> str | None:
    where = linked.secrets.get(field)
    if where is None:
        return None
    try:
        return secrets.read(place, linked.system, field, where)
    except secrets.SecretMissing:  # whoever uses it says so
        return None


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
