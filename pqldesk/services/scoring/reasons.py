"""Why a score moved, in words: each part of a stored change with what made it."""

import re
from collections.abc import Mapping, Sequence

from pqldesk.services.basics.exact import HUNDRED, MILLION, text
from pqldesk.services.basics.texts import _, in_sentence
from pqldesk.services.scoring.model import UsageSignal

_CAUSES = {
    "model": _("another scoring model went live"),
    "settings": _("days begin at another hour"),
    "merge": _("merged with another lead"),
    "unmerge": _("taken apart from another lead"),
    "identity": _("usage of one more identity was joined"),
    "import_undone": _("an import was undone"),
    "sample_removed": _("the sample was removed"),
    "undo": _("an action was undone"),
    "redo": _("an action was done again"),
}


def why_moved(cause: str, parts: Mapping[str, int], signals: Sequence[UsageSignal]) -> str:
    """One sentence about a change of score; *parts* are hundredths by signal key and add up to the change.

    >>> why_moved("window", {}, ())
    'time passed'
    """
    by_key = {signal.key: signal for signal in signals}
    if cause in _CAUSES:
        return _CAUSES[cause]
    single = len(parts) == 1
    said = []
    for key, points in sorted(parts.items(), key=lambda part: -abs(part[1])):
        words = _part(by_key[key], points) if key in by_key else key.replace("_", " ")
        sign = "+" if points >= 0 else "−"
        said.append(words if single else f"{words} ({sign}{text(abs(points), HUNDRED)})")
    return ", ".join(said) or (_("time passed") if cause == "window" else _("new usage"))


def _part(signal: UsageSignal, points: int) -> str:
    name = _bare(_(signal.label))  # the usual model's labels are English as long as nobody names them anew
    gained = points >= 0
    if signal.window_days is not None and not gained and signal.weight > 0:
        return _("{signal} left the {n}-day window").format(signal=name, n=signal.window_days)
    if signal.weight < 0:
        words = _("{signal} no longer counts") if gained else _("{signal} counts against it")
    elif signal.proportional:
        words = _("{signal} rose") if gained else _("{signal} fell")
    elif gained:
        words = _("{signal} reached {threshold}")
    else:
        words = _("{signal} fell below {threshold}")
    return words.format(signal=name, threshold=text(signal.threshold, MILLION))


def _bare(label: str) -> str:
    """A label without its window: Logins (7d) -> logins."""
    short = re.sub(r"\s*\([^)]*\)\s*$", "", label)
    return in_sentence(short[:1]) + short[1:] if short[1:2].islower() else short
