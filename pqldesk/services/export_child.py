"""Exporting from the window: the command line does it in a process of its own, so the window stays smooth."""

import subprocess
import sys
from pathlib import Path

from pqldesk.services.places import shown
from pqldesk.services.problems import Problem
from pqldesk.services.texts import _


class ExportFailed(Problem):
    """The export said why it could not be done."""


def export_beside_window(place: Path | str, file: str) -> str:
    """Write every lead into *file*, in the form its ending names; what was written, as a sentence.

    Raises ExportFailed with the export's own sentence.
    """
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(place), "export", "leads", "--out", file]
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False
    )
    said = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "")
    if done.returncode:
        raise ExportFailed(
            said or _("The export of {place} ended without a word.").format(place=shown(place))
        )
    return said
