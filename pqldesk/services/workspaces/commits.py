"""What a commit touched, told to the other processes that have the workspace open."""

import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.history import Change
from pqldesk.models.listening import CHANNEL
from pqldesk.services.basics.changes import Changes, Topic

PROCESS = secrets.token_hex(8)  # tells our own commits from those of other processes
KEPT_CHANGES = 1_000  # rows of the change table; readers that fall further behind refresh everything


def note_changes(session: Session, result: object) -> None:
    """Leave the topics of this commit for the other processes that have the workspace open."""
    changes = getattr(result, "changes", result)
    if not isinstance(changes, Changes) or not changes.topics:
        return
    driver = Driver(session)
    noted = "INSERT INTO change (topics, origin) VALUES (?, ?) RETURNING id"
    values: tuple[str, ...] = (" ".join(sorted(changes.topics)), PROCESS)
    if not driver.is_sqlite:  # who listens is told at the commit
        noted = f"WITH noted AS ({noted}) SELECT id, pg_notify(?, ?) FROM noted"  # noqa: S608 - no text from outside
        values += (CHANNEL, PROCESS)
    number = driver.rows(noted, values)[0][0]
    if number % 100 == 0:
        session.execute(delete(Change).where(Change.id < number - KEPT_CHANGES))


def changes_since(session: Session, seen: int) -> tuple[int, set[str]]:
    """The number of the newest commit, and the topics of those after *seen* that other processes made."""
    rows = session.execute(
        select(Change.id, Change.topics, Change.origin).where(Change.id > seen).order_by(Change.id)
    ).all()
    topics = {topic for row in rows if row.origin != PROCESS for topic in row.topics.split()}
    return (rows[-1].id if rows else seen), topics


def newest_change(session: Session) -> int:
    """The number of the newest commit that changed something."""
    return int(Driver(session).rows("SELECT coalesce(max(id), 0) FROM change")[0][0])


def touched_since(session: Session, seen: int, topics: frozenset[Topic]) -> bool:
    """Whether a commit after *seen* touched one of *topics*, or may have: of old ones no note is kept."""
    rows = session.execute(
        select(Change.id, Change.topics).where(Change.id >= seen).order_by(Change.id)
    ).all()
    first = rows[0].id if rows else 0
    if first not in ((seen,) if seen else (0, 1)):
        return True
    return any(not topics.isdisjoint(row.topics.split()) for row in rows if row.id != seen)
