"""A lead's life as it was known while it went on: what a replay reads. Nothing later than a moment changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from pqldesk.services.basics.moments import LocalDays
from pqldesk.services.scoring.model import ScoringModel
from pqldesk.services.scoring.timeline import Life

KnownEvent = tuple[int, int, str, str, int]
"""(known at, occurred at, kind, key or '', quantity), times in microseconds; known at is never the earlier one."""

NEVER_SCORED = -(10**12)  # below every score: an excluded lead comes last


@dataclass(frozen=True, slots=True)
class Lived:
    """What one model said along a life. Times in microseconds, scores in hundredths."""

    crossed_at: int | None  # when the score was first seen at or over the cut
    peak: int  # the highest score seen before the lead was decided; NEVER_SCORED for noise
    met: tuple[bool, ...]  # signals seen at or over their threshold before that
    score: int  # at the end
    excluded: bool  # at the end


def lived(
    model: ScoringModel,
    events: Sequence[KnownEvent],
    days: LocalDays,
    until: int,
    decided_at: int | None = None,
    *,
    is_noise: bool = False,
) -> Lived:
    """One life up to *until*, events in the order in which they became known.

    An event counts on its own day, from the moment it was known. *decided_at* is when the lead was won or lost:
    peak and signals met stop just before. *is_noise*: a rule about the person excludes the lead.
    """
    plain = [(at, kind, key, quantity) for _, at, kind, key, quantity in events]
    life = Life(model, plain, days)
    crossed_at: int | None = None
    peak = NEVER_SCORED if is_noise else life.score
    met = [not is_noise and now for now in life.met()]
    last = until if decided_at is None else min(until, decided_at)

    def look(moment: int) -> None:
        nonlocal crossed_at, peak
        if is_noise or life.in_single_session():
            return
        score = life.score
        if crossed_at is None and score >= model.cut:
            crossed_at = moment
        if moment <= last:
            peak = max(peak, score)
            for place, now in enumerate(life.met()):
                met[place] = met[place] or now

    for known_at, group in groupby(events, key=itemgetter(0)):
        if known_at > until:
            break
        for midnight in life.midnights_before(known_at):
            look(midnight)
        life.advance(days.day_of(known_at))
        for _, at, kind, key, quantity in group:
            life.add(at, days.day_of(at), kind, key, quantity)
        look(known_at)
    for midnight in life.midnights_before(until):
        look(midnight)
    life.advance(days.day_of(until))
    excluded = is_noise or life.in_single_session()
    return Lived(crossed_at, peak, tuple(met), 0 if excluded else life.score, excluded)
