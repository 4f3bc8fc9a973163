"""Dates, numbers and plurals as people read them. The only place where UTC becomes local time."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QLocale
from PySide6.QtGui import Qt

from pqldesk.services.basics.rates import ENOUGH as ENOUGH
from pqldesk.services.basics.rates import Rate
from pqldesk.services.basics.texts import _, language, n_, p_
from pqldesk.services.basics.texts import in_sentence as in_sentence
from pqldesk.services.first_rows import Number
from pqldesk.views.vocabulary import WORDS

NONE: Final = "–"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?")


def locale() -> QLocale:
    """The system's locale where it speaks the language of the texts, else that language's own."""
    here, spoken = QLocale(), QLocale(language())
    return here if here.language() == spoken.language() else spoken


def number(value: Number) -> str:
    """1234.5 as the user's locale writes it, without needless decimals."""
    return _number(value, QLocale().name(), language())


@lru_cache(maxsize=4_096)  # a lead's record says some fifty, mostly the same as the last one's
def _number(value: Number, _system: str, _spoken: str) -> str:
    here = locale()
    if isinstance(value, int) or float(value).is_integer():
        return here.toString(int(value))
    return here.toString(float(value), "f", 2).rstrip("0").rstrip(here.decimalPoint())


def figure(value: float, decimals: int) -> str:
    """A figure with always as many decimals, beside others of its kind: 2.0, 1.4."""
    return locale().toString(float(value), "f", decimals)


def points(value: Number) -> str:
    """Points with their sign: +20, −5, +0."""
    return f"+{number(value)}" if value >= 0 else f"−{number(-value)}"


def change(value: Number) -> str:
    """A movement: +20, −5, or a middle dot for none."""
    return points(value) if value else "·"


def percent(share: float | None, digits: int = 0) -> str:
    """0.413 as 41 % of the locale's spelling; a dash where there is nothing to divide."""
    if share is None:
        return NONE
    return _("{n}%").format(n=locale().toString(share * 100.0, "f", digits))


def percent_span(low: float, high: float, digits: int = 1) -> str:
    """An interval of shares with one sign, for places where both would not fit."""
    return f"{locale().toString(low * 100, 'f', digits)}–{percent(high, digits)}"


def signed(value: float) -> str:
    """A change with its sign: +3.1 or −0.4, and in whole numbers from ten on."""
    digits = 0 if abs(value) >= 9.95 else 1  # 9.96 would be written 10.0
    return ("−" if value < 0 else "+") + locale().toString(abs(value), "f", digits)


def rate(share: float | None, n: int, digits: int = 0) -> str:
    """A share of *n* in percent; words where *n* is too small for it to mean anything."""
    return _("not enough yet") if 0 < n < ENOUGH else percent(share, digits)


def of_leads(found: Rate) -> str:
    """A share of leads in full: how many, of how many, and the interval it may lie in."""
    words = _("{n} of {of} leads").format(n=number(found.n), of=number(found.of))
    if found.low is None or found.high is None:
        return words
    if found.of < ENOUGH:
        return words + "\n" + _("Not enough yet: {n} are needed").format(n=ENOUGH)
    return (
        words
        + "\n"
        + _("{share}, 95 % interval {interval}").format(
            share=percent(found.share), interval=percent_span(found.low, found.high)
        )
    )


def money(value: Number, currency: str) -> str:
    return f"{number(value)} {currency}"


def amount_in(text: str) -> Number | None:
    """75,000 as 75000, by the signs of the reader's language; None for nothing. ValueError for what is no amount.

    Groups are of three, in India of two before that, and at most two digits follow the decimal sign: 75.000 read as
    75, or 10,50 as 1050, would be an amount that nobody wrote.
    """
    here = locale()
    plain = re.sub(r"[\s\u202f\xa0’']", "", text)
    if not plain:
        return None
    group, point = re.escape(here.groupSeparator()), re.escape(here.decimalPoint())
    spaced = rf"|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}" if not here.groupSeparator().isspace() else ""
    found = re.fullmatch(rf"(\d+{spaced})(?:{point}(\d{{1,2}}))?", plain)
    if found is None:
        raise ValueError(text)
    whole, rest = re.sub(r"\D", "", found[1]), found[2] or ""
    return float(f"{whole}.{rest}") if rest.strip("0") else int(whole)


def no_amount(text: str) -> str:
    """What is said where `amount_in` finds none."""
    words = _("“{text}” is not an amount. Write it like {whole} or {parts}.")
    return words.format(text=text, whole=number(75_000), parts=locale().toString(10.5, "f", 2))


