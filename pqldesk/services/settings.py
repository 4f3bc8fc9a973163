"""Settings: each is declared once with key, default, label, help and check; dialog, docs and command line follow."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.settings import Setting
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.problems import BadInput
from pqldesk.services.rows import SettingRow
from pqldesk.services.texts import _


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting. *check* returns the value as stored or raises ValueError with what would be right."""

    key: str
    default: str
    label: str
    help: str
    check: Callable[[str], str]
    kind: str = "text"
    choices: tuple[str, ...] = ()


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError(_("an IANA name such as Europe/Berlin or UTC"))
    return text


def _email(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError(_("an e-mail address"))
    return text


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError(_("an ISO 4217 code such as USD or EUR"))
    return text.upper()


def _whole(low: int, high: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(_("a whole number from {low} to {high}").format(low=low, high=high))
        return str(int(text))

    return check


def _hours(text: str) -> str:
    found = re.fullmatch(r"(\d{2}):00-(\d{2}):00", text)
    if not found or not found[1] < found[2] <= "24":
        raise ValueError(_("a span of whole hours such as 09:00-17:00"))
    return text


def _days(text: str) -> str:
    days = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return ",".join(date.fromisoformat(day).isoformat() for day in sorted(set(days)))
    except ValueError:
        raise ValueError(_("dates such as 2026-12-25,2027-01-01")) from None


def _text(text: str) -> str:
    return text.strip()


def _choice(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(_("one of {allowed}").format(allowed=", ".join(allowed)))
        return text

    return check


DECLARED: tuple[Declared, ...] = (
    Declared(
        "timezone",
        "UTC",
        _("Time zone"),
        _("Days begin at midnight here; changing it rescores all leads."),
        _zone,
        "zone",
    ),
    Declared("rep", "", _("You"), _("Your e-mail: what you claim and write is yours."), _email, "email"),
    Declared(
        "default_owner",
        "",
        _("Default owner"),
        _("Deals and tasks go to this CRM member when nobody else is named."),
        _email,
        "email",
    ),
    Declared("currency", "USD", _("Currency"), _("Currency of deal values."), _currency),
    Declared(
        "working_hours",
        "09:00-17:00",
        _("Working hours"),
        _("Monday to Friday; response times count in these."),
        _hours,
    ),
    Declared(
        "holidays", "", _("Holidays"), _("Dates on which nobody works, with commas between them."), _days
    ),
    Declared(
        "lease_days",
        "7",
        _("Claim lasts"),
        _("Days without a touch after which a claimed lead returns to the pool."),
        _whole(1, 365),
        "number",
    ),
    Declared(
        "respond_hot_hours",
        "4",
        _("Respond to hot leads"),
        _("Working hours until the first touch of a hot lead or hand-raise."),
        _whole(1, 200),
        "number",
    ),
    Declared(
        "respond_qualified_hours",
        "24",
        _("Respond to qualified leads"),
        _("Clock hours until the first touch of a qualified lead."),
        _whole(1, 1000),
        "number",
    ),
    Declared(
        "theme",
        "system",
        _("Appearance"),
        _("Light, dark, or as the system."),
        _choice("system", "light", "dark"),
        "choice",
        ("system", "light", "dark"),
    ),
    Declared("font_size", "13", _("Text size"), _("Size of body text in pixels."), _whole(9, 28), "number"),
)
FAMILIES = ("event_map.", "feature_label.", "key.")  # settings with a name of the user's own after the dot
_BY_KEY = {declared.key: declared for declared in DECLARED}


def value(session: Session, key: str) -> str:
    """The setting's value, or its default. Raises BadInput for a key that does not exist."""
    stored = session.scalars(select(Setting).where(Setting.key == key)).first()
    if stored is not None:
        return stored.value
    return "" if key.startswith(FAMILIES) else _declared(key).default


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
            raise BadInput(f"The setting {key!r} lacks a name after the dot.", f"Write it like {key}NAME.")
        if key.startswith("event_map."):
            name = re.sub(r"[\s_-]+", "_", name.lower())
        key, checked, default = f"{key.partition('.')[0]}.{name}", text.strip(), ""
    else:
        declared = _declared(key)
        default = declared.default
        try:
            checked = declared.check(text)
        except ValueError as right:
            raise BadInput(f"{key} cannot be {text!r}.", f"Give {right}.") from None
    stored = session.scalars(select(Setting).where(Setting.key == key)).first()
    if checked == default:
        if stored is not None:
            session.delete(stored)
    elif stored is None:
        session.add(Setting(key=key, value=checked))
    else:
        stored.value = checked
    return Changes.to(Topic.SETTINGS, Topic.LEADS)


def settings_rows(session: Session) -> list[SettingRow]:
    """Every declared setting with its value, then what users named themselves."""
    found = session.scalars(select(Setting).order_by(Setting.key))
    stored = {setting.key: setting.value for setting in found}
    rows = [
        SettingRow(d.key, d.label, d.help, stored.get(d.key, d.default), d.kind, d.choices) for d in DECLARED
    ]
    own = [key for key in stored if key.startswith(FAMILIES)]
    return rows + [SettingRow(key, key, "", stored[key], "text") for key in own]


def _declared(key: str) -> Declared:
    if key not in _BY_KEY:
        raise BadInput(
            f"There is no setting {key!r}.",
            f"Known: {', '.join(_BY_KEY)}, event_map.NAME, feature_label.KEY.",
        )
    return _BY_KEY[key]
