"""What a command is given: its arguments, the workspace, the moment, and who is asking."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics import clock
from pqldesk.services.basics.places import place_of
from pqldesk.services.basics.problems import BadInput, RepUnknown, WorkspaceBusy
from pqldesk.services.basics.texts import _
from pqldesk.services.schedule import is_due, settle
from pqldesk.services.team.logins import refuse_other_name
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

P = ParamSpec("P")
T = TypeVar("T")


class Context:
    """One call of the command line."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.now = clock.now()
        self._workspace: Workspace | None = None

    @property
    def form(self) -> str:
        """table, json or csv."""
        return str(getattr(self.args, "format", "table"))

    @property
    def place(self) -> Path | str:
        return place_of(getattr(self.args, "workspace", None))

    @contextmanager
    def open(self, *, create: bool = False, writes: bool = False) -> Iterator[Workspace]:
        """The workspace, open for the length of the command; *create* makes it when it is missing.

        A command that *writes* elsewhere too, or may create, is refused at once where nothing can be written; others
        only where they come to it.
        """
        self._workspace = workspace = open_workspace(self.place, create=create)
        try:
            if (create or writes) and (why := workspace.db.only_looked_at) is not None:
                raise why
            yield workspace
        finally:
            self._workspace = None
            workspace.close()

    @property
    def workspace(self) -> Workspace:
        if self._workspace is None:
            raise RuntimeError("the command has not opened the workspace")
        return self._workspace

    def read(self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query and wait for its answer."""
        return self.workspace.db.read(query, *args, **kwargs).result()

    def write(self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a command and wait until it is committed."""
        return self.workspace.db.write_asked(command, *args, **kwargs).result()

    @property
    def is_past(self) -> bool:
        """Whether the answer is for a moment the user named."""
        return self.option("as_of") is not None or self.option("known_at") is not None

    @property
    def at(self) -> datetime:
        """The moment to answer for: --as-of, else now."""
        return self._moment("as_of", "--as-of") or self.now

    @property
    def known_at(self) -> datetime | None:
        return self._moment("known_at", "--known-at")

    @property
    def rep(self) -> str:
        """Who is asking: --rep, else the setting. RepUnknown when neither is there."""
        found = self.rep_if_known
        if not found:
            raise RepUnknown
        return found

    @property
    def rep_if_known(self) -> str:
        given = str(self.option("rep") or "").strip()
        if not given:
            return self.read(settings.value, "rep")
        name, _at, domain = given.rpartition("@")
        if not (name and domain and given.isprintable()) or " " in given:
            raise BadInput(
                _("{given!r} is no e-mail address of a rep.").format(given=given),
                _("Write it like kim@example.com."),
            )
        self.read(refuse_other_name, given)
        return given

    def option(self, name: str) -> Any:
        """The value of an option, None where it was not given."""
        return getattr(self.args, name, None)

    def _moment(self, name: str, option: str) -> datetime | None:
        text = self.option(name)
        if text is None:
            return None
        return clock.parse_moment(text, self.read(settings.zone), option)

    def moment_of(self, text: str, option: str) -> datetime:
        """A moment the user wrote; a date alone is the end of that day in the workspace's zone."""
        return clock.parse_moment(text, self.read(settings.zone), option)

    def day_of(self, text: str, option: str) -> datetime:
        """When a day the user wrote began in the workspace's zone; a moment is itself."""
        at = self.moment_of(text, option)
        return at - timedelta(days=1) if len(text.strip()) == 10 else at

    def settle(self) -> None:
        """Before what is shown live: leases that lapsed, sleepers that are due, windows that closed."""
        if self.is_past or self.workspace.db.only_looked_at is not None:
            return
        if self.read(is_due, self.now):
            with suppress(
                WorkspaceBusy
            ):  # what falls due is shown as it stands, and done by whoever comes next
                self.write(settle, self.now)
