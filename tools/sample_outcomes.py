"""What becomes of the people of the sample: who tries a paid plan, and who is won or lost and when."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sample_lives import LAST_DAY, Person, event, iso, pick, usage_since
from sample_usage import Row

CUT = 60
BANDS = (("hot", 80), ("qualified", CUT), ("warming", 40), ("cold", 0))
WON_OF_100 = {"hot": 57, "qualified": 38, "warming": 44, "cold": 8}  # by the score of the day
SELLING_DAYS = range(9, 20)  # from qualifying to the outcome
OPEN_OF_100 = 5  # never decided though they qualified
TURNED_AWAY_OF_100 = ((6, 22), (3, 14), (1, 5))  # edits, and who is lost without having qualified or tried
STAYS_AFTER_OF_100 = {"won": 90, "lost": 30}
BUSY_OF_100, BUSY_DAYS = 70, 10  # of those who qualified, and the days in which they do what took thirty
BRINGS_OF_100 = 65  # of those, who bring in their own records
CUSTOMER_DAYS = 30
TRIES_OF_100 = ((6, 90), (3, 60), (1, 25))  # edits, and who tries a paid plan
TRIAL_DAYS = (14, 30, 21, 30)
TRIAL_PLANS = ("Pro", "Pro", "Basic", "Enterprise")
GIVEN_UP = 4  # of ten fates of a trial
MOVED = {5: 7, 6: 14}  # others, and by how many days the end was moved
DESK = ("ines@northquay.example", "dana@northquay.example")
MORNING = time(8)


@dataclass
class Trial:
    """A trial in the making, and how long its company is kept from another."""

    person: Person
    begins: date
    planned: date  # its end at first
    ends: date
    given_up: bool = False


def fates_of(people: Sequence[Person]) -> list[Row]:
    """Decide what became of everybody by now, and return the trials they began.

    Who qualified is won or lost some weeks later: the more often won, the more the default model says for them on that
    day. Others buy at the end of a trial or let it expire.
    """
    running: dict[str, date] = {}  # company -> until when it tries
    trials: list[Trial] = []
    for number, person in enumerate(people):
        crossed = _crossed(person)
        day = None if crossed is None else crossed + timedelta(days=pick(person, "selling", SELLING_DAYS))
        if crossed is not None and crossed <= LAST_DAY and pick(person, "busy", range(100)) < BUSY_OF_100:
            _go_on(person, iso(datetime.combine(crossed, MORNING, UTC)), BUSY_DAYS)
            if pick(person, "brings", range(100)) < BRINGS_OF_100:
                person.usage.append(_brought(person, crossed))
        trial = _tried(person, running, day)
        if trial is not None:
            trials.append(trial)
        if day is not None:
            if pick(person, "open", range(100)) >= OPEN_OF_100:
                _close(person, day, _outcome(person, day), "")
        elif trial is None:
            if pick(person, "turned away", range(100)) < _of_100(TURNED_AWAY_OF_100, person):
                _close(person, person.signup.date() + timedelta(days=14), "lost", DESK[number % 2])
        elif not trial.given_up:
            day = trial.ends - timedelta(days=pick(person, "early end", range(3)))
            if _outcome(person, day) == "won":
                _close(person, day, "won", DESK[number % 2])
    trials.sort(key=lambda trial: trial.begins)
    return [
        row | {"trial_id": f"t{number:03d}"} for number, trial in enumerate(trials, 1) for row in _rows(trial)
    ]


def _crossed(person: Person) -> date | None:
    """The first day whose morning saw enough of a score."""
    day = person.signup.date() + timedelta(days=1)
    while day <= LAST_DAY + timedelta(days=1):
        if score(person.usage, datetime.combine(day, MORNING, UTC)) >= CUT:
            return day
        day += timedelta(days=1)
    return None


def _tried(person: Person, running: dict[str, date], decided: date | None) -> Trial | None:
    """Their trial, unless their company has one at that time; sales gives those who qualified the time they need."""
    begins = person.begins + timedelta(days=pick(person, "begins", (0, 0, 0, 1, 2, 4)))
    company, fate = person.row["company_id"], pick(person, "fate", range(10))
    if not running.get(company, date.min) < begins <= LAST_DAY:
        return None
    if pick(person, "tries", range(100)) >= _of_100(TRIES_OF_100, person):
        return None
    planned = ends = begins + timedelta(days=pick(person, "days", TRIAL_DAYS))
    if decided is not None:
        while ends <= decided:
            ends += timedelta(days=7)
    elif fate in MOVED:
        ends += timedelta(days=MOVED[fate])
    given_up = decided is None and fate == GIVEN_UP and begins < LAST_DAY - timedelta(days=9)
    running[company] = begins + timedelta(days=9) if given_up else ends
    return Trial(person, begins, planned, ends, given_up)


def _rows(trial: Trial) -> Iterator[Row]:
    """As its file has it: a second row where the end was moved."""
    person = trial.person
    row = {
        "domain": person.row["email"].split("@")[1],
        "user_id": person.row["user_id"],
        "plan": pick(person, "trial plan", TRIAL_PLANS),
        "starts_at": trial.begins.isoformat(),
        "ends_at": trial.planned.isoformat(),
        "state": "cancelled" if trial.given_up else "trialing",
        "converted_at": "",
    }
    if person.row["outcome"] == "won":
        yield row | {
            "ends_at": trial.ends.isoformat(),
            "state": "converted",
            "converted_at": person.row["outcome_at"],
        }
        return
    yield row
    if trial.ends > trial.planned:
        yield row | {"ends_at": trial.ends.isoformat()}


def _brought(person: Person, day: date) -> Row:
    """Their own records, brought in on that day."""
    at = datetime.combine(day, MORNING, UTC) + timedelta(minutes=pick(person, "brought at", range(70, 500)))
    return event(
        person.row["user_id"], "data_imported", at, quantity=pick(person, "records", range(150, 900))
    )


def _outcome(person: Person, day: date) -> str:
    said = score(person.usage, _moment_on(person, day))
    band = next(key for key, least in BANDS if said >= least)
    return "won" if pick(person, "decided", range(100)) < WON_OF_100[band] else "lost"


def _close(person: Person, day: date, outcome: str, owner: str) -> None:
    """Write down how it ended, if it has, and let them use the product on or not. Without an *owner* the story tells
    who worked with them."""
    if day >= LAST_DAY:
        return
    at = iso(_moment_on(person, day))
    person.row |= {"outcome": outcome, "outcome_at": at, "owner": owner}
    if outcome == "won":
        person.row["deal_value"] = 1200 * pick(person, "value", (4, 7, 10, 15, 22, 40))
    _go_on(
        person, at, CUSTOMER_DAYS if pick(person, "after", range(100)) < STAYS_AFTER_OF_100[outcome] else None
    )


def _go_on(person: Person, since: str, days: int | None) -> None:
    """From then on they do within so many *days* what they did in the first thirty, and nothing without any."""
    person.usage = [row for row in person.usage if row["occurred_at"] <= since]
    if days is not None:
        later = usage_since(person, datetime.fromisoformat(since).date(), days)
        person.usage += [row for row in later if row["occurred_at"] > since]


def _moment_on(person: Person, day: date) -> datetime:
    at = time(9 + pick(person, "hour", range(8)), pick(person, "minute", range(60)))
    return datetime.combine(day, at, UTC)


def score(usage: Sequence[Row], at: datetime) -> int:
    """What the default model says at a moment: docs/scoring.md has its signals."""
    until, week, fortnight = iso(at), iso(at - timedelta(days=7)), iso(at - timedelta(days=14))
    before = [row for row in usage if row["occurred_at"] <= until]
    sums: dict[str, int] = defaultdict(int)
    for row in before:
        sums[row["event"]] += int(row["quantity"] or 1)
    logins = sum(row["event"] == "login" and row["occurred_at"] > week for row in before)
    features = {row["key"] for row in before if row["event"] == "feature_activated"}
    days = {row["occurred_at"][:10] for row in before if row["occurred_at"] > fortnight}
    return (
        10 * (logins >= 5) + 15 * (len(features) >= 3) + 20 * (sums["team_invited"] >= 2)
        + 25 * (sums["integration_connected"] > 0) + 20 * (sums["data_imported"] >= 100) + 10 * (len(days) >= 7)
    )  # fmt: skip


def _of_100(shares: Sequence[tuple[int, int]], person: Person) -> int:
    return next(share for least, share in shares if len(person.edits) >= least)
