"""Views of the queue that somebody saved, beside the built-in ones. A view is data: filters and an order."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.settings import SavedView
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.history import recording
from pqldesk.services.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.rows import QueueView
from pqldesk.services.texts import _

Spec = dict[str, Any]  # {"filters": [...], "sort": ...}

BUILT_IN = (
    QueueView("open", _("Open")),
    QueueView("unclaimed", _("Unclaimed")),
    QueueView("hand-raises", _("Hand-raises")),
    QueueView("mine", _("Mine")),
    QueueView("trials-ending", _("Trials ending")),
    QueueView("all", _("All")),
)
_BUILT_IN_KEYS = tuple(view.key for view in BUILT_IN)


@dataclass(frozen=True, slots=True)
class ViewSaved:
    """The key under which the view is kept."""

    key: str
    changes: Changes


def view_spec(session: Session, key: str) -> Spec | None:
    """What a saved view filters and sorts by; None for a built-in one. NotFound lists what there is."""
    if key in _BUILT_IN_KEYS:
        return None
    view = _stored(session, key)
    if view is None:
        own = session.scalars(select(SavedView.key).order_by(SavedView.position, SavedView.id))
        raise NotFound(f"There is no view {key!r}.", f"Known: {', '.join([*_BUILT_IN_KEYS, *own])}.")
    return dict(view.spec)


def save_view(
    session: Session, label: str, spec: Spec, actor: str, at: datetime, *, shared: bool = True
) -> ViewSaved:
    """Keep a view under its label; one of the same name is replaced."""
    key = re.sub(r"[\W_]+", "-", label.strip().casefold()).strip("-")
    if not key:
        raise BadInput("The view has no name.", "Give it a name with a letter or digit in it.")
    if key in _BUILT_IN_KEYS:
        raise NotAllowed(f"{label.strip()!r} is a built-in view.", "Choose another name.")
    if not isinstance(spec.get("filters", []), list) or not spec.keys() <= {
        "filters",
        "sort",
        "columns",
        "group",
    }:
        raise BadInput(
            f"The view {label.strip()!r} holds {', '.join(sorted(spec)) or 'nothing'}.",
            'Give {"filters": [...], "sort": ...}.',
        )
    with recording(session, actor, "view_saved", at=at, detail=label.strip()):
        view = _stored(session, key)
        if view is None:
            last = session.scalar(select(func.coalesce(func.max(SavedView.position), 0))) or 0
            view = SavedView(key=key, position=last + 1)
            session.add(view)
        view.label, view.spec, view.owner = label.strip(), spec, None if shared else actor
    return ViewSaved(key, Changes.to(Topic.LEADS, Topic.SETTINGS))


def delete_view(session: Session, key: str, actor: str, at: datetime) -> Changes:
    """Forget a saved view."""
    if key in _BUILT_IN_KEYS:
        raise NotAllowed(f"The view {key!r} is built in.", "Only saved views can be deleted.")
    view_spec(session, key)
    view = _stored(session, key)
    with recording(session, actor, "view_deleted", at=at, detail=key):
        session.delete(view)
    return Changes.to(Topic.LEADS, Topic.SETTINGS)


def _stored(session: Session, key: str) -> SavedView | None:
    return session.scalars(select(SavedView).where(SavedView.key == key)).first()
