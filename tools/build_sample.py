"""Makes resources/sample/ from two of the public sets named in its README. The same sets give the same files.

    python tools/build_sample.py FOLDER_OF_THE_SETS

Usage is the rhythm of real people: each lead is one Wikipedia editor of 12 September 2015, whose edits of that day
are stretched to 30 days. Names, addresses, trials and requests are composed; what was chosen for whom follows from
a hash, never from chance. How edits become usage is written down in resources/sample/README.md.
"""

import csv
import gzip
import hashlib
import io
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sample_people import COMMENTS, LIKE, NAMES, PLACES, TITLES, TRADES, Names
from sample_usage import Row, meaning

OUT = Path(__file__).resolve().parent.parent / "resources" / "sample"
FIRST_DAY = date(2015, 9, 12)
STRETCH = 30  # days of the sample in the one day of the real events
LAST_DAY = FIRST_DAY + timedelta(days=STRETCH - 1)
OPENS_S, OPEN_S = 7 * 3600, 12 * 3600  # where in a day the stretched edits fall
AWAY_S = 300  # a real pause after which an edit begins a new visit
SHARES = ((11, 10_000, 230), (6, 10, 130), (3, 5, 60), (2, 2, 50), (1, 1, 50))  # edits from, to, leads taken
ROBOTS, ROBOT_EVENTS = 36, (40, 260)
TRIALS, COMPOSED_COMPANIES = 122, 58
EARLIER, EARLIER_QUIET = 127, 260  # leads who came before the others: with a trial, and without
EARLIER_DAYS = 40  # how long before
EDITORS_OF_ONE = 8  # whose edits one of them has
CUT = 60
BANDS = (("hot", 80), ("qualified", CUT), ("warming", 40), ("cold", 0))
WON_OF_100 = {"hot": 66, "qualified": 40, "warming": 13, "cold": 3}  # by the best score they ever had
LOST_OF_100, DECIDES = 38, 8  # of those without enough of a score; days after it was best
TRIAL_DAYS = (14, 14, 30, 21)
PLANS = ("Pro", "Pro", "Basic", "Enterprise")
SOURCES = ("Organic", "Organic", "Direct", "Paid", "Referral", "Partner", "Event", "Content")
DESK = ("ines@northquay.example", "dana@northquay.example")
# Organisations that should not stand as somebody's sales lead: public services, aid, names with a sting.
LEFT_OUT = (
    "hmrc.gov.uk", "nhs.uk", "tewhatuora.govt.nz", "montreal.ca", "hel.fi", "msf.org", "wikimedia.org", "sberbank.ru",
    "yandex.ru", "huawei.com", "aramco.com", "x.com", "meta.com", "google.com", "abc.xyz", "alibaba-inc.com",
    "bankhapoalim.co.il", "swm.de",
)  # fmt: skip


@dataclass
class Person:
    """A lead in the making: one real editor's edits, and who is shown instead."""

    token: str  # tells one from another; comes from the editor but does not name them
    language: str
    edits: list[Row]
    row: Row = field(default_factory=dict)
    usage: list[Row] = field(default_factory=list)


