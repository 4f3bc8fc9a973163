"""Importing from the window: the command line does it in a process of its own, so the window stays smooth."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pqldesk.services.places import shown
from pqldesk.services.problems import Problem
from pqldesk.services.texts import _

ROWS_AT_ONCE = 500  # in one transaction: longer ones would hold the write lock for more than 50 ms


class ImportFailed(Problem):
    """The import said why it could not be done."""


def import_beside_window(
    place: Path | str,
    path: str,
    kind: str,
    mapping: Sequence[tuple[str, str]],
    *,
    dry_run: bool,
    rep: str,
    report: Callable[[int, str], None] = lambda done, text: None,
) -> dict[str, Any]:
    """Run one import and return its entry of ``files`` (CONTRACT of ``import --format json``).

    *report* hears rows done and a sentence, on the calling thread. Raises ImportFailed with the import's own sentence.
    """
    command = [
        sys.executable,
        "-m",
        "pqldesk",
        "--workspace",
        str(place),
        "--format",
        "json",
        "--progress",
        "json",
    ]
    command += ["--rep", rep] if rep else []
    command += ["import", kind, path, "--page", str(ROWS_AT_ONCE)]
    command += ["--dry-run"] if dry_run else []
    for column, field in mapping:
        command.append(f"--map={column}={field}")
    said: list[str] = []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as answer,
        subprocess.Popen(  # noqa: S603 - our own interpreter and program
            command,
            stdout=answer,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        ) as child,
    ):
        for line in child.stderr or ():
            progress = _progress(line)
            if progress is None:
                said.append(line.strip())
            else:
                report(int(progress["done"]), str(progress["text"]))
        if child.wait() == 0:
            answer.seek(0)
            found: dict[str, Any] = json.load(answer)["files"][0]
            return found
    what = next((line for line in reversed(said) if line), "")
    raise ImportFailed(
        what
        or _("The import of {file} into {place} ended without a word.").format(file=path, place=shown(place))
    )


def _progress(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"done", "text"} <= found.keys() else None
