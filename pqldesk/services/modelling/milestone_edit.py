"""Changing the activation milestones: add, edit, remove. The caller rescores, since each lead keeps what it reached."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.settings import Setting
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.scoring.live import MILESTONES, live_model
from pqldesk.services.scoring.milestones import DEFAULT_MILESTONES, milestones_from_json, milestones_to_json


def milestone_rows(session: Session) -> list[dict[str, Any]]:
    """The milestones as JSON values, in order."""
    return milestones_to_json(live_model(session).milestones)


def set_milestone(session: Session, key: str, values: Mapping[str, Any], by: str, at: datetime) -> Changes:
    """Change the named values of a milestone, or add one at the end. BadInput says what is wrong with them."""
    rows = milestone_rows(session)
    known = next((row for row in rows if row["key"] == key), None)
    if known is None:
        rows.append({"key": key, **values})
    else:
        known.update(values)
    word = "milestone_added" if known is None else "milestone_changed"
    return _keep(session, rows, by, at, word, key)


def remove_milestone(session: Session, key: str, by: str, at: datetime) -> Changes:
    """Take a milestone away. Raises NotFound, and NotAllowed for the last one."""
    rows = milestone_rows(session)
    left = [row for row in rows if row["key"] != key]
    if len(left) == len(rows):
        known = ", ".join(row["key"] for row in rows)
        raise NotFound(
            _("There is no milestone {key!r}.").format(key=key), _("Known: {known}.").format(known=known)
        )
    if not left:
        raise NotAllowed(_("{key} is the only milestone.").format(key=key), _("Add another one first."))
    return _keep(session, left, by, at, "milestone_removed", key)


def _keep(
    session: Session, rows: Sequence[Mapping[str, Any]], by: str, at: datetime, word: str, key: str
) -> Changes:
    checked = milestones_from_json(list(rows))
    stored = session.scalars(select(Setting).where(Setting.key == MILESTONES)).first()
    text = json.dumps(milestones_to_json(checked), ensure_ascii=False)
    with recording(session, by, word, at=at, detail=key):
        if checked == DEFAULT_MILESTONES:
            if stored is not None:
                session.delete(stored)
        elif stored is None:
            session.add(Setting(key=MILESTONES, value=text))
        else:
            stored.value = text
    return Changes.to(Topic.MODEL, Topic.LEADS)
