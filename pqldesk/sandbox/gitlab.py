"""The double of GitLab's ``GET /api/v4/namespaces``: token, scope, pages by ``x-next-page``.

Admin actions: ``put`` {namespace: {id, name, path, kind, plan, trial, trial_ends_on}}, ``switch`` {key_holds, may_read,
per_minute}.
"""

import argparse
from collections.abc import Mapping
from typing import Any

from pqldesk.sandbox.double import Answer, Asked
from pqldesk.sandbox.pulled import Action, PulledDouble
from pqldesk.sandbox.pulled import add_options as add_options

TOKEN = "glpat-sandbox-token"  # noqa: S105
_KNOWN = {"top_level_only", "per_page", "page", "search", "owned_only", "full_path_search"}


def build(options: argparse.Namespace) -> "GitLabDouble":
    """The double those options describe."""
    return GitLabDouble(latency_s=options.latency / 1000)


class GitLabDouble(PulledDouble):
    """One GitLab."""

    def empty(self) -> None:
        self._namespaces: dict[int, dict[str, Any]] = {}

    def actions(self) -> dict[str, Action]:
        return {"put": self._put}

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("private-token") != TOKEN or not self.switches.key_holds:
            return Answer(401, {"message": "401 Unauthorized"})
        asked.caller = "access token"
        if not self.switches.may_read:
            return Answer(403, {"error": "insufficient_scope", "scope": "api read_api"})
        if self.is_too_much():
            return self.refusal(429)
        if asked.method != "GET" or asked.path != "/api/v4/namespaces":
            return Answer(404, {"error": "404 Not Found"})
        if set(asked.query) - _KNOWN:
            return Answer(400, {"error": f"{sorted(set(asked.query) - _KNOWN)[0]} is invalid"})
        size, number = int(asked.query.get("per_page", "20")), int(asked.query.get("page", "1"))
        size = min(size, 100)
        rows = sorted(self._namespaces.values(), key=lambda one: one["id"])
        if asked.query.get("top_level_only") == "true":
            rows = [one for one in rows if one.get("parent_id") is None]
        page = rows[(number - 1) * size : number * size]
        following = str(number + 1) if number * size < len(rows) else ""
        headers = {"x-page": str(number), "x-next-page": following, "x-per-page": str(size)}
        return Answer(200, page, headers)

    def _put(self, order: Mapping[str, Any]) -> None:
        given = dict(order["namespace"])
        usual = {"kind": "group", "parent_id": None, "plan": "free", "trial": False, "trial_ends_on": None}
        self._namespaces[int(given["id"])] = {**usual, **self._namespaces.get(int(given["id"]), {}), **given}

    def refusal(self, status: int) -> Answer:
        return Answer(status, {"message": "Injected."}, {"retry-after": "1"} if status == 429 else {})

    def dump(self) -> Any:
        return {"namespaces": list(self._namespaces.values())}
