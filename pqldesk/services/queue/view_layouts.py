"""How each rep keeps the views of the queue: the order of the tabs, which are pinned, and each view's columns.

A matter of the desk, not of the data: nothing here is an action, so undo passes it by.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.settings import ViewLayout
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.rows import QueueView

Columns = tuple[tuple[str, int], ...]


def arranged(session: Session, views: Sequence[QueueView], rep: str | None) -> list[QueueView]:
    """*views* as *rep* has arranged them; what was never placed comes after what was."""
    kept = {row.view: row for row in session.scalars(select(ViewLayout).where(ViewLayout.rep == (rep or "")))}
    placed: list[tuple[bool, int, QueueView]] = []
    for number, view in enumerate(views):
        layout = kept.get(view.key)
        position = None if layout is None else layout.position
        if layout is not None:
            columns = view.spec.columns if layout.columns is None else _columns(layout.columns)
            view = replace(view, pinned=layout.pinned, spec=replace(view.spec, columns=columns))
        placed.append((position is None, number if position is None else position, view))
    return [view for _loose, _place, view in sorted(placed, key=lambda one: one[:2])]


def keep_columns(session: Session, view: str, columns: Columns, rep: str) -> Changes:
    """Remember the columns and widths that *rep* gave a view; none means as usual."""
    _layout(session, view, rep).columns = [list(column) for column in columns] or None
    return Changes()


def place_views(session: Session, views: Sequence[str], rep: str) -> Changes:
    """Put the tabs in this order."""
    for position, view in enumerate(views):
        _layout(session, view, rep).position = position
    return Changes.to(Topic.SETTINGS, Topic.LEADS)


def pin_view(session: Session, view: str, pinned: bool, rep: str) -> Changes:
    """Show a view as a tab, or only in the menu of the others."""
    _layout(session, view, rep).pinned = pinned
    return Changes.to(Topic.SETTINGS, Topic.LEADS)


def _layout(session: Session, view: str, rep: str) -> ViewLayout:
    found = session.scalars(select(ViewLayout).where(ViewLayout.rep == rep, ViewLayout.view == view)).first()
    if found is None:
        found = ViewLayout(rep=rep, view=view, pinned=True)
        session.add(found)
    return found


def _columns(stored: Sequence[Sequence[object]]) -> Columns:
    return tuple((str(key), int(str(width))) for key, width in stored)
