"""The double of Stripe's API: customers, subscriptions and events, by bracketed queries, the newest first.

Strict as the real one: unknown parameters, a limit above 100, an unknown ``starting_after``, ``type`` beside ``types``
and more than 20 of them are refused; canceled subscriptions are left out unless ``status`` asks for them; events are
listed for 30 days; without ``Stripe-Version`` period bounds stand where old versions had them.

Admin actions: ``put`` {object: {...customer or subscription...}} makes or changes an object and raises its event,
``remove`` {id}, ``forget_events`` (as if they were a month old), ``switch`` {key_holds, may_read, per_minute}.
"""

import argparse
import copy
from collections.abc import Mapping
from typing import Any

from pqldesk.sandbox.double import Answer, Asked, BadOrder
from pqldesk.sandbox.pulled import Action, PulledDouble
from pqldesk.sandbox.pulled import add_options as add_options

KEY = "rk_test_sandbox"
_MONTH_S = 30 * 86_400
_PAGED = {
    "limit",
    "starting_after",
    "ending_before",
    "created[gte]",
    "created[gt]",
    "created[lt]",
    "created[lte]",
}
_OF = {
    "customers": {*_PAGED, "email"},
    "subscriptions": {*_PAGED, "status", "customer", "price", "expand[0]"},
    "events": {*_PAGED, "type", "delivery_success", *(f"types[{n}]" for n in range(30))},
}
_STATUSES = (
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused", "all",
    "ended",
)  # fmt: skip


def build(options: argparse.Namespace) -> "StripeDouble":
    """The double those options describe."""
    return StripeDouble(latency_s=options.latency / 1000)


