"""Every setting, declared once: key, default, label, help, check, and where it stands in the window.

Pure, so that the window may check what is typed without asking the database.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import LANGUAGES, _
from pqldesk.services.remote.ownership import FAMILY as MASTER
from pqldesk.services.remote.ownership import checked_choice
from pqldesk.services.settings.working_time import week_example, week_of, week_text

NOTICES = (
    ("crossed", _("A lead qualifies"), _("It crosses the cut, and is yours or free to claim.")),
    ("hand_raise", _("Somebody asks to talk to sales"), _("A hand-raise of a lead that is yours or free to claim.")),
    ("respond", _("A first touch is due soon"), _("Your lead, or a free hand-raise, must hear within the hour.")),
    ("trial_ends", _("A trial ends"), _("In three days or less, on a lead of yours.")),
    ("stuck", _("A lead is stuck"), _("A form has been on its way to the next system for too long.")),
    ("placement", _("A button needs a look"), _("A form from an unknown placement, or a page with a faulty button.")),
    ("stopped", _("Something has stopped"), _("A connection has a problem, or a write to the CRM is held.")),
)  # fmt: skip
"""What the inbox tells of: kind, label, when."""


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
    section: str = "you"  # you, hours, claims, notices, look: where the Settings page shows it


def _zone(text: str) -> str:
    from zoneinfo import available_timezones  # walks the whole time zone database

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


def _with_code(text: str) -> str:
    if text.count("{code}") != 1 or not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError(_("an e-mail address with {code} in it"))
    return text


def _relays(text: str) -> str:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if set(names) - {"portal", "workato", "relay"}:
        raise ValueError(_("names out of portal, workato and relay, separated by commas"))
    return ",".join(dict.fromkeys(names))


def _whole(low: int, high: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise ValueError(_("a whole number from {low} to {high}").format(low=low, high=high))
        return str(int(text))

    return check


def _hours(text: str) -> str:
    try:
        return week_text(week_of(text))
    except ValueError:
        said = _("hours such as 09:00-17:00, or {example}")
        raise ValueError(said.format(example=week_example())) from None


def _days(text: str) -> str:
    days = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return ",".join(date.fromisoformat(day).isoformat() for day in sorted(set(days)))
    except ValueError:
        raise ValueError(_("dates such as 2026-12-25,2027-01-01")) from None


def _hosts(text: str) -> str:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not all(re.fullmatch(r"[^\W_]([\w.-]*[^\W_])?", name) for name in names):
        raise ValueError(_("host names such as tracker.example.com, separated by commas"))
    return ", ".join(dict.fromkeys(names))


def _origins(text: str) -> str:
    pages = [part.strip().rstrip("/") for part in text.split(",") if part.strip()]
    if not all(page == "*" or re.fullmatch(r"https?://[^\s/?#@]+", page) for page in pages):
        raise ValueError(_("origins such as https://app.example.com, separated by commas"))
    return ", ".join(dict.fromkeys(pages))


def _span(text: str) -> str:
    """Two clock times, the second perhaps on the next day; nothing for never."""
    if not text:
        return ""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", text)
    if found is None or not _is_clock(found[1], found[2]) or not _is_clock(found[3], found[4]):
        raise ValueError(_("two times such as 18:00-08:00, or nothing"))
    if (int(found[1]), found[2]) == (int(found[3]), found[4]):
        raise ValueError(_("two different times such as 18:00-08:00, or nothing"))
    return f"{int(found[1]):02}:{found[2]}-{int(found[3]):02}:{found[4]}"


def _clock(text: str) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", text)
    if text and (found is None or not _is_clock(found[1], found[2])):
        raise ValueError(_("a time such as 09:00, or nothing"))
    return f"{int(found[1]):02}:{found[2]}" if found else ""


def _is_clock(hours: str, minutes: str) -> bool:
    return int(hours) < 24 and int(minutes) < 60


def _flag(text: str) -> str:
    known = {"true": "true", "yes": "true", "on": "true", "1": "true",
             "false": "false", "no": "false", "off": "false", "0": "false"}  # fmt: skip
    if text.lower() not in known:
        raise ValueError(_("yes or no"))
    return known[text.lower()]


def _choice(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(_("one of {allowed}").format(allowed=", ".join(allowed)))
        return text

    return check


def _chosen(key: str, label: str, about: str, section: str, *choices: str) -> Declared:
    """A setting of some words, the first of which is the default."""
    return Declared(key, choices[0], label, about, _choice(*choices), "choice", choices, section)


DECLARED: tuple[Declared, ...] = (
    Declared("rep", "", _("Your e-mail"), _("What you claim and write is yours."), _email, "email"),
    _chosen("role", _("What you do"), _(
        "Said beside your name. In a file it gives no rights; in a team workspace an admin gives it."), "you",
            "rep", "manager", "admin"),
    Declared("default_owner", "", _("Default owner"), _(
        "Deals and tasks go to this CRM member when nobody else is named."), _email, "email"),
    Declared("currency", "USD", _("Currency"), _("Currency of deal values."), _currency),
    Declared("timezone", "UTC", _("Time zone"), _(
        "Days begin at midnight here; changing it rescores all leads."), _zone, "zone", section="hours"),
    Declared("working_hours", "09:00-17:00", _("Working hours"), _(
        "Response times and follow-ups count in these."), _hours, "week", section="hours"),
    Declared("holidays", "", _("Holidays"), _("Days on which nobody works."), _days, "days", section="hours"),
    Declared("respond_hot_hours", "4", _("Respond to hot leads"), _(
        "Working hours until the first touch of a hot lead or hand-raise."), _whole(1, 200), "number", section="hours"),
    Declared("respond_qualified_hours", "24", _("Respond to qualified leads"), _(
        "Clock hours until the first touch of a qualified lead."), _whole(1, 1000), "number", section="hours"),
    Declared("lease_days", "7", _("Claim lasts"), _(
        "Days without a touch after which a claimed lead returns to the pool."), _whole(1, 365), "number",
        section="claims"),
    _chosen("account_score", _("Score of an account"), _(
        "The best of its people, their sum up to a cap, or the share of them who are active."),
        "claims", "best", "sum", "active"),
    Declared("account_cap", "200", _("Cap of a sum"), _(
        "Points at which the sum of an account's scores ends."), _whole(1, 100_000), "number", section="claims"),
    Declared("intake_hosts", "", _("Names of the intake"), _(
        "Host names, besides this computer's, under which other systems reach it."), _hosts, section="intake"),
    Declared("intake_origins", "", _("Pages that may send"), _(
        "Origins of web pages such as https://app.example.com; with none, every page that has a key."), _origins,
        section="intake"),
    Declared("relay_forms", "portal", _("Pass forms on to"), _(
        "Connected systems that get every form as it came: portal, workato, relay, separated by commas."), _relays,
        section="intake"),
    Declared("test_lead", "pqldesk-test+{code}@example.com", _("Address of test leads"), _(
        "Where a test lead pretends to write from; {code} stands for letters and digits of its own."), _with_code,
        section="intake"),
    Declared("stuck_minutes", "30", _("A lead is stuck after"), _(
        "Minutes that a form may be on its way to the next system before the inbox tells of it."),
        _whole(1, 10_080), "number", section="intake"),
    Declared("raw_days", "30", _("Keep what was received"), _(
        "Days for which it can be derived again when event rules change."), _whole(1, 3_650), "number",
        section="intake"),
    *(
        Declared(f"notify.{kind}", "true", label, about, _flag, "flag", section="notices")
        for kind, label, about in NOTICES
    ),
    Declared("notify_desktop", "true", _("Show on the desktop"), _(
        "Where the system shows messages of programs; the inbox has them all either way."), _flag, "flag",
        section="notices"),
    Declared("quiet_hours", "", _("Quiet hours"), _(
        "Nothing pops up between these times; one message sums up afterwards."), _span, "span", section="notices"),
    Declared("notify_budget", "20", _("At most a day"), _(
        "Messages that may pop up; the others come as one on the next day."), _whole(0, 500), "number",
        section="notices"),
    Declared("notify_digest", "", _("Once a day only"), _(
        "One message at this time instead of many."), _clock, "clock", section="notices"),
    _chosen("language", _("Language"), _("The window speaks it from its next start on."),
            "look", "system", *LANGUAGES),
    _chosen("theme", _("Colours"), _("Light, dark, or as the system."), "look", "system", "light", "dark"),
    _chosen("contrast", _("Contrast"), _("High draws black and white lines and texts."), "look", "system", "high"),
    Declared("font_size", "13", _("Text size"), _("Size of body text; 13 pixels is usual."), _whole(9, 28), "size",
        section="look"),
    _chosen("density", _("Rows"), _("How much room each row of a list takes."), "look", "usual", "compact", "roomy"),
    _chosen("motion", _("Motion"), _("Reduced stops the blinking cursor and sliding menus."),
            "look", "system", "reduced"),
)  # fmt: skip
FAMILIES = (
    "event_map.",
    "feature_label.",
    "key.",
    MASTER,
)  # settings with a name of the user's own after the dot
BY_KEY = {declared.key: declared for declared in DECLARED}
PERSONAL = frozenset({"rep", "role", *(d.key for d in DECLARED if d.section in ("notices", "look"))})
"""Settings that each member of a team workspace has for themselves."""


def is_personal(key: str) -> bool:
    """Whether a setting is a person's own where several share a workspace: what they see, hear and press."""
    return key in PERSONAL or key.startswith("key.")


def checked(key: str, text: str) -> str:
    """*text* as it is stored; nothing is the default. Raises BadInput for an unknown key, or with what is right."""
    if key.startswith(MASTER):
        try:
            return checked_choice(key, text.strip())
        except ValueError as right:
            raise BadInput(
                _("{key} cannot be “{text}”.").format(key=key, text=text),
                _("Give {right}.").format(right=right),
            ) from None
    if key.startswith(FAMILIES):
        return text.strip()
    setting = declared(key)
    if not text.strip() and setting.default:
        return setting.default
    try:
        return setting.check(text.strip())
    except ValueError as right:
        raise BadInput(
            _("{label} ({key}) cannot be “{text}”.").format(label=setting.label, key=key, text=text),
            _("Give {right}.").format(right=right),
        ) from None


def declared(key: str) -> Declared:
    """The declaration of *key*. Raises BadInput naming the known ones."""
    if key not in BY_KEY:
        raise BadInput(
            _("There is no setting {key!r}.").format(key=key),
            _("Known: {known}, event_map.NAME, feature_label.KEY.").format(known=", ".join(BY_KEY)),
        )
    return BY_KEY[key]
