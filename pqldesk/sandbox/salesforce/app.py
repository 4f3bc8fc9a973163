"""The double of Salesforce's REST API: tokens, limits and routes around the rows.

It answers as My Domain at 127.0.0.1 and as the instance at localhost: what was not told by the token answer fails.
"""

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pqldesk.sandbox.double import Answer, Asked, BadOrder, Double, carry_out, set_switches
from pqldesk.sandbox.salesforce import rows
from pqldesk.sandbox.salesforce.access import INSTANCE, sign_in
from pqldesk.sandbox.salesforce.many import collection
from pqldesk.sandbox.salesforce.org import ROBOT, ApiError, Org, Row
from pqldesk.sandbox.salesforce.schema import described
from pqldesk.sandbox.salesforce.soql import attributes, select

VERSION = "67.0"
ROOT = f"/services/data/v{VERSION}"
MOST_TOGETHER = 25
_IN_BROWSER = {"sforce-auto-assign": "FALSE", "sforce-duplicate-rule-header": "allowSave=true"}

Served = tuple[int, Any]


class SalesforceDouble(Double):
    """One org. *fresh* makes the seed, also after a reset."""

    def __init__(
        self, fresh: Callable[["SalesforceDouble"], Org], *, latency_s: float, state_file: Path | None
    ) -> None:
        super().__init__(latency_s=latency_s, state_file=state_file)
        self._fresh = fresh
        self.org = fresh(self)
        if state_file is not None and state_file.exists():
            self.org.load_json(state_file.read_text(encoding="utf-8"))

    def answer(self, asked: Asked) -> Answer:
        """Token endpoint, else session, limits and route."""
        if asked.path.startswith("/services/oauth2/"):
            return sign_in(self.org, asked)
        headers: dict[str, str] = {}
        try:
            if asked.path.rstrip("/") == "/services/data":
                versions = [{"label": "Summer '26", "url": ROOT, "version": VERSION}]
                return Answer(200, versions)
            self._session(asked)
            self._spend(headers)
            status, body = self._routed(asked)
        except ApiError as refused:
            status, body = refused.status, refused.body
        return Answer(status, body, headers)

    def _session(self, asked: Asked) -> None:
        host = asked.headers.get("host", "").partition(":")[0]
        if host != INSTANCE:
            raise ApiError(404, "NOT_FOUND", f"URL No Longer Exists: this org lives at {INSTANCE}")
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        began = self.org.sessions.get(token.strip()) if scheme == "Bearer" else None
        asked.caller = "pqldesk" if began is not None else "unknown"
        if self.org.switches.rest_refused:
            said = "This session is not valid for use with the REST API"
            raise ApiError(401, "INVALID_SESSION_ID", said)
        if began is None or self.clock.time() - began > self.org.switches.session_s:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def _spend(self, headers: dict[str, str]) -> None:
        switches = self.org.switches
        if switches.busy > 0:
            switches.busy -= 1
            said = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", said)
        if self.org.used >= switches.daily_limit:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.org.used += 1
        usage = f"{self.org.used}/{switches.daily_limit}"
        headers["Sforce-Limit-Info"] = f"api-usage={usage}; per-app-api-usage={usage}(appName=pqldesk)"

    # Routes

    def _routed(self, asked: Asked) -> Served:
        if not asked.path.startswith(f"{ROOT}/"):
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        body = asked.body
        if asked.method in ("POST", "PATCH") and not isinstance(body, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body is required")
        parts = [unquote(part) for part in asked.path.removeprefix(f"{ROOT}/").split("/")]
        match asked.method, parts:
            case "GET", ["query" | "queryAll" as how]:
                found = select(self.org, asked.query.get("q", ""), deleted=how == "queryAll")
                return 200, self._page(found)
            case "GET", ["query", locator]:
                if locator not in self.org.pages:
                    raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
                return 200, self._page(self.org.pages.pop(locator))
            case "POST", ["composite"]:
                return 200, self._together(body)
            case _, ["composite", "sobjects", *rest]:
                return 200, collection(self.org, asked.method, rest, body, asked.headers)
            case _, ["sobjects", name, *rest]:
                return self._row(asked.method, name, rest, body, asked.headers, asked.query)
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")

    def _page(self, found: list[Row]) -> Any:
        size = self.org.switches.batch_size
        page = {"totalSize": len(found), "done": len(found) <= size, "records": found[:size]}
        if len(found) > size:
            locator = f"01g{secrets.token_hex(6)}-{size}"
            self.org.pages[locator] = found[size:]
            page["nextRecordsUrl"] = f"{ROOT}/query/{locator}"
        return page

    def _row(
        self,
        method: str,
        name: str,
        rest: list[str],
        body: Any,
        headers: Mapping[str, str],
        query: Mapping[str, str],
    ) -> Served:
        org, thing = self.org, self.org.thing(name)
        match method, rest:
            case "GET", ["describe"]:
                return 200, described(thing)
            case "POST", []:
                made = rows.create(org, thing, body, headers, org.user(ROBOT))
                return 201, {"id": made["Id"], "success": True, "errors": []}
            case "PATCH", [field, value]:
                only = query.get("updateOnly") == "true"
                made, new = rows.upsert(org, thing, (field, value), body, headers, org.user(ROBOT), only=only)
                return (201 if new else 200), {
                    "id": made["Id"],
                    "success": True,
                    "errors": [],
                    "created": new,
                }
            case "GET", [field, value]:
                found = rows.by_key(org, thing, field, value)
                return 200, self._read(thing.name, found, query)
            case "GET", [record_id]:
                return 200, self._read(thing.name, self._of(thing.name, record_id), query)
            case "PATCH", [record_id]:
                row = self._of(thing.name, record_id)
                if row is None or row["Id"] in org.hidden:
                    raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
                rows.change(org, thing, row, body, headers)
                return 204, None
            case "DELETE", [record_id]:
                row = self._of(thing.name, record_id)
                if row is None:
                    raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
                org.delete(thing.name, row)
                return 204, None
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed.")

    def _of(self, name: str, record_id: str) -> Row | None:
        found = self.org.find(record_id)
        return found[1] if found and found[0].name == name else None

    def _read(self, name: str, row: Row | None, query: Mapping[str, str]) -> Row:
        if row is None or row["Id"] in self.org.hidden:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        thing = self.org.things[name]
        wanted = [each for each in query.get("fields", ",".join(thing.fields)).split(",") if each]
        for each in wanted:
            if each not in thing.fields:
                raise ApiError(400, "INVALID_FIELD", f"No such column '{each}' on sobject of type {name}")
        return {"attributes": attributes(thing, row), **{each: row[each] for each in wanted}}

    def _together(self, body: Any) -> Any:
        """Several requests as one; with allOrNone everything is taken back when one fails."""
        requests = body.get("compositeRequest") or []
        if len(requests) > MOST_TOGETHER:
            raise ApiError(400, "LIMIT_EXCEEDED", f"Max of {MOST_TOGETHER} subrequests")
        before = {name: {key: dict(row) for key, row in own.items()} for name, own in self.org.rows.items()}
        answers: list[dict[str, Any]] = []
        results: dict[str, Any] = {}
        failed = False
        for request in requests:
            status, said = 400, None
            try:
                if failed and body.get("allOrNone"):
                    raise ApiError(400, "PROCESSING_HALTED", "The transaction was rolled back.")
                url = _filled(request["url"], results)
                values = {key: _filled(value, results) for key, value in (request.get("body") or {}).items()}
                parts = [unquote(part) for part in url.removeprefix(f"{ROOT}/sobjects/").split("/")]
                headers = {key.lower(): value for key, value in (request.get("httpHeaders") or {}).items()}
                status, said = self._row(request["method"], parts[0], parts[1:], values, headers, {})
                results[request["referenceId"]] = said
            except ApiError as refused:
                status, said, failed = refused.status, refused.body, True
            answers.append(
                {
                    "body": said,
                    "httpHeaders": {},
                    "httpStatusCode": status,
                    "referenceId": request["referenceId"],
                }
            )
        if failed and body.get("allOrNone"):
            self.org.rows = before
            halted = [{"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back."}]
            for each in answers:
                if each["httpStatusCode"] < 300:
                    each |= {"httpStatusCode": 400, "body": halted}
        return {"compositeResponse": answers}

    # What a double brings

    def refusal(self, status: int) -> Answer:
        if status in (406, 420, 429):
            return Answer(status, None, {"retry-after": "1"} if status == 429 else {})
        codes = {
            401: ("INVALID_SESSION_ID", "Session expired or invalid"),
            403: ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
            422: ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A validation rule of the org is against it."),
        }
        code, message = codes.get(status, ("SERVER_UNAVAILABLE", "Injected by the sandbox."))
        # Salesforce has no 422: its validation rules answer 400.
        return Answer(400 if status == 422 else status, [{"message": message, "errorCode": code}])

    def revision(self) -> int:
        return self.org.revision

    def snapshot(self) -> str:
        return self.org.to_json()

    def dump(self) -> Any:
        """In the words of the other doubles: companies, people, deals, entries by list, tasks, notes."""
        org = self.org
        emails = {row["Id"]: row["Email"] for row in org.of("User").values()}
        links = {
            row["ContentDocumentId"]: row["LinkedEntityId"] for row in org.of("ContentDocumentLink").values()
        }
        notes = [
            {
                "title": row["Title"],
                "text": base64.b64decode(row["Content"] or "").decode(),
                "on": links.get(row["Id"]),
            }
            for row in org.of("ContentNote").values()
        ]
        notes += [
            {"title": n["Title"], "text": n["Body"], "on": n["ParentId"]} for n in org.of("Note").values()
        ]
        shown = {name: [_plain(row, emails) for row in org.of(name).values()] for name in org.things}
        return {
            "companies": shown["Account"],
            "people": [*shown["Contact"], *shown["Lead"]],
            "deals": shown["Opportunity"],
            "roles": shown["OpportunityContactRole"],
            "entries": {
                campaign["Name"]: [
                    row for row in shown["CampaignMember"] if row["CampaignId"] == campaign["Id"]
                ]
                for campaign in org.of("Campaign").values()
            },
            "tasks": shown["Task"],
            "notes": notes,
            "members": shown["User"],
            "calls_used": org.used,
        }

    def change(self, order: Mapping[str, Any]) -> Any:
        action = order.get("action")
        known = {
            "switch": self._switch,
            "revoke": self._revoke,
            "end_sessions": self._end_sessions,
            "convert_lead": self._convert,
            "rename_choice": self._rename,
            "remove_field": self._remove_field,
            "hide": self._hide,
            "suspend_member": self._suspend,
            "set_owner": self._set_owner,
            "advance_clock": self._advance,
            "revoke_sign_ins": lambda order: self.org.consents.revoke(),
            "grant_only": self._grant_only,
            "change_row": self._change_row,
            "add_row": self._add_row,
            "delete_row": self._delete_row,
            "merge_rows": self._merge_rows,
        }
        found = carry_out(known, action, order)
        self.org.revision += 1
        return found or {}

    def _switch(self, order: Mapping[str, Any]) -> None:
        set_switches(self.org.switches, order)

    def _revoke(self, order: Mapping[str, Any]) -> None:
        self.org.sessions.clear()
        self.org.switches.app_enabled = False

    def _end_sessions(self, order: Mapping[str, Any]) -> None:
        self.org.sessions.clear()

    def _convert(self, order: Mapping[str, Any]) -> None:
        """Make Contact and Account of a Lead, as a rep does in the browser."""
        lead = next(row for row in self.org.of("Lead").values() if row["Email"] == order["email"])
        account = self.org.store(self.org.things["Account"], {"Name": lead["Company"]})
        values = {name: lead[name] for name in ("FirstName", "LastName", "Email", "OwnerId")}
        contact = self.org.store(self.org.things["Contact"], {**values, "AccountId": account["Id"]})
        lead |= {
            "LastModifiedDate": self.org.stamp(),
            "SystemModstamp": self.org.stamp(),
            "IsConverted": True,
            "ConvertedContactId": contact["Id"],
            "ConvertedAccountId": account["Id"],
        }

    def _rename(self, order: Mapping[str, Any]) -> None:
        options = self.org.things[order["object"]].fields[order["field"]].options
        options[options.index(order["title"])] = order["to"]

    def _remove_field(self, order: Mapping[str, Any]) -> None:
        del self.org.things[order["object"]].fields[order["field"]]

    def _hide(self, order: Mapping[str, Any]) -> None:
        self.org.hidden.append(order["id"])

    def _suspend(self, order: Mapping[str, Any]) -> None:
        self.org.of("User")[self.org.user(order["member"])]["IsActive"] = False

    def _set_owner(self, order: Mapping[str, Any]) -> None:
        found = self.org.find(order["id"])
        if found is None:
            raise BadOrder(f"id {order['id']!r} is unknown")
        stamp = self.org.stamp()
        found[1].update(OwnerId=self.org.user(order["member"]), LastModifiedDate=stamp, SystemModstamp=stamp)

    # What a colleague does in the browser, under the same rules as the API but for assignment and duplicates

    def _change_row(self, order: Mapping[str, Any]) -> None:
        thing, row = self._named(order["id"])
        rows.change(self.org, thing, row, order["values"], _IN_BROWSER)

    def _add_row(self, order: Mapping[str, Any]) -> Any:
        thing = self.org.thing(order["object"])
        made = rows.create(self.org, thing, order["values"], _IN_BROWSER, self.org.user(ROBOT))
        return {"id": made["Id"]}

    def _delete_row(self, order: Mapping[str, Any]) -> None:
        thing, row = self._named(order["id"])
        self.org.delete(thing.name, row)

    def _merge_rows(self, order: Mapping[str, Any]) -> None:
        """The one that goes lies in the bin under whom it was merged into; what named it names the other now."""
        thing, goes = self._named(order["goes"])
        _thing, stays = self._named(order["stays"])
        for held in self.org.rows.values():
            for row in held.values():
                row |= {
                    name: stays["Id"] for name, value in row.items() if value == goes["Id"] and name != "Id"
                }
        self.org.delete(thing.name, goes, stays["Id"])
        stays |= {"LastModifiedDate": self.org.stamp(), "SystemModstamp": self.org.stamp()}

    def _named(self, record_id: str) -> tuple[Any, Row]:
        found = self.org.find(record_id)
        if found is None:
            raise BadOrder(f"id {record_id!r} is unknown")
        return found

    def _advance(self, order: Mapping[str, Any]) -> None:
        self.clock.advance(order["seconds"])

    def _grant_only(self, order: Mapping[str, Any]) -> None:
        self.org.consents.granted = order["scopes"]

    def reset(self) -> None:
        before = self.org.revision
        self.org = self._fresh(self)
        self.org.revision += before + 1


def _filled(value: Any, results: Mapping[str, Any]) -> Any:
    """``@{deal.id}`` replaced by what the request named deal was answered."""
    if not isinstance(value, str):
        return value
    return re.sub(
        r"@\{(\w+)\.(\w+)\}", lambda found: str((results.get(found[1]) or {}).get(found[2], found[0])), value
    )


def _plain(row: Row, emails: Mapping[str, str]) -> Row:
    owner = row.get("OwnerId")
    return {**row, "owner": emails.get(owner)} if owner else dict(row)
