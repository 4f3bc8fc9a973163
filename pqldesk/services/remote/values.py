"""Our values as a field of another system can hold them; how they are written down is the connector's."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField, folded
from pqldesk.services.remote.ownership import Plain
from pqldesk.services.remote.seen import FieldValue

CUT = "…"


def fitting(
    part: str, values: Mapping[str, FieldValue], mapped: Mapped, catalogue: Catalogue
) -> Iterator[tuple[RemoteField, FieldValue]]:
    """*values* by our names as fields of *part*; what is not mapped or has no such option is left out."""
    fields = {each.key: each for each in catalogue.fields_of(part, mapped)}
    for ours, value in values.items():
        field = fields.get(mapped.slug(part, ours) or "")
        held = None if field is None else fit(field, value)
        if field is not None and held is not None:
            yield field, held


def fit(field: RemoteField, value: FieldValue) -> FieldValue | None:
    """*value* in the type of the field: a tuple of options, a number, a date, a moment, money or a text."""
    match field.kind:
        case "select":
            titles = value if isinstance(value, tuple) else (str(value),)
            known = {folded(title): title for title in field.options}
            chosen = tuple(known[folded(title)] for title in titles if folded(title) in known)
            if titles and not chosen:
                return None
            return chosen if field.multiple else chosen[:1]
        case "number" | "rating":
            if not isinstance(value, int | float | Decimal):
                return None
            # stars 0 to 5 for a score 0 to 100
            return max(0, min(5, round(number(value) / 20))) if field.kind == "rating" else number(value)
        case "currency":
            return value if isinstance(value, Decimal) else None
        case "date":
            day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
            return day if isinstance(day, date) else None
        case "timestamp":
            if isinstance(value, datetime):
                return value
            return datetime.combine(value, time(), UTC) if isinstance(value, date) else None
        case "member":
            return str(value)
        case _:
            text = ", ".join(value) if isinstance(value, tuple) else str(value)
            return text if field.length is None else cut(text, field.length)


def number(value: Decimal | int | float) -> int | float:
    """A JSON number, whole where it is whole."""
    return int(value) if value == int(value) else float(value)


def stamp(moment: datetime) -> str:
    """``2026-11-20T10:00:00.123Z``: no system here keeps less than milliseconds."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}Z" if moment.microsecond >= 1000 else f"{text}Z"


def cut(text: str, longest: int, marker: str = "") -> str:
    """*text* within *longest* characters; what is cut off leaves a mark, the *marker* at its end stays."""
    if _units(text) <= longest:
        return text
    tail = f"{CUT} {marker}" if marker else CUT
    body = text.removesuffix(marker).rstrip()
    room = longest - _units(tail)
    while _units(body) > room:
        body = body[: room if len(body) > room else len(body) - 1]
    return body.rstrip() + tail


def _units(text: str) -> int:
    """Length in UTF-16 code units, as JavaScript and Java count: never fewer than characters."""
    return len(text.encode("utf-16-le")) // 2


def plain(field: RemoteField, value: object) -> Plain:
    """*value* of either side as it is compared and kept: the same text for the same thing; None for nothing.

    Numbers without trailing zeros, times to the second (no CRM promises more), several options sorted, members by
    e-mail in lower case.
    """
    if value is None or value == "" or value == ():
        return None
    if field.kind == "select":
        chosen = sorted(
            str(one) for one in (value if isinstance(value, list | tuple) else (value,)) if str(one)
        )
        return (chosen or None) if field.multiple else (chosen[0] if chosen else None)
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return f"{Decimal(str(value)).normalize():f}"
        case datetime():
            return value.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(str(one) for one in value) or None
    text = " ".join(str(value).split())
    return (text.casefold() if field.kind == "member" else text) or None


def from_plain(field: RemoteField, kept: Plain) -> FieldValue | None:
    """A kept value in the type of the field, to be written."""
    if kept is None:
        return None
    if isinstance(kept, list):
        return tuple(kept)
    match field.kind:
        case "select":
            return (kept,)
        case "number" | "rating":
            return number(Decimal(kept))
        case "currency":
            return Decimal(kept)
        case "date":
            return date.fromisoformat(kept)
        case "timestamp":
            return datetime.fromisoformat(kept)
    return kept
