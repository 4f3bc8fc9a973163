"""The people of the sample: whose edits each of them has, when they signed up, and how those edits become usage.

The one real day lasts 30 days here, and who stays does much the same again after it. What was chosen for
whom follows from a hash, never from chance.
"""

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from math import sqrt
from typing import Any

from sample_people import LIKE, NAMES, TITLES, Names
from sample_usage import Row, meaning

FIRST_DAY = date(2015, 9, 12)  # of the real events
STRETCH = 30  # days of the sample in the one day of the real events
EAST_ASIAN = ("ja", "ko", "zh")  # one in five of their names is native: the font for it may be missing
LAST_DAY = FIRST_DAY + timedelta(days=STRETCH - 1)
WEEKS, GROWTH = 17, 1.5  # in which people sign up; how many more in the last than in the first
OPENS_S, OPEN_S = 7 * 3600, 12 * 3600  # where in a day the stretched edits fall
AWAY_S = 300  # a real pause after which an edit begins a new visit
SHARES = ((11, 10_000, 215), (6, 10, 130), (3, 5, 60), (2, 2, 50), (1, 1, 50))  # edits from, to, leads taken
TEAMS, QUIET = 170, 230  # leads who do what several editors did, and those of whom hardly anything was seen
EDITORS_OF_ONE = 6  # whose edits one of the former has
BUSY, LATER_BUSY = 10, 0.75  # edits of a busy one; below 1, more of them come late than early
STAYS_OF_100 = ((30, 86), (10, 74), (5, 58), (3, 40), (1, 16))  # edits, and who does the same again
PAUSES = range(2, 12)  # days until they do
AGAIN_OF_100 = 55  # of the edits, then
CHECKLIST_OF_100 = (28, 60)  # who went through the checklist for beginners, in the first week and in the last
CHECKLIST = (("data_imported", "", 25), ("team_invited", "", 1), ("integration_connected", "calendar", 1))
LATER = {
    "team_invited": "comment_added",
    "integration_connected": "record_edited",
}  # what is done once, as a rule
KEYED = ("feature_activated", "integration_connected")  # events that say which one
SOURCES = ("Organic", "Organic", "Direct", "Paid", "Referral", "Partner", "Event", "Content")


@dataclass
class Person:
    """A lead in the making: one real editor's edits, and who is shown instead."""

    token: str  # tells one from another; comes from the editor but does not name them
    language: str
    edits: list[Row]
    begins: date = FIRST_DAY  # when they are first seen at work
    row: Row = field(default_factory=dict)
    usage: list[Row] = field(default_factory=list)

    @property
    def signup(self) -> datetime:
        """When they signed up."""
        return datetime.fromisoformat(self.row["signup_at"])


def people_of(edits: list[Row], companies: list[Row]) -> list[Person]:
    """Everybody, in the order in which they signed up, with their usage."""
    chosen: list[Person] = []
    for low, high, wanted in SHARES:
        chosen += islice(_editors(edits, low, high), wanted)
    chosen += islice(_together(edits, {person.token for person in chosen}), TEAMS)
    chosen += islice(_quiet(edits, chosen), QUIET)
    chosen.sort(key=_order)
    for person, begins in zip(chosen, _beginnings(len(chosen)), strict=True):
        person.begins = begins
    used = set[str]()
    for number, company in enumerate(companies, 1):
        company["company_id"] = f"org_{number:03d}"
    for number, person in enumerate(chosen, 1):
        person.row = _lead(person, number, companies, used)
        person.usage = list(usage_of(person))
    return chosen


def _order(person: Person) -> float:
    """By chance, but that there are more busy people among those who came late."""
    part = int(hash_of(person.token + "order")[:8], 16) / 16**8
    return part**LATER_BUSY if len(person.edits) >= BUSY else part


def _beginnings(many: int) -> Iterator[date]:
    """A day for each: as many more with each week as GROWTH says."""
    days, more = 7 * WEEKS, GROWTH - 1
    for number in range(many):
        part = (number + 0.5) / many * (1 + more / 2)  # of the area below a line from 1 to GROWTH
        passed = (sqrt(1 + 2 * more * part) - 1) / more
        yield LAST_DAY - timedelta(days=days - 1 - int(passed * days))


def _editors(edits: list[Row], low: int, high: int) -> Iterator[Person]:
    """Everybody with so many edits, those with most to see first."""
    by_editor: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for edit in edits:
        if not edit["isRobot"] and "bot" not in edit["user"].casefold():
            by_editor[edit["account"], edit["user"]].append(edit)
    fitting = [key for key, found in by_editor.items() if low <= len(found) <= high]
    for account, user in sorted(fitting, key=lambda key: (-_variety(by_editor[key]), hash_of(key))):
        language = account.split(".")[0]
        language = LIKE.get(language, language)
        yield Person(hash_of((account, user)), language, by_editor[account, user])


