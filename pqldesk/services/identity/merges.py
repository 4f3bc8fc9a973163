"""Merging two leads, and taking that apart again at any later time.

A merge moves the rows that hang on the loser and fills what the survivor lacks; the loser stays as a hidden row. The
merge row keeps what was moved and filled. Taking it back moves those rows home, sends what arrived in between home by
its source key, and leaves with the survivor what somebody did by hand. Usage hangs on identities and so goes along.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Identity, Lead, Merge, Submission, Suggestion, Trial
from pqldesk.models.remote import Conflict, OutboxItem, RemoteLink
from pqldesk.models.work import Claim, Handoff, HandoffDraft, Note, Task
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.history import Image, bare_table, recording, stored_rows
from pqldesk.services.identity.fills import STANDING, fill, unfill
from pqldesk.services.identity.keys import relink
from pqldesk.services.scoring.rescore import rescore

CHANGED = Changes.to(Topic.LEADS, Topic.USAGE, Topic.TASKS, Topic.TRIALS, Topic.OUTBOX)
MERGED = "merged"
CLAIM_ENDED = "merged"

_MOVED = (Submission, Trial, Task, Note, Handoff, HandoffDraft, OutboxItem, Claim, Conflict)
_KEYED = (Submission, Trial)  # rows that know the identity they came under
# What a hidden lead must not have, so that nothing falls due for it.
_HIDDEN: Image = dict.fromkeys((*STANDING, "respond_by")) | {"state": MERGED}


def merge_leads(
    session: Session, survivor: Lead, loser: Lead, actor: str, reason: str, at: datetime
) -> Changes:
    """Make *loser* part of *survivor*, as one action of *actor* that undo or unmerge() takes back."""
    with recording(
        session, actor, MERGED, at=at, detail=f"{_named(loser)} into {_named(survivor)}: {reason}"
    ) as action:
        join_leads(session, survivor, loser, actor, reason, at)
        action.lead_id = survivor.id
    rescore(session, [survivor.id, loser.id], at, "merge")
    return CHANGED


def join_leads(session: Session, survivor: Lead, loser: Lead, actor: str, reason: str, at: datetime) -> Merge:
    """The merge alone, for imports: no action, no rescoring."""
    session.flush()
    for lead in (survivor, loser):
        if lead.merged_into is not None:
            into = session.get_one(Lead, lead.merged_into)
            raise NotAllowed(
                _("{lead} was already merged into {into}.").format(lead=_named(lead), into=_named(into)),
                _("Merge {into} instead.").format(into=_named(into)),
            )
        if lead.state == "erased":
            raise NotAllowed(
                _("{lead} was erased.").format(lead=_named(lead)),
                _("Nothing can be done with an erased lead."),
            )
    if survivor.id == loser.id:
        raise NotAllowed(
            _("{loser} cannot be merged into itself.").format(loser=_named(loser)), _("Name another lead.")
        )
    merge = Merge(
        survivor_id=survivor.id,
        loser_id=loser.id,
        at=at,
        actor=actor,
        reason=reason,
        moved={"turn": 0},
    )
    session.add(merge)
    session.flush()
    _apply(session, merge, at)
    return merge


def unmerge(session: Session, lead: Lead | Merge, actor: str, at: datetime) -> Changes:
    """Take back the merge that hid *lead*, or else the last one into it, as one action of *actor*."""
    merge = lead if isinstance(lead, Merge) else _last_merge(session, lead)
    loser, survivor = session.get_one(Lead, merge.loser_id), session.get_one(Lead, merge.survivor_id)
    with recording(
        session,
        actor,
        "unmerged",
        at=at,
        detail=f"{_named(loser)} from {_named(survivor)}",
        lead_id=survivor.id,
    ):
        take_back(session, merge, at)
    return CHANGED


def take_back(session: Session, merge: Merge, at: datetime) -> None:
    """Undo *merge* and rescore both leads. Refuses while the survivor is itself merged into another lead."""
    session.flush()
    survivor, loser = session.get_one(Lead, merge.survivor_id), session.get_one(Lead, merge.loser_id)
    if merge.undone_at is not None:
        raise NotAllowed(
            _("The merge of {loser} was already taken back.").format(loser=_named(loser)),
            _("There is nothing to do."),
        )
    if survivor.merged_into is not None:
        into = session.get_one(Lead, survivor.merged_into)
        raise NotAllowed(
            _("{survivor} was itself merged into {into} later.").format(
                survivor=_named(survivor), into=_named(into)
            ),
            _("Un-merge {survivor} first.").format(survivor=_named(survivor)),
        )
    if "erased" in (survivor.state, loser.state):
        raise NotAllowed(
            _("{survivor} was erased.").format(survivor=_named(survivor)),
            _("Its merges cannot be taken back."),
        )
    moved: dict[str, Any] = merge.moved
    _move_home(session, merge, moved, at)
    stack = _active_merges(session, survivor.id)
    standing_kept = False
    for one in reversed(stack):  # fields were filled one merge upon the other: take them off in turn
        kept = unfill(session, survivor.id, one.moved["filled"])
        standing_kept = kept if one is merge else standing_kept
    merge.undone_at = at
    session.flush()
    for one in stack:
        if one is not merge:
            one.moved = {**one.moved, "filled": fill(session, survivor.id, _image_of_loser(session, one))}
    _wake_loser(session, merge, moved, standing_kept)
    _sort_hand_raises(session, merge)
    _date_first_touch(session, merge)
    session.flush()
    session.expire_all()
    rescore(session, [merge.survivor_id, merge.loser_id], at, "unmerge")


def apply_again(session: Session, merge: Merge, at: datetime) -> None:
    """Do a merge again that was taken back, and rescore both leads."""
    session.flush()
    merge.undone_at = None
    _apply(session, merge, at)
    rescore(session, [merge.survivor_id, merge.loser_id], at, "merge")


def _apply(session: Session, merge: Merge, at: datetime) -> None:
    survivor_id, loser_id = merge.survivor_id, merge.loser_id
    loser = stored_rows(session, "lead", [loser_id])[loser_id]
    turns = [int(one.moved["turn"]) for one in _active_merges(session, survivor_id) if one is not merge]
    rows: dict[str, list[int]] = {}
    identities = list(session.scalars(select(Identity.id).where(Identity.lead_id == loser_id)))
    relink(session, identities, survivor_id, at)
    rows["identity"] = identities
    open_claim = session.scalar(select(Claim.id).where(Claim.lead_id == loser_id, Claim.ended_at.is_(None)))
    for table in _MOVED:
        ids = list(session.scalars(select(table.id).where(table.lead_id == loser_id).order_by(table.id)))
        rows[table.__tablename__] = ids
        _set_lead(session, table.__tablename__, ids, loser_id, survivor_id)
    rows["remote_link"] = _move_person_links(session, loser_id, survivor_id)
    filled = fill(session, survivor_id, loser)
    claim_ended = open_claim if open_claim is not None and "owner" not in filled else None
    if claim_ended is not None:
        session.execute(
            update(Claim).where(Claim.id == claim_ended).values(ended_at=at, end_reason=CLAIM_ENDED)
        )
    lead = bare_table("lead")
    session.execute(update(lead).where(lead.c.id == loser_id).values(**_HIDDEN, merged_into=survivor_id))
    merge.moved = {
        "rows": rows,
        "filled": filled,
        "loser": {key: loser[key] for key in _HIDDEN},
        "open_claim": open_claim,
        "claim_ended": claim_ended,
        "suggestion": _close_suggestion(session, survivor_id, loser_id),
        "turn": 1 + max(turns, default=0),
    }
    session.flush()
    session.expire_all()


def _move_home(session: Session, merge: Merge, moved: dict[str, Any], at: datetime) -> None:
    survivor_id, loser_id = merge.survivor_id, merge.loser_id
    home = list(
        session.scalars(
            select(Identity.id).where(
                Identity.id.in_(moved["rows"]["identity"]), Identity.lead_id == survivor_id
            )
        )
    )
    relink(session, home, loser_id, at)
    for table in _MOVED:
        ids = moved["rows"].get(table.__tablename__, ())  # a merge made before the table was there
        _set_lead(session, table.__tablename__, ids, survivor_id, loser_id)
    for keyed in _KEYED:
        session.execute(
            update(keyed)
            .where(keyed.identity_id.in_(home), keyed.lead_id == survivor_id)
            .values(lead_id=loser_id)
        )
    session.execute(
        update(RemoteLink)
        .where(RemoteLink.id.in_(moved["rows"]["remote_link"]), RemoteLink.local_id == survivor_id)
        .values(local_id=loser_id)
    )
    if moved["claim_ended"] is not None:
        session.execute(
            update(Claim)
            .where(Claim.id == moved["claim_ended"], Claim.end_reason == CLAIM_ENDED)
            .values(ended_at=None, end_reason=None)
        )
    if moved["suggestion"] is not None:
        number, state = moved["suggestion"]
        session.execute(update(Suggestion).where(Suggestion.id == number).values(state=state))


def _wake_loser(session: Session, merge: Merge, moved: dict[str, Any], standing_kept: bool) -> None:
    """Give the loser its standing back; a claim that has ended since is not taken up again."""
    image: Image = dict(moved["loser"])
    claim = session.get(Claim, moved["open_claim"]) if moved["open_claim"] is not None else None
    if claim is not None:
        session.refresh(claim)
    if image["owner"] is not None and claim is not None and claim.ended_at is not None:
        image |= dict.fromkeys(STANDING) | {"state": "new"}
    lead = bare_table("lead")
    session.execute(update(lead).where(lead.c.id == merge.loser_id).values(**image, merged_into=None))
    survivor = stored_rows(session, "lead", [merge.survivor_id])[merge.survivor_id]
    if standing_kept and survivor["owner"] is not None and survivor["claimed_at"] is not None:
        # It was worked on under the loser's claim: that goes home, the work needs one of its own.
        has_one = session.scalar(
            select(Claim.id).where(Claim.lead_id == merge.survivor_id, Claim.ended_at.is_(None))
        )
        if has_one is None:
            claim_table = bare_table("claim")
            session.execute(
                claim_table.insert().values(
                    lead_id=merge.survivor_id, rep=survivor["owner"], taken_at=survivor["claimed_at"]
                )
            )


def _sort_hand_raises(session: Session, merge: Merge) -> None:
    """A hand raised while the two were one belongs to the lead whose form it was."""
    raised: dict[int, set[int]] = {merge.survivor_id: set(), merge.loser_id: set()}
    for lead_id, received_at in session.execute(
        select(Submission.lead_id, Submission.received_at).where(
            Submission.kind == "hand_raise", Submission.lead_id.in_(raised)
        )
    ):
        raised[lead_id].add(micros(received_at))
    lead = bare_table("lead")
    images = stored_rows(session, "lead", raised)
    for number, own in raised.items():
        others = set().union(*raised.values()) - own
        shown = images[number]["hand_raised_at"]
        if (shown is None and own) or shown in others:
            session.execute(
                update(lead).where(lead.c.id == number).values(hand_raised_at=min(own, default=None))
            )


def _date_first_touch(session: Session, merge: Merge) -> None:
    """A survivor that somebody touched while it had the loser's first touch gets the one of its own."""
    session.expire_all()
    survivor = session.get_one(Lead, merge.survivor_id)
    if survivor.first_touch_at is not None or survivor.touched_at is None:
        return
    if "first_touch_at" not in merge.moved["filled"]:
        return
    own = [
        session.scalar(select(func.min(Note.at)).where(Note.lead_id == survivor.id, Note.at >= merge.at)),
        session.scalar(select(func.min(Task.done_at)).where(Task.lead_id == survivor.id)),
    ]
    survivor.first_touch_at = min((at for at in own if at is not None), default=survivor.touched_at)


