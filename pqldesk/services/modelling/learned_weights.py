"""Weights learned from past outcomes: a proposal, judged on leads it has not seen, never put in force by itself.

A logistic regression over which signals each decided lead had reached before it was won or lost. Its coefficients
become weights with the same total as now. scikit-learn does the fitting; it is the extra pqldesk[learn].
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import local_days
from pqldesk.services.basics.problems import NotAllowed, Problem
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.rates import ENOUGH
from pqldesk.services.basics.statistics import Auc, auc
from pqldesk.services.basics.texts import _, decimal
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.modelling.replay_against import known_events
from pqldesk.services.modelling.replay_figures import Proposal, WeightProposed
from pqldesk.services.scoring.cells import KindNames, chunks, numbers
from pqldesk.services.scoring.exclusions import person_exclusion
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.lived import lived
from pqldesk.services.scoring.model import ScoringModel
from pqldesk.services.scoring.model_json import model_to_json

FOLDS = 5
POINT = HUNDRED  # weights are proposed in whole points
Seen = tuple[tuple[bool, ...], bool]  # signals reached before the outcome, won


class NotInstalled(Problem):
    """The optional library is missing."""


def learned_weights(
    session: Session,
    now: datetime,
    *,
    days: int = 365,
    report: Callable[[Progress], None] = lambda _: None,
) -> Proposal:
    """The proposal from leads decided in the last *days*. NotAllowed under 30 wins or 30 losses."""
    model = live_model(session).model
    rows = decided_leads(session, now, model, days, report)
    won = sum(outcome for _, outcome in rows)
    if min(won, len(rows) - won) < ENOUGH:
        raise NotAllowed(
            _("{won} won and {lost} lost leads are not enough to learn weights from.").format(
                won=won, lost=len(rows) - won
            ),
            _("It takes {n} of each.").format(n=ENOUGH),
        )
    held_out, weights = fitted(model, rows)
    old = auc((_score(model, met), outcome) for met, outcome in rows)
    new = auc(held_out)
    if old is None or new is None:  # cannot be: there are both won and lost leads
        raise AssertionError("both outcomes are there")
    proposed = replace(
        model,
        signals=tuple(
            replace(signal, weight=weight) for signal, weight in zip(model.signals, weights, strict=True)
        ),
    )
    return Proposal(
        len(rows), won, FOLDS,
        old.value, old.low, old.high, new.value, new.low, new.high,
        tuple(
            WeightProposed(one.key, one.label, number(one.weight, HUNDRED), number(weight, HUNDRED))
            for one, weight in zip(model.signals, weights, strict=True)
        ),
        _sentence(old, new),
        model_to_json(proposed),
    )  # fmt: skip


def decided_leads(
    session: Session,
    now: datetime,
    model: ScoringModel,
    days: int,
    report: Callable[[Progress], None] = lambda _: None,
) -> list[Seen]:
    """For each lead decided in the last *days*, which signals it had reached before that, and whether it was won."""
    driver, zone = Driver(session), local_days(settings.zone(session))
    kinds, since, until = KindNames(driver), micros(now - timedelta(days=days)), micros(now)
    came = {
        lead: one
        for lead, one in outcomes(session, now).items()
        if one.at is not None and since < micros(one.at) <= until
    }
    found: list[Seen] = []
    done = 0
    for some in chunks(sorted(came)):
        events = known_events(driver, some, kinds, until)
        emails = dict(driver.rows(f"SELECT id, email FROM lead WHERE id IN ({numbers(some)})"))  # noqa: S608
        for lead in some:
            outcome = came[lead]
            noise = person_exclusion(model, emails[lead]) is not None
            at = until if outcome.at is None else micros(outcome.at)
            life = lived(model, events[lead], zone, until, at, is_noise=noise)
            if not life.excluded:
                found.append((life.met, outcome.won))
        done += len(some)
        report(Progress(done, f"{done:,} of {len(came):,} decided leads read"))
    return found


def fitted(model: ScoringModel, rows: list[Seen]) -> tuple[list[tuple[float, bool]], list[int]]:
    """(score on the fold it was held out of, won) of each lead, and the weights of a fit to all, in hundredths.

    L2-regularised logistic regression, stratified folds. A signal whose coefficient is negative gets no weight:
    fewer points for more usage would be no model that a person can follow.
    """
    try:
        import numpy as np

        regression = import_module(
            "sklearn.linear_model"
        ).LogisticRegression  # an extra: not there to be typed
        folds = import_module("sklearn.model_selection").StratifiedKFold
    except ImportError:
        raise NotInstalled(
            _("Learning weights needs scikit-learn, which is not installed."),
            _("Install it with: pip install 'pqldesk[learn]'"),
        ) from None
    signals = np.array([met for met, _ in rows], dtype=float)
    won = np.array([outcome for _, outcome in rows], dtype=int)
    held_out: list[tuple[float, bool]] = []
    for learn, test in folds(FOLDS, shuffle=True, random_state=0).split(signals, won):
        weights = _weights(model, regression().fit(signals[learn], won[learn]).coef_[0])
        scores = signals[test] @ np.array(weights, dtype=float)
        held_out += [(float(score), bool(outcome)) for score, outcome in zip(scores, won[test], strict=True)]
    return held_out, _weights(model, regression().fit(signals, won).coef_[0])


def _weights(model: ScoringModel, coefficients: Any) -> list[int]:
    """Coefficients as whole points that sum to the model's total; the largest remainders are rounded up."""
    positive = [max(0.0, float(one)) for one in coefficients]
    total = model.total_weight // POINT
    if not sum(positive):
        return [0 for _ in positive]
    exact = [one / sum(positive) * total for one in positive]
    points = [int(one) for one in exact]
    for place in sorted(range(len(exact)), key=lambda n: points[n] - exact[n])[: total - sum(points)]:
        points[place] += 1
    return [one * POINT for one in points]


def _score(model: ScoringModel, met: tuple[bool, ...]) -> float:
    return float(sum(signal.weight for signal, hit in zip(model.signals, met, strict=True) if hit))


def _sentence(old: Auc, new: Auc) -> str:
    if new.low > old.high:
        return _("On leads they had not seen, the learned weights told won from lost better than today's.")
    if new.high < old.low:
        return _("On leads they had not seen, the learned weights did worse than today's. Keep today's.")
    return _(
        "The difference ({old} now, {new} learned on leads not seen) may be chance: the intervals overlap."
    ).format(old=decimal(old.value, 3), new=decimal(new.value, 3))
