"""Leads entered by hand, and the moves a rep makes with any lead."""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead, Submission
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import iso, told
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.plain_text import plain
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.basics.typed_text import NAME, NOTE
from pqldesk.services.claims import named_rep
from pqldesk.services.files.values import BadValue
from pqldesk.services.files.values import email as checked_email
from pqldesk.services.history import recording
from pqldesk.services.identity.companies import CompanyFacts, CompanyFinder, company_domain
from pqldesk.services.identity.keys import EMAIL, attach, identities_of
from pqldesk.services.identity.likeness import suggest_likely
from pqldesk.services.lead_states import Move, moved, touched
from pqldesk.services.outbox.playbooks import queue_playbooks
from pqldesk.services.routing import route_leads
from pqldesk.services.rows import LeadDraft
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.team.lapses import settle_lead
from pqldesk.services.team.leases import lease, put, standing_of
from pqldesk.services.touches import touch

BY_HAND = "manual"
_NAMES = ("email", "first_name", "last_name", "company", "domain", "job_title", "phone", "country", "plan")
_LIMITS = {**dict.fromkeys((*_NAMES, "glm_content"), NAME), "comment": NOTE}  # characters
KINDS = ("manual", "hand_raise", "trial", "signup", "contact", "cart_abandonment", "import")
CHANGED = Changes.to(Topic.LEADS)


@dataclass(frozen=True, slots=True)
class LeadAdded:
    """The new lead; *id* is its row number."""

    lead_id: str
    id: int
    changes: Changes


@dataclass(frozen=True, slots=True)
class DraftFault:
    """What a field of a draft needs before it can be kept."""

    field: str
    what: str
    remedy: str


class LeadExists(NotAllowed):
    """There is a lead with that e-mail: *lead_id* is the one to open instead."""

    def __init__(self, email: str, lead_id: str, name: str) -> None:
        super().__init__(
            _("{email} is already a lead: {name} ({lead_id}).").format(
                email=email, name=name, lead_id=lead_id
            ),
            _("Open that one instead."),
        )
        self.lead_id = lead_id


def check_draft(draft: LeadDraft) -> tuple[DraftFault, ...]:
    """What keeps *draft* from being added, field by field; nothing when it can be."""
    faults = []
    email = draft.email.strip()
    if email:
        try:
            checked_email(email)
        except BadValue as wrong:
            faults.append(DraftFault("email", f"{wrong}.", _("Write it like jane@example.com.")))
    elif not (draft.first_name.strip() or draft.last_name.strip()):
        faults.append(
            DraftFault("email", _("The lead has neither an e-mail nor a name."), _("Give one of them."))
        )
    if draft.domain.strip() and "." not in draft.domain:
        faults.append(
            DraftFault(
                "domain",
                _("{domain!r} is no domain.").format(domain=draft.domain.strip()),
                _("Write it like example.com."),
            )
        )
    if draft.kind not in KINDS:
        faults.append(
            DraftFault(
                "kind",
                _("{kind!r} is no kind of lead.").format(kind=draft.kind),
                _("Known: {known}.").format(known=", ".join(KINDS)),
            )
        )
    for name, limit in _LIMITS.items():
        if len(text := getattr(draft, name)) > limit:
            what = _("The {field} has {n} characters; the limit is {limit}.").format(
                field=name.replace("_", " "), n=numeral(len(text)), limit=numeral(limit)
            )
            faults.append(DraftFault(name, what, _("Shorten it.")))
    return tuple(faults)


def _cleaned(draft: LeadDraft) -> LeadDraft:
    """The draft without control signs."""
    cleaned: dict[str, Any] = {name: plain(getattr(draft, name)) for name in _LIMITS}
    return replace(draft, **cleaned)


def add_lead(session: Session, draft: LeadDraft, rep: str, at: datetime) -> LeadAdded:
    """A new lead with the submission it came by. Raises LeadExists where its e-mail belongs to one."""
    rep = named_rep(rep)
    for fault in check_draft(draft):
        raise BadInput(fault.what, fault.remedy)
    draft = _cleaned(draft)
    email = draft.email.strip() or None
    if email is not None:
        _refuse_duplicate(session, email)
    with recording(session, rep, "added", at=at, detail=draft.kind) as action:
        lead = _new_lead(session, draft, email, at)
        action.lead_id = lead.id
        identity_id = None
        if email is not None:
            identity_id = attach(session, lead, EMAIL, email, verified=True, at=at).identity_id
        _add_submission(session, lead, draft, identity_id, at)
    qualified = rescore(session, [lead.id], at, "events").newly_qualified
    route_leads(session, qualified, at)
    suggest_likely(session, [lead.id], at)
    queue_playbooks(session, [lead.id], at)
    topics = (Topic.LEADS, Topic.USAGE, Topic.TRIALS, Topic.SOURCES, Topic.OUTBOX)
    return LeadAdded(public_id(LEAD, lead.id), lead.id, Changes.to(*topics))


