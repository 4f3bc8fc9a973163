"""What a view of the queue is made of, as one value: the window keeps it, the database stores it as JSON.

Standard library only, because the first frame knows the view it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

USUAL = ("score", "person", "company", "signals", "activation", "trial", "active", "owner", "respond")
COLUMNS = (
    *USUAL, "state", "plan", "source", "placement", "title", "country", "region", "fit", "qualified", "hand-raise",
    "signed-up", "created",
)  # fmt: skip
GROUPS = ("band", "owner", "source", "company")
KEYS = frozenset({"scope", "filter", "sort", "columns", "group", "search"})


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """*scope* is open (leads that wait for somebody) or all; *filter* is in the filter language; a minus sorts down."""

    scope: str = "open"
    filter: str = ""
    sort: str = "-score"
    columns: tuple[
        tuple[str, int], ...
    ] = ()  # key and width in px at the usual text size, 0 as usual; () all as usual
    group: str = ""
    search: str = ""

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")


USUAL_VIEW = ViewSpec()


def spec_json(spec: ViewSpec) -> dict[str, Any]:
    """The view as stored; what is as usual is left out."""
    found: dict[str, Any] = {"scope": spec.scope, "filter": spec.filter, "sort": spec.sort}
    if spec.columns:
        found["columns"] = [list(column) for column in spec.columns]
    for name in ("group", "search"):
        if getattr(spec, name):
            found[name] = getattr(spec, name)
    return found


def spec_from_json(label: str, stored: Mapping[str, Any]) -> ViewSpec:
    """A stored view. BadInput names what it holds that is unknown."""
    if unknown := stored.keys() - KEYS:
        raise BadInput(
            _("The view {label!r} holds {known}.").format(label=label, known=", ".join(sorted(unknown))),
            _("Known: {known}.").format(known=", ".join(sorted(KEYS))),
        )
    scope, group = stored.get("scope", "open"), stored.get("group", "")
    if scope not in ("open", "all"):
        raise BadInput(
            _("The view {label!r} shows {scope!r} leads.").format(label=label, scope=scope),
            _("Known: open, all."),
        )
    if group and group not in GROUPS:
        raise BadInput(
            _("The view {label!r} groups by {group!r}.").format(label=label, group=group),
            _("Known: {known}.").format(known=", ".join(GROUPS)),
        )
    columns = tuple((str(key), int(width)) for key, width in stored.get("columns", ()))
    if strange := {key for key, _width in columns} - set(COLUMNS):
        raise BadInput(
            _("The view {label!r} has a column {strange!r}.").format(label=label, strange=min(strange)),
            _("Known: {known}.").format(known=", ".join(COLUMNS)),
        )
    return ViewSpec(
        scope, str(stored.get("filter") or ""), str(stored.get("sort") or "-score"), columns, group,
        str(stored.get("search") or ""),
    )  # fmt: skip
