"""The inbox of a rep: what was found is written down once, pops up as the rules allow, and is read when it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, NOTICE, public_id, row_number
from pqldesk.models.notices import Notice, NoticeMark
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.rights import me
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import iso, now
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.history import recording
from pqldesk.services.notices.finding import News, Sighting
from pqldesk.services.notices.rows import NoticeRow, Pop, Told, notice_text
from pqldesk.services.settings.notice_policy import Policy, policy_of

KEPT = timedelta(days=60)  # of what was read
_SHOWN = 500
_OF_AN_OWNER = ("respond", "trial_ends")  # told of nobody else's lead, and of no free one


def tell(session: Session, rep: str, sighting: Sighting, at: datetime) -> Told:
    """Write down what *sighting* found, unless another process has, and what may pop up now.

    Whatever pops up is marked in the same transaction, so that no second process shows it too.
    """
    fresh = note_down(session, rep, sighting, at)
    pops = _pop(session, rep, at)
    changes = Changes.to(Topic.NOTICES) if fresh.topics or pops else Changes()
    return Told(pops, settings.value(session, "notify_desktop") == "true", changes)


def note_down(session: Session, rep: str, sighting: Sighting, at: datetime) -> Changes:
    """Write down what *sighting* found; nothing pops up."""
    fresh = _fresh(session, rep, sighting)
    for one in fresh:
        session.add(Notice(rep=rep, kind=one.kind, key=one.key, lead_id=one.lead_id, facts=one.facts, at=at))
    if fresh:
        session.execute(delete(Notice).where(Notice.rep == rep, Notice.read_at < at - KEPT))
    session.flush()
    return Changes.to(Topic.NOTICES) if fresh else Changes()


def _fresh(session: Session, rep: str, sighting: Sighting) -> list[News]:
    """What no other process has told meanwhile; where one has looked at the same rows, the next look sees the rest."""
    mark = session.scalars(select(NoticeMark).where(NoticeMark.rep == rep)).first()
    stands = None if mark is None else (mark.score_event, mark.submission)
    if stands != sighting.since:
        return []
    if mark is None:
        mark = NoticeMark(rep=rep, score_event=0, submission=0)
        session.add(mark)
    mark.score_event, mark.submission = sighting.score_event, sighting.submission
    keys = [one.key for one in sighting.news]
    known = set(session.scalars(select(Notice.key).where(Notice.rep == rep, Notice.key.in_(keys))))
    return [one for one in sighting.news if one.key not in known]


def take_back(session: Session, leads: Mapping[int, str], since: datetime) -> None:
    """Forget what was told of *leads* from *since* on, when they were somebody's who no longer has them: lead -> rep.

    What was read stays, and so does what everybody is told of a lead that is free to claim. In a team a rep forgets
    what they were told themselves: what others were is theirs.
    """
    mine = me(session)
    for rep in set(leads.values()):
        if mine is not None and mine.role == "rep" and rep.casefold() != (mine.email or "").casefold():
            continue
        theirs = [lead for lead, whose in leads.items() if whose == rep]
        for lead in session.scalars(
            select(Lead).where(Lead.id.in_(theirs), Lead.owner.is_distinct_from(rep))
        ):
            told = delete(Notice).where(
                Notice.rep == rep, Notice.lead_id == lead.id, Notice.read_at.is_(None), Notice.at >= since
            )
            if lead.owner is None:
                told = told.where(Notice.kind.in_(_OF_AN_OWNER))
                if lead.hand_raised_at is not None:
                    told = told.where(Notice.kind != "respond")
            session.execute(told)


def notice_rows(
    session: Session, rep: str, at: datetime | None = None, *, unread_only: bool = False
) -> list[NoticeRow]:
    """The newest notices first, at most 500; those about a lead that is gone are left out.

    One that was put off is as new as the moment at which it comes back.
    """
    wanted = (
        select(Notice, Lead.id, Lead.name, Lead.company_name)
        .outerjoin(Lead, Lead.id == Notice.lead_id)
        .where(
            Notice.rep == rep,
            Notice.lead_id.is_(None) | (Lead.id.is_not(None) & Lead.state.not_in(HIDDEN_STATES)),
        )
    )
    if unread_only:
        wanted = wanted.where(_unread(at or now()))
    newest = func.coalesce(Notice.snoozed_until, Notice.at).desc(), Notice.id.desc()
    return [
        NoticeRow(
            public_id(NOTICE, notice.id),
            notice.kind,
            "" if lead is None else public_id(LEAD, lead),
            name or "",
            company or "",
            notice_text(notice.kind, notice.facts),
            notice.at,
            notice.read_at,
            notice.snoozed_until,
        )
        for notice, lead, name, company in session.execute(wanted.order_by(*newest).limit(_SHOWN))
    ]


def _unread(at: datetime) -> ColumnElement[bool]:
    """Neither read nor put off to a later moment."""
    return and_(Notice.read_at.is_(None), or_(Notice.snoozed_until.is_(None), Notice.snoozed_until <= at))


def unread_notices(session: Session, rep: str, at: datetime | None = None) -> int:
    """How many the rep has not read, without those that are put off."""
    return session.execute(
        select(func.count())
        .select_from(Notice)
        .outerjoin(Lead, Lead.id == Notice.lead_id)
        .where(
            Notice.rep == rep,
            _unread(at or now()),
            Notice.lead_id.is_(None) | (Lead.id.is_not(None) & Lead.state.not_in(HIDDEN_STATES)),
        )
    ).scalar_one()


def mark_read(
    session: Session, notice_ids: Sequence[str] | None, rep: str, at: datetime, *, recorded: bool = True
) -> Changes:
    """Mark notices read, all of the rep's where none is named. NotFound names one that is not theirs.

    What is read by opening it is not *recorded*: undo would take that back in place of what was done then.
    """
    if notice_ids is None:
        rows = session.scalars(select(Notice).where(Notice.rep == rep, _unread(at))).all()
    else:
        rows = _named(session, notice_ids, rep)
    unread = [row for row in rows if row.read_at is None]
    if not unread:
        return Changes()
    if not recorded:
        for row in unread:
            row.read_at = at
        return Changes.to(Topic.NOTICES)
    detail = n_("{n} notice", "{n} notices", len(unread))
    with recording(session, rep, "notices_read", at=at, detail=detail):
        for row in unread:
            row.read_at = at
    return Changes.to(Topic.NOTICES)


def snooze_notices(
    session: Session, notice_ids: Sequence[str], until: datetime, rep: str, at: datetime
) -> Changes:
    """Put unread notices off: from *until* on they are unread and pop up again. What is read stays so."""
    if until <= at:
        raise BadInput(
            _("A notice cannot be put off until {until}, which is over.").format(until=iso(until)),
            _("Give a later time."),
        )
    unread = [row for row in _named(session, notice_ids, rep) if row.read_at is None]
    if not unread:
        return Changes()
    detail = n_("{n} notice", "{n} notices", len(unread))
    with recording(session, rep, "notices_snoozed", at=at, detail=detail):
        for row in unread:
            row.snoozed_until, row.told_at = until, None
    return Changes.to(Topic.NOTICES)


def _named(session: Session, notice_ids: Sequence[str], rep: str) -> Sequence[Notice]:
    wanted = select(Notice).where(Notice.rep == rep, Notice.id.in_([_number(one) for one in notice_ids]))
    rows = session.scalars(wanted).all()
    if len(rows) < len(set(notice_ids)):
        there = {public_id(NOTICE, row.id) for row in rows}
        missing = next((one for one in notice_ids if one.upper() not in there), "")
        raise NotFound(
            _("There is no notice {missing!r} of {rep}.").format(missing=missing, rep=rep),
            _("See: notifications list."),
        )
    return rows


def _number(notice_id: str) -> int:
    found = row_number(NOTICE, notice_id)
    if found is None:
        raise NotFound(
            _("{notice_id!r} is no id of a notice.").format(notice_id=notice_id),
            _("Give one such as Y000001: notifications list."),
        )
    return found


def _policy(session: Session) -> Policy:
    return policy_of(
        settings.zone(session),
        settings.value(session, "quiet_hours"),
        settings.value(session, "notify_budget"),
        settings.value(session, "notify_digest"),
    )


def _pop(session: Session, rep: str, at: datetime) -> tuple[Pop, ...]:
    policy = _policy(session)
    if policy.is_quiet(at):
        return ()
    waiting = session.execute(
        select(Notice, Lead.name)
        .outerjoin(Lead, Lead.id == Notice.lead_id)
        .where(Notice.rep == rep, Notice.told_at.is_(None), _unread(at), Notice.at <= at)
        .order_by(Notice.id)
    ).all()
    if not any(notice.at <= policy.digest_before(at) for notice, _name in waiting):
        return ()
    told_today = session.execute(
        select(func.count(func.distinct(Notice.told_at))).where(
            Notice.rep == rep, Notice.told_at >= policy.day_began(at)
        )
    ).scalar_one()
    messages = policy.messages(len(waiting), told_today)
    if not messages:
        return ()
    for n, (notice, _name) in enumerate(waiting):
        notice.told_at = at + timedelta(microseconds=n if messages > 1 else 0)
    if messages == len(waiting):
        return tuple(
            Pop(
                name or _("PQLDesk"),
                notice_text(notice.kind, notice.facts),
                "" if notice.lead_id is None else public_id(LEAD, notice.lead_id),
            )
            for notice, name in waiting
        )
    words = n_("{n} notice waits in the inbox", "{n} notices wait in the inbox", len(waiting))
    return (Pop(_("PQLDesk"), words),)
