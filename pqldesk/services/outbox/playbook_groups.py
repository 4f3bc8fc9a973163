"""What each playbook would write about which leads: the groups that were never queued."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead, Trial
from pqldesk.models.work import Handoff
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, micros
from pqldesk.services.crm.connections import Linked
from pqldesk.services.handoffs.crm_facts import LeadFacts, chunks, lead_facts, reached_milestones
from pqldesk.services.handoffs.crm_groups import (
    HANDOFF,
    MILESTONE,
    QUALIFICATION,
    SIGNUP,
    Deal,
    Group,
    Planned,
    as_system_takes,
    company_item,
    deal_item,
    deal_keys,
    list_item,
    new_code,
    note_item,
    person_item,
    stored_deal_keys,
    task_item,
)
from pqldesk.services.handoffs.note import (
    FOLLOW_UP_TITLE,
    MILESTONE_NOTE_TITLE,
    milestone_note,
    qualified_deal_name,
    task_content,
)
from pqldesk.services.outbox.playbook_memory import Memory
from pqldesk.services.remote.catalogue import PRODUCT_QUALIFIED
from pqldesk.services.settings.working_time import next_working_day_at
from pqldesk.services.team.response_clock import working_hours

NAMES = (SIGNUP, QUALIFICATION, MILESTONE, HANDOFF)
# States in which a lead is not written about as qualified any more.
UNTOUCHED = frozenset({"won", "lost", "disqualified", "handed_off"})
SIGNED_UP = "signed_up"  # the signup playbook tells of it; a note would say the same again


def wanted_groups(
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
                replace(group, items=items)
                for name in names
                for group in maker.groups(name, lead, facts[lead.id], memory, done)
                if (items := as_system_takes(group.items, link.system, name, link.mapped))
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