class StripeDouble(PulledDouble):
    """One account."""

    def empty(self) -> None:
        self._objects: dict[str, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []
        self._made = 0

    def actions(self) -> dict[str, Action]:
        return {
            "put": self._put,
            "remove": self._remove,
            "forget_events": lambda _order: self._events.clear(),
        }

    def answer(self, asked: Asked) -> Answer:
        scheme, _, key = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key != KEY or not self.switches.key_holds:
            return _error(
                401, "invalid_request_error", "api_key_invalid", "Invalid API Key provided: rk_test_****"
            )
        asked.caller = "restricted key"
        if not self.switches.may_read:
            return _error(
                403, "invalid_request_error", "more_permissions_required", "This key lacks rak_customer_read."
            )
        if self.is_too_much():
            return self.refusal(429)
        parts = asked.path.strip("/").split("/")
        if asked.method != "GET" or parts[0] != "v1" or len(parts) not in (2, 3) or parts[1] not in _OF:
            return _error(
                404,
                "invalid_request_error",
                None,
                f"Unrecognized request URL ({asked.method}: {asked.path}).",
            )
        if len(parts) == 3:
            return self._one(parts[2], asked)
        return self._listed(parts[1], asked)

    def _one(self, number: str, asked: Asked) -> Answer:
        found = self._objects.get(number)
        if found is None:
            return _error(
                404, "invalid_request_error", "resource_missing", f"No such object: '{number}'", "id"
            )
        return Answer(200, self._shown(found, asked, "customer"))

    def _listed(self, kind: str, asked: Asked) -> Answer:
        query = asked.query
        for name in query:
            if name not in _OF[kind]:
                return _error(400, "invalid_request_error", "parameter_unknown", f"Received unknown parameter: {name}",
                              name)  # fmt: skip
        limit = query.get("limit", "10")
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            return _error(
                400, "invalid_request_error", "parameter_invalid_integer", "Invalid integer", "limit"
            )
        wanted = [query[name] for name in query if name.startswith("types[")]
        if (wanted and "type" in query) or len(wanted) > 20:
            return _error(
                400,
                "invalid_request_error",
                None,
                "You may only specify one of these parameters: type, types.",
            )
        rows = self._rows(kind, query, wanted)
        if rows is None:
            return _error(
                400, "invalid_request_error", "parameter_invalid_string", "Invalid status", "status"
            )
        after = query.get("starting_after")
        if after is not None:
            places = [n for n, row in enumerate(rows) if row["id"] == after]
            if not places:
                return _error(404, "invalid_request_error", "resource_missing", f"No such object: '{after}'",
                              "starting_after")  # fmt: skip
            rows = rows[places[0] + 1 :]
        page = [self._shown(row, asked, "data.customer") for row in rows[: int(limit)]]
        body = {"object": "list", "url": asked.path, "has_more": len(rows) > int(limit), "data": page}
        return Answer(200, body)

    def _rows(self, kind: str, query: Mapping[str, str], wanted: list[str]) -> list[dict[str, Any]] | None:
        if kind == "events":
            since = self.clock.time() - _MONTH_S
            rows = [event for event in self._events if event["created"] > since]
            rows = [event for event in rows if not wanted or event["type"] in wanted]
        else:
            rows = [one for one in self._objects.values() if one["object"] == kind[:-1]]
        if kind == "subscriptions":
            status = query.get("status", "")
            if status and status not in _STATUSES:
                return None
            if not status:
                rows = [one for one in rows if one["status"] != "canceled"]
            elif status == "ended":
                rows = [one for one in rows if one["status"] in ("canceled", "incomplete_expired")]
            elif status != "all":
                rows = [one for one in rows if one["status"] == status]
        if "created[gte]" in query:
            rows = [one for one in rows if one["created"] >= int(query["created[gte]"])]
        if "email" in query:
            rows = [one for one in rows if one.get("email") == query["email"]]
        return sorted(rows, key=lambda one: (one["created"], one["id"]), reverse=True)

    def _shown(self, row: dict[str, Any], asked: Asked, expandable: str) -> dict[str, Any]:
        shown = copy.deepcopy(row)
        if row["object"] == "subscription":
            if asked.query.get("expand[0]") == expandable:
                shown["customer"] = copy.deepcopy(
                    self._objects.get(
                        row["customer"], {"id": row["customer"], "object": "customer", "deleted": True}
                    )
                )
            if "stripe-version" not in asked.headers:
                for line in shown.get("items", {}).get("data", []):
                    shown["current_period_end"] = line.pop("current_period_end", None)
        return shown

    def _put(self, order: Mapping[str, Any]) -> None:
        given = dict(order["object"])
        if given.get("object") not in ("customer", "subscription") or not given.get("id"):
            raise BadOrder("put needs an object with id and object customer or subscription")
        before = self._objects.get(given["id"])
        now = int(order.get("at") or self.clock.time())
        stored = {**(before or {"created": now, "livemode": False}), **given}
        self._objects[given["id"]] = stored
        if order.get("silent"):
            return
        self._made += 1
        kind = "customer" if given["object"] == "customer" else "customer.subscription"
        changed = {name: before.get(name) for name in given if before and before.get(name) != given[name]}
        data: dict[str, Any] = {"object": copy.deepcopy(stored)}
        if before:
            data["previous_attributes"] = changed
        self._events.append(
            {
                "id": f"evt_{self._made:06}", "object": "event", "created": now, "livemode": False,
                "api_version": "2026-10-28.endive", "type": f"{kind}.{'updated' if before else 'created'}",
                "data": data, "pending_webhooks": 0, "request": {"id": None, "idempotency_key": None},
            }
        )  # fmt: skip

    def _remove(self, order: Mapping[str, Any]) -> None:
        self._objects.pop(str(order["id"]), None)

    def refusal(self, status: int) -> Answer:
        headers = {"retry-after": "1", "stripe-should-retry": "true"} if status == 429 else {}
        kind = "rate_limit" if status == 429 else "api_error"
        return Answer(status, {"error": {"type": kind, "code": kind, "message": "Injected."}}, headers)

    def dump(self) -> Any:
        return {"objects": list(self._objects.values()), "events": self._events}


def _error(status: int, kind: str, code: str | None, message: str, param: str | None = None) -> Answer:
    return Answer(status, {"error": {"type": kind, "code": code, "message": message, "param": param}})
