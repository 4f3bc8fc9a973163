"""A draft held against the live model along past time: what each would have said, knowing only what was known then.

The population of all rates are leads that were won or lost in the period, less those that both models exclude. A
hand-raise qualifies under any model, so it says nothing about one and is left out: only scores count here.
Identities hang on the leads they hang on today.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import DAY, calendar_day, local_days, moment, monday
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.rates import rate
from pqldesk.services.basics.statistics import auc, median, share
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.modelling.replay_figures import (
    Flip,
    LiftSlice,
    ModelReplayed,
    ReplayAgainst,
    SignalReplayed,
)
from pqldesk.services.scoring.cells import KindNames, chunks, numbers
from pqldesk.services.scoring.exclusions import person_exclusion
from pqldesk.services.scoring.lived import KnownEvent, Lived, lived
from pqldesk.services.scoring.model import ScoringModel

CURVE_POINTS = 100
SLICES = 20
LISTED = 100  # leads of a slice
FLIPS_SHOWN = 500


def replay_against(
    session: Session,
    now: datetime,
    live: ScoringModel,
    draft: ScoringModel,
    *,
    days: int = 90,
    report: Callable[[Progress], None] = lambda _: None,
) -> ReplayAgainst:
    """What *draft* would have done in the last *days* beside *live*. Reads every lead's log, 500 leads at a time."""
    driver = Driver(session)
    zone = local_days(settings.zone(session))
    kinds = KindNames(driver)
    since, until = micros(now - timedelta(days=days)), micros(now)
    first = driver.rows("SELECT min(at) FROM usage_event")[0][0]
    since = since if first is None else max(since, min(int(first), until))
    came = outcomes(session, now)
    ids = list(session.scalars(select(Lead.id).where(Lead.is_listed == 1).order_by(Lead.id)))
    old, new = _Tally(live, since, until), _Tally(draft, since, until)
    compared = _Compared(live, draft)
    done = decided = won = 0
    for some in chunks(ids):
        events = known_events(driver, some, kinds, until)
        emails = dict(driver.rows(f"SELECT id, email FROM lead WHERE id IN ({numbers(some)})"))  # noqa: S608
        for lead in some:
            outcome = came.get(lead)
            decided_at = None if outcome is None or outcome.at is None else micros(outcome.at)
            counts = outcome is not None and (decided_at is None or since < decided_at <= until)
            before, after = (
                lived(model, events[lead], zone, until, decided_at,
                      is_noise=person_exclusion(model, emails[lead]) is not None)
                for model in (live, draft)
            )  # fmt: skip
            if before.excluded and after.excluded:
                continue
            has_won = None if outcome is None or not counts else outcome.won
            if has_won is not None:
                decided += 1
                won += has_won
            old.add(lead, before, has_won, decided_at)
            new.add(lead, after, has_won, decided_at)
            compared.add(lead, before, after, "" if outcome is None else "won" if outcome.won else "lost")
        done += len(some)
        report(Progress(done, f"{done:,} of {len(ids):,} leads replayed"))
    weeks = range(monday(zone.day_of(since)), zone.day_of(until) + 1, 7)
    return ReplayAgainst(
        since=moment(since),
        until=moment(until),
        weeks=tuple(calendar_day(week).isoformat() for week in weeks),
        leads=new.leads,
        decided=decided,
        won=won,
        known=bool(driver.rows("SELECT 1 FROM usage_event WHERE received_at > at LIMIT 1")),
        live=old.figures(weeks, zone.day_of),
        draft=new.figures(weeks, zone.day_of),
        signals=new.signals(),
        changed_scores=compared.scores,
        changed_bands=compared.bands,
        newly_qualified=compared.qualifying,
        no_longer_qualified=compared.dropping,
        flips=compared.flips(session),
        slices=new.slices(),
    )


def known_events(
    driver: Driver, lead_ids: Sequence[int], kinds: KindNames, until: int
) -> dict[int, list[KnownEvent]]:
    """Each lead's events in the order in which they became known: when they occurred, or arrived if that was later."""
    found: dict[int, list[KnownEvent]] = {lead: [] for lead in lead_ids}
    for lead, at, received_at, kind, quantity in driver.rows(
        "SELECT i.lead_id, e.at, e.received_at, e.kind_id, e.quantity FROM identity i"  # noqa: S608 - row numbers
        f" JOIN usage_event e ON e.identity_id = i.id WHERE i.lead_id IN ({numbers(lead_ids)}) AND e.at <= {until}"
    ):
        name, key = kinds[kind]
        found[lead].append((max(at, received_at), at, name, key, quantity))
    for events in found.values():
        events.sort()
    return found