def _together(edits: list[Row], taken: set[str]) -> Iterator[Person]:
    """Several editors of one Wikipedia as one person, in an order that says nothing."""
    by_language: dict[str, list[Person]] = defaultdict(list)
    for one in _editors(edits, 3, 10_000):
        if one.token not in taken and _days_in(one.edits[0]) <= 18:
            by_language[one.language].append(one)
    found = []
    for language, ones in by_language.items():
        for group in zip(*[iter(ones)] * EDITORS_OF_ONE, strict=False):
            done = sorted((edit for one in group for edit in one.edits), key=lambda edit: str(edit["time"]))
            found.append(Person(group[0].token, language, done))
    return iter(sorted(found, key=lambda person: hash_of(person.token + "earlier")))


def _quiet(edits: list[Row], people: Sequence[Person]) -> Iterator[Person]:
    """Others of that day with an edit or two, not more of a language than there are names for."""
    named = Counter(one.language if one.language in NAMES else "en" for one in people)
    left = {key: len(names.given) * len(names.family) - named[key] for key, names in NAMES.items()}
    taken = {one.token for one in people}
    for one in _editors(edits, 1, 2):
        if one.token not in taken and _days_in(one.edits[0]) > 1 and left.get(one.language, 0) > 0:
            left[one.language] -= 1
            yield one


def _lead(person: Person, number: int, companies: list[Row], used: set[str]) -> Row:
    names = NAMES.get(person.language, NAMES["en"])
    here = [one for one in companies if one["country"] in names.countries]
    known = bool(here) and pick(person, "pool", range(10)) < (2 if person.language == "en" else 5)
    company = pick(person, "company", here if known else [one for one in companies if not one["country"]])
    given, family = _free_name(person, names, used)
    shown = [family[1], given[1]] if names.family_first else [given[1], family[1]]
    joined = moment_of(person, person.edits[0]) - timedelta(minutes=pick(person, "joined", range(2, 40)))
    early = pick(person, "early", range(20))  # some look around before they begin
    if early > 16:
        joined -= timedelta(days=pick(person, "days before", range(1, 9)), hours=early - 14)
    elif early > 12:
        joined -= timedelta(hours=pick(person, "hours before", range(2, 22)))
    return {
        "user_id": f"u{number:04d}",
        "email": f"{slug(given[0])}.{slug(family[0])}@{company['domain']}",
        "name": ("" if ord(shown[0][0]) > 0x2E7F else " ").join(shown),
        "first_name": given[1],
        "last_name": family[1],
        "job_title": pick(person, "title", TITLES),
        "company_id": company["company_id"],
        "company": company["name"],
        "country": company["country"] or pick(person, "country", names.countries),
        "plan": pick(person, "plan", ("Free", "Free", "Basic")),
        "signup_at": iso(joined),
        "source": pick(person, "source", SOURCES),
        "kind": "",
        "glm_source": "",
        "glm_content": "",
        "product_interaction": "",
        "comment": "",
        "submitted_at": "",
        "outcome": "",
        "outcome_at": "",
        "deal_value": "",
        "owner": "",
    }


