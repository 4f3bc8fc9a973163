# ruff: noqa: E501 - rows of sample data read better on one line
"""The rows of the sample desk's lists: handoffs, trials, accounts and tasks."""

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta

from sample_leads import NOW, OTHER, REP, lead

from pqldesk.services.figure_rows import (
    AccountDetail,
    AccountPerson,
    AccountRow,
    LeadRow,
    LeadRows,
    ListOrder,
    TrialRow,
)
from pqldesk.services.handoffs.shown import DraftRow
from pqldesk.services.rows import HandoffDraft, OutboxRow, TaskRow, WriteStep


def outbox() -> list[OutboxRow]:
    def item(
        n: int, kind: str, state: str, summary: str, error: str | None = None, attempts: int = 1
    ) -> OutboxRow:
        return OutboxRow(
            f"O{n}", "H1", "L000010", "Lars Holm", "attio", kind, state, attempts,
            NOW + timedelta(minutes=12) if state in {"pending", "unknown"} else None, None, None, error,
            NOW - timedelta(minutes=40 - n), summary, n, 6, "handoff", REP,
            NOW - timedelta(minutes=20) if state == "done" else None,
            {"task": ("content", "assignee"), "note": ("text",)}.get(kind, ()) if state in {"pending", "held", "failed"} else (),
        )  # fmt: skip

    return [
        item(1, "person", "done", "Update lars@fjordware.example · pql_score 55"),
        item(2, "company", "done", "Match fjordware.example"),
        item(3, "deal", "unknown", "Create “Enterprise Upgrade - Fjordware”", "Attio did not answer within 10 s.", 2),
        item(4, "task", "pending", "PLG → Sales Handoff for Dana Kim", None, 0),
        item(5, "note", "held", "PLG Handoff Context", "Stage “Sales Qualified” is unknown in Attio. Known: Lead, Won."),
        item(6, "list_entry", "failed", "Add to PQL list", "Attio refused the value of “score”: 400 validation_type."),
    ]  # fmt: skip


def draft_row() -> DraftRow:
    return DraftRow("L000004", "Priya Nair", "Ledgerly", "Enterprise Upgrade - Ledgerly", 40000, "USD", "Sales Qualified",
                    REP, NOW - timedelta(hours=3), "PQL Score: 70")  # fmt: skip


def draft(_session: object, lead_id: str, rep: str) -> HandoffDraft:
    row = lead(int(lead_id[1:]))
    note = "\n".join((
        f"PQL Score: {row.score}", "Active Users: 7", "Key Features: Integrations, Imports", "Trial Start: 2026-11-01",
        "Activation: 92%", "Recommended Approach: Offer annual plan upgrade", "",
        "Asked for: SSO for 40 people before January", "", "PQLDesk model PLG default v4, as of 2026-11-20T15:00:00Z [pqd:7K2M9QRT]",
    ))  # fmt: skip
    steps = (
        WriteStep("person", "Person", f"Update {row.email} · pql_score {row.score}"),
        WriteStep("company", "Company", f"Match {row.domain} · found"),
        WriteStep("deal", "Deal", "Create “Enterprise Upgrade” · Sales Qualified"),
        WriteStep("list_entry", "List", "Add to PQL queue"),
        WriteStep("task", "Task", "Assign Dana Kim · due 23 Nov"),
        WriteStep("note", "Note", "Attach handoff context · 8 lines"),
    )
    return HandoffDraft(
        lead_id, row.name, row.company, row.score, "Attio", f"Enterprise Upgrade - {row.company}", 75000, "USD",
        "Sales Qualified", ("Product Qualified", "Sales Qualified", "Won"), OTHER,
        ((REP, "Mira Okafor"), (OTHER, "Dana Kim")), note, "Schedule discovery and confirm upgrade path",
        NOW + timedelta(days=3), steps,
    )  # fmt: skip


def trials(_session: object) -> list[TrialRow]:
    paces = ("ahead", "ahead", "on pace", "ahead", "at risk", "on pace", "slow", "on pace", "slow", "at risk")
    rows = []
    for n in range(1, 15):
        row = lead(n)
        left = (3, 9, 11, 6, 1, 12, 4, 8, 10, 2, 5, 7, 0, 13)[n - 1]
        state = "active" if n < 11 else ("converted", "expired", "lost", "converted")[n - 11]
        rows.append(
            TrialRow(f"T{n}", row.company, row.domain, row.email, row.lead_id, "Ultimate", NOW - timedelta(days=14 - left),
                     NOW + timedelta(days=left), state, left, NOW if state == "converted" else None, row.activation,
                     tuple(bool(at) for at in row.milestones.values()), (7, 12, 5, 4, 3, 6, 2, 9, 3, 2, 2, 1, 1, 1)[n - 1],
                     row.score, row.band, paces[n - 1] if n < 11 else "", row.owner, 14 - left, 50 if n < 11 else None, 41,
                     NOW - timedelta(days=n % 6), 4 if n == 7 else 0, 1 if n == 2 else 0,
                     NOW + timedelta(days=left + 90) if n != 3 else None)
        )  # fmt: skip
    return rows


