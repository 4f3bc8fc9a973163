"""What the Sources page shows beside connections and imports, as rows."""

from dataclasses import dataclass
from datetime import datetime

from pqldesk.services.rows import SuggestionShown


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """One glm_content value; *registered* is False for one that only arrived."""

    glm_content: str
    note: str
    place: str | None
    registered: bool
    submissions: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class LooseEnds:
    """What waits for somebody to decide: pairs of leads that may be one person, events that do not count yet."""

    suggestions: tuple[SuggestionShown, ...] = ()
    set_aside: int = 0
    reasons: tuple[tuple[str, int], ...] = ()  # why events were set aside, how many for each
