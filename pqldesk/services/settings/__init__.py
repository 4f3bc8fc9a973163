"""Settings as stored: what differs from its default. They are declared in declarations.py.

In a team workspace on PostgreSQL what is a person's own is kept beside their login, and their name and role come from
the team.
"""

import re
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.rights import Me, me
from pqldesk.models.settings import Setting
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import SettingRow
from pqldesk.services.settings.declarations import BY_KEY, DECLARED, FAMILIES, checked, declared, is_personal


def value(session: Session, key: str) -> str:
    """The setting's value, or its default. Raises BadInput for a key that does not exist."""
    return values(session, key)[0]


def values(session: Session, *keys: str) -> list[str]:
    """The values of several settings from one query; each batch of an import asks for some."""
    session.flush()
    driver = Driver(session)
    known: dict[str, str] = {}
    names = list(keys)
    if not driver.is_sqlite and any(map(is_personal, keys)) and (mine := me(session)) is not None:
        known = _given(mine)
        names = [_place(key, mine) for key in keys]
    marks = ", ".join("?" * len(keys))
    found = dict(driver.rows(f"SELECT key, value FROM setting WHERE key IN ({marks})", names))  # noqa: S608 - only marks
    return [
        known.get(key) or (found[name] if name in found else _default(key))
        for key, name in zip(keys, names, strict=True)
    ]


def _place(key: str, mine: Me) -> str:
    """Under which key a setting is kept: a person's own beside their login, which alone may write there."""
    return f"of {mine.login}/{key}" if is_personal(key) else key


def _given(mine: Me) -> dict[str, str]:
    """What the team says of a member, whatever they would like."""
    return {} if mine.email is None else {"rep": mine.email, "role": mine.role or ""}


def _default(key: str) -> str:
    return "" if key.startswith(FAMILIES) else declared(key).default


def family(session: Session, prefix: str) -> dict[str, str]:
    """``family(session, "event_map.")``: {name after the prefix: value}."""
    mine = me(session) if is_personal(prefix) else None
    prefix = prefix if mine is None else _place(prefix, mine)
    session.flush()
    found = Driver(session).rows(
        "SELECT key, value FROM setting WHERE substr(key, 1, ?) = ?", (len(prefix), prefix)
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
    mine = me(session) if is_personal(key) else None
    if mine is not None and (given := _given(mine).get(key)) is not None:
        if wanted == given:
            return Changes()
        raise NotAllowed(
            _("In this workspace {key} is {given}: the team says so.").format(key=key, given=given),
            _("An admin changes it: pqldesk team role, or another login."),
        )
    place = key if mine is None else _place(key, mine)
    stored = session.scalars(select(Setting).where(Setting.key == place)).first()
    if wanted == (BY_KEY[key].default if key in BY_KEY else ""):
        if stored is not None:
            session.delete(stored)
    elif stored is None:
        session.add(Setting(key=place, value=wanted))
    else:
        stored.value = wanted
    return Changes.to(Topic.SETTINGS, Topic.LEADS)


def settings_rows(session: Session) -> list[SettingRow]:
    """Every declared setting with its value, then what users named themselves."""
    found = session.scalars(select(Setting).order_by(Setting.key))
    stored = {setting.key: setting.value for setting in found}
    mine = me(session)
    if mine is not None:
        own_place = _place("rep", mine).removesuffix("rep")
        own = {key.removeprefix(own_place): stored[key] for key in stored if key.startswith(own_place)}
        stored = {key: text for key, text in stored.items() if not is_personal(key)} | own | _given(mine)
    rows = [
        SettingRow(d.key, d.label, d.help, stored.get(d.key, d.default), d.kind, d.choices, d.section)
        for d in DECLARED
    ]
    named = [key for key in stored if key.startswith(FAMILIES)]
    return rows + [SettingRow(key, key, "", stored[key], "text", section="own") for key in named]
