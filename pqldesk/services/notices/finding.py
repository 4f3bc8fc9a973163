"""What has happened since a rep was last told: by primary keys and short indexes, so that it may be asked often."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.history import ScoreEvent
from pqldesk.models.notices import Notice, NoticeMark
from pqldesk.models.people import Hop, Lead, Submission, Trial
from pqldesk.models.remote import Connection, OutboxItem
from pqldesk.models.settings import Placement, PlacementReport
from pqldesk.models.work import Handoff
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import local_days, micros
from pqldesk.services.connectors import title_of
from pqldesk.services.scoring.live import live_model
from pqldesk.services.settings.declarations import NOTICES

RESPOND_WITHIN = timedelta(hours=1)
TRIAL_WITHIN = timedelta(days=3)
STUCK_WITHIN = timedelta(days=7)  # older ones have been told
STUCK = ("pending", "sending", "unknown", "failed", "held", "waiting")
TEST_PLACEMENT = "pqldesk-test"
PASSED_OVER = 1_000
MANY = 5  # more crossings at one look are one notice: an import is no row of alarms
_BY_EVENTS = ("events", "window")  # causes of a move that the person's usage is behind


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell."""

    kind: str
    key: str
    lead_id: int | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a look has found. *score_event* and *submission* are the newest rows it saw."""

    news: tuple[News, ...]
    score_event: int
    submission: int
    since: tuple[int, int] | None  # those of the look before; None at the first look
    has_waiting: bool  # older notices that have not popped up yet

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write down. Rows that tell nothing are passed over a thousand at a time."""
        if self.since is None or self.news or self.has_waiting:
            return False
        return (
            self.score_event - self.since[0] < PASSED_OVER and self.submission - self.since[1] < PASSED_OVER
        )


def look(session: Session, rep: str, at: datetime) -> Sighting:
    """What there is to tell *rep*. The first look of a rep tells nothing of what was before it."""
    mark = session.scalars(select(NoticeMark).where(NoticeMark.rep == rep)).first()
    newest = session.scalar(select(func.max(ScoreEvent.id))) or 0
    submission = session.scalar(select(func.max(Submission.id))) or 0
    waiting = session.scalar(
        select(Notice.id)
        .where(Notice.rep == rep, Notice.read_at.is_(None), Notice.told_at.is_(None))
        .limit(1)
    )
    if mark is None:
        return Sighting((), newest, submission, None, waiting is not None)
    wanted = {kind for kind, _label, _about in NOTICES if settings.value(session, f"notify.{kind}") == "true"}
    news: list[News] = []
    if "crossed" in wanted and newest > mark.score_event:
        news += _crossings(session, rep, mark.score_event, at)
    if "hand_raise" in wanted and submission > mark.submission:
        news += _hand_raises(session, rep, mark.submission)
    if "respond" in wanted:
        news += _responses(session, rep, at)
    if "trial_ends" in wanted:
        news += _trials(session, rep, at)
    if "stuck" in wanted:
        news += _stuck(session, rep, at)
    if "placement" in wanted:
        news += _placements(session, mark.submission, at)
    if "stopped" in wanted:
        news += _stopped(session, rep)
    known = set(
        session.scalars(
            select(Notice.key).where(Notice.rep == rep, Notice.key.in_({one.key for one in news}))
        )
    )
    fresh = {one.key: one for one in news if one.key not in known}
    since = (mark.score_event, mark.submission)
    return Sighting(tuple(fresh.values()), newest, submission, since, waiting is not None)


def _theirs(rep: str) -> ColumnElement[bool]:
    """Leads that are the rep's, or free to claim."""
    return or_(Lead.owner == rep, Lead.owner.is_(None))


def _crossings(session: Session, rep: str, after: int, at: datetime) -> list[News]:
    cut = live_model(session).model.cut
    day = local_days(settings.zone(session)).day_of(micros(at))
    crossed = (
        select(Lead.id, Lead.company_id, func.max(ScoreEvent.new), func.max(ScoreEvent.id))
        .join(Lead, Lead.id == ScoreEvent.lead_id)
        .where(
            ScoreEvent.id > after,
            ScoreEvent.old < cut,
            ScoreEvent.new >= cut,
            ScoreEvent.cause.in_(_BY_EVENTS),
            Lead.qualified,
            Lead.is_open == 1,
            _theirs(rep),
        )
        .group_by(Lead.id, Lead.company_id)
    )
    rows = session.execute(crossed.order_by(func.max(ScoreEvent.new).desc(), Lead.id).limit(MANY + 1)).all()
    if len(rows) > MANY:
        many = session.execute(select(func.count(), func.max(crossed.subquery().c[3]))).one()
        return [News("crossed", f"crossed:{many[1]}", None, {"n": many[0]})]
    return [  # one for each account and day, about its best lead
        News(
            "crossed",
            f"crossed:{f'C{company}' if company is not None else f'L{lead}'}:{day}",
            lead,
            {"score": float(number(score, HUNDRED))},
        )
        for lead, company, score, _event in reversed(rows)
    ]


def _hand_raises(session: Session, rep: str, after: int) -> list[News]:
    rows = session.execute(
        select(Submission.id, Submission.lead_id, Submission.glm_content)
        .join(Lead, Lead.id == Submission.lead_id)
        .where(Submission.id > after, Submission.kind == "hand_raise", Lead.is_open == 1, _theirs(rep))
        .order_by(Submission.id)
        .limit(200)
    )
    return [News("hand_raise", f"hand_raise:{sid}", lead, {"placement": place}) for sid, lead, place in rows]


