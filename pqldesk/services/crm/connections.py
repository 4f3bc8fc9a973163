"""The connected systems as stored: how each is opened, what it holds, what is mapped and what is missing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection, SyncState
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.retelling import retold
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, crm_named, known_system, title_of
from pqldesk.services.crm import secrets
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.pulls import Pulled, pull_of
from pqldesk.services.pulls.puller import Setup
from pqldesk.services.remote.catalogue import (
    Catalogue,
    Mapped,
    gone_from,
    map_catalogue,
)
from pqldesk.services.remote.crm import Crm
from pqldesk.services.remote.problems import (
    Held,
)
from pqldesk.services.rows import ConnectionRow

if TYPE_CHECKING:
    from pqldesk.services.remote.rest import httpx

MAP_PREFIXES = ("person.", "deal.", "list.", "stage.", "step.")  # --set keys that choose a mapping


@dataclass(frozen=True, slots=True)
class Linked:
    """A stored connection, with its secrets still where they are."""

    system: str
    url: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    catalogue: Catalogue
    mapped: Mapped


def can_pull(linked: Linked) -> bool:
    """Whether the connection has what a pull needs."""
    how = pull_of(linked.system)
    return (
        how is not None
        and all(name in linked.secrets for name in how.secrets)
        and all(str(linked.settings.get(name, "")).strip() for name in how.settings)
    )


_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def every_s(linked: Linked) -> int | None:
    """How often the source is pulled, in seconds; None when only on request. BadInput for what is no interval."""
    how = pull_of(linked.system)
    text = str(linked.settings.get("every", "")).strip().lower()
    if text == "off" or how is None:
        return None
    if not text:
        return how.every_s
    found = re.fullmatch(r"(\d{1,5})\s*([smhd])", text)
    if found is None or not int(found[1]):
        raise BadInput(
            _("every={text} is no interval.").format(text=text),
            _("Write it like 30s, 15m, 6h or 1d, or off."),
        )
    return int(found[1]) * _UNITS[found[2]]


def pulled_by(name: str) -> Pulled:
    """How the connection of that name is pulled. BadInput where nothing is pulled from it."""
    how = pull_of(name)
    if how is None:
        raise BadInput(
            _("Nothing is pulled from {name}.").format(name=title_of(name)), _("Name another source.")
        )
    return how


def setup_for(session: Session, linked: Linked, now: datetime) -> Setup:
    """What the puller of a connection is opened with; the connection need not be stored yet. Held where a secret is
    gone."""
    how = pulled_by(linked.system)
    place = place_of(session)
    options = ValueOptions(zone=settings.zone(session), currency=settings.value(session, "currency"))
    chosen = {key: str(value) for key, value in linked.settings.items()}
    held = _held(place, linked)
    return Setup(linked.system, title_of(linked.system), linked.url or how.url, held, chosen, now, options)


def _held(place: str, linked: Linked) -> dict[str, str]:
    """The secrets themselves. Held where one is gone."""
    try:
        return {
            name: secrets.read(place, linked.system, name, where) for name, where in linked.secrets.items()
        }
    except secrets.SecretMissing as problem:
        raise Held(problem.what, problem.remedy) from problem


def opened(http: httpx.AsyncClient, linked: Linked, place: str) -> Crm:
    """The CRM behind a connection, ready to write what is mapped."""
    # It brings httpx, a tenth of the start of a command that asks nobody.
    from pqldesk.services.remote.connector import Opening

    system = known_system(linked.system)
    if system is None or system.open is None:
        raise BadInput(
            _("{system} is no CRM.").format(system=title_of(linked.system)),
            _("CRMs: {known}.").format(known=", ".join(CRMS)),
        )
    held = _held(place, linked)
    chosen = {key: str(value) for key, value in linked.settings.items() if isinstance(value, str | int)}

    async def keep(field: str, secret: str) -> None:
        await asyncio.to_thread(secrets.store, place, linked.system, field, secret)

    async def again(field: str) -> str | None:
        where = linked.secrets.get(field, "")
        return await asyncio.to_thread(secrets.read, place, linked.system, field, where)

    try:
        crm = system.open(Opening(http, linked.url, held, chosen, keep, again))
    except ValueError as problem:
        raise BadInput(
            _("A setting of {system} is wrong: {problem}.").format(system=system.title, problem=problem),
            _("Connect again with --set KEY=VALUE."),
        ) from None
    crm.use(linked.mapped, linked.catalogue)
    return crm


def chosen_mapping(chosen: Mapping[str, Any]) -> dict[str, str]:
    """The mapping choices among a connection's settings, such as ``person.pql_score``."""
    return {key: str(value) for key, value in chosen.items() if key.startswith(MAP_PREFIXES)}


