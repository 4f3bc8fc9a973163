"""Names that a workspace gives: what features are called, and which events count as which of ours."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.usage import EventKind
from pqldesk.services import settings
from pqldesk.services.source_rows import EVENT, LABEL, NameRow

FEATURE = "feature_activated"
_MOST = 500


def own_names(session: Session) -> list[NameRow]:
    """Features seen in usage or named already, then events that were mapped; at most 500 of the former."""
    labels = settings.family(session, LABEL)
    seen = session.scalars(
        select(EventKind.key)
        .where(EventKind.name == FEATURE, EventKind.key != "")
        .order_by(EventKind.id)
        .limit(_MOST)
    )
    features = [NameRow(LABEL + key, key, labels.get(key, "")) for key in sorted({*seen, *labels})]
    events = settings.family(session, EVENT)
    return features + [NameRow(EVENT + key, key, kind) for key, kind in sorted(events.items())]
