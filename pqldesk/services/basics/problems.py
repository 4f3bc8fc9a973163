"""Problems worth telling the user about; anything else is a bug.

Problem
  NotFound            a lead, task, item ... that does not exist
  NotAllowed          an action the record's state or another person's claim rules out
    AlreadyClaimed
  BadInput            a value, file or option that cannot be used
  WorkspaceProblem    the database cannot be opened, read or written
    WorkspaceOnlyRead it cannot be written where it lies; it is looked at
    WorkspaceBusy     another process writes and does not let go; nothing was done, and it may be done again
    WorkspaceAway     its server does not answer just now; what is on screen stays, and it is tried again
  RemoteProblem       another system did not do what was asked (services/remote/problems.py draws its tree)
"""

from collections.abc import Callable

from pqldesk.services.basics.texts import _


class Problem(Exception):
    """Something the user can act on: *what* happened, and *remedy*: what to do now."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what = what
        self.remedy = remedy


class NotFound(Problem):
    """Something named by the user does not exist."""


class NotAllowed(Problem):
    """The record's state, or somebody else's claim, rules the action out."""


class NoPermission(NotAllowed):
    """Somebody with another role may do it."""


class AlreadyClaimed(NotAllowed):
    """Another rep has the lead. *owner* is their e-mail, *since* the ISO time of their claim."""

    def __init__(self, lead: str, owner: str, since: str) -> None:
        super().__init__(
            _("{lead} was already claimed by {owner} at {since}.").format(
                lead=lead, owner=owner, since=since
            ),
            _("Ask them to release it, or pick another lead."),
        )
        self.owner = owner
        self.since = since


class BadInput(Problem):
    """A value, a file or an option that cannot be used."""


class RepUnknown(BadInput):
    """Nobody has said yet whose work this is."""

    def __init__(self) -> None:
        super().__init__(
            _("It is not known who you are."), _("Give --rep EMAIL, or set it: settings set rep EMAIL.")
        )


class WorkspaceProblem(Problem):
    """The workspace cannot be opened, read or written."""


class WorkspaceOnlyRead(WorkspaceProblem):
    """The workspace can be looked at and not written."""


class WorkspaceBusy(WorkspaceProblem):
    """Another process writes the workspace. Nothing was done; *again* does it again, where somebody waits for that."""

    again: Callable[[], object] | None = None


class WorkspaceAway(WorkspaceProblem):
    """The server of the workspace does not answer just now."""
