"""The days of a week: stored by their English names, read and said in the reader's language."""

import unicodedata
from typing import Final

from pqldesk.services.basics.texts import _, p_

DAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # as they are stored, in every language


def short_days() -> tuple[str, ...]:
    """Monday to Sunday as short as the reader's language writes them (CLDR's abbreviated names that stand alone)."""
    return (
        p_("weekday", "Mon"), p_("weekday", "Tue"), p_("weekday", "Wed"), p_("weekday", "Thu"), p_("weekday", "Fri"),
        p_("weekday", "Sat"), p_("weekday", "Sun"),
    )  # fmt: skip


def whole_days() -> tuple[str, ...]:
    """Monday to Sunday in full, as the reader's language writes them."""
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")
    )  # fmt: skip


def day_of_name(name: str) -> int:
    """Mon, Monday, or either in the reader's language, as a number; Mon is 0. ValueError for no day."""
    wanted = _plain(name)
    for names in (short_days(), whole_days(), DAY_NAMES, _IN_FULL):
        for day, one in enumerate(names):
            if _plain(one) == wanted:
                return day
    raise ValueError(name)


_IN_FULL: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _plain(name: str) -> str:
    """Without what people leave out: capitals, accents, the point of an abbreviation."""
    parts = unicodedata.normalize("NFKD", name.strip().rstrip(".").casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
