"""What the demo's two reps did with the leads of the sample: a list of steps in order of time.

Who gets which fate follows from the order in which leads qualified, so the story is the same at every start.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead, Suggestion, Trial
from pqldesk.models.work import Task
from pqldesk.services.basics.changes import Changes
from pqldesk.services.claims import claim_lead, release_lead
from pqldesk.services.demo.team import DANA, INES, OMAR, Turns, give_out
from pqldesk.services.handoffs.handoff import handoff_draft, push_handoff
from pqldesk.services.identity.suggestions import reject_suggestion
from pqldesk.services.leads import leads
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task, finish_task
from pqldesk.services.settings.working_time import WorkingHours, next_working_day_at
from pqldesk.services.team.response_clock import working_hours
from pqldesk.services.trials.work import close_trial, extend_trial

FRESH = timedelta(days=3)  # who qualified since is still waiting for somebody
NOTES = (
    "Wants to know whether seats can be added within the year.",
    "Security review first; their questionnaire is on the way.",
    "Uses it with the whole team already, budget comes from operations.",
    "Compares us with a tool built in-house. Asked for references.",
    "Left a message, calls back after the planning week.",
    "Needs an invoice in euros and a contract in their own language.",
)
VALUES = (9_600, 14_400, 4_800, 32_000, 12_000)
FATES = (
    "working",
    "touched",
    "handed",
    "working",
    "touched",
    "working",
    "nurture",
    "touched",
    "handed",
    "won",
    "left",
    "working",
    "disqualified",
    "released",
    "working",
)  # fmt: skip  an odd number: both reps come by every fate
DUE_IN_DAYS = (1, 0, 3, 2, -1)
Verb = Callable[[Session, Lead, datetime], Changes]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody did at a moment. *delivers*: the outbox runs after it. *takes*: who claims the lead by it."""

    at: datetime
    lead_id: int
    verb: Verb
    delivers: bool = False
    takes: str = ""

    def do(self, session: Session, at: datetime) -> Changes:
        """Do it, whatever has become of the lead by then."""
        return self.verb(session, session.get_one(Lead, self.lead_id), at)


def steps(session: Session, now: datetime, *, crm: bool, spared: int | None = None) -> list[Step]:
    """All that happened before *now*, in order of time; without a *crm* nobody is handed over.

    Nobody touches the lead *spared*.
    """
    hours = working_hours(session)
    qualified = [
        (lead_id, since)
        for lead_id, since in session.execute(
            select(Lead.id, Lead.qualified_at)
            .where(Lead.is_open == 1, Lead.qualified_at.is_not(None))
            .order_by(Lead.qualified_at, Lead.id)
        )
        if since is not None and lead_id != spared
    ]
    found: list[Step] = []
    for number, (lead_id, since) in enumerate(qualified):
        if since > now - FRESH:
            continue
        fate = FATES[number % len(FATES)]
        if fate == "handed" and not crm:
            fate = "working"
        day = next_working_day_at(since, hours) + timedelta(minutes=number * 7 % 50)
        found += _life(number, lead_id, fate, day, now, hours)
    found += _recent([one for one in qualified if one[1] > now - FRESH], now)
    found += _trials(session, now)
    found += _suggestions(session, now)
    past = sorted((step for step in found if step.at < now), key=lambda step: (step.at, step.lead_id))
    return _by_rule(session, past)


def _by_rule(session: Session, past: list[Step]) -> list[Step]:
    """The same steps; whom the team's rules would have picked as well was given the lead by them."""
    rows = session.execute(select(Lead.id, Lead.country).where(Lead.qualified))
    countries = {row.id: row.country for row in rows}
    turns = Turns()
    return [
        replace(step, verb=partial(give_out, step.takes)) if _is_turn(step, countries, turns) else step
        for step in past
    ]


def _is_turn(step: Step, countries: dict[int, str | None], turns: Turns) -> bool:
    return (
        bool(step.takes)
        and step.lead_id in countries
        and turns.would_give(countries[step.lead_id], step.takes)
    )


