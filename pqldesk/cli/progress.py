"""Progress of long work as lines that a window reads."""

import json
import sys
from collections.abc import Callable

from pqldesk.cli.context import Context
from pqldesk.services.basics.progress import Progress


def progress_lines(ctx: Context) -> Callable[[Progress], None]:
    """What reports progress: JSON lines on stderr with --progress json, else nothing."""
    return _line if ctx.option("progress") == "json" else _unheard


def _line(progress: Progress) -> None:
    print(json.dumps({"done": progress.done, "text": progress.text}), file=sys.stderr, flush=True)


def _unheard(progress: Progress) -> None:
    return None
