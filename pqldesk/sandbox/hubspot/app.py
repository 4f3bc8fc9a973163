"""The double of HubSpot's CRM API: key, limits and routes around the records."""

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from pqldesk.sandbox.consent import NoConsent
from pqldesk.sandbox.double import Answer, Asked, Double, carry_out
from pqldesk.sandbox.hubspot import admin, lists, records
from pqldesk.sandbox.hubspot.portal import (
    FOUNDED,
    LINKS,
    PORTAL,
    SESSION_S,
    TYPE_IDS,
    VERSIONS,
    ApiError,
    Portal,
    Property,
    invalid,
)

TOKEN_PATHS = tuple(f"/oauth/{version}/token" for version in VERSIONS)
SCOPES = {"owners": "crm.objects.owners", "lists": "crm.lists", "properties": "crm.schemas.contacts"}
DAY_S, WINDOW_S = 86_400, 10

Served = tuple[int, Any]


class HubSpotDouble(Double):
    """One account. *fresh* makes the seed, also after a reset."""

    def __init__(
        self, fresh: Callable[["HubSpotDouble"], Portal], *, latency_s: float, state_file: Path | None
    ) -> None:
        super().__init__(latency_s=latency_s, state_file=state_file)
        self._fresh = fresh
        self.portal = fresh(self)
        if state_file is not None and state_file.exists():
            self.portal.load_json(state_file.read_text(encoding="utf-8"))
        self._window: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._today = 0
        self._scopes: list[str] | None = None  # of the sign-in whose request is being served

    def answer(self, asked: Asked) -> Answer:
        """Key, limits, scope, route; refusals in HubSpot's shape."""
        if asked.path == "/oauth/authorize" and asked.method in ("GET", "POST"):
            self.portal.revision += 1
            return self.portal.consents.page(asked, self.clock)
        if asked.method == "POST" and asked.path in TOKEN_PATHS:
            return self._token(asked)
        headers: dict[str, str] = {}
        try:
            self._key(asked)
            self._spend(asked, headers)
            status, body = self._routed(asked)
        except ApiError as refused:
            status, body = refused.status, refused.body
            if status in (429, 477) and (self.portal.switches.retry_after or status == 477):
                headers["retry-after"] = "1"
        return Answer(status, body, headers)

    def _key(self, asked: Asked) -> None:
        scheme, _, secret = asked.headers.get("authorization", "").partition(" ")
        fits = scheme == "Bearer" and secret.strip() == self.portal.secret and self.portal.switches.key_active
        began, self._scopes = self.portal.sessions.get(secret.strip(), (None, None))
        if began is not None and began + SESSION_S > self.clock.time():
            fits = True
        asked.caller = "pqldesk" if fits else "unknown"
        if not fits:
            said = "Authentication credentials not found or not valid."
            raise ApiError(401, "INVALID_AUTHENTICATION", said)

    def _token(self, asked: Asked) -> Answer:
        """Forms only; an access token of half an hour."""
        form = dict(parse_qsl(asked.raw.decode("latin-1")))
        asked.caller, asked.body = form.get("client_id", "unknown"), None
        self.portal.revision += 1
        try:
            given = self.portal.consents.exchanged(form, self.clock)
        except NoConsent as refused:
            said = {"status": "BAD_REFRESH_TOKEN", "error": refused.error, "message": str(refused)}
            return Answer(400, said)
        token = secrets.token_hex(24)
        scopes = given.pop("scope").split()
        self.portal.sessions[token] = [self.clock.time(), scopes]
        refresh = {"refresh_token": form.get("refresh_token"), **given}
        return Answer(
            200, {"access_token": token, "token_type": "bearer", "expires_in": int(SESSION_S), **refresh}
        )

    def _spend(self, asked: Asked, headers: dict[str, str]) -> None:
        switches, now = self.portal.switches, self.clock.time()
        if switches.migrating > 0:
            switches.migrating -= 1
            raise ApiError(477, "MIGRATION_IN_PROGRESS", "This account is being moved")
        if asked.path.endswith("/search") and "/objects/" in asked.path:
            _forget(self._searches, now - 1)
            if switches.search_per_s is not None and len(self._searches) >= switches.search_per_s:
                raise _too_many("You have reached your secondly limit.", None)
            self._searches.append(now)
            return
        _forget(self._window, now - WINDOW_S)
        if switches.ten_seconds is not None:
            left = switches.ten_seconds - len(self._window)
            headers["X-HubSpot-RateLimit-Max"] = str(switches.ten_seconds)
            headers["X-HubSpot-RateLimit-Remaining"] = str(max(0, left - 1))
            headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(WINDOW_S * 1000)
            if left <= 0:
                said = "You have reached your ten_secondly_rolling limit."
                raise _too_many(said, "TEN_SECONDLY_ROLLING")
        if switches.daily is not None and self._today >= switches.daily:
            raise _too_many("You have reached your daily limit.", "DAILY")
        self._window.append(now)
        self._today += 1
        writes = asked.method != "GET" and "/objects/" in asked.path and "/batch/read" not in asked.path
        if switches.locked > 0 and writes:
            switches.locked -= 1
            raise ApiError(423, "LOCKED", "The record is locked")

    def _scope(self, area: str, kind: str, method: str) -> None:
        name = SCOPES.get(area) or f"crm.objects.{'contacts' if kind in ('tasks', 'notes') else kind}"
        wanted = f"{name}.{'read' if method == 'GET' else 'write'}"
        checked = self._scopes is not None and area in ("objects", "owners", "lists")
        signed_in_without = checked and wanted not in (self._scopes or ())
        if wanted in self.portal.switches.missing_scopes or signed_in_without:
            said = "This app hasn't been granted all required scopes to make this call."
            raise ApiError(403, "MISSING_SCOPES", said, context={"missingScopes": [wanted]})

    # Routes

    def _routed(self, asked: Asked) -> Served:
        parts = [unquote(part) for part in asked.path.strip("/").split("/")]
        body = asked.body
        if asked.method in ("POST", "PUT", "PATCH") and "body is not JSON" in asked.notes:
            raise invalid("Invalid input JSON")
        match parts:
            case ["account-info", version, "details"] if version in VERSIONS:
                return 200, {
                    "portalId": PORTAL,
                    "accountType": "STANDARD",
                    "timeZone": "Europe/Lisbon",
                    "companyCurrency": "USD",
                    "additionalCurrencies": [],
                    "uiDomain": "app.hubspot.example",
                }
            case ["crm", area, version, *rest] if version in VERSIONS:
                self._scope(area, rest[0] if rest else "", asked.method)
                match area:
                    case "owners":
                        return self._owners(rest, asked.query)
                    case "properties":
                        return self._properties(asked.method, rest, body)
                    case "pipelines":
                        return self._pipelines(rest)
                    case "lists":
                        return lists.served(self.portal, asked.method, rest, body)
                    case "associations":
                        return self._associations(rest, body)
                    case "objects":
                        return self._objects(asked.method, rest, body, asked.query, version)
        raise ApiError(404, "OBJECT_NOT_FOUND", f"There is no {asked.method} {asked.path}")

    def _owners(self, rest: list[str], query: Mapping[str, str]) -> Served:
        if rest:
            raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")
        archived = query.get("archived") == "true"
        begun = {"createdAt": FOUNDED, "updatedAt": FOUNDED}
        rows = [{**each, **begun} for each in self.portal.owners if each["archived"] == archived]
        if query.get("email"):
            rows = [each for each in rows if each["email"] == query["email"]]
        limit, after = int(query.get("limit", 100)), int(query.get("after") or 0)
        answer: dict[str, Any] = {"results": rows[after : after + limit]}
        if after + limit < len(rows):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return 200, answer

    def _properties(self, method: str, rest: list[str], body: Any) -> Served:
        kind = rest[0]
        own = records.known(self.portal, kind)
        if method == "GET" and len(rest) == 1:
            return 200, {"results": [_property(each) for each in own.values()]}
        if method == "POST" and len(rest) == 1:
            if body["name"] in own:
                raise ApiError(409, "CONFLICT", f"A property named {body['name']} exists already.")
            if not body.get("groupName") or not body.get("label"):
                raise invalid("groupName and label are required")
            made = Property(
                body["name"],
                body["label"],
                body["type"],
                bool(body.get("hasUniqueValue")),
                multiple=body.get("fieldType") == "checkbox",
                options={each["value"]: each["label"] for each in body.get("options") or ()},
                standard=False,
            )
            own[made.name] = made
            self.portal.revision += 1
            return 201, _property(made)
        raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")

    def _pipelines(self, rest: list[str]) -> Served:
        if rest != ["deals"]:
            raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")
        begun = {"createdAt": FOUNDED, "updatedAt": FOUNDED}
        pipeline = {"id": "88001", "label": "Sales", "displayOrder": 0, "archived": False, **begun}
        more = {**begun, "archived": False, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}
        return 200, {"results": [{**pipeline, "stages": [{**each, **more} for each in self.portal.stages]}]}

    def _associations(self, rest: list[str], body: Any) -> Served:
        match rest:
            case [kind, to_kind, "batch", "read"]:
                results = []
                for each in body["inputs"]:
                    found = records.linked(self.portal, kind, each["id"], to_kind)
                    if found:
                        results.append({"from": {"id": each["id"]}, "to": found})
                return 200, self._complete(results)
            case [kind, to_kind, "batch", "create"]:
                for each in body["inputs"]:
                    for type_id in records.types_of(kind, to_kind, each["types"]):
                        ends = (each["from"]["id"], each["to"]["id"])
                        records.link(self.portal, kind, ends[0], to_kind, ends[1], type_id)
                made = [
                    _linked(kind, each["from"]["id"], to_kind, each["to"]["id"]) for each in body["inputs"]
                ]
                return 201, self._complete(made)
        raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")

    def _objects(
        self, method: str, rest: list[str], body: Any, query: Mapping[str, str], version: str
    ) -> Served:
        portal = self.portal
        names = [each for each in (query.get("properties") or "").split(",") if each]
        match method, rest:
            case "POST", [kind]:
                made = records.create(portal, kind, body, version)
                return 201, records.shown(made, made["properties"])
            case "POST", [kind, "search"]:
                return 200, records.search(portal, kind, body)
            case "POST", [kind, "batch", what]:
                return records.batch(portal, kind, what, body, version)
            case "GET", [kind, record_id]:
                found = records.one(portal, kind, record_id, query.get("idProperty"))
                return 200, records.shown(found, names)
            case "PATCH", [kind, record_id]:
                found = records.one(portal, kind, record_id, query.get("idProperty"))
                changed = records.change(portal, kind, found, body, version)
                return 200, records.shown(changed, changed["properties"])
            case "DELETE", [kind, record_id]:
                if record_id in portal.of(kind):
                    portal.of(kind)[record_id]["archived"] = True
                    portal.revision += 1
                return 204, None
            case "PUT", [kind, record_id, "associations", "default", to_kind, to_id]:
                for each_kind, each in ((kind, record_id), (to_kind, to_id)):
                    records.one(portal, each_kind, each, None)
                if (kind, to_kind) not in LINKS:
                    raise invalid(f"{kind} and {to_kind} cannot be associated")
                records.link(portal, kind, record_id, to_kind, to_id, LINKS[kind, to_kind][0])
                return 200, self._complete([])
            case "PUT", [kind, record_id, "associations", to_kind, to_id]:
                for type_id in records.types_of(kind, to_kind, body):
                    records.link(portal, kind, record_id, to_kind, to_id, type_id)
                return 201, _linked(kind, record_id, to_kind, to_id)
        raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")

    def _complete(self, results: list[Any]) -> dict[str, Any]:
        """What a batch over associations answers."""
        now = self.portal.stamp()
        return {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}

    # What a double brings

    def refusal(self, status: int) -> Answer:
        match status:
            case 429:
                return Answer(429, _too_many("You have reached your secondly limit.", None).body)
            case 401:
                return Answer(401, ApiError(401, "EXPIRED_AUTHENTICATION", "Injected by the sandbox.").body)
            case 403:
                return Answer(403, ApiError(403, "MISSING_SCOPES", "Injected by the sandbox.").body)
            case 422:  # HubSpot has none: what does not fit is 400
                return Answer(400, invalid("Injected by the sandbox.").body)
        body = {"status": "error", "message": "Injected by the sandbox.", "correlationId": str(uuid4())}
        return Answer(status, body)

    def revision(self) -> int:
        return self.portal.revision

    def snapshot(self) -> str:
        return self.portal.to_json()

    def dump(self) -> Any:
        return admin.dump(self.portal)

    def change(self, order: Mapping[str, Any]) -> Any:
        known = {name: partial(act, self.portal) for name, act in admin.ACTIONS.items()}
        found = carry_out({**known, "advance_clock": self._advance}, order.get("action"), order)
        self.portal.revision += 1
        return found or {}

    def _advance(self, order: Mapping[str, Any]) -> None:
        self.clock.advance(order["seconds"])

    def reset(self) -> None:
        before = self.portal.revision
        self.portal = self._fresh(self)
        self.portal.revision += before + 1
        self._window.clear()
        self._searches.clear()
        self._today = 0


