"""The double of Marketo's REST API: token, limits and routes. All but gateway errors are answers of 200."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pqldesk.sandbox.double import Answer, Asked, Double, carry_out, set_switches
from pqldesk.sandbox.marketo import activities, leads
from pqldesk.sandbox.marketo.instance import (
    API_USER,
    CLIENT,
    REQUESTED,
    SECRET,
    CallError,
    Instance,
    RowError,
)

WINDOW_S = 20
MOST_URI, MOST_BODY = 8_192, 1_048_576
# First part of the path, whether it is read -> the permission of the API user that it needs.
PERMISSIONS = {
    ("leads", True): "Read-Only Lead", ("leads", False): "Read-Write Lead", ("lead", True): "Read-Only Lead",
    ("lists", True): "Read-Only Lead", ("lists", False): "Read-Write Lead",
    ("campaigns", True): "Read-Only Campaign", ("campaigns", False): "Execute Campaign",
    ("activities", True): "Read-Only Activity", ("activities", False): "Read-Write Activity",
}  # fmt: skip
REFUSALS = {401: 602, 403: 603, 404: 610, 408: 604, 422: 1003, 429: 615}

Found = dict[str, Any]


class MarketoDouble(Double):
    """One instance. *fresh* makes the seed, also after a reset."""

    def __init__(
        self, fresh: Callable[["MarketoDouble"], Instance], *, latency_s: float, state_file: Path | None
    ) -> None:
        super().__init__(latency_s=latency_s, state_file=state_file)
        self._fresh = fresh
        self.instance = fresh(self)
        if state_file is not None and state_file.exists():
            self.instance.load_json(state_file.read_text(encoding="utf-8"))
        self._window: deque[float] = deque()
        self._today = 0
        self._at_once = 0
        self._arrived: dict[int, int] = {}  # request -> what was stored when it came in

    async def _served(self, asked: Asked) -> Answer | None:
        """Requests overlap as real ones do: each knows what was stored when it came in."""
        self._at_once += 1
        self._arrived[id(asked)] = self.instance.revision
        try:
            return await super()._served(asked)
        finally:
            self._at_once -= 1
            del self._arrived[id(asked)]

    def answer(self, asked: Asked) -> Answer:
        """Token, else limits, permission and route."""
        if asked.path == "/identity/oauth/token":
            return self._token(asked)
        if len(asked.path) + len(urlencode(dict(asked.query))) > MOST_URI:
            return Answer(414, html="<html><body>414 Request-URI Too Large</body></html>")
        if len(asked.raw) > MOST_BODY:
            return Answer(413, html="<html><body>413 Request Entity Too Large</body></html>")
        request = f"{token_hex(2)}#{token_hex(6)}"
        try:
            self._caller(asked)
            found = self._carried(asked)
            self._today += 1
        except CallError as refused:
            found = {"success": False, "errors": [{"code": str(refused.code), "message": str(refused)}]}
            asked.notes.append(f"told {refused.code}")
        return Answer(200, {"requestId": request, "success": True, **found})

    def _carried(self, asked: Asked) -> Found:
        switches = self.instance.switches
        reads, asked = _as_read(asked)
        self._limits()
        self._permission(asked, reads)
        if switches.unavailable > 0:
            switches.unavailable -= 1
            raise CallError(713, "Transient Error")
        found = self._routed(asked)
        if not reads:
            for name, code in (("carried_out_604", 604), ("carried_out_611", 611)):
                if getattr(switches, name) > 0:
                    setattr(switches, name, getattr(switches, name) - 1)
                    raise CallError(code, "carried out all the same")
        return found

    def _token(self, asked: Asked) -> Answer:
        given = dict(asked.query)
        if asked.method == "POST" and self.instance.switches.form_tokens:
            given |= dict(parse_qsl(asked.raw.decode("latin-1")))
        asked.body, asked.caller = None, given.get("client_id", "unknown")
        if given.get("client_secret") in dict(asked.query).values():
            asked.notes.append("secret in the address")
        if given.get("grant_type") != "client_credentials":
            said = f"Unsupported grant type: {given.get('grant_type')}"
            return Answer(400, {"error": "unsupported_grant_type", "error_description": said})
        fits = (given.get("client_id"), given.get("client_secret")) == (CLIENT, SECRET)
        if not fits or not self.instance.switches.client_active:
            said = "Client authentication failed"
            return Answer(401, {"error": "invalid_client", "error_description": said})
        now, instance = self.clock.time(), self.instance
        if not instance.token or instance.token_ends <= now:
            instance.token = f"{token_hex(8)}-{token_hex(4)}:ab"
            instance.token_ends = now + instance.switches.token_life_s
            instance.revision += 1
        left = max(0, int(instance.token_ends - now))
        return Answer(
            200,
            {"access_token": instance.token, "token_type": "bearer", "expires_in": left, "scope": API_USER},
        )

    def _caller(self, asked: Asked) -> None:
        instance = self.instance
        form = asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        if "access_token" in asked.query or (form and b"access_token=" in asked.raw):
            instance.violations.append(f"access_token beside the header: {asked.method} {asked.path}")
            raise CallError(601, "Access token invalid")
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise CallError(600, "Access token not specified")
        if token != instance.token:
            raise CallError(601, "Access token invalid")
        asked.caller = "pqldesk"
        if instance.token_ends <= self.clock.time():
            raise CallError(602, "Access token expired")
        if "//" in asked.path:
            instance.violations.append(f"double slash: {asked.path}")
            raise CallError(610, "Requested resource not found")

    def _limits(self) -> None:
        switches, now = self.instance.switches, self.clock.time()
        if switches.concurrent is not None and self._at_once > switches.concurrent:
            raise CallError(615, f"Concurrent access limit '{switches.concurrent}' reached")
        while self._window and self._window[0] <= now - WINDOW_S:
            self._window.popleft()
        if switches.per_window is not None and len(self._window) >= switches.per_window:
            raise CallError(606, f"Max rate limit '{switches.per_window}' exceeded with in '{WINDOW_S}' secs")
        if self._today >= switches.daily:
            raise CallError(607, "Daily quota reached")
        self._window.append(now)

    def _permission(self, asked: Asked, reads: bool) -> None:
        area = asked.path.removeprefix("/rest/v1/").partition("/")[0].removesuffix(".json")
        needed = PERMISSIONS.get((area, reads))
        if needed in self.instance.switches.forbidden:
            raise CallError(603, "Access denied")

    # Routes

    def _routed(self, asked: Asked) -> Found:
        instance, query, body = self.instance, asked.query, asked.body
        if not asked.path.startswith("/rest/v1/") or not asked.path.endswith(".json"):
            raise CallError(610, "Requested resource not found")
        if asked.method == "POST":
            if not asked.headers.get("content-type", "").startswith("application/json"):
                raise CallError(612, "Invalid Content Type")
            if not isinstance(body, dict) and asked.raw:
                raise CallError(609, "Invalid JSON")
        parts = asked.path.removeprefix("/rest/v1/").removesuffix(".json").split("/")
        born_by = self._arrived.get(id(asked), instance.revision)
        match asked.method, parts:
            case "GET", ["stats", "usage"]:
                users = [{"userId": API_USER, "count": self._today}]
                return {"result": [{"date": instance.stamp()[:10], "total": self._today, "users": users}]}
            case "GET", ["leads", "describe"]:
                return {"result": instance.fields}
            case "GET", ["leads"]:
                values = query.get("filterValues", "").split(",")
                rows = leads.found_by(instance, query.get("filterType", ""), values)
                return self._page([self._lead(row, query) for row in rows], query)
            case "GET", ["lead", lead_id]:
                row = instance.leads.get(lead_id)
                return {"result": [] if row is None else [self._lead(row, query)]}
            case "POST", ["leads"]:
                return {"result": leads.sync(instance, body, born_by)}
            case "POST", ["leads", "push"]:
                return {"result": activities.push(instance, body, born_by)}
            case "GET", ["leads", lead_id, "listMembership"]:
                held = [key for key, members in instance.members.items() if int(lead_id) in members]
                return {"result": [instance.lists[key] for key in held]}
            case _, ["lists", *rest]:
                return self._lists(asked, rest)
            case "GET", ["campaigns"]:
                rows = list(instance.campaigns.values())
                if query.get("isTriggerable") == "true":
                    rows = [row for row in rows if row["active"]]
                return self._page(rows, query)
            case "POST", ["campaigns", campaign_id, "trigger"]:
                return {"result": activities.request_campaign(instance, campaign_id, body)}
            case "POST", ["programs", program_id, "members", "status"]:
                return {"result": activities.set_status(instance, program_id, body)}
            case "GET", ["activities", "types"]:
                return {"result": activities.types(instance)}
            case "GET", ["activities", "external", "types"]:
                return {
                    "result": [{k: v for k, v in row.items() if k != "attributes"} for row in instance.types]
                }
            case "GET", ["activities", "external", "type", api_name, "describe"]:
                return {"result": [row for row in instance.types if row["apiName"] == api_name]}
            case "GET", ["activities", "pagingtoken"]:
                return {"nextPageToken": activities.paging_token(query.get("sinceDatetime", ""))}
            case "GET", ["activities"]:
                return activities.page(instance, query)
            case "POST", ["activities", "external"]:
                return {"result": activities.add(instance, body)}
            case _, ["companies" | "opportunities" | "salespersons", *_] if instance.switches.crm_sync:
                raise CallError(1018, "CRM sync is enabled; this operation is not allowed")
        raise CallError(610, "Requested resource not found")

    def _lists(self, asked: Asked, rest: list[str]) -> Found:
        instance, query = self.instance, asked.query
        if not rest:
            wanted = [each for each in query.get("name", "").split(",") if each]
            rows = [row for row in instance.lists.values() if not wanted or row["name"] in wanted]
            return self._page([row for row in rows if query.get("id") in (None, str(row["id"]))], query)
        list_id = rest[0]
        if list_id not in instance.lists:
            raise CallError(1013, f"List {list_id} not found")
        members = instance.members[list_id]
        match asked.method, rest[1:]:
            case "GET", ["leads"]:
                return self._page([self._lead(instance.leads[str(each)], query) for each in members], query)
            case "GET", ["leads", "ismember"]:
                rows = [{"id": int(each)} for each in query.get("id", "").split(",") if each]
                return {"result": leads.each_row(rows, lambda row: self._is_member(row, members))}
            case "POST" | "DELETE", ["leads"]:
                given = asked.body or {"input": [{"id": int(v)} for v in query.get("id", "").split(",") if v]}
                change = self._joined if asked.method == "POST" else self._left
                return {"result": leads.each_row(leads.rows_of(given), lambda row: change(row, members))}
        raise CallError(605, f"{asked.method} is not allowed here")

    def _is_member(self, row: Found, members: list[int]) -> Found:
        self.instance.lead(row["id"])
        return {"id": row["id"], "status": "memberof" if row["id"] in members else "notmemberof"}

    def _joined(self, row: Found, members: list[int]) -> Found:
        self.instance.use_some()
        lead_id = self.instance.lead(row.get("id"))["id"]
        if lead_id in members:
            return {"id": lead_id, "status": self.instance.switches.repeated}
        members.append(lead_id)
        self.instance.revision += 1
        return {"id": lead_id, "status": "added"}

    def _left(self, row: Found, members: list[int]) -> Found:
        lead_id = self.instance.lead(row.get("id"))["id"]
        if lead_id not in members:
            raise RowError(1015, "Lead not in list")
        members.remove(lead_id)
        self.instance.revision += 1
        return {"id": lead_id, "status": "removed"}

    def _lead(self, row: Found, query: Mapping[str, str]) -> Found:
        names = [each for each in query.get("fields", "").split(",") if each]
        return leads.shown(self.instance, row, names)

    def _page(self, rows: list[Found], query: Mapping[str, str]) -> Found:
        """Up to ``batchSize`` rows and an opaque token for the next ones."""
        size = min(int(query.get("batchSize", 300)), 300)
        token = query.get("nextPageToken", "")
        at = int(token.removeprefix("PAGE:"), 36) if token else 0
        found: Found = {"result": rows[at : at + size]}
        if at + size < len(rows):
            found["nextPageToken"] = f"PAGE:{_base36(at + size)}"
        return found

    # What a double brings

    def refusal(self, status: int) -> Answer:
        if status >= 500:
            return Answer(status, html=f"<html><body><h1>{status}</h1></body></html>")
        error = {"code": str(REFUSALS.get(status, 709)), "message": "Injected by the sandbox."}
        return Answer(200, {"requestId": f"{token_hex(2)}#0", "success": False, "errors": [error]})

    def revision(self) -> int:
        return self.instance.revision

    def snapshot(self) -> str:
        return self.instance.to_json()

    def dump(self) -> Any:
        """In the words of the other doubles; a task or note is the activity that stands for it."""
        instance = self.instance
        named = {own["id"]: own["name"] for own in instance.types}
        requested = [row for row in instance.activities if row["activityTypeId"] == REQUESTED]
        ours = [(named.get(row["activityTypeId"]), row) for row in instance.activities]
        return {
            "companies": [],
            "people": [{k: v for k, v in row.items() if k != "born"} for row in instance.leads.values()],
            "deals": [],
            "entries": {
                f"{row['name']}": [{"id": each} for each in instance.members[key]]
                for key, row in instance.lists.items()
            },
            "tasks": [row for name, row in ours if name == "PQL task"] + requested,
            "notes": [row for name, row in ours if name == "PQL note"],
            "members": [],
            "programs": list(instance.programs.values()),
            "violations": instance.violations,
        }

    def change(self, order: Mapping[str, Any]) -> Any:
        known = {
            "switch": lambda order: set_switches(self.instance.switches, order),
            "end_tokens": self._end_tokens,
            "remove_field": self._remove_field,
            "remove_list": self._remove_list,
            "retire_type": self._retire_type,
            "add_lead": self._add_lead,
            "change_lead": self._change_lead,
            "remove_person": lambda order: self.instance.leads.pop(order["id"]),
            "advance_clock": lambda order: self.clock.advance(order["seconds"]),
        }
        carry_out(known, order.get("action"), order)
        self.instance.revision += 1
        return {}

    def _end_tokens(self, order: Mapping[str, Any]) -> None:
        self.instance.token_ends = 0.0

    def _remove_field(self, order: Mapping[str, Any]) -> None:
        own = self.instance.field_named(order["field"])
        if own is not None:
            self.instance.fields.remove(own)

    def _remove_list(self, order: Mapping[str, Any]) -> None:
        instance = self.instance
        instance.lists = {k: row for k, row in instance.lists.items() if row["name"] != order["name"]}

    def _retire_type(self, order: Mapping[str, Any]) -> None:
        for own in self.instance.types:
            if own["name"] == order["name"]:
                own["status"] = "draft"

    def _add_lead(self, order: Mapping[str, Any]) -> None:
        rows = [order["values"]]
        leads.sync(self.instance, {"action": "createDuplicate", "input": rows}, self.instance.revision)

    def _change_lead(self, order: Mapping[str, Any]) -> None:
        rows = [{"id": int(order["id"]), **order["values"]}]
        wanted = {"action": "updateOnly", "lookupField": "id", "input": rows}
        leads.sync(self.instance, wanted, self.instance.revision)

    def reset(self) -> None:
        before = self.instance.revision
        self.instance = self._fresh(self)
        self.instance.revision += before + 1
        self._window.clear()
        self._today = 0


def _as_read(asked: Asked) -> tuple[bool, Asked]:
    """Whether the call only reads; a long query may come as a form with ``_method=GET``."""
    form = asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if asked.method == "POST" and form and asked.query.get("_method") == "GET":
        query = dict(parse_qsl(asked.raw.decode("latin-1"), keep_blank_values=True))
        return True, replace(asked, method="GET", query={**asked.query, **query}, body=None)
    return asked.method == "GET", asked


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"
