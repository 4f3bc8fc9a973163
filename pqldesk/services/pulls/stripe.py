"""Stripe: first every customer and subscription, later its events, and each subscription of theirs as it is now.

Rules of the outside: lists come newest first, 100 at most, the next page by ``starting_after``; events are listed for
30 days only and carry the state of their moment, which may be old or out of order, so the subscription is read again
(docs.stripe.com; fields and filters from the classes of the vendor's library).
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net
from pqldesk.services.pulls.api import api, explained
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import Gone, RemoteProblem
from pqldesk.services.remote.rest import Answer, Rest

VERSION: Final = "2026-10-28.endive"  # one whose fields we know; without, the account's own shape comes
PAGE: Final = 100
PER_SECOND: Final = 10.0  # of 25 in a sandbox
OVERLAP_S: Final = 60
KEPT: Final = timedelta(
    days=29
)  # events are listed for 30 days; after a longer gap everything is walked again
TYPES: Final = (
    "customer.created", "customer.updated", "customer.deleted", "customer.subscription.created",
    "customer.subscription.updated", "customer.subscription.deleted", "customer.subscription.paused",
    "customer.subscription.resumed", "customer.subscription.trial_will_end",
)  # fmt: skip
_WALK: Final = ("customers", "subscriptions")


def opened(setup: Setup) -> Puller:
    """The puller of one account."""
    return Stripe(setup)


class Stripe:
    """One account."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._page = setup.number("page", PAGE, 1, PAGE)

    async def check(self, net: Net) -> str:
        """Whether the key may read what is pulled."""
        rest = self._rest(net)
        for one in (*_WALK, "events"):
            await rest.read("GET", f"/v1/{one}", params={"limit": "1"})
        return ""

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """A walk through everything, or what has happened since."""
        rest, now = self._rest(net), int(self._setup.now.timestamp())
        since = cursor.get("since")
        if since is None or datetime.fromtimestamp(since, self._setup.now.tzinfo) < self._setup.now - KEPT:
            walk = {"began": now} if since is not None or "began" not in cursor else dict(cursor)
            async for page in self._walked(rest, walk):
                yield page
            return
        async for page in self._happened(rest, int(since)):
            yield page

    async def _walked(self, rest: Rest, walk: dict[str, Any]) -> AsyncIterator[Page]:
        """Customers, then subscriptions; the cursor remembers the last id, so that a long walk goes on."""
        done = 0
        for kind in _WALK[_WALK.index(walk.get("kind", _WALK[0])) :]:
            after = walk.get("after") if walk.get("kind") == kind else None
            while True:
                query = {"limit": str(self._page), "starting_after": after}
                if kind == "subscriptions":
                    query |= {"status": "all", "expand[0]": "data.customer"}
                try:
                    found, has_more = await self._listed(rest, f"/v1/{kind}", query)
                except Gone:  # the last of the page before has been deleted since
                    after = None
                    continue
                done += len(found)
                after = str(found[-1]["id"]) if found else None
                is_last = not has_more and kind == _WALK[-1]
                stands = {"since": walk["began"]} if is_last else {**walk, "kind": kind, "after": after}
                if found or is_last:
                    yield Page(stands, found, saying=f"{done} customers and subscriptions")
                if not has_more:
                    break

    async def _happened(self, rest: Rest, since: int) -> AsyncIterator[Page]:
        """Events, the newest first as they come: the cursor moves with the last page, when all are stored."""
        newest, after, changed = since, None, dict[str, None]()
        query: dict[str, Any] = {f"types[{n}]": name for n, name in enumerate(TYPES)}
        query |= {"limit": str(self._page), "created[gte]": str(since - OVERLAP_S)}
        while True:
            found, has_more = await self._listed(rest, "/v1/events", {**query, "starting_after": after})
            for event in found:
                newest = max(newest, int(event.get("created") or 0))
                of_it = event.get("data", {}).get("object", {})
                if of_it.get("object") == "subscription":
                    changed[str(of_it["id"])] = None
            if found:
                after = str(found[-1]["id"])
                yield Page({"since": since}, found[::-1], saying=f"{len(found)} events")
            if not has_more:
                break
        now = []
        for number in changed:
            try:
                now.append(
                    await rest.read("GET", f"/v1/subscriptions/{number}", params={"expand[0]": "customer"})
                )
            except Gone:
                continue
        yield Page({"since": newest}, now, saying=f"{len(now)} subscriptions as they are now")

    async def _listed(
        self, rest: Rest, path: str, query: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], bool]:
        answer = await rest.read("GET", path, params=query)
        if (
            not isinstance(answer, dict)
            or answer.get("object") != "list"
            or not isinstance(answer["data"], list)
        ):
            raise RemoteProblem(_("Stripe did not answer with a list."), _("Check the address."))
        return answer["data"], bool(answer.get("has_more"))

    def _rest(self, net: Net) -> Rest:
        headers = {
            "Authorization": f"Bearer {self._setup.secrets['pull_token']}",
            "Stripe-Version": self._setup.chosen.get("version", "").strip() or VERSION,
        }
        return api(net, self._setup, headers, _explain, PER_SECOND)


def _said(answer: Answer) -> str:
    told = answer.body.get("error") if isinstance(answer.body, Mapping) else None
    return str(told.get("message") or told.get("code") or "") if isinstance(told, Mapping) else ""


def _explain(answer: Answer) -> RemoteProblem:
    told = answer.body.get("error") if isinstance(answer.body, Mapping) else None
    if isinstance(told, Mapping) and told.get("code") == "resource_missing":
        return Gone(_("Stripe has no such object: {said}").format(said=_said(answer)))
    return explained("Stripe", _said, _("read access to customers, subscriptions and events"))(answer)
