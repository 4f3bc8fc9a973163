"""The double of Twenty's REST API: key, limits and routes around the records."""

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pqldesk.sandbox.double import Answer, Asked, Double, carry_out, set_switches
from pqldesk.sandbox.twenty import records
from pqldesk.sandbox.twenty.workspace import (
    NAMES,
    SECRET,
    ApiError,
    Field,
    Workspace,
    add_field,
    bad,
)

MINUTE_S = 60

Served = tuple[int, Any]


class TwentyDouble(Double):
    """One workspace. *fresh* makes the seed, also after a reset."""

    def __init__(
        self, fresh: Callable[["TwentyDouble"], Workspace], *, latency_s: float, state_file: Path | None
    ) -> None:
        super().__init__(latency_s=latency_s, state_file=state_file)
        self._fresh = fresh
        self.workspace = fresh(self)
        if state_file is not None and state_file.exists():
            self.workspace.load_json(state_file.read_text(encoding="utf-8"))
        self._window: deque[float] = deque()

    def answer(self, asked: Asked) -> Answer:
        """Key, rate, route; refusals in Twenty's shape."""
        headers: dict[str, str] = {}
        try:
            self._key(asked)
            self._spend(headers)
            status, body = self._routed(asked)
        except ApiError as refused:
            status, body = refused.status, refused.body
        return Answer(status, body, headers)

    def _key(self, asked: Asked) -> None:
        header = asked.headers.get("authorization")
        if header is None:
            raise ApiError(403, "FORBIDDEN_EXCEPTION", "Missing authentication token")
        switches = self.workspace.switches
        fits = header == f"Bearer {SECRET}" and switches.key_active
        asked.caller = "pqldesk" if fits else "unknown"
        if not fits:
            raise ApiError(401, "UNAUTHENTICATED", "Token invalid.")
        if switches.key_expired:
            raise ApiError(401, "UNAUTHENTICATED", "Token has expired.")

    def _spend(self, headers: dict[str, str]) -> None:
        most, now = self.workspace.switches.per_minute, self.clock.time()
        while self._window and self._window[0] <= now - MINUTE_S:
            self._window.popleft()
        if most is not None and len(self._window) >= most:
            oldest = self._window[0] if self._window else now
            wait = max(1, round(oldest + MINUTE_S - now))
            if self.workspace.switches.rate_headers:
                headers |= {
                    "retry-after": str(wait),
                    "x-ratelimit-limit": str(most),
                    "x-ratelimit-remaining": "0",
                }
            raise ApiError(429, "TOO_MANY_REQUESTS", "Limit reached")
        self._window.append(now)

    # Routes

    def _routed(self, asked: Asked) -> Served:
        parts = asked.path.strip("/").split("/")
        if parts[0] != "rest":
            raise ApiError(404, "NotFoundException", f"Cannot {asked.method} {asked.path}")
        match asked.method, parts[1:]:
            case "GET", ["metadata", "objects"]:
                return 200, self._objects()
            case "POST", ["metadata", "fields"]:
                return 201, self._new_field(asked.body)
            case "POST", ["batch", plural]:
                return 201, self._batch(self._plural(plural), asked.body)
            case _, [plural, *rest]:
                return self._record(asked.method, self._plural(plural), rest, asked.body, asked.query)
        raise ApiError(404, "NotFoundException", f"Cannot {asked.method} {asked.path}")

    def _plural(self, name: str) -> str:
        if name in NAMES:
            return name
        meant = next((plural for plural, singular in NAMES.items() if singular == name), None)
        hint = f" Did you mean '{meant}'?" if meant else ""
        raise bad(f"object '{name}' not found.{hint}")

    def _objects(self) -> Any:
        made = self.workspace
        rows = [
            {
                "id": made.object_ids[plural],
                "nameSingular": singular,
                "namePlural": plural,
                "isActive": True,
                "isSystem": plural.endswith("Targets"),
                "fields": [
                    _field(each, made.column(plural, each.name).removesuffix("Id"))
                    for each in made.fields[plural].values()
                ],
            }
            for plural, singular in NAMES.items()
        ]
        data: Any = rows if made.switches.new_metadata else {"objects": rows}
        return {"data": data, "pageInfo": {"hasNextPage": False}, "totalCount": len(rows)}

    def _new_field(self, body: Any) -> Any:
        made = self.workspace
        plural = next((p for p, key in made.object_ids.items() if key == body.get("objectMetadataId")), None)
        if plural is None:
            raise bad("Object metadata does not exist")
        if body["name"] in made.fields[plural]:
            raise bad(f"Field name {body['name']} is not available")
        found = add_field(made, plural, body["name"], body["type"], custom=True)
        found.label = body.get("label") or found.label
        found.unique = bool(body.get("isUnique"))
        found.options = {each["value"]: each["label"] for each in body.get("options") or ()}
        made.revision += 1
        key = {"data": _field(found, found.name)}
        return key if made.switches.new_metadata else {"data": {"createOneField": key["data"]}}

    def _batch(self, plural: str, body: Any) -> Any:
        if not isinstance(body, list):
            raise bad("The body has to be an array")
        if len(body) > records.MOST:
            raise bad(f"Maximum number of records to upsert is {records.MOST}.")
        done = [records.create(self.workspace, plural, each) for each in body]
        return {"data": {f"create{plural[:1].upper()}{plural[1:]}": done}}

    def _record(
        self, method: str, plural: str, rest: list[str], body: Any, query: Mapping[str, str]
    ) -> Served:
        made, singular = self.workspace, NAMES[plural]
        named = singular[:1].upper() + singular[1:]
        if method != "GET" and plural in made.switches.read_only:
            raise ApiError(403, "PERMISSION_DENIED", "Entity performing the request does not have permission")
        match method, rest:
            case "GET", []:
                return 200, records.listing(made, plural, query)
            case "GET", [record_id]:
                found = records.one(made, plural, record_id)
                return 200, {"data": {singular: records.shown(made, plural, found, query)}}
            case "POST", []:
                found = records.create(made, plural, body)
                return 201, {"data": {f"create{named}": records.shown(made, plural, found, query)}}
            case "PATCH", [record_id]:
                found = records.change(made, plural, records.one(made, plural, record_id), body)
                return 200, {"data": {f"update{named}": records.shown(made, plural, found, query)}}
            case "DELETE", [record_id]:
                found = records.one(made, plural, record_id)
                if query.get("soft_delete") == "true":
                    found["deletedAt"] = made.stamp()
                else:
                    del made.of(plural)[record_id]
                made.revision += 1
                return 200, {"data": {f"delete{named}": {"id": record_id}}}
        raise ApiError(404, "NotFoundException", f"Cannot {method} {plural}")

    # What a double brings

    def refusal(self, status: int) -> Answer:
        words = {401: ("UNAUTHENTICATED", "Token has expired."), 429: ("TOO_MANY_REQUESTS", "Limit reached")}
        error, message = words.get(status, ("InternalServerErrorException", "Injected by the sandbox."))
        headers = {"retry-after": "1"} if status == 429 else {}
        # Twenty has no 422: what it does not understand is 400.
        status = 400 if status == 422 else status
        return Answer(status, {"statusCode": status, "error": error, "messages": [message]}, headers)

    def revision(self) -> int:
        return self.workspace.revision

    def snapshot(self) -> str:
        return self.workspace.to_json()

    def dump(self) -> Any:
        """In the words of the other doubles: companies, people, deals, entries by list, tasks, notes."""
        made = self.workspace
        emails = {row["id"]: row["userEmail"] for row in made.of("workspaceMembers").values()}
        stages = made.fields["opportunities"]["stage"].options

        def rows(plural: str) -> list[dict[str, Any]]:
            return [dict(row) for row in made.of(plural).values() if row["deletedAt"] is None]

        lists = made.fields["people"].get("pqlLists")
        deals = rows("opportunities")
        for deal in deals:
            deal |= {"owner": emails.get(deal["ownerId"]), "stage": stages.get(deal["stage"], deal["stage"])}
            deal["value"] = int((deal["amount"] or {}).get("amountMicros", 0)) / 1_000_000
        return {
            "companies": rows("companies"),
            "people": rows("people"),
            "deals": deals,
            "entries": {
                label: [row["id"] for row in rows("people") if value in (row.get("pqlLists") or ())]
                for value, label in (lists.options.items() if lists else ())
            },
            "tasks": [
                {**row, "assignee": emails.get(row["assigneeId"]), "on": self._on("taskTargets", row)}
                for row in rows("tasks")
            ],
            "notes": [{**row, "on": self._on("noteTargets", row)} for row in rows("notes")],
            "members": rows("workspaceMembers"),
        }

    def _on(self, plural: str, record: Mapping[str, Any]) -> list[str]:
        """What a task or note is targeted at."""
        own = f"{NAMES[plural].removesuffix('Target')}Id"
        return [
            value
            for row in self.workspace.of(plural).values()
            if row[own] == record["id"]
            for name, value in row.items()
            if name.endswith("Id") and name != own and value
        ]

    def change(self, order: Mapping[str, Any]) -> Any:
        action = order.get("action")
        known = {
            "switch": self._switch,
            "rename_choice": self._rename,
            "remove_field": self._remove_field,
            "trash": self._trash,
            "restore": self._restore,
            "advance_clock": self._advance,
            "change_record": self._change_record,
            "add_record": self._add_record,
            "merge_people": self._merge_people,
        }
        found = carry_out(known, action, order)
        self.workspace.revision += 1
        return found or {}

    def _switch(self, order: Mapping[str, Any]) -> None:
        set_switches(self.workspace.switches, order)

    def _rename(self, order: Mapping[str, Any]) -> None:
        options = self.workspace.fields[order["object"]][order["field"]].options
        value = next(value for value, label in options.items() if label == order["title"])
        options[value] = order["to"]

    def _remove_field(self, order: Mapping[str, Any]) -> None:
        del self.workspace.fields[order["object"]][order["field"]]

    # What a colleague does in the browser, under the same rules as the API

    def _change_record(self, order: Mapping[str, Any]) -> None:
        record = records.one(self.workspace, order["object"], order["id"])
        records.change(self.workspace, order["object"], record, order["values"])

    def _add_record(self, order: Mapping[str, Any]) -> Any:
        return {"id": records.create(self.workspace, order["object"], order["values"])["id"]}

    def _merge_people(self, order: Mapping[str, Any]) -> None:
        """The one that stays takes the other's address as a further one; the other goes into the trash."""
        made, stays, goes = self.workspace, order["stays"], order["goes"]
        kept, gone = records.one(made, "people", stays), records.one(made, "people", goes)
        further = [*(kept["emails"].get("additionalEmails") or ()), gone["emails"]["primaryEmail"]]
        kept["emails"] = {**kept["emails"], "additionalEmails": further}
        for plural in ("opportunities", "taskTargets", "noteTargets"):
            for row in made.of(plural).values():
                row |= {name: stays for name, value in row.items() if value == goes and name != "id"}
        gone["deletedAt"] = kept["updatedAt"] = made.stamp()

    def _trash(self, order: Mapping[str, Any]) -> None:
        self.workspace.of(order["object"])[order["id"]]["deletedAt"] = self.workspace.stamp()

    def _restore(self, order: Mapping[str, Any]) -> None:
        record = self.workspace.of(order["object"])[order["id"]]
        record |= {"deletedAt": None, "updatedAt": self.workspace.stamp()}

    def _advance(self, order: Mapping[str, Any]) -> None:
        self.clock.advance(order["seconds"])

    def reset(self) -> None:
        before = self.workspace.revision
        self.workspace = self._fresh(self)
        self.workspace.revision += before + 1
        self._window.clear()


def _field(each: Field, name: str) -> dict[str, Any]:
    return {
        "id": each.field_id,
        "name": name,
        "type": each.type,
        "label": each.label,
        "isCustom": each.custom,
        "isActive": True,
        "isNullable": True,
        "isUnique": each.unique,
        "options": [
            {"value": value, "label": label, "position": at}
            for at, (value, label) in enumerate(each.options.items())
        ]
        or None,
    }
