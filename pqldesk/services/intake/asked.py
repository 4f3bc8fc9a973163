"""A request as the protocols see it, and what they make of it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, Response

from pqldesk.services.basics.clock import parse_moment
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.calls.reading import Item
from pqldesk.services.intake.decoding import document, inflated

_SUCCESS: Final = JSONResponse({"success": True})  # made once: it is what nearly all are told


@dataclass(frozen=True, slots=True)
class Asked:
    """*path* has no prefix and no slash at its end. *system*: the one a path ``/in/SYSTEM/`` names.

    *raw*: the body as it came on the wire.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    system: str | None = None
    peer: str = ""
    at: datetime = datetime.min  # noqa: DTZ901 - always given

    def body(self) -> bytes:
        """Without compression."""
        return inflated(self.raw, self.headers.get("content-encoding", ""))

    def document(self) -> Any:
        """The JSON that was sent."""
        return document(self.body())

    def basic_user(self) -> str:
        """The user of basic authentication, which is where write keys are."""
        scheme, _, rest = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            return base64.b64decode(rest.strip()).decode("utf-8", "replace").partition(":")[0]
        except (binascii.Error, ValueError):
            return ""

    def bearer(self) -> str:
        """The bearer token."""
        scheme, _, rest = self.headers.get("authorization", "").partition(" ")
        return rest.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a request brought, and what its sender is told once it is kept."""

    source: str
    items: list[Item] = field(default_factory=list)
    answer: Response | None = None
    sent_at: datetime | None = None

    def response(self) -> Response:
        return _SUCCESS if self.answer is None else self.answer


def text_of(value: object) -> str:
    """A text, empty for what is none."""
    return value.strip() if isinstance(value, str) else ""


def moment_of(value: object) -> datetime | None:
    """A sender's ISO time, None where there is none that can be read."""
    try:
        return parse_moment(value, ZoneInfo("UTC"), "sentAt") if isinstance(value, str) and value else None
    except BadInput:
        return None