def _responses(session: Session, rep: str, at: datetime) -> list[News]:
    soon = (Lead.is_open == 1, Lead.respond_by > at, Lead.respond_by <= at + RESPOND_WITHIN)
    zone = settings.zone(session)
    found: list[News] = []
    for whose in ((Lead.owner == rep,), (Lead.hand_raised_at.is_not(None), Lead.owner.is_(None))):
        for lead, due in session.execute(select(Lead.id, Lead.respond_by).where(*soon, *whose).limit(200)):
            if due is not None:
                time = f"{due.astimezone(zone):%H:%M}"
                found.append(News("respond", f"respond:{lead}:{micros(due)}", lead, {"time": time}))
    return found


def _trials(session: Session, rep: str, at: datetime) -> list[News]:
    zone = settings.zone(session)
    rows = session.execute(
        select(Trial.id, Trial.ends_at, func.min(Lead.id))
        .join(Lead, or_(Trial.lead_id == Lead.id, Trial.company_id == Lead.company_id))
        .where(
            Lead.is_open == 1,
            Lead.owner == rep,
            Trial.ends_at > at - timedelta(days=1),  # one that names a day runs to that day's end
            Trial.ends_at <= at + TRIAL_WITHIN,
            Trial.ends_date_only | (Trial.ends_at > at),
            Trial.converted_at.is_(None),
            Trial.closed_at.is_(None),
            Trial.source_state.is_(None) | Trial.source_state.not_in(("converted", "lost")),
        )
        .group_by(Trial.id, Trial.ends_at)
    )
    return [
        News(
            "trial_ends",
            f"trial_ends:{trial}:{micros(ends)}",
            lead,
            {"day": ends.astimezone(zone).date().isoformat()},
        )
        for trial, ends, lead in rows
        if ends is not None
    ]


def _stuck(session: Session, rep: str, at: datetime) -> list[News]:
    """Forms that have not reached the next system for longer than the setting says, of the last week."""
    patience = timedelta(minutes=int(settings.value(session, "stuck_minutes")))
    zone = settings.zone(session)
    rows = session.execute(
        select(Hop.id, Hop.step, Hop.status, Submission.received_at, Submission.lead_id)
        .join(Submission, Submission.id == Hop.submission_id)
        .join(Lead, Lead.id == Submission.lead_id)
        .where(
            Submission.received_at > at - STUCK_WITHIN,
            Submission.received_at <= at - patience,
            Hop.status.in_(STUCK),
            Lead.is_open == 1,
            _theirs(rep),
        )
        .order_by(Submission.received_at)
        .limit(50)
    )
    found = []
    for hop, step, _status, since, lead in rows:
        facts = {"step": step, "time": f"{since.astimezone(zone):%Y-%m-%d %H:%M}"}
        found.append(News("stuck", f"stuck:{hop}", lead, facts))
    return found


def _placements(session: Session, after: int, at: datetime) -> list[News]:
    """Values that are registered nowhere, where others are, and what pages report of their buttons."""
    found = []
    registered = set(session.scalars(select(Placement.glm_content)))
    if registered:
        rows = session.scalars(
            select(Submission.glm_content)
            .where(Submission.id > after, Submission.glm_content.is_not(None))
            .distinct()
            .limit(200)
        )
        arrived = {content for content in rows if content}
        for content in sorted(arrived - registered - {TEST_PLACEMENT}):
            found.append(
                News("placement", f"placement:{content}", None, {"problem": "unknown", "placement": content})
            )
    reports = session.scalars(
        select(PlacementReport)
        .where(PlacementReport.first_at > at - STUCK_WITHIN)
        .order_by(PlacementReport.id.desc())
        .limit(20)
    )
    for one in reports:
        facts = {
            "problem": one.problem,
            "placement": one.glm_content,
            "page": one.page,
            "text": one.button_text,
        }
        key = f"placement:{one.problem}:{one.glm_content}:{one.page}"
        found.append(News("placement", key, None, facts))
    return found


def _stopped(session: Session, rep: str) -> list[News]:
    found = []
    for row in session.scalars(select(Connection).where(Connection.problem.is_not(None))):
        day = row.checked_at.date().isoformat() if row.checked_at else ""
        facts = {"system": title_of(row.system), "problem": row.problem}
        found.append(News("stopped", f"stopped:{row.system}:{day}", None, facts))
    stuck = session.execute(
        select(OutboxItem.handoff_id, OutboxItem.lead_id, func.min(OutboxItem.state))
        .join(Handoff, Handoff.id == OutboxItem.handoff_id)
        .outerjoin(Lead, Lead.id == OutboxItem.lead_id)
        .where(
            OutboxItem.state.in_(("failed", "held")),
            or_(Handoff.created_by == rep, Handoff.assignee == rep, Lead.owner == rep),
        )
        .group_by(OutboxItem.handoff_id, OutboxItem.lead_id)
        .limit(200)
    )
    for handoff, lead, state in stuck:
        found.append(News("stopped", f"stopped:H{handoff}:{state}", lead, {"state": state}))
    return found
