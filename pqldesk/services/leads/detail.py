"""Everything the record panel shows of one lead."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.history import ScoreEvent
from pqldesk.models.ids import LEAD, NOTE, public_id
from pqldesk.models.people import Hop, Identity, Lead, Submission, Trial
from pqldesk.models.ready_made import ask, gap
from pqldesk.models.work import Note
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import local_days
from pqldesk.services.identity.parting import ids_of
from pqldesk.services.identity.preview import merged_leads
from pqldesk.services.identity.suggestions import open_suggestions
from pqldesk.services.leads.task_list import tasks_of_lead
from pqldesk.services.leads.timeline import lead_timeline
from pqldesk.services.outbox_rows import outbox_of_lead
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import read_rows, reading
from pqldesk.services.queue.rows import Reading
from pqldesk.services.record_rows import (
    HopShown,
    LeadDetail,
    MilestoneShown,
    NoteRow,
    Origin,
    ScoreMove,
    SubmissionShown,
    TeamMember,
)
from pqldesk.services.rows import QueueRow
from pqldesk.services.scoring.explain import hint_text, hints
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.milestones import days_since_signup
from pqldesk.services.scoring.model import UsageSignal
from pqldesk.services.scoring.reasons import why_moved
from pqldesk.services.scoring.rules import Scored
from pqldesk.services.sources.origins import lead_origin, trial_origin, usage_origin

DAYS = 14  # of daily usage, and within which a teammate is active
MOVES = 20
TEAM = 20
AT_MOST_HINTS = 3

_LEAD = gap("lead")
_NOTES = (
    select(Note.id, Note.at, Note.author, Note.title, Note.text)
    .where(Note.lead_id == _LEAD)
    .order_by(Note.at.desc(), Note.id.desc())
)
_TEAM = (
    select(Lead.id, Lead.name, Lead.score, Lead.last_active_at)
    .where(Lead.company_id == gap("company"), Lead.id != _LEAD, Lead.is_listed == 1)
    .order_by((Lead.score + 0).desc(), Lead.id)  # bare, it draws SQLite to the index of all leads by score
    .limit(TEAM)
)
_ACTIVE = select(func.count()).where(
    Lead.company_id == gap("company"),
    Lead.id != _LEAD,
    Lead.is_listed == 1,
    Lead.last_active_at > gap("since"),
)
_HOPS = (
    select(Hop.submission_id, Hop.step, Hop.status, Hop.at, Hop.remote_id, Hop.error)
    .join(Submission, Submission.id == Hop.submission_id)
    .where(Submission.lead_id == _LEAD)
    .order_by(Hop.at, Hop.id)
)
_SUBMISSIONS = (
    select(
        Submission.id,
        Submission.kind,
        Submission.glm_source,
        Submission.glm_content,
        Submission.product_interaction,
        Submission.comment,
        Submission.received_at,
        Submission.times,
        Submission.source,
    )
    .where(Submission.lead_id == _LEAD)
    .order_by(Submission.received_at.desc(), Submission.id.desc())
)
_MOVES = (
    select(ScoreEvent.at, ScoreEvent.old, ScoreEvent.new, ScoreEvent.cause, ScoreEvent.parts)
    .where(ScoreEvent.lead_id == _LEAD)
    .order_by(ScoreEvent.id.desc())
    .limit(MOVES)
)
_NAMESPACES = select(Identity.namespace).where(Identity.lead_id == _LEAD).distinct()


def lead_detail(session: Session, lead: str, at: datetime) -> LeadDetail:
    """All about the lead with that id, e-mail or key, as of now (*at*). Raises NotFound."""
    found = lead_of(session, lead)
    how = reading(session, at)
    (row,) = read_rows(Driver(session), [found.id], how)
    live = live_model(session)
    usage = usage_origin(session, found.id)
    timeline = lead_timeline(session, found.id)
    return LeadDetail(
        row=row,
        job_title=found.job_title,
        phone=found.phone,
        region=found.region,
        country=found.country,
        plan=found.plan,
        signup_at=found.signed_up_at,
        model=live.model.name,
        model_version=live.model.version,
        cut=number(live.model.cut, HUNDRED),
        hints=_hints(found, how),
        excluded=found.excluded,
        daily_usage=_daily_usage(session, found.id, at),
        milestones=_milestones(row, how, found.signed_up_at),
        teammates=_team(session, found),
        active_teammates=_active(session, found, at),
        submissions=_submissions(session, found.id),
        score_moves=score_moves(session, found.id, live.model.signals),
        tasks=tasks_of_lead(session, found.id),
        notes=notes_of_lead(session, found.id),
        outbox=tuple(outbox_of_lead(session, found.id)),
        timeline=timeline.entries,
        events_total=_events_total(session, found.id),
        claimed_at=found.claimed_at,
        lease_until=found.lease_until,
        suggestions=tuple(open_suggestions(session, found.id)),
        scored_at=found.scored_at,
        newest_usage_received_at=usage.at if usage else None,
        sources=_sources(session, found.id),
        origin=lead_origin(session, found),
        usage_origin=usage,
        trial_origin=_trial_origin(session, found, row),
        merged=merged_leads(session, found.id),
        touched_at=found.touched_at,
        timeline_goes_on=timeline.more,
        company_number=found.company_id,
        ids=ids_of(session, found.id),
        known_qualified_at=found.known_qualified_at,
    )


def notes_of_lead(session: Session, lead_id: int) -> tuple[NoteRow, ...]:
    """Notes, the newest first."""
    rows = ask(session, _NOTES, lead=lead_id)
    return tuple(
        NoteRow(public_id(NOTE, one), at, author, title, text) for one, at, author, title, text in rows
    )


def _hints(lead: Lead, how: Reading) -> tuple[str, ...]:
    if not lead.signals or lead.excluded is not None or len(lead.signals) != len(how.model.signals):
        return ()
    result = Scored(
        values=tuple(value for value, _ in lead.signals),
        points=tuple(points for _, points in lead.signals),
        score=lead.score,
        band=how.model.band_of(lead.score),
        qualified=lead.qualified,
    )
    return tuple(hint_text(hint) for hint in hints(how.model, result)[:AT_MOST_HINTS])


def _daily_usage(session: Session, lead_id: int, at: datetime) -> tuple[int, ...]:
    today = local_days(settings.zone(session)).day_of(micros(at))
    counts = dict.fromkeys(range(today - DAYS + 1, today + 1), 0)
    for day, n in Driver(session).rows(
        "SELECT day, sum(n) FROM usage_day WHERE identity_id IN (SELECT id FROM identity WHERE lead_id = ?)"
        " AND day > ? AND day <= ? GROUP BY day",
        (lead_id, today - DAYS, today),
    ):
        counts[day] = int(n)
    return tuple(counts.values())


def _milestones(row: QueueRow, how: Reading, signup: datetime | None) -> tuple[MilestoneShown, ...]:
    started = None if signup is None else micros(signup)
    return tuple(
        MilestoneShown(
            milestone.key,
            milestone.label,
            reached := row.milestones.get(milestone.key),
            days_since_signup(None if reached is None else micros(reached), started),
        )
        for milestone in how.milestones
    )


def _team(session: Session, lead: Lead) -> tuple[TeamMember, ...]:
    if lead.company_id is None:
        return ()
    rows = ask(session, _TEAM, company=lead.company_id, lead=lead.id)
    return tuple(
        TeamMember(public_id(LEAD, one), name, number(score, HUNDRED), last)
        for one, name, score, last in rows
    )


def _active(session: Session, lead: Lead, at: datetime) -> int:
    if lead.company_id is None:
        return 0
    since = at - timedelta(days=DAYS)
    return int(ask(session, _ACTIVE, company=lead.company_id, lead=lead.id, since=since).scalar_one())


def _submissions(session: Session, lead_id: int) -> tuple[SubmissionShown, ...]:
    hops: dict[int, list[HopShown]] = {}
    for row in ask(session, _HOPS, lead=lead_id):
        hops.setdefault(row.submission_id, []).append(HopShown(*row[1:]))
    rows = ask(session, _SUBMISSIONS, lead=lead_id)
    return tuple(SubmissionShown(*row[1:], tuple(hops.get(row.id, ()))) for row in rows)


def score_moves(session: Session, lead_id: int, signals: Sequence[UsageSignal]) -> tuple[ScoreMove, ...]:
    """The latest changes of the score, the newest first, each with its cause; labels are those of *signals*."""
    labels = {signal.key: signal.label for signal in signals}
    rows = ask(session, _MOVES, lead=lead_id)
    return tuple(
        ScoreMove(
            at,
            number(old, HUNDRED),
            number(new, HUNDRED),
            cause,
            _parts(parts, labels),
            why_moved(cause, parts, signals),
        )
        for at, old, new, cause, parts in rows
    )


def _parts(parts: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[tuple[str, int | float], ...]:
    return tuple((labels.get(key, key), number(points, HUNDRED)) for key, points in parts.items())


def _events_total(session: Session, lead_id: int) -> int:
    ((many,),) = Driver(session).rows(
        "SELECT coalesce(sum(n), 0) FROM usage_total WHERE identity_id IN (SELECT id FROM identity WHERE lead_id = ?)",
        (lead_id,),
    )
    return int(many)


def _trial_origin(session: Session, lead: Lead, row: QueueRow) -> Origin | None:
    """Where the trial comes from that the row shows; trials of one lead or company are few."""
    if row.trial is None:
        return None
    owned = Trial.lead_id == lead.id
    if lead.company_id is not None:
        owned |= Trial.company_id == lead.company_id
    wanted = select(Trial).where(owned, Trial.starts_at == row.trial.starts_at, Trial.plan == row.trial.plan)
    trial = session.scalars(wanted.order_by(Trial.lead_id != lead.id, Trial.id).limit(1)).first()
    return None if trial is None else trial_origin(session, trial)


def _sources(session: Session, lead_id: int) -> tuple[str, ...]:
    names = ask(session, _NAMESPACES, lead=lead_id).scalars()
    return tuple(sorted({name.removesuffix(".anon") for name in names} - {"email"}))
