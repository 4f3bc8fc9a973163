"""OAuth 2.0 as a desktop program does it: authorization code with PKCE and a loopback redirect (RFC 7636, RFC 8252),
and refreshing with rotation."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.rest import Rest
from pqldesk.services.remote.tokens import Grant

REFRESH = "refresh_token"


@dataclass(frozen=True, slots=True)
class Asking:
    """One sign-in on its way: what the browser opens, and what must come back."""

    address: str
    state: str
    verifier: str
    redirect: str


def asking(authorize_url: str, client_id: str, scopes: tuple[str, ...], redirect: str) -> Asking:
    """A fresh sign-in, with a state and a verifier that nobody else knows."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    return Asking(f"{authorize_url}?{urlencode(query)}", state, verifier, redirect)


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def code_in(title: str, asked: Asking, address: str) -> str:
    """The code in the *address* that the browser was sent to. Raises Held where it is none, or not of this sign-in."""
    given = {key: values[0] for key, values in parse_qs(urlsplit(address.strip()).query).items()}
    if not secrets.compare_digest(given.get("state", "").encode(), asked.state.encode()):
        raise Held(
            _("That address does not belong to this sign-in."), _("Start again and use the newest address.")
        )
    if "code" not in given:
        why = given.get("error_description") or given.get("error") or _("no code came back")
        raise Held(
            _("{title} gave no access: {why}.").format(title=title, why=why),
            _("Start again and allow it there."),
        )
    return given["code"]


class Refreshing:
    """Access tokens from a refresh token. A refresh token that the server replaced is stored before anything uses
    the access token that came with it; between the server's answer and the store nothing else happens."""

    def __init__(
        self,
        opening: Opening,
        door: Rest,
        path: str,
        read: Callable[[Mapping[str, Any]], Grant],
    ) -> None:
        """*door* asks without a token; *read* makes the grant of an answer."""
        self._opening = opening
        self._door = door
        self._path = path
        self._read = read
        self._token = opening.secrets[REFRESH]

    async def fetch(self) -> Grant:
        """The next grant. Raises Held where the sign-in is over."""
        await self._newer()
        try:
            body = await self._asked()
        except Held:
            if not await self._newer():  # another process may have replaced it just now
                raise
            body = await self._asked()
        fresh = body.get(REFRESH)
        if fresh and fresh != self._token:
            await self._opening.keep(REFRESH, fresh)
            self._token = fresh
        return self._read(body)

    async def _asked(self) -> Mapping[str, Any]:
        held = self._opening.secrets
        form = {"grant_type": REFRESH, REFRESH: self._token, "client_id": held["client_id"]}
        if held.get("client_secret"):
            form["client_secret"] = held["client_secret"]
        # Not tried again by itself: where the answer is lost the old token may be dead already.
        body: Mapping[str, Any] = await self._door.write("POST", self._path, form=form)
        return body

    async def _newer(self) -> bool:
        """Whether another one is stored by now; it is taken."""
        stored = await self._opening.again(REFRESH) if self._opening.again else None
        if stored is None or stored == self._token:
            return False
        self._token = stored
        return True


def explain_refused(title: str, name: str, said: str) -> Held:
    """What a refresh token that was revoked, or has died, means."""
    return Held(
        _("{title} does not accept the sign-in any more: {said}.").format(title=title, said=said),
        _("Sign in again: pqldesk connect {name} --sign-in.").format(name=name),
    )


def missing_scopes(title: str, granted: str, wanted: tuple[str, ...]) -> str | None:
    """One sentence about the scopes that were not granted."""
    lacking = [scope for scope in wanted if scope not in granted.split()]
    if not granted or not lacking:
        return None
    return _("{title} did not grant {known}: allow it in the app there and sign in again.").format(
        title=title, known=", ".join(lacking)
    )
