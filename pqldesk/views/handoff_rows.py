"""Writes and drafts as the Handoffs page words them. Pure: no widgets."""

from collections.abc import Iterable
from datetime import datetime

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.connectors import title_of
from pqldesk.services.handoffs.shown import DraftRow
from pqldesk.services.rows import OutboxRow
from pqldesk.views import wording
from pqldesk.views.facts import Fact
from pqldesk.views.page import Context
from pqldesk.views.row_table import Column, Mark

DRAFT = "draft"
WAITING = frozenset({"pending", "sending", "unknown"})
STUCK = frozenset({"failed", "held"})
RETRIABLE = STUCK | {"pending", "unknown"}
ASSIGNABLE = STUCK | {"pending"}  # nothing of it has left, so it can go to somebody else
STOPPABLE = frozenset({"pending", "held", "failed", "unknown"})
PLAYBOOKS = {
    "signup": _("Signup"), "qualification": _("Qualification"), "milestone": _("Milestone"), "handoff": _("Handoff"),
    "form": _("Form passed on"),
}  # fmt: skip


def state(row: OutboxRow) -> tuple[str, str]:
    if row.state == DRAFT:
        return _("Draft"), "accent"
    return wording.outbox_state(row.state, row.kind)


def _is_passed_on(row: OutboxRow) -> bool:
    """A relay has it; whether it stands in the CRM behind it nobody has seen."""
    return row.state == "done" and row.kind == "relay"


def as_row(draft: DraftRow) -> OutboxRow:
    """A draft among the writes: nothing of it is in the outbox yet."""
    return OutboxRow(
        f"{DRAFT}:{draft.lead_id}", None, draft.lead_id, draft.lead_name, "", DRAFT, DRAFT, 0, None, None, None, None,
        draft.saved_at, draft.deal_name, queued_by=draft.rep,
    )  # fmt: skip


def where(row: OutboxRow) -> str:
    """System, kind, and which of its handoff's writes it is."""
    if row.state == DRAFT:
        return _("kept by {who}").format(who=wording.person(row.queued_by))
    place = _("{n} of {all}").format(n=row.position, all=row.of) if row.of > 1 else ""
    return " · ".join(filter(None, (title_of(row.system), wording.plain(row.kind), place)))


def answer(row: OutboxRow) -> str:
    """What is known of the delivery, in one sentence."""
    if row.error:
        return row.error
    if _is_passed_on(row):
        return _("Accepted by {system}").format(system=title_of(row.system))
    if row.state == "done":
        return _("Written to {system}").format(system=title_of(row.system))
    if row.state == "cancelled":
        return _("Given up")
    if row.state == "pending" and not row.attempts:
        return _("Not tried yet")
    return wording.NONE


def tries(row: OutboxRow, now: datetime) -> str:
    if row.state == DRAFT:
        return _("saved {ago}").format(ago=wording.ago(row.created_at, now))
    if row.state == "done" and row.done_at is not None:
        return wording.ago(row.done_at, now)
    many = n_("{n} try", "{n} tries", row.attempts) if row.attempts else ""
    queued = _("queued {ago}").format(ago=wording.ago(row.created_at, now))
    return " · ".join(filter(None, (many, queued)))


def next_try(row: OutboxRow, now: datetime) -> str:
    if row.state not in WAITING or row.next_attempt_at is None:
        return wording.NONE
    return wording.ahead((row.next_attempt_at - now).total_seconds())


