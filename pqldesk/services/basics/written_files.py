"""Files that PQLDesk wrote: erasing a person must find them."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from pqldesk.models.settings import WrittenFile
from pqldesk.services.basics.changes import Changes


def note_written(session: Session, path: Path, kind: str, at: datetime) -> Changes:
    """Remember that *path* holds people's data."""
    session.add(WrittenFile(path=str(path), kind=kind, at=at))
    return Changes()