def _linked(kind: str, record_id: str, to_kind: str, to_id: str) -> dict[str, Any]:
    ends = {"fromObjectId": record_id, "toObjectId": to_id}
    return {**ends, "fromObjectTypeId": TYPE_IDS[kind], "toObjectTypeId": TYPE_IDS[to_kind], "labels": []}


def _too_many(message: str, policy: str | None) -> ApiError:
    more: dict[str, Any] = {"errorType": "RATE_LIMIT", **({"policyName": policy} if policy else {})}
    return ApiError(429, "RATE_LIMITS", message, **more)


def _forget(moments: deque[float], before: float) -> None:
    while moments and moments[0] <= before:
        moments.popleft()


def _property(each: Property) -> dict[str, Any]:
    field_types = {"number": "number", "date": "date", "datetime": "date", "enumeration": "select"}
    return {
        "name": each.name,
        "label": each.label,
        "type": each.type,
        "fieldType": "checkbox" if each.multiple else field_types.get(each.type, "text"),
        "groupName": "information",
        "options": [
            {"value": value, "label": label, "hidden": False, "displayOrder": at}
            for at, (value, label) in enumerate(each.options.items())
        ],
        "hasUniqueValue": each.unique,
        "description": "",
        "hidden": False,
        "calculated": False,
        "hubspotDefined": each.standard,
        "archived": False,
        "modificationMetadata": {
            "readOnlyValue": each.read_only,
            "readOnlyDefinition": each.standard,
            "archivable": not each.standard,
        },
    }
