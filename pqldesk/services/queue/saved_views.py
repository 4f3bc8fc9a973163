"""Views of the queue that somebody saved, beside the built-in ones. A view is data: a filter, an order, columns."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.settings import SavedView
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.texts import _, p_
from pqldesk.services.filters.queue_filter import check_sort, spec_filter, stored_spec
from pqldesk.services.history import recording
from pqldesk.services.queue.queue import terms_of
from pqldesk.services.rows import QueueView
from pqldesk.services.view_spec import ViewSpec

Spec = dict[str, Any]  # as services/view_spec.py writes it

BUILT_IN = (
    QueueView("open", p_("leads", "Open")),
    QueueView("unclaimed", p_("leads", "Unclaimed")),
    QueueView("hand-raises", _("Hand-raises")),
    QueueView("mine", p_("leads", "Mine")),
    QueueView("trials-ending", _("Trials ending")),
    QueueView("all", p_("leads", "All")),
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
        raise NotFound(
            _("There is no view {key!r}.").format(key=key),
            _("Known: {known}.").format(known=", ".join([*_BUILT_IN_KEYS, *own])),
        )
    return dict(view.spec)


def save_view(
    session: Session, label: str, spec: Spec, actor: str, at: datetime, *, shared: bool = True
) -> ViewSaved:
    """Keep a view under its label; one's own or a shared one of the same name is replaced."""
    key = _key_of(label)
    wanted = stored_spec(label.strip(), spec)
    check_spec(session, wanted, actor, at)
    view = _stored(session, key)
    if view is not None and view.owner not in (
        None,
        actor,
    ):  # somebody else's own, which is not ours to replace
        key = f"{key}-{re.sub(r'[^a-z0-9]+', '-', actor.casefold()).strip('-')}"
        view = _stored(session, key)
    with recording(session, actor, "view_saved", at=at, detail=label.strip()):
        if view is None:
            last = session.scalar(select(func.coalesce(func.max(SavedView.position), 0))) or 0
            view = SavedView(key=key, position=last + 1)
            session.add(view)
        view.label, view.spec, view.owner = label.strip(), dict(spec), None if shared else actor
    return ViewSaved(key, Changes.to(Topic.LEADS, Topic.SETTINGS))


def check_spec(session: Session, spec: ViewSpec, rep: str, at: datetime) -> None:
    """BadInput where the filter cannot be read or names what is not here, or the order is unknown."""
    wanted = spec_filter(spec)
    terms_of(session, rep, at).check(wanted.where)
    check_sort(wanted.sort)


def rename_view(session: Session, key: str, label: str, actor: str, at: datetime) -> ViewSaved:
    """Call a saved view something else; its key stays, so that links and scripts go on working."""
    _key_of(label)
    view = _own(session, key, actor)
    with recording(session, actor, "view_renamed", at=at, detail=f"{view.label} to {label.strip()}"):
        view.label = label.strip()
    return ViewSaved(key, Changes.to(Topic.LEADS, Topic.SETTINGS))


def delete_view(session: Session, key: str, actor: str, at: datetime) -> Changes:
    """Forget a saved view. A private one of somebody else is not found."""
    view = _own(session, key, actor)
    with recording(session, actor, "view_deleted", at=at, detail=view.label):
        session.delete(view)
    return Changes.to(Topic.LEADS, Topic.SETTINGS)


def _own(session: Session, key: str, actor: str) -> SavedView:
    if key in _BUILT_IN_KEYS:
        raise NotAllowed(
            _("The view {key!r} is built in.").format(key=key),
            _("Only saved views can be renamed or deleted."),
        )
    view_spec(session, key)
    view = _stored(session, key)
    if view is None or view.owner not in (None, actor):
        raise NotFound(
            _("There is no view {key!r}.").format(key=key),
            _("Known to {actor}: see view list.").format(actor=actor),
        )
    return view


def _key_of(label: str) -> str:
    key = re.sub(r"[\W_]+", "-", label.strip().casefold()).strip("-")
    if not key:
        raise BadInput(_("The view has no name."), _("Give it a name with a letter or digit in it."))
    if key in _BUILT_IN_KEYS:
        raise NotAllowed(
            _("{label!r} is a built-in view.").format(label=label.strip()), _("Choose another name.")
        )
    return key


def _stored(session: Session, key: str) -> SavedView | None:
    return session.scalars(select(SavedView).where(SavedView.key == key)).first()
