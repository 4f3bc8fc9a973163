"""Single values of a file, checked. Each function gives the value, None for empty, or raises BadValue.

The rule for empty: an empty cell, a null, and in CSV files and sheets the texts of EMPTY_TEXTS (or those named with
--null instead) are empty; everything else is what it says, "NA" and "." too.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.plain_text import plain
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, numeral

#: What exporters write for "nothing", in exactly this spelling.
EMPTY_TEXTS: Final = frozenset({"NULL", "\\N", "N/A", "-"})
#: What trackers send as the id of nobody in particular; no person is made of it.
NOBODY: Final = frozenset({"anonymous", "null", "undefined", "0"})

_LIMIT: Final = 1_000_000_000
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_COMMA_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]*)?|[+-]?,[0-9]+")
_GROUPED_DOTS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}(?:,[0-9]*)?|[+-]?[0-9]*,[0-9]*")
_EASY_EMAIL: Final = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_HASH: Final = re.compile(r"(?:[0-9a-fA-F]{2}){16,64}|[A-Za-z0-9+/]{22,88}={1,2}")
_DOMAIN: Final = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]")
_TRUE: Final = frozenset({"1", "true", "yes", "y", "t"})
_FALSE: Final = frozenset({"0", "false", "no", "n", "f"})
_CODES: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
    "GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD "
    "KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
    "NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD "
    "XCG XOF XPF YER ZAR ZMW ZWG "
)
_CURRENCIES: Final = frozenset(_CODES.split())
_SYMBOLS: Final = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₴": "UAH", "₪": "ILS"}


class BadValue(ValueError):
    """A value that its field cannot hold: *what* is wrong and the *remedy*, one sentence together."""

    def __init__(self, field: str, what: str, remedy: str = "") -> None:
        super().__init__(f"{field}: {what}{'; ' + remedy if remedy else ''}.")
        self.field = field
        self.what = what
        self.remedy = remedy


class Money(NamedTuple):
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written: 1,234.5 or, with *decimal_comma*, 1.234,5."""

    decimal_comma: bool = False


# Signs that careful exporters put an apostrophe before, so that no spreadsheet runs the cell.
_GUARDED: Final = ("=", "+", "-", "@", "\t", "\r")


def text(value: object) -> str | None:
    """Trimmed text in NFC, None when empty. Whole numbers of a sheet lose their ``.0``, identifiers keep zeros."""
    if type(value) is str:
        trimmed = value.strip()
        if trimmed[:1] == "'" and trimmed[1:2] in _GUARDED:
            trimmed = trimmed[1:].strip()
        if trimmed.isascii():
            return trimmed or None
        return unicodedata.normalize("NFC", trimmed) or None
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "replace").strip() or None
    return str(value).strip() or None


def shown_text(value: object, field: str, limit: int) -> str | None:
    """Text that people see: without control signs and direction overrides, of at most *limit* characters."""
    found = text(value)
    if found is None or (found.isascii() and found.isprintable() and len(found) <= limit):
        return found
    found = plain(found).strip()
    if len(found) > limit:
        raise BadValue(
            field,
            _("it has {n} characters; the limit is {limit}").format(
                n=numeral(len(found)), limit=numeral(limit)
            ),
        )
    return found or None


def person_id(value: object) -> str | None:
    """The id of a person, None for empty and for what trackers send when they know nobody."""
    found = text(value)
    return None if found is None or found.lower() in NOBODY else found


def email(value: object, field: str = "email") -> str | None:
    """A usable address, trimmed and otherwise as typed."""
    found = text(value)
    if found is None or (_EASY_EMAIL.fullmatch(found) and len(found) <= 254 and found.index("@") <= 64):
        return found
    if "@" not in found:
        if _HASH.fullmatch(found):
            raise BadValue(
                field,
                _("{found}… looks like a hash, not an address").format(found=found[:12]),
                _("map it as user_id instead"),
            )
        raise BadValue(field, _("{found!r} is not an e-mail address").format(found=found[:60]))
    from email_validator import (  # 60 ms, and only unusual addresses need it
        EmailNotValidError,
        validate_email,
    )

    try:
        checked = validate_email(found, check_deliverability=False, test_environment=True)
    except EmailNotValidError as wrong:
        raise BadValue(
            field,
            _("{found!r} is not an e-mail address: {wrong}").format(
                found=found[:60], wrong=str(wrong).rstrip(".")
            ),
        ) from None
    if "." not in checked.domain:
        raise BadValue(
            field, _("{found!r} is not an e-mail address: its domain has no dot").format(found=found[:60])
        )
    return found


def email_key(address: str) -> str:
    """What addresses are compared by: trimmed, NFC, case-folded; dots and plus tags stay."""
    return unicodedata.normalize("NFC", address.strip().casefold())


def domain(value: object, field: str = "domain") -> str | None:
    """A bare lower-case domain out of a domain or web address."""
    found = text(value)
    if found is None:
        return None
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", found.lower()).split("/")[0].split("?")[0].split(":")[0]
    bare = bare.removeprefix("www.").rstrip(".")
    if not _DOMAIN.fullmatch(bare) or len(bare) > 253:
        raise BadValue(field, _("{found!r} is not a domain").format(found=found[:60]), "write acme.example")
    return bare


