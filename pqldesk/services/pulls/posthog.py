"""PostHog, by HogQL over its private API: events in the order in which they were taken in, page by key.

Rules of the outside: an OFFSET is refused for personal keys and a query without LIMIT gives 100 rows, so pages follow
a key; answers are cached unless ``force_blocking`` is asked for; 240 queries a minute are shared by the whole team
(posthog: rate_limit.py, hogql/constants.py, user_query_validator.py).
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net
from pqldesk.services.pulls.api import api
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer

PAGE: Final = 5_000
PER_SECOND: Final = 3.0  # of 4 that the team has
OVERLAP: Final = timedelta(minutes=10)  # taken in by several workers: rows may become visible out of order
# What the browser library sends by itself and nobody did; most of a project's rows. ``automatic=yes`` pulls them too.
AUTOMATIC: Final = (
    "$autocapture", "$pageleave", "$feature_flag_called", "$exception", "$web_vitals", "$$heatmap", "$snapshot",
    "$rageclick", "$dead_click", "$opt_in",
)  # fmt: skip
COLUMNS: Final = {  # ours: theirs
    "uuid": "toString(uuid)",
    "event": "event",
    "distinct_id": "distinct_id",
    "person_id": "toString(person_id)",
    "timestamp": "timestamp",
    "created_at": "created_at",
    "properties": "properties",
    "person_properties": "person.properties",
}
_CLOCKS: Final = ("created_at", "timestamp")


def opened(setup: Setup) -> Puller:
    """The puller of one project. BadInput when a setting cannot be used."""
    return PostHog(setup)


class PostHog:
    """One project."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._project = setup.wanted("project", "12345")
        if not self._project.isalnum():
            raise BadInput(
                _("project={project} is no project id.").format(project=self._project),
                _("It is the number in the address of the project."),
            )
        self._page = setup.number("page", PAGE, 1, 50_000)
        self._clock = setup.chosen.get("by", "") or _CLOCKS[0]
        if self._clock not in _CLOCKS:
            raise BadInput(
                _("by={clock} is unknown.").format(clock=self._clock),
                _("Known: {known}.").format(known=", ".join(_CLOCKS)),
            )
        self._everything = setup.chosen.get("automatic", "").lower() in ("yes", "true", "1")

    async def check(self, net: Net) -> str:
        """Whether the key may query the project."""
        await self._rows(net, "SELECT 1")
        return f"project {self._project}"

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Events after the cursor, and again those of the ten minutes before it."""
        known = cursor.get("at")
        begin = datetime.fromisoformat(known) - OVERLAP if known else self._setup.since()
        after: tuple[str, str] | None = None
        while True:
            found = await self._rows(net, self._query(begin, after))
            items = [_item(row) for row in found]
            if not items:
                return
            last = items[-1]
            at = str(last[self._clock])
            after = (_literal(at), str(last["uuid"]))
            # The overlap of a run without news must not move the cursor back.
            stands = max(_moment(at), _moment(known)) if known else _moment(at)
            yield Page({"at": stands.isoformat()}, items, saying=f"events up to {stands:%Y-%m-%d %H:%M}")
            if len(items) < self._page:
                return

    def _query(self, begin: datetime, after: tuple[str, str] | None) -> str:
        clock = self._clock
        where = [f"{clock} >= {_literal(begin.isoformat())}"]
        if after is not None:
            at, uuid = after
            where.append(f"({clock} > {at} OR ({clock} = {at} AND toString(uuid) > '{uuid}'))")
        if not self._everything:
            where.append(f"event NOT IN {AUTOMATIC!r}")
        columns = ", ".join(f"{theirs} AS {ours}" for ours, theirs in COLUMNS.items())
        return (
            f"SELECT {columns} FROM events WHERE {' AND '.join(where)}"  # noqa: S608 - made of times and ids we checked
            f" ORDER BY {clock}, toString(uuid) LIMIT {self._page}"
        )

    async def _rows(self, net: Net, query: str) -> list[list[Any]]:
        key = {"Authorization": f"Bearer {self._setup.secrets['pull_token']}"}
        rest = api(net, self._setup, key, _explain, PER_SECOND)
        body = {
            "query": {"kind": "HogQLQuery", "query": query},
            "name": "pqldesk events",
            "refresh": "force_blocking",
        }
        answer = await rest.read("POST", f"/api/projects/{self._project}/query/", body=body)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("results"), list):
            raise RemoteProblem(
                _("PostHog did not answer with rows."), _("Check the address: it is the one of the app.")
            )
        found: list[list[Any]] = answer["results"]
        return found


def _item(row: list[Any]) -> dict[str, Any]:
    """A row as batch exports write it: properties as objects."""
    item = dict(zip(COLUMNS, row, strict=True))
    for name in ("properties", "person_properties"):
        if isinstance(item[name], str):
            try:
                item[name] = msgspec.json.decode(item[name])
            except msgspec.DecodeError:
                item[name] = {}
    return item


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _literal(text: str) -> str:
    at = _moment(text).astimezone(UTC)
    return f"toDateTime64('{at:%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')"


def _explain(answer: Answer) -> RemoteProblem:
    told = answer.body if isinstance(answer.body, Mapping) else {}
    said = str(told.get("detail") or f"status {answer.status}")
    match answer.status:
        case 401:
            return Held(
                _("PostHog does not know the personal key."),
                _("Make one with the scope query:read and connect again with --secret-env pull_token=NAME."),
            )
        case 403:
            return Held(
                _("The personal key may not query: {said}").format(said=said),
                _("Give it the scope query:read."),
            )
        case 404:
            return Held(_("PostHog has no such project."), _("Connect again with --set project=NUMBER."))
    return Refused(
        _("PostHog refused the query: {said}").format(said=said), _("Look at docs/sync.md, PostHog.")
    )
