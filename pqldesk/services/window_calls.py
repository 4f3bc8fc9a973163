"""What the window asks for and does, by the names of views/desk.py: public ids in, the time from the clock.

Each is a thin door to the query or command behind it; the rules are there.
"""

import asyncio
import webbrowser
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.ids import COMPANY, LEAD, TASK, TRIAL, public_id, row_number
from pqldesk.services import account_detail as account_details
from pqldesk.services import claims, handoff_drafts, invitations, outbox_rows, routes, routing, settings
from pqldesk.services import known_already as known
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import now
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.claims import named_rep
from pqldesk.services.connectors import CRMS
from pqldesk.services.crm import connections as connection_queries
from pqldesk.services.crm import field_masters, team_work
from pqldesk.services.crm import source_columns as source_column_queries
from pqldesk.services.crm.conflict_rows import ConflictRow, MasterRow, Resolved
from pqldesk.services.crm.sign_in import Browser
from pqldesk.services.delivery import conflicts as conflict_desk
from pqldesk.services.demo import sample
from pqldesk.services.figure_rows import (
    AccountDetail,
    AccountRow,
    ActivationFigures,
    FunnelFigures,
    LeadRows,
    ListOrder,
    ModelShown,
    TrialRow,
)
from pqldesk.services.figures import account_order as account_lists
from pqldesk.services.figures import activation_now as activation_queries
from pqldesk.services.figures import activation_rows as activation_marks
from pqldesk.services.figures import funnel_figures as funnel_queries
from pqldesk.services.handoffs import handoff
from pqldesk.services.handoffs.shown import DraftRow, DryRun, DryRunLead, ItemEdit, PlaybookShown
from pqldesk.services.identity import companies, merges, preview, suggestions
from pqldesk.services.identity import own_names as name_queries
from pqldesk.services.imports import listed as imports_list
from pqldesk.services.imports import set_aside
from pqldesk.services.leads import action_list, bulk, leads, notes, tasks
from pqldesk.services.leads import detail as lead_queries
from pqldesk.services.leads import task_list as task_queries
from pqldesk.services.leads import undo as undoing
from pqldesk.services.leads.probe import send_probe
from pqldesk.services.leads.timeline import lead_timeline
from pqldesk.services.modelling import shown as model_queries
from pqldesk.services.modelling import versions as model_versions
from pqldesk.services.net import Net
from pqldesk.services.notices import notices
from pqldesk.services.notices.finding import Sighting, look
from pqldesk.services.notices.rows import NoticeRow, Told
from pqldesk.services.outbox import edit as outbox_edit
from pqldesk.services.outbox import outbox
from pqldesk.services.outbox import playbooks as playbook_rules
from pqldesk.services.outbox.claims import due_systems
from pqldesk.services.queue import nav, queue, saved_views, view_layouts, view_orders
from pqldesk.services.queue.find import companies_found, lead_of
from pqldesk.services.rows import (
    ActionRow,
    CompanyHit,
    Connectable,
    ConnectionRow,
    ConnectWanted,
    HandoffDraft,
    ImportRow,
    KnownAlready,
    LeadDetail,
    LeadDraft,
    MergePreview,
    NavCounts,
    OutboxRow,
    QueueRow,
    QueueView,
    SettingRow,
    TaskRow,
    TimelinePage,
)
from pqldesk.services.score_now import fall_due
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.source_rows import LooseEnds, NameRow, PlacementRow, PullRow, ReportRow
from pqldesk.services.sources import placements as placement_queries
from pqldesk.services.sources.placement_reports import report_rows
from pqldesk.services.sources.trace import TraceHop
from pqldesk.services.sources.trace import traced as trace_of
from pqldesk.services.sources.trace_live import trace_live
from pqldesk.services.sync import state as pull_states
from pqldesk.services.team import logins, team
from pqldesk.services.trials import order as trial_lists
from pqldesk.services.trials import trials as trial_queries
from pqldesk.services.trials import work as trials_work
from pqldesk.services.view_spec import ViewSpec, spec_json
from pqldesk.services.workspaces.runner_lock import OUTBOX, SYNC, is_running

