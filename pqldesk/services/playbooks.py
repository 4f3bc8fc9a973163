"""Playbooks: rules that queue writes by themselves, once a person has approved their dry run.

    signup         a lead appears                      company, person, trials list
    qualification  it crosses the cut or raises a hand company, person, PQL list, deal, follow-up task
    milestone      it reaches an activation milestone  person, note
    handoff        a rep claims it                     the claim on the PQL list (the rest goes out on handing over)

What was already so at approval is remembered and queued only with a backfill.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead, Trial
from pqldesk.models.remote import Connection, Playbook
from pqldesk.models.work import Handoff
from pqldesk.services import settings
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.connections import Linked, connected_crm
from pqldesk.services.connectors import title_of
from pqldesk.services.crm_facts import LeadFacts, chunks, lead_facts, reached_milestones
from pqldesk.services.crm_groups import (
    HANDOFF,
    MILESTONE,
    QUALIFICATION,
    SIGNUP,
    Deal,
    Group,
    Planned,
    company_item,
    deal_item,
    deal_keys,
    list_item,
    new_code,
    note_item,
    person_item,
    queue_groups,
    stored_deal_keys,
    task_item,
    write_steps,
)
from pqldesk.services.handoff_note import (
    FOLLOW_UP_TITLE,
    MILESTONE_NOTE_TITLE,
    milestone_note,
    qualified_deal_name,
    task_content,
)
from pqldesk.services.history import recording
from pqldesk.services.moments import DAY, micros
from pqldesk.services.playbook_memory import Memory
from pqldesk.services.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.remote.catalogue import PRODUCT_QUALIFIED
from pqldesk.services.response_clock import working_hours
from pqldesk.services.rows import WriteStep
from pqldesk.services.working_time import next_working_day_at

NAMES = (SIGNUP, QUALIFICATION, MILESTONE, HANDOFF)
RULES = {
    SIGNUP: "A new lead: person and company, and the trials list when there is a trial.",
    QUALIFICATION: "A lead crosses the cut or raises a hand: score, PQL list, deal and follow-up task.",
    MILESTONE: "A lead reaches a milestone: activation fields and a note.",
    HANDOFF: "A rep claims a lead: the claim on the PQL list. Handing over itself needs no approval.",
}
WRITER = "pqldesk"  # who queued what a playbook writes
UNTOUCHED = frozenset(
    {"won", "lost", "disqualified", "handed_off"}
)  # states that no qualification is queued for
SHOWN = 50  # leads of a dry run that are listed
SIGNED_UP = "signed_up"  # the signup playbook tells of it; a note would say the same again


@dataclass(frozen=True, slots=True)
class PlaybookRow:
    """A playbook and whether it writes by itself."""

    name: str
    system: str
    rule: str
    approved_at: datetime | None
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class PlaybookLead:
    """One lead a playbook would write about."""

    lead_id: int
    name: str
    email: str | None
    steps: tuple[WriteStep, ...]


@dataclass(frozen=True, slots=True)
class PlaybookRun:
    """A dry run, or what approving queued: how many leads and items, and the first leads in full."""

    name: str
    system: str
    leads: int
    items: int
    first: tuple[PlaybookLead, ...]
    approved: bool
    queued: int
    changes: Changes


def playbook_list(session: Session) -> list[PlaybookRow]:
    """The four playbooks for each connected CRM."""
    stored = {(row.name, row.system): row for row in session.scalars(select(Playbook))}
    systems = [link.system for link in _crms(session)]
    rows = []
    for system in systems:
        for name in NAMES:
            row = stored.get((name, system))
            rows.append(
                PlaybookRow(
                    name,
                    system,
                    RULES[name],
                    row.approved_at if row else None,
                    row.approved_by if row else None,
                )
            )
    return rows


def dry_run_playbook(session: Session, name: str, now: datetime, *, system: str | None = None) -> PlaybookRun:
    """What the playbook would write about the leads there are now; stores nothing."""
    link = _crm(session, name, system)
    groups = _wanted(session, [name], link, _all_leads(session, name), Memory(), now, keep=False)
    return PlaybookRun(
        name,
        link.system,
        len({group.facts.lead_id for group in groups}),
        sum(len(group.items) for group in groups),
        tuple(_shown(group, link) for group in groups[:SHOWN]),
        _is_approved(session, name, link.system),
        0,
        Changes(),
    )


def approve_playbook(
    session: Session, name: str, rep: str, now: datetime, *, system: str | None = None, backfill: bool = False
) -> PlaybookRun:
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
        groups = _wanted(session, [name], link, _all_leads(session, name), Memory(), now, keep=True)
        queued = queue_groups(session, link.system, groups, rep, now)
    changes = Changes.to(Topic.SOURCES, Topic.SETTINGS, Topic.OUTBOX)
    return PlaybookRun(name, link.system, dry.leads, dry.items, dry.first, True, queued, changes)


def stop_playbook(
    session: Session, name: str, rep: str, now: datetime, *, system: str | None = None
) -> Changes:
    """Switch a playbook off; what it has queued already still goes out."""
    link = _crm(session, name, system)
    row = _stored(session, name, link.system)
    if row is None or row.approved_at is None:
        raise NotAllowed(f"The playbook {name} is off for {title_of(link.system)} already.")
    with recording(session, rep, "playbook_off", at=now, detail=f"{name}, {title_of(link.system)}"):
        row.approved_at = row.approved_by = None
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def queue_playbooks(session: Session, lead_ids: Collection[int], now: datetime) -> int:
    """Queue what approved playbooks write about *lead_ids*, in the transaction that touched them.

    Returns how many items were queued. One small query when no playbook is approved.
    """
    approved: dict[str, list[str]] = {}
    for name, system in session.execute(
        select(Playbook.name, Playbook.system).where(Playbook.approved_at.is_not(None))
    ):
        approved.setdefault(system, []).append(name)
    if not approved or not lead_ids:
        return 0
    session.flush()
    session.expire_all()  # leads are rescored through the driver, behind the session's back
    queued = 0
    for system, names in sorted(approved.items()):
        link = connected_crm(session, system)
        if link is None:
            continue
        memory = _memory(session, system)
        for chunk in chunks(sorted(lead_ids)):
            groups = _wanted(session, [n for n in NAMES if n in names], link, chunk, memory, now, keep=True)
            queued += queue_groups(session, system, groups, WRITER, now)
    return queued


def _wanted(
    session: Session,
    names: Sequence[str],
    link: Linked,
    lead_ids: Iterable[int],
    memory: Memory,
    now: datetime,
    *,
    keep: bool,
) -> list[Group]:
    """The groups that *names* ask for and that were never queued; *keep* stores the deals' unique ids."""
    found: list[Group] = []
    for chunk in chunks(lead_ids):
        leads = session.scalars(
            select(Lead)
            .where(Lead.id.in_(chunk), Lead.state.not_in(HIDDEN_STATES))
            .where(Lead.excluded.is_(None), Lead.email.is_not(None))
            .order_by(Lead.id)
        ).all()
        facts = lead_facts(session, [lead.id for lead in leads], now)
        done = set(
            session.scalars(
                select(Handoff.run_key).where(Handoff.lead_id.in_(chunk), Handoff.system == link.system)
            )
        )
        trials = _with_trial(session, leads, now)
        due = next_working_day_at(now, working_hours(session))
        maker = _Maker(session, link, now, due, settings.value(session, "currency"), trials)
        if QUALIFICATION in names:
            asked = [facts[lead.id] for lead in leads if maker.is_qualified(lead, memory, done)]
            maker.keys = (
                deal_keys(session, link.system, asked, now)
                if keep
                else stored_deal_keys(session, link.system, [one.deal_holder for one in asked])
            )
        for lead in leads:
            found += [
                group for name in names for group in maker.groups(name, lead, facts[lead.id], memory, done)
            ]
    return found


