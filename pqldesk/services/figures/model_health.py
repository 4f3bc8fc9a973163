"""Whether the live model still does its work: bands against outcomes, other cuts, drifting signals, hidden leads.

Outcomes are those of the last *days*. A lead counts in the band, and with the score, that it had before it was decided.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import DAY, calendar_day, local_days, monday
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.rates import ENOUGH, Rate, rate
from pqldesk.services.basics.statistics import newcombe
from pqldesk.services.basics.texts import _, numeral, percent
from pqldesk.services.figures.model_health_rows import (
    BandHealth,
    CutHealth,
    GuardRule,
    HiddenLead,
    ModelHealth,
    SignalDrift,
)
from pqldesk.services.figures.outcome_bands import closed_by_band
from pqldesk.services.figures.rejections import rejections
from pqldesk.services.modelling.replay import Outcome, outcomes
from pqldesk.services.modelling.replay_against import known_events
from pqldesk.services.scoring.cells import KindNames, chunks, numbers
from pqldesk.services.scoring.exclusions import person_exclusion
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.lived import NEVER_SCORED, lived
from pqldesk.services.scoring.model import ScoringModel

FIRST_DAYS = 14  # a signal counts as reached by a new lead within so many days of its start
LATELY = 4  # cohorts of a week each, the newest that have lived FIRST_DAYS
BEFORE = 12  # the cohorts before those, which they are held against
SHIFT = 0.10  # a difference smaller than ten points is no reason to look, however sure it is
CUT_STEP = 5 * HUNDRED
LEADS_SHOWN = 200

Judged = tuple[int, bool]  # (highest score before the lead was decided, in hundredths; won)


def model_health(
    session: Session,
    now: datetime,
    *,
    days: int = 365,
    report: Callable[[Progress], None] = lambda _: None,
) -> ModelHealth:
    """All figures about the live model. Reads the logs of decided and of new leads, 500 leads at a time."""
    model = live_model(session).model
    since = now - timedelta(days=days)
    came = {
        lead: one for lead, one in outcomes(session, now).items() if one.at is None or since < one.at <= now
    }
    judged = _judged(session, model, came, now, report)
    bands = tuple(
        BandHealth(band.key, band.label, rate(found.won, found.n))
        for band, found in zip(
            model.bands, closed_by_band(session, came, now, since, at_most=None).rates(), strict=True
        )
    )
    brier, base = brier_scores([(one.won.n, one.won.of) for one in bands])
    cuts = cut_table(judged, model.cut)
    return ModelHealth(
        model=model.name,
        version=model.version,
        cut=number(model.cut, HUNDRED),
        days=days,
        decided=len(judged),
        won=sum(won for _, won in judged),
        bands=bands,
        bands_in_order=in_order([one.won for one in bands]),
        brier=brier,
        brier_base=base,
        cuts=cuts,
        hints=hints(cuts, number(model.cut, HUNDRED), rate(sum(won for _, won in judged), len(judged))),
        drift=_drift(session, model, now, report),
        guard=_guard(session, model, came),
        rejections=rejections(session, since, came),
    )


def brier_scores(bands: Iterable[tuple[int, int]]) -> tuple[float | None, float | None]:
    """The Brier score of guessing a lead's outcome from the others of its band, and from all others.

    *bands* are (won, decided). A lead is guessed from leads other than itself, so bands of one lead say nothing
    and are left out. (None, None) where no two leads share a band.
    """
    counted = [(won, of) for won, of in bands if of > 1]
    total, wins = sum(of for _, of in counted), sum(won for won, _ in counted)
    if not total:
        return None, None
    return _left_out(counted) / total, _left_out([(wins, total)]) / total


def _left_out(groups: Iterable[tuple[int, int]]) -> float:
    """The sum of squared errors, each lead guessed by the share of wins among the others of its group."""
    error = 0.0
    for won, of in groups:
        error += won * (1 - (won - 1) / (of - 1)) ** 2 + (of - won) * (won / (of - 1)) ** 2
    return error


def in_order(rates: Sequence[Rate]) -> bool | None:
    """Whether no band, the highest first, wins clearly less than one below it: their intervals lie apart.

    None where fewer than two bands have enough decided leads.
    """
    known = [one for one in rates if one.of >= ENOUGH]
    if len(known) < 2:
        return None
    return not any(
        upper.high is not None and lower.low is not None and upper.high < lower.low
        for place, upper in enumerate(known)
        for lower in known[place + 1 :]
    )


def cut_table(judged: Sequence[Judged], cut: int) -> tuple[CutHealth, ...]:
    """What every fifth point as a cut would have flagged, with the cut in force among them."""
    wins = sum(won for _, won in judged)
    rows = []
    for other in sorted({*range(CUT_STEP, 100 * HUNDRED + 1, CUT_STEP), cut}):
        flagged = [won for score, won in judged if score >= other]
        low, high = sorted((other, cut))
        between = [won for score, won in judged if low <= score < high]
        rows.append(
            CutHealth(
                number(other, HUNDRED),
                rate(sum(flagged), len(flagged)),
                rate(sum(flagged), wins),
                rate(sum(between), len(between)),
            )
        )
    return tuple(rows)


def hints(cuts: Sequence[CutHealth], cut: float, base: Rate) -> tuple[str, ...]:
    """Cuts worth thinking about, in words.

    The lowest cut whose added leads win clearly more than all do, or no less than the flagged ones do now where
    those are enough; the highest whose dropped leads win clearly less than all do. Both only from enough leads.
    """
    now = next(one for one in cuts if one.cut == cut)
    said = []
    lower = next(
        (
            one
            for one in cuts
            if one.cut < cut and one.between.of >= ENOUGH
            and ((one.between.low or 0) > (base.share or 0)
                 or (now.flagged.of >= ENOUGH and (one.between.share or 0) >= (now.flagged.low or 0)))
        ),
        None,
    )  # fmt: skip
    if lower is not None:
        said.append(
            _("A cut of {cut} would have added {n} leads, of which {share} were won.").format(
                cut=f"{lower.cut:g}", n=numeral(lower.between.of), share=percent(lower.between.share or 0)
            )
        )
    higher = next(
        (
            one
            for one in reversed(cuts)
            if one.cut > cut and one.between.of >= ENOUGH and base.share is not None
            and (one.between.high or 0) < base.share
        ),
        None,
    )  # fmt: skip
    if higher is not None:
        said.append(
            _("A cut of {cut} would have left out {n} leads, of which {share} were won.").format(
                cut=f"{higher.cut:g}", n=numeral(higher.between.of), share=percent(higher.between.share or 0)
            )
        )
    if not said:
        enough = now.flagged.of >= ENOUGH
        said.append(
            _("No other cut would have done clearly better.")
            if enough
            else _("{n} decided leads reached the cut: not enough yet to judge it.").format(
                n=numeral(now.flagged.of)
            )
        )
    return tuple(said)


def _judged(
    session: Session,
    model: ScoringModel,
    came: dict[int, Outcome],
    now: datetime,
    report: Callable[[Progress], None],
) -> list[Judged]:
    """The highest score that each decided lead had before it was decided."""
    driver, zone = Driver(session), local_days(settings.zone(session))
    kinds, until = KindNames(driver), micros(now)
    rows: list[Judged] = []
    for some in chunks(sorted(came)):
        events = known_events(driver, some, kinds, until)
        emails = dict(driver.rows(f"SELECT id, email FROM lead WHERE id IN ({numbers(some)})"))  # noqa: S608
        for lead in some:
            at = came[lead].at
            life = lived(
                model, events[lead], zone, until, None if at is None else micros(at),
                is_noise=person_exclusion(model, emails[lead]) is not None,
            )  # fmt: skip
            if life.peak != NEVER_SCORED and not life.excluded:
                rows.append((life.peak, came[lead].won))
        report(
            Progress(
                len(rows),
                _("{n} decided leads of {of} read").format(n=numeral(len(rows)), of=numeral(len(came))),
            )
        )
    return rows


def _drift(
    session: Session, model: ScoringModel, now: datetime, report: Callable[[Progress], None]
) -> tuple[SignalDrift, ...]:
    """Each signal among the cohorts of the last weeks that have lived FIRST_DAYS."""
    driver, zone = Driver(session), local_days(settings.zone(session))
    kinds = KindNames(driver)
    last = monday(zone.day_of(micros(now)) - FIRST_DAYS)  # cohorts begin on Mondays before this one
    mondays = range(last - 7 * (LATELY + BEFORE), last, 7)
    started: dict[int, int] = {
        lead: at
        for lead, at in driver.rows(
            "SELECT id, signed_up_at FROM lead WHERE is_listed = 1 AND signed_up_at IS NOT NULL"
        )
        if mondays.start <= zone.day_of(at) < last
    }
    of: Counter[int] = Counter()
    met: dict[int, Counter[int]] = defaultdict(Counter)
    for some in chunks(sorted(started)):
        until = max(started[lead] for lead in some) + FIRST_DAYS * DAY
        events = known_events(driver, some, kinds, until)
        emails = dict(driver.rows(f"SELECT id, email FROM lead WHERE id IN ({numbers(some)})"))  # noqa: S608
        for lead in some:
            if person_exclusion(model, emails[lead]) is not None:
                continue
            week = monday(zone.day_of(started[lead]))
            of[week] += 1
            life = lived(model, events[lead], zone, started[lead] + FIRST_DAYS * DAY)
            for place, reached in enumerate(life.met):
                met[place][week] += reached
        report(Progress(sum(of.values()), _("{n} new leads read").format(n=numeral(sum(of.values())))))
    found = []
    for place, signal in enumerate(model.signals):
        early, late = mondays[:BEFORE], mondays[BEFORE:]
        before, lately = (
            rate(sum(met[place][week] for week in weeks), sum(of[week] for week in weeks))
            for weeks in (early, late)
        )
        apart = newcombe(lately.n, lately.of, before.n, before.of)
        shifted = (
            apart is not None
            and min(before.of, lately.of) >= ENOUGH
            and not apart.low <= 0 <= apart.high
            and abs((lately.share or 0) - (before.share or 0)) >= SHIFT
        )
        weeks = tuple((calendar_day(week).isoformat(), rate(met[place][week], of[week])) for week in mondays)
        found.append(
            SignalDrift(
                signal.key, signal.label, before, lately,
                None if apart is None else apart.low, None if apart is None else apart.high, shifted, weeks,
            )
        )  # fmt: skip
    return tuple(found)


def _guard(session: Session, model: ScoringModel, came: dict[int, Outcome]) -> tuple[GuardRule, ...]:
    """Each exclusion with the leads that it hides now."""
    won = [lead for lead, one in came.items() if one.won]
    rows = []
    for rule in model.exclusions:
        hides = (Lead.excluded == rule.label, Lead.state != "erased")
        hidden = session.scalar(select(func.count()).select_from(Lead).where(*hides)) or 0
        named = select(Lead.id, Lead.name, Lead.company_name).where(*hides)
        shown = [
            HiddenLead(public_id(LEAD, lead), name, company)
            for lead, name, company in session.execute(
                named.order_by(Lead.last_active_at.desc().nulls_last(), Lead.id).limit(LEADS_SHOWN)
            )
        ]
        wins = sum(
            session.scalar(select(func.count()).select_from(Lead).where(*hides, Lead.id.in_(some))) or 0
            for some in chunks(won)
        )
        rows.append(GuardRule(rule.key, rule.label, hidden, wins, tuple(shown)))
    return tuple(rows)