DAY_S = 86_400
SEARCH_HITS = 500


def lead_order(session: Session, view: str, search: str, sort: str, descending: bool) -> Sequence[int]:
    # While somebody types, the best hits answer in milliseconds; a million leads would take seconds to list whole.
    return queue.lead_order(
        session, view, search, sort, descending, limit=SEARCH_HITS if search.strip() else None
    )


def view_order(session: Session, spec: ViewSpec, search: str) -> view_orders.ViewOrder:
    limit = SEARCH_HITS if search.strip() else None
    return view_orders.view_order(session, spec, search, who(session), now(), limit)


def count_leads(session: Session, spec: ViewSpec, search: str) -> int:
    return view_orders.count_leads(session, spec, search, who(session), now())


def filter_choices(session: Session, field: str) -> view_orders.FilterChoices:
    return view_orders.filter_choices(session, field, who(session), now())


def save_view(session: Session, label: str, spec: ViewSpec, shared: bool, rep: str) -> saved_views.ViewSaved:
    return saved_views.save_view(session, label, spec_json(spec), rep, now(), shared=shared)


def rename_view(session: Session, key: str, label: str, rep: str) -> saved_views.ViewSaved:
    return saved_views.rename_view(session, key, label, rep, now())


def delete_view(session: Session, key: str, rep: str) -> Changes:
    return saved_views.delete_view(session, key, rep, now())


def place_views(session: Session, keys: Sequence[str], rep: str) -> Changes:
    return view_layouts.place_views(session, keys, rep)


def pin_view(session: Session, key: str, pinned: bool, rep: str) -> Changes:
    return view_layouts.pin_view(session, key, pinned, rep)


def keep_columns(session: Session, key: str, columns: view_layouts.Columns, rep: str) -> Changes:
    return view_layouts.keep_columns(session, key, columns, rep)


def lead_rows(session: Session, ids: Sequence[int]) -> list[QueueRow]:
    return queue.lead_rows(session, ids)


def queue_views(session: Session) -> list[QueueView]:
    return queue.queue_views(session)


def lead_detail(session: Session, lead_id: str) -> LeadDetail:
    return lead_queries.lead_detail(session, lead_id, now())


def timeline(session: Session, lead_id: str, before: datetime) -> TimelinePage:
    return lead_timeline(session, lead_of(session, lead_id).id, before)


def merge_preview(session: Session, suggestion_id: str) -> MergePreview:
    return preview.merge_preview(session, suggestions.suggestion_of(session, suggestion_id))


def account_order(session: Session, tab: str, by: str, descending: bool) -> ListOrder:
    return account_lists.account_order(session, now(), tab, by, descending=descending)


def account_rows(session: Session, ids: Sequence[int]) -> dict[int, AccountRow]:
    rows = account_lists.account_rows(session, now(), ids)
    return {row_number(COMPANY, row.company_id) or 0: row for row in rows}


def account_detail(session: Session, company_id: str) -> AccountDetail:
    return account_details.account_detail(session, company_id, now())


def trial_order(session: Session, tab: str, by: str, descending: bool) -> ListOrder:
    return trial_lists.trial_order(session, now(), tab, by, descending=descending)


def trial_rows(session: Session, ids: Sequence[int]) -> dict[int, TrialRow]:
    rows = trial_queries.trials_of_ids(session, now(), ids)
    return {row_number(TRIAL, row.trial_id) or 0: row for row in rows}


def activation(session: Session) -> ActivationFigures:
    return activation_queries.activation_now(session, now())


def task_order(
    session: Session, rep: str, midnight: datetime, tab: str, by: str, descending: bool
) -> ListOrder:
    return task_queries.task_order(session, rep, now(), midnight, tab, by, descending=descending)


def task_rows(session: Session, ids: Sequence[int]) -> dict[int, TaskRow]:
    return {row_number(TASK, row.task_id) or 0: row for row in task_queries.tasks_of_ids(session, ids)}


def outbox_list(session: Session) -> list[OutboxRow]:
    return outbox_rows.outbox_list(session, limit=2_000)


