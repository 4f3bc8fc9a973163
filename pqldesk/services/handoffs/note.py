"""The texts of a handoff: notes of facts one a line, deal names, task content, and the marker of each item.

These go to other systems and are never translated.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pqldesk.services.basics.exact import HUNDRED, text
from pqldesk.services.basics.moments import iso
from pqldesk.services.scoring.model import Measure, ScoringModel
from pqldesk.services.scoring.rules import is_met

FOLLOW_UP_TITLE = "PQL Follow-up"
SALES_HANDOFF_TITLE = "PLG → Sales Handoff"
HANDOFF_NOTE_TITLE = "PLG Handoff Context"
MILESTONE_NOTE_TITLE = "Activation Milestone"

REPLY_TO_REQUEST = "Reply to the request"
CALL_BEFORE_TRIAL_ENDS = "Call before the trial ends"
OFFER_UPGRADE = "Offer annual plan upgrade"
KEEP_NURTURING = "Keep nurturing"

MOST_FEATURES = 5
TRIAL_ENDS_SOON_DAYS = 7

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MARKER = re.compile(r"\[pqd:([0-9A-HJKMNP-TV-Z]{8})\]")
_LAST_LINE = re.compile(r"PQLDesk model .* v\d+, as of \S+ \[pqd:[0-9A-Z]{8}\]")
_LABEL_OF_KIND = {"integration_connected": "Integrations", "data_imported": "Imports"}


@dataclass(frozen=True, slots=True)
class HandoffFacts:
    """What the six lines say. *score* in hundredths, *activation* in whole percent."""

    score: int
    active_users: int
    key_features: tuple[str, ...]
    trial_start: date | None
    activation: int
    approach: str


def marker(key: str) -> str:
    """The eight signs by which an item's writing is found again, from the item's random key."""
    bits = int.from_bytes(hashlib.sha256(key.encode()).digest()[:5], "big")
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(35, -5, -5))


def marked(code: str) -> str:
    """``[pqd:XXXXXXXX]``"""
    return f"[pqd:{code}]"


def markers_in(written: str) -> list[str]:
    """The markers in a text that another system gave back."""
    return _MARKER.findall(written)


def key_features(
    events_of: Mapping[str, int], labels: Mapping[str, str], reached: Iterable[str] = ()
) -> tuple[str, ...]:
    """Labels of the five most used feature keys, by events then key; what was *reached* comes last."""
    used = sorted((key for key, events in events_of.items() if key and events > 0), key=lambda key: key)
    used.sort(key=lambda key: -events_of[key])
    return tuple(labels.get(key, key) for key in used[:MOST_FEATURES]) + tuple(reached)


def reached_features(model: ScoringModel, values: Collection[int]) -> tuple[str, ...]:
    """``Integrations`` and ``Imports``, where a signal of theirs has reached its threshold."""
    met = {
        signal.kind
        for signal, value in zip(model.signals, values, strict=True)
        if signal.kind in _LABEL_OF_KIND
        and signal.measure is not Measure.DISTINCT_DAYS
        and signal.weight > 0
        and is_met(signal, value)
    }
    return tuple(label for kind, label in _LABEL_OF_KIND.items() if kind in met)


def recommended_approach(*, hand_raised: bool, trial_days_left: int | None, at_cut: bool) -> str:
    """The first rule that applies. *trial_days_left* is None without an open trial that ends."""
    if hand_raised:
        return REPLY_TO_REQUEST
    if trial_days_left is not None and trial_days_left <= TRIAL_ENDS_SOON_DAYS:
        return CALL_BEFORE_TRIAL_ENDS
    return OFFER_UPGRADE if at_cut else KEEP_NURTURING


def note_body(facts: HandoffFacts, request: str | None = None) -> str:
    """The six lines, then what the person asked for: all that may be edited before sending."""
    lines = [
        f"PQL Score: {text(facts.score, HUNDRED)}",
        f"Active Users: {facts.active_users}",
        f"Key Features: {', '.join(facts.key_features) or 'none yet'}",
        f"Trial Start: {facts.trial_start.isoformat() if facts.trial_start else 'none'}",
        f"Activation: {facts.activation}%",
        f"Recommended Approach: {facts.approach}",
    ]
    if request and request.strip():
        lines.append(request.strip())
    return "\n".join(lines)


def last_line(model_name: str, version: int, as_of: int, code: str) -> str:
    """Where the score came from, and the marker."""
    return f"PQLDesk model {model_name} v{version}, as of {iso(as_of)} {marked(code)}"


def finished_note(body: str, model_name: str, version: int, as_of: int, code: str) -> str:
    """*body* as edited with its last line; a last line that was already there is replaced."""
    kept = body.rstrip().splitlines()
    if kept and _LAST_LINE.fullmatch(kept[-1].strip()):
        kept.pop()
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join([*kept, last_line(model_name, version, as_of, code)])


def milestone_note(key: str, reached_at: int, days_since_signup: int | None, code: str) -> str:
    """Three facts and the marker alone on the fourth line."""
    days = "unknown" if days_since_signup is None else days_since_signup
    return f"Milestone: {key}\nTimestamp: {iso(reached_at)}\nDays since signup: {days}\n{marked(code)}"


def qualified_deal_name(company: str | None, lead_name: str) -> str:
    """The deal that a qualification opens; the lead's name stands in for a missing company."""
    return f"PQL - {company or lead_name}"


def upgrade_deal_name(company: str | None, lead_name: str) -> str:
    """The deal that a handoff opens or renames."""
    return f"Enterprise Upgrade - {company or lead_name}"


def task_content(title: str, task: str, code: str) -> str:
    """``TITLE: TEXT [pqd:XXXXXXXX]`` on one line."""
    words = " ".join(task.split())
    return f"{title}: {words} {marked(code)}" if words else f"{title} {marked(code)}"
