"""A relay: Workato's API platform, or any HTTP endpoint that takes signed JSON. One delivery carries
everything; what becomes of it in the CRM behind the relay is that relay's."""

import hashlib
import hmac
import json
from dataclasses import replace
from urllib.parse import urlsplit

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors.relay.answers import HasIt, explain, explain_token
from pqldesk.services.connectors.relay.payload import body_of, form_body
from pqldesk.services.remote.catalogue import (
    LIST_TITLES,
    LISTS,
    PRODUCT_QUALIFIED,
    SALES_QUALIFIED,
    WANTED,
    Catalogue,
    Mapped,
    RemoteField,
    RemoteList,
)
from pqldesk.services.remote.connector import Connector, Opening, Way
from pqldesk.services.remote.crm import Account, FormStep, Ref, RelayStep
from pqldesk.services.remote.rest import Answer, retry_after_s
from pqldesk.services.remote.tokens import Grant, Tokens

BUDGET = (1.0, 1.0)  # 60 a minute: below every documented limit
SLOW_S = 40.0  # a recipe may run for 30 s before Workato gives up on it
FULL_S = 30.0  # how long a 429 asks for that does not say
SIGNATURE, EVENT = "X-PQLDesk-Signature", "X-PQLDesk-Event-Id"
_NO_PLACE = ("list.pql.score", "list.pql.claimed_by", "list.pql.claimed_at", "deal.pqldesk_id", "deal.value")


class Relay(Connector):
    """A connected relay (services/remote/crm.py says what each call promises)."""

    def __init__(self, title: str, opening: Opening) -> None:
        """The address is the whole endpoint. Secrets: client_id and client_secret, or signing_key.

        Chosen: rate, environment, token_url, dedup_header.
        """
        self.title = title
        secrets, chosen, url = opening.secrets, opening.chosen, opening.url
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        self._path = url.removeprefix(base) or "/"
        self._signing_key = secrets.get("signing_key")
        self._environment = chosen.get("environment", "production")
        self._dedup_header = chosen.get("dedup_header", EVENT)
        budget = opening.budget(BUDGET)
        self._tokens: Tokens | None = None
        self._client = (secrets.get("client_id", ""), secrets.get("client_secret", ""))
        if secrets.get("client_id"):
            token_url = chosen.get("token_url", f"{base}/oauth2/token")
            at = urlsplit(token_url)
            self._token_path = token_url.removeprefix(f"{at.scheme}://{at.netloc}")
            door = replace(opening, url=f"{at.scheme}://{at.netloc}")
            self._door = door.rest(title, explain_token(title), budget)
            self._tokens = Tokens(self._fetch)
        self._rest = replace(opening, url=base).rest(
            title,
            explain(title),
            budget,
            tokens=self._tokens,
            ran_out=_refused,
            stay_away_s=lambda answer: retry_after_s(answer.headers, default=FULL_S),
            slow_s=SLOW_S,
        )
        # It tells nobody what it has, so that there is nothing to find: but until a recipe whose answer was lost has
        # ended, a second delivery would run beside the first.
        self.ways = {RelayStep: Way(self._deliver, once=False), FormStep: Way(self._deliver)}

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        """A relay takes every field under our own name."""

    async def account(self) -> Account:
        if self._tokens is not None:
            await self._tokens.grant()
        return Account("", frozenset())

    async def catalogue(self) -> Catalogue:
        """Nothing can be discovered: every field of ours goes under our own name, and every stage and list."""
        return Catalogue(
            person_fields=tuple(
                RemoteField(name, name, kinds[0]) for name, kinds in WANTED["person"].items()
            ),
            deal_fields=(),
            stages=(PRODUCT_QUALIFIED, SALES_QUALIFIED),
            lists=tuple(RemoteList(LISTS[key][0], title) for key, title in LIST_TITLES.items()),
            usual=dict.fromkeys(_NO_PLACE, ""),
        )

    async def _deliver(self, step: RelayStep | FormStep) -> Ref:
        made = form_body if isinstance(step, FormStep) else body_of
        body = made(step, self._environment)  # type: ignore[arg-type]  # each takes the step it was chosen for
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", self._dedup_header: step.event_id}
        if self._signing_key:
            headers[SIGNATURE] = signature(self._signing_key, content)
        try:
            answer = await self._rest.write("POST", self._path, raw=content, headers=headers)
        except HasIt:
            answer = None
        return Ref(
            _id_in(answer) or step.event_id,
            said=_("Accepted by {title}; not yet seen in the CRM behind it.").format(title=self.title),
        )

    async def _fetch(self) -> Grant:
        client_id, secret = self._client
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        body = await self._door.read("POST", self._token_path, form=form)
        lasts = body.get("expires_in")
        return Grant(body["access_token"], lasts_s=float(lasts) if lasts else None)


def signature(key: str, content: bytes) -> str:
    """``sha256=HEX``: HMAC of the body as sent."""
    return "sha256=" + hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def _id_in(answer: object) -> str | None:
    """An id worth keeping, where the relay's owner answers with one."""
    if isinstance(answer, dict):
        for name in ("id", "job_id", "salesforce_id", "marketo_id"):
            if answer.get(name):
                return str(answer[name])
    return None


def _refused(answer: Answer) -> bool:
    return answer.status == 401
