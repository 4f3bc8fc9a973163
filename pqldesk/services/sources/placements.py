"""Placements: where a hand-raise button stands. Each glm_content value is registered once."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead, Submission
from pqldesk.models.remote import Connection
from pqldesk.models.settings import Placement
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.sample_files import sample_placements
from pqldesk.services.source_rows import PlacementRow

HERE: Final = "http://127.0.0.1:8620"  # where the intake listens unless it is told otherwise


def placement_rows(session: Session) -> list[PlacementRow]:
    """Registered placements and those that forms brought, with what came from each."""
    arrived = {
        content: (times, last)
        for content, times, last in session.execute(
            select(Submission.glm_content, func.count(), func.max(Submission.received_at))
            .where(Submission.glm_content.is_not(None))
            .group_by(Submission.glm_content)
        )
        if content is not None
    }
    people = {
        content: (leads, qualified, won)
        for content, leads, qualified, won in session.execute(
            select(
                Submission.glm_content,
                func.count(Lead.id.distinct()),
                func.count(case((Lead.qualified, Lead.id)).distinct()),
                func.count(case((Lead.outcome == "won", Lead.id)).distinct()),
            )
            .join(Lead, Lead.id == Submission.lead_id)
            .where(Submission.glm_content.is_not(None), Lead.state.not_in(HIDDEN_STATES))
            .group_by(Submission.glm_content)
        )
    }
    registered = {
        row.glm_content: row for row in session.scalars(select(Placement).order_by(Placement.glm_content))
    }
    rows = []
    for content in sorted(registered.keys() | arrived.keys()):
        known = registered.get(content)
        times, last = arrived.get(content, (0, None))
        rows.append(
            PlacementRow(
                content,
                known.note if known else "",
                known.place if known else None,
                known is not None,
                times,
                last,
                *people.get(content, (0, 0, 0)),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class ExamplesAdded:
    """Which of the examples were new here."""

    added: tuple[str, ...]
    changes: Changes


def add_examples(session: Session, actor: str, at: datetime) -> ExamplesAdded:
    """Register the example values that are not there yet."""
    known = set(session.scalars(select(Placement.glm_content)))
    fresh = [row for row in sample_placements() if row["glm_content"] not in known]
    for row in fresh:
        add_placement(session, row["glm_content"], actor, at, note=row["note"], place=row["place"])
    return ExamplesAdded(tuple(row["glm_content"] for row in fresh), Changes.to(Topic.SOURCES, Topic.LEADS))


def snippet(session: Session, glm_content: str, url: str | None = None) -> str:
    """The two lines of HTML that put a hand-raise button on a page; *url* is where the page reaches the intake, else
    what the button was connected with (``--set public_url=``)."""
    chosen = session.scalar(select(Connection.settings).where(Connection.system == "button")) or {}
    base = escape(str(url or chosen.get("public_url") or HERE).rstrip("/"), quote=True)
    return (
        f'<script type="module" src="{base}/embed/hand-raise-lead-button.js"></script>\n'
        f'<hand-raise-lead-button glm-content="{escape(glm_content, quote=True)}" variant="confirm">'
        "</hand-raise-lead-button>"
    )


def add_placement(
    session: Session, glm_content: str, actor: str, at: datetime, *, note: str = "", place: str | None = None
) -> Changes:
    """Register a value. Each may stand in one place only, or nobody could say where a lead came from."""
    content = glm_content.strip()
    if not content or any(letter.isspace() for letter in content):
        raise BadInput(
            _("{glm_content!r} cannot be a glm_content value.").format(glm_content=glm_content),
            _("Write one word such as billing-page-button."),
        )
    taken = session.scalars(select(Placement).where(Placement.glm_content == content)).first()
    if taken is not None:
        where = taken.place or taken.note or f"{taken.created_at:%Y-%m-%d}"
        raise NotAllowed(
            _("The placement {content!r} is already registered ({where}).").format(
                content=content, where=where
            ),
            _("Give each button a value of its own."),
        )
    with recording(session, actor, "placement_added", at=at, detail=content):
        session.add(Placement(glm_content=content, note=note.strip(), place=place, created_at=at))
    return Changes.to(Topic.SOURCES, Topic.LEADS)