def disqualify(session: Session, lead: Lead, reason: str, rep: str, at: datetime) -> Changes:
    """Not a lead for us, for a reason that can be counted later."""
    if not reason.strip():
        raise BadInput(
            _("{lead} is not disqualified without a reason.").format(lead=lead.name),
            _("Say why in a few words."),
        )
    return _move(session, lead, Move.DISQUALIFY, rep, at, "disqualified", reason=reason.strip())


def won(
    session: Session, lead: Lead, rep: str, at: datetime, *, deal_value: Decimal | None = None
) -> Changes:
    """The lead bought."""
    return _move(session, lead, Move.WON, rep, at, "won", outcome="won", deal_value=deal_value)


def lost(session: Session, lead: Lead, rep: str, at: datetime, *, reason: str = "") -> Changes:
    """The lead did not buy."""
    return _move(session, lead, Move.LOST, rep, at, "lost", reason=reason.strip() or None, outcome="lost")


def reopen(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    """Take a closed or sleeping lead up again; an outcome that was noted is taken back."""
    return _move(session, lead, Move.REOPEN, rep, at, "reopened")


def snooze(session: Session, lead: Lead, until: datetime, rep: str, at: datetime) -> Changes:
    """Out of the queue until then; the state before comes back by itself."""
    return _move(session, lead, Move.SNOOZE, rep, at, "snoozed", until=until)


def nurture(session: Session, lead: Lead, until: datetime, rep: str, at: datetime) -> Changes:
    """Left to marketing until then."""
    return _move(session, lead, Move.NURTURE, rep, at, "nurtured", until=until)


def _move(
    session: Session,
    lead: Lead,
    move: Move,
    rep: str,
    at: datetime,
    action: str,
    *,
    reason: str | None = None,
    until: datetime | None = None,
    outcome: str | None = None,
    deal_value: Decimal | None = None,
) -> Changes:
    """Make *move* as one action: also a touch, so the response clock stops and the owner's lease is renewed."""
    rep = named_rep(rep)
    settle_lead(session, lead, at)
    now, length = micros(at), lease(session)
    standing = touched(standing_of(lead), now, length)
    after = moved(
        lead.name, standing, move, until=None if until is None else micros(until), now=now, lease=length
    )
    detail = reason or (f"until {told(until)}" if until is not None else "")
    with recording(session, rep, action, at=at, detail=detail, lead_id=lead.id):
        touch(session, lead, rep, at)
        put(lead, after)
        lead.state_reason = reason
        if move is Move.REOPEN or outcome is not None:
            lead.outcome, lead.outcome_at = outcome, at if outcome else None
        if deal_value is not None:
            lead.deal_value = deal_value
    return CHANGED


def _refuse_duplicate(session: Session, email: str) -> None:
    held = identities_of(session, [(EMAIL, email)]).get((EMAIL, email))
    if held is None or held.lead_id is None:
        return
    name = session.scalar(select(Lead.name).where(Lead.id == held.lead_id)) or email
    raise LeadExists(email, public_id(LEAD, held.lead_id), name)


def _new_lead(session: Session, draft: LeadDraft, email: str | None, at: datetime) -> Lead:
    first, last = draft.first_name.strip() or None, draft.last_name.strip() or None
    company = CompanyFinder(session, at).find(
        CompanyFacts(domain=draft.domain, email=draft.email, name=draft.company, plan=draft.plan or None)
    )
    name = " ".join(filter(None, (first, last))) or email or ""
    lead = Lead(
        name=name,
        first_name=first,
        last_name=last,
        email=email,
        job_title=draft.job_title.strip() or None,
        phone=draft.phone.strip() or None,
        country=draft.country.strip() or None,
        plan=draft.plan.strip() or None,
        company_id=company.id if company else None,
        company_name=draft.company.strip() or (company.name if company else None),
        domain=company_domain(draft.domain)
        or company_domain(draft.email)
        or (company.domain if company else None),
        signup_at=at if draft.kind == "signup" else None,
        source=BY_HAND,
        placement=draft.glm_content.strip() or None,
        hand_raised_at=at if draft.kind == "hand_raise" else None,
        created_at=at,
    )
    session.add(lead)
    session.flush()
    return lead


def _add_submission(
    session: Session, lead: Lead, draft: LeadDraft, identity_id: int | None, at: datetime
) -> None:
    raw = {key: value for key, value in asdict(draft).items() if value}
    fingerprint = hashlib.sha256(
        f"{BY_HAND}\0{lead.id}\0{iso(at)}\0{sorted(raw.items())}".encode()
    ).hexdigest()
    session.add(
        Submission(
            lead_id=lead.id,
            identity_id=identity_id,
            kind=draft.kind,
            source=BY_HAND,
            glm_source=draft.extra.get("glm_source"),
            glm_content=draft.glm_content.strip() or None,
            product_interaction=draft.extra.get("product_interaction"),
            comment=draft.comment.strip() or None,
            raw=raw,
            fingerprint=fingerprint,
            submitted_at=at,
            received_at=at,
        )
    )