def _life(
    number: int, lead_id: int, fate: str, day: datetime, now: datetime, hours: WorkingHours
) -> Iterator[Step]:
    """What became of one lead, from the morning on which somebody took it."""
    rep = (INES, DANA)[number % 2]
    text = NOTES[number % len(NOTES)]
    if fate == "left":
        return
    yield Step(day, lead_id, lambda session, lead, at: claim_lead(session, lead, rep, at), takes=rep)
    yield Step(day + timedelta(minutes=40 + 17 * number % 60), lead_id, _noting(rep, text))
    if fate in ("touched", "released"):
        back = day + timedelta(hours=27)
        yield Step(back, lead_id, lambda session, lead, at: release_lead(session, lead, rep, at))
        return
    following = next_working_day_at(day, hours) + timedelta(minutes=25)
    match fate:
        case "handed":
            assignee = OMAR if number == FATES.index("handed") else rep
            yield Step(following, lead_id, _handing(rep, assignee, VALUES[number % 5]), delivers=True)
            if assignee == rep:
                called = next_working_day_at(following, hours) + timedelta(hours=4)
                yield Step(called, lead_id, lambda session, lead, at: _finish_open(session, lead, rep, at))
        case "nurture":
            yield Step(
                following, lead_id,
                lambda session, lead, at: leads.nurture(session, lead, now + timedelta(days=16), rep, at),
            )  # fmt: skip
        case "won":
            value = Decimal(VALUES[number % 5])
            yield Step(
                following, lead_id,
                lambda session, lead, at: leads.won(session, lead, rep, at, deal_value=value),
            )  # fmt: skip
        case "disqualified":
            yield Step(
                following, lead_id,
                lambda session, lead, at: leads.disqualify(session, lead, "Student project", rep, at),
            )  # fmt: skip
        case _:
            yield from _at_work(number, lead_id, rep, following, now)


def _at_work(number: int, lead_id: int, rep: str, day: datetime, now: datetime) -> Iterator[Step]:
    """A call that was made, a mail since, and what is to be done next."""
    yield Step(day, lead_id, _tasking(rep, "First call", day + timedelta(hours=3)))
    yield Step(
        day + timedelta(hours=2), lead_id, lambda session, lead, at: _finish_open(session, lead, rep, at)
    )
    latest = now - timedelta(days=1 + number % 3, hours=2)
    yield Step(max(latest, day + timedelta(hours=3)), lead_id, _noting(rep, NOTES[(number + 3) % len(NOTES)]))
    titles = ("Send the offer", "Call about seats", "Answer the security questions", "Invite to a demo")
    due = (now + timedelta(days=DUE_IN_DAYS[number % 5])).replace(hour=14, minute=0, second=0, microsecond=0)
    yield Step(max(latest, day + timedelta(hours=4)), lead_id, _tasking(rep, titles[number // 2 % 4], due))


def _recent(fresh: Sequence[tuple[int, datetime]], now: datetime) -> Iterator[Step]:
    """Of those who qualified just now, one in four has been taken."""
    for lead_id, since in fresh[1::4]:
        yield Step(
            max(since, now - timedelta(hours=5)), lead_id,
            lambda session, lead, at: claim_lead(session, lead, DANA, at),
        )  # fmt: skip


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
        yield Step(now - timedelta(hours=21), lead_id or 0, _trialing(trial_id, longer=longer))


def _suggestions(session: Session, now: datetime) -> Iterator[Step]:
    """One suggested merge was looked at and refused."""
    last = session.execute(
        select(Suggestion.id, Suggestion.lead_id).order_by(Suggestion.id.desc()).offset(2).limit(1)
    ).first()
    if last is not None:
        number = last[0]
        yield Step(
            now - timedelta(hours=20), last[1],
            lambda session, _lead, at: reject_suggestion(session, session.get_one(Suggestion, number), DANA, at),
        )  # fmt: skip


def _noting(rep: str, text: str) -> Verb:
    return lambda session, lead, at: add_note(session, lead, text, rep, at).changes


def _tasking(rep: str, title: str, due: datetime) -> Verb:
    return lambda session, lead, at: add_task(session, lead, title, rep, at, due_at=due).changes


def _finish_open(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
    open_task = select(Task).where(Task.lead_id == lead.id, Task.done_at.is_(None)).order_by(Task.id).limit(1)
    return finish_task(session, session.scalars(open_task).one(), rep, at)


def _handing(rep: str, assignee: str, value: int) -> Verb:
    def hand(session: Session, lead: Lead, at: datetime) -> Changes:
        draft = handoff_draft(session, public_id(LEAD, lead.id), rep, at)
        return push_handoff(session, replace(draft, deal_value=value, assignee=assignee), rep, at).changes

    return hand


def _trialing(trial_id: int, *, longer: bool) -> Verb:
    def change(session: Session, _lead: Lead, at: datetime) -> Changes:
        trial = session.get_one(Trial, trial_id)
        if longer:
            return extend_trial(session, trial, 10, "Security review takes longer", INES, at)
        return close_trial(session, trial, "Chose a tool built in-house", DANA, at)

    return change
