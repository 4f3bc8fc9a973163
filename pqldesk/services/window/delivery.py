"""Handoffs and what is on its way to other systems, playbooks, and what both sides changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.services import handoff_drafts
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import now
from pqldesk.services.claims import named_rep
from pqldesk.services.crm import field_masters, team_work
from pqldesk.services.crm.conflict_rows import ConflictRow, MasterRow, Resolved
from pqldesk.services.delivery import conflicts as conflict_desk
from pqldesk.services.delivery import handoff_list
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.handoffs import handoff
from pqldesk.services.handoffs.shown import DraftRow, DryRun, HandoffGroup, ItemEdit, PlaybookShown
from pqldesk.services.outbox import edit as outbox_edit
from pqldesk.services.outbox import outbox
from pqldesk.services.outbox import playbooks as playbook_rules
from pqldesk.services.outbox.claims import due_systems
from pqldesk.services.rows import (
    HandoffDraft,
    OutboxRow,
)
from pqldesk.services.window.kept_orders import LongList, kept_order, order_at_hand
from pqldesk.services.workspaces.runner_lock import OUTBOX, is_running

SHOWN_CONFLICTS = 500  # more are decided in bulk, or with the command line


_HANDOFFS = LongList(
    "handoffs",
    handoff_list.handoff_ranking,
    handoff_list.add_handoff_key,
    handoff_list.check_order,
    frozenset({Topic.OUTBOX}),
    handoff_list.first_handoffs,
)


def handoff_order(session: Session, tab: str, by: str, descending: bool) -> ListOrder:
    return kept_order(session, _HANDOFFS, now(), tab, by, descending=descending)


def handoff_order_at_hand(session: Session, tab: str, by: str, descending: bool) -> ListOrder | None:
    return order_at_hand(session, _HANDOFFS, now(), tab, by, descending=descending)


def handoff_rows(session: Session, ids: Sequence[int]) -> dict[int, OutboxRow | DraftRow]:
    return handoff_list.handoff_rows(session, ids)


def handoff_group(session: Session, handoff_id: str) -> HandoffGroup:
    return handoff_list.handoff_group(session, handoff_id)


def deliveries_wait(session: Session) -> bool:
    """Whether something could go out from here that nobody is sending."""
    return not is_running(session, OUTBOX) and bool(team_work.reachable(session, due_systems(session, now())))


def conflicts(session: Session) -> list[ConflictRow]:
    return conflict_desk.conflict_rows(session, limit=SHOWN_CONFLICTS)


def resolve_conflict(session: Session, conflict: str, decision: str, value: str, rep: str) -> Changes:
    return conflict_desk.resolve_conflict(
        session, conflict, decision, named_rep(rep), now(), value=value or None
    )


def resolve_conflicts(
    session: Session, conflicts: Sequence[str], decision: str, rep: str, bulk: int
) -> Resolved:
    return conflict_desk.resolve_step(session, conflicts, decision, named_rep(rep), now(), bulk)


def masters(session: Session) -> list[MasterRow]:
    return field_masters.master_rows(session)


def set_masters(session: Session, system: str, field: str, by_phase: Mapping[str, str], rep: str) -> Changes:
    return field_masters.set_masters(session, system, field, by_phase, named_rep(rep), now())


def handoff_draft(session: Session, lead_id: str, rep: str) -> HandoffDraft:
    return handoff_drafts.draft_to_edit(session, lead_id, rep, now())


def item_edit(session: Session, item_id: str) -> ItemEdit:
    return outbox_edit.item_edit(session, item_id)


def playbooks(session: Session) -> list[PlaybookShown]:
    return playbook_rules.playbook_list(session)


def dry_run_playbook(session: Session, name: str, system: str) -> DryRun:
    return playbook_rules.dry_run_playbook(session, name, now(), system=system)


def push_handoff(session: Session, draft: HandoffDraft, rep: str) -> Any:
    return handoff.push_handoff(session, draft, rep, now())


def retry_items(session: Session, item_ids: Sequence[str], rep: str) -> Changes:
    del rep  # making an item due again is no change of what it says
    return outbox.retry_items(session, item_ids, now())


def save_draft(session: Session, draft: HandoffDraft, rep: str) -> Changes:
    return handoff_drafts.save_draft(session, draft, rep, now())


def drop_draft(session: Session, lead_id: str, rep: str) -> Changes:
    return handoff_drafts.drop_draft(session, lead_id, rep, now())


def edit_item(session: Session, item_id: str, changes: Mapping[str, str], rep: str) -> Changes:
    return outbox_edit.edit_item(session, item_id, changes, rep, now())


def assignees(session: Session, item_id: str) -> tuple[tuple[str, str], ...]:
    return outbox_edit.assignees(session, item_id)


def assign_writes(session: Session, item_id: str, to: str, rep: str) -> Changes:
    return outbox_edit.assign_writes(session, item_id, to, named_rep(rep), now())


def approve_playbook(session: Session, name: str, system: str, backfill: bool, rep: str) -> object:
    return playbook_rules.approve_playbook(
        session, name, named_rep(rep), now(), system=system, backfill=backfill
    )


def stop_playbook(session: Session, name: str, system: str, rep: str) -> Changes:
    return playbook_rules.stop_playbook(session, name, named_rep(rep), now(), system=system)


def hold_item(session: Session, item_id: str, rep: str) -> Changes:
    return outbox.hold_item(session, item_id, rep, now())


def cancel_item(session: Session, item_id: str, rep: str) -> Changes:
    return outbox.cancel_item(session, item_id, rep, now())
