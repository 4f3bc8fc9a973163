"""GitLab's top-level namespaces, for the ends of their trials (doc/api/namespaces.md; pages by ``x-next-page``)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net
from pqldesk.services.pulls.api import api, explained
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import RemoteProblem
from pqldesk.services.remote.rest import Answer

PAGE: Final = 100
PER_SECOND: Final = 5.0
_WATCHED: Final = ("name", "plan", "trial", "trial_ends_on")


def opened(setup: Setup) -> Puller:
    """The puller of one GitLab."""
    return GitLab(setup)


class GitLab:
    """One GitLab, as the owner of the token sees it."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._next = ""

    async def check(self, net: Net) -> str:
        """Whether the token may read namespaces."""
        await self._read(net, 1, per_page=1)
        return ""

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Namespaces with a trial that changed since they were last seen; the list has no order in time, so it is
        walked whole."""
        known: dict[str, str] = dict(cursor.get("known") or {})
        number = 1
        while number:
            found = await self._read(net, number)
            items = []
            for one in found:
                if not one.get("trial_ends_on") or one.get("kind") == "user":
                    continue
                shown = "|".join(str(one.get(name)) for name in _WATCHED)
                if known.get(str(one["id"])) != shown:
                    known[str(one["id"])] = shown
                    items.append(one)
            number = int(self._next) if self._next.isdigit() else 0
            yield Page({"known": dict(known)}, items, saying=f"{len(known)} namespaces with a trial")

    async def _read(self, net: Net, number: int, per_page: int = PAGE) -> list[dict[str, Any]]:
        rest = api(
            net,
            self._setup,
            {"PRIVATE-TOKEN": self._setup.secrets["pull_token"]},
            _EXPLAIN,
            PER_SECOND,
            self._seen,
        )
        query = {"top_level_only": "true", "per_page": str(per_page), "page": str(number)}
        answer = await rest.read("GET", "/api/v4/namespaces", params=query)
        if not isinstance(answer, list):
            raise RemoteProblem(
                _("GitLab did not answer with a list."), _("Check the address: it is the root of GitLab.")
            )
        return answer

    def _seen(self, answer: Answer) -> None:
        self._next = (answer.headers.get("x-next-page") or "").strip()


def _said(answer: Answer) -> str:
    told = answer.body if isinstance(answer.body, Mapping) else {}
    return str(told.get("message") or told.get("error") or "")


_EXPLAIN: Final = explained("GitLab", _said, _("the scope read_api"))