def lift_curve(rows: Sequence[tuple[float, bool]]) -> tuple[tuple[float, float], ...]:
    """The cumulative gains curve of (score, won): best scores first, equal scores together; () without wins."""
    wins = sum(won for _, won in rows)
    if not wins:
        return ()
    at_score: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for score, won in rows:
        at_score[score][0] += 1
        at_score[score][1] += won
    points, seen, caught = [(0.0, 0.0)], 0, 0
    for score in sorted(at_score, reverse=True):
        seen += at_score[score][0]
        caught += at_score[score][1]
        points.append((seen / len(rows), caught / wins))
    step = max(1, len(points) // CURVE_POINTS)
    return (*points[:-1:step], points[-1])


@dataclass
class _Tally:
    """What one model did, lead by lead."""

    model: ScoringModel
    since: int
    until: int
    leads: int = 0
    crossings: list[int] = field(default_factory=list)
    judged: list[tuple[float, bool]] = field(default_factory=list)  # (peak before the outcome, won)
    judged_ids: list[int] = field(default_factory=list)  # and whose that is
    tp: int = 0
    fp: int = 0
    warnings: list[float] = field(default_factory=list)
    qualified_now: int = 0
    reached: Counter[int] = field(default_factory=Counter)
    met_decided: Counter[int] = field(default_factory=Counter)
    met_won: Counter[int] = field(default_factory=Counter)

    def add(self, lead: int, life: Lived, won: bool | None, decided_at: int | None) -> None:
        self.leads += 1
        self.qualified_now += _qualifies(self.model, life)
        crossed = life.crossed_at
        if crossed is not None and self.since < crossed <= self.until:
            self.crossings.append(crossed)
        for place, met in enumerate(life.met):
            self.reached[place] += met
            if met and won is not None:
                self.met_decided[place] += 1
                self.met_won[place] += won
        if won is None:
            return
        self.judged.append((life.peak, won))
        self.judged_ids.append(lead)
        if crossed is not None and (decided_at is None or crossed <= decided_at):
            self.tp += won
            self.fp += not won
            if won and decided_at is not None:
                self.warnings.append((decided_at - crossed) / DAY)

    @property
    def won(self) -> int:
        return sum(won for _, won in self.judged)

    def figures(self, weeks: range, day_of: Callable[[int], int]) -> ModelReplayed:
        """All of it as shown."""
        area = auc(self.judged)
        by_week = Counter(monday(day_of(at)) for at in self.crossings)
        return ModelReplayed(
            name=self.model.name,
            version=self.model.version,
            cut=number(self.model.cut, HUNDRED),
            pqls=len(self.crossings),
            weekly=tuple(by_week[week] for week in weeks),
            precision=rate(self.tp, self.tp + self.fp),
            recall=rate(self.tp, self.won),
            warning_n=len(self.warnings),
            warning_days=median(self.warnings),
            auc=None if area is None else area.value,
            auc_low=None if area is None else area.low,
            auc_high=None if area is None else area.high,
            separates=None if area is None else area.separates,
            curve=lift_curve(self.judged),
            qualified_now=self.qualified_now,
        )

    def slices(self) -> tuple[LiftSlice, ...]:
        """The decided leads in SLICES, best score first and the older lead first where they are equal."""
        if not self.won:
            return ()
        order = sorted(range(len(self.judged)), key=lambda n: (-self.judged[n][0], self.judged_ids[n]))
        found = []
        for n in range(SLICES):
            some = order[len(order) * n // SLICES : len(order) * (n + 1) // SLICES]
            listed = tuple(public_id(LEAD, self.judged_ids[one]) for one in some[:LISTED])
            found.append(LiftSlice(len(some), sum(self.judged[one][1] for one in some), listed))
        return tuple(found)

    def signals(self) -> tuple[SignalReplayed, ...]:
        """Each signal on its own."""
        base = share(self.won, len(self.judged))
        rows = []
        for place, signal in enumerate(self.model.signals):
            won = rate(self.met_won[place], self.met_decided[place])
            lift = None if won.share is None or not base else won.share / base
            rows.append(
                SignalReplayed(
                    signal.key,
                    rate(self.reached[place], self.leads),
                    won,
                    lift,
                    rate(self.met_won[place], self.won),
                )
            )
        return tuple(rows)


@dataclass
class _Compared:
    """Where the two models differ as of now."""

    live: ScoringModel
    draft: ScoringModel
    scores: int = 0
    bands: int = 0
    qualifying: int = 0
    dropping: int = 0
    _flips: list[tuple[int, int, int, bool, str]] = field(default_factory=list)

    def add(self, lead: int, before: Lived, after: Lived, outcome: str) -> None:
        self.scores += before.score != after.score
        self.bands += self.live.band_of(before.score).key != self.draft.band_of(after.score).key
        was, is_now = _qualifies(self.live, before), _qualifies(self.draft, after)
        if was != is_now:
            self.qualifying += is_now
            self.dropping += was
            self._flips.append((lead, before.score, after.score, is_now, outcome))

    def flips(self, session: Session) -> tuple[Flip, ...]:
        """The leads that change sides, those that move most first; at most FLIPS_SHOWN."""
        shown = sorted(self._flips, key=lambda one: (-abs(one[2] - one[1]), one[0]))[:FLIPS_SHOWN]
        wanted = select(Lead.id, Lead.name, Lead.company_name).where(Lead.id.in_([one[0] for one in shown]))
        named = {lead: (name, company) for lead, name, company in session.execute(wanted)}
        return tuple(
            Flip(public_id(LEAD, lead), *named[lead], number(before, HUNDRED), number(after, HUNDRED), comes, outcome)
            for lead, before, after, comes, outcome in shown
        )  # fmt: skip


def _qualifies(model: ScoringModel, life: Lived) -> bool:
    return not life.excluded and life.score >= model.cut
