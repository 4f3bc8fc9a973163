"""Checking the shape of requests before anything looks at what they mean."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, invalid, issue

BODY_WRONG = "Body payload validation error."
QUERY_WRONG = "Query parameter validation error."

Kinds = Mapping[str, str]
"""Key -> what its value must be: one of CHECKS, ``|null`` appended where null is fine."""

CHECKS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "any": lambda value: True,
}


def type_name(value: Any) -> str:
    """What validation errors call the type of a JSON value."""
    if value is None:
        return "null"
    names: tuple[tuple[type, str], ...] = (
        (bool, "boolean"), (str, "string"), (int, "number"), (float, "number"), (list, "array"), (dict, "object"),
    )  # fmt: skip
    return next(name for kind, name in names if isinstance(value, kind))


def data_of(
    body: Any, required: Kinds, optional: Kinds | None = None, *, strict: bool = False
) -> dict[str, Any]:
    """The object under ``data``, its keys checked; *strict* refuses keys not named."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        found = type_name(body["data"]) if isinstance(body, dict) and "data" in body else "undefined"
        message = "Required" if found == "undefined" else f"Expected object, received {found}"
        wrong = issue(("data",), message, "invalid_type", expected="object", received=found)
        raise invalid(BODY_WRONG, wrong)
    data: dict[str, Any] = body["data"]
    check_keys(data, ("data",), required, optional or {}, strict=strict)
    return data


def check_keys(
    found: Mapping[str, Any], path: tuple[str, ...], required: Kinds, optional: Kinds, *, strict: bool = False
) -> None:
    """Raise with one issue for every key that is missing, of the wrong type or, if *strict*, unknown."""
    issues = []
    for key, kind in {**required, **optional}.items():
        name, _, null = kind.partition("|")
        if key not in found:
            if key in required:
                issues.append(
                    issue((*path, key), "Required", "invalid_type", expected=name, received="undefined")
                )
        elif not (null and found[key] is None) and not CHECKS[name](found[key]):
            got = type_name(found[key])
            message = f"Expected {name}, received {got}"
            issues.append(issue((*path, key), message, "invalid_type", expected=name, received=got))
    unknown = sorted(set(found) - set(required) - set(optional)) if strict else []
    if unknown:
        listed = ", ".join(f"'{key}'" for key in unknown)
        message = f"Unrecognized key(s) in object: {listed}"
        issues.append(issue(path, message, "unrecognized_keys", keys=unknown))
    if issues:
        raise invalid(BODY_WRONG, *issues)


def wrong_field(key: str, why: str) -> ApiError:
    """400 for ``data.<key>`` holding an unusable value."""
    return invalid(BODY_WRONG, issue(("data", key), why))


def moment(text: Any) -> datetime:
    """An ISO 8601 date or date-time as aware UTC, no zone meaning UTC; ValueError if it is none."""
    if not isinstance(text, str):
        raise ValueError("not a string")
    # fromisoformat reads at most six fraction digits; Attio itself writes nine
    head, dot, tail = text.partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    found = datetime.fromisoformat(f"{head}.{tail[: min(digits, 6)]}{tail[digits:]}" if dot else text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def page(query: Mapping[str, Any], default: int, most: int, notes: list[str]) -> tuple[int, int]:
    """``limit`` and ``offset`` of a request. Above *most* the limit is clamped, which *notes* records."""
    found = []
    for key, fallback in (("limit", default), ("offset", 0)):
        given = query.get(key)
        if isinstance(given, str) and given.isdecimal():
            given = int(given)
        if given is None:
            given = fallback
        if not CHECKS["integer"](given) or given < 0 or (key == "limit" and given == 0):
            raise invalid(QUERY_WRONG, issue((key,), f"{given!r} is not a usable {key}"))
        found.append(given)
    limit, offset = found
    if limit > most:
        notes.append(f"limit {limit} clamped to {most}")
    return min(limit, most), offset


def boolean(query: Mapping[str, str], key: str) -> bool | None:
    """A true/false query parameter, None if absent."""
    given = query.get(key)
    if given not in (None, "true", "false"):
        raise invalid(QUERY_WRONG, issue((key,), f"Expected boolean, received {given!r}"))
    return None if given is None else given == "true"
