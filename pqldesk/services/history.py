"""One action = rows before and after: the audit trail, the undo stack, and "who did what".

    with recording(session, "kim@example.com", "claimed", at=now, lead_id=7):
        lead.owner = "kim@example.com"

Images hold only the columns that changed, so a score that moves in between does not stand in the way of undo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Table, event, func, insert, inspect, select
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.types import TypeDecorator

from pqldesk.models.base import Base
from pqldesk.models.history import Action, ActionRow
from pqldesk.models.schema import Base as Schema
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.problems import NotAllowed

UNDONE, REDONE = "undone", "redone"
EVERYTHING = Changes.to(Topic.LEADS, Topic.TASKS, Topic.TRIALS, Topic.OUTBOX, Topic.SETTINGS, Topic.SOURCES)
Image = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo or redo took back or did again."""

    action: str
    detail: str
    changes: Changes


@contextmanager
def recording(
    session: Session, actor: str, name: str, *, at: datetime, detail: str = "", lead_id: int | None = None
) -> Iterator[Action]:
    """Record every row that the block adds, changes or deletes through *session* as one action of *actor*."""
    session.flush()
    before: dict[tuple[str, int], Image | None] = {}
    touched: dict[tuple[str, int], Base] = {}
    fresh: list[Base] = []

    def collect(_session: Session, _context: object, _instances: object) -> None:
        fresh.extend(row for row in session.new if isinstance(row, Base))
        for row in [*session.dirty, *session.deleted]:
            state: InstanceState[Any] = inspect(row)
            key = (row.__tablename__, _row_id(row))
            touched[key] = row
            image = before.setdefault(key, {})
            if image is None:
                continue
            deleted = row in session.deleted
            for column in row.__table__.columns:
                history = state.attrs[column.key].history
                if column.computed is None and (deleted or history.has_changes()) and column.key not in image:
                    old = history.deleted[0] if history.deleted else getattr(row, column.key)
                    if not history.deleted and history.added:
                        old = None
                    image[column.key] = _plain(column, old, session)

    event.listen(session, "before_flush", collect)
    try:
        action = Action(at=at, actor=actor, name=name, detail=detail, lead_id=lead_id)
        yield action
        session.flush()
    finally:
        event.remove(session, "before_flush", collect)
    session.add(action)
    session.flush()
    images = []
    for (table, row_id), old in before.items():
        row = touched[table, row_id]
        gone = inspect(row).deleted or inspect(row).was_deleted
        after = None if gone else _image(row, old or {}, session)
        if old != after:
            images.append({"table": table, "row_id": row_id, "before": old, "after": after})
    for row in fresh:
        if row is not action:
            whole = {c.key: None for c in row.__table__.columns if c.computed is None}
            images.append(
                {
                    "table": row.__tablename__,
                    "row_id": _row_id(row),
                    "before": None,
                    "after": _image(row, whole, session),
                }
            )
    if images:
        session.execute(insert(ActionRow), [{"action_id": action.id, **image} for image in images])


def undo(session: Session, actor: str, at: datetime) -> Undone:
    """Take back the last action of *actor*. Refuses where a row has changed since."""
    action = session.scalars(
        select(Action)
        .where(Action.actor == actor, Action.undone_at.is_(None), Action.undoes.is_(None))
        .order_by(Action.id.desc())
        .limit(1)
    ).first()
    if action is None:
        raise NotAllowed(f"{actor} has no action left to undo.")
    rows = session.scalars(select(ActionRow).where(ActionRow.action_id == action.id)).all()
    if not rows:
        raise NotAllowed(
            f"{action.name} ({action.detail or 'no detail'}) cannot be undone.", "It left no images."
        )
    for row in rows:
        _expect(session, row, row.after, action)
    for row in reversed(rows):
        _restore(session, row, row.before)
    action.undone_at = at
    session.add(
        Action(at=at, actor=actor, name=UNDONE, detail=action.name, lead_id=action.lead_id, undoes=action.id)
    )
    return Undone(action.name, action.detail, EVERYTHING)


def redo(session: Session, actor: str, at: datetime) -> Undone:
    """Do again what *actor* undid last, unless they have done something else since."""
    newest_undo = session.scalars(
        select(Action).where(Action.actor == actor).order_by(Action.id.desc()).limit(50)
    ).all()
    wanted = None
    for candidate in newest_undo:
        if candidate.name == REDONE:
            continue
        if candidate.name != UNDONE:
            break
        undone = session.get(Action, candidate.undoes)
        if undone is not None and undone.undone_at is not None:
            wanted = undone
            break
    if wanted is None:
        raise NotAllowed(f"{actor} has nothing to redo.")
    rows = session.scalars(select(ActionRow).where(ActionRow.action_id == wanted.id)).all()
    for row in rows:
        _expect(session, row, row.before, wanted)
    for row in rows:
        _restore(session, row, row.after)
    wanted.undone_at = None
    session.add(
        Action(at=at, actor=actor, name=REDONE, detail=wanted.name, lead_id=wanted.lead_id, undoes=wanted.id)
    )
    return Undone(wanted.name, wanted.detail, EVERYTHING)


def actions_of(session: Session, lead_id: int) -> list[Action]:
    """A lead's actions, oldest first."""
    return list(session.scalars(select(Action).where(Action.lead_id == lead_id).order_by(Action.id)))


def count_actions(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Action)).scalar_one()


def _expect(session: Session, row: ActionRow, expected: Image | None, action: Action) -> None:
    table = Schema.metadata.tables[row.table]
    stored = session.execute(select(table).where(table.c.id == row.row_id)).mappings().first()
    if expected is None:
        unchanged = stored is None
    else:
        unchanged = stored is not None and all(
            _plain(table.c[key], stored[key], session) == value for key, value in expected.items()
        )
    if not unchanged:
        raise NotAllowed(
            f"{action.name} of {action.at:%Y-%m-%d %H:%M} UTC cannot be undone: its {row.table.replace('_', ' ')}"
            " has changed since.",
            "Undo the later change first, or set it by hand.",
        )


def _restore(session: Session, row: ActionRow, image: Image | None) -> None:
    table = Schema.metadata.tables[row.table]
    at_row = table.c.id == row.row_id
    if image is None:
        session.execute(table.delete().where(at_row))
    else:
        values = {key: _typed(table, key, value, session) for key, value in image.items()}
        if session.execute(select(table.c.id).where(at_row)).first() is None:
            session.execute(table.insert().values({"id": row.row_id, **values}))
        else:
            session.execute(table.update().where(at_row).values(values))
    session.expire_all()


def _row_id(row: Base) -> int:
    identity = inspect(row).identity
    if identity is None:
        raise RuntimeError(f"{row!r} was never stored")
    return int(identity[0])


def _image(row: Base, columns: Image, session: Session) -> Image:
    return {key: _plain(row.__table__.columns[key], getattr(row, key), session) for key in columns}


def _plain(column: Any, value: Any, session: Session) -> Any:
    if isinstance(column.type, TypeDecorator):
        return column.type.process_bind_param(value, _dialect(session))
    return value


def _typed(table: Table, key: str, value: Any, session: Session) -> Any:
    kind = table.c[key].type
    return kind.process_result_value(value, _dialect(session)) if isinstance(kind, TypeDecorator) else value


def _dialect(session: Session) -> Dialect:
    return session.get_bind().dialect
