"""Times as files write them, as microseconds since 1970 UTC, exactly.

Read are: ISO 8601 dates and times with or without zone (also with a blank before the zone, "UTC", and more digits
than microseconds, which are cut), RFC 2822, "2 Jan 2014", YYYY/MM/DD, the eight digits 20140102, Unix seconds and
milliseconds between 2000 and 2100, and, only when told which comes first, 02/01/2014, 02.01.2014 or 02-01-2014.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pqldesk.services.basics import moments
from pqldesk.services.basics.texts import _

EARLIEST: Final = 946_684_800 * moments.SECOND  # 2000-01-01
_LATEST: Final = 4_102_444_800 * moments.SECOND  # 2100-01-01, for Unix times only
_CACHED: Final = 20_000

_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,12}))?)?"
    r"\s*(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_CLOCK: Final = (
    r"(?:[ T,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,12}))?)?(?:\s*([AaPp])\.?[Mm]\.?)?)?"
)
_SLASHED: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})" + _CLOCK)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})" + _CLOCK)
_NAMED: Final = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -]([0-9]{4})" + _CLOCK)
_NAME_FIRST: Final = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})" + _CLOCK)
_EPOCH_TEXT: Final = re.compile(r"([0-9]{9,10}|[0-9]{12,13})(?:\.([0-9]{1,9}))?")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class BadTime(ValueError):
    """A text is no time; the message says why and what would do."""


class Moment(NamedTuple):
    """*micros* since 1970. *date_only*: the file gave a day, and this is its beginning. *zoned*: it named its zone."""

    micros: int
    date_only: bool = False
    zoned: bool = True

    @property
    def at(self) -> datetime:
        return moments.moment(self.micros)


# An ISO time in UTC is the sum of short texts that repeat in a file: day, minute, second, fraction with zone. Each part
# is read once and remembered; a KeyError means that the whole is not of this form and takes the long way.


class _Days(dict[str, int]):
    """``2024-12-15`` from 2000 on, in microseconds since 1970."""

    def __missing__(self, text: str) -> int:
        if text[4] != "-" or text[7] != "-" or text < "2000" or not text.isascii():
            raise KeyError(text)
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise KeyError(text) from None
        micros = self[text] = moments.day_number(day) * moments.DAY
        return micros


class _Minutes(dict[str, int]):
    """``T12:34`` or with a blank before it, in microseconds."""

    def __missing__(self, text: str) -> int:
        hour, minute = text[1:3], text[4:6]
        digits = hour + minute
        if text[0] not in "T " or text[3] != ":" or not (digits.isdigit() and digits.isascii()):
            raise KeyError(text)
        if hour > "23" or minute > "59":
            raise KeyError(text)
        micros = self[text] = (int(hour) * 3600 + int(minute) * 60) * moments.SECOND
        return micros


class _Seconds(dict[str, int]):
    """``:56`` in microseconds."""

    def __missing__(self, text: str) -> int:
        second = text[1:]
        if text[0] != ":" or len(second) != 2 or not (second.isdigit() and second.isascii()) or second > "59":
            raise KeyError(text)
        micros = self[text] = int(second) * moments.SECOND
        return micros


class _Fractions(dict[str, int]):
    """``Z``, ``.123Z`` or ``.123456+00:00`` in microseconds."""

    def __missing__(self, text: str) -> int:
        digits = text.removesuffix("+00:00") if text[-1] == "0" else text.removesuffix("Z")
        if digits == text:
            raise KeyError(text)
        micros = 0
        if digits:
            places = digits[1:]
            if digits[0] != "." or len(places) > 12 or not (places.isdigit() and places.isascii()):
                raise KeyError(text)
            micros = int(places[:6].ljust(6, "0"))
        if len(self) < _CACHED:
            self[text] = micros
        return micros


class TimeReader:
    """Reads the times of one file. *zone* stands in where a time names none; ``unzoned`` counts how often it did.

    *day_first* says how 02/01/2014 is meant; None refuses such dates, because they cannot be told apart.
    """

    def __init__(self, zone: ZoneInfo, day_first: bool | None = None) -> None:
        self.unzoned = 0
        self._zone = zone
        self._day_first = day_first
        self._days = _Days()
        self._minutes = _Minutes()
        self._seconds = _Seconds()
        self._fractions = _Fractions()

    def micros(self, value: object) -> int:
        """Microseconds since 1970; BadTime before 2000 or when *value* is no time. Fast for ISO times in UTC."""
        if type(value) is str and len(value) > 19:
            try:
                return (
                    self._days[value[:10]]
                    + self._minutes[value[10:16]]
                    + self._seconds[value[16:19]]
                    + self._fractions[value[19:]]
                )
            except KeyError:
                return self.moment(value).micros
        return self.moment(value).micros

    def all_micros(self, values: Iterable[str]) -> list[int]:
        """The same for many ISO times in UTC; KeyError, IndexError or TypeError where one is written otherwise."""
        days, minutes, seconds, fractions = self._days, self._minutes, self._seconds, self._fractions
        return [
            days[text[:10]] + minutes[text[10:16]] + seconds[text[16:19]] + fractions[text[19:]]
            for text in values
        ]

    def moment(self, value: object) -> Moment:
        """The same with what else is known; takes text, numbers (Unix time), dates and datetimes."""
        found = self._typed(value) if not isinstance(value, str) else self._text(value.strip())
        if found.micros < EARLIEST:
            raise BadTime(_("{value!s} is before the year 2000").format(value=value))
        if not found.zoned:
            self.unzoned += 1
        return found

    def _typed(self, value: object) -> Moment:
        match value:
            case datetime():
                return self._placed(value)
            case date():
                return self._placed(datetime.combine(value, time()), date_only=True)
            case bool():
                raise BadTime(_("{value} is not a time").format(value=value))
            case int() | float():
                return self._text(repr(value))
        raise BadTime(_("{value!s} is not a time").format(value=value))

    def _text(self, text: str) -> Moment:
        if match := _ISO.fullmatch(text):
            return self._iso(text, match)
        if match := _EPOCH_TEXT.fullmatch(text):
            return _unix(text, match)
        if len(text) == 8 and text.isdigit() and text.isascii():
            return self._built(text, text[:4], text[4:6], text[6:], (None,) * 5)
        if match := _YEAR_FIRST.fullmatch(text):
            return self._built(text, match[1], match[2], match[3], match.groups()[3:])
        if match := _SLASHED.fullmatch(text):
            return self._slashed(text, match)
        if match := _NAMED.fullmatch(text):
            return self._built(text, match[3], _month(text, match[2]), match[1], match.groups()[3:])
        if match := _NAME_FIRST.fullmatch(text):
            return self._built(text, match[3], _month(text, match[1]), match[2], match.groups()[3:])
        try:
            return self._placed(parsedate_to_datetime(text))
        except (ValueError, IndexError, TypeError, OverflowError):
            raise BadTime(
                _("{text!r} is not a time; write 2024-12-15T12:00:00Z").format(text=text[:40])
            ) from None

    def _iso(self, text: str, match: re.Match[str]) -> Moment:
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
            if match[4] is None:
                return self._placed(datetime.combine(day, time()), date_only=True)
            fraction = int((match[7] or "")[:6].ljust(6, "0"))
            clock = time(int(match[4]), int(match[5]), int(match[6] or 0), fraction)
        except ValueError as wrong:
            raise BadTime(_("{text!r} is not a time: {wrong}").format(text=text, wrong=wrong)) from None
        shown = datetime.combine(day, clock)
        if match[8] is None:
            return self._placed(shown)
        return Moment(moments.micros(shown.replace(tzinfo=UTC)) - _offset(text, match[8]))

    def _slashed(self, text: str, match: re.Match[str]) -> Moment:
        if self._day_first is None:
            raise BadTime(
                _(
                    "{text!r} can be read day first or month first; say --day-first or --month-first, or "
                    "write 2014-01-31"
                ).format(text=text)
            )
        day, month = (match[1], match[2]) if self._day_first else (match[2], match[1])
        return self._built(text, match[3], month, day, match.groups()[3:])

    def _built(self, text: str, year: str, month: str, day: str, clock: tuple[str | None, ...]) -> Moment:
        hour, minute, second, fraction, half = clock
        try:
            on = date(int(year), int(month), int(day))
            if hour is None:
                return self._placed(datetime.combine(on, time()), date_only=True)
            hours = int(hour)
            if half is not None:
                if not 1 <= hours <= 12:
                    raise ValueError(_("hour must be in 1..12"))
                hours = hours % 12 + (12 if half in "pP" else 0)
            micros = int((fraction or "")[:6].ljust(6, "0"))
            return self._placed(datetime.combine(on, time(hours, int(minute or 0), int(second or 0), micros)))
        except ValueError as wrong:
            raise BadTime(_("{text!r} is not a time: {wrong}").format(text=text, wrong=wrong)) from None

    def _placed(self, shown: datetime, date_only: bool = False) -> Moment:
        if shown.tzinfo is not None:
            return Moment(moments.micros(shown), date_only)
        try:
            return Moment(moments.micros(shown.replace(tzinfo=self._zone)), date_only, zoned=False)
        except OverflowError:
            raise BadTime(_("{shown} is out of range").format(shown=shown)) from None


def _unix(text: str, match: re.Match[str]) -> Moment:
    seconds = len(match[1]) <= 10
    digits = (match[2] or "").ljust(6, "0")
    micros = (
        int(match[1]) * moments.SECOND + int(digits[:6])
        if seconds
        else int(match[1]) * 1000 + int(digits[:3])
    )
    if not EARLIEST <= micros < _LATEST:
        raise BadTime(_("{text} is no Unix time between the years 2000 and 2100").format(text=text))
    return Moment(micros)


def _offset(text: str, zone: str) -> int:
    if zone[0] not in "+-":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
    if hours > 15 or minutes > 59:
        raise BadTime(_("{text!r} is not a time: offset {zone} does not exist").format(text=text, zone=zone))
    span = timedelta(hours=hours, minutes=minutes) // timedelta(microseconds=1)
    return span if zone[0] == "+" else -span


def _month(text: str, name: str) -> str:
    try:
        return str(_MONTHS.index(name[:3].lower()) + 1)
    except ValueError:
        raise BadTime(_("{text!r} is not a time; write 2024-12-15T12:00:00Z").format(text=text)) from None