def span(seconds: float, hours: float = 2 * _DAY) -> str:
    """A length of time in its largest unit: 52 min, 2 h, 3 d; in hours below *hours*, in seconds, as a clock runs."""
    if seconds < _MINUTE:
        return _("now")
    if seconds < _HOUR:
        return _("{n} min").format(n=int(seconds // _MINUTE))
    if seconds < hours:
        return _("{n} h").format(n=int(seconds // _HOUR))
    if seconds < 60 * _DAY:
        return _("{n} d").format(n=int(seconds // _DAY))
    if seconds < 730 * _DAY:
        return _("{n} mo").format(n=int(seconds // (30 * _DAY)))
    return _("{n} y").format(n=int(seconds // (365 * _DAY)))


def ahead(seconds: float) -> str:
    """How soon something happens: in 2 h, in 5 min; now within the minute."""
    return _("in {span}").format(span=span(seconds)) if seconds >= _MINUTE else _("now")


def hours(value: float | None) -> str:
    """A median given in hours: 26 min, 5.4 h, 2.1 d."""
    if value is None:
        return NONE
    if value < 1:
        return _("{n} min").format(n=round(value * 60))
    if value < 24:
        return _("{n} h").format(n=number(round(value, 1)))
    return _("{n} d").format(n=number(round(value / 24, 1)))


def age(at: datetime | None, now: datetime) -> str:
    """How long ago, short enough for a column: 12 min, 2 h, 4 d."""
    return NONE if at is None else span(max(0.0, (now - at).total_seconds()), _DAY)


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, as part of a sentence: 2 h ago, just now."""
    if at is None:
        return _("never")
    seconds = (now - at).total_seconds()
    return _("just now") if seconds < _MINUTE else _("{age} ago").format(age=span(seconds, _DAY))


def day(at: datetime | None) -> str:
    """1 Dec, with the year when it is another one than the reader's."""
    if at is None:
        return NONE
    local = at.astimezone()
    pattern = _("d MMM") if abs((datetime.now(UTC) - at).days) < 300 else _("d MMM yyyy")
    return locale().toString(local.date(), pattern)  # type: ignore[call-overload, no-any-return]


def dated(at: datetime) -> str:
    """Mon 16 Dec in the reader's zone."""
    name = locale().dayName(at.astimezone().isoweekday(), QLocale.FormatType.ShortFormat)
    return f"{name} {day(at)}"


def moment(at: datetime | None) -> str:
    """Mon 16 Dec, 10:00 in the reader's zone."""
    return NONE if at is None else f"{dated(at)}, {at.astimezone():%H:%M}"


def date_pattern(*, clock: bool = False) -> str:
    """How a field shows a day that can be edited: its weekday, day, month and year, and the time with *clock*."""
    return f"ddd {_('d MMM yyyy')}" + (", HH:mm" if clock else "")


def readable(text: str) -> str:
    """A notice of the services with its days and moments as the reader writes them, in the reader's zone."""
    return _MOMENT.sub(_as_read, text)


def _as_read(found: re.Match[str]) -> str:
    try:
        at = datetime.fromisoformat(found[0])
    except ValueError:  # digits that only look like it
        return found[0]
    return moment(at) if at.tzinfo is not None else day(at.astimezone())


def exact(at: datetime | None) -> str:
    """The full time with its zone, for tooltips."""
    return NONE if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}"


def due(at: datetime | None, now: datetime) -> tuple[str, str]:
    """When a task is due, and the tone of that: ('today 10:00', 'warn'), ('2 d late', 'bad')."""
    if at is None:
        return _("no date"), "neutral"
    if at < now:
        seconds = (now - at).total_seconds()
        return span(seconds) if seconds < _MINUTE else _("{span} late").format(span=span(seconds)), "bad"
    local, today = at.astimezone().date(), now.astimezone().date()
    clock = f"{at.astimezone():%H:%M}"
    if local == today:
        return _("today {clock}").format(clock=clock), "warn"
    if local == today + timedelta(days=1):
        return _("tomorrow {clock}").format(clock=clock), "neutral"
    return moment(at), "neutral"


def left(respond_by: datetime | None, now: datetime) -> tuple[str, str]:
    """How long a first touch may take, and the tone of that."""
    if respond_by is None:
        return NONE, "none"
    seconds = (respond_by - now).total_seconds()
    if seconds < 0:
        return span(-seconds) if -seconds < _MINUTE else _("{span} over").format(span=span(-seconds)), "bad"
    return _("{span} left").format(span=span(max(seconds, _MINUTE))), "warn" if seconds < _HOUR else "ok"


def trial(state: str, days_left: int) -> tuple[str, str]:
    """A trial as pill: text and tone."""
    if state in {"active", "extended"}:
        text = _("today") if days_left <= 0 else n_("{n} d left", "{n} d left", days_left)
        tone = "bad" if days_left <= 1 else "warn" if days_left <= 5 else "ok"
        return text, tone
    return TRIAL_STATES.get(state, plain(state)), {"converted": "ok", "expired": "bad"}.get(state, "neutral")


def label(text: str) -> str:
    """A signal's or milestone's label: as somebody wrote it, or the usual one in the reader's language."""
    return WORDS.get(text, text)


def quoted(words: str) -> str:
    """Words of somebody, between the marks of the reader's language."""
    return _("“{words}”").format(words=words)


def sentence(words: str) -> str:
    """Words as a sentence of their own: begun large, ended by a full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def plain(key: str) -> str:
    """A key of ours or of a source as words: first_integration -> First integration."""
    words = key.replace("_", " ").replace("-", " ").strip()
    return WORDS.get(key) or words[:1].upper() + words[1:]


def initials(name: str) -> str:
    """One or two letters for an avatar."""
    parts = [part for part in name.replace(".", " ").replace("@", " ").split() if part[0].isalnum()]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 and "@" not in name else "")).upper()


def person(address: str | None) -> str:
    """A rep as people say it: mira.okafor@example.com -> Mira Okafor."""
    if not address:
        return NONE
    local = address.split("@")[0]
    return " ".join(part[:1].upper() + part[1:] for part in local.replace("_", ".").split(".") if part)


BANDS = {"hot": _("Hot"), "qualified": _("Qualified"), "warming": _("Warming"), "cold": _("Cold")}
TRIAL_STATES = {
    "active": p_("trial", "Active"),
    "extended": p_("trial", "Extended"),
    "converted": p_("trial", "Converted"),
    "expired": p_("trial", "Expired"),
    "lost": p_("trial", "Lost"),
}
ROLES = {"rep": _("Rep"), "manager": _("Manager"), "admin": _("Admin")}
LEAD_STATES = {
    "new": _("New"),
    "qualified": _("Qualified"),
    "claimed": _("Claimed"),
    "working": _("Working"),
    "handed_off": _("Handed off"),
    "won": _("Won"),
    "lost": _("Lost"),
    "disqualified": _("Disqualified"),
    "snoozed": _("Snoozed"),
    "nurture": _("Nurture"),
    "erased": _("Erased"),
}
OUTBOX_STATES = {
    "pending": (p_("write", "Waiting"), "neutral"),
    "sending": (p_("write", "Sending"), "accent"),
    "unknown": (p_("write", "Checking"), "warn"),
    "done": (p_("write", "Written"), "ok"),
    "failed": (p_("write", "Failed"), "bad"),
    "held": (p_("write", "Held"), "warn"),
    "cancelled": (p_("write", "Cancelled"), "neutral"),
}
PASSED_ON = (
    p_("write", "Accepted"),
    "ok",
)  # a relay has it; whether it stands in the CRM behind it nobody has seen
PACES = {"ahead": "ok", "on pace": "ok", "slow": "warn", "at risk": "bad"}
FUNNEL_STEPS = {
    "signed_up": p_("leads", "Signed up"),
    "activated": p_("leads", "Activated"),
    "qualified": p_("leads", "Product qualified"),
    "pql": p_("leads", "Product qualified"),
    "claimed": p_("leads", "Claimed"),
    "contacted": p_("leads", "Contacted"),
    "handed_off": p_("leads", "Handed off"),
    "opportunity": p_("leads", "Opportunity"),
    "won": p_("leads", "Won"),
}


def tip(text: str) -> str:
    """Text for a tooltip, which Qt would render as HTML where a name looks like it."""
    if not Qt.mightBeRichText(text):
        return text
    from html import escape  # brings a table of two thousand entities

    return f"<span>{escape(text)}</span>".replace("\n", "<br>")


def for_desktop(text: str) -> str:
    """Text for a message of the desktop, many of which read HTML and none of which says so to Qt."""
    return text.replace("<", "‹").replace(">", "›")


def outbox_state(state: str, kind: str) -> tuple[str, str]:
    """A write's state and its tone; what a relay has taken is accepted, not written."""
    if state == "done" and kind == "relay":
        return PASSED_ON
    return OUTBOX_STATES.get(state, (plain(state), "neutral"))
