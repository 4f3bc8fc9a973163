"""Who is master of a field that PQLDesk and a CRM both hold, and what follows when the two differ.

Three values are compared, as plain values (services/remote/values.py): what both sides last agreed on (base), ours
(mine) and the CRM's (theirs). Only a rule or a person's decision lets one side's change replace the other's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Plain = str | list[str] | None


class Master(StrEnum):
    """Whose value counts. BOTH: whoever changed it since the two agreed; where both did, a person decides."""

    PQLDESK = "pqldesk"
    CRM = "crm"
    BOTH = "both"


class Phase(StrEnum):
    """Where the lead stands: free, taken by a rep, or with sales."""

    FREE = "free"
    CLAIMED = "claimed"
    SALES = "sales"


class Verdict(StrEnum):
    """What to do with one field."""

    AGREED = "agreed"  # nothing: both say the same, or neither says anything
    WRITE = "write"  # ours goes there, and nothing of theirs is lost
    OVERWRITE = "overwrite"  # ours replaces what was changed there, because a rule says so
    TAKE = "take"  # theirs comes here
    LEAVE = "leave"  # each side keeps its own
    CONFLICT = "conflict"  # a person must decide


_P, _C, _B = Master.PQLDESK, Master.CRM, Master.BOTH
_SALES: Final = frozenset({"handed_off", "won", "lost", "disqualified"})
_CLAIMED: Final = frozenset({"claimed", "working"})

PRODUCT: Final = (
    "pql_score", "activation_score", "pql_state", "signup_date", "signup_source", "plan_type", "last_activity_at",
    "features_activated", "milestones_completed",
)  # fmt: skip
"""What only PQLDesk knows of a person."""

DEFAULTS: Final[Mapping[str, Mapping[Phase, Master]]] = {
    name: dict(zip(Phase, masters, strict=True))
    for name, masters in {
        "person.name": (_C, _C, _C),
        "person.job_title": (_B, _B, _C),
        "person.company": (_C, _C, _C),
        "person.owner": (_C, _B, _C),
        **{f"person.{name}": (_P, _P, _P) for name in PRODUCT},
        "company.name": (_C, _C, _C),
        "deal.name": (_B, _B, _B),
        "deal.value": (_B, _B, _B),
        "deal.stage": (_B, _B, _B),
        "deal.owner": (_C, _C, _C),
    }.items()
}
"""Each field that both sides hold, with who is its master in each phase unless a connection says otherwise."""

FAMILY: Final = "master."  # settings that choose a master: master.attio.person.job_title.sales = crm


@dataclass(frozen=True, slots=True)
class Masters:
    """The masters of one connection: *chosen* ones over the defaults, by ``person.job_title`` or with a phase."""

    chosen: Mapping[str, str]

    def of_field(self, name: str, phase: Phase) -> Master:
        """The master of ``person.job_title`` in a phase; the CRM of what is not listed."""
        text = self.chosen.get(f"{name}.{phase}") or self.chosen.get(name)
        if text is not None and text in set(Master):
            return Master(text)
        return DEFAULTS.get(name, {}).get(phase, Master.CRM)

    def is_chosen(self, name: str, phase: Phase) -> bool:
        """Whether the connection says so itself."""
        return f"{name}.{phase}" in self.chosen or name in self.chosen


def checked_choice(key: str, text: str) -> str:
    """The master that setting *key* may take. Raises ValueError with what would be right."""
    parts = key.removeprefix(FAMILY).split(".")
    name, phase = ".".join(parts[1:3]), ".".join(parts[3:])
    if name not in DEFAULTS:
        raise ValueError(f"a field after master.SYSTEM.: {', '.join(DEFAULTS)}")
    if phase and phase not in set(Phase):
        raise ValueError(f"a phase after the field: {', '.join(Phase)}")
    if text and text not in set(Master):
        raise ValueError(f"one of {', '.join(Master)}, or nothing for the default")
    return text


def phase_of(state: str, before: str | None = None) -> Phase:
    """The phase of a lead in that state; *before* is what a sleeper returns to."""
    if state in ("snoozed", "nurture"):
        state = before or "new"
    return Phase.SALES if state in _SALES else Phase.CLAIMED if state in _CLAIMED else Phase.FREE


def verdict(
    master: Master, base: Plain, mine: Plain, theirs: Plain, *, known: bool, given_up: Plain = None
) -> Verdict:
    """What to do where base, mine and theirs are these; *known*: the two have agreed on *base* at some time.

    A side that says nothing never wipes what the other says, and what was cleared there is not filled again. A value
    of ours that a person has *given up* for theirs is not written again.
    """
    if mine == theirs or (not mine and not theirs):
        return Verdict.AGREED
    if not mine:
        return Verdict.LEAVE if master is Master.PQLDESK else Verdict.TAKE
    changed_there = known and theirs != base
    if mine == given_up and not changed_there and master is not Master.PQLDESK:
        return Verdict.LEAVE
    if not theirs:
        if master is Master.PQLDESK or not changed_there:
            return Verdict.WRITE
        return Verdict.LEAVE if mine == base or master is Master.CRM else Verdict.CONFLICT
    if master is Master.PQLDESK:
        return Verdict.WRITE if known and not changed_there else Verdict.OVERWRITE
    if master is Master.CRM:
        return Verdict.TAKE
    if known and not changed_there:
        return Verdict.WRITE
    return Verdict.TAKE if known and mine == base else Verdict.CONFLICT
