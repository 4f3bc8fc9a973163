"""Forms that arrive one by one: kept raw, counted when they come again, each with the way it goes from here."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Hop, Submission
from pqldesk.services.files.records import Record

AGAIN: Final = timedelta(hours=24)  # the same form within this is the same request, raised again


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was new. *raw*: all of it, with the path it came on."""

    submission_id: int
    lead_id: int
    kind: str
    email: str
    raw: Mapping[str, Any]
    received_at: datetime


def keep_form(
    session: Session,
    lead_id: int,
    identity_id: int,
    source: str,
    row: Record,
    raw: Mapping[str, Any],
    received_at: datetime,
) -> KeptForm | None:
    """Store a form and the hop of its arrival; None where it was the same one again, which is counted.

    Senders give no id: the same is what agrees in kind, e-mail, namespace, placement, interaction and comment.
    """
    kind = row.text("kind") or "import"
    parts = [
        source, kind, (row.text("email") or row.text("user_id") or "").casefold(), row.text("company_id"),
        row.text("glm_content"), row.text("product_interaction"), row.text("comment"),
    ]  # fmt: skip
    written = "\x1f".join(part or "" for part in parts)
    same = "form:" + hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
    newest = session.scalars(
        select(Submission)
        .where(Submission.fingerprint >= same, Submission.fingerprint < same + "~")
        .order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(1)
    ).first()
    if newest is not None and received_at - newest.received_at < AGAIN:
        newest.times += 1
        return None
    stored = Submission(
        lead_id=lead_id,
        identity_id=identity_id,
        kind=kind,
        source=source,
        glm_source=row.text("glm_source"),
        glm_content=row.text("glm_content"),
        product_interaction=row.text("product_interaction"),
        comment=row.text("comment"),
        raw=dict(raw),
        fingerprint=f"{same}:{received_at:%Y%m%d%H%M%S%f}",
        submitted_at=received_at,
        received_at=received_at,
    )
    session.add(stored)
    session.flush()
    session.add(Hop(submission_id=stored.id, step="received", status="ok", at=received_at))
    return KeptForm(stored.id, lead_id, kind, row.text("email") or "", raw, received_at)
