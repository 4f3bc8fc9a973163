"""Handing a lead over to sales: a draft to edit, then note, task and every intended write in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import HANDOFF as HANDOFF_LETTER
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff, Note, Task
from pqldesk.models.work import HandoffDraft as HandoffDraftKept
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import SECOND
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, title_of
from pqldesk.services.crm.bases import agreed_about
from pqldesk.services.crm.connections import Linked
from pqldesk.services.handoffs.crm_facts import LeadFacts
from pqldesk.services.handoffs.crm_groups import (
    HANDOFF,
    Deal,
    Group,
    Planned,
    as_system_takes,
    company_item,
    deal_item,
    deal_keys,
    left_out,
    list_item,
    new_code,
    note_item,
    person_item,
    stored_deal_keys,
    task_item,
    write_steps,
)
from pqldesk.services.handoffs.note import (
    HANDOFF_NOTE_TITLE,
    SALES_HANDOFF_TITLE,
    finished_note,
    note_body,
    task_content,
    upgrade_deal_name,
)
from pqldesk.services.handoffs.preflight import obstacle
from pqldesk.services.handoffs.situation import Situation, approach_to, note_facts, request_of, situation
from pqldesk.services.history import recording
from pqldesk.services.lead_states import LeadState, Move, check_move
from pqldesk.services.outbox_rows import outbox_rows
from pqldesk.services.remote.catalogue import SALES_QUALIFIED
from pqldesk.services.rows import HandoffDraft, OutboxRow, WriteStep
from pqldesk.services.settings.working_time import next_working_day_at
from pqldesk.services.team.response_clock import working_hours
from pqldesk.services.touches import touch

HELD_REMEDY = _("Put that right and release it with outbox retry, or take the handoff back with undo.")
NO_CRM = NotAllowed(
    _("No CRM is connected."), _("Connect one first: pqldesk connect {known}.").format(known=" | ".join(CRMS))
)


@dataclass(frozen=True, slots=True)
class HandoffPushed:
    """What a handoff queued, or with *dry_run* would queue. *problem*: why it will be held, if it will."""

    handoff_id: str | None
    lead_id: str
    note: str
    items: tuple[OutboxRow, ...]
    dry_run: bool
    problem: str | None
    changes: Changes


def handoff_draft(
    session: Session, lead_id: str, rep: str, now: datetime, *, system: str | None = None
) -> HandoffDraft:
    """What the handoff starts from; everything in it may be edited. Raises where the lead cannot be handed over."""
    seen = situation(session, lead_id, now, system)
    check_move(seen.lead.name, LeadState(seen.lead.state), Move.HAND_OFF)
    facts, link = seen.facts, seen.link
    approach = approach_to(session, seen)
    note = note_body(note_facts(session, seen, approach), request_of(session, seen.lead.id))
    owner = seen.lead.owner or settings.value(session, "default_owner") or None
    catalogue = link.catalogue if link else None
    draft = HandoffDraft(
        lead_id=public_id(LEAD, seen.lead.id),
        lead_name=seen.lead.name,
        company=facts.company,
        score=number(seen.lead.score, HUNDRED),
        system=link.system if link else None,
        deal_name=upgrade_deal_name(facts.company, seen.lead.name),
        deal_value=None if seen.lead.deal_value is None else _plain(seen.lead.deal_value),
        currency=settings.value(session, "currency"),
        stage=link.mapped.stages.get("sales_qualified", SALES_QUALIFIED) if link else SALES_QUALIFIED,
        stages=catalogue.stages if catalogue else (),
        assignee=owner,
        members=tuple((m.email, m.name or m.email) for m in catalogue.members if m.active)
        if catalogue
        else (),
        note=note,
        task=f"{approach}: {seen.lead.name}" + (f", {facts.company}" if facts.company else ""),
        task_due_at=next_working_day_at(now, working_hours(session)),
        steps=(),
    )
    if link is None:
        return replace(draft, problem=NO_CRM.what)
    group = _group(seen, link, draft, _deal_key(session, link.system, facts), new_code(), new_code(), "")
    before = agreed_about(session, link.system, facts.lead_id, facts.deal_holder)
    steps = write_steps(group.items, facts, link.mapped, link.catalogue, owner or "", before)
    steps += left_out(link.system, link.mapped)
    if not link.mapped.deals and not any(step.kind == "deal" for step in steps):
        steps += (
            WriteStep(
                "deal",
                "No deal",
                _("Deals are switched off in {system}.").format(system=title_of(link.system)),
            ),
        )
    problem = obstacle(
        group.items, facts.owner, owner or "", link.mapped, link.catalogue, title_of(link.system)
    )
    return replace(draft, steps=steps, problem=problem)


def planned_handoff(
    session: Session, draft: HandoffDraft, rep: str, now: datetime, *, again: bool = False
) -> HandoffPushed:
    """What pushing *draft* would queue; stores nothing."""
    seen, link, _number = _checked(session, draft, now, again=again)
    key = _deal_key(session, link.system, seen.facts)
    group = _group(seen, link, draft, key, new_code(), new_code(), "")
    default_owner = settings.value(session, "default_owner")
    before = agreed_about(session, link.system, seen.facts.lead_id, seen.facts.deal_holder)
    steps = write_steps(group.items, seen.facts, link.mapped, link.catalogue, default_owner, before)
    rows = tuple(
        OutboxRow(
            item_id="",
            handoff_id=None,
            lead_id=draft.lead_id,
            lead_name=seen.lead.name,
            system=link.system,
            kind=item.kind,
            state="pending",
            attempts=0,
            next_attempt_at=None,
            remote_id=None,
            remote_url=None,
            error=None,
            created_at=now,
            summary=step.detail,
        )
        for item, step in zip(group.items, steps, strict=True)
    )
    return HandoffPushed(
        None, draft.lead_id, _note_of(group), rows, True, _problem(session, group, seen, link), Changes()
    )


def handoff_group(
    session: Session, draft: HandoffDraft, now: datetime, *, again: bool = False
) -> tuple[Linked, Group]:
    """The items that pushing *draft* would queue, and for which CRM; stores nothing."""
    seen, link, _number = _checked(session, draft, now, again=again)
    key = _deal_key(session, link.system, seen.facts)
    return link, _group(seen, link, draft, key, new_code(), new_code(), "")


def push_handoff(
    session: Session, draft: HandoffDraft, rep: str, now: datetime, *, again: bool = False
) -> HandoffPushed:
    """Queue note, task, deal and their prerequisites, and keep note and task here too.

    What the CRM is known to refuse is held from the start, as a whole. A second handoff of the same lead to the same
    CRM raises NotAllowed unless *again*.
    """
    seen, link, run = _checked(session, draft, now, again=again)
    lead = seen.lead
    key = deal_keys(session, link.system, [seen.facts], now)[seen.facts.deal_holder]
    group = _group(seen, link, draft, key, new_code(), new_code(), f"{HANDOFF}:{link.system}:{lead.id}:{run}")
    detail = f"{draft.deal_name}, to {title_of(link.system)}"
    problem = _problem(session, group, seen, link)
    with recording(session, rep, "handed_off", at=now, detail=detail, lead_id=lead.id):
        handoff = Handoff(
            lead_id=lead.id,
            playbook=HANDOFF,
            run_key=group.run_key,
            system=link.system,
            created_at=now,
            created_by=rep,
            **{**group.columns, "held": problem},
        )
        session.add(handoff)
        session.flush()
        for position, item in enumerate(group.items):
            session.add(
                OutboxItem(
                    handoff_id=handoff.id,
                    lead_id=lead.id,
                    position=position,
                    system=link.system,
                    kind=item.kind,
                    state="pending" if problem is None else "held",
                    payload=item.payload,
                    idempotency_key=item.code,
                    next_attempt_at=now if problem is None else None,
                    error=problem,
                    created_at=now,
                )
            )
        session.add(
            Task(
                lead_id=lead.id,
                title=f"{SALES_HANDOFF_TITLE}: {' '.join(draft.task.split())}",
                due_at=draft.task_due_at,
                assignee=draft.assignee or lead.owner or rep,
                created_at=now,
                created_by=rep,
            )
        )
        session.add(Note(lead_id=lead.id, at=now, author=rep, title=HANDOFF_NOTE_TITLE, text=_note_of(group)))
        for draft_kept in session.scalars(
            select(HandoffDraftKept).where(HandoffDraftKept.lead_id == lead.id)
        ):
            session.delete(draft_kept)  # it has become this handoff; undoing that brings it back
        touch(session, lead, rep, now)
        lead.state, lead.state_before, lead.state_until, lead.lease_until = "handed_off", None, None, None
        if draft.deal_value is not None:
            lead.deal_value = Decimal(str(draft.deal_value))
        session.flush()
    return HandoffPushed(
        public_id(HANDOFF_LETTER, handoff.id),
        draft.lead_id,
        _note_of(group),
        tuple(outbox_rows(session, OutboxItem.handoff_id == handoff.id)),
        False,
        problem,
        Changes.to(Topic.LEADS, Topic.TASKS, Topic.OUTBOX),
    )


def _checked(
    session: Session, draft: HandoffDraft, now: datetime, *, again: bool
) -> tuple[Situation, Linked, int]:
    seen = situation(session, draft.lead_id, now, draft.system)
    if seen.link is None:
        raise NO_CRM
    title = title_of(seen.link.system)
    check_move(seen.lead.name, LeadState(seen.lead.state), Move.HAND_OFF)
    if not seen.facts.email:
        raise NotAllowed(
            _("{lead} has no e-mail, which {title} knows people by.").format(
                lead=seen.lead.name, title=title
            ),
            _("Add one to the lead first."),
        )
    if not draft.deal_name.strip():
        raise BadInput(_("The deal has no name."), _("Give it one."))
    if draft.deal_value is not None and draft.deal_value < 0:
        raise BadInput(
            _("The deal value {deal_value} is below 0.").format(deal_value=draft.deal_value),
            _("Give 0 or more, or leave it out."),
        )
    earlier = session.scalars(
        select(Handoff)
        .where(Handoff.lead_id == seen.lead.id, Handoff.system == seen.link.system)
        .where(Handoff.playbook == HANDOFF, Handoff.run_key.not_like(f"{HANDOFF}:claim:%"))
        .order_by(Handoff.id)
    ).all()
    standing = [one for one in earlier if _stands(session, one.id)]
    if standing and not again:
        last = standing[-1]
        if last.held:
            raise NotAllowed(
                _(
                    "{lead} was already handed off to {title} by {created_by}, and {name} is held: {why}"
                ).format(
                    lead=seen.lead.name,
                    title=title,
                    created_by=last.created_by,
                    name=public_id(HANDOFF_LETTER, last.id),
                    why=last.held,
                ),
                HELD_REMEDY,
            )
        raise NotAllowed(
            _(
                "{lead} was already handed off to {title} by {created_by} at {created_at:%Y-%m-%d %H:%M} UTC."
            ).format(
                lead=seen.lead.name, title=title, created_by=last.created_by, created_at=last.created_at
            ),
            _("Add --again to hand the lead off once more."),
        )
    return seen, seen.link, len(earlier) + 1


def _stands(session: Session, handoff_id: int) -> bool:
    """Whether anything of a handoff is still to be, or was, written."""
    kept = select(func.count()).where(OutboxItem.handoff_id == handoff_id, OutboxItem.state != "cancelled")
    return session.execute(kept).scalar_one() > 0


def _group(
    seen: Situation,
    link: Linked,
    draft: HandoffDraft,
    deal_key: str,
    note_code: str,
    task_code: str,
    run_key: str,
) -> Group:
    facts, mapped, model = seen.facts, link.mapped, seen.live.model
    value = None if draft.deal_value is None else Decimal(str(draft.deal_value))
    due_again = seen.lead.due_at is not None and seen.lead.due_at <= seen.now
    as_of = seen.lead.scored_at if due_again and seen.lead.scored_at else seen.now
    note = finished_note(draft.note, model.name, model.version, micros(as_of) // SECOND * SECOND, note_code)
    task = task_content(SALES_HANDOFF_TITLE, draft.task, task_code)
    stage = next((s for s in link.catalogue.stages if s.casefold() == draft.stage.casefold()), draft.stage)
    deal = Deal(draft.deal_name.strip(), stage, value, draft.currency.upper(), advance=True)
    assignee = draft.assignee or None
    items: list[Planned] = [*company_item(facts), person_item(facts, HANDOFF, mapped)]
    if seen.trial is not None:
        items += list_item("trials", mapped, facts)
    items += list_item("pql", mapped, facts)
    items += deal_item(deal, deal_key, assignee, mapped)
    items.append(task_item(task_code, task, draft.task_due_at, assignee))
    items.append(note_item(note_code, HANDOFF_NOTE_TITLE, note))
    columns: dict[str, Any] = {
        "deal_name": deal.name,
        "deal_value": value,
        "currency": deal.currency,
        "stage": stage,
        "assignee": assignee,
        "note": note,
        "task": task,
        "task_due_at": draft.task_due_at,
        "facts": {
            "score": seen.lead.score,
            "model": model.name,
            "version": model.version,
            "as_of": micros(as_of),
        },
        "held": None,
    }
    return Group(facts, HANDOFF, run_key, as_system_takes(items, link.system, HANDOFF, mapped), columns)


def _note_of(group: Group) -> str:
    return str(group.columns["note"])


def _problem(session: Session, group: Group, seen: Situation, link: Linked) -> str | None:
    default_owner = settings.value(session, "default_owner")
    return obstacle(
        group.items, seen.facts.owner, default_owner, link.mapped, link.catalogue, title_of(link.system)
    )


def _deal_key(session: Session, system: str, facts: LeadFacts) -> str:
    return stored_deal_keys(session, system, [facts.deal_holder]).get(facts.deal_holder, "")


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
