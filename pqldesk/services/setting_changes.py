"""Changing a setting, with what follows from it: another time zone moves every day and every window."""

from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.history import recording
from pqldesk.services.scoring.rescore import rescore_all
from pqldesk.services.usage_days import rebuild_days


def change_setting(session: Session, key: str, value: str, actor: str, at: datetime) -> Changes:
    """Store a checked value. The time zone also rebuilds the day roll-ups and rescores every lead."""
    before = settings.value(session, key)
    with recording(session, actor or "settings", "setting_changed", at=at, detail=f"{key} = {value}"):
        settings.store(session, key, value)
    if key == "timezone" and settings.value(session, key) != before:
        rebuild_days(session)
        rescore_all(session, at, "settings")
    return Changes.to(Topic.SETTINGS, Topic.LEADS, Topic.USAGE, Topic.TRIALS)
