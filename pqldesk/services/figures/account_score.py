"""An account's figure from its people's scores, by a declared rule; what each person gives to it adds up to it.

best    the highest score among its people
sum     all scores together, up to a cap
active  the share of its people who used the product in the last 14 days, in percent
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED

BEST, SUM, ACTIVE = "best", "sum", "active"


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The rule and, for a sum, its cap in hundredths."""

    rule: str
    cap: int

    def figure(self, people: "Sequence[Seat]") -> int:
        """Hundredths."""
        return sum(self.contributions(people))

    def contributions(self, people: "Sequence[Seat]") -> list[int]:
        """What each person gives, in their order, in hundredths."""
        if not people:
            return []
        if self.rule == ACTIVE:
            return _shared(100 * HUNDRED, people)
        best_first = sorted(range(len(people)), key=lambda n: (-people[n].score, people[n].lead_id))
        given = [0] * len(people)
        if self.rule == BEST:
            given[best_first[0]] = people[best_first[0]].score
            return given
        room = self.cap
        for n in best_first:
            given[n] = min(people[n].score, max(0, room)) if people[n].score > 0 else people[n].score
            room -= given[n]
        return given


@dataclass(frozen=True, slots=True)
class Seat:
    """One of an account's people: score in hundredths, and whether they were active in the last 14 days."""

    lead_id: int
    score: int
    active: bool


def aggregation(session: Session) -> Aggregation:
    """The rule in force."""
    cap = int(settings.value(session, "account_cap")) * HUNDRED
    return Aggregation(settings.value(session, "account_score"), cap)


def _shared(whole: int, people: Sequence[Seat]) -> list[int]:
    """The share of active people; each active one gives an equal part, and the first the rest of the division."""
    active = [n for n, seat in enumerate(people) if seat.active]
    given = [0] * len(people)
    if not active:
        return given
    total = (2 * whole * len(active) + len(people)) // (2 * len(people))  # rounded half up
    for n in active:
        given[n] = total // len(active)
    given[active[0]] += total - sum(given)
    return given
