"""What pages show, as JSON: the rows that scripts read. Keys and forms are a contract; new keys may be added."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pqldesk.services.basics.clock import iso

if TYPE_CHECKING:
    from pqldesk.services.figure_rows import TrialRow
    from pqldesk.services.rows import OutboxRow, QueueRow, TaskRow, TrialShown

Json = dict[str, Any]


def queue_row_json(row: QueueRow) -> Json:
    """One lead of the queue."""
    return {
        "lead_id": row.lead_id,
        "name": row.name,
        "email": row.email,
        "company": row.company,
        "domain": row.domain,
        "score": row.score,
        "band": row.band,
        "qualified": row.qualified,
        "qualified_at": iso(row.qualified_at),
        "signals": {
            signal.key: {"value": signal.value, "threshold": signal.threshold, "points": signal.points}
            for signal in row.signals
        },
        "activation": row.activation,
        "milestones": {key: iso(at) for key, at in row.milestones.items()},
        "trial": None if row.trial is None else trial_shown_json(row.trial),
        "owner": row.owner,
        "state": row.state,
        "last_active_at": iso(row.last_active_at),
        "source": row.source,
        "placement": row.placement,
        "respond_by": iso(row.respond_by),
        "fit": row.fit,
        "hand_raised_at": iso(row.hand_raised_at),
        "sample": row.sample,
    }


def trial_shown_json(trial: TrialShown) -> Json:
    """The trial inside a lead or an account."""
    return {
        "plan": trial.plan,
        "starts_at": iso(trial.starts_at),
        "ends_at": iso(trial.ends_at),
        "state": trial.state,
        "days_left": trial.days_left,
    }


def trial_row_json(row: TrialRow) -> Json:
    """One trial of the list."""
    return {
        "trial_id": row.trial_id,
        "company": row.company,
        "domain": row.domain,
        "email": row.email,
        "lead_id": row.lead_id,
        "plan": row.plan,
        "starts_at": iso(row.starts_at),
        "ends_at": iso(row.ends_at),
        "state": row.state,
        "days_left": row.days_left,
        "converted_at": iso(row.converted_at),
        "activation": row.activation,
        "active_users": row.active_users,
        "score": row.score,
        "pace": row.pace,
        "usual_activation": row.usual,
        "usual_of": row.usual_of,
        "last_active_at": iso(row.last_active_at),
        "quiet_days": row.quiet_days,
        "extensions": row.extensions,
        "outcome_at": iso(row.outcome_at),
        "owner": row.owner,
    }


def task_json(row: TaskRow) -> Json:
    """One follow-up."""
    return {
        "task_id": row.task_id,
        "lead_id": row.lead_id,
        "title": row.title,
        "due_at": iso(row.due_at),
        "assignee": row.assignee,
        "done_at": iso(row.done_at),
    }


def outbox_json(row: OutboxRow) -> Json:
    """One intended write."""
    return {
        "item_id": row.item_id,
        "handoff_id": row.handoff_id,
        "lead_id": row.lead_id,
        "system": row.system,
        "kind": row.kind,
        "state": row.state,
        "attempts": row.attempts,
        "next_attempt_at": iso(row.next_attempt_at),
        "remote_id": row.remote_id,
        "error": row.error,
        "created_at": iso(row.created_at),
    }


def plain(value: object) -> object:
    """Datetimes of a row as UTC text, everything else as it is."""
    return iso(value) if isinstance(value, datetime) else value