@dataclass
class _Maker:
    """Makes the groups of one chunk of leads."""

    session: Session
    link: Linked
    now: datetime
    due: datetime
    currency: str
    trials: frozenset[int]
    keys: dict[tuple[str, int], str] | None = None

    def groups(self, name: str, lead: Lead, facts: LeadFacts, memory: Memory, done: set[str]) -> list[Group]:
        match name:
            case "signup":
                return self._signup(lead, facts, memory, done)
            case "qualification":
                return self._qualification(lead, facts, memory, done)
            case "milestone":
                return self._milestones(lead, facts, memory, done)
            case _:
                return self._claim(lead, facts, memory, done)

    def is_qualified(self, lead: Lead, memory: Memory, done: set[str]) -> bool:
        """Whether the lead is to be written about as qualified now."""
        return (
            lead.qualified
            and lead.state not in UNTOUCHED
            and not memory.has(QUALIFICATION, lead.id)
            and self._key(QUALIFICATION, lead) not in done
        )

    def _signup(self, lead: Lead, facts: LeadFacts, memory: Memory, done: set[str]) -> list[Group]:
        key = self._key(SIGNUP, lead)
        if key in done or memory.has(SIGNUP, lead.id):
            return []
        items = [*company_item(facts), person_item(facts, SIGNUP, self.link.mapped)]
        if lead.id in self.trials:
            items += list_item("trials", self.link.mapped, facts)
        return [Group(facts, SIGNUP, key, tuple(items), {})]

    def _qualification(self, lead: Lead, facts: LeadFacts, memory: Memory, done: set[str]) -> list[Group]:
        if not self.is_qualified(lead, memory, done):
            return []
        mapped, code = self.link.mapped, new_code()
        stage = mapped.stages.get("product_qualified", PRODUCT_QUALIFIED)
        name = qualified_deal_name(facts.company, lead.name)
        deal = Deal(name, stage, None, self.currency, advance=False)
        text = f"{lead.name}, {facts.company}" if facts.company else lead.name
        task = task_content(FOLLOW_UP_TITLE, text, code)
        items: list[Planned] = [*company_item(facts), person_item(facts, QUALIFICATION, mapped)]
        items += deal_item(deal, (self.keys or {}).get(facts.deal_holder, ""), None, mapped)
        items += list_item("pql", mapped, facts)
        items.append(task_item(code, task, self.due, None))
        columns = {"deal_name": name, "stage": stage, "task": task, "task_due_at": self.due}
        return [Group(facts, QUALIFICATION, self._key(QUALIFICATION, lead), tuple(items), columns)]

    def _milestones(self, lead: Lead, facts: LeadFacts, memory: Memory, done: set[str]) -> list[Group]:
        found = []
        for milestone, at in reached_milestones(lead, self.now).items():
            key = f"{self._key(MILESTONE, lead)}:{milestone}"
            if milestone == SIGNED_UP or key in done or memory.has(f"{MILESTONE}:{milestone}", lead.id):
                continue
            code = new_code()
            signup = lead.signed_up_at
            days = None if signup is None else max(0, (at - micros(signup)) // DAY)
            text = milestone_note(milestone, at, days, code)
            note = note_item(code, MILESTONE_NOTE_TITLE, text)
            items = (person_item(facts, MILESTONE, self.link.mapped), note)
            found.append(Group(facts, MILESTONE, key, items, {"note": text}))
        return found

    def _claim(self, lead: Lead, facts: LeadFacts, memory: Memory, done: set[str]) -> list[Group]:
        if lead.owner is None or lead.claimed_at is None or "pql" not in self.link.mapped.lists:
            return []
        at = micros(lead.claimed_at)
        key = f"{HANDOFF}:claim:{self.link.system}:{lead.id}:{at}"
        if key in done or memory.claimed_before(at):
            return []
        items = [*company_item(facts), person_item(facts, QUALIFICATION, self.link.mapped)]
        items += list_item("pql", self.link.mapped, facts, claimed=True)
        return [Group(facts, HANDOFF, key, tuple(items), {})]

    def _key(self, name: str, lead: Lead) -> str:
        return f"{name}:{self.link.system}:{lead.id}"


def _with_trial(session: Session, leads: Sequence[Lead], now: datetime) -> frozenset[int]:
    """Leads that have a trial of their own or of their company that has begun."""
    companies = [lead.company_id for lead in leads if lead.company_id is not None]
    begun = Trial.starts_at.is_(None) | (Trial.starts_at <= now)
    own = set(session.scalars(select(Trial.lead_id).where(Trial.lead_id.in_([x.id for x in leads]), begun)))
    theirs = set(session.scalars(select(Trial.company_id).where(Trial.company_id.in_(companies), begun)))
    return frozenset(lead.id for lead in leads if lead.id in own or lead.company_id in theirs - {None})


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


def _shown(group: Group, link: Linked) -> PlaybookLead:
    facts = group.facts
    return PlaybookLead(facts.lead_id, facts.name, facts.email, write_steps(group.items, facts, link.mapped))


def _crms(session: Session) -> list[Linked]:
    systems = session.scalars(select(Connection.system).order_by(Connection.id)).all()
    return [link for system in systems if (link := connected_crm(session, system)) is not None]


def _crm(session: Session, name: str, system: str | None) -> Linked:
    if name not in NAMES:
        raise BadInput(f"There is no playbook {name!r}.", f"Known: {', '.join(NAMES)}.")
    link = connected_crm(session, system)
    if link is None:
        what = f"{title_of(system)} is not connected." if system else "No CRM is connected."
        raise NotFound(what, f"Connect it first: pqldesk connect {system or 'attio'} --token-env NAME.")
    return link


def _stored(session: Session, name: str, system: str) -> Playbook | None:
    return session.scalars(select(Playbook).where(Playbook.name == name, Playbook.system == system)).first()


def _is_approved(session: Session, name: str, system: str) -> bool:
    row = _stored(session, name, system)
    return row is not None and row.approved_at is not None
