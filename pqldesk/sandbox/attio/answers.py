"""How Attio refuses: one exception, one body shape."""

from collections.abc import Iterable, Mapping
from typing import Any


class ApiError(Exception):
    """A refusal on its way out. *extra* keys go into the body beside the four standard ones."""

    def __init__(
        self, status: int, code: str, message: str, *, kind: str = "invalid_request_error", **extra: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {
            "status_code": status,
            "type": kind,
            "code": code,
            "message": message,
            **extra,
        }


def not_found(what: str, name: str) -> ApiError:
    """404 for something addressed in the path or named in a note or task."""
    return ApiError(404, "not_found", f'Could not find {what} "{name}".')


def value_not_found(message: str) -> ApiError:
    """400 for a slug, title or reference inside a body that leads nowhere."""
    return ApiError(400, "value_not_found", message)


def issue(path: Iterable[str | int], message: str, code: str = "custom", **more: Any) -> dict[str, Any]:
    """One row of ``validation_errors``."""
    return {"code": code, "path": list(path), "message": message, **more}


def invalid(message: str, *issues: Mapping[str, Any]) -> ApiError:
    """400 for a wrong shape; the useful part is in *issues*."""
    extra: dict[str, Any] = {"validation_errors": [dict(each) for each in issues]} if issues else {}
    return ApiError(400, "validation_type", message, **extra)


def invalid_value(slug: str, why: str, *path: str | int) -> ApiError:
    """400 for a value that does not fit its attribute; the message names the attribute."""
    return invalid(
        f'An invalid value was passed to attribute with slug "{slug}".',
        issue(("data", "values", slug, *path), why, "invalid_value"),
    )
