"""Text that a person typed, made fit to keep."""

from typing import Final

from pqldesk.services.basics.plain_text import plain
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, numeral

NOTE: Final = 50_000  # characters; CRMs take no more
TITLE: Final = 500
NAME: Final = 1_000


def typed(text: str, what: str, limit: int) -> str:
    """*text* trimmed and without control signs. BadInput naming *what* when it is over *limit* characters."""
    found = plain(text).strip()
    if len(found) > limit:
        raise BadInput(
            _("{what} has {n} characters; the limit is {limit}.").format(
                what=what, n=numeral(len(found)), limit=numeral(limit)
            ),
            _("Shorten it."),
        )
    return found
