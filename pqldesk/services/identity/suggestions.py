"""Two leads that may be one person: somebody decides, and what was rejected is not asked again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from pqldesk.models.ids import LEAD, SUGGESTION, public_id, row_number
from pqldesk.models.people import HIDDEN_STATES, Lead, Merge, Suggestion
from pqldesk.models.ready_made import ask, gap
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.retelling import retold
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.identity.keys import survivor_of
from pqldesk.services.identity.merges import merge_leads
from pqldesk.services.record_rows import SuggestionShown

OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"
_ONE, _OTHER = aliased(Lead), aliased(Lead)
_OPEN = (
    select(Suggestion.id, Suggestion.reason, _ONE.id, _ONE.name, _OTHER.id, _OTHER.name)
    .join(_ONE, _ONE.id == Suggestion.lead_id)
    .join(_OTHER, _OTHER.id == Suggestion.other_id)
    .where(
        Suggestion.state == OPEN,
        _ONE.state.not_in(HIDDEN_STATES),
        _OTHER.state.not_in(HIDDEN_STATES),
    )
    .order_by(Suggestion.id)
)
_OPEN_OF_LEAD = _OPEN.where((Suggestion.lead_id == gap("lead")) | (Suggestion.other_id == gap("lead")))


def suggest(
    session: Session, lead_id: int, other_id: int, reason: str, at: datetime, batch_id: int | None = None
) -> bool:
    """Ask whether the two are one person. False, and nothing stored, when that was asked before."""
    low, high = sorted((lead_id, other_id))
    asked = select(Suggestion.id).where(Suggestion.lead_id == low, Suggestion.other_id == high)
    if low == high or session.scalar(asked) is not None:
        return False
    session.add(
        Suggestion(lead_id=low, other_id=high, reason=reason, state=OPEN, created_at=at, batch_id=batch_id)
    )
    session.flush()
    return True


def kept_apart(session: Session, lead_id: int, other_id: int) -> bool:
    """Whether somebody decided that the two are two people: by rejecting that, or by taking a merge apart."""
    low, high = sorted((lead_id, other_id))
    rejected = select(Suggestion.id).where(
        Suggestion.lead_id == low, Suggestion.other_id == high, Suggestion.state == REJECTED
    )
    parted = select(Merge.id).where(
        Merge.survivor_id.in_((low, high)), Merge.loser_id.in_((low, high)), Merge.undone_at.is_not(None)
    )
    return session.scalar(rejected) is not None or session.scalar(parted) is not None


def open_suggestions(session: Session, lead_id: int | None = None) -> list[SuggestionShown]:
    """What is still to be decided, oldest first; with *lead_id* only what concerns that lead."""
    found = ask(session, _OPEN) if lead_id is None else ask(session, _OPEN_OF_LEAD, lead=lead_id)
    return [
        SuggestionShown(
            public_id(SUGGESTION, number),
            public_id(LEAD, one_id),
            one_name,
            public_id(LEAD, other_id),
            other_name,
            retold(reason),
        )
        for number, reason, one_id, one_name, other_id, other_name in found
    ]


def suggestion_of(session: Session, text: str) -> Suggestion:
    """The suggestion with that id. NotFound names what was looked for."""
    number = row_number(SUGGESTION, text)
    suggestion = session.get(Suggestion, number) if number is not None else None
    if suggestion is None:
        raise NotFound(
            _("There is no suggestion {text!r}.").format(text=text),
            _("List them to see their ids: suggestions list."),
        )
    return suggestion


def accept_suggestion(session: Session, suggestion: Suggestion, rep: str, at: datetime) -> Changes:
    """Merge the two, the older lead survives: one with an e-mail before one without."""
    check_open(suggestion)
    one, other = the_two(session, suggestion)
    return merge_leads(session, one, other, rep, suggestion.reason, at)


def the_two(session: Session, suggestion: Suggestion) -> tuple[Lead, Lead]:
    """The lead that would stay and the one that would become part of it."""
    one = session.get_one(Lead, survivor_of(session, suggestion.lead_id))
    other = session.get_one(Lead, survivor_of(session, suggestion.other_id))
    return (other, one) if one.email is None and other.email is not None else (one, other)


def reject_suggestion(session: Session, suggestion: Suggestion, rep: str, at: datetime) -> Changes:
    """They are two people."""
    check_open(suggestion)
    with recording(
        session, rep, "suggestion_rejected", at=at, detail=suggestion.reason, lead_id=suggestion.lead_id
    ):
        suggestion.state = REJECTED
    return Changes.to(Topic.LEADS)


def check_open(suggestion: Suggestion) -> None:
    """Raise NotAllowed where somebody has decided already."""
    if suggestion.state != OPEN:
        raise NotAllowed(
            _("The suggestion {suggestion} was already {state}.").format(
                suggestion=public_id(SUGGESTION, suggestion.id), state=suggestion.state
            ),
            _("Undo that first, or merge the leads by hand."),
        )
