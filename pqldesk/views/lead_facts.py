"""A lead's detail as the rows of the record panel. Pure: no widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.facts import Fact
from pqldesk.views.id_words import id_words, under_id

if TYPE_CHECKING:
    from pqldesk.services.record_rows import (
        LeadDetail,
        MilestoneShown,
        Origin,
        ScoreMove,
        TimelineEntry,
    )
    from pqldesk.services.rows import Number, OutboxRow, QueueRow

TITLES = {
    "suggestions": _("Maybe the same person"),
    "activation": _("Activation"),
    "tasks": _("Tasks"),
    "trial": _("Trial"),
    "moves": _("Why the score moved"),
    "requests": _("What they asked for"),
    "people": _("People at the company"),
    "notes": _("Notes"),
    "crm": _("Written to the CRM"),
    "merged": _("Merged into this lead"),
    "ids": _("Known by"),
    "timeline": _("Timeline"),
}
_NO_TITLE = "Note"  # as a note that was given no title is kept
_KINDS = {
    "usage": (_("Usage"), "neutral"), "submission": (_("Form"), "accent"), "hand_raise": (_("Hand-raise"), "accent"),
    "note": (_("Note"), "neutral"), "task": (_("Task"), "warn"), "action": (_("Action"), "neutral"),
    "trial": (_("Trial"), "neutral"), "crm": (_("CRM"), "ok"), "score": (_("Score"), "accent"),
}  # fmt: skip
_HOPS = {
    "received": _("Received"), "portal": _("Portal"), "relay": _("Relay"),
    "marketing_automation": _("Marketing automation"), "crm": _("CRM"),
}  # fmt: skip
_HOP_TONES = {"delivered": "ok", "done": "ok", "ok": "ok", "failed": "bad", "error": "bad", "pending": "warn"}
_SHOWN = 5
_MOVES = 4
_FIRST_ENTRIES = 12
_OURS = frozenset({"model", "settings", "undo", "redo"})  # causes of a change that are none of the lead's
_OPEN = frozenset({"new", "qualified", "claimed", "working"})
_ASKED = frozenset({"hand_raise", "contact"})


def ownership(row: QueueRow, rep: str, lease_until: datetime | None = None) -> str:
    """Who has the lead, and until when."""
    if not row.owner:
        return _("Unclaimed")
    who = wording.person(row.owner)
    if row.owner == rep:
        return _("Yours until {day}").format(day=wording.moment(lease_until)) if lease_until else _("Yours")
    if lease_until:
        return _("Claimed by {who} until {day}").format(who=who, day=wording.day(lease_until))
    return _("Claimed by {who}").format(who=who)


def most_points(row: QueueRow) -> Number:
    """What a lead can reach under the model."""
    return sum(signal.weight for signal in row.signals if signal.weight > 0)


def why_now(detail: LeadDetail, now: datetime) -> tuple[str, str, str]:
    """Why this lead deserves a look today: a headline, when it was, and words of theirs; ("", "", "") for no reason."""
    request = next((s for s in detail.submissions if s.kind in _ASKED), None)
    if request is not None:
        when = wording.ago(request.received_at, now)
        if request.glm_content:
            place = wording.plain(request.glm_content).lower()
            when = _("{ago} from {placement}").format(ago=when, placement=place)
        if request.times > 1:
            when += _(", {n} times").format(n=request.times)
        return _("Asked to talk to sales"), when, wording.quoted(request.comment) if request.comment else ""
    row, trial = detail.row, detail.row.trial
    if row.state not in _OPEN:
        return "", "", ""
    if trial is not None and trial.state in {"active", "extended"} and trial.days_left <= 3:
        words = n_("in {n} day", "in {n} days", trial.days_left) if trial.days_left > 0 else _("today")
        gap = [wording.label(stone.label) for stone in detail.milestones if stone.reached_at is None]
        missing = _("Not reached yet: {steps}.").format(steps=", ".join(gap[:3])) if gap else ""
        return _("The trial ends"), words, missing
    if row.qualified_at is not None and now - row.qualified_at < timedelta(days=7):
        best = _what_they_did(detail.score_moves)
        return _("Crossed the cut"), wording.ago(row.qualified_at, now), _sentence(best) if best else ""
    if row.score_change >= 10 and detail.score_moves:
        best = _what_they_did(detail.score_moves) or detail.score_moves[0]
        gained = _("{points} points in a week").format(points=wording.points(row.score_change))
        return gained, wording.ago(best.at, now), _sentence(best)
    return "", "", ""


def _what_they_did(moves: Sequence[ScoreMove]) -> ScoreMove | None:
    """The last gain of their own; one that another model brought, and may have lost again, where there is no other."""
    gains = [move for move in moves if move.new > move.old]
    return next((move for move in gains if move.cause not in _OURS), gains[0] if gains else None)


def _sentence(move: ScoreMove) -> str:
    words = move.words or wording.plain(move.cause)
    return f"{words[:1].upper()}{words[1:]}."


def origin(origin: Origin | None, now: datetime, what: str) -> str:
    """Where something comes from and how old it is, for a tooltip."""
    if origin is None:
        return ""
    source = (
        origin.file.replace("\\", "/").rpartition("/")[2] if origin.file else wording.plain(origin.source)
    )
    return _("{what}: from {source}, received {ago} ({at})").format(
        what=what, source=source, ago=wording.ago(origin.at, now), at=wording.exact(origin.at)
    )


def scored(detail: LeadDetail, now: datetime) -> str:
    """By what and when the score was worked out, and how old the usage is that it was made from."""
    words = _("{model} v{version}, cut {cut}. Worked out {ago} ({at}).").format(
        model=detail.model, version=detail.model_version, cut=wording.number(detail.cut),
        ago=wording.ago(detail.scored_at, now), at=wording.exact(detail.scored_at),
    )  # fmt: skip
    return "\n".join(filter(None, (words, origin(detail.usage_origin, now, _("Newest usage")))))


def sections(
    detail: LeadDetail,
    now: datetime,
    more: Sequence[TimelineEntry] = (),
    every: frozenset[str] = frozenset(),
    goes_on: bool = False,
) -> Iterator[tuple[str, tuple[Fact, ...], str]]:
    """(section key, rows, words at the right of its head), in the order of the panel.

    *more* are older entries of the timeline, read since, and with *goes_on* not the last; *every* are the sections
    that are shown whole.
    """
    yield "suggestions", _suggestions(detail), ""
    yield "activation", _activation(detail, now), _activation_side(detail)
    yield "tasks", _short("tasks", _tasks(detail, now), every), ""
    yield "trial", _trial(detail, now), ""
    moves = tuple(
        Fact(
            _("{points} on {day}").format(points=wording.points(move.new - move.old), day=wording.day(move.at)),
            f"{wording.number(move.old)} → {wording.number(move.new)}",
            second=move.words or wording.plain(move.cause),
            hint="\n".join((
                move.words or wording.plain(move.cause),
                ", ".join(f"{wording.label(label)} {wording.points(part)}" for label, part in move.parts),
                _("Noticed {at}").format(at=wording.exact(move.at)),
            )),
        )
        for move in detail.score_moves
    )  # fmt: skip
    yield "moves", _short("moves", moves, every, _MOVES), ""
    yield "requests", _short("requests", _requests(detail, now), every, 8), ""
    people = tuple(
        Fact(
            one.name, wording.number(one.score), avatar=(one.name, one.lead_id), action=f"lead:{one.lead_id}",
            hint=_("{name}, score {score}, last active {ago}").format(
                name=one.name, score=wording.number(one.score), ago=wording.ago(one.last_active_at, now)
            ),
        )
        for one in detail.teammates
    )  # fmt: skip
    way = Fact(_("Usage, trials and score of the account"), tone="accent", action="run:open_account")
    on = () if detail.company_number is None else (way,)
    yield (
        "people",
        (*_short("people", people, every), *on),
        n_("{n} other", "{n} others", len(detail.teammates)) if detail.teammates else "",
    )
    notes = tuple(
        Fact(note.text.splitlines()[0] if note.text else note.title, wording.age(note.at, now),
             second=_of_note(note.title, note.author),
             hint=f"{note.text}\n{wording.person(note.author)}, {wording.exact(note.at)}")
        for note in detail.notes
    )  # fmt: skip
    yield "notes", _short("notes", notes, every), ""
    yield "crm", _short("crm", _deliveries(detail, now), every), ""
    yield "merged", _merged(detail, now), ""
    yield "ids", _short("ids", _ids(detail, now), every), ""
    entries = [*detail.timeline, *more]
    first = entries if "timeline" in every else entries[:_FIRST_ENTRIES]
    rows = [_entry(entry, now) for entry in first]
    if len(first) < len(entries) or goes_on:
        rows.append(Fact(_("Show older entries"), tone="accent", action="older:"))
    yield "timeline", tuple(rows), n_("{n} event in all", "{n} events in all", detail.events_total)


def _of_note(title: str, author: str) -> str:
    """What a note is beside its words: the title, unless it is the usual one, and who wrote it."""
    named = "" if title == _NO_TITLE else wording.label(title)
    return " · ".join(filter(None, (named, wording.person(author) if author else "")))


def _short(key: str, rows: tuple[Fact, ...], every: frozenset[str], most: int = _SHOWN) -> tuple[Fact, ...]:
    """The first of many rows, and a row that shows the others."""
    if len(rows) <= most + 1 or key in every:
        return rows
    return (*rows[:most], Fact(_("Show all {n}").format(n=len(rows)), tone="accent", action=f"all:{key}"))


def _requests(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    """Every form with the way it took through other systems."""
    rows: list[Fact] = []
    for one in detail.submissions:
        pill = _KINDS["hand_raise"] if one.kind == "hand_raise" else (wording.plain(one.kind), "neutral")
        where = wording.plain(one.glm_content) if one.glm_content else wording.plain(one.source or one.kind)
        hint = [one.comment or "", _("Placement: {key}").format(key=one.glm_content) if one.glm_content else "",
                _("Page: {page}").format(page=one.glm_source) if one.glm_source else "",
                _("Received {at} from {source}").format(at=wording.exact(one.received_at),
                                                        source=wording.plain(one.source or one.kind))]  # fmt: skip
        rows.append(
            Fact(where, wording.age(one.received_at, now), pill=pill, hint="\n".join(filter(None, hint)),
                 second=wording.quoted(one.comment) if one.comment and one.kind not in _ASKED else "")
        )  # fmt: skip
        rows.extend(
            Fact(
                _HOPS.get(hop.step, wording.plain(hop.step)), wording.moment(hop.at), second=hop.error or "",
                right_pill=(wording.plain(hop.status), _HOP_TONES.get(hop.status, "neutral")), indent=1,
                hint="\n".join(filter(None, (hop.error, hop.remote_id, wording.exact(hop.at)))),
            )
            for hop in one.hops
        )  # fmt: skip
    return tuple(rows)


def _merged(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            one.name, _("Take apart"), second=one.reason or one.email or "", avatar=(one.name, one.lead_id),
            right_tone="accent", action=f"unmerge:{one.lead_id}",
            hint=_("{mail}\nMerged by {who} {ago}: {reason}").format(
                mail=one.email or _("no e-mail"), who=wording.person(one.actor), ago=wording.ago(one.at, now),
                reason=one.reason,
            ),
        )
        for one in detail.merged
    )  # fmt: skip


def _ids(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    """Each id with what came under it; the only one cannot be parted."""
    is_only = len(detail.ids) == 1
    return tuple(
        Fact(
            id_words(one), "" if is_only else _("Separate…"), second=under_id(one), right_tone="accent",
            action="" if is_only else f"part:{one.key}", hint=origin(one.origin, now, one.key),
        )
        for one in detail.ids
    )  # fmt: skip


def _entry(entry: TimelineEntry, now: datetime) -> Fact:
    kind, text = entry.kind, entry.title
    if kind == "submission":
        kind = "hand_raise" if entry.title == "hand_raise" else kind
        where, *said = entry.detail.split(" · ") if entry.detail else [wording.plain(entry.title)]
        text = " · ".join((where if " " in where else wording.plain(where), *said))  # a placement is one word
    elif kind == "usage":
        text = " · ".join(part for part in (wording.plain(entry.title), entry.detail) if part)
    elif kind == "crm":
        text = _("{kind} written to {system}").format(
            kind=wording.plain(entry.title), system=wording.plain(entry.detail)
        )
    elif kind == "action":
        text = wording.plain(entry.title)
    elif kind == "trial":
        state = wording.TRIAL_STATES.get(entry.title, wording.plain(entry.title))
        text = " · ".join(filter(None, (state, entry.detail)))
    elif kind == "note" and entry.detail:
        text = entry.detail.splitlines()[0]
    hint = "\n".join(part for part in (entry.title, entry.detail, wording.exact(entry.at)) if part)
    pill = _KINDS.get(kind, (wording.plain(kind), "neutral"))
    return Fact(text, wording.age(entry.at, now), pill=pill, hint=hint)


def _activation(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    source = origin(detail.usage_origin, now, _("Newest usage"))
    return tuple(
        Fact(
            wording.label(stone.label), _when_reached(stone), tick=stone.reached_at is not None,
            hint="\n".join(filter(None, (
                _("{label}: {at}").format(label=wording.label(stone.label), at=wording.exact(stone.reached_at))
                + ("" if stone.days_since_signup is None
                   else n_(
                       ", {n} full day of 24 hours after signup", ", {n} full days of 24 hours after signup",
                       stone.days_since_signup,
                   )),
                source,
            ))),
        )
        for stone in detail.milestones
    )  # fmt: skip


def _when_reached(stone: MilestoneShown) -> str:
    if stone.reached_at is None or stone.days_since_signup is None or stone.key == "signed_up":
        return wording.day(stone.reached_at)
    return _("{date} · +{n} d").format(date=wording.day(stone.reached_at), n=stone.days_since_signup)


def _activation_side(detail: LeadDetail) -> str:
    reached = [stone for stone in detail.milestones if stone.reached_at]
    words = _("{n} of {all}").format(n=len(reached), all=len(detail.milestones))
    value = [s.days_since_signup for s in reached if s.key not in {"signed_up", "first_login"}]
    first = min((days for days in value if days is not None), default=None)
    if first is None:
        return words
    if first == 0:
        return words + _(" · first value at once")
    return words + n_(" · first value in {n} day", " · first value in {n} days", first)


def _suggestions(detail: LeadDetail) -> tuple[Fact, ...]:
    shown = detail.row.lead_id
    rows = []
    for one in detail.suggestions:
        name, lead_id = (
            (one.other_name, one.other_lead_id) if one.lead_id == shown else (one.lead_name, one.lead_id)
        )
        rows.append(
            Fact(name, _("Compare…"), second=one.reason, avatar=(name, lead_id), right_tone="accent",
                 hint=f"{name}\n{one.reason}", action=f"compare:{one.suggestion_id}")
        )  # fmt: skip
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
    return tuple(rows)


def _trial(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    trial = detail.row.trial
    if trial is None:
        return ()
    dates = f"{wording.day(trial.starts_at)} – {wording.day(trial.ends_at)}"
    hint = "\n".join((
        _("{start} to {end}").format(start=wording.exact(trial.starts_at), end=wording.exact(trial.ends_at)),
        origin(detail.trial_origin, now, _("Trial")),
    ))  # fmt: skip
    pill = wording.trial(trial.state, trial.days_left)
    return (Fact(trial.plan or _("Trial"), dates, right_pill=pill, hint=hint),)


def _deliveries(detail: LeadDetail, now: datetime) -> tuple[Fact, ...]:
    rows = []
    for item in detail.outbox:
        words, tone = wording.outbox_state(item.state, item.kind)
        second = item.error or ""
        if item.state in {"pending", "unknown"} and item.next_attempt_at and item.attempts:
            second = _("next try {at}").format(at=wording.moment(item.next_attempt_at)) + (
                f" · {second}" if second else ""
            )
        rows.append(
            Fact(item.summary or wording.plain(item.kind), second=second, right_pill=(words, tone),
                 right=wording.age(item.created_at, now) if item.state == "done" else "",
                 hint=_delivery_hint(item), action=f"link:{item.remote_url}" if item.remote_url else "")
        )  # fmt: skip
    return tuple(rows)


def _delivery_hint(item: OutboxRow) -> str:
    tries = n_("{n} try", "{n} tries", item.attempts)
    when = _("queued {at}").format(at=wording.exact(item.created_at))
    return "\n".join(filter(None, (item.remote_url, item.error, f"{tries}, {when}")))
