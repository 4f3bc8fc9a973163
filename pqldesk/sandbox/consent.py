"""Sign-ins with a browser page: authorization code with PKCE, and refresh tokens that are replaced."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pqldesk.sandbox.clock import Clock
from pqldesk.sandbox.double import Answer, Asked

CODE_LIFE_S = 600.0
CALLBACKS = tuple(f"http://localhost:{port}/callback" for port in (17171, 17172, 17173))


class NoConsent(Exception):
    """Why the token endpoint refuses."""

    def __init__(self, error: str, said: str) -> None:
        super().__init__(said)
        self.error = error


@dataclass(slots=True)
class Consents:
    """Codes and refresh tokens given. *clients*: id -> secret, or None for an app without one.

    *rotate*: a refresh token dies with its use. *granted* None: whatever was asked for.
    """

    clients: dict[str, str | None]
    rotate: bool = True
    granted: list[str] | None = None
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    refresh: dict[str, dict[str, Any]] = field(default_factory=dict)

    def page(self, asked: Asked, clock: Clock) -> Answer:
        """GET shows what is asked for, POST is the person's answer (``decision`` allow or deny)."""
        given = dict(asked.query)
        wrong = self._wrong(given)
        if wrong:
            return Answer(400, html=f"<html><body>error: {escape(wrong)}</body></html>")
        if asked.method == "GET":
            fields = "".join(
                f'<input type="hidden" name="{escape(k, quote=True)}" value="{escape(v, quote=True)}">'
                for k, v in given.items()
            )
            buttons = "".join(f'<button name="decision" value="{x}">{x}</button>' for x in ("allow", "deny"))
            page = f"<form method=post>{fields}{buttons}</form>"
            return Answer(
                200, html=f"<html><body>PQLDesk asks for {escape(given['scope'])}{page}</body></html>"
            )
        decision = dict(parse_qsl(asked.raw.decode("latin-1"))).get("decision")
        asked.body = None
        back = {"state": given.get("state", "")}
        if decision == "allow":
            code = secrets.token_hex(16)
            self.codes[code] = {**given, "until": clock.time() + CODE_LIFE_S}
            back["code"] = code
        else:
            back |= {"error": "access_denied", "error_description": "end-user denied authorization"}
        return Answer(302, None, {"location": f"{given['redirect_uri']}?{urlencode(back)}"})

    def _wrong(self, given: Mapping[str, str]) -> str:
        if given.get("client_id") not in self.clients:
            return "invalid_client_id"
        if given.get("redirect_uri") not in CALLBACKS:
            return "redirect_uri_mismatch"
        if given.get("response_type") != "code":
            return "unsupported_response_type"
        if not given.get("code_challenge") or given.get("code_challenge_method", "S256") != "S256":
            return "invalid_request: a code challenge of method S256 is required"
        return "" if given.get("scope") and given.get("state") else "invalid_scope"

    def exchanged(self, form: Mapping[str, str], clock: Clock) -> dict[str, Any]:
        """What a token answer says of refresh token and scope. NoConsent where it is refused."""
        client, secret = form.get("client_id", ""), form.get("client_secret")
        if client not in self.clients or self.clients[client] != secret:
            raise NoConsent("invalid_client", "invalid client credentials")
        if form.get("grant_type") == "authorization_code":
            asked = self.codes.pop(form.get("code", ""), None)
            if asked is None or asked["until"] < clock.time() or asked["client_id"] != client:
                raise NoConsent("invalid_grant", "expired authorization code")
            if asked["redirect_uri"] != form.get("redirect_uri"):
                raise NoConsent("redirect_uri_mismatch", "redirect_uri must match configuration")
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
                raise NoConsent("invalid_grant", "invalid code verifier")
            scopes = asked["scope"].split() if self.granted is None else self.granted
            return self._given(client, scopes)
        held = self.refresh.get(form.get("refresh_token", ""))
        if held is None or held["dead"] or held["client"] != client:
            raise NoConsent("invalid_grant", "expired access/refresh token")
        if not self.rotate:
            return {"scope": " ".join(held["scopes"])}
        held["dead"] = True
        return self._given(client, held["scopes"])

    def _given(self, client: str, scopes: list[str]) -> dict[str, Any]:
        token = f"5Aep{secrets.token_hex(20)}"
        self.refresh[token] = {"client": client, "scopes": scopes, "dead": False}
        return {"refresh_token": token, "scope": " ".join(scopes)}

    def revoke(self) -> None:
        """The person takes every access back."""
        for held in self.refresh.values():
            held["dead"] = True
