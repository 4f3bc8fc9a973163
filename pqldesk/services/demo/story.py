"""What the demo's two reps did with the leads of the sample: steps in order of time, for each week that comes in.

Who gets which fate follows from the order in which leads qualified, so the story is the same at every start.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain, cycle

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead, Suggestion, Trial
from pqldesk.models.work import Task
from pqldesk.services.basics.changes import Changes
from pqldesk.services.claims import claim_lead, release_lead
from pqldesk.services.demo.team import DANA, INES, OMAR, take
from pqldesk.services.handoffs.handoff import handoff_draft, push_handoff
from pqldesk.services.identity.suggestions import reject_suggestion
from pqldesk.services.leads import leads
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task, finish_task
from pqldesk.services.settings.working_time import WorkingHours, add_working_hours, next_working_day_at
from pqldesk.services.team.response_clock import working_hours
from pqldesk.services.trials.work import close_trial, extend_trial

FRESH = timedelta(days=3)  # some who qualified since still wait for somebody
JUST_NOW = timedelta(hours=1)
SETTLED = timedelta(days=11)  # who qualified before that was handed over sooner or later, most of them
NOTES = (
    "Wants to know whether seats can be added within the year.",
    "Security review first; their questionnaire is on the way.",
    "Uses it with the whole team already, budget comes from operations.",
    "Compares us with a tool built in-house. Asked for references.",
    "Left a message, calls back after the planning week.",
    "Needs an invoice in euros and a contract in their own language.",
)
VALUES = (9_600, 14_400, 4_800, 32_000, 12_000)
FIRST_FATES = (
    "working",
    "held",
    "disqualified",
    "nurture",
    "handed",
    "won",
)  # what there is to see of each kind
FATES = (
    "working",
    "handed",
    "touched",
    "left",
    "handed",
    "released",
    "handed",
    "working",
    "disqualified",
    "handed",
    "working",
)  # fmt: skip  an odd number: both reps come by every fate
SETTLED_FATES = (
    "handed",
    "handed",
    "working",
    "handed",
    "touched",
    "handed",
    "handed",
    "working",
    "handed",
)  # fmt: skip  odd too
EARLY = timedelta(days=58)  # who qualified before that met a team that was slower and handed over less
EARLY_FATES = ("handed", "working", "touched", "handed", "working", "handed", "released")
EARLY_SLOWER = 2.2  # times ANSWERS_H
ANSWERS_H = (0.3, 1.2, 3, 6, 0.2, 9, 2, 0.7, 14, 4.5, 1.7)  # working hours until somebody takes the lead
DUE_IN_DAYS = (1, -1, 0, 3, 2)
Verb = Callable[[Session, Lead, str, datetime], Changes]  # the third is who does it


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody did at a moment: who has the lead by then, else *rep*. *delivers*: the outbox runs after it.
    *afterwards*: it is done also once the lead is decided."""

    at: datetime
    lead_id: int
    rep: str
    verb: Verb
    delivers: bool = False
    afterwards: bool = False

    def do(self, session: Session, at: datetime) -> Changes:
        """Do it, unless the lead has been decided by then."""
        lead = session.get_one(Lead, self.lead_id)
        is_decided = lead.outcome is not None or lead.state == "disqualified"
        if is_decided and not self.afterwards:
            return Changes()
        return self.verb(session, lead, lead.owner or self.rep, at)


