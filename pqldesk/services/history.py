"""One action = rows before and after: the audit trail, the undo stack, and "who did what".

    with recording(session, "kim@example.com", "claimed", at=now, lead_id=7):
        lead.owner = "kim@example.com"

Images hold only the columns that changed, so a score that moves in between does not stand in the way of undo, and
they hold what the database stores, so what undo (services/leads/undo.py) puts back is the same to the byte. Actions are
only ever added; the one column that changes later is when an action was undone.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import TableClause, column, event, insert, inspect, select, table
from sqlalchemy.orm import Session

from pqldesk.models.base import Base
from pqldesk.models.history import Action, ActionRow
from pqldesk.models.people import Merge
from pqldesk.models.ready_made import ask, gaps
from pqldesk.models.schema import Base as Schema
from pqldesk.services.basics.chunked import chunked

Image = dict[str, Any]
Place = tuple[str, int]  # table and row id

# The trail itself, and what follows from the rows by rule, is not part of what a person did.
NOT_RECORDED = frozenset({"action", "action_row", "change", "score_event"})
ERASED = "erased"  # what stands in an image in the place of what told of an erased person
_RECORDER = "pqldesk.recorder"
_BULK = "pqldesk.bulk"
# By way of the merges, which have an index: leads by whom they were merged into would be looked through whole.
_MERGED = select(Merge.loser_id).where(Merge.survivor_id.in_(gaps("leads")), Merge.undone_at.is_(None))


@contextmanager
def recording(
    session: Session, actor: str, name: str, *, at: datetime, detail: str = "", lead_id: int | None = None
) -> Iterator[Action]:
    """Record every row that the block adds, changes or deletes through *session* as one action of *actor*.

    Rows that the block changes with a statement of its own must be named to watch() first. A recording inside
    another joins it: one verb of a person is one action, however many commands it is made of.
    """
    if _RECORDER in session.info:
        yield session.info[_RECORDER].action
        return
    session.flush()
    action = Action(at=at, actor=actor, name=name, detail=detail, lead_id=lead_id)
    action.bulk = session.info.get(_BULK, {}).get(actor)
    recorder = session.info[_RECORDER] = _Recorder(session, action)
    event.listen(session, "before_flush", recorder.collect)
    try:
        yield action
        session.flush()
    finally:
        event.remove(session, "before_flush", recorder.collect)
        del session.info[_RECORDER]
    images = recorder.images()
    session.add(action)
    session.flush()
    if images:
        session.execute(insert(ActionRow), [{"action_id": action.id, **image} for image in images])


@contextmanager
def in_bulk(session: Session, actor: str, number: int) -> Iterator[None]:
    """Put the same *number* on every action of *actor* that the block records: one undo takes them all back."""
    session.info[_BULK] = {actor: number}
    try:
        yield
    finally:
        del session.info[_BULK]


def watch(session: Session, table_name: str, ids: Collection[int]) -> None:
    """Tell the recording under way, if any, that a statement is about to change these rows."""
    recorder = session.info.get(_RECORDER)
    if recorder is not None:
        session.flush()
        recorder.watch(table_name, ids)


def note_added(session: Session, table_name: str, row_id: int) -> None:
    """Tell the recording under way, if any, of a row that a statement has added."""
    recorder = session.info.get(_RECORDER)
    if recorder is not None:
        recorder.note_added(table_name, row_id)


def actions_of(session: Session, lead_id: int) -> list[Action]:
    """The actions on a lead, and on those that were merged into it, oldest first."""
    return list(
        session.scalars(
            select(Action).where(Action.lead_id.in_(family_of(session, lead_id))).order_by(Action.id)
        )
    )


def family_of(session: Session, lead_id: int) -> list[int]:
    """The lead and every lead that is merged into it, directly or through another."""
    found, edge = [lead_id], [lead_id]
    while edge:
        edge = sorted(set(ask(session, _MERGED, leads=edge).scalars()))
        found += edge
    return found


def stored_rows(session: Session, table_name: str, ids: Iterable[int]) -> dict[int, Image]:
    """{id: row} exactly as the database holds it: no type of ours has touched the values."""
    bare = bare_table(table_name)
    found: dict[int, Image] = {}
    connection = session.connection()
    for chunk in chunked(sorted(set(ids))):
        for row in connection.execute(select(bare).where(bare.c.id.in_(chunk))).mappings():
            found[row["id"]] = dict(row)
    return found


def bare_table(name: str) -> TableClause:
    """The table without our column types and without generated columns."""
    known = Schema.metadata.tables[name]
    return table(name, *(column(c.name) for c in known.columns if c.computed is None))


class _Recorder:
    """Keeps each touched row as it stood before it was first touched."""

    def __init__(self, session: Session, action: Action) -> None:
        self.action = action
        self._session = session
        self._before: dict[Place, Image | None] = {}
        self._fresh: list[Base] = []

    def collect(self, session: Session, _context: object, _instances: object) -> None:
        self._place_fresh()
        touched: dict[str, list[int]] = {}
        for row in [*session.dirty, *session.deleted]:
            if _recorded(row):
                touched.setdefault(row.__tablename__, []).append(_row_id(row))
        for name, ids in touched.items():
            self.watch(name, ids)
        self._fresh.extend(row for row in session.new if _recorded(row))

    def watch(self, name: str, ids: Collection[int]) -> None:
        self._place_fresh()
        unseen = [row_id for row_id in ids if (name, row_id) not in self._before]
        stored = stored_rows(self._session, name, unseen)
        for row_id in unseen:
            self._before[name, row_id] = stored.get(row_id)

    def note_added(self, name: str, row_id: int) -> None:
        self._before.setdefault((name, row_id), None)

    def _place_fresh(self) -> None:
        """Rows that an earlier flush added have their ids by now, and had nothing before."""
        for row in self._fresh:
            self._before.setdefault((row.__tablename__, _row_id(row)), None)
        self._fresh.clear()

    def images(self) -> list[dict[str, Any]]:
        self._place_fresh()
        by_table: dict[str, list[int]] = {}
        for name, row_id in self._before:
            by_table.setdefault(name, []).append(row_id)
        after = {name: stored_rows(self._session, name, ids) for name, ids in by_table.items()}
        images = []
        for (name, row_id), old in self._before.items():
            new = after[name].get(row_id)
            if old is not None and new is not None:
                changed = [key for key in old if old[key] != new[key]]
                old, new = {key: old[key] for key in changed}, {key: new[key] for key in changed}
            if old != new:
                images.append({"table": name, "row_id": row_id, "before": old, "after": new})
        return images


def _recorded(row: object) -> bool:
    return isinstance(row, Base) and row.__tablename__ not in NOT_RECORDED and "id" in row.__table__.columns


def _row_id(row: Base) -> int:
    identity = inspect(row).identity
    if identity is None:
        raise RuntimeError(f"{row!r} was never stored")
    return int(identity[0])