def boolean(value: object, field: str) -> bool | None:
    """Yes or no: 1/0, true/false, yes/no, y/n, t/f in any case."""
    found = text(value)
    if found is None:
        return None
    word = found.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadValue(field, _("{found!r} is neither yes nor no").format(found=found[:40]))


def outcome(value: object, field: str = "outcome") -> str | None:
    """``won``, ``lost`` or ``open``; 1/0, true/false and yes/no mean won and lost."""
    found = text(value)
    if found is None:
        return None
    word = found.lower()
    if word in ("won", "lost", "open"):
        return word
    if word in _TRUE:
        return "won"
    if word in _FALSE:
        return "lost"
    raise BadValue(field, _("{found!r} is no outcome").format(found=found[:40]), _("write won, lost or open"))


def one_of(value: object, field: str, known: tuple[str, ...]) -> str | None:
    """One of the *known* words; case, blanks and hyphens do not matter."""
    found = text(value)
    if found is None:
        return None
    word = re.sub(r"[\s_-]+", "_", found.lower())
    if word in known:
        return word
    raise BadValue(
        field,
        _("{found!r} is unknown").format(found=found[:40]),
        _("known are {known}").format(known=", ".join(known)),
    )


def quantity(value: object, field: str = "quantity", style: NumberStyle | None = None) -> int:
    """Whole millionths; an empty value is one. At most six fraction digits and below 1e9 in size."""
    if value is None or value == "":
        return MILLION
    if type(value) is int:
        if -_LIMIT < value < _LIMIT:
            return value * MILLION
        raise BadValue(field, _("{value} is not below 1e9 in size").format(value=value))
    amount = number(value, field, style)
    if amount is None:
        return MILLION
    if not -_LIMIT < amount < _LIMIT:
        raise BadValue(field, _("{value} is not below 1e9 in size").format(value=text(value)))
    millionths = amount * MILLION
    if millionths != int(millionths):
        raise BadValue(field, _("{value} has more than 6 fraction digits").format(value=text(value)))
    return int(millionths)


def number(value: object, field: str, style: NumberStyle | None = None) -> Decimal | None:
    """An exact decimal. ``6,718`` is 6718, ``1,7`` and ``200.000.000`` are refused unless commas are decimal."""
    if isinstance(value, bool):
        raise BadValue(field, _("{value} is not a number").format(value=value))
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise BadValue(field, _("{value} is not a number").format(value=value))
        return Decimal(repr(value))  # the shortest text that means this float is what the file said
    if isinstance(value, int | Decimal):
        return Decimal(value)
    found = text(value)
    if found is None:
        return None
    shown = found.replace("\u2212", "-").replace("\u00a0", "").replace("\u202f", "")
    if len(shown) <= 60:
        if style is not None and style.decimal_comma:
            if _COMMA_NUMBER.fullmatch(shown):
                return Decimal(shown.replace(".", "").replace(",", "."))
            if _PLAIN.fullmatch(shown):
                raise BadValue(
                    field, _("{found!r} has a point where decimal commas are expected").format(found=found)
                )
        elif _PLAIN.fullmatch(shown):
            return Decimal(shown)
        elif _THOUSANDS.fullmatch(shown):
            return Decimal(shown.replace(",", ""))
        elif _GROUPED_DOTS.fullmatch(shown):
            raise BadValue(
                field,
                _("{found!r} is written in the continental way").format(found=found),
                "say --decimal-comma",
            )
    raise BadValue(field, _("{found!r} is not a number").format(found=found[:40]))


def money(
    value: object, currency: str, field: str = "deal_value", style: NumberStyle | None = None
) -> Money | None:
    """An amount with its ISO 4217 currency; *currency* where the cell names none."""
    if not isinstance(value, str):
        plain = number(value, field, style)
        return None if plain is None else Money(plain, currency)
    found = text(value)
    if found is None:
        return None
    rest = found
    named = re.match(r"([A-Za-z]{3})\s*(?=[0-9+.,-])|([€£₹₩₺₴₪])", rest) or re.search(
        r"(?<=[0-9.,])\s*([A-Za-z]{3})$|([€£₹₩₺₴₪])$", rest
    )
    if named:
        code = _SYMBOLS[named[2]] if named[2] else named[1].upper()
        if code not in _CURRENCIES:
            raise BadValue(field, _("{code} in {found!r} is no currency").format(code=code, found=found[:40]))
        currency = code
        rest = rest[: named.start()] + rest[named.end() :]
    elif "$" in rest and not currency.endswith("D"):
        raise BadValue(
            field,
            _("{found!r} does not say which dollar").format(found=found[:40]),
            _("the workspace's currency is {currency}").format(currency=currency),
        )
    else:
        rest = rest.removeprefix("$").removesuffix("$")
    amount = number(rest, field, style)
    return None if amount is None else Money(amount, currency)


def currency_code(wanted: str) -> str:
    """A known ISO 4217 code; BadInput otherwise."""
    code = wanted.strip().upper()
    if code not in _CURRENCIES:
        raise BadInput(
            _("{wanted!r} is no ISO 4217 currency.").format(wanted=wanted),
            _("Write for instance USD or EUR."),
        )
    return code
