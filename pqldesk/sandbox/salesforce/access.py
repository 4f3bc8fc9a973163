"""Who gets a token from the double of Salesforce: the app's own user, or a person who allowed it in a browser."""

import base64
import secrets
from typing import Any
from urllib.parse import parse_qsl, unquote

from pqldesk.sandbox.consent import NoConsent
from pqldesk.sandbox.double import Answer, Asked
from pqldesk.sandbox.salesforce.org import CLIENT_ID, CLIENT_SECRET, ORG_ID, ROBOT, USERS, Org

INSTANCE = "localhost"  # what the token answer names; the same port


def sign_in(org: Org, asked: Asked) -> Answer:
    """The page for the browser, and the token endpoint: forms only."""
    if asked.path == "/services/oauth2/authorize" and asked.method in ("GET", "POST"):
        org.revision += 1
        return org.consents.page(asked, org.clock)
    form = dict(parse_qsl(asked.raw.decode("latin-1")))
    asked.caller, asked.body = form.get("client_id", "pqldesk"), None
    if asked.path != "/services/oauth2/token" or asked.method != "POST":
        return Answer(404, {"error": "invalid_request", "error_description": "no such endpoint"})
    if not asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _refused(400, "invalid_request", "only forms are read")
    host = asked.headers.get("host", "")
    if not org.switches.app_enabled:
        return _refused(400, "invalid_grant", "the app has been blocked by the admin")
    match form.get("grant_type"):
        case "client_credentials" if not host.startswith(("login.", "test.")):
            basic = _basic(asked.headers.get("authorization", ""))
            given = basic or (form.get("client_id", ""), form.get("client_secret", ""))
            if given != (CLIENT_ID, CLIENT_SECRET):
                return _refused(401, "invalid_client", "invalid client credentials")
            return _session(org, host, ROBOT, {"scope": "api"})
        case "authorization_code" | "refresh_token":
            org.revision += 1
            try:
                return _session(org, host, USERS[0][1], org.consents.exchanged(form, org.clock))
            except NoConsent as refused:
                return _refused(400, refused.error, str(refused))
    return _refused(400, "unsupported_grant_type", "grant type not supported")


def _refused(status: int, error: str, said: str) -> Answer:
    return Answer(status, {"error": error, "error_description": said})


def _session(org: Org, host: str, user: str, more: dict[str, Any]) -> Answer:
    token = f"{ORG_ID}!{secrets.token_hex(24)}"
    org.sessions[token] = org.clock.time()
    org.revision += 1
    return Answer(
        200,
        {
            "access_token": token,
            "instance_url": f"http://{INSTANCE}:{host.partition(':')[2]}",
            "id": f"http://{host}/id/{ORG_ID}/{org.user(user)}",
            "token_type": "Bearer",
            "issued_at": str(int(org.clock.time() * 1000)),
            "signature": "sandbox",
            **more,
        },
    )


def _basic(header: str) -> tuple[str, str] | None:
    if not header.startswith("Basic "):
        return None
    try:
        name, _, word = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except ValueError:
        return None
    return unquote(name), unquote(word)
