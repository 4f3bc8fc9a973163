"""What storing a batch did."""

from dataclasses import dataclass, field

from pqldesk.services.basics.changes import Changes
from pqldesk.services.ingest.forms import KeptForm


@dataclass(slots=True)
class Stored:
    """Rows by what became of them, and the leads that need another look. Each row counts once."""

    created: int = 0
    updated: int = 0
    duplicates: int = 0
    set_aside: int = 0
    erased: int = 0  # about people who were erased: dropped, and kept nowhere
    refused: list[tuple[int, int, str]] = field(default_factory=list)  # (line, row, reason)
    leads: set[int] = field(default_factory=set)  # touched: to be rescored
    earliest: dict[int, int] = field(default_factory=dict)  # lead -> time (µs) of its earliest new event
    relinked: set[int] = field(
        default_factory=set
    )  # got identities with usage of their own: read again in full
    new_leads: set[int] = field(default_factory=set)
    work: int = 0  # how much it was, where that is not the number of rows
    forms: list[KeptForm] = field(default_factory=list)  # those that were new
    seconds: float = 0.0  # how long its transaction held the write lock, without the commit
    changes: Changes = field(default_factory=Changes)

    @property
    def rows(self) -> int:
        """How many rows came to something."""
        return self.created + self.updated + self.duplicates + self.set_aside + self.erased
