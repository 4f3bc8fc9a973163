"""What the inbox shows, as rows, and the sentence of each kind. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.retelling import is_text, retold
from pqldesk.services.basics.texts import _, decimal, n_


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice of a rep. *lead_id* and *lead* are empty where it is about no single lead."""

    notice_id: str
    kind: str
    lead_id: str
    lead: str
    company: str
    text: str
    at: datetime
    read_at: datetime | None
    snoozed_until: datetime | None = None

    def is_unread(self, at: datetime) -> bool:
        """Neither read nor put off."""
        return self.read_at is None and (self.snoozed_until is None or self.snoozed_until <= at)


@dataclass(frozen=True, slots=True)
class Pop:
    """One message that may pop up now."""

    title: str
    text: str
    lead_id: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What looking for news has led to: *pops* may be shown, on the desktop too where *desktop* says so."""

    pops: tuple[Pop, ...] = ()
    desktop: bool = False
    changes: Changes = field(default_factory=Changes)


def notice_text(kind: str, facts: Mapping[str, Any]) -> str:
    """What has happened, as one sentence without a name, in the reader's language whoever looked for it.

    Days are written 2026-11-20, for those who show them to write as their reader does.
    """
    match kind:
        case "crossed":
            if "n" in facts:
                return n_("{n} lead has crossed the cut", "{n} leads have crossed the cut", int(facts["n"]))
            return _("Qualifies now, at {score} points").format(score=_points(facts["score"]))
        case "hand_raise":
            place = facts.get("placement")
            if place:
                words = str(place).replace("-", " ").replace("_", " ")  # as the record says it
                return _("Asked to talk to sales, from {place}").format(place=words)
            return _("Asked to talk to sales")
        case "respond":
            return _("The first touch is due at {time}").format(time=facts["time"])
        case "stuck":
            text = _("Stuck on the way to {system} since {time}")
            return text.format(system=_step(facts), time=facts["time"])
        case "placement":
            return _placement(facts)
        case "trial_ends":
            return _("The trial ends on {day}").format(day=facts["day"])
        case _other:
            if "system" in facts:
                text = _("{system} has stopped: {problem}")
                return text.format(system=facts["system"], problem=retold(facts["problem"] or ""))
            return _("A write to the CRM has stopped and needs you")


def _placement(facts: Mapping[str, Any]) -> str:
    match facts["problem"]:
        case "missing":
            return _("The button “{text}” on {page} says nothing about where it stands").format(**facts)
        case "duplicate":
            return _("{placement} stands on several buttons of {page}").format(**facts)
    return _("{placement} is registered nowhere, and forms come from it").format(**facts)


def _points(score: float) -> str:
    """85.5 as the reader writes it, without needless decimals."""
    _whole, _point, rest = f"{score:g}".partition(".")
    return decimal(score, len(rest))


def _step(facts: Mapping[str, Any]) -> str:
    """Where a form is stuck. Older notices have the name in the language of whoever looked."""
    names = {
        "portal": _("Customer portal"), "relay": _("Relay"), "crm": _("CRM"),
        "marketing_automation": _("Marketing automation"),
    }  # fmt: skip
    if "step" in facts:
        return names.get(facts["step"], str(facts["step"]))
    told = str(facts["system"])
    texts = ("Customer portal", "Relay", "Marketing automation")
    return next((_(text) for text in texts if is_text(told, text)), told)
