"""A connection's mapping as its editor shows it: ours on one side, what the CRM has on the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TheirThing:
    """A field, stage, list or stand-in of the CRM. *key* is what a mapping names.

    *used_by*: ours that are mapped to it already.
    """

    key: str
    title: str
    kind: str
    required: bool = False
    unique: bool = False
    writable: bool = True
    options: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OurThing:
    """Something of ours that can be mapped, by a name such as ``person.pql_score``.

    *state*: mapped; gone (it is mapped to what is no longer there as it was); open (nothing fits by name);
    left_out (a person chose so). *chosen*: a person said so, not the equal name. *why*: of what is not mapped.
    *proposal*: what it may be called there. *refused*: {their key: why it cannot take this}. *masters*: by phase,
    for what both sides hold. *can_make*: the CRM lets us make it.
    """

    name: str
    state: str
    chosen: bool
    theirs: TheirThing | None
    why: str
    proposal: TheirThing | None
    kinds: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    masters: Mapping[str, str] | None = None
    can_make: bool = False


@dataclass(frozen=True, slots=True)
class MappingShown:
    """All of one connection. *theirs* by part: person, deal, list.pql, stage, list, step.

    *unfilled*: fields that the CRM demands of a record and nothing of ours fills.
    """

    system: str
    title: str
    ours: tuple[OurThing, ...]
    theirs: Mapping[str, tuple[TheirThing, ...]]
    unfilled: tuple[tuple[str, TheirThing], ...] = ()

    def choices(self, name: str) -> tuple[TheirThing, ...]:
        """What *name* can be mapped to, or could if it fitted."""
        return self.theirs.get(part_of(name), ())


def part_of(name: str) -> str:
    """``list.pql.score`` -> ``list.pql``; ``list.pql`` -> ``list``."""
    return name.rpartition(".")[0]
