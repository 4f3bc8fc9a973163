"""A throw-away copy of a workspace: for trying what an import would do, without touching or blocking the real one."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pqldesk.models.looking import reading_uri
from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.basics.texts import _
from pqldesk.services.workspaces.workspace import FILE_NAME, Workspace, open_workspace


@contextmanager
def scratch_copy(place: Path) -> Iterator[Workspace]:
    """A copy of the SQLite workspace at *place* as it is now, or an empty one where there is none."""
    with tempfile.TemporaryDirectory(prefix="pqldesk-try-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / FILE_NAME
        if place.is_file():
            with (
                _told(Path(folder)),
                closing(sqlite3.connect(reading_uri(place), uri=True)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
        workspace = open_workspace(copy, create=True)
        try:
            yield workspace
        finally:
            workspace.close()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as refused:
        raise WorkspaceProblem(
            _("The workspace cannot be copied to {parent} to try the import on: {refused}.").format(
                parent=folder.parent, refused=refused
            ),
            _("Free some space there, or set TMPDIR to another folder."),
        ) from None