def activation_rows(session: Session, mark: tuple[Any, ...]) -> LeadRows:
    return activation_marks.activation_rows(session, now(), mark)


def funnel(
    session: Session, weeks: int, source: str | None, rep: str | None, by: str = "source"
) -> FunnelFigures:
    return funnel_queries.funnel_figures(session, now(), weeks=weeks, source=source, rep=rep, by=by)


def funnel_rows(
    session: Session, mark: tuple[Any, ...], weeks: int, source: str | None, rep: str | None
) -> LeadRows:
    return funnel_queries.funnel_rows(session, now(), mark, weeks=weeks, source=source, rep=rep)


def model_shown(session: Session) -> ModelShown:
    return model_queries.model_shown(session)


def connections(session: Session) -> list[ConnectionRow]:
    return connection_queries.connection_rows(session)


def pull_rows(session: Session) -> list[PullRow]:
    return pull_states.source_states(session)


def due_pulls(session: Session) -> list[str]:
    """Nothing while another computer of the team is at it, or may not or cannot from here."""
    if team_work.is_shared(session) and (is_running(session, SYNC) or not team_work.may_pull(session)):
        return []
    return team_work.reachable(session, pull_states.due_sources(session, now()))


def deliveries_wait(session: Session) -> bool:
    """Whether something could go out from here that nobody is sending."""
    return not is_running(session, OUTBOX) and bool(team_work.reachable(session, due_systems(session, now())))


def stop_pulls(session: Session, sources: Sequence[str]) -> Changes:
    return pull_states.ask_to_stop(session, sources)


def imports(session: Session) -> list[ImportRow]:
    return imports_list.imports(session)


def placements(session: Session) -> list[PlacementRow]:
    return placement_queries.placement_rows(session)


def placement_reports(session: Session) -> list[ReportRow]:
    return report_rows(session, now())


def snippet(session: Session, glm_content: str) -> str:
    return placement_queries.snippet(session, glm_content)


async def follow(net: Net, lead: str) -> object:
    return await trace_live(net, lead)


async def send_test_lead(net: Net) -> object:
    return await send_probe(net, wait_s=20.0)


def traced(session: Session, lead: str) -> list[TraceHop]:
    return trace_of(session, lead)


def add_placement(session: Session, glm_content: str, place: str, note: str, rep: str) -> Changes:
    by = rep or "manual"
    return placement_queries.add_placement(session, glm_content, by, now(), note=note, place=place or None)


SHOWN_CONFLICTS = 500  # more are decided in bulk, or with the command line


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


def team_rows(session: Session) -> list[team.MemberRow]:
    return team.team_rows(session)


def set_member(session: Session, email: str, given: Mapping[str, str | None], rep: str) -> Changes:
    """*given* may hold their role too, which only admins of a team workspace give."""
    role = given.get("role")
    hours = {name: text for name, text in given.items() if name != "role"}
    changes = team.set_member(session, email, hours, rep or "manual", now())
    if role is not None:
        logins.set_role(session, email, role, rep or "manual", now())
    return changes


@dataclass(frozen=True, slots=True)
class Invitation:
    """The URL by which somebody comes to the team's workspace."""

    url: str
    changes: Changes


def invite(session: Session, place: str, email: str, role: str, rep: str) -> Invitation:
    made = invitations.invite(session, email, role, rep or "manual", now())
    return Invitation(invitations.url_for(place, made.login, made.password), made.changes)


def set_away(session: Session, email: str, start: datetime | None, end: datetime | None, rep: str) -> Changes:
    return team.set_away(session, email, start, end, rep or "manual", now())


def remove_member(session: Session, email: str, rep: str) -> Changes:
    return team.remove_member(session, email, rep or "manual", now())


def route_rows(session: Session) -> list[routes.RouteRow]:
    return routes.route_rows(session)


def set_route(session: Session, name: str, given: Mapping[str, Any], rep: str) -> Changes:
    return routes.set_route(session, name, rep or "manual", now(), **given)


def remove_route(session: Session, name: str, rep: str) -> Changes:
    return routes.remove_route(session, name, rep or "manual", now())


