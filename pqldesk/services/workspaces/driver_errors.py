"""A database's errors as sentences: what happened, to which workspace, what to do."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from pqldesk.models import rights
from pqldesk.models.write_turn import error_code
from pqldesk.services.basics.places import shown
from pqldesk.services.basics.problems import (
    NoPermission,
    NotAllowed,
    Problem,
    WorkspaceAway,
    WorkspaceBusy,
    WorkspaceProblem,
)
from pqldesk.services.basics.texts import _
from pqldesk.services.workspaces.backup import damaged, soundness_flaw


def explained(problem: Exception, place: Path | str) -> Exception:
    """A driver's error as a sentence, where the user can do something about it; else the error itself."""
    if isinstance(problem, Problem):
        return problem
    cause: object = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, sqlite3.Error):
        return _explained_sqlite(cause, place) or problem
    return problem if isinstance(place, Path) else _explained_postgres(problem, cause, place)


_HELD = "55P03"
_POSTGRES = {  # by SQLSTATE
    "42501": (_("does not let you do this"), _("Ask its owner for the rights to read and write its tables.")),
    "25006": (_("can only be read"), _("Open the primary server, not its copy.")),
    "53100": (_("cannot grow: the disk of its server is full"), _("Free some space there and do it again.")),
    "53300": (_("has no connection left"), _("Close other programs that use it, or try again in a moment.")),
    "55P03": (_("is being written by another program"), _("Try again in a moment.")),
}


_LOST = frozenset(
    {"OperationalError", "InterfaceError"}
)  # psycopg's, where the connection broke or was never made
_RESTARTS = (
    "the database system is",
    "terminating connection",
)  # shutting down, starting up, ended by a person
_BY_ROLE = frozenset({"only_managers", "only_admins"})
_REFUSED = {  # by the key that models/rights.sql refuses with: what, and what to do now
    "anothers_claim": (
        _("{about} has claimed it, and only they, a manager or an admin can change that."),
        _("Ask them to release it, or pick another lead."),
    ),
    "anothers": (_("That is {about}'s, and only they can change it."), _("Ask them, or a manager.")),
    "not_your_name": (
        _("The team's database takes nothing signed by {about}: you come by another login."),
        _("Leave --rep out, or open the workspace with their URL."),
    ),
    "not_added_by_you": (_("Only what you added yourself can go."), _("Ask a manager.")),
    "lease_too_long": (
        _("A claim cannot last longer than the workspace's lease."),
        _("Check this computer's clock."),
    ),
    "new_and_decided": (
        _("{about} is new: nobody has won, lost or handed off a new lead."),
        _("Add it first, then say what became of it."),
    ),
    "other_than_handoff": (
        _("A write ({about}) belongs to the lead and the purpose of its handoff."),
        _("Hand the lead off: pqldesk handoff LEAD."),
    ),
    "only_managers": (_("Managers and admins change this ({about})."), _("Ask one of them.")),
    "only_admins": (_("Only admins change this."), _("Ask one: pqldesk team list.")),
    "not_yourself": (_("Nobody takes their own login away."), _("Ask another admin.")),
    "not_of_this_workspace": (_("{about} is no login of this workspace."), _("See: pqldesk team list.")),
    "history_stays": (_("History is only added to."), ""),
}


def _explained_postgres(problem: Exception, cause: object, place: Path | str) -> Exception:
    if getattr(cause, "sqlstate", None) == rights.REFUSED:
        said: Any = getattr(cause, "diag", None)
        what, remedy = _REFUSED[said.message_primary]
        refusal = NoPermission if said.message_primary in _BY_ROLE else NotAllowed
        return refusal(what.format(about=said.message_detail or _("Somebody else")), remedy)
    if known := _POSTGRES.get(str(getattr(cause, "sqlstate", None))):
        what, remedy = known
        if "permission denied" in str(cause):
            what += f" ({str(cause).splitlines()[0]})"
        kind = WorkspaceBusy if getattr(cause, "sqlstate", None) == _HELD else WorkspaceProblem
        return kind(_("The database {place} {what}.").format(place=shown(place), what=what), remedy)
    if _LOST.isdisjoint(kind.__name__ for kind in type(cause).__mro__):
        return problem
    said = (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(".")
    _before, was_refused, reason = said.rpartition("FATAL:")
    if "too many" in reason:  # clients, or connections of a role: without a code while connecting
        what, remedy = _POSTGRES["53300"]
        return WorkspaceAway(_("The database {place} {what}.").format(place=shown(place), what=what), remedy)
    if was_refused and not any(words in reason for words in _RESTARTS):
        return WorkspaceProblem(
            _("The database {place} refused the connection: {reason}.").format(
                place=shown(place), reason=reason.strip()
            ),
            _("Check its name, the user and the password in the URL."),
        )
    return WorkspaceAway(
        _("The database {place} did not answer: {said}.").format(place=shown(place), said=said),
        _("Check that it is running, and the host and port in the URL."),
    )


_SQLITE = {  # by what it says
    "database is locked": (_("is being written by another program"), _("Try again in a moment.")),
    "disk is full": ("cannot grow: the disk is full", _("Free some space and do it again.")),
    "readonly database": (_("can only be read"), _("Ask for write access to the file and its folder.")),
    "not a database": (_("is not a PQLDesk workspace"), _("Choose another file with --workspace.")),
    "unable to open": (_("cannot be opened"), _("Check the path and the access rights of its folder.")),
    "disk I/O": (_("cannot be read or written: its disk refused"), _("Check the disk, then try again.")),
}


def _explained_sqlite(cause: sqlite3.Error, place: Path | str) -> WorkspaceProblem | None:
    if error_code(cause) == sqlite3.SQLITE_CORRUPT:
        return _broken_off(place)
    for sign, (what, remedy) in _SQLITE.items():
        if sign in str(cause):
            kind = (
                WorkspaceBusy
                if error_code(cause) == sqlite3.SQLITE_BUSY or "locked" in sign
                else WorkspaceProblem
            )
            return kind(_("The workspace {place} {what}.").format(place=shown(place), what=what), remedy)
    return None


def _broken_off(place: Path | str) -> WorkspaceProblem:
    """A statement met what it could not read. Damage is claimed only once the file was read through."""
    if isinstance(place, Path) and soundness_flaw(place) is not None:
        return damaged(place)
    return WorkspaceProblem(
        _(
            "Something in the workspace {place} could not be read; its file was read through and is sound."
        ).format(place=shown(place)),
        _("Do it again; if that does not help, close what has it open, and ask: pqldesk doctor."),
    )