def _active_merges(session: Session, survivor_id: int) -> list[Merge]:
    """In the order in which they filled the survivor: one that was redone comes after those that stood."""
    active = session.scalars(select(Merge).where(Merge.survivor_id == survivor_id, Merge.undone_at.is_(None)))
    return sorted(active, key=lambda merge: int(merge.moved["turn"]))


def _image_of_loser(session: Session, merge: Merge) -> Image:
    stored = stored_rows(session, "lead", [merge.loser_id])[merge.loser_id]
    return {**stored, **merge.moved["loser"]}


def _last_merge(session: Session, lead: Lead) -> Merge:
    active = select(Merge).where(Merge.undone_at.is_(None)).order_by(Merge.id.desc()).limit(1)
    column = Merge.loser_id if lead.merged_into is not None else Merge.survivor_id
    merge = session.scalars(active.where(column == lead.id)).first()
    if merge is None:
        raise NotFound(
            _("{lead} was not merged with another lead.").format(lead=_named(lead)),
            _("There is nothing to take apart."),
        )
    return merge


def _move_person_links(session: Session, loser_id: int, survivor_id: int) -> list[int]:
    taken = select(RemoteLink.system).where(RemoteLink.kind == "person", RemoteLink.local_id == survivor_id)
    ids = list(
        session.scalars(
            select(RemoteLink.id).where(
                RemoteLink.kind == "person",
                RemoteLink.local_id == loser_id,
                RemoteLink.system.not_in(taken),
            )
        )
    )
    session.execute(update(RemoteLink).where(RemoteLink.id.in_(ids)).values(local_id=survivor_id))
    return ids


def _close_suggestion(session: Session, one: int, other: int) -> tuple[int, str] | None:
    suggestion = session.scalars(
        select(Suggestion).where(
            Suggestion.lead_id == min(one, other), Suggestion.other_id == max(one, other)
        )
    ).first()
    if suggestion is None:
        return None
    before = suggestion.state
    suggestion.state = "accepted"
    return suggestion.id, before


def _set_lead(session: Session, name: str, ids: Collection[int], was: int, becomes: int) -> None:
    table = bare_table(name)
    for chunk in chunked(ids):
        session.execute(
            update(table).where(table.c.id.in_(chunk), table.c.lead_id == was).values(lead_id=becomes)
        )


def _named(lead: Lead) -> str:
    return f"{lead.name or lead.email or _('a lead without a name')} ({public_id(LEAD, lead.id)})"