def main(sets: Path) -> None:
    """Write every file of the sample."""
    companies = list(_companies(sets))
    edits, used = _edits(sets), set[str]()
    people = _people(edits, companies, used)
    for person in people:
        person.usage = list(_usage(person))
    _outcomes(people)
    trials = list(_trials(people))
    earlier = _earlier(edits, companies, people, used)
    trials += _earlier_trials(earlier[:EARLIER], len(people) + 1)
    people += earlier
    OUT.mkdir(parents=True, exist_ok=True)
    _write("companies.csv", companies, ("company_id", "name", "domain"))
    _write("leads.csv", _lead_rows(people), tuple(people[0].row))
    _write(
        "trials.csv",
        trials,
        ("trial_id", "domain", "user_id", "plan", "starts_at", "ends_at", "state", "converted_at"),
    )
    usage = (
        [row for person in people for row in person.usage] + list(_robots(sets, companies)) + _odd_events()
    )
    usage.sort(key=lambda row: (row["occurred_at"], row["user_id"], row["event"]))
    for number, row in enumerate(usage, 1):
        row["event_id"] = f"e{number:05d}"
    again = [usage[200], usage[4000]]  # sent twice, as collectors do
    columns = ("event_id", "user_id", "company_domain", "event", "key", "quantity", "occurred_at")
    _write("events.csv.gz", usage + again, columns)
    facts = {"last_day": LAST_DAY.isoformat(), "zone": "UTC"}
    (OUT / "sample.json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    licence = (sets / "wikipedia_edits_day" / "LICENSE.txt").read_bytes()
    (OUT / "LICENSE.wikipedia_edits_day.txt").write_bytes(licence)
    print(f"{len(people)} leads, {len(companies)} companies, {len(trials)} trials, {len(usage)} events")


def _edits(sets: Path) -> list[Row]:
    with gzip.open(
        sets / "wikipedia_edits_day" / "edits_2015-09-12.jsonl.gz", "rt", encoding="utf-8"
    ) as lines:
        return [json.loads(line) for line in lines]


def _companies(sets: Path) -> Iterator[Row]:
    """Real names as they are written, at invented domains; then composed ones."""
    with (sets / "company_and_domain_facts" / "companies.csv").open(encoding="utf-8", newline="") as file:
        real = [row for row in csv.DictReader(file) if row["domain"] not in LEFT_OUT]
    for row in real:
        slug = row["domain"].split(".")[0]
        yield {"name": row["name"], "domain": f"{slug}.example", "country": row["country"]}
    for number in range(COMPOSED_COMPANIES):
        name = f"{PLACES[number % len(PLACES)]} {TRADES[(number * 5) % len(TRADES)]}"
        yield {"name": name, "domain": f"{_slug(name)}.example", "country": ""}


def _editors(edits: list[Row], low: int, high: int) -> Iterator[Person]:
    """Everybody with so many edits, those with most to see first."""
    by_editor: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for edit in edits:
        if not edit["isRobot"] and "bot" not in edit["user"].casefold():
            by_editor[edit["account"], edit["user"]].append(edit)
    fitting = [key for key, found in by_editor.items() if low <= len(found) <= high]
    for account, user in sorted(fitting, key=lambda key: (-_variety(by_editor[key]), _hash(key))):
        language = account.split(".")[0]
        language = LIKE.get(language, language)
        yield Person(_token(account, user), language, by_editor[account, user])


def _people(edits: list[Row], companies: list[Row], used: set[str]) -> list[Person]:
    chosen: list[Person] = []
    for low, high, wanted in SHARES:
        chosen += islice(_editors(edits, low, high), wanted)
    chosen.sort(key=lambda person: (person.edits[0]["time"], person.token))
    for number, company in enumerate(companies, 1):
        company["company_id"] = f"org_{number:03d}"
    for number, person in enumerate(chosen, 1):
        person.row = _lead(person, number, companies, used)
    return chosen


def _lead(person: Person, number: int, companies: list[Row], used: set[str]) -> Row:
    names = NAMES.get(person.language, NAMES["en"])
    here = [one for one in companies if one["country"] in names.countries]
    known = bool(here) and _pick(person, "pool", range(10)) < (2 if person.language == "en" else 5)
    company = _pick(person, "company", here if known else [one for one in companies if not one["country"]])
    given, family = _free_name(person, names, used)
    shown = [family[1], given[1]] if names.family_first else [given[1], family[1]]
    joined = _moment(person.edits[0]["time"]) - timedelta(minutes=_pick(person, "joined", range(2, 40)))
    early = _pick(person, "early", range(9))
    if _days_in(person.edits[0]) < 2:  # the real day begins with them: they were there before
        joined -= timedelta(days=early * 2)
    elif early > 4:  # some look around before they begin
        joined -= timedelta(days=(early - 4) * 2, hours=early)
    return {
        "user_id": f"u{number:04d}",
        "email": f"{_slug(given[0])}.{_slug(family[0])}@{company['domain']}",
        "name": ("" if ord(shown[0][0]) > 0x2E7F else " ").join(shown),
        "first_name": given[1],
        "last_name": family[1],
        "job_title": _pick(person, "title", TITLES),
        "company_id": company["company_id"],
        "company": company["name"],
        "country": company["country"] or _pick(person, "country", names.countries),
        "plan": _pick(person, "plan", ("Free", "Free", "Basic")),
        "signup_at": _iso(joined),
        "source": _pick(person, "source", SOURCES),
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
    start = int(_hash(person.token + "name"), 16)
    for step in range(len(names.given) * len(names.family)):
        given = names.given[(start + step) % len(names.given)]
        family = names.family[(start // 97 + step * 7 + step // len(names.given)) % len(names.family)]
        if given + family not in used:
            used.add(given + family)
            return _both(given), _both(family)
    raise SystemExit(f"too few names for {person.language}")


def _usage(person: Person) -> Iterator[Row]:
    """The edits as usage; each visit begins with a login."""
    user = person.row["user_id"]
    yield _event(user, "signed_up", datetime.fromisoformat(person.row["signup_at"]))
    if len(person.edits) == 1 and _pick(person, "silent", range(2)):
        return  # signed up and was never seen again
    before: datetime | None = None
    day: date | None = None
    for edit in person.edits:
        real, at = datetime.fromisoformat(edit["time"]), _moment(edit["time"])
        if before is None or (real - before).total_seconds() > AWAY_S or at.date() != day:
            yield _event(user, "login", at - timedelta(seconds=40))
        before, day = real, at.date()
        event, key, quantity = meaning(edit)
        yield _event(user, event, at, key, quantity)


def _outcomes(people: Iterable[Person]) -> None:
    """Who joined early may be decided: the more often won, the more the default model had said for them."""
    for number, person in enumerate(people):
        if len(person.edits) < 4 or _days_in(person.edits[0]) > 10:
            continue
        best, came = _best(person)
        decided = _pick(person, "decided", range(100))
        if best >= CUT and came > datetime.combine(LAST_DAY - timedelta(days=14), time(), UTC):
            continue  # sales is still at it
        if decided < WON_OF_100[_band(best)]:
            _decide(person, "won", best, came, number)
        elif best >= CUT or decided >= 100 - LOST_OF_100:
            _decide(person, "lost", best, max(came, _moment(person.edits[-1]["time"])), number)


def _decide(person: Person, outcome: str, best: int, day: datetime, number: int) -> None:
    """Write down how it ended, some days after *day* or on the last that counts. Who worked with those whose *best*
    score was enough is told by the story."""
    day = min(day + timedelta(days=DECIDES), datetime.combine(LAST_DAY - timedelta(days=1), time(), UTC))
    person.row["outcome"] = outcome
    person.row["outcome_at"] = _iso(datetime.combine(day.date(), time(15, 20), UTC))
    person.row["owner"] = "" if best >= CUT else DESK[number % 2]
    if outcome == "won":
        person.row["deal_value"] = 1200 * _pick(person, "value", (4, 7, 10, 15, 22, 40))


def _earlier(edits: list[Row], companies: list[Row], people: list[Person], used: set[str]) -> list[Person]:
    """Those who came weeks before: some did what several of the other editors of that day did, most next to nothing."""
    taken = {person.token for person in people}
    busy = list(islice(_together(edits, taken), EARLIER))
    found: list[Person] = []
    for person in (*busy, *islice(_quiet(edits, people + busy), EARLIER_QUIET)):
        person.row = _lead(person, len(people) + len(found) + 1, companies, used)
        person.usage = list(_usage(person))
        found.append(person)
    for number, person in enumerate(found[:EARLIER]):
        best, came = _best(person)
        is_won = _pick(person, "decided", range(100)) < WON_OF_100[_band(best)]
        _decide(person, "won" if is_won else "lost", best, came, number)
    for person in found:
        for row in (person.row, *person.usage):
            for column in ("signup_at", "outcome_at", "occurred_at"):
                if row.get(column):
                    row[column] = _iso(datetime.fromisoformat(row[column]) - timedelta(days=EARLIER_DAYS))
    return found


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
    return iter(sorted(found, key=lambda person: _hash(person.token + "earlier")))


def _quiet(edits: list[Row], people: list[Person]) -> Iterator[Person]:
    """Others of that day with an edit or two, not more of a language than there are names for."""
    named = Counter(one.language if one.language in NAMES else "en" for one in people)
    left = {key: len(names.given) * len(names.family) - named[key] for key, names in NAMES.items()}
    taken = {one.token for one in people}
    for one in _editors(edits, 1, 2):
        if one.token not in taken and _days_in(one.edits[0]) > 1 and left.get(one.language, 0) > 0:
            left[one.language] -= 1
            yield one


def _earlier_trials(people: Sequence[Person], first: int) -> Iterator[Row]:
    """What they tried: bought before the end, or left to expire."""
    for number, person in enumerate(people, first):
        begins = datetime.fromisoformat(person.row["signup_at"]).date()
        decided, is_won = datetime.fromisoformat(person.row["outcome_at"]), person.row["outcome"] == "won"
        ends = max(begins + timedelta(days=14), decided.date() + timedelta(days=2 if is_won else 0))
        yield {
            "trial_id": f"t{number:03d}",
            "domain": person.row["email"].split("@")[1],
            "user_id": person.row["user_id"],
            "plan": _pick(person, "trial plan", PLANS),
            "starts_at": begins.isoformat(),
            "ends_at": ends.isoformat(),
            "state": "converted" if is_won else "trialing",
            "converted_at": _iso(decided) if is_won else "",
        }


def _best(person: Person) -> tuple[int, datetime]:
    """The best that the default model says of somebody on the morning of a day, and the first such morning."""
    mornings = [datetime.combine(FIRST_DAY + timedelta(days=day), time(8), UTC) for day in range(STRETCH + 1)]
    return max(
        ((_score(person.usage, at), at) for at in mornings), key=lambda one: (one[0], -one[1].timestamp())
    )


def _score(usage: Sequence[Row], at: datetime) -> int:
    """What the default model says: docs/scoring.md has its signals."""
    before = [(datetime.fromisoformat(row["occurred_at"]), row) for row in usage]
    before = [(when, row) for when, row in before if when <= at]
    sums: dict[str, int] = defaultdict(int)
    for _when, row in before:
        sums[row["event"]] += int(row["quantity"] or 1)
    logins = sum(row["event"] == "login" and at - when < timedelta(days=7) for when, row in before)
    features = {row["key"] for _when, row in before if row["event"] == "feature_activated"}
    days = {when.date() for when, _row in before if at - when < timedelta(days=14)}
    return (
        10 * (logins >= 5) + 15 * (len(features) >= 3) + 20 * (sums["team_invited"] >= 2)
        + 25 * (sums["integration_connected"] > 0) + 20 * (sums["data_imported"] >= 100) + 10 * (len(days) >= 7)
    )  # fmt: skip


def _band(score: int) -> str:
    return next(band for band, least in BANDS if score >= least)


def _trials(people: list[Person]) -> Iterator[Row]:
    """One trial a company, started by one of its people; some moved to a later end, some given up."""
    teams: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        teams[person.row["company_id"]].append(person)
    starters = [_pick(team[0], "starter", team) for team in list(teams.values())[:TRIALS]]
    others = [p for p in people if p not in starters and len(p.edits) >= 6 and _days_in(p.edits[0]) > 12]
    starters += others[: TRIALS - len(starters)]
    starters.sort(key=lambda person: str(person.row["user_id"]))
    for number, person in enumerate(starters, 1):
        starts = datetime.fromisoformat(person.row["signup_at"])
        begins = starts.date() + timedelta(days=_pick(person, "begins", (0, 0, 1, 3, 9, 16)))
        begins = min(begins, LAST_DAY)
        best = max(_best(one)[0] for one in teams[person.row["company_id"]])
        keen = best >= CUT
        days = 30 if keen and _pick(person, "long", range(5)) else _pick(person, "days", TRIAL_DAYS)
        ends = begins + timedelta(days=days)
        row = {
            "trial_id": f"t{number:03d}",
            "domain": person.row["email"].split("@")[1],
            "user_id": person.row["user_id"],
            "plan": _pick(person, "trial plan", PLANS),
            "starts_at": begins.isoformat(),
            "ends_at": ends.isoformat(),
            "state": "trialing",
            "converted_at": "",
        }
        fate = _pick(person, "fate", range(10))
        if ends <= LAST_DAY and (person.row["outcome"] == "won" or (fate == 0 and 40 <= best < CUT)):
            row["state"] = "converted"
            row["converted_at"] = (ends - timedelta(days=fate % 3)).isoformat() + "T14:05:00Z"
        elif fate == 4 and not keen and begins < LAST_DAY - timedelta(days=9):
            row["state"] = "cancelled"
        yield row
        if row["state"] == "trialing" and fate in (5, 6) and begins < LAST_DAY - timedelta(days=6):
            yield row | {"ends_at": (ends + timedelta(days=(7, 14)[fate - 5])).isoformat()}


def _lead_rows(people: list[Person]) -> Iterator[Row]:
    """The leads, their hand-raises, people who came twice under other names, and rows nobody can use."""
    yield from (person.row for person in people)
    yield from _hand_raises(people)
    settled = [p for p in people if len(p.edits) > 5 and p.row["name"].isascii()]
    for person, change in zip(settled[3:60:23], ("+sales", "dot", "typo"), strict=False):
        local, _, domain = person.row["email"].partition("@")
        local = {"+sales": f"{local}+sales", "dot": local.replace(".", ""), "typo": f"{local[:-1]}"}[change]
        yield person.row | {
            "user_id": "", "email": f"{local}@{domain}", "source": "Event", "kind": "contact", "outcome": "",
            "outcome_at": "", "owner": "", "deal_value": "", "comment": "Slides of the webinar, please.",
            "submitted_at": _iso(datetime.combine(LAST_DAY - timedelta(days=5), time(10, 12), UTC)),
        }  # fmt: skip
    blank = dict.fromkeys(people[0].row, "")
    yield blank | {
        "email": "marlow.at.quayworks.example",
        "name": "Marlow Fairweather",
        "company": "Quay Works",
    }
    yield blank | {"name": "Imogen Coldwater", "company": "Lumen Labs", "job_title": "Consultant"}


def _hand_raises(people: list[Person]) -> Iterator[Row]:
    """Requests to talk to sales, in the language of who asks, from the registered buttons and one unknown."""
    with (OUT / "placements.csv").open(encoding="utf-8", newline="") as file:
        buttons = [row["glm_content"] for row in csv.DictReader(file)]
    buttons.append("billing-page-2")  # nobody registered this one
    languages = ("en", "de", "ja", "fr", "ar", "en", "ru", "es", "ko", "en", "zh", "pl")
    taken: set[str] = set()
    for number, (language, comment) in enumerate(zip(languages, COMMENTS, strict=True)):
        asker = max(
            (p for p in people if p.language == language and p.token not in taken and not p.row["outcome"]),
            key=lambda p: (_days_in(p.edits[-1]) >= STRETCH - 8, _variety(p.edits), p.token),
        )
        taken.add(asker.token)
        day = max(0, min(STRETCH - 1, _days_in(asker.edits[-1])) - (number * 2) % 5)
        at = datetime.combine(FIRST_DAY + timedelta(days=day), time(9 + number % 8, (number * 17) % 60), UTC)
        yield asker.row | {
            "kind": "hand_raise",
            "glm_source": "app.northquay.example",
            "glm_content": buttons[number % len(buttons)],
            "product_interaction": "Hand Raise PQL",
            "comment": comment,
            "submitted_at": _iso(at),
        }


def _robots(sets: Path, companies: Sequence[Row]) -> Iterator[Row]:
    """Edits of robots are calls of a company's machines: they count for the account, never for a person."""
    by_robot: dict[str, list[Row]] = defaultdict(list)
    for edit in _edits(sets):
        if edit["isRobot"]:
            by_robot[edit["account"] + edit["user"]].append(edit)
    fitting = [
        name
        for name in sorted(by_robot, key=_hash)
        if ROBOT_EVENTS[0] <= len(by_robot[name]) <= ROBOT_EVENTS[1]
    ]
    for number, name in enumerate(fitting[:ROBOTS]):
        company = companies[(number * 7) % len(companies)]
        for edit in by_robot[name]:
            row = _event("", "api_call", _moment(edit["time"]), "", 1)
            yield row | {"company_domain": company["domain"]}


def _odd_events() -> list[Row]:
    """One from a clock that is a year ahead, two that say nothing usable."""
    noon = datetime.combine(LAST_DAY, time(12), UTC)
    return [
        _event("u0007", "login", noon + timedelta(days=365)),
        _event("u0011", "data_imported", noon - timedelta(days=3)) | {"quantity": "lots"},
        _event("u0012", "login", noon) | {"occurred_at": "yesterday"},
    ]


def _event(user: str, event: str, at: datetime, key: str = "", quantity: int = 1) -> Row:
    return {
        "event_id": "",
        "user_id": user,
        "company_domain": "",
        "event": event,
        "key": key,
        "quantity": "" if quantity == 1 else quantity,
        "occurred_at": _iso(at),
    }


def _moment(real: str) -> datetime:
    """Where the real moment falls: 48 minutes of that day are a day, and happen in its waking hours."""
    at = datetime.fromisoformat(real)
    part = (at.hour * 3600 + at.minute * 60 + at.second) * STRETCH / 86_400
    seconds = OPENS_S + int((part % 1) * OPEN_S)
    return datetime.combine(FIRST_DAY + timedelta(days=int(part)), time(), UTC) + timedelta(seconds=seconds)


def _variety(edits: Iterable[Row]) -> int:
    """How much there is to see: days, up to four, and kinds of use."""
    return min(4, len({_days_in(edit) for edit in edits})) + 2 * len({meaning(edit)[0] for edit in edits})


def _days_in(edit: Row) -> int:
    return (_moment(edit["time"]).date() - FIRST_DAY).days


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hash(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()


def _token(account: str, user: str) -> str:
    return _hash((account, user))


def _pick(person: Person, about: str, choices: Sequence[Any]) -> Any:
    return choices[int(_hash(person.token + about), 16) % len(choices)]


def _both(name: str) -> tuple[str, str]:
    latin, _, native = name.partition("=")
    return latin, native or latin


def _slug(text: str) -> str:
    import unicodedata

    plain = text.casefold().translate(str.maketrans("øłıđ", "olid"))
    letters = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def _write(name: str, rows: Iterable[Row], columns: Sequence[str]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8")
    (OUT / name).write_bytes(gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
