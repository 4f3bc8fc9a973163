"""Playbooks: rules that queue writes by themselves, once a person has approved their dry run.

    signup         a lead appears                      company, person, trials list
    qualification  it crosses the cut or raises a hand company, person, PQL list, deal, follow-up task
    milestone      it reaches an activation milestone  person, note
    handoff        a rep claims it                     the claim on the PQL list (the rest goes out on handing over)

What was already so at approval is remembered and queued only with a backfill.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.models.remote import Connection, Playbook
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, title_of
from pqldesk.services.crm.bases import agreed_about
from pqldesk.services.crm.connections import Linked, connected_crm
from pqldesk.services.handoffs.crm_facts import chunks
from pqldesk.services.handoffs.crm_groups import (
    HANDOFF,
    MILESTONE,
    QUALIFICATION,
    SIGNUP,
    Group,
    queue_groups,
    write_steps,
)
from pqldesk.services.handoffs.shown import DryRun, DryRunLead, PlaybookShown
from pqldesk.services.history import recording
from pqldesk.services.outbox.playbook_groups import NAMES, wanted_groups
from pqldesk.services.outbox.playbook_memory import Memory

RULES = {
    SIGNUP: _("A new lead: person and company, and the trials list when there is a trial."),
    QUALIFICATION: _("A lead crosses the cut or raises a hand: score, PQL list, deal and follow-up task."),
    MILESTONE: _("A lead reaches a milestone: activation fields and a note."),
    HANDOFF: _("A rep claims a lead: the claim on the PQL list. Handing over itself needs no approval."),
}
WRITER = "pqldesk"  # who queued what a playbook writes
SHOWN = 50  # leads of a dry run that are listed


@dataclass(frozen=True, slots=True)
class Approved:
    """A playbook that was switched on: its dry run, and how many items it queued at once."""

    run: DryRun
    queued: int
    changes: Changes


def playbook_list(session: Session) -> list[PlaybookShown]:
    """The four playbooks for each connected CRM."""
    stored = {(row.name, row.system): row for row in session.scalars(select(Playbook))}
    systems = [link.system for link in _crms(session)]
    rows = []
    for system in systems:
        for name in NAMES:
            row = stored.get((name, system))
            rows.append(
                PlaybookShown(
                    name,
                    system,
                    RULES[name],
                    row.approved_at if row else None,
                    row.approved_by if row else None,
                )
            )
    return rows


@dataclass(frozen=True, slots=True)
class PlaybookGroups:
    """What a playbook would queue now, for *system*."""

    system: str
    groups: tuple[Group, ...]


def playbook_groups(
    session: Session, name: str, now: datetime, *, system: str | None = None
) -> PlaybookGroups:
    """The groups that a playbook would queue about the leads there are now; stores nothing."""
    link = _crm(session, name, system)
    groups = wanted_groups(session, [name], link, _all_leads(session, name), Memory(), now, keep=False)
    return PlaybookGroups(link.system, tuple(groups))


def dry_run_playbook(session: Session, name: str, now: datetime, *, system: str | None = None) -> DryRun:
    """What the playbook would write about the leads there are now; stores nothing."""
    link = _crm(session, name, system)
    groups = wanted_groups(session, [name], link, _all_leads(session, name), Memory(), now, keep=False)
    default_owner = settings.value(session, "default_owner")
    return DryRun(
        name,
        link.system,
        len({group.facts.lead_id for group in groups}),
        sum(len(group.items) for group in groups),
        tuple(_shown(session, group, link, default_owner) for group in groups[:SHOWN]),
        _is_approved(session, name, link.system),
    )


def approve_playbook(
    session: Session, name: str, rep: str, now: datetime, *, system: str | None = None, backfill: bool = False
) -> Approved:
    """Switch a playbook on. What is so already is left alone, or with *backfill* queued now."""
    dry = dry_run_playbook(session, name, now, system=system)
    link = _crm(session, name, system)
    row = _stored(session, name, link.system)
    with recording(session, rep, "playbook_approved", at=now, detail=f"{name}, {title_of(link.system)}"):
        if row is None:
            row = Playbook(name=name, system=link.system)
            session.add(row)
        if row.approved_at is None:
            row.approved_at, row.approved_by = now, rep
            _remember(session, name, link.system, now)
    queued = 0
    if backfill:
        groups = wanted_groups(session, [name], link, _all_leads(session, name), Memory(), now, keep=True)
        queued = queue_groups(session, link.system, groups, rep, now)
    changes = Changes.to(Topic.SOURCES, Topic.SETTINGS, Topic.OUTBOX)
    return Approved(replace(dry, approved=True), queued, changes)


def stop_playbook(
    session: Session, name: str, rep: str, now: datetime, *, system: str | None = None
) -> Changes:
    """Switch a playbook off; what it has queued already still goes out."""
    link = _crm(session, name, system)
    row = _stored(session, name, link.system)
    if row is None or row.approved_at is None:
        raise NotAllowed(
            _("The playbook {name} is off for {system} already.").format(
                name=name, system=title_of(link.system)
            )
        )
    with recording(session, rep, "playbook_off", at=now, detail=f"{name}, {title_of(link.system)}"):
        row.approved_at = row.approved_by = None
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def queue_playbooks(session: Session, lead_ids: Collection[int], now: datetime) -> int:
    """Queue what approved playbooks write about *lead_ids*, in the transaction that touched them.

    Returns how many items were queued. One small query when no playbook is approved.
    """
    approved: dict[str, list[str]] = {}
    session.flush()
    for name, system in Driver(session).rows(
        "SELECT name, system FROM playbook WHERE approved_at IS NOT NULL"
    ):
        approved.setdefault(system, []).append(name)
    if not approved or not lead_ids:
        return 0
    session.expire_all()  # leads are rescored through the driver, behind the session's back
    queued = 0
    for system, names in sorted(approved.items()):
        link = connected_crm(session, system) if system in CRMS else None
        if link is None:
            continue
        memory = _memory(session, system)
        for chunk in chunks(sorted(lead_ids)):
            groups = wanted_groups(
                session, [n for n in NAMES if n in names], link, chunk, memory, now, keep=True
            )
            queued += queue_groups(session, system, groups, WRITER, now)
    return queued


def _all_leads(session: Session, name: str) -> list[int]:
    """The leads a playbook may have something to write about."""
    wanted = select(Lead.id).where(Lead.is_listed == 1, Lead.email.is_not(None))
    if name == QUALIFICATION:
        wanted = wanted.where(Lead.qualified)
    elif name == HANDOFF:
        wanted = wanted.where(Lead.owner.is_not(None))
    return list(session.scalars(wanted.order_by(Lead.id)))


def _remember(session: Session, name: str, system: str, now: datetime) -> None:
    """Keep what is so now, so that it is not queued when the lead is next touched."""
    connection = session.scalars(select(Connection).where(Connection.system == system)).one()
    memory = Memory.read(connection.settings)
    if name == SIGNUP:
        memory.set(SIGNUP, session.scalars(select(Lead.id)))
    elif name == QUALIFICATION:
        memory.set(QUALIFICATION, session.scalars(select(Lead.id).where(Lead.qualified)))
    elif name == HANDOFF:
        memory.claims_from = micros(now)
    else:
        reached: dict[str, list[int]] = {}
        for lead_id, milestones in session.execute(select(Lead.id, Lead.milestones)):
            for key, at in (milestones or {}).items():
                if at is not None:
                    reached.setdefault(key, []).append(lead_id)
        for key, ids in reached.items():
            memory.set(f"{MILESTONE}:{key}", ids)
    connection.settings = memory.written(connection.settings)


def _memory(session: Session, system: str) -> Memory:
    stored = session.scalars(select(Connection.settings).where(Connection.system == system)).first()
    return Memory.read(stored or {})


def _shown(session: Session, group: Group, link: Linked, default_owner: str) -> DryRunLead:
    facts = group.facts
    before = agreed_about(session, link.system, facts.lead_id, facts.deal_holder)
    steps = write_steps(group.items, facts, link.mapped, link.catalogue, default_owner, before)
    return DryRunLead(public_id(LEAD, facts.lead_id), facts.name, facts.email, steps)


def _crms(session: Session) -> list[Linked]:
    systems = session.scalars(select(Connection.system).order_by(Connection.id)).all()
    crms = [system for system in systems if system in CRMS]  # others only send us what they know
    return [link for system in crms if (link := connected_crm(session, system)) is not None]


def _crm(session: Session, name: str, system: str | None) -> Linked:
    if name not in NAMES:
        raise BadInput(
            _("There is no playbook {name!r}.").format(name=name),
            _("Known: {known}.").format(known=", ".join(NAMES)),
        )
    link = connected_crm(session, system)
    if link is None:
        what = (
            _("{system} is not connected.").format(system=title_of(system))
            if system
            else _("No CRM is connected.")
        )
        raise NotFound(
            what, _("Connect it first: pqldesk connect {system}.").format(system=system or " | ".join(CRMS))
        )
    return link


def _stored(session: Session, name: str, system: str) -> Playbook | None:
    return session.scalars(select(Playbook).where(Playbook.name == name, Playbook.system == system)).first()


def _is_approved(session: Session, name: str, system: str) -> bool:
    row = _stored(session, name, system)
    return row is not None and row.approved_at is not None
