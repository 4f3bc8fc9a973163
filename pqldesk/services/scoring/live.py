"""The live scoring model and the milestones of a workspace, and putting another version live."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.settings import ScoringModelVersion
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.scoring.milestones import DEFAULT_MILESTONES, Milestone, milestones_from_json
from pqldesk.services.scoring.model import DEFAULT_MODEL, ScoringModel
from pqldesk.services.scoring.model_json import model_from_json, model_to_json

MILESTONES = "milestones"  # kept beside the settings, edited on the Activation page


@dataclass(frozen=True, slots=True)
class LiveModel:
    """The model that scores are made with; *version_id* is None until the workspace stores one."""

    model: ScoringModel
    milestones: tuple[Milestone, ...]
    version_id: int | None


def live_model(session: Session) -> LiveModel:
    """The live model, or the default one in a workspace that has none yet."""
    session.flush()
    driver = Driver(session)  # each batch of an import asks: 0.1 ms, and 2 with rows of ours
    stored = driver.rows("SELECT value FROM setting WHERE key = ?", (MILESTONES,))
    milestones = _milestones(stored[0][0]) if stored else DEFAULT_MILESTONES
    live = driver.rows("SELECT id, spec FROM scoring_model_version WHERE live")
    if not live:
        return LiveModel(DEFAULT_MODEL, milestones, None)
    ((number, spec),) = live[:1]
    return LiveModel(_model(spec), milestones, number)


@lru_cache(maxsize=4)
def _model(spec: str) -> ScoringModel:
    return model_from_json(json.loads(spec))


@lru_cache(maxsize=4)
def _milestones(stored: str) -> tuple[Milestone, ...]:
    return milestones_from_json(json.loads(stored))


def ensure_model(session: Session, at: datetime) -> None:
    """Store the default model as version 1 in a workspace that has no live one."""
    session.flush()
    if not Driver(session).rows("SELECT 1 FROM scoring_model_version WHERE live"):
        session.add(_row(DEFAULT_MODEL, at, live=True))
        session.flush()


def models(session: Session) -> list[ScoringModelVersion]:
    """All stored versions, newest first."""
    return list(session.scalars(select(ScoringModelVersion).order_by(ScoringModelVersion.id.desc())))


def draft_version(session: Session, model: ScoringModel, at: datetime, note: str = "") -> ScoringModelVersion:
    """Store *model* as the next version under its name; it does not score until it is published."""
    newest = session.scalar(
        select(func.max(ScoringModelVersion.version)).where(ScoringModelVersion.name == model.name)
    )
    row = _row(replace(model, version=(newest or 0) + 1), at, live=False)
    row.note = note or None
    session.add(row)
    session.flush()
    return row


def publish_version(session: Session, name: str, version: int | None, by: str, at: datetime) -> Changes:
    """Make a stored version (the newest by default) the live one. The caller rescores everything."""
    wanted = select(ScoringModelVersion).where(ScoringModelVersion.name == name)
    if version is not None:
        wanted = wanted.where(ScoringModelVersion.version == version)
    row = session.scalars(wanted.order_by(ScoringModelVersion.version.desc()).limit(1)).first()
    if row is None:
        known = ", ".join(f"{m.name} v{m.version}" for m in models(session)) or "none"
        raise NotFound(
            _("There is no scoring model {name!r} v{version}.").format(name=name, version=version or ""),
            _("Known: {known}.").format(known=known),
        )
    session.execute(update(ScoringModelVersion).where(ScoringModelVersion.live).values(live=False))
    row.live, row.published_at, row.published_by = True, at, by
    return Changes.to(Topic.MODEL, Topic.LEADS)


def _row(model: ScoringModel, at: datetime, *, live: bool) -> ScoringModelVersion:
    return ScoringModelVersion(
        name=model.name,
        version=model.version,
        spec=model_to_json(model),
        live=live,
        created_at=at,
        published_at=at if live else None,
    )
