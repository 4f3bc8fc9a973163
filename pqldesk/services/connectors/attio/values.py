"""Values as Attio takes them: always an array of objects in the shape of the attribute's type."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField, folded
from pqldesk.services.remote.crm import FieldValue

LONGEST_TASK = 2_000
CUT = "…"

Shaped = list[dict[str, Any]]


def reference(target: str, record_id: str) -> Shaped:
    """A link to a record."""
    return [{"target_object": target, "target_record_id": record_id}]


def member(email: str, catalogue: Catalogue) -> Shaped:
    """A workspace member, by id where known."""
    found = catalogue.member(email)
    if found is None:
        return [{"workspace_member_email_address": email}]
    return [{"referenced_actor_type": "workspace-member", "referenced_actor_id": found.remote_id}]


def amount(value: Decimal) -> Shaped:
    """Money without a currency code, which Attio refuses; at most four decimals."""
    return [{"currency_value": number(value.quantize(Decimal("0.0001")))}]


def number(value: Decimal | int | float) -> int | float:
    """A JSON number, whole where it is whole."""
    return int(value) if value == int(value) else float(value)


def stamp(moment: datetime) -> str:
    """``2026-11-20T10:00:00.123Z``: Attio keeps milliseconds."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}Z" if moment.microsecond >= 1000 else f"{text}Z"


def shaped(
    part: str, values: Mapping[str, FieldValue], mapped: Mapped, catalogue: Catalogue
) -> dict[str, Shaped]:
    """*values* by our names as attributes of *part*. What is not mapped, or has no such option, is left out."""
    fields = {each.key: each for each in catalogue.fields_of(part, mapped)}
    found = {}
    for ours, value in values.items():
        slug = mapped.slug(part, ours)
        if slug is None or slug not in fields:
            continue
        shape = _shape(fields[slug], value, catalogue)
        if shape is not None:
            found[slug] = shape
    return found


def _shape(field: RemoteField, value: FieldValue, catalogue: Catalogue) -> Shaped | None:
    match field.kind:
        case "select":
            titles = value if isinstance(value, tuple) else (str(value),)
            known = {folded(title): title for title in field.options}
            chosen = [known[folded(title)] for title in titles if folded(title) in known]
            if titles and not chosen:
                return None
            return [{"option": title} for title in (chosen if field.multiple else chosen[:1])]
        case "number" | "rating":
            if not isinstance(value, int | float | Decimal):
                return None
            if field.kind == "rating":  # stars 0 to 5 for a score 0 to 100
                return [{"value": max(0, min(5, round(number(value) / 20)))}]
            return [{"value": number(value)}]
        case "currency":
            return amount(value) if isinstance(value, Decimal) else None
        case "date":
            day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
            return [{"value": day.isoformat()}] if isinstance(day, date) else None
        case "timestamp":
            if isinstance(value, datetime):
                return [{"value": stamp(value)}]
            return [{"value": f"{value.isoformat()}T00:00:00Z"}] if isinstance(value, date) else None
        case "member":
            return member(str(value), catalogue)
        case _:
            text = ", ".join(value) if isinstance(value, tuple) else str(value)
            return [{"value": text}]


def cut_task(content: str, marker: str) -> str:
    """*content* within Attio's 2,000 characters; what is cut off leaves a mark, the marker stays."""
    if _units(content) <= LONGEST_TASK:
        return content
    tail = f"{CUT} {marker}"
    body = content.removesuffix(marker).rstrip()
    room = LONGEST_TASK - _units(tail)
    while _units(body) > room:
        body = body[: room if len(body) > room else len(body) - 1]
    return body.rstrip() + tail


def _units(text: str) -> int:
    """Length in UTF-16 code units, as JavaScript counts: never fewer than characters."""
    return len(text.encode("utf-16-le")) // 2


def first(record: Mapping[str, Any], slug: str, *path: str) -> Any:
    """The first value of an attribute, or a part of it; None when empty."""
    values = (record.get("values") or record.get("entry_values") or {}).get(slug) or []
    found: Any = values[0] if values else None
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found
