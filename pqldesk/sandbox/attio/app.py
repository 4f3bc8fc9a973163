"""The double of Attio's REST API v2: routes, tokens, scopes and rate limits around the handlers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from pqldesk.sandbox.attio import admin, lists, notes, records, schema, search, tasks
from pqldesk.sandbox.attio.answers import ApiError, invalid, issue, not_found
from pqldesk.sandbox.attio.bodies import BODY_WRONG
from pqldesk.sandbox.attio.calls import Call, Handler
from pqldesk.sandbox.attio.store import build_indexes
from pqldesk.sandbox.attio.world import Member, Token, World
from pqldesk.sandbox.double import Answer, Asked, Double
from pqldesk.sandbox.faults import Fault
from pqldesk.sandbox.rates import Bucket

OBJECT = "object_configuration:read"
RECORD, RECORDS = "record_permission:read", "record_permission:read-write"
LIST = "list_configuration:read"
MEMBERS = "user_management:read"
READ_TASK = ("task:read", OBJECT, RECORD, MEMBERS)
WRITE_TASK = ("task:read-write", OBJECT, RECORD, MEMBERS)
READ_NOTE, WRITE_NOTE = ("note:read", OBJECT, RECORD), ("note:read-write", OBJECT, RECORD)
READ_ENTRY, WRITE_ENTRY = ("list_entry:read", LIST), ("list_entry:read-write", LIST)

Route = tuple[tuple[str, ...], tuple[str, ...], Handler]


def members(call: Call) -> Any:
    """GET every member, suspended ones too."""
    return {"data": [_member_shown(call.world, each) for each in call.world.members]}


def one_member(call: Call) -> Any:
    """GET one member."""
    named = call.names["member_id"]
    found = next((each for each in call.world.members if each.member_id == named), None)
    if found is None:
        raise not_found("workspace member", named)
    return {"data": _member_shown(call.world, found)}


def _member_shown(world: World, member: Member) -> dict[str, Any]:
    return {
        "id": {"workspace_id": world.workspace_id, "workspace_member_id": member.member_id},
        "first_name": member.first_name,
        "last_name": member.last_name,
        "avatar_url": None,
        "email_address": member.email_address,
        "created_at": member.created_at,
        "access_level": member.access_level,
    }


ROUTES: tuple[tuple[str, str, tuple[str, ...], Handler], ...] = (
    ("GET", "objects", (OBJECT,), schema.objects),
    ("GET", "objects/{object}", (OBJECT,), schema.one_object),
    ("POST", "objects/records/search", (RECORD, OBJECT), search.search),
    ("POST", "objects/{object}/records", (RECORDS, OBJECT), records.create),
    ("PUT", "objects/{object}/records", (RECORDS, OBJECT), records.assert_one),
    ("POST", "objects/{object}/records/query", (RECORD, OBJECT), records.query),
    ("POST", "objects/{object}/records/merge", (RECORDS, OBJECT), records.merge),
    ("GET", "objects/{object}/records/{record_id}", (RECORD, OBJECT), records.read),
    ("PATCH", "objects/{object}/records/{record_id}", (RECORDS, OBJECT), records.change),
    ("PUT", "objects/{object}/records/{record_id}", (RECORDS, OBJECT), records.change),
    ("DELETE", "objects/{object}/records/{record_id}", (RECORDS, OBJECT), records.delete),
    (
        "GET",
        "objects/{object}/records/{record_id}/entries",
        (RECORD, OBJECT, "list_entry:read"),
        records.entries,
    ),
    (
        "GET",
        "objects/{object}/records/{record_id}/attributes/{attribute}/values",
        (RECORD, OBJECT),
        records.history,
    ),
    ("GET", "lists", (LIST,), lists.lists),
    ("POST", "lists", ("list_configuration:read-write",), lists.add_list),
    ("GET", "lists/{list}", (LIST,), lists.one_list),
    ("PATCH", "lists/{list}", ("list_configuration:read-write",), lists.change_list),
    ("POST", "lists/{list}/entries/query", READ_ENTRY, lists.query),
    ("POST", "lists/{list}/entries", WRITE_ENTRY, lists.create),
    ("PUT", "lists/{list}/entries", WRITE_ENTRY, lists.assert_one),
    ("GET", "lists/{list}/entries/{entry_id}", READ_ENTRY, lists.read),
    ("PATCH", "lists/{list}/entries/{entry_id}", WRITE_ENTRY, lists.change),
    ("PUT", "lists/{list}/entries/{entry_id}", WRITE_ENTRY, lists.change),
    ("DELETE", "lists/{list}/entries/{entry_id}", WRITE_ENTRY, lists.delete),
    ("GET", "lists/{list}/entries/{entry_id}/attributes/{attribute}/values", READ_ENTRY, records.history),
    ("GET", "notes", READ_NOTE, notes.some),
    ("POST", "notes", WRITE_NOTE, notes.create),
    ("GET", "notes/{note_id}", READ_NOTE, notes.read),
    ("PATCH", "notes/{note_id}", WRITE_NOTE, notes.change),
    ("DELETE", "notes/{note_id}", ("note:read-write",), notes.delete),
    ("GET", "tasks", READ_TASK, tasks.some),
    ("POST", "tasks", WRITE_TASK, tasks.create),
    ("GET", "tasks/{task_id}", READ_TASK, tasks.read),
    ("PATCH", "tasks/{task_id}", WRITE_TASK, tasks.change),
    ("DELETE", "tasks/{task_id}", ("task:read-write",), tasks.delete),
    ("GET", "workspace_members", (MEMBERS,), members),
    ("GET", "workspace_members/{member_id}", (MEMBERS,), one_member),
    *(
        (
            method,
            f"{{target={kind}}}/{{identifier}}/attributes{rest}",
            (f"{scope}_configuration:{need}",),
            handler,
        )
        for kind, scope in (("objects", "object"), ("lists", "list"))
        for method, rest, need, handler in (
            ("GET", "", "read", schema.attributes),
            ("POST", "", "read-write", schema.add_attribute),
            ("GET", "/{attribute}", "read", schema.one_attribute),
            ("PATCH", "/{attribute}", "read-write", schema.change_attribute),
            *(
                row
                for choices in ("options", "statuses")
                for row in (
                    ("GET", f"/{{attribute}}/{{choices={choices}}}", "read", schema.choices),
                    ("POST", f"/{{attribute}}/{{choices={choices}}}", "read-write", schema.add_choice),
                    (
                        "PATCH",
                        f"/{{attribute}}/{{choices={choices}}}/{{choice}}",
                        "read-write",
                        schema.change_choice,
                    ),
                )
            ),
        )
    ),
)
"""Method, path below /v2, scopes, handler. ``{name}`` captures anything, ``{name=word}`` only that word."""


class AttioDouble(Double):
    """Attio on loopback. *fresh* makes the seeded workspace, also after a reset."""

    def __init__(
        self,
        fresh: Callable[["AttioDouble"], World],
        *,
        latency_s: float = 0.0,
        state_file: Path | None = None,
    ) -> None:
        super().__init__(latency_s=latency_s, state_file=state_file)
        self._fresh = fresh
        self._routes: dict[tuple[str, int], list[Route]] = {}
        for method, path, scopes, handler in ROUTES:
            parts = tuple(path.split("/"))
            self._routes.setdefault((method, len(parts)), []).append((parts, scopes, handler))
        self.world = fresh(self)
        if state_file is not None and state_file.exists():
            asked = self.world.switches
            self.world.load_json(state_file.read_text(encoding="utf-8"))
            for rate in ("reads_per_s", "writes_per_s", "note_lists_per_s"):
                setattr(self.world.switches, rate, getattr(asked, rate))
        build_indexes(self.world)
        self.limit()

    def limit(self) -> None:
        """Take over the rate limits the switches name."""
        switches = self.world.switches
        self._reads = Bucket(self.clock, switches.reads_per_s)
        self._writes = Bucket(self.clock, switches.writes_per_s)
        self._note_lists = Bucket(self.clock, switches.note_lists_per_s)

    def answer(self, asked: Asked) -> Answer:
        """Token, rate, scope, route, then the handler; refusals in Attio's shape."""
        headers: dict[str, str] = {}
        try:
            body = self._answered(asked, headers)
            status = 200
        except ApiError as refused:
            status, body = refused.status, refused.body
            if status == 429:
                headers["retry-after"] = self.clock.http_date(1)
        headers["x-attio-execution-id"] = str(uuid4())
        return Answer(status, body, headers)

    def _answered(self, asked: Asked, headers: dict[str, str]) -> Any:
        token = self._token(asked)
        if asked.path == "/v2/self" and asked.method == "GET":
            return self._self(token)
        if token is None:
            raise ApiError(401, "unauthorized", "Missing or unknown access token.", kind="auth_error")
        parts = asked.path.removeprefix("/v2/").split("/") if asked.path.startswith("/v2/") else []
        self._spend(asked.method, parts)
        scopes, handler, names = self._route(asked, parts)
        missing = [scope for scope in scopes if not _granted(scope, token.scopes)]
        if missing:
            message = f"The token lacks the scopes {', '.join(missing)}."
            raise ApiError(403, "unauthorized", message, kind="auth_error")
        if asked.method in ("POST", "PUT", "PATCH") and "body is not JSON" in asked.notes:
            raise invalid(BODY_WRONG, issue((), "Expected a JSON object"))
        actor = {"type": "api-token", "id": token.token_id}
        call = Call(self.world, asked.method, names, asked.query, asked.body, actor, asked.notes, headers)
        return handler(call)

    def _token(self, asked: Asked) -> Token | None:
        header = asked.headers.get("authorization")
        if header is None:
            raise ApiError(401, "unauthorized", "The Authorization header is missing.", kind="auth_error")
        scheme, _, secret = header.partition(" ")
        token = self.world.tokens.get(secret.strip()) if scheme.lower() == "bearer" else None
        asked.caller = token.name if token else "unknown"
        return token if token and token.active else None

    def _spend(self, method: str, parts: list[str]) -> None:
        reading = method == "GET" or parts[-1:] in (["query"], ["search"])
        buckets = [self._reads if reading else self._writes]
        if reading and parts == ["notes"]:
            buckets.append(self._note_lists)
        if not all(bucket.take() for bucket in buckets):
            message = "Rate limit exceeded, try again later."
            raise ApiError(429, "rate_limit_exceeded", message, kind="rate_limit_error")

    def _route(self, asked: Asked, parts: list[str]) -> tuple[tuple[str, ...], Handler, dict[str, str]]:
        for pattern, scopes, handler in self._routes.get((asked.method, len(parts)), ()):
            names = _matched(pattern, parts)
            if names is not None:
                return scopes, handler, names
        raise ApiError(404, "not_found", f'Could not find endpoint "{asked.method} {asked.path}".')

    def _self(self, token: Token | None) -> Any:
        if token is None:
            return {"active": False}
        world = self.world
        return {
            "active": True,
            "scope": " ".join(token.scopes),
            "client_id": token.token_id,
            "token_type": "Bearer",
            "exp": None,
            "iat": token.issued_at,
            "sub": world.workspace_id,
            "aud": token.token_id,
            "iss": "attio.com",
            "authorized_by_workspace_member_id": world.members[0].member_id,
            "workspace_id": world.workspace_id,
            "workspace_name": world.name,
            "workspace_slug": world.slug,
            "workspace_logo_url": None,
        }

    def refusal(self, status: int) -> Answer:
        """An injected *status* in Attio's shape."""
        kinds = {429: ("rate_limit_error", "rate_limit_exceeded"), 401: ("auth_error", "unauthorized")}
        kind, code = kinds.get(status, ("api_error", "internal_error"))
        body = {"status_code": status, "type": kind, "code": code, "message": "Injected by the sandbox."}
        headers = {"x-attio-execution-id": str(uuid4())}
        if status == 429:
            headers["retry-after"] = self.clock.http_date(1)
        return Answer(status, body, headers)

    def injected(self, fault: Fault) -> bool:
        """A merge in progress belongs to a record, not to a request."""
        if fault.kind == "merge_in_progress":
            self.world.merging[fault.record_id] = fault.count
        return fault.kind == "merge_in_progress"

    def revision(self) -> int:
        return self.world.revision

    def snapshot(self) -> str:
        return self.world.to_json()

    def dump(self) -> Any:
        return admin.dump(self.world)

    def change(self, order: Any) -> Any:
        found = admin.change(self.world, order)
        self.limit()
        return found

    def reset(self) -> None:
        before = self.world.revision
        self.world = self._fresh(self)
        self.world.revision = before + 1
        build_indexes(self.world)
        self.limit()


def _granted(scope: str, scopes: list[str]) -> bool:
    return scope in scopes or (scope.endswith(":read") and f"{scope}-write" in scopes)


def _matched(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str] | None:
    """The names a path gives to *pattern*, None if it is another path."""
    names: dict[str, str] = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if not wanted.startswith("{"):
            if wanted != part:
                return None
            continue
        name, _, word = wanted[1:-1].partition("=")
        if not part or (word and word != part):
            return None
        names[name] = part
    return names
