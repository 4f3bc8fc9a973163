"""What the window may ask for and do: the queries and commands it is given, by name.

Queries and commands take the session first, as `Background.read` and `Background.write` pass one in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pqldesk.services.changes import Changes
from pqldesk.services.rows import (
    AccountRow,
    ActionRow,
    ActivationFigures,
    ConnectionRow,
    FunnelFigures,
    HandoffDraft,
    ImportRow,
    LeadDetail,
    LeadDraft,
    ModelShown,
    NavCounts,
    OutboxRow,
    QueueRow,
    QueueView,
    SettingRow,
    TaskRow,
    TrialRow,
)  # fmt: skip

Session = Any  # views know no SQLAlchemy; a session only passes through here


@dataclass(frozen=True)
class Desk:
    """Filled in by the application with service functions, by tests with their own."""

    # queries
    lead_order: Callable[[Session, str, str, str, bool], Sequence[int]]
    lead_rows: Callable[[Session, Sequence[int]], list[QueueRow]]
    queue_views: Callable[[Session], list[QueueView]]
    lead_detail: Callable[[Session, str], LeadDetail]
    accounts: Callable[[Session], list[AccountRow]]
    trials: Callable[[Session], list[TrialRow]]
    activation: Callable[[Session], ActivationFigures]
    task_list: Callable[[Session], list[TaskRow]]
    outbox_list: Callable[[Session], list[OutboxRow]]
    funnel: Callable[[Session, int, str | None, str | None], FunnelFigures]
    model_shown: Callable[[Session], ModelShown]
    connections: Callable[[Session], list[ConnectionRow]]
    imports: Callable[[Session], list[ImportRow]]
    settings_rows: Callable[[Session], list[SettingRow]]
    history: Callable[[Session, int], list[ActionRow]]
    nav_counts: Callable[[Session], NavCounts]
    handoff_draft: Callable[[Session, str, str], HandoffDraft]
    # commands; each answers with its Changes, or with something that has them as `changes`
    claim: Callable[[Session, str, str], Changes]
    release: Callable[[Session, str, str], Changes]
    add_task: Callable[[Session, str, str, datetime | None, str], Any]
    finish_task: Callable[[Session, str, str], Changes]
    add_note: Callable[[Session, str, str, str], Any]
    snooze: Callable[[Session, str, datetime, str], Changes]
    disqualify: Callable[[Session, str, str, str], Changes]
    add_lead: Callable[[Session, LeadDraft, str], Any]
    push_handoff: Callable[[Session, HandoffDraft, str], Any]
    undo: Callable[[Session, str], Any]
    redo: Callable[[Session, str], Any]
    retry_items: Callable[[Session, Sequence[str], str], Changes]
    hold_item: Callable[[Session, str, str], Changes]
    cancel_item: Callable[[Session, str, str], Changes]
    accept_suggestion: Callable[[Session, str, str], Changes]
    reject_suggestion: Callable[[Session, str, str], Changes]
    extend_trial: Callable[[Session, str, datetime, str, str], Changes]
    set_setting: Callable[[Session, str, str, str], Changes]
    remove_sample: Callable[[Session, str], Changes]
    # pure rule, called while typing: field name -> sentence
    check_draft: Callable[[LeadDraft], dict[str, str]] | None = None
