"""The double of PostHog.

``POST /api/projects/42/query/`` (and the newer ``/api/environments/42/query/``) with a personal key. Answers are kept
for ``refresh: blocking`` as the real cache does; only ``force_blocking`` computes anew. 240 queries a minute.

Admin actions: ``add_events`` {events: [{event, distinct_id, timestamp, created_at, uuid, properties}]},
``add_people`` {people: [{id, distinct_ids, properties}]}, ``make_events`` {count, first}, ``switch`` {key_holds,
may_query, per_minute}, ``advance_clock`` {seconds}.
"""

import json
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pqldesk.sandbox.double import Answer, Asked, Double, carry_out, set_switches
from pqldesk.sandbox.posthog.hogql import BadQuery, Store, stored_time

KEY, PROJECT = "phx_sandbox_posthog_key", "42"
PER_MINUTE = 240
_BEGAN = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
_NAMES = (
    "user_login", "feature_used", "invite_sent", "Integration Connected", "Data Imported", "$pageview", "$autocapture",
)  # fmt: skip


@dataclass(slots=True)
class Switches:
    """What an admin of the project may change."""

    key_holds: bool = True
    may_query: bool = True
    per_minute: int = PER_MINUTE


class PostHogDouble(Double):
    """One project with events."""

    def __init__(self, *, events: int = 0, per_minute: int | None = None, latency_s: float = 0.0) -> None:
        super().__init__(latency_s=latency_s)
        self._events_at_first = events
        self._per_minute = per_minute or PER_MINUTE
        self._revision = 0
        self.reset()

    def reset(self) -> None:
        self.store, self.switches = Store(), Switches(per_minute=self._per_minute)
        self._cached: dict[str, dict[str, Any]] = {}
        self._window: deque[float] = deque()
        self._made = 0
        if self._events_at_first:
            self._make({"count": self._events_at_first})

    def answer(self, asked: Asked) -> Answer:
        """A query, or what the real one says to everything else."""
        refusal = self._kept_out(asked)
        if refusal is not None:
            return refusal
        parts = asked.path.strip("/").split("/")
        if parts[:1] != ["api"] or len(parts) < 4 or parts[1] not in ("projects", "environments"):
            return _error(404, "invalid_request", "not_found", "Not found.")
        if parts[2] != PROJECT or parts[3:] != ["query"]:
            return _error(404, "invalid_request", "not_found", "Not found.")
        if asked.method != "POST":
            return _error(
                405, "invalid_request", "method_not_allowed", f'Method "{asked.method}" not allowed.'
            )
        if not self.switches.may_query:
            return _error(403, "authentication_error", "permission_denied",
                          "API key missing required scope 'query:read'")  # fmt: skip
        if self._is_too_much():
            return self._too_much()
        return self._queried(asked)

    def _kept_out(self, asked: Asked) -> Answer | None:
        scheme, _, key = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            return _error(401, "authentication_error", "not_authenticated",
                          "Authentication credentials were not provided.")  # fmt: skip
        asked.caller = "pull key"
        if key != KEY or not self.switches.key_holds:
            return _error(401, "authentication_error", "authentication_failed",
                          "Invalid personal API key.")  # fmt: skip
        return None

    def _queried(self, asked: Asked) -> Answer:
        body = asked.body if isinstance(asked.body, dict) else {}
        query = body.get("query")
        if not isinstance(query, dict) or query.get("kind") != "HogQLQuery" or not query.get("query"):
            return _error(400, "validation_error", "invalid_input", "This field is required.", "query")
        text, refresh = str(query["query"]), body.get("refresh", "blocking")
        if refresh not in ("blocking", "force_blocking", "async", "force_async", "force_cache"):
            return _error(
                400, "validation_error", "invalid_choice", f'"{refresh}" is not a valid choice.', "refresh"
            )
        if refresh == "blocking" and text in self._cached:
            return Answer(200, {**self._cached[text], "is_cached": True})
        if refresh in ("async", "force_async"):
            return Answer(202, {"query_status": {"id": str(uuid.uuid4()), "complete": False}})
        try:
            columns, rows, has_more, limit = self.store.rows(text)
        except BadQuery as wrong:
            return _error(400, "validation_error", "illegal_type_of_argument", str(wrong))
        found = {
            "results": rows, "columns": columns, "types": [], "hasMore": has_more, "limit": limit, "offset": 0,
            "is_cached": False, "error": None, "timings": [],
        }  # fmt: skip
        self._cached[text] = found
        return Answer(200, found)

    def _is_too_much(self) -> bool:
        now = self.clock.time()
        while self._window and self._window[0] <= now - 60:
            self._window.popleft()
        if len(self._window) >= self.switches.per_minute:
            return True
        self._window.append(now)
        return False

    def _too_much(self) -> Answer:
        answer = _error(
            429, "throttled_error", "throttled", "Request was throttled. Expected available in 1 second."
        )
        answer.headers["retry-after"] = "1"
        return answer

    # What a double brings

    def refusal(self, status: int) -> Answer:
        if status == 429:
            return self._too_much()
        return _error(status, "server_error", "error", "Injected by the sandbox.")

    def revision(self) -> int:
        return self._revision

    def snapshot(self) -> str:
        return json.dumps(self.store.dump())

    def dump(self) -> Any:
        return self.store.dump()

    def change(self, order: Mapping[str, Any]) -> Any:
        known = {
            "add_events": self._add_events,
            "add_people": self._add_people,
            "make_events": self._make,
            "switch": lambda order: set_switches(self.switches, order),
            "advance_clock": lambda order: self.clock.advance(order["seconds"]),
        }
        carry_out(known, order.get("action"), order)
        self._revision += 1
        return {}

    def _add_events(self, order: Mapping[str, Any]) -> None:
        for event in order["events"]:
            at = stored_time(event["timestamp"])
            self.store.add_event(
                {
                    "uuid": event.get("uuid") or str(uuid.uuid4()),
                    "event": event["event"],
                    "distinct_id": event["distinct_id"],
                    "timestamp": at,
                    "created_at": stored_time(event["created_at"]) if event.get("created_at") else at,
                    "properties": event.get("properties"),
                }
            )

    def _add_people(self, order: Mapping[str, Any]) -> None:
        for person in order["people"]:
            self.store.set_person(
                person["id"], person["distinct_ids"], person["properties"], stored_time(_BEGAN.isoformat())
            )

    def _make(self, order: Mapping[str, Any]) -> None:
        """Events of 20 people, seven at a time taken in at the same moment, as batches are."""
        for number in range(self._made, self._made + int(order["count"])):
            who = number % 20
            if number < 20:
                self.store.set_person(
                    str(uuid.uuid5(uuid.NAMESPACE_URL, f"person {who}")),
                    [f"user-{who}", f"device-{who}"],
                    {"email": f"person{who}@company{who % 5}.example", "name": f"Person {who}"},
                    stored_time(_BEGAN.isoformat()),
                )
            at = _BEGAN + timedelta(minutes=3 * number)
            taken_in = _BEGAN + timedelta(minutes=3 * (number - number % 7 + 7), microseconds=123_456)
            self.store.add_event(
                {
                    "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"event {number}")),
                    "event": _NAMES[number % len(_NAMES)],
                    "distinct_id": f"user-{who}" if number % 3 else f"device-{who}",
                    "timestamp": stored_time(at.isoformat()),
                    "created_at": stored_time(taken_in.isoformat()),
                    "properties": {
                        "feature": f"feature {number % 4}",
                        "count": 1 + number % 3,
                        "$lib": "web",
                    },
                }
            )
        self._made += int(order["count"])


def _error(status: int, kind: str, code: str, detail: str, attr: str | None = None) -> Answer:
    return Answer(status, {"type": kind, "code": code, "detail": detail, "attr": attr})