def route_ledger(session: Session, limit: int) -> list[routing.Turn]:
    return routing.ledger(session, limit=limit)


def route_tried(session: Session, lead: str) -> routing.Turn:
    return routing.tried(session, lead, now())


def loose_ends(session: Session) -> LooseEnds:
    aside = Counter(row.reason for row in set_aside.set_aside_rows(session))
    pairs = suggestions.open_suggestions(session)
    return LooseEnds(tuple(pairs), aside.total(), tuple(aside.most_common()))


def settings_rows(session: Session) -> list[SettingRow]:
    return settings.settings_rows(session)


def own_names(session: Session) -> list[NameRow]:
    return name_queries.own_names(session)


def known_already(session: Session, draft: LeadDraft) -> KnownAlready:
    return known.known_already(session, draft)


def find_companies(session: Session, text: str) -> list[CompanyHit]:
    return companies_found(session, text)


def notice_rows(session: Session, rep: str) -> list[NoticeRow]:
    return notices.notice_rows(session, rep)


def unread_notices(session: Session, rep: str) -> int:
    return notices.unread_notices(session, rep)


def mark_notices(session: Session, notice_ids: Sequence[str] | None, rep: str, recorded: bool) -> Changes:
    return notices.mark_read(session, notice_ids, rep, now(), recorded=recorded)


def look_for_news(session: Session, rep: str) -> Sighting:
    return look(session, rep, now())


def tell_news(session: Session, rep: str, sighting: Sighting) -> Told:
    return notices.tell(session, rep, sighting, now())


def history(session: Session, limit: int, rep: str) -> list[ActionRow]:
    return action_list.recent_actions(session, limit, rep or None)


def nav_counts(session: Session) -> NavCounts:
    return nav.nav_counts(session, now())


def handoff_draft(session: Session, lead_id: str, rep: str) -> HandoffDraft:
    return handoff_drafts.draft_to_edit(session, lead_id, rep, now())


def drafts(session: Session) -> list[DraftRow]:
    return handoff_drafts.draft_rows(session)


def item_edit(session: Session, item_id: str) -> ItemEdit:
    return outbox_edit.item_edit(session, item_id)


def playbooks(session: Session) -> list[PlaybookShown]:
    return [
        PlaybookShown(row.name, row.system, row.rule, row.approved_at, row.approved_by)
        for row in playbook_rules.playbook_list(session)
    ]


def dry_run_playbook(session: Session, name: str, system: str) -> DryRun:
    run = playbook_rules.dry_run_playbook(session, name, now(), system=system)
    first = tuple(
        DryRunLead(public_id(LEAD, lead.lead_id), lead.name, lead.email, lead.steps) for lead in run.first
    )
    return DryRun(run.name, run.system, run.leads, run.items, first, run.approved)


def connectable(_session: Session) -> list[Connectable]:
    return [
        Connectable(
            name,
            each.title,
            each.url,
            each.own_address,
            each.secrets,
            each.sign_in.fields if each.sign_in else None,
        )
        for name, each in CRMS.items()
    ]


async def connect(net: Net, wanted: ConnectWanted) -> object:
    request = connection_queries.ConnectRequest(
        wanted.system, wanted.url, typed=wanted.typed, sign_in=wanted.sign_in
    )

    async def show(address: str) -> None:
        await asyncio.to_thread(webbrowser.open, address)

    return await connection_queries.connect(net, request, now(), Browser(show))


async def source_columns(net: Net, system: str) -> object:
    return await source_column_queries.columns_shown(net, system, now())


def set_column(session: Session, system: str, part: str, field: str, theirs: str, rep: str) -> Changes:
    return source_column_queries.set_column(session, system, part, field, theirs, rep, now())


async def recheck(net: Net, system: str) -> object:
    return await connection_queries.recheck(net, system, now())


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


def disqualify(session: Session, lead_id: str, reason: str, rep: str) -> Changes:
    return leads.disqualify(session, lead_of(session, lead_id), reason, rep, now())


