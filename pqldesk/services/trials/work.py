"""What reps do with trials: extend them, within limits and for a reason, or close them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.history import Action, ActionRow
from pqldesk.models.ids import TRIAL, public_id, row_number
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.claims import named_rep
from pqldesk.services.history import recording
from pqldesk.services.trial_outcomes import facts_of
from pqldesk.services.trial_rules import OPEN_STATES, TrialState, trial_state

MOST_EXTENSIONS = 3
MOST_DAYS = 90  # of all extensions together
EXTENDED = "trial_extended"
CHANGED = Changes.to(Topic.TRIALS, Topic.LEADS)


def trial_of(session: Session, text: str) -> Trial:
    """The trial with that id. NotFound names what was looked for."""
    number = row_number(TRIAL, text)
    trial = session.get(Trial, number) if number is not None else None
    if trial is None:
        raise NotFound(
            _("There is no trial {text!r}.").format(text=text), _("List trials to see their ids: trials.")
        )
    return trial


def extend_trial(session: Session, trial: Trial, days: int, reason: str, rep: str, at: datetime) -> Changes:
    """Move the end *days* later; an expired trial runs again from its old end. At most three times, 90 days in all."""
    rep, name = named_rep(rep), trial_name(session, trial)
    state = _state(session, trial, at)
    if state not in OPEN_STATES and state is not TrialState.EXPIRED:
        raise NotAllowed(
            _("The trial of {name} is {state}.").format(name=name, state=state),
            _("Only a running or expired trial can be extended."),
        )
    if trial.ends_at is None:
        raise NotAllowed(
            _("The trial of {name} has no end.").format(name=name), _("There is nothing to extend.")
        )
    if not reason.strip():
        raise BadInput(
            _("The trial of {name} is not extended without a reason.").format(name=name),
            _("Say why in a few words."),
        )
    if days < 1:
        raise BadInput(
            _("A trial cannot be extended by {days} days.").format(days=days),
            _("Give 1 to {most} days.").format(most=MOST_DAYS),
        )
    used = extensions_of(session, trial)
    if used >= MOST_EXTENSIONS:
        raise NotAllowed(
            _("The trial of {name} was already extended {used} times.").format(name=name, used=used),
            _("Close it, or let the source extend it."),
        )
    first = trial.first_ends_at or trial.ends_at
    given = (trial.ends_at - first).days
    if given + days > MOST_DAYS:
        raise NotAllowed(
            _("The trial of {name} would run {given} days over its first end, {first}.").format(
                name=name, given=given + days, first=iso(first)
            ),
            _("At most {most} days are allowed: give {left} or fewer.").format(
                most=MOST_DAYS, left=MOST_DAYS - given
            )
            if given < MOST_DAYS
            else _("It cannot be extended further."),
        )
    with recording(
        session, rep, EXTENDED, at=at, detail=f"{days} days: {reason.strip()}", lead_id=trial.lead_id
    ):
        trial.first_ends_at = first
        trial.ends_at = trial.ends_at + timedelta(days=days)
    trial.outcome = trial.outcome_at = None  # by rule: noted again once it is over
    return CHANGED


def close_trial(session: Session, trial: Trial, reason: str, rep: str, at: datetime) -> Changes:
    """The trial is lost: nobody will convert it."""
    rep, state = named_rep(rep), _state(session, trial, at)
    if state in (TrialState.CONVERTED, TrialState.LOST):
        raise NotAllowed(
            _("The trial of {name} is already {state}.").format(name=trial_name(session, trial), state=state),
            _("There is nothing to close."),
        )
    with recording(session, rep, "trial_closed", at=at, detail=reason.strip(), lead_id=trial.lead_id):
        trial.closed_at = at
    return CHANGED


def extensions_of(session: Session, trial: Trial) -> int:
    """How often people extended the trial, those taken back not counted."""
    return extensions_given(session, [trial.id]).get(trial.id, 0)


def extensions_given(session: Session, trial_ids: Sequence[int]) -> dict[int, int]:
    """Trial -> how often people extended it, those taken back not counted."""
    given = select(ActionRow.row_id, func.count()).join(Action, ActionRow.action_id == Action.id)
    given = given.where(Action.name == EXTENDED, Action.undone_at.is_(None), ActionRow.table == "trial")
    found = session.execute(given.group_by(ActionRow.row_id)).all()  # few: each is a rep's decision
    wanted = set(trial_ids)
    return {trial_id: many for trial_id, many in found if trial_id in wanted}


def trial_name(session: Session, trial: Trial) -> str:
    """Whose trial it is, for sentences."""
    company = session.get(Company, trial.company_id) if trial.company_id is not None else None
    lead = session.get(Lead, trial.lead_id) if trial.lead_id is not None else None
    who = company.name if company is not None else lead.name if lead is not None else "nobody known"
    return f"{who} ({public_id(TRIAL, trial.id)})"


def _state(session: Session, trial: Trial, at: datetime) -> TrialState:
    return trial_state(facts_of(trial), at, settings.zone(session))
