"""Writing, filtering and showing records."""

import base64
import re
import uuid
from collections.abc import Mapping
from typing import Any

from pqldesk.sandbox.twenty.workspace import NAMES, POINTS_TO, ApiError, Field, Record, Workspace, bad

MOST = 60
SYSTEM = ("id", "createdAt", "updatedAt", "deletedAt", "createdBy", "updatedBy", "position")
DUPLICATE = "A duplicate entry was detected"
_CONDITION = re.compile(r"([\w.]+)\[(\w+)\]:(.*)", re.DOTALL)
_COMPARATORS = ("eq", "neq", "in", "is", "gte", "like", "ilike", "startsWith")
UNIQUE_PART = {"emails": "primaryEmail", "domainName": "primaryLinkUrl"}
TYPES: dict[str, type | tuple[type, ...]] = {
    "TEXT": str, "NUMBER": (int, float), "SELECT": str, "MULTI_SELECT": list, "FULL_NAME": dict, "EMAILS": dict,
    "LINKS": dict, "CURRENCY": dict, "RICH_TEXT": dict, "DATE": str, "DATE_TIME": str, "RELATION": str, "PHONES": dict,
}  # fmt: skip


def create(made: Workspace, plural: str, body: Any) -> Record:
    """A new record; the caller may choose its id."""
    if not isinstance(body, dict):
        raise bad("The body has to be an object")
    values = _checked(made, plural, {key: value for key, value in body.items() if key != "id"})
    record_id = body.get("id") or made.new_id()
    try:
        uuid.UUID(record_id)
    except ValueError:
        raise bad(f"invalid input syntax for type uuid: {record_id!r}") from None
    if record_id in made.of(plural):
        raise bad(DUPLICATE)
    _unique(made, plural, values, None)
    _targets(made, plural, values)
    now = made.stamp()
    record: Record = {
        "id": record_id,
        **dict.fromkeys(made.columns(plural)),
        **values,
        "createdAt": now,
        "updatedAt": now,
        "deletedAt": None,
        "createdBy": {"source": "API"},
    }
    made.of(plural)[record_id] = record
    made.revision += 1
    return record


def change(made: Workspace, plural: str, record: Record, body: Any) -> Record:
    """Change a record."""
    if not isinstance(body, dict):
        raise bad("The body has to be an object")
    values = _checked(made, plural, body)
    _unique(made, plural, values, record["id"])
    record |= values | {"updatedAt": made.stamp()}
    made.revision += 1
    return record


def _checked(made: Workspace, plural: str, body: Mapping[str, Any]) -> Record:
    columns = made.columns(plural)
    found = {}
    for name, value in body.items():
        each = columns.get(name)
        if each is None:
            raise bad(f'Object {NAMES[plural]} doesn\'t have any "{name}" field.')
        if value is not None:
            _value(made, each, name, value)
        found[name] = _normal(each, value)
    return found


def _value(made: Workspace, each: Field, name: str, value: Any) -> None:
    wanted = TYPES.get(each.type)
    fits = wanted is None or isinstance(value, wanted)
    if not fits or (each.type == "NUMBER" and isinstance(value, bool)):
        raise bad(f'Invalid value {value!r} for field "{name}"')
    if each.type in ("SELECT", "MULTI_SELECT"):
        for option in value if isinstance(value, list) else [value]:
            if option not in each.options:
                raise bad(f'Invalid option {option!r} for field "{name}"')
    if each.type == "RELATION":
        other = made.of(POINTS_TO[each.name]).get(value)
        if other is None or other["deletedAt"] is not None:
            raise bad(f"Foreign key violation: {name} {value} does not exist")
    if each.type == "CURRENCY" and not str(value.get("amountMicros", "")).lstrip("-").isdigit():
        raise bad(f'Invalid value {value!r} for field "{name}"')


def _normal(each: Field, value: Any) -> Any:
    if each.type == "EMAILS" and value:
        return {**value, "primaryEmail": str(value.get("primaryEmail") or "").strip().casefold()}
    if each.type == "LINKS" and value:
        url = str(value.get("primaryLinkUrl") or "")
        return {**value, "primaryLinkUrl": url if "://" in url or not url else f"https://{url}"}
    return value


def _unique(made: Workspace, plural: str, values: Record, own_id: str | None) -> None:
    """Against every record, soft-deleted ones too."""
    for name, value in values.items():
        each = made.columns(plural)[name]
        part = UNIQUE_PART.get(name)
        held = value.get(part) if part and value else value
        if not each.unique or not held:
            continue
        for other in made.of(plural).values():
            theirs = (other[name] or {}).get(part) if part else other[name]
            if other["id"] != own_id and str(theirs or "").casefold() == str(held).casefold():
                raise bad(DUPLICATE)


