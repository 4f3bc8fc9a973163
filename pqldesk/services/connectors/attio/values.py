"""Values as Attio takes them: always an array of objects in the shape of the attribute's type."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.crm import FieldValue
from pqldesk.services.remote.values import fitting, number, stamp

LONGEST_TASK = 2_000

Shaped = list[dict[str, Any]]


def reference(target: str, record_id: str) -> Shaped:
    """A link to a record."""
    return [{"target_object": target, "target_record_id": record_id}]


def full_name(first_name: str, last_name: str) -> Shaped:
    """A person's name, whose three parts Attio wants together."""
    whole = f"{first_name} {last_name}".strip()
    return [{"first_name": first_name, "last_name": last_name, "full_name": whole}]


def member(email: str, catalogue: Catalogue) -> Shaped:
    """A workspace member, by id where known."""
    found = catalogue.member(email)
    if found is None:
        return [{"workspace_member_email_address": email}]
    return [{"referenced_actor_type": "workspace-member", "referenced_actor_id": found.remote_id}]


def amount(value: Decimal) -> Shaped:
    """Money without a currency code, which Attio refuses; at most four decimals."""
    return [{"currency_value": number(value.quantize(Decimal("0.0001")))}]


def shaped(
    part: str, values: Mapping[str, FieldValue], mapped: Mapped, catalogue: Catalogue
) -> dict[str, Shaped]:
    """*values* by our names as attributes of *part*. What is not mapped, or has no such option, is left out."""
    return {
        field.key: _shape(field, value, catalogue)
        for field, value in fitting(part, values, mapped, catalogue)
    }


def _shape(field: RemoteField, value: FieldValue, catalogue: Catalogue) -> Shaped:
    match value:
        case tuple():
            return [{"option": title} for title in value]
        case datetime():
            return [{"value": stamp(value)}]
        case date():
            return [{"value": value.isoformat()}]
        case Decimal():
            return amount(value)
    return member(str(value), catalogue) if field.kind == "member" else [{"value": value}]


def first(record: Mapping[str, Any], slug: str, *path: str) -> Any:
    """The first value of an attribute, or a part of it; None when empty."""
    values = (record.get("values") or record.get("entry_values") or {}).get(slug) or []
    found: Any = values[0] if values else None
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found