def trial_order(_session: object, tab: str, by: str, descending: bool) -> ListOrder:
    """Sorted by score alone; whatever else is asked for, as they are."""
    runs = ("active", "extended")
    keeps = {
        "active": lambda row: row.state in runs, "ending": lambda row: row.state in runs and row.days_left <= 7,
        "risk": lambda row: row.pace == "at risk" or row.quiet_days > 0,
        "converted": lambda row: row.state == "converted", "expired": lambda row: row.state in ("expired", "lost"),
    }  # fmt: skip
    rows = dict(enumerate(trials(None), 1))
    ids = [n for n, row in rows.items() if keeps[tab](row)]
    if by == "score":
        ids.sort(key=lambda n: rows[n].score, reverse=descending)
    counts = {key: sum(map(keep, rows.values())) for key, keep in keeps.items()}
    return ListOrder(array("q", ids), counts)


def trial_rows(_session: object, ids: Sequence[int]) -> dict[int, TrialRow]:
    rows = dict(enumerate(trials(None), 1))
    return {n: rows[n] for n in ids}


def accounts(_session: object) -> list[AccountRow]:
    return [
        AccountRow(f"C{n}", lead(n).company, lead(n).domain, 1 + n % 5, n % (2 + n % 5), lead(n).trial, lead(n).score,
                   lead(n).owner, lead(n).lead_id, lead(n).name, lead(n).score, "best", None, "Ultimate",
                   NOW - timedelta(hours=n), 1 if lead(n).owner else 0)
        for n in range(1, 17)
    ]  # fmt: skip


def account_order(_session: object, tab: str, by: str, descending: bool) -> ListOrder:
    """Sorted by name alone; whatever else is asked for, as they are."""
    keeps = {
        "all": lambda row: True, "trial": lambda row: row.trial is not None and row.trial.state == "active",
        "several": lambda row: row.leads > 1, "unclaimed": lambda row: not row.owner,
    }  # fmt: skip
    rows = dict(enumerate(accounts(None), 1))
    ids = [n for n, row in rows.items() if keeps[tab](row)]
    if by == "name":
        ids.sort(key=lambda n: rows[n].name.lower(), reverse=descending)
    counts = {key: sum(map(keep, rows.values())) for key, keep in keeps.items()}
    return ListOrder(array("q", ids), counts, "best")


def account_rows(_session: object, ids: Sequence[int]) -> dict[int, AccountRow]:
    rows = dict(enumerate(accounts(None), 1))
    return {n: rows[n] for n in ids}


def account_detail(_session: object, company_id: str) -> AccountDetail:
    row = next(row for row in accounts(None) if row.company_id == company_id)
    people = (
        AccountPerson(row.best_lead_id, row.champion, "CTO", row.score, row.score, True, NOW, REP, "claimed"),
        AccountPerson("L000004", "Priya Nair", None, 20, 0, True, NOW - timedelta(days=1), None, "new"),
    )
    return AccountDetail(row, people, (0, 1, 2, 3) * 3 + (5, 8), tuple(trials(None)[:1]), tuple(outbox()[:3]),
                         (("domain", row.domain), ("crm", "acc-77")))  # fmt: skip


def tasks(_session: object) -> list[TaskRow]:
    texts = (
        "Call about SSO",
        "Send the security paper",
        "Ask for the budget owner",
        "Follow up on the demo",
        "Share pricing",
    )
    hours = (-30, 1, 4, 20, 70)
    rows = [
        TaskRow(
            f"T{n}",
            lead(n + 1).lead_id,
            lead(n + 1).name,
            texts[n],
            NOW + timedelta(hours=hours[n]),
            REP if n % 2 == 0 else OTHER,
            None,
            lead(n + 1).company,
        )
        for n in range(5)
    ]
    return [
        *rows,
        TaskRow(
            "T9", lead(9).lead_id, lead(9).name, "Confirm the trial end", NOW, REP, NOW - timedelta(hours=4)
        ),
    ]


def task_order(
    _session: object, rep: str, midnight: datetime, tab: str, by: str, descending: bool
) -> ListOrder:
    """As they are, whatever is sorted by."""
    del by, descending
    keeps = {
        "mine": lambda row: row.done_at is None and row.assignee == rep,
        "overdue": lambda row: keeps["mine"](row) and row.due_at is not None and row.due_at < NOW,
        "today": lambda row: keeps["mine"](row) and row.due_at is not None and NOW <= row.due_at < midnight,
        "upcoming": lambda row: keeps["mine"](row) and (row.due_at is None or row.due_at >= midnight),
        "team": lambda row: row.done_at is None, "done": lambda row: row.done_at is not None,
    }  # fmt: skip
    rows = dict(enumerate(tasks(None), 1))
    counts = {key: sum(map(keep, rows.values())) for key, keep in keeps.items()}
    return ListOrder(array("q", [n for n, row in rows.items() if keeps[tab](row)]), counts)


def task_rows(_session: object, ids: Sequence[int]) -> dict[int, TaskRow]:
    rows = dict(enumerate(tasks(None), 1))
    return {n: rows[n] for n in ids}


def lead_rows_behind(_session: object, mark: tuple, _weeks: int, _source: object, _rep: object) -> LeadRows:
    rows = tuple(
        LeadRow(one.lead_id, one.name, one.company, one.score, one.state, one.owner, NOW)
        for one in (lead(n) for n in range(1, 6))
    )
    return LeadRows(2345 if mark[0] == "step" else 5, rows)
