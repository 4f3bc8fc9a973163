"""Importing from the window: the command line does it in a process of its own, so the window stays smooth."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pqldesk.services.basics.places import shown
from pqldesk.services.basics.texts import _
from pqldesk.services.child import ChildFailed, Stop, run_beside

ROWS_AT_ONCE = 500  # in one transaction of a shared database


class ImportFailed(ChildFailed):
    """The import said why it could not be done."""


def import_beside_window(
    place: Path | str,
    path: str,
    kind: str,
    mapping: Sequence[tuple[str, str]],
    reading: Sequence[str] = (),
    *,
    dry_run: bool,
    rep: str,
    report: Callable[[int, str], None] = lambda done, text: None,
    stop: Stop | None = None,
) -> dict[str, Any]:
    """Run one import and return its entry of ``files`` (CONTRACT of ``import --format json``).

    *reading* are options of ``import`` that say how values are read, such as ``--day-first``. A dry run that finds no
    usable row returns its entry, with the sentence as ``refused``.

    *report* hears rows done and a sentence, on the calling thread. Raises ImportFailed with the import's own sentence.
    A gentle *stop* leaves whole batches, and the sentence says how many rows they are.
    """
    # In a file the import sees the window, and keeps its transactions as short as it measures them.
    words = ["import", kind, path, *([] if isinstance(place, Path) else ["--page", str(ROWS_AT_ONCE)])]
    words += ["--dry-run"] if dry_run else []
    words += [f"--map={column}={field}" for column, field in mapping]
    words += reading
    silent = _("The import of {file} into {place} ended without a word.").format(
        file=path, place=shown(place)
    )
    try:
        answer = run_beside(place, words, rep=rep, report=report, stop=stop, otherwise=silent)
    except ChildFailed as failed:
        if dry_run and isinstance(failed.answer, dict):
            return {**failed.answer["files"][0], "refused": str(failed)}
        raise ImportFailed(str(failed)) from None
    found: dict[str, Any] = answer["files"][0]
    return found
