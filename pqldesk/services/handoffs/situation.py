"""Everything a handoff of one lead looks at: who it is, what it did, its trial, and what the person asked for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Identity, Lead, Submission, Trial
from pqldesk.models.usage import EventKind, UsageTotal
from pqldesk.services import settings
from pqldesk.services.basics.moments import local_days, moment
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.connections import Linked, connected_crm
from pqldesk.services.handoffs.crm_facts import LeadFacts, lead_facts, signal_values
from pqldesk.services.handoffs.note import (
    HandoffFacts,
    key_features,
    reached_features,
    recommended_approach,
)
from pqldesk.services.scoring.live import LiveModel, live_model
from pqldesk.services.trial_rules import TrialFacts, days_left, trial_shown, trial_state

ACTIVE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a draft or push of one lead looks at."""

    lead: Lead
    facts: LeadFacts
    live: LiveModel
    link: Linked | None
    trial: TrialFacts | None
    now: datetime


def situation(session: Session, lead_id: str, now: datetime, system: str | None) -> Situation:
    row_id = row_number(LEAD, lead_id)
    lead = None if row_id is None else session.get(Lead, row_id)
    facts = {} if row_id is None else lead_facts(session, [row_id], now)
    if lead is None or row_id not in facts:
        raise NotFound(
            _("There is no lead {lead_id}.").format(lead_id=lead_id),
            _("Check the id, or look it up by e-mail."),
        )
    link = connected_crm(session, system)
    if system is not None and link is None:
        raise NotFound(
            _("{system} is not connected.").format(system=title_of(system)),
            _("Connect it: pqldesk connect {system}.").format(system=system),
        )
    return Situation(lead, facts[lead.id], live_model(session), link, _trial(session, lead, now), now)


def _trial(session: Session, lead: Lead, now: datetime) -> TrialFacts | None:
    own = session.scalars(select(Trial).where(Trial.lead_id == lead.id)).all()
    whose = Trial.company_id == lead.company_id
    others = [] if lead.company_id is None else list(session.scalars(select(Trial).where(whose)))
    return trial_shown(map(_trial_facts, own), map(_trial_facts, others), now)


def _trial_facts(row: Trial) -> TrialFacts:
    return TrialFacts(
        row.starts_at,
        row.ends_at,
        row.ends_date_only,
        row.first_ends_at,
        row.source_state,
        row.converted_at,
        row.closed_at,
        row.plan,
        str(row.id).rjust(12, "0"),
    )


def approach_to(session: Session, seen: Situation) -> str:
    zone, lead = settings.zone(session), seen.lead
    open_trial = seen.trial is not None and trial_state(seen.trial, seen.now, zone) in ("active", "extended")
    raised = lead.hand_raised_at is not None and lead.hand_raised_at <= seen.now
    return recommended_approach(
        hand_raised=raised,
        trial_days_left=days_left(seen.trial, seen.now, zone) if seen.trial and open_trial else None,
        at_cut=lead.score >= seen.live.model.cut,
    )


def note_facts(session: Session, seen: Situation, approach: str) -> HandoffFacts:
    zone = settings.zone(session)
    started = seen.trial.starts_at if seen.trial else None
    events = session.execute(
        select(EventKind.key, func.sum(UsageTotal.n))
        .join(UsageTotal, UsageTotal.kind_id == EventKind.id)
        .join(Identity, Identity.id == UsageTotal.identity_id)
        .where(EventKind.name == "feature_activated", Identity.lead_id == seen.lead.id)
        .group_by(EventKind.key)
    )
    return HandoffFacts(
        score=seen.lead.score,
        active_users=_active_users(session, seen),
        key_features=key_features(
            {key: int(n) for key, n in events},
            settings.family(session, "feature_label."),
            reached_features(seen.live.model, signal_values(seen.lead, seen.live)),
        ),
        trial_start=started.astimezone(zone).date() if started else None,
        activation=seen.lead.activation,
        approach=approach,
    )


def _active_users(session: Session, seen: Situation) -> int:
    """Leads of the company, or the lead alone, with an event in the last 14 days of the workspace."""
    days = local_days(settings.zone(session))
    since = moment(days.midnight(days.day_of(micros(seen.now)) - ACTIVE_DAYS + 1))
    whose = (
        Lead.id == seen.lead.id if seen.lead.company_id is None else Lead.company_id == seen.lead.company_id
    )
    wanted = (
        select(func.count()).select_from(Lead).where(whose, Lead.is_listed == 1, Lead.last_active_at >= since)
    )
    return session.execute(wanted).scalar_one()


def request_of(session: Session, lead_id: int) -> str | None:
    """What the person wrote last when they raised a hand or asked to be contacted."""
    wanted = (
        select(Submission.comment)
        .where(Submission.lead_id == lead_id, Submission.comment.is_not(None))
        .where(Submission.kind.in_(["hand_raise", "contact"]))
        .order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(1)
    )
    return session.scalars(wanted).first()
