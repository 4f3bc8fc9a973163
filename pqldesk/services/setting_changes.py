"""Changing a setting, with what follows from it: another time zone moves every day and every window."""

from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.figures.usage_days import rebuild_days
from pqldesk.services.history import recording
from pqldesk.services.scoring.rescore import rescore_all
from pqldesk.services.settings.declarations import FAMILIES, declared

ZONE, SETTING_CHANGED = "timezone", "setting_changed"
OF_THE_WINDOW = frozenset({"look", "notices"})  # sections of settings that no lead is shown differently for


def change_setting(session: Session, key: str, value: str, actor: str, at: datetime) -> Changes:
    """Store a checked value. The time zone also rebuilds the day roll-ups and rescores every lead."""
    before = settings.value(session, key)
    with recording(session, actor or "settings", SETTING_CHANGED, at=at, detail=f"{key} = {value}"):
        settings.store(session, key, value)
    if key == ZONE:
        if settings.value(session, key) != before:
            follow_zone(session, at)
        return Changes.to(Topic.SETTINGS, Topic.LEADS, Topic.USAGE, Topic.TRIALS)
    if key.startswith(FAMILIES) or declared(key).section not in OF_THE_WINDOW:
        return Changes.to(Topic.SETTINGS, Topic.LEADS)
    return Changes.to(Topic.SETTINGS)


def follow_zone(session: Session, at: datetime) -> None:
    """After the zone has become another one: give every event its day there, and rescore every lead."""
    rebuild_days(session)
    rescore_all(session, at, "settings")
