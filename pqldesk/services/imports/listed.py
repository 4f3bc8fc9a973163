"""Files that were imported."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import BATCH, public_id
from pqldesk.models.settings import Batch
from pqldesk.services.rows import ImportRow


def imports(session: Session, limit: int = 200) -> list[ImportRow]:
    """The newest imports first; one that was undone is left out."""
    rows = session.scalars(
        select(Batch)
        .where(Batch.file.is_not(None), Batch.undone_at.is_(None))
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    return [
        ImportRow(
            public_id(BATCH, batch.id),
            batch.at,
            batch.kind,
            batch.file or "",
            batch.rows,
            batch.created,
            batch.updated,
            batch.duplicates,
            batch.rejected,
            batch.rejects_file,
        )
        for batch in rows
    ]
