"""The double of Mixpanel's raw export: ``GET /api/2.0/export`` answers JSON lines of whole days, never deduplicated.

Project secret as user without a password, or a service account with ``project_id``. Both dates count; a date in the
future or a range the wrong way round is refused.

Admin actions: ``add_events`` {events: [{event, properties}]} (kept as often as they are given), ``switch`` {key_holds,
may_read, per_minute}, ``cut`` {bytes} leaves so many bytes off the next answer.
"""

import argparse
import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pqldesk.sandbox.double import Answer, Asked
from pqldesk.sandbox.pulled import Action, PulledDouble
from pqldesk.sandbox.pulled import add_options as add_options

SECRET, ACCOUNT, PASSWORD, PROJECT = "sandbox-mixpanel-secret", "pqldesk.sa", "sandbox-sa-secret", "7001"
_KNOWN = {"from_date", "to_date", "event", "where", "limit", "time_in_ms", "project_id"}


def build(options: argparse.Namespace) -> "MixpanelDouble":
    """The double those options describe."""
    return MixpanelDouble(latency_s=options.latency / 1000)


class MixpanelDouble(PulledDouble):
    """One project."""

    def empty(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._cut = 0

    def actions(self) -> dict[str, Action]:
        return {"add_events": self._add, "cut": self._shorten}

    def answer(self, asked: Asked) -> Answer:
        if asked.path != "/api/2.0/export":
            return _error(404, "no such endpoint")
        user, password = _basic(asked)
        is_project = (user, password) == (SECRET, "")
        is_account = (user, password) == (ACCOUNT, PASSWORD)
        if not (is_project or is_account) or not self.switches.key_holds:
            return _error(401, "Unable to authenticate request")
        asked.caller = "service account" if is_account else "project secret"
        if is_account and asked.query.get("project_id") != PROJECT:
            return _error(400, "project_id is a required parameter for service accounts")
        if not self.switches.may_read:
            return _error(403, "no permission to export")
        if self.is_too_much():
            return self.refusal(429)
        unknown = set(asked.query) - _KNOWN
        if unknown:
            return _error(400, f"unknown parameter {sorted(unknown)[0]}")
        try:
            first, last = (date.fromisoformat(asked.query[name]) for name in ("from_date", "to_date"))
        except (KeyError, ValueError):
            return _error(400, "from_date and to_date are yyyy-mm-dd")
        today = datetime.fromtimestamp(self.clock.time(), UTC).date()
        if first > last or last > max(today, date(2026, 11, 28)):
            return _error(400, "to_date cannot be later than today")
        return self._exported(first, last, int(asked.query.get("limit") or 100_000))

    def _exported(self, first: date, last: date, limit: int) -> Answer:
        lines = [
            json.dumps(event, separators=(",", ":"))
            for event in self._events
            if first <= datetime.fromtimestamp(event["properties"]["time"], UTC).date() <= last
        ]
        body = "".join(f"{line}\n" for line in lines[:limit]).encode()
        if self._cut:
            body, self._cut = body[: -self._cut], 0
        return Answer(200, headers={"content-type": "text/plain; charset=utf-8"}, raw=body)

    def _add(self, order: Mapping[str, Any]) -> None:
        self._events += order["events"]

    def _shorten(self, order: Mapping[str, Any]) -> None:
        self._cut = int(order["bytes"])

    def refusal(self, status: int) -> Answer:
        answer = _error(status, "Query rate limit exceeded" if status == 429 else "Injected by the sandbox.")
        if status == 429:
            answer.headers["retry-after"] = "1"
        return answer

    def dump(self) -> Any:
        return {"events": self._events}


def _basic(asked: Asked) -> tuple[str, str]:
    scheme, _, word = asked.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(word).decode().partition(":")
    except ValueError:
        return "", ""
    return user, password


def _error(status: int, words: str) -> Answer:
    return Answer(status, {"error": words, "status": "error"})
