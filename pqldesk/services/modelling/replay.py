"""What a model would have said on a past day, held against what came of the leads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.driver import Driver
from pqldesk.models.people import Lead, Trial
from pqldesk.models.settings import ScoringModelVersion
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.statistics import auc, confusion, lift_top_decile
from pqldesk.services.basics.texts import _
from pqldesk.services.scoring.as_of import scored_as_of
from pqldesk.services.scoring.live import LiveModel, live_model, models
from pqldesk.services.scoring.model_json import model_from_json
from pqldesk.services.trial_outcomes import over_at
from pqldesk.services.trial_rules import TrialState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a lead, and when; without a time it counts as come."""

    won: bool
    at: datetime | None


def replay(
    session: Session,
    as_of: datetime,
    now: datetime,
    *,
    model: str | None = None,
    within: int | None = None,
    cut: float | None = None,
    known_at: datetime | None = None,
) -> dict[str, Any]:
    """The figures of `model replay` as JSON; a figure that nothing defines is null."""
    live = version_named(session, model)
    line = live.model.cut if cut is None else round(cut * HUNDRED)
    known, why = (known_at, "given") if known_at is not None else _known(session, as_of)
    ends = None if within is None else as_of + timedelta(days=within)
    came = outcomes(session, now)
    rows: list[tuple[int, bool]] = []
    for score in scored_as_of(session, as_of, known, sorted(came), live):
        outcome = came[score.lead_id]
        won = outcome.won and (ends is None or outcome.at is None or outcome.at <= ends)
        if score.excluded is None:
            rows.append((score.score, won))
    counts = confusion((score >= line, won) for score, won in rows)
    area = auc((float(score), won) for score, won in rows)
    return {
        "model": live.model.name,
        "version": live.model.version,
        "as_of": iso(as_of.replace(microsecond=0)),
        "cut": number(line, HUNDRED),
        "n": counts.n,
        "won": counts.won,
        "base_rate": counts.base_rate,
        "tp": counts.tp,
        "fp": counts.fp,
        "fn": counts.fn,
        "tn": counts.tn,
        "precision": counts.precision,
        "recall": counts.recall,
        "lift": counts.lift,
        "lift_top_decile": lift_top_decile((float(score), won) for score, won in rows),
        "auc": None if area is None else area.value,
        "auc_low": None if area is None else area.low,
        "auc_high": None if area is None else area.high,
        "bands": _bands(live, rows),
        "separates": area is not None and area.separates,
        "known_at": iso(known.replace(microsecond=0)) if known is not None else None,
        "known_because": why,
    }


def version_named(session: Session, text: str | None) -> LiveModel:
    """The live model, or a stored version as NAME (its newest) or NAME@VERSION. Raises NotFound."""
    live = live_model(session)
    if text is None:
        return live
    name, sign, version = text.rpartition("@")
    wanted = select(ScoringModelVersion).where(ScoringModelVersion.name == (name if sign else text))
    if sign:
        wanted = wanted.where(ScoringModelVersion.version == (int(version) if version.isdigit() else -1))
    row = session.scalars(wanted.order_by(ScoringModelVersion.version.desc()).limit(1)).first()
    if row is None:
        if text in (live.model.name, f"{live.model.name}@{live.model.version}"):
            return live
        known = ", ".join(f"{one.name}@{one.version}" for one in models(session))
        raise NotFound(
            _("There is no scoring model {text!r}.").format(text=text),
            _("Known: {known}.").format(known=known or live.model.name),
        )
    return LiveModel(model_from_json(row.spec), live.milestones, row.id)


def outcomes(session: Session, now: datetime) -> dict[int, Outcome]:
    """Leads that were won or lost: as their rows say, else as their trials ended."""
    found: dict[int, Outcome] = {}
    hidden = select(Lead.id).where(Lead.is_listed == 0)  # few, and together in an index
    over = over_at(session, now)
    ended = func.coalesce(Trial.closed_at, Trial.ends_at)
    tried = (
        select(Trial.lead_id, over, *(type_coerce(one, BigInteger) for one in (Trial.converted_at, ended)))
        .where(over.is_not(None), Trial.lead_id.is_not(None), Trial.lead_id.not_in(hidden))
        .order_by(Trial.id)
    )
    # As numbers: of ten thousand trials, moments of all columns took longer than all else.
    for lead_id, state, converted_at, ended_at in Driver(session).each_of(tried):
        known = found.get(lead_id)
        if state == TrialState.CONVERTED:
            found[lead_id] = Outcome(True, None if converted_at is None else moment(converted_at))
        elif known is None or not known.won:
            found[lead_id] = Outcome(False, None if ended_at is None else moment(ended_at))
    is_listed = Lead.is_listed + 0 == 1  # a sum: no walk over all that are listed
    said = select(Lead.id, Lead.outcome, Lead.outcome_at).where(Lead.outcome.in_(("won", "lost")), is_listed)
    for lead_id, outcome, at in session.execute(said):
        found[lead_id] = Outcome(outcome == "won", at)
    return found


def _known(session: Session, as_of: datetime) -> tuple[datetime | None, str]:
    """Known-at is used where times of receipt exist: where some event was received later than it occurred."""
    late = Driver(session).rows("SELECT 1 FROM usage_event WHERE received_at > at LIMIT 1")
    if late:
        return as_of, "events carry the time they were received"
    return None, "no time of receipt is known, so every event counts as received when it occurred"


def _bands(live: LiveModel, rows: Iterable[tuple[int, bool]]) -> list[dict[str, Any]]:
    counts = {band.key: [0, 0] for band in live.model.bands}
    for score, won in rows:
        cell = counts[live.model.band_of(score).key]
        cell[0] += 1
        cell[1] += won
    return [{"band": band, "n": n, "won": won} for band, (n, won) in counts.items()]