def columns(context: Context) -> tuple[Column[OutboxRow], ...]:
    now = context.now
    return (
        Column(
            _("State"), lambda r: state(r)[0], 92, mark=lambda r: Mark("pill", tone=state(r)[1]), by="state",
            pills=tuple(words for words, _tone in wording.OUTBOX_STATES.values()),
        ),
        Column(
            _("Write"), lambda r: r.summary or wording.plain(r.kind), 220, stretch=3,
            mark=lambda r: Mark(second=where(r)), by="write",
        ),
        Column(
            _("Lead"), lambda r: r.lead_name, 176, stretch=1, weak=1,
            mark=lambda r: Mark("avatar", key=r.lead_id or r.lead_name), by="lead",
        ),
        Column(
            _("Next try"), lambda r: next_try(r, now()), 78, weak=2,
            hint=lambda r: wording.exact(r.next_attempt_at), mark=lambda r: Mark(tone="muted"),
            by="next",
        ),
        Column(
            _("Last answer"), answer, 220, stretch=3, weak=3, by="queued",
            hint=lambda r: f"{answer(r)}\n{tries(r, now())}\n{wording.exact(r.created_at)}",
            mark=lambda r: Mark(second=tries(r, now()), tone="bad" if r.state in STUCK else "muted"),
        ),
    )  # fmt: skip


def advice(row: OutboxRow) -> str:
    """What will happen to it by itself, and what would help."""
    if _is_passed_on(row):
        return _("The relay has taken it. Whether it stands in the CRM behind the relay is to be seen there.")
    return {
        "held": _("Nothing of this handoff is sent while it is held. Put right what it says, then try again."),
        "failed": _("It is not tried again by itself. Edit it or put right what was refused, then try again."),
        "pending": _("It goes out by itself, after those before it. Until then it can be edited, held or cancelled."),
        "unknown": _("It may have arrived: PQLDesk looks in the CRM before it sends it once more."),
        "sending": _("It is on its way."),
        "done": _("It stands in the CRM. Correct it there; PQLDesk writes it once."),
        "cancelled": _("It was given up and will not be sent."),
    }.get(row.state, "")  # fmt: skip


def steps(row: OutboxRow, rows: Iterable[OutboxRow]) -> tuple[Fact, ...]:
    """*rows* are all writes of the same handoff in the order in which they go out; a click goes to one."""
    return tuple(
        Fact(
            one.summary or wording.plain(one.kind), place=wording.number(one.position),
            tone="accent" if one.item_id == row.item_id else "",
            tick=one.state == "done", right_pill=None if one.state == "done" else state(one),
            hint=f"{wording.plain(one.kind)}\n{answer(one)}", action=f"item:{one.item_id}",
        )
        for one in rows
    )  # fmt: skip


def facts(row: OutboxRow, now: datetime) -> tuple[Fact, ...]:
    """The delivery of one write."""
    found = [
        (_("System"), title_of(row.system), ""),
        (_("Queued"), wording.ago(row.created_at, now), wording.exact(row.created_at)),
        (_("Tries"), wording.number(row.attempts), ""),
    ]
    if row.next_attempt_at is not None and row.state in WAITING:
        found.append((_("Next try"), wording.moment(row.next_attempt_at), wording.exact(row.next_attempt_at)))
    if row.done_at is not None:
        label = p_("write", "Accepted") if _is_passed_on(row) else p_("write", "Written")
        found.append((label, wording.moment(row.done_at), wording.exact(row.done_at)))
    if row.remote_id:
        found.append((_("Record there"), row.remote_id, row.remote_url or row.remote_id))
    return tuple(Fact(label, _short(value), hint=hint or value) for label, value, hint in found)


def draft_facts(draft: DraftRow, now: datetime) -> tuple[Fact, ...]:
    value = "" if draft.deal_value is None else wording.money(draft.deal_value, draft.currency)
    found = (
        (_("Deal"), draft.deal_name), (_("Value"), value or _("not known")), (_("Stage"), draft.stage),
        (_("Kept by"), wording.person(draft.rep)), (_("Saved"), wording.ago(draft.saved_at, now)),
    )  # fmt: skip
    return tuple(Fact(label, _short(text), hint=text) for label, text in found)


def _short(text: str) -> str:
    return text if len(text) <= 34 else f"{text[:33]}…"