class Story:
    """All that is done until *now*, told week by week: hear() after each week's files, next() before those that follow.

    Without a *crm* nobody is handed over. What is done with a lead ends once it is decided.
    """

    def __init__(self, now: datetime, *, crm: bool) -> None:
        self._now, self._crm = now, crm
        self._numbers: dict[int, int] = {}  # lead -> its place in the order of qualifying, as that was seen
        self._coming: list[Step] = []
        self._early, self._settled = cycle(EARLY_FATES), cycle(SETTLED_FATES)
        self._fates = chain(FIRST_FATES, cycle(FATES))

    def hear(self, session: Session) -> None:
        """Take up the leads that have qualified since it last heard of any."""
        hours = working_hours(session)
        for lead_id, since in _qualified(session, self._now - FRESH):
            if lead_id not in self._numbers:
                number = self._numbers[lead_id] = len(self._numbers)
                is_early = since < self._now - EARLY
                fates = (
                    self._early if is_early else self._settled if since < self._now - SETTLED else self._fates
                )
                fate = next(fates)
                if fate in ("handed", "held") and not self._crm:
                    fate = "working"
                answer_h = ANSWERS_H[number % len(ANSWERS_H)] * (EARLY_SLOWER if is_early else 1)
                day = add_working_hours(since, answer_h, hours)
                self._coming += _life(number, lead_id, fate, day, self._now, hours)

    def end(self, session: Session, spared: int | None) -> None:
        """Take up what only the last days brought; nobody touches the lead *spared*."""
        fresh = [one for one in _qualified(session) if one[0] not in self._numbers and one[0] != spared]
        self._coming += [
            *_recent(fresh, self._now, working_hours(session)),
            *_trials(session, self._now),
            *_suggestions(session, self._now),
        ]
        self._coming = [step for step in self._coming if step.lead_id != spared]

    def next(self, until: datetime) -> list[Step]:
        """What is done before *until* and was not given yet, in order of time."""
        due = sorted((one for one in self._coming if one.at < until), key=lambda one: (one.at, one.lead_id))
        self._coming = [one for one in self._coming if one.at >= until]
        return due


def _qualified(session: Session, until: datetime | None = None) -> list[tuple[int, datetime]]:
    """The open leads that were known to qualify (by *until*), in the order in which they did, and since when."""
    wanted = select(Lead.id, Lead.known_qualified_at, Lead.qualified_at).where(
        Lead.is_open == 1, Lead.qualified_at.is_not(None)
    )
    found = [
        (lead_id, known or crossed)
        for lead_id, known, crossed in session.execute(wanted.order_by(Lead.qualified_at, Lead.id))
    ]
    return [(lead_id, since) for lead_id, since in found if since and (until is None or since <= until)]


def _life(
    number: int, lead_id: int, fate: str, day: datetime, now: datetime, hours: WorkingHours
) -> Iterator[Step]:
    """What became of one lead, from when somebody took it; a handoff is held that names no user of the CRM."""
    rep = (INES, DANA)[number % 2]
    if fate == "left":
        return
    value = VALUES[number % len(VALUES)]
    yield Step(day, lead_id, rep, take)
    yield Step(
        day + timedelta(minutes=5 + 17 * number % 40), lead_id, rep, _noting(NOTES[number % len(NOTES)])
    )
    following = next_working_day_at(day, hours) + timedelta(minutes=25)
    match fate:
        case "touched" | "released":
            yield Step(day + timedelta(hours=27), lead_id, rep, release_lead)
        case "handed" | "held":
            is_held = fate == "held"
            yield Step(following, lead_id, rep, _handing(value, OMAR if is_held else None), delivers=True)
            if not is_held:
                called = next_working_day_at(following, hours) + timedelta(hours=4)
                yield Step(called, lead_id, rep, _finish, afterwards=True)
        case "nurture":
            yield Step(following, lead_id, rep, _leaving(now + timedelta(days=16)))
        case "won":
            yield Step(following, lead_id, rep, partial(leads.won, deal_value=Decimal(value)))
        case "disqualified":
            yield Step(following, lead_id, rep, _disqualify)
        case _:
            yield from _at_work(number, lead_id, rep, following, now)


