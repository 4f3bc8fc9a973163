"""What an event's name means: its kind, key and quantity."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.values import quantity, text

KINDS: Final = (
    "login",
    "feature_activated",
    "team_invited",
    "integration_connected",
    "data_imported",
    "signed_up",
    "trial_started",
    "trial_ended",
)

#: Folded event names to kinds; each kind's own name is one of them.
DEFAULT_EVENT_MAP: Final[Mapping[str, str]] = {
    **{kind: kind for kind in KINDS},
    "signed_in": "login",
    "logged_in": "login",
    "user_login": "login",
    "feature_used": "feature_activated",
    "invite_sent": "team_invited",
    "team_invite_sent": "team_invited",
    "account_added_user": "team_invited",
    "first_integration": "integration_connected",
    "import_completed": "data_imported",
    "trial_start": "trial_started",
    "trial_end": "trial_ended",
    "account_created": "signed_up",
    "user_signup": "signed_up",
}

#: Folded names of what trackers send and nobody did: page pings, heat maps, and calls that only say who is who.
NO_EVENTS: Final = frozenset(
    ("page_ping", "heatmap", "$heatmap", "$$heatmap", "identify", "$identify", "group", "$groupidentify",
     "$group_identify", "alias", "$create_alias", "$set")
)  # fmt: skip

# The first property present counts. A column named key or quantity is looked at last, where others are meant.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "feature_activated": ("key", "feature", "feature_name", "name"),
    "integration_connected": ("integration", "name", "key"),
}
_QUANTITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "team_invited": ("quantity", "count"),
    "data_imported": ("records", "rows", "count", "quantity"),
}
_RUNS: Final = re.compile(r"[\s_-]+")


def folded_name(name: str) -> str:
    """An event name trimmed, in lower case, with runs of blanks, hyphens and underscores as one underscore."""
    return _RUNS.sub("_", unicodedata.normalize("NFC", name).strip().lower())


def is_event(name: str) -> bool:
    """False for page pings, heat maps and identify, group or alias calls."""
    return folded_name(name) not in NO_EVENTS


def kind_named(name: str, event_map: Mapping[str, str]) -> str:
    """The kind of an event: from *event_map* (folded names), the defaults, or a kind of its own."""
    found = folded_name(name)
    return event_map.get(found) or DEFAULT_EVENT_MAP.get(found, found)


def kind_of(
    name: str, properties: Mapping[str, Any], event_map: Mapping[str, str]
) -> tuple[str, str | None, int]:
    """Kind, key and quantity in millionths of an event. BadValue when the quantity is none."""
    kind = kind_named(name, event_map)
    return kind, key_in(kind, properties), quantity_in(kind, properties)


def key_in(kind: str, properties: Mapping[str, Any]) -> str | None:
    """The key of an event of that kind, trimmed and NFC; None when no property gives one."""
    for known in _KEYS.get(kind, ("key",)):
        if (found := text(properties.get(known))) is not None:
            return found
    return None


def quantity_in(kind: str, properties: Mapping[str, Any]) -> int:
    """The quantity in millionths; one when no property gives it."""
    for known in _QUANTITIES.get(kind, ("quantity",)):
        value = properties.get(known)
        if value is not None and value != "":
            return quantity(value, known)
    return MILLION


def event_map_of(items: Mapping[str, str]) -> dict[str, str]:
    """A map given by the user, with folded names and kinds; BadInput for an empty side."""
    folded = {folded_name(name): folded_name(kind) for name, kind in items.items()}
    if "" in folded or "" in folded.values():
        raise BadInput(
            _("An event name or kind is empty."), _("Write NAME=KIND, for instance user_login=login.")
        )
    return folded
