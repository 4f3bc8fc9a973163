"""The double of a relay.

``POST /oauth2/token`` (form, JSON or Basic), ``POST /demo/pql-v1/leads`` (bearer), ``POST /relay`` (signed; 409 for an
event id it has).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from pqldesk.sandbox.double import Answer, Asked, BadOrder, Double

CLIENT, SECRET = "sandbox-workato-client", "sandbox-workato-secret"
SIGNING_KEY = "sandbox-relay-key"
MODES = ("ids", "empty", "text", "validation", "failed", "stopped")


@dataclass(slots=True)
class Recipe:
    """What the relay's owner has set, and what arrived."""

    mode: str = "ids"
    per_minute: int | None = None
    token_life_s: float = 3_599.0
    client_active: bool = True
    tokens: dict[str, float] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 0


class WorkatoDouble(Double):
    """One relay. *fresh* makes the seed, also after a reset."""

    def __init__(self, fresh: Callable[[], Recipe], *, latency_s: float, state_file: Path | None) -> None:
        super().__init__(latency_s=latency_s, state_file=state_file)
        self._fresh = fresh
        self.recipe = fresh()
        if state_file is not None and state_file.exists():
            self.recipe = Recipe(**json.loads(state_file.read_text(encoding="utf-8")))
        self._window: deque[float] = deque()

    def answer(self, asked: Asked) -> Answer:
        """Token, delivery, or nothing there."""
        asked.caller = "pqldesk"
        if asked.path == "/oauth2/token" and asked.method == "POST":
            return self._token(asked)
        if asked.method != "POST":
            return Answer(404, {"error": "Not found"})
        if asked.path == "/demo/pql-v1/leads":
            return self._delivered(asked) if self._let_in(asked) else Answer(401, {"error": "Unauthorized"})
        if asked.path == "/relay":
            return self._relayed(asked)
        return Answer(404, {"error": "Endpoint not found"})

    def _token(self, asked: Asked) -> Answer:
        kind = asked.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            given = {key: values[0] for key, values in parse_qs(asked.raw.decode("latin-1")).items()}
        elif kind.startswith("application/json") and isinstance(asked.body, dict):
            given = dict(asked.body)
        else:
            return Answer(400, {"error": "invalid_request"})
        header = asked.headers.get("authorization", "")
        if header.startswith("Basic "):
            name, _, word = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
            given |= {"client_id": name, "client_secret": word}
        asked.body = None  # secrets stay out of the log
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            return Answer(401, {"error": "invalid_client"})
        if not self.recipe.client_active:
            return Answer(401, {"error": "invalid_client", "error_description": "the client was revoked"})
        token = secrets.token_hex(32)
        self.recipe.tokens[token] = self.clock.time() + self.recipe.token_life_s
        self.recipe.revision += 1
        return Answer(
            200, {"access_token": token, "token_type": "bearer", "expires_in": int(self.recipe.token_life_s)}
        )

    def _let_in(self, asked: Asked) -> bool:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and self.recipe.tokens.get(token, 0) > self.clock.time()

    def _relayed(self, asked: Asked) -> Answer:
        made = "sha256=" + hmac.new(SIGNING_KEY.encode(), asked.raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made, asked.headers.get("x-pqldesk-signature", "")):
            return Answer(401, {"error": "the signature does not fit the body"})
        event_id = (asked.body or {}).get("event_id")
        if any(each["body"].get("event_id") == event_id for each in self.recipe.deliveries):
            return Answer(409, {"error": "this event was accepted already"})
        answer = self._delivered(asked)
        return Answer(202, {"id": f"q{len(self.recipe.deliveries)}"}) if answer.status < 300 else answer

    def _delivered(self, asked: Asked) -> Answer:
        recipe, now = self.recipe, self.clock.time()
        while self._window and self._window[0] <= now - 60:
            self._window.popleft()
        if recipe.per_minute is not None and len(self._window) >= recipe.per_minute:
            return Answer(429, {"error": "Too Many Requests"}, {"retry-after": "1"})
        self._window.append(now)
        if recipe.mode == "stopped":
            return Answer(404, {"error": "Endpoint is inactive"})
        body = asked.body
        if not isinstance(body, dict) or not body.get("email") or recipe.mode == "validation":
            return Answer(400, {"message": "email is missing", "errors": ["email"]})
        recipe.deliveries.append({"path": asked.path, "body": body})
        recipe.revision += 1
        if recipe.mode == "failed":  # the recipe fails after its steps have run
            return Answer(500, {"error": "Recipe failed"})
        number = len(recipe.deliveries)
        match recipe.mode:
            case "empty":
                return Answer(202, None)
            case "text":
                return Answer(200, html="OK")
        return Answer(200, {"job_id": f"j-{number}", "marketo_id": str(9_000 + number)})

    # What a double brings

    def refusal(self, status: int) -> Answer:
        return Answer(
            400 if status == 422 else status,
            {"error": "Injected by the sandbox."},
            {"retry-after": "1"} if status == 429 else {},
        )

    def revision(self) -> int:
        return self.recipe.revision

    def snapshot(self) -> str:
        return json.dumps(asdict(self.recipe))

    def dump(self) -> Any:
        return {"deliveries": self.recipe.deliveries, "mode": self.recipe.mode}

    def change(self, order: Mapping[str, Any]) -> Any:
        action = order.get("action")
        if action == "switch":
            for name, value in order.items():
                if name == "mode" and value not in MODES:
                    raise BadOrder(f"mode {value!r} is unknown; known: {', '.join(MODES)}")
                if name != "action":
                    if name not in ("mode", "per_minute", "token_life_s", "client_active"):
                        raise BadOrder(f"switch {name!r} is unknown")
                    setattr(self.recipe, name, value)
        elif action == "end_tokens":
            self.recipe.tokens.clear()
        elif action == "advance_clock":
            self.clock.advance(order["seconds"])
        else:
            raise BadOrder(f"action {action!r} is unknown; known: switch, end_tokens, advance_clock")
        self.recipe.revision += 1
        return {}

    def reset(self) -> None:
        before = self.recipe.revision
        self.recipe = self._fresh()
        self.recipe.revision = before + 1
        self._window.clear()
