"""What a system that is pulled must offer. Everything else (cursor, retries, schedule, health) is the runner's.

How to write one, in services/pulls/NAME.py:

* A `Puller` is opened with a `Setup` and asked for `pages(net, cursor)`. It yields each page with the cursor that
  stands for everything up to and with it. The runner stores page and cursor in one transaction; killed at any moment,
  it goes on from the last cursor that was stored. *cursor* is an object of JSON with keys of the puller's own, empty
  at the first run; one source may keep several streams under several keys.
* Ask again from a little before the cursor (late rows, equal times): events are known by their ids, so what is here
  already is dropped. A cursor never moves past what a system may still fill in.
* What a page brings is either *items*, in the form that services/calls/NAME.py reads, or *keep*, a command of the
  puller's own for rows that are no calls, such as deals; or both. Both must be all right to repeat.
* Items are kept raw together with the cursor, and become usage, scores and playbooks by the event rules right after,
  in short transactions; what a kill leaves in between, the next run derives. *keep* runs in the cursor's transaction:
  keep it under some hundred rows, so that a window beside it stays smooth.
* Every failure is a RemoteProblem (services/remote/rest.py raises them): `Held` waits for a person, `RateLimited`
  says how long to stay away, everything else is tried again later. Being cancelled at any `await` is normal.
* `check(net)` answers with the account's name, for `connect`.

Then name it in services/pulls/__init__.py.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from sqlalchemy.orm import Session

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.net import Net

Cursor: TypeAlias = Mapping[str, Any]
Item: TypeAlias = Mapping[str, Any]
Keep: TypeAlias = Callable[[Session, datetime, int | None], Stored]
"""A command (session, received at, batch) that stores rows which are no calls."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what a system holds, and the cursor once it is stored. *saying* tells people how far that is."""

    cursor: Cursor
    items: Sequence[Item] = ()
    keep: Keep | None = None
    saying: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a puller is opened with: the connection, its secrets by field, what --set chose, and the moment.

    *source* is what its rows are stored under; *options* say how times without a zone are read.
    """

    source: str
    title: str
    url: str
    secrets: Mapping[str, str]
    chosen: Mapping[str, str]
    now: datetime
    options: ValueOptions = field(default_factory=ValueOptions)

    def wanted(self, name: str, example: str) -> str:
        """A setting that has to be there. BadInput saying how to give it."""
        found = self.chosen.get(name, "").strip()
        if not found:
            raise BadInput(
                _("{title} needs its {replace}.").format(title=self.title, replace=name.replace("_", " ")),
                _("Connect it with --set {name}={example}.").format(name=name, example=example),
            )
        return found

    def number(self, name: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number that was chosen, or *default*. BadInput when it is none."""
        text = self.chosen.get(name, "").strip()
        if not text:
            return default
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            raise BadInput(
                _("{name}={text} cannot be used for {title}.").format(name=name, text=text, title=self.title),
                _("Give a whole number from {least} to {most}.").format(least=least, most=most),
            )
        return int(text)

    def since(self) -> datetime:
        """From when on the first run looks: ``since`` as an ISO date or time, else 90 days ago."""
        from pqldesk.services.basics.clock import parse_moment

        text = self.chosen.get("since", "").strip()
        if not text:
            return self.now - timedelta(days=FIRST_DAYS)
        if len(text) == 10:
            text += "T00:00:00"
        return parse_moment(text, self.options.zone, "since")


FIRST_DAYS = 90


@dataclass(frozen=True, slots=True)
class TheirColumn:
    """One column of a table that is read. *part*: which of several tables it is of, "" where there is one."""

    part: str
    name: str
    kind: str


class Puller(Protocol):
    """One connected system, as the runner uses it."""

    async def check(self, net: Net) -> str:
        """The account's name, "" where it has none. Raises Held when the credential does not hold."""
        ...

    def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """What has come since *cursor*, the oldest first, until nothing is left."""
        ...
