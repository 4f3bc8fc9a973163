"""One lead: what is known of it, its work, its people and company; undo."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.ids import TASK, row_number
from pqldesk.services import claims
from pqldesk.services import known_already as known
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import now
from pqldesk.services.claims import named_rep
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.identity import companies, merges, parting, preview, suggestions
from pqldesk.services.leads import action_list, leads, notes, tasks
from pqldesk.services.leads import detail as lead_queries
from pqldesk.services.leads import task_list as task_queries
from pqldesk.services.leads import undo as undoing
from pqldesk.services.leads.timeline import lead_timeline
from pqldesk.services.queue.find import companies_found, lead_of
from pqldesk.services.record_rows import LeadDetail, MergePreview, TimelinePage
from pqldesk.services.rows import ActionRow, CompanyHit, KnownAlready, LeadDraft, Number, TaskRow


def lead_detail(session: Session, lead_id: str) -> LeadDetail:
    return lead_queries.lead_detail(session, lead_id, now())


def timeline(session: Session, lead_id: str, before: datetime) -> TimelinePage:
    return lead_timeline(session, lead_of(session, lead_id).id, before)


def merge_preview(session: Session, suggestion_id: str) -> MergePreview:
    return preview.merge_preview(session, suggestions.suggestion_of(session, suggestion_id))


def task_order(
    session: Session, rep: str, midnight: datetime, tab: str, by: str, descending: bool
) -> ListOrder:
    return task_queries.task_order(session, rep, now(), midnight, tab, by, descending=descending)


def task_rows(session: Session, ids: Sequence[int]) -> dict[int, TaskRow]:
    return {row_number(TASK, row.task_id) or 0: row for row in task_queries.tasks_of_ids(session, ids)}


def known_already(session: Session, draft: LeadDraft) -> KnownAlready:
    return known.known_already(session, draft)


def find_companies(session: Session, text: str) -> list[CompanyHit]:
    return companies_found(session, text)


def history(session: Session, limit: int, rep: str) -> list[ActionRow]:
    return action_list.recent_actions(session, limit, rep or None)


def claim(session: Session, lead_id: str, rep: str) -> Changes:
    return claims.claim_lead(session, lead_of(session, lead_id), rep, now())


def assign(session: Session, lead_id: str, to: str, rep: str) -> Changes:
    return claims.assign_lead(session, lead_of(session, lead_id), to, rep, now())


def release(session: Session, lead_id: str, rep: str) -> Changes:
    return claims.release_lead(session, lead_of(session, lead_id), rep, now())


def renew_claim(session: Session, lead_id: str, rep: str) -> Changes:
    return claims.renew_claim(session, lead_of(session, lead_id), rep, now())


def add_task(session: Session, lead_id: str, title: str, due_at: datetime | None, rep: str) -> Any:
    return tasks.add_task(session, lead_of(session, lead_id), title, rep, now(), due_at=due_at)


def finish_task(session: Session, task_id: str, rep: str) -> Changes:
    return tasks.finish_task(session, tasks.task_of(session, task_id), rep, now())


def reschedule_task(session: Session, task_id: str, due_at: datetime, rep: str) -> Changes:
    return tasks.reschedule_task(session, tasks.task_of(session, task_id), due_at, rep, now())


def snooze_task(session: Session, task_id: str, until: datetime, rep: str) -> Changes:
    return tasks.snooze_task(session, tasks.task_of(session, task_id), until, rep, now())


def add_note(session: Session, lead_id: str, text: str, rep: str) -> Any:
    return notes.add_note(session, lead_of(session, lead_id), text, rep, now())


def snooze(session: Session, lead_id: str, until: datetime, rep: str) -> Changes:
    return leads.snooze(session, lead_of(session, lead_id), until, rep, now())


def nurture(session: Session, lead_id: str, until: datetime, rep: str) -> Changes:
    return leads.nurture(session, lead_of(session, lead_id), until, rep, now())


def won(session: Session, lead_id: str, value: Number | None, rep: str) -> Changes:
    amount = None if value is None else Decimal(str(value))
    return leads.won(session, lead_of(session, lead_id), rep, now(), deal_value=amount)


def lost(session: Session, lead_id: str, reason: str, rep: str) -> Changes:
    return leads.lost(session, lead_of(session, lead_id), rep, now(), reason=reason)


def reopen(session: Session, lead_id: str, rep: str) -> Changes:
    return leads.reopen(session, lead_of(session, lead_id), rep, now())


def disqualify(session: Session, lead_id: str, reason: str, rep: str) -> Changes:
    return leads.disqualify(session, lead_of(session, lead_id), reason, rep, now())


def add_lead(session: Session, draft: LeadDraft, rep: str) -> Any:
    return leads.add_lead(session, draft, rep, now())


def undo(session: Session, rep: str) -> undoing.Undone:
    return undoing.undo(session, rep, now())


def redo(session: Session, rep: str) -> undoing.Undone:
    return undoing.redo(session, rep, now())


def undo_rest(session: Session, rest: undoing.Rest, rep: str) -> undoing.Undone:
    return undoing.undo_rest(session, rep, now(), rest)


def accept_suggestion(session: Session, suggestion_id: str, rep: str) -> Changes:
    return suggestions.accept_suggestion(
        session, suggestions.suggestion_of(session, suggestion_id), rep, now()
    )


def reject_suggestion(session: Session, suggestion_id: str, rep: str) -> Changes:
    return suggestions.reject_suggestion(
        session, suggestions.suggestion_of(session, suggestion_id), rep, now()
    )


def unmerge(session: Session, lead_id: str, rep: str) -> Changes:
    return merges.unmerge(session, lead_of(session, lead_id, merged=True), named_rep(rep), now())


def rename_company(session: Session, company_id: str, name: str, rep: str) -> Changes:
    company = companies.company_of(session, company_id)
    return companies.rename_company(session, company.id, name, named_rep(rep), now())


def merge_companies(session: Session, joins: str, stays: str, rep: str) -> Changes:
    other = companies.company_of(session, stays)
    return companies.merge_companies(
        session, other, companies.company_of(session, joins), named_rep(rep), now()
    )


def part(session: Session, lead_id: str, key: str, rep: str) -> Changes:
    return parting.part(session, lead_of(session, lead_id), key, named_rep(rep), now()).changes


def set_company(session: Session, lead_id: str, company: str, rep: str) -> Changes:
    return companies.set_company(session, lead_of(session, lead_id), company, named_rep(rep), now())


def check_draft(draft: LeadDraft) -> dict[str, str]:
    return {fault.field: f"{fault.what} {fault.remedy}".strip() for fault in leads.check_draft(draft)}