def _at_work(number: int, lead_id: int, rep: str, day: datetime, now: datetime) -> Iterator[Step]:
    """A call that was made, a mail since, and what is to be done next."""
    yield Step(day, lead_id, rep, _tasking("First call", day + timedelta(hours=3)))
    yield Step(day + timedelta(hours=2), lead_id, rep, _finish, afterwards=True)
    latest = now - timedelta(days=1 + number % 3, hours=2)
    yield Step(max(latest, day + timedelta(hours=3)), lead_id, rep, _noting(NOTES[(number + 3) % len(NOTES)]))
    titles = ("Send the offer", "Call about seats", "Answer the security questions", "Invite to a demo")
    due = (now + timedelta(days=DUE_IN_DAYS[number % 5])).replace(hour=14, minute=0, second=0, microsecond=0)
    yield Step(max(latest, day + timedelta(hours=4)), lead_id, rep, _tasking(titles[number // 2 % 4], due))


def _recent(fresh: Sequence[tuple[int, datetime]], now: datetime, hours: WorkingHours) -> Iterator[Step]:
    """Of those who qualified just now one in four has been taken, of the others all but one in four in their turn."""
    for number, (lead_id, since) in enumerate(fresh):
        if since > now - JUST_NOW:
            if number % 4 == 1:
                yield Step(max(since, now - timedelta(minutes=9)), lead_id, DANA, claim_lead)
        elif number % 4:
            day = add_working_hours(since, ANSWERS_H[number % len(ANSWERS_H)], hours)
            yield from _life(number, lead_id, "working", day, now, hours)


def _trials(session: Session, now: datetime) -> Iterator[Step]:
    """One trial was given more time, one was closed."""
    running = session.execute(
        select(Trial.id, Trial.lead_id)
        .join(Lead, Lead.id == Trial.lead_id)
        .where(
            Trial.ends_at > now + timedelta(days=1), Trial.source_state == "active", Lead.outcome.is_(None)
        )
        .order_by(Lead.score.desc(), Trial.id)
    ).all()
    for (trial_id, lead_id), longer in zip((running[2], running[-1]), (True, False), strict=True):
        yield Step(now - timedelta(hours=21), lead_id or 0, INES, _trialing(trial_id, longer=longer))


def _suggestions(session: Session, now: datetime) -> Iterator[Step]:
    """One suggested merge was looked at and refused."""
    last = session.execute(
        select(Suggestion.id, Suggestion.lead_id).order_by(Suggestion.id.desc()).offset(2).limit(1)
    ).first()
    if last is not None:
        number = last[0]
        yield Step(
            now - timedelta(hours=20), last[1], DANA,
            lambda session, _lead, _rep, at: reject_suggestion(session, session.get_one(Suggestion, number), DANA, at),
            afterwards=True,
        )  # fmt: skip


def _noting(text: str) -> Verb:
    return lambda session, lead, rep, at: add_note(session, lead, text, rep, at).changes


def _tasking(title: str, due: datetime) -> Verb:
    return lambda session, lead, rep, at: add_task(session, lead, title, rep, at, due_at=due).changes


def _finish(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    is_open = (Task.lead_id == lead.id, Task.done_at.is_(None))
    task = session.scalar(select(Task).where(*is_open).order_by(Task.id).limit(1))
    return Changes() if task is None else finish_task(session, task, rep, at)


def _leaving(until: datetime) -> Verb:
    return lambda session, lead, rep, at: leads.nurture(session, lead, until, rep, at)


def _disqualify(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    return leads.disqualify(session, lead, "Student project", rep, at)


def _handing(value: int, assignee: str | None) -> Verb:
    def hand(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        draft = handoff_draft(session, public_id(LEAD, lead.id), rep, at)
        return push_handoff(
            session, replace(draft, deal_value=value, assignee=assignee or rep), rep, at
        ).changes

    return hand


def _trialing(trial_id: int, *, longer: bool) -> Verb:
    def change(session: Session, _lead: Lead, _rep: str, at: datetime) -> Changes:
        trial = session.get_one(Trial, trial_id)
        if longer:
            return extend_trial(session, trial, 10, "Security review takes longer", INES, at)
        return close_trial(session, trial, "Chose a tool built in-house", DANA, at)

    return change
