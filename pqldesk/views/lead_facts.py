"""A lead's detail as the rows of the record panel. Pure: no widgets."""

from collections.abc import Iterator
from datetime import datetime

from pqldesk.services.rows import LeadDetail, QueueRow, TimelineEntry
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.facts import Fact

TITLES = {
    "activation": _("Activation"),
    "suggestions": _("Maybe the same person"),
    "tasks": _("Tasks"),
    "trial": _("Trial"),
    "people": _("People at the company"),
    "notes": _("Notes"),
    "crm": _("Written to the CRM"),
    "moves": _("Why the score moved"),
    "timeline": _("Timeline"),
}
_KINDS = {
    "usage": (_("Usage"), "neutral"), "submission": (_("Form"), "accent"), "hand_raise": (_("Hand-raise"), "accent"),
    "note": (_("Note"), "neutral"), "task": (_("Task"), "warn"), "action": (_("Action"), "neutral"),
    "crm": (_("CRM"), "ok"), "score": (_("Score"), "accent"),
}  # fmt: skip
_SHOWN = 5


def ownership(row: QueueRow, rep: str, lease_until: datetime | None = None) -> str:
    """Who has the lead, and until when."""
    if not row.owner:
        return _("Unclaimed")
    who = _("you") if row.owner == rep else wording.person(row.owner)
    if lease_until:
        return _("Claimed by {who} until {day}").format(who=who, day=wording.day(lease_until))
    return _("Claimed by {who}").format(who=who)


def sections(detail: LeadDetail, now: datetime) -> Iterator[tuple[str, tuple[Fact, ...], str]]:
    """(section key, rows, words at the right of its head), in the order of the panel."""
    yield "activation", _activation(detail), _activation_side(detail)
    yield "suggestions", _suggestions(detail), ""
    yield "tasks", _tasks(detail, now), ""
    yield "trial", _trial(detail), ""
    people = tuple(
        Fact(
            one.name, wording.number(one.score), avatar=(one.name, one.lead_id), action=f"lead:{one.lead_id}",
            hint=_("{name}, score {score}, last active {ago}").format(
                name=one.name, score=wording.number(one.score), ago=wording.ago(one.last_active_at, now)
            ),
        )
        for one in detail.teammates[:_SHOWN]
    )  # fmt: skip
    yield "people", people, n_("{n} lead", "{n} leads", len(detail.teammates) + 1)
    notes = tuple(
        Fact(note.text.splitlines()[0] if note.text else note.title, wording.age(note.at, now),
             second=f"{note.title or wording.person(note.author)}", hint=note.text)
        for note in detail.notes[:_SHOWN]
    )  # fmt: skip
    yield "notes", notes, ""
    yield "crm", _deliveries(detail, now), ""
    moves = tuple(
        Fact(
            f"{wording.number(move.old)} → {wording.number(move.new)}  {wording.points(move.new - move.old)}",
            wording.age(move.at, now),
            second=", ".join(f"{label} {wording.points(part)}" for label, part in move.parts) or move.cause,
            hint=f"{wording.plain(move.cause)}, {wording.exact(move.at)}",
        )
        for move in detail.score_moves[:_SHOWN]
    )
    yield "moves", moves, ""
    timeline = tuple(_entry(entry, now) for entry in detail.timeline[:12])
    yield "timeline", timeline, n_("{n} event in all", "{n} events in all", detail.events_total)


def _entry(entry: TimelineEntry, now: datetime) -> Fact:
    kind, text = entry.kind, entry.title
    if kind == "submission":
        kind = "hand_raise" if entry.title == "hand_raise" else kind
        text = entry.detail or wording.plain(entry.title)
    elif kind == "usage":
        text = " · ".join(part for part in (wording.plain(entry.title), entry.detail) if part)
    elif kind == "crm":
        text = _("{kind} written to {system}").format(
            kind=wording.plain(entry.title), system=wording.plain(entry.detail)
        )
    elif kind == "action":
        text = wording.plain(entry.title)
    hint = "\n".join(part for part in (entry.title, entry.detail, wording.exact(entry.at)) if part)
    pill = _KINDS.get(kind, (wording.plain(kind), "neutral"))
    return Fact(text, wording.age(entry.at, now), pill=pill, hint=hint)


def _activation(detail: LeadDetail) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            stone.label, wording.day(stone.reached_at), tick=stone.reached_at is not None,
            hint=_("{label}: {at}").format(label=stone.label, at=wording.exact(stone.reached_at))
            + ("" if stone.days_since_signup is None
               else n_(", {n} day after signup", ", {n} days after signup", stone.days_since_signup)),
        )
        for stone in detail.milestones
    )  # fmt: skip


def _activation_side(detail: LeadDetail) -> str:
    reached = [stone for stone in detail.milestones if stone.reached_at]
    words = _("{n} of {all}").format(n=len(reached), all=len(detail.milestones))
    value = [s.days_since_signup for s in reached if s.key not in {"signed_up", "first_login"}]
    first = min((days for days in value if days is not None), default=None)
    if first is None:
        return words
    return words + n_(" · first value in {n} day", " · first value in {n} days", first)


def _suggestions(detail: LeadDetail) -> tuple[Fact, ...]:
    rows: list[Fact] = []
    for one in detail.suggestions:
        rows.append(
            Fact(one.other_name, _("Merge"), second=one.reason, avatar=(one.other_name, one.other_lead_id),
                 right_tone="accent", action=f"merge:{one.suggestion_id}")
        )  # fmt: skip
        rows.append(Fact(_("They are two people"), _("Keep apart"), right_tone="accent",
                         action=f"keep:{one.suggestion_id}"))  # fmt: skip
    return tuple(rows)


def _tasks(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    rows = []
    for task in sorted(detail.tasks, key=lambda t: (t.done_at is not None, str(t.due_at))):
        if task.done_at:
            rows.append(Fact(task.title, wording.day(task.done_at), tick=True))
            continue
        words, tone = wording.due(task.due_at, now)
        hint = _("Click to finish: {title}").format(title=task.title)
        rows.append(
            Fact(task.title, tick=False, right_pill=(words, tone), hint=hint, action=f"task:{task.task_id}")
        )
    return tuple(rows[:_SHOWN])


def _trial(detail: LeadDetail) -> tuple[Fact, ...]:
    trial = detail.row.trial
    if trial is None:
        return ()
    dates = f"{wording.day(trial.starts_at)} – {wording.day(trial.ends_at)}"
    return (Fact(trial.plan or _("Trial"), dates, right_pill=wording.trial(trial.state, trial.days_left)),)


def _deliveries(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    rows = []
    for item in detail.outbox[: _SHOWN + 1]:
        words, tone = wording.OUTBOX_STATES.get(item.state, (wording.plain(item.state), "neutral"))
        second = item.error or ""
        if item.state in {"pending", "unknown"} and item.next_attempt_at and item.attempts:
            second = _("next try {at}").format(at=wording.moment(item.next_attempt_at)) + (
                f" · {second}" if second else ""
            )
        rows.append(
            Fact(item.summary or wording.plain(item.kind), second=second, right_pill=(words, tone),
                 right=wording.age(item.created_at, now) if item.state == "done" else "",
                 hint=item.remote_url or item.error or "", action=f"link:{item.remote_url}" if item.remote_url else "")
        )  # fmt: skip
    return tuple(rows)
