"""What the buttons of pages report of themselves: no glm-content, or one that stands on the page twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pqldesk.models.settings import PlacementReport
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.files.values import BadValue
from pqldesk.services.source_rows import ReportRow

PROBLEMS: Final = ("missing", "duplicate")
MOST: Final = 500  # pages anybody may write to: the oldest go
KEPT: Final = timedelta(days=30)  # a page that was put right reports no more
_LONGEST: Final = 300


def note_report(session: Session, told: Mapping[str, Any], at: datetime) -> Changes:
    """Keep what a page reports, once for each page. Raises BadValue for what is no report."""
    problem, page = told.get("problem"), told.get("page")
    if problem not in PROBLEMS or not isinstance(page, str) or not page.startswith(("http://", "https://")):
        raise BadValue("report", "it names neither a problem nor a page")
    content = str(told.get("glm_content") or "")[:_LONGEST]
    text, buttons = str(told.get("button_text") or "")[:_LONGEST], told.get("count")
    many = buttons if isinstance(buttons, int) and 0 < buttons < 1_000 else 1
    page = page[:_LONGEST]
    row = session.scalars(
        select(PlacementReport).where(
            PlacementReport.problem == problem,
            PlacementReport.glm_content == content,
            PlacementReport.page == page,
        )
    ).first()
    if row is not None:
        row.times, row.last_at, row.buttons, row.button_text = row.times + 1, at, many, text
        return Changes()
    session.add(
        PlacementReport(
            problem=problem, glm_content=content, page=page, button_text=text, buttons=many, first_at=at, last_at=at
        )
    )  # fmt: skip
    session.flush()
    if (session.scalar(select(func.count()).select_from(PlacementReport)) or 0) > MOST:
        oldest = select(PlacementReport.id).order_by(PlacementReport.last_at.desc()).offset(MOST)
        session.execute(delete(PlacementReport).where(PlacementReport.id.in_(list(session.scalars(oldest)))))
    return Changes.to(Topic.SOURCES)


def report_rows(session: Session, at: datetime) -> list[ReportRow]:
    """The reports of the last month, the newest first."""
    found = session.scalars(
        select(PlacementReport)
        .where(PlacementReport.last_at > at - KEPT)
        .order_by(PlacementReport.last_at.desc(), PlacementReport.id.desc())
    )
    return [
        ReportRow(
            one.problem, one.glm_content, one.page, one.button_text, one.buttons, one.times, one.last_at
        )
        for one in found
    ]
