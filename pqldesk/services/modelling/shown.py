"""The live scoring model as the Scoring page shows it: its rules, and how many leads meet each."""

import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.people import Lead
from pqldesk.models.settings import ScoringModelVersion
from pqldesk.services.basics.exact import HUNDRED, MILLION, number
from pqldesk.services.figure_rows import ModelShown, ModelSignalRow
from pqldesk.services.modelling.versions import draft_of, version_rows
from pqldesk.services.modelling.words import differences
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.model import ScoringModel
from pqldesk.services.scoring.model_json import model_from_json, model_to_json
from pqldesk.services.scoring.rules import is_met


def model_shown(session: Session) -> ModelShown:
    """The live model with the share of scored leads that meets each signal."""
    live = live_model(session)
    model = live.model
    met, scored = _met(session, model)
    published = session.scalar(select(ScoringModelVersion.published_at).where(ScoringModelVersion.live))
    drafted = draft_of(session)
    draft = None if drafted is None else model_from_json(drafted.spec)
    qualified = session.execute(
        select(func.count()).where(Lead.is_listed == 1, Lead.qualified.is_(True))
    ).scalar_one()
    return ModelShown(
        name=model.name,
        version=model.version,
        cut=number(model.cut, HUNDRED),
        total_weight=number(model.total_weight, HUNDRED),
        bands=tuple(
            (band.key, band.label, 0 if band.at_least is None else number(band.at_least, HUNDRED))
            for band in model.bands
        ),
        signals=tuple(
            ModelSignalRow(
                signal.key,
                signal.label,
                signal.kind,
                str(signal.measure),
                signal.window_days,
                number(signal.threshold, MILLION),
                number(signal.weight, HUNDRED),
                signal.proportional,
                hits / scored if scored else None,
            )
            for signal, hits in zip(model.signals, met, strict=True)
        ),
        published_at=published,
        leads_scored=scored,
        qualified=qualified,
        document=model_to_json(model),
        draft=None if draft is None else model_to_json(draft),
        draft_differs=() if draft is None else tuple(differences(model, draft)),
        versions=version_rows(session),
        kinds=tuple(
            name for (name,) in Driver(session).rows("SELECT DISTINCT name FROM event_kind ORDER BY name")
        ),
    )


def _met(session: Session, model: ScoringModel) -> tuple[list[int], int]:
    """Per signal, how many leads meet it. Leads have few different sets of values, so each is judged once."""
    met = [0] * len(model.signals)
    scored = 0
    for stored, leads in Driver(session).rows(
        "SELECT signals, count(*) FROM lead WHERE is_listed = 1 AND signals IS NOT NULL GROUP BY signals"
    ):
        scored += leads
        for place, ((value, _), signal) in enumerate(zip(json.loads(stored), model.signals, strict=False)):
            if is_met(signal, value):
                met[place] += leads
    return met, scored
