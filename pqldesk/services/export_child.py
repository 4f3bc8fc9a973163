"""Exporting from the window: the command line does it in a process of its own, so the window stays smooth."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pqldesk.services.basics.places import shown
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _


class ExportFailed(Problem):
    """The export said why it could not be done."""


def export_beside_window(place: Path | str, file: str, options: Sequence[str] = (), rep: str = "") -> str:
    """Write every lead, or those that *options* of the command line name, into *file*; what was written, in words.

    The file's ending names its form.

    Raises ExportFailed with the export's own sentence.
    """
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(place), "export", "leads", "--out", file]
    command += [*options, *(["--rep", rep] if rep else [])]
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False
    )
    said = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "")
    if done.returncode:
        raise ExportFailed(
            said or _("The export of {place} ended without a word.").format(place=shown(place))
        )
    return said
