"""What the window may ask for and do: the queries and commands it is given, by name.

Queries and commands take the session first, as `Background.read` and `Background.write` pass one in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from pqldesk.services.basics.changes import Changes

if TYPE_CHECKING:
    from pathlib import Path

    from pqldesk.services.crm.conflict_rows import ConflictRow, MasterRow, Resolved
    from pqldesk.services.crm.mapping_rows import MappingShown
    from pqldesk.services.events.rule_rows import NameRow as EventName
    from pqldesk.services.events.rule_rows import RuleDraft, RulePreview, RuleShown
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
    from pqldesk.services.handoffs.shown import DraftRow, DryRun, HandoffGroup, ItemEdit, PlaybookShown
    from pqldesk.services.leads.undo import Rest, Undone
    from pqldesk.services.notices.rows import NoticeRow
    from pqldesk.services.record_rows import LeadDetail, MergePreview, TimelinePage
    from pqldesk.services.rows import (
        ActionRow,
        Assignable,
        CompanyHit,
        Connectable,
        ConnectionRow,
        ConnectWanted,
        HandoffDraft,
        ImportRow,
        KnownAlready,
        LeadDraft,
        NavCounts,
        Number,
        OutboxRow,
        QueueRow,
        QueueView,
        SettingRow,
        TaskRow,
    )
    from pqldesk.services.source_rows import (
        LooseEnds,
        NameRow,
        PlacementRow,
        PullRow,
        QueueLink,
        SetAside,
        WorkspaceFacts,
    )
    from pqldesk.services.view_spec import ViewSpec


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What the user decided over what was detected: column -> field, "" leaves the column out.

    None is what was found out, or how a file with this header was read before.
    """

    mapping: tuple[tuple[str, str], ...] = ()
    zone: str | None = None  # of times that name none
    day_first: bool | None = None
    decimal_comma: bool | None = None
    encoding: str | None = None
    sheet: str | None = None
    events: tuple[tuple[str, str], ...] = ()  # name -> the kind it counts as

    def reading(self) -> tuple[str, ...]:
        """How values are to be read, as options of `pqldesk import`."""
        words = [] if self.zone is None else [f"--zone={self.zone}"]
        if self.day_first is not None:
            words.append("--day-first" if self.day_first else "--month-first")
        if self.decimal_comma is not None:
            words.append("--decimal-comma" if self.decimal_comma else "--decimal-point")
        words += [] if self.encoding is None else [f"--encoding={self.encoding}"]
        words += [] if self.sheet is None else [f"--sheet={self.sheet}"]
        words += [f"--map-event={name}={kind}" for name, kind in self.events]
        return tuple(words)


@dataclass(frozen=True, slots=True)
class ImportLook:
    """One file of an import's result, before (a dry run) or after."""

    rows: int
    created: int
    updated: int
    duplicates: int
    rejected: int
    set_aside: int
    encoding: str | None
    delimiter: str | None
    header_line: int | None
    sheet: str | None
    mapping: tuple[tuple[str, str], ...]
    unmapped: tuple[str, ...]
    rejects: tuple[tuple[int, str], ...]  # line in the file, reason
    rejects_file: str | None
    notes: tuple[str, ...] = ()
    in_question: tuple[
        str, ...
    ] = ()  # of zone, dates, numbers, encoding, sheet: what could be read otherwise
    zone: str | None = None  # in which times were taken that name none
    day_first: bool | None = None
    decimal_comma: bool = False
    refused: str = ""  # why nothing of it can be imported as it is read now
    sheets: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)  # what stands first in each column
    uncounted: Mapping[str, int] = field(
        default_factory=dict
    )  # events of kinds that no signal counts, and how many
    missing: tuple[str, ...] = ()  # fields of which one has to have a column before anything can be imported

    @classmethod
    def of(cls, file: Mapping[str, Any]) -> Self:
        """From one entry of `files` in the JSON that `pqldesk import` prints."""
        counts = {key: int(file.get(key) or 0) for key in _COUNTS}
        return cls(
            **counts,
            encoding=file.get("encoding"),
            delimiter=file.get("delimiter"),
            header_line=file.get("header_line"),
            sheet=file.get("sheet"),
            mapping=tuple(dict(file.get("mapping") or {}).items()),
            unmapped=tuple(file.get("unmapped") or ()),
            rejects=tuple((int(one["line"]), str(one["reason"])) for one in file.get("rejects") or ()),
            rejects_file=file.get("rejects_file"),
            notes=tuple(map(str, file.get("notes") or ())),
            in_question=tuple(file.get("in_question") or ()),
            zone=file.get("zone"),
            day_first=file.get("day_first"),
            decimal_comma=bool(file.get("decimal_comma")),
            refused=str(file.get("refused") or ""),
            sheets=tuple(file.get("sheets") or ()),
            examples=dict(file.get("examples") or {}),
            uncounted=dict(file.get("uncounted") or {}),
            missing=tuple(file.get("missing") or ()),
        )


