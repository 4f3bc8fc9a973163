"""One gettext catalogue for window, services and command line; without a translation a text is itself."""

import gettext
import os
from collections.abc import Sequence

from pqldesk.services.resources import resource

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use_language(languages: Sequence[str] | None = None) -> None:
    """Take texts from the first of *languages* that is shipped (default: what the environment asks for)."""
    global _catalogue
    wanted = list(languages) if languages is not None else _asked_for()
    _catalogue = gettext.translation("pqldesk", str(resource("locale")), wanted, fallback=True)


def _(text: str) -> str:
    """*text* in the user's language."""
    return _catalogue.gettext(text)


def n_(one: str, many: str, number: int) -> str:
    """The plural form for *number*, which may stand in it as ``{n}``."""
    return _catalogue.ngettext(one, many, number).replace("{n}", f"{number:,}")


def _asked_for() -> list[str]:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return [part.split(".")[0] for part in value.split(":") if part]
    return []
