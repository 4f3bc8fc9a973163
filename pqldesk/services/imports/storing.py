"""What one transaction of an import does: a page of the file, or what was gathered, with all that follows from it."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from pqldesk.services.events.after_storing import follow
from pqldesk.services.files.fields import Kind
from pqldesk.services.ingest.companies import CompanyStore
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.ingest.people import LeadStore
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.ingest.trials import TrialStore

if TYPE_CHECKING:
    from pqldesk.services.ingest.bulk import BulkLoad

Row = TypeVar("Row", contravariant=True)


class Store(Protocol[Row]):
    """What stores a page of one kind of rows."""

    def store(
        self, session: Session, rows: Sequence[Row], received_at: datetime, batch_id: int | None, /
    ) -> Stored: ...


def store_of(kind: Kind, source: str, actor: str) -> Store[Any]:
    """What stores the rows of such a file, which *source* brought for *actor*."""
    match kind:
        case Kind.EVENTS:
            return EventStore(source)
        case Kind.LEADS:
            return LeadStore(source, actor)
        case Kind.TRIALS:
            return TrialStore(source)
        case Kind.COMPANIES:
            return CompanyStore(source)


def store_page(session: Session, at: datetime, batch_id: int | None, store: Store[Any], page: Any) -> Stored:
    """One page with everything that follows from it. All of it or nothing."""
    began = _begun(session)
    return _timed(follow(session, store.store(session, page, at, batch_id), at), began)


def store_gathered(
    session: Session, at: datetime, batch_id: int | None, load: "BulkLoad", most: int | None
) -> Stored:
    """The same for what was gathered, or so much of it; see BulkLoad.store()."""
    began = _begun(session)
    return _timed(follow(session, load.store(session, batch_id, most), at), began)


def _begun(session: Session) -> float:
    """When the write lock was ours."""
    session.connection()
    return time.perf_counter()


def _timed(stored: Stored, began: float) -> Stored:
    stored.seconds = time.perf_counter() - began
    return stored