def _targets(made: Workspace, plural: str, values: Record) -> None:
    if not plural.endswith("Targets"):
        return
    pair = {name: value for name, value in values.items() if value is not None}
    for other in made.of(plural).values():
        if all(other[name] == value for name, value in pair.items()):
            raise bad(DUPLICATE)


# Reading ----------------------------------------------------------------------------------------------------


def shown(made: Workspace, plural: str, record: Record, query: Mapping[str, str]) -> Record:
    """A record with the fields that were named; all of them when none was."""
    if query.get("depth", "1") not in ("0", "1"):
        raise bad(f"'depth={query['depth']}' parameter invalid. Allowed values are 0, 1")
    wanted = [name for name in query.get("fields", "").split(",") if name]
    for name in wanted:
        if name not in (*SYSTEM, *made.columns(plural), *made.fields[plural]):
            raise bad(f"'fields' parameter invalid. Field '{name}' does not exist")
    return {name: record.get(name) for name in ("id", *wanted)} if wanted else dict(record)


def listing(made: Workspace, plural: str, query: Mapping[str, str]) -> Any:
    """A page of records."""
    rows = list(made.of(plural).values())
    text = query.get("filter", "")
    if "deletedAt" not in text:
        rows = [row for row in rows if row["deletedAt"] is None]
    for condition in _conditions(text):
        rows = [row for row in rows if _meets(made, plural, row, condition)]
    for name, down in reversed(_order(made, plural, query.get("order_by", ""))):
        rows.sort(key=lambda row: (row.get(name) is None, str(row.get(name) or "")), reverse=down)
    try:
        limit = min(MOST, int(query.get("limit", MOST)))
    except ValueError:
        raise bad(f"limit '{query['limit']}' is invalid. Should be an integer") from None
    start = 0
    if query.get("starting_after"):
        try:
            start = int(base64.b64decode(query["starting_after"]).decode())
        except ValueError:
            raise bad("Invalid cursor") from None
    page = rows[start : start + limit]
    return {
        "data": {plural: [shown(made, plural, row, query) for row in page]},
        "pageInfo": {
            "hasNextPage": start + limit < len(rows),
            "startCursor": base64.b64encode(str(start).encode()).decode(),
            "endCursor": base64.b64encode(str(start + len(page)).encode()).decode(),
        },
        "totalCount": len(rows),
    }


def _order(made: Workspace, plural: str, text: str) -> list[tuple[str, bool]]:
    """Fields with whether they go down; nulls stand where the direction says."""
    found = []
    for part in filter(None, text.split(",")):
        match = re.fullmatch(r"(\w+)\[(Asc|Desc)Nulls(First|Last)\]", part)
        if match is None or match[1] not in (*SYSTEM, *made.columns(plural)):
            raise bad(f"'order_by' invalid for '{part}'. eg: createdAt[AscNullsFirst]")
        found.append((match[1], match[2] == "Desc"))
    return found


def _conditions(text: str) -> list[tuple[str, str, str]]:
    """Conditions joined by commas; commas inside quotation marks or brackets belong to a value."""
    parts, depth, quoted = [""], 0, False
    for sign in text:
        if sign == '"':
            quoted = not quoted
        depth += (sign == "[") - (sign == "]") if not quoted else 0
        if sign == "," and not quoted and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    found = []
    for part in filter(None, parts):
        match = _CONDITION.fullmatch(part)
        if match is None or match[2] not in _COMPARATORS:
            raise bad(f"'filter' invalid for '{part}'. eg: price[gte]:10")
        found.append((match[1], match[2], match[3].strip('"')))
    return found


def _meets(made: Workspace, plural: str, record: Record, condition: tuple[str, str, str]) -> bool:
    name, comparator, value = condition
    first, *rest = name.split(".")
    if first not in (*SYSTEM, *made.columns(plural)):
        raise bad(f"'filter' invalid: field '{first}' does not exist on '{plural}'")
    held: Any = record.get(first)
    for part in rest:
        held = (held or {}).get(part)
    match comparator:
        case "is":
            return (held is None) == (value == "NULL")
        case "eq":
            return str(held if held is not None else "") == value
        case "neq":
            return str(held if held is not None else "") != value
        case "gte":
            return str(held or "") >= value
        case "startsWith":
            return str(held or "").startswith(value)
        case "in":
            return str(held) in [part.strip(' "') for part in value.strip("[]").split(",")]
    pattern = "".join(".*" if c == "%" else re.escape(c) for c in value)
    return bool(re.fullmatch(pattern, str(held or ""), re.IGNORECASE if comparator == "ilike" else 0))


def one(made: Workspace, plural: str, record_id: str) -> Record:
    """A record by id; soft-deleted ones are not shown."""
    found = made.of(plural).get(record_id)
    if found is None or found["deletedAt"] is not None:
        raise ApiError(404, "NotFoundException", f"Record not found: {record_id}")
    return found