_COUNTS = ("rows", "created", "updated", "duplicates", "rejected", "set_aside")
Report = Callable[[int, str], None]  # rows done, words; called from any thread
Session = Any  # views know no SQLAlchemy; a session only passes through here


@dataclass(frozen=True, repr=False, eq=False)
class Desk:
    """Filled in by the application with service functions, by tests with their own."""

    # queries
    lead_order: Callable[[Session, str, str, str, bool], Sequence[int]]
    lead_rows: Callable[[Session, Sequence[int]], list[QueueRow]]
    queue_views: Callable[[Session], list[QueueView]]
    view_order: Callable[
        [Session, ViewSpec, str], Any
    ]  # ids in order with headers before groups, and their counts
    view_start: Callable[[Session, ViewSpec], Sequence[int]]  # how a view begins that is not grouped
    count_leads: Callable[[Session, ViewSpec, str], int]
    filter_choices: Callable[
        [Session, str], Any
    ]  # what a field can be compared with: `values` of (key, label)
    lead_detail: Callable[[Session, str], LeadDetail]
    timeline: Callable[[Session, str, datetime], TimelinePage]  # entries before a moment
    merge_preview: Callable[[Session, str], MergePreview]
    account_order: Callable[[Session, str, str, bool], ListOrder]  # tab, what to sort by, descending
    account_order_at_hand: Callable[
        [Session, str, str, bool], ListOrder | None
    ]  # by figures already worked out, at once and perhaps old
    account_keys: Callable[[Session], None]  # work out what they can be sorted by besides
    account_rows: Callable[[Session, Sequence[int]], Mapping[int, AccountRow]]
    account_detail: Callable[[Session, str], AccountDetail]
    trial_order: Callable[[Session, str, str, bool], ListOrder]
    trial_order_at_hand: Callable[[Session, str, str, bool], ListOrder | None]
    trial_keys: Callable[[Session], None]  # as of accounts
    trial_rows: Callable[[Session, Sequence[int]], Mapping[int, TrialRow]]
    activation: Callable[[Session], ActivationFigures]
    listed_leads: Callable[[Session, Sequence[str]], LeadRows]
    activation_rows: Callable[[Session, tuple[Any, ...]], LeadRows]  # the leads behind a mark
    task_order: Callable[
        [Session, str, datetime, str, str, bool], ListOrder
    ]  # whose, when today ends, as above
    task_rows: Callable[[Session, Sequence[int]], Mapping[int, TaskRow]]
    handoff_order: Callable[[Session, str, str, bool], ListOrder]
    handoff_order_at_hand: Callable[[Session, str, str, bool], ListOrder | None]
    handoff_rows: Callable[[Session, Sequence[int]], Mapping[int, OutboxRow | DraftRow]]
    handoff_group: Callable[[Session, str], HandoffGroup]  # all writes of a handoff
    funnel: Callable[[Session, int, str | None, str | None, str], FunnelFigures]
    funnel_rows: Callable[[Session, tuple[Any, ...], int, str | None, str | None], LeadRows]
    model_shown: Callable[[Session], ModelShown]
    connections: Callable[[Session], list[ConnectionRow]]
    connectable: Callable[[Session], list[Connectable]]
    pull_rows: Callable[[Session], list[PullRow]]
    imports: Callable[[Session], list[ImportRow]]
    placements: Callable[[Session], list[PlacementRow]]
    placement_reports: Callable[[Session], list[Any]]  # ReportRows
    snippet: Callable[[Session, str], str]  # the HTML that puts a button on a page, by its glm_content
    traced: Callable[[Session, str], Sequence[Any]]  # an e-mail or lead id -> its TraceHops, in order of time
    set_aside: Callable[[Session], SetAside]
    loose_ends: Callable[[Session], LooseEnds]
    conflicts: Callable[[Session], list[ConflictRow]]  # those that are open
    masters: Callable[[Session], list[MasterRow]]
    queue_links: Callable[[Session], list[QueueLink]]  # of the systems on a lead's way, in its order
    stuck_leads: Callable[[Session], list[Any]]  # StuckLeads, the longest waiting first
    event_names: Callable[[Session], list[EventName]]  # the most frequent first, with what each counts as
    event_rules: Callable[[Session], list[RuleShown]]  # in the order they are asked
    preview_rule: Callable[[Session, RuleDraft], RulePreview]
    team_rows: Callable[[Session], list[Any]]  # MemberRows
    route_rows: Callable[[Session], list[Any]]  # RouteRows in the order in which they are asked
    route_ledger: Callable[[Session, int], list[Any]]  # the newest Turns, that many
    route_tried: Callable[[Session, str], Any]  # the Turn a lead, by e-mail or id, would have now
    mapping: Callable[[Session, str], MappingShown]  # of a connected CRM
    settings_rows: Callable[[Session], list[SettingRow]]
    assignable: Callable[[Session], tuple[Assignable, ...]]  # who can be given leads
    kept_role: Callable[[Session], str]  # to which role the workspace keeps who asks; "" where to none
    notice_rows: Callable[[Session, str], list[NoticeRow]]
    unread_notices: Callable[[Session, str], int]
    known_already: Callable[[Session, LeadDraft], KnownAlready]
    find_companies: Callable[[Session, str], list[CompanyHit]]
    own_names: Callable[[Session], list[NameRow]]
    history: Callable[[Session, int, str], list[ActionRow]]  # and which of them undo takes back
    nav_counts: Callable[[Session], NavCounts]
    handoff_draft: Callable[[Session, str, str], HandoffDraft]
    item_edit: Callable[[Session, str], ItemEdit]
    assignees: Callable[[Session, str], Sequence[tuple[str, str]]]  # of an item's CRM: e-mail, name
    playbooks: Callable[[Session], list[PlaybookShown]]
    dry_run_playbook: Callable[[Session, str, str], DryRun]  # name, system
    # how a rep keeps the queue's views
    save_view: Callable[[Session, str, ViewSpec, bool, str], Any]
    rename_view: Callable[[Session, str, str, str], Any]
    delete_view: Callable[[Session, str, str], Changes]
    note_print: Callable[
        [Session, str, Sequence[str]], Changes
    ]  # a file, and the ids of the leads printed into it
    place_views: Callable[[Session, Sequence[str], str], Changes]
    pin_view: Callable[[Session, str, bool, str], Changes]
    keep_columns: Callable[[Session, str, tuple[tuple[str, int], ...], str], Changes]
    # commands; each answers with its Changes, or with something that has them as `changes`
    claim: Callable[[Session, str, str], Changes]
    release: Callable[[Session, str, str], Changes]
    assign: Callable[[Session, str, str, str], Changes]  # lead, to whom, by whom
    renew_claim: Callable[[Session, str, str], Changes]
    add_task: Callable[[Session, str, str, datetime | None, str], Any]
    finish_task: Callable[[Session, str, str], Changes]
    reschedule_task: Callable[[Session, str, datetime, str], Changes]
    snooze_task: Callable[[Session, str, datetime, str], Changes]
    add_note: Callable[[Session, str, str, str], Any]
    snooze: Callable[[Session, str, datetime, str], Changes]
    nurture: Callable[[Session, str, datetime, str], Changes]
    disqualify: Callable[[Session, str, str, str], Changes]
    won: Callable[[Session, str, Number | None, str], Changes]  # lead, deal value, rep
    lost: Callable[[Session, str, str, str], Changes]  # lead, reason, rep
    reopen: Callable[[Session, str, str], Changes]
    add_lead: Callable[[Session, LeadDraft, str], Any]
    push_handoff: Callable[[Session, HandoffDraft, str], Any]
    bulk_step: Callable[
        [Session, str, Sequence[int], object, str, int], Any
    ]  # verb, ids, argument, rep, number
    matching_ids: Callable[[Session, ViewSpec, str], Sequence[int]]
    undo_rest: Callable[[Session, Rest, str], Undone]  # goes on with `more` of an undo or redo
    undo: Callable[[Session, str], Undone]
    redo: Callable[[Session, str], Undone]
    retry_items: Callable[[Session, Sequence[str], str], Changes]
    save_draft: Callable[[Session, HandoffDraft, str], Changes]
    drop_draft: Callable[[Session, str, str], Changes]
    edit_item: Callable[[Session, str, Mapping[str, str], str], Changes]
    assign_writes: Callable[[Session, str, str, str], Changes]  # item, to whom, rep
    approve_playbook: Callable[
        [Session, str, str, bool, str], Any
    ]  # name, system, also what is so already, rep
    stop_playbook: Callable[[Session, str, str, str], Changes]
    hold_item: Callable[[Session, str, str], Changes]
    cancel_item: Callable[[Session, str, str], Changes]
    accept_suggestion: Callable[[Session, str, str], Changes]
    reject_suggestion: Callable[[Session, str, str], Changes]
    unmerge: Callable[[Session, str, str], Changes]  # id of the lead that was merged into another
    part: Callable[[Session, str, str, str], Changes]  # lead, namespace:value, rep
    extend_trial: Callable[[Session, str, datetime, str, str], Changes]
    rename_company: Callable[[Session, str, str, str], Changes]  # company, name, rep
    merge_companies: Callable[[Session, str, str, str], Changes]  # joins, stays (id, domain or name), rep
    set_company: Callable[[Session, str, str, str], Changes]  # lead, company, rep
    close_trial: Callable[[Session, str, str, str], Changes]  # trial, reason, rep
    # notices (None: all), rep, whether undo takes it back
    mark_notices: Callable[[Session, Sequence[str] | None, str, bool], Changes]
    snooze_notices: Callable[[Session, Sequence[str], datetime, str], Changes]
    add_placement: Callable[[Session, str, str, str, str], Changes]  # glm_content, place, note, rep
    set_queue_link: Callable[[Session, str, str, str], Changes]  # system, address or "", rep
    stop_pulls: Callable[[Session, Sequence[str]], Changes]  # sources
    resolve_conflict: Callable[[Session, str, str, str, str], Changes]  # conflict, decision, other value, rep
    # as many of these conflicts in the same way as fit into a step: decision, rep, number of the bulk
    resolve_conflicts: Callable[[Session, Sequence[str], str, str, int], Resolved]
    set_masters: Callable[
        [Session, str, str, Mapping[str, str], str], Changes
    ]  # system, field, by phase, rep
    keep_rule: Callable[[Session, RuleDraft, str], Changes]
    remove_rule: Callable[[Session, str, str], Changes]
    # {ours: a key there, "" to leave it out, None to go by the equal name}
    set_mapping: Callable[[Session, str, Mapping[str, str | None], str], Changes]
    set_column: Callable[
        [Session, str, str, str, str, str], Changes
    ]  # system, part, field, column or "", rep
    export_mapping: Callable[[Session, str, str], int]  # into that file; how many names
    import_mapping: Callable[[Session, str, str, str, bool], Any]  # system, file, rep, whether only to look
    set_member: Callable[[Session, str, Mapping[str, str | None], str], Changes]  # e-mail, what is given, rep
    set_away: Callable[[Session, str, datetime | None, datetime | None, str], Changes]  # both None: back
    remove_member: Callable[[Session, str, str], Changes]
    invite: Callable[[Session, str, str, str], Any]  # e-mail, role, rep; answers with the url to hand over
    set_route: Callable[[Session, str, Mapping[str, Any], str], Changes]  # name, what is given, rep
    remove_route: Callable[[Session, str, str], Changes]
    set_setting: Callable[[Session, str, str, str], Changes]
    remove_sample: Callable[[Session, str], Changes]
    exclude_too: Callable[[Session, Mapping[str, Any], str], Changes]
    save_model: Callable[[Session, Mapping[str, Any], str], Changes]
    discard_model: Callable[[Session, str], Changes]
    # runs one command of the command line in a process of its own and gives the JSON it prints; on a thread
    beside: Callable[[Sequence[str], Report, Any], Any]  # words, report, a Stop
    # run on a thread without a session: (path, kind, choices[, report, a Stop])
    preview_import: Callable[[str, str, ImportChoices], ImportLook] | None = None
    open_sample: Callable[[], bool] | None = None  # in a window of its own; whether it was built for that
    run_import: Callable[[str, str, ImportChoices, Report, Any], ImportLook] | None = None
    # run on a thread: facts about the workspace's files, and copies of them
    workspace_facts: Callable[[], WorkspaceFacts] | None = None
    back_up_now: Callable[[], Path] | None = None
    # into that file, only those that options of the command line name; what was written
    export_leads: Callable[[str, Sequence[str]], str] | None = None
    # pure rule, called while typing: what keeps a draft from being added, field name -> sentence
    check_draft: Callable[[LeadDraft], dict[str, str]] | None = None
    # network work: (net, system), asks a connected CRM again what it has
    recheck: Callable[[Any, str], Any] | None = None
    # network work: (net, system), the columns of a warehouse or of a portal's tables: ColumnsShown
    source_columns: Callable[[Any, str], Any] | None = None
    # network work: (net, what was given, rep), connects a system, with a browser where it signs in
    connect: Callable[[Any, ConnectWanted, str], Any] | None = None
    # network work: (net, system, rep), forgets a connection and its secrets: Disconnected
    disconnect: Callable[[Any, str, str], Any] | None = None
    # network work: (net, system), makes the fields, lists and stages that the CRM lacks and lets us make
    make_fields: Callable[[Any, str], Any] | None = None
    # network work: (net, e-mail or id) asks the connected systems where a lead is, gives a Way; (net) sends a test lead
    follow: Callable[[Any, str], Any] | None = None
    send_test_lead: Callable[[Any], Any] | None = None