def add_lead(session: Session, draft: LeadDraft, rep: str) -> Any:
    return leads.add_lead(session, draft, rep, now())


def push_handoff(session: Session, draft: HandoffDraft, rep: str) -> Any:
    return handoff.push_handoff(session, draft, rep, now())


def undo(session: Session, rep: str) -> undoing.Undone:
    return undoing.undo(session, rep, now())


def redo(session: Session, rep: str) -> undoing.Undone:
    return undoing.redo(session, rep, now())


def undo_rest(session: Session, rest: undoing.Rest, rep: str) -> undoing.Undone:
    return undoing.undo_rest(session, rep, now(), rest)


def bulk_step(
    session: Session, verb: str, ids: Sequence[int], argument: object, rep: str, bulk_number: int
) -> bulk.BulkStep:
    return bulk.bulk_step(session, verb, ids, argument, rep, now(), bulk_number)


def matching_ids(session: Session, spec: ViewSpec, search: str) -> Sequence[int]:
    plain = replace(spec, group="")
    return view_orders.view_order(session, plain, search, who(session), now()).ids


def retry_items(session: Session, item_ids: Sequence[str], rep: str) -> Changes:
    del rep  # making an item due again is no change of what it says
    return outbox.retry_items(session, item_ids, now())


def save_draft(session: Session, draft: HandoffDraft, rep: str) -> Changes:
    return handoff_drafts.save_draft(session, draft, rep, now())


def drop_draft(session: Session, lead_id: str, rep: str) -> Changes:
    return handoff_drafts.drop_draft(session, lead_id, rep, now())


def edit_item(session: Session, item_id: str, changes: Mapping[str, str], rep: str) -> Changes:
    return outbox_edit.edit_item(session, item_id, changes, rep, now())


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


def extend_trial(session: Session, trial_id: str, until: datetime, reason: str, rep: str) -> Changes:
    trial = trials_work.trial_of(session, trial_id)
    if trial.ends_at is None:
        raise BadInput(
            _("The trial has no end that could be moved."), _("Set one in the system it comes from.")
        )
    days = ceil((until - trial.ends_at).total_seconds() / DAY_S)
    return trials_work.extend_trial(session, trial, days, reason, rep, now())


def rename_company(session: Session, company_id: str, name: str, rep: str) -> Changes:
    company = companies.company_of(session, company_id)
    return companies.rename_company(session, company.id, name, named_rep(rep), now())


def merge_companies(session: Session, joins: str, stays: str, rep: str) -> Changes:
    other = companies.company_of(session, stays)
    return companies.merge_companies(
        session, other, companies.company_of(session, joins), named_rep(rep), now()
    )


def set_company(session: Session, lead_id: str, company: str, rep: str) -> Changes:
    return companies.set_company(session, lead_of(session, lead_id), company, named_rep(rep), now())


def close_trial(session: Session, trial_id: str, reason: str, rep: str) -> Changes:
    return trials_work.close_trial(session, trials_work.trial_of(session, trial_id), reason, rep, now())


def set_setting(session: Session, key: str, value: str, rep: str) -> Changes:
    return change_setting(session, key, value, rep, now())


def remove_sample(session: Session, rep: str) -> Changes:
    return sample.remove_sample(session, rep, now()).changes


def exclude_too(session: Session, rule: Mapping[str, Any], rep: str) -> Changes:
    """Add an exclusion to the draft, or to a new one."""
    return model_versions.exclude_too(session, rule, rep, now())


def save_model(session: Session, document: Mapping[str, Any], rep: str) -> Changes:
    return model_versions.save_draft(session, document, rep, now())


def discard_model(session: Session, rep: str) -> Changes:
    return model_versions.discard_draft(session, rep, now())


def check_draft(draft: LeadDraft) -> dict[str, str]:
    return {fault.field: f"{fault.what} {fault.remedy}".strip() for fault in leads.check_draft(draft)}


def who(session: Session) -> str:
    return settings.value(session, "rep")


def settle(session: Session) -> Changes:
    """What falls due by itself: lapsed windows and leases, snoozes that end."""
    return fall_due(session, now())