def place_of(session: Session) -> str:
    """What the keyring knows this workspace by."""
    url = session.get_bind().engine.url
    return str(url.database) if url.host is None else f"{url.host}/{url.database}"


def linked_named(session: Session, system: str) -> Linked:
    """The stored connection. Raises NotFound when the system is not connected."""
    found = linked_or_none(session, system)
    if found is None:
        raise NotFound(
            _("{system} is not connected.").format(system=title_of(system)),
            _("Connect it: pqldesk connect {system}.").format(system=system),
        )
    return found


def linked_or_none(session: Session, system: str) -> Linked | None:
    """The stored connection, if there is one."""
    row = session.scalars(select(Connection).where(Connection.system == system)).first()
    return None if row is None else _linked(row)


def connected_crm(session: Session, system: str | None = None) -> Linked | None:
    """The connected CRM of that name, else the one connected first. Raises BadInput where *system* is none."""
    wanted = select(Connection).where(
        Connection.system.in_([crm_named(system).name] if system else list(CRMS))
    )
    row = session.scalars(wanted.order_by(Connection.id).limit(1)).first()
    return None if row is None else _linked(row)


def _linked(row: Connection) -> Linked:
    return Linked(
        row.system,
        row.url,
        row.settings,
        row.secrets,
        Catalogue.from_json(row.catalogue),
        Mapped.from_json(row.mapping),
    )


def connection_rows(session: Session) -> list[ConnectionRow]:
    """Every connected system, how it was when last looked at, and what is mapped."""
    rows = []
    stored = session.scalars(select(Connection).order_by(Connection.system)).all()
    has_portal = any(row.system == "portal" for row in stored)
    for row in stored:
        catalogue, mapped = Catalogue.from_json(row.catalogue), Mapped.from_json(row.mapping)
        is_crm = row.system in CRMS
        gone = gone_from(catalogue, mapped) if is_crm else {}
        missing = map_catalogue(catalogue, chosen_mapping(row.settings)).missing if is_crm else ()
        rows.append(
            ConnectionRow(
                row.system,
                title_of(row.system),
                row.url,
                "problem" if row.problem else "ok" if row.checked_at else "unchecked",
                row.checked_at,
                retold(row.problem or "") or ("" if has_portal else _without_portal(row)),
                mapped.named(),
                tuple(f"{name}: {why}" for name, why in missing if name not in gone),
                tuple(f"{name}: {why}" for name, why in gone.items()),
                is_crm,
            )
        )
    return rows


def _without_portal(row: Connection) -> str:
    """What an intake that stands where the customer portal stood leaves undone, in a sentence."""
    if row.system != "gitlab" or "token" not in row.secrets:
        return ""
    return _(
        "Trials that GitLab asks for are stored and answered; without a connected customer portal nobody makes them "
        "begin there."
    )


def store_catalogue(session: Session, system: str, catalogue: Catalogue, now: datetime) -> Changes:
    """Keep what the CRM holds now; the mapping stays as it was made."""
    row = session.scalars(select(Connection).where(Connection.system == system)).one()
    document = catalogue.to_json()
    changed = row.catalogue != _as_stored(document) or row.problem is not None
    row.catalogue, row.checked_at, row.problem = document, now, None
    return Changes.to(Topic.SOURCES) if changed else Changes()


def forget_cursor(session: Session, system: str) -> Changes:
    """Forget how far the source is: the next run pulls everything there is; what is here already is dropped."""
    session.execute(update(SyncState).where(SyncState.source == system).values(cursor=None))
    return Changes.to(Topic.SOURCES)


def note_problem(session: Session, system: str, problem: str, now: datetime) -> Changes:
    """Remember why the system could not be used."""
    row = session.scalars(select(Connection).where(Connection.system == system)).first()
    if row is not None:
        row.problem, row.checked_at = problem, now
    return Changes.to(Topic.SOURCES)


def _as_stored(document: Any) -> Any:
    """*document* as JSON gives it back: tuples are lists there."""
    if isinstance(document, dict):
        return {key: _as_stored(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_as_stored(value) for value in document]
    return document
