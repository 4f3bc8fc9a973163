"""A workspace that can be read and not written, as on a share or a backup medium: what is looked at then."""

import os
import shutil
import tempfile
from pathlib import Path

from pqldesk.models.looking import Looking, log_waits, state_of
from pqldesk.services.basics.problems import WorkspaceOnlyRead, WorkspaceProblem
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unreadable

_ATTEMPTS = 3


def looking_at(place: Path, file: Path | None = None) -> Looking:
    """*place* itself, or its private copy *file*. Every command is refused with one sentence."""
    read = file or place

    def moved() -> WorkspaceProblem:
        return WorkspaceProblem(
            _("{place} has been written by somebody else meanwhile.").format(place=place),
            _("Open it again to see it as it is now."),
        )

    why = WorkspaceOnlyRead(
        _("{path} cannot be written, so it can only be looked at.").format(path=place),
        _("Ask for write access to it and its folder, or copy it: pqldesk backup FILE."),
    )
    return Looking(read, why, moved, state_of(read))


def needs_copy(place: Path) -> bool:
    """Whether a log or journal waits beside the file, which only who can write there could bring into it."""
    return log_waits(place) or place.with_name(f"{place.name}-journal").exists()


def private_copy(place: Path) -> Path:
    """The file with its log, as at one moment, in a folder of its own, which is the caller's to remove.

    Nobody here has it open through SQLite, so its files may be read as such. Raises WorkspaceProblem where somebody
    brings the log into the file again and again meanwhile.
    """
    folder = Path(tempfile.mkdtemp(prefix="pqldesk-look-"))  # for nobody else to read
    try:
        for _attempt in range(_ATTEMPTS):
            before = state_of(place)
            for ending in ("", "-wal", "-journal"):
                copy = folder / f"{place.name}{ending}"
                copy.unlink(missing_ok=True)
                if (source := place.with_name(place.name + ending)).exists():
                    shutil.copyfile(source, copy)
                    os.chmod(copy, 0o600)
            if state_of(place) == before:  # what the log had at that moment is at its beginning, whole
                return folder / place.name
    except OSError as refused:
        shutil.rmtree(folder, ignore_errors=True)
        raise unreadable(place, refused) from None
    shutil.rmtree(folder, ignore_errors=True)
    raise WorkspaceProblem(
        _("{place} is being written by another program.").format(place=place), _("Try again in a moment.")
    )
