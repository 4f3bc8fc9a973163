"""An id that a lead is known by, and what came under it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import wording

if TYPE_CHECKING:
    from pqldesk.services.record_rows import IdShown


def id_words(one: IdShown) -> str:
    """An id as people know it: an e-mail as it is, others with the system that they are of."""
    return said_id(one.namespace, one.value)


def said_id(namespace: str, value: str = "") -> str:
    """The same of its two parts."""
    if namespace == "email":
        return value
    system = wording.plain(namespace.removesuffix(".anon"))
    if namespace.endswith(".anon"):
        system = _("{system}, anonymous").format(system=system)
    return _("{system}: {value}").format(system=system, value=value)


def under_id(one: IdShown) -> str:
    """How much came under an id."""
    counts = (
        (one.events, n_("{n} usage event", "{n} usage events", one.events)),
        (one.forms, n_("{n} form", "{n} forms", one.forms)),
        (one.trials, n_("{n} trial", "{n} trials", one.trials)),
    )
    return ", ".join(words for many, words in counts if many)