def _free_name(person: Person, names: Names, used: set[str]) -> tuple[tuple[str, str], tuple[str, str]]:
    """A given and a family name, each Latin and as written, that nobody else has together."""
    start = int(hash_of(person.token + "name"), 16)
    for step in range(len(names.given) * len(names.family)):
        given = names.given[(start + step) % len(names.given)]
        family = names.family[(start // 97 + step * 7 + step // len(names.given)) % len(names.family)]
        if given + family not in used:
            used.add(given + family)
            latin = person.language in EAST_ASIAN and pick(person, "a1", range(5)) > 0
            return _both(given, latin=latin), _both(family, latin=latin)
    raise SystemExit(f"too few names for {person.language}")


def usage_of(person: Person) -> Iterator[Row]:
    """The edits as usage, for as long as they stay."""
    yield event(person.row["user_id"], "signed_up", person.signup)
    if len(person.edits) == 1 and pick(person, "silent", range(2)):
        return  # signed up and was never seen again
    is_led = len(person.edits) > 3 and pick(person, "checklist", range(1_000)) < 10 * _led_of_100(person)
    steps = [1, 1 + len(person.edits) // 4, 2 + len(person.edits) // 3]  # at which edits
    done = []
    for round_, number, edit, at in _rounds(person):
        what, key, quantity = meaning(edit)
        if round_:
            what = LATER.get(what, what)
        elif is_led and number in steps:
            what, key, quantity = CHECKLIST[steps.index(number)]
        done.append((at, what, key, quantity))
    yield from _visits(person, done)


def usage_since(person: Person, since: date, days: int) -> Iterator[Row]:
    """What they did in the real day done within so many *days*, again and again until the last one."""
    done = []
    for first in range(0, (LAST_DAY - since).days + 1, days):
        for number, edit in enumerate(person.edits):
            day = since + timedelta(days=first + (_days_in(edit) - _days_in(person.edits[0])) % days)
            if day <= LAST_DAY and pick(person, f"again {first} {number}", range(100)) < AGAIN_OF_100:
                done.append((datetime.combine(day, stretched(edit["time"]).timetz()), *meaning(edit)))
    yield from _visits(person, sorted(done))


def _visits(person: Person, done: Iterable[tuple[datetime, str, str, int]]) -> Iterator[Row]:
    """Rows of usage; each visit begins with a login."""
    user, before = person.row["user_id"], None
    for at, what, key, quantity in done:
        if (
            before is None
            or (at - before).total_seconds() > AWAY_S * STRETCH / 2
            or at.date() != before.date()
        ):
            yield event(user, "login", at - timedelta(seconds=40))
        before = at
        yield event(user, what, at, key if what in KEYED else "", quantity)


def _rounds(person: Person) -> Iterator[tuple[int, int, Row, datetime]]:
    """Each edit that is done until the last day, with its number and in which round of the day it is done."""
    stays = next(share for least, share in STAYS_OF_100 if len(person.edits) >= least)
    lasts = _days_in(person.edits[-1]) - _days_in(person.edits[0]) + 1
    later = timedelta()
    for round_ in count():
        if round_ and pick(person, f"stays {round_}", range(100)) >= stays:
            return
        for number, edit in enumerate(person.edits):
            at = moment_of(person, edit) + later
            if at.date() > LAST_DAY:
                return
            if not round_ or pick(person, f"again {round_} {number}", range(100)) < AGAIN_OF_100:
                yield round_, number, edit, at
        later += timedelta(days=lasts + pick(person, f"pause {round_}", PAUSES))


def _led_of_100(person: Person) -> float:
    low, high = CHECKLIST_OF_100
    return high - (high - low) * (LAST_DAY - person.begins).days / (7 * WEEKS)


def event(user: str, name: str, at: datetime, key: str = "", quantity: int = 1) -> Row:
    """One row of the usage file, its id left open."""
    return {
        "event_id": "",
        "user_id": user,
        "company_domain": "",
        "event": name,
        "key": key,
        "quantity": "" if quantity == 1 else quantity,
        "occurred_at": iso(at),
    }


def stretched(real: str) -> datetime:
    """Where a real moment falls: 48 minutes of that day are a day, and happen in its waking hours."""
    at = datetime.fromisoformat(real)
    part = (at.hour * 3600 + at.minute * 60 + at.second) * STRETCH / 86_400
    seconds = OPENS_S + int((part % 1) * OPEN_S)
    return datetime.combine(FIRST_DAY + timedelta(days=int(part)), time(), UTC) + timedelta(seconds=seconds)


def moment_of(person: Person, edit: Row) -> datetime:
    """When somebody did it: their first edit falls on the day on which they begin."""
    moved = person.begins - stretched(person.edits[0]["time"]).date()
    return stretched(edit["time"]) + moved


def _variety(edits: Sequence[Row]) -> int:
    """How much there is to see: days, up to four, and kinds of use."""
    return min(4, len({_days_in(edit) for edit in edits})) + 2 * len({meaning(edit)[0] for edit in edits})


def _days_in(edit: Row) -> int:
    return (stretched(edit["time"]).date() - FIRST_DAY).days


def iso(at: datetime) -> str:
    """As the files write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hash_of(what: object) -> str:
    """What is chosen follows from this."""
    return hashlib.sha256(repr(what).encode()).hexdigest()


def pick(person: Person, about: str, choices: Sequence[Any]) -> Any:
    """One of the *choices*: the same at each time for the same person and matter."""
    return choices[int(hash_of(person.token + about), 16) % len(choices)]


def _both(name: str, *, latin: bool) -> tuple[str, str]:
    plain, _, native = name.partition("=")
    return plain, plain if latin else native or plain


def slug(text: str) -> str:
    """In plain small letters."""
    plain = text.casefold().translate(str.maketrans("øłıđ", "olid"))
    letters = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())
