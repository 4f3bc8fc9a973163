"""Which systems are connected, and the keys their clients must bring. Read again when a connection changes."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services import settings
from pqldesk.services.connectors import INBOUND, kind_of, title_of
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import Linked, linked_or_none, place_of
from pqldesk.services.intake.answers import Refusal, not_connected


@dataclass(frozen=True, slots=True)
class Inbound:
    """A connected source as the database names it: where its secrets are, not what they are."""

    system: str
    secrets: Mapping[str, str]
    settings: Mapping[str, Any]
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Setup:
    """What the intake is told by the workspace."""

    place: str = ""
    inbound: tuple[Inbound, ...] = ()
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    portal: Linked | None = None  # what is asked while the sender waits


def read_setup(session: Session) -> Setup:
    """The setup as it is now; a few small rows."""
    rows = session.scalars(select(Connection).order_by(Connection.id))
    return Setup(
        place_of(session),
        tuple(
            Inbound(row.system, dict(row.secrets), dict(row.settings), row.checked_at)
            for row in rows
            if kind_of(row.system) in INBOUND
        ),
        _names(settings.value(session, "intake_hosts")),
        _names(settings.value(session, "intake_origins")),
        linked_or_none(session, "portal"),
    )


def _names(listed: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in listed.split(",") if name.strip())


@dataclass(slots=True)
class Keys:
    """The connected sources and their keys. *may_lack_key*: a request without any key is taken too."""

    may_lack_key: bool = False
    setup: Setup = field(default_factory=Setup)
    _held: dict[str, str] = field(default_factory=dict)

    def use(self, setup: Setup) -> None:
        """Go on with what the workspace says now. A secret that is gone leaves its source closed."""
        if setup == self.setup:
            return
        held: dict[str, str] = {}
        for one in setup.inbound:
            for name, where in one.secrets.items():
                try:
                    held[f"{one.system} {name}"] = secrets.read(setup.place, one.system, name, where)
                except secrets.SecretMissing:
                    continue
        self.setup, self._held = setup, held

    def is_connected(self, system: str) -> bool:
        return bool(self.connected(system))

    def connected(self, system: str) -> list[str]:
        """The connections of that kind, by name: there may be several."""
        return [one.system for one in self.setup.inbound if kind_of(one.system) == system]

    def chosen(self, system: str) -> Mapping[str, Any]:
        """What the source was set up with."""
        return next((one.settings for one in self.setup.inbound if one.system == system), {})

    def secret(self, system: str, name: str = "token") -> str | None:
        """The secret of a source, None where it has none."""
        return self._held.get(f"{system} {name}")

    def source_of(self, systems: Iterable[str], given: Iterable[str]) -> str:
        """The source of one of the kinds *systems* to which all of the *given* keys belong.

        404 when none is connected, 401 when a key is missing, unknown or not the same for all.
        """
        possible = [name for system in systems for name in self.connected(system)]
        if not possible:
            raise not_connected(" or ".join(title_of(system) for system in systems))
        keys = {key for key in given if key}
        if not keys:
            if self.may_lack_key:
                return possible[0]
            raise Refusal(401, "no_key", f"The request brings no key of {title_of(possible[0])}.")
        for system in possible:
            secret = self.secret(system)
            if secret is not None and all(same(key, secret) for key in keys):
                return system
        raise Refusal(401, "bad_key", "The key is not one this PQLDesk knows.")


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
