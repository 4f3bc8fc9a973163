"""Which side is master of which field: the defaults and what a workspace has chosen for a connection."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, relays, title_of
from pqldesk.services.crm.conflict_rows import MasterRow
from pqldesk.services.history import recording
from pqldesk.services.remote.ownership import DEFAULTS, FAMILY, Master, Masters, Phase
from pqldesk.services.setting_changes import change_setting


def masters_of(session: Session, system: str) -> Masters:
    """The masters of one connection."""
    return Masters(settings.family(session, f"{FAMILY}{system}."))


def master_rows(session: Session, system: str | None = None) -> list[MasterRow]:
    """Every field that both sides hold, for each connected CRM, with its master in each phase."""
    rows = []
    for name in _connected(session, system):
        masters = masters_of(session, name)
        for field in DEFAULTS:
            of = {phase.value: masters.of_field(field, phase).value for phase in Phase}
            chosen = tuple(phase.value for phase in Phase if masters.is_chosen(field, phase))
            rows.append(MasterRow(name, title_of(name), field, of, chosen))
    return rows


def set_master(
    session: Session,
    system: str,
    field: str,
    master: str,
    rep: str,
    at: datetime,
    *,
    phase: str | None = None,
) -> Changes:
    """Choose who is master of *field*, in one phase or in all; ``default`` takes the choice back."""
    if system not in _connected(session, system):
        raise NotFound(
            _("{system} is not connected.").format(system=title_of(system)),
            _("Connect it: pqldesk connect {system}.").format(system=system),
        )
    if field not in DEFAULTS:
        raise BadInput(
            _("There is no field {field!r} to be master of.").format(field=field),
            _("Known: {known}.").format(known=", ".join(DEFAULTS)),
        )
    if master not in (*Master, "default"):
        raise BadInput(
            _("{master!r} is no master.").format(master=master),
            _("Known: {known}, default.").format(known=", ".join(Master)),
        )
    if phase is not None and phase not in set(Phase):
        raise BadInput(
            _("There is no phase {phase!r}.").format(phase=phase),
            _("Known: {known}.").format(known=", ".join(Phase)),
        )
    key = f"{FAMILY}{system}.{field}"
    text = "" if master == "default" else master
    if phase is not None:
        change_setting(session, f"{key}.{phase}", text, rep, at)
    else:
        for one in Phase:  # a choice for all phases replaces those for single ones
            if settings.value(session, f"{key}.{one}"):
                change_setting(session, f"{key}.{one}", "", rep, at)
        change_setting(session, key, text, rep, at)
    return Changes.to(Topic.SETTINGS, Topic.SOURCES)


def set_masters(
    session: Session, system: str, field: str, by_phase: Mapping[str, str], rep: str, at: datetime
) -> Changes:
    """Choose the master of *field* in each phase named, as one action."""
    with recording(session, rep, "masters_chosen", at=at, detail=f"{field} in {title_of(system)}"):
        for phase, master in by_phase.items():
            set_master(session, system, field, master, rep, at, phase=phase)
    return Changes.to(Topic.SETTINGS, Topic.SOURCES)


def _connected(session: Session, system: str | None) -> Collection[str]:
    found = session.scalars(select(Connection.system).order_by(Connection.id)).all()
    return [one for one in found if one in CRMS and not relays(one) and (system is None or one == system)]
