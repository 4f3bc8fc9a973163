"""Settings as stored: what differs from its default. They are declared in declarations.py."""

import re
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.db import Driver
from pqldesk.models.settings import Setting
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import SettingRow
from pqldesk.services.settings.declarations import BY_KEY, DECLARED, FAMILIES, checked, declared


def value(session: Session, key: str) -> str:
    """The setting's value, or its default. Raises BadInput for a key that does not exist."""
    return values(session, key)[0]


def values(session: Session, *keys: str) -> list[str]:
    """The values of several settings from one query; each batch of an import asks for some."""
    session.flush()
    marks = ", ".join("?" * len(keys))
    found = dict(Driver(session).rows(f"SELECT key, value FROM setting WHERE key IN ({marks})", keys))  # noqa: S608 - only marks
    return [found[key] if key in found else _default(key) for key in keys]


def _default(key: str) -> str:
    return "" if key.startswith(FAMILIES) else declared(key).default


def family(session: Session, prefix: str) -> dict[str, str]:
    """``family(session, "event_map.")``: {name after the prefix: value}."""
    found = session.execute(
        select(Setting.key, Setting.value).where(Setting.key.startswith(prefix, autoescape=True))
    )
    return {key[len(prefix) :]: stored for key, stored in found}


def zone(session: Session) -> ZoneInfo:
    """The workspace's time zone."""
    return ZoneInfo(value(session, "timezone"))


def store(session: Session, key: str, text: str) -> Changes:
    """Check and keep a value; one that equals the default is forgotten."""
    if key.startswith(FAMILIES):
        name = key.partition(".")[2].strip()
        if not name:
            raise BadInput(
                _("The setting {key!r} lacks a name after the dot.").format(key=key),
                _("Write it like {key}NAME.").format(key=key),
            )
        if key.startswith("event_map."):
            name = re.sub(r"[\s_-]+", "_", name.lower())
        key = f"{key.partition('.')[0]}.{name}"
    wanted = checked(key, text)
    stored = session.scalars(select(Setting).where(Setting.key == key)).first()
    if wanted == (BY_KEY[key].default if key in BY_KEY else ""):
        if stored is not None:
            session.delete(stored)
    elif stored is None:
        session.add(Setting(key=key, value=wanted))
    else:
        stored.value = wanted
    return Changes.to(Topic.SETTINGS, Topic.LEADS)


def settings_rows(session: Session) -> list[SettingRow]:
    """Every declared setting with its value, then what users named themselves."""
    found = session.scalars(select(Setting).order_by(Setting.key))
    stored = {setting.key: setting.value for setting in found}
    rows = [
        SettingRow(d.key, d.label, d.help, stored.get(d.key, d.default), d.kind, d.choices, d.section)
        for d in DECLARED
    ]
    own = [key for key in stored if key.startswith(FAMILIES)]
    return rows + [SettingRow(key, key, "", stored[key], "text", section="own") for key in own]
