"""Makes resources/sample/ from two of the public sets named in its README. The same sets give the same files.

    python tools/build_sample.py FOLDER_OF_THE_SETS

Usage is the rhythm of real people: each lead is one Wikipedia editor of 12 September 2015, whose edits of that day
are stretched to 30 days. Names, addresses, trials and requests are composed; what was chosen for whom follows from
a hash, never from chance. How edits become usage is written down in resources/sample/README.md.
"""

import csv
import gzip
import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sample_lives import EAST_ASIAN, LAST_DAY, Person, event, hash_of, iso, people_of, slug, stretched
from sample_outcomes import fates_of, score
from sample_people import COMMENTS, PLACES, TRADES
from sample_usage import Row

OUT = Path(__file__).resolve().parent.parent / "resources" / "sample"
ROBOTS, ROBOT_EVENTS = 36, (40, 260)
COMPOSED_COMPANIES = 118
ASKED_WITHIN_DAYS = 8  # of the last day: who asks to talk to sales is still there
# Known by these as well; the font for the letters of their own may be missing, as for EAST_ASIAN names.
LATIN = {
    "navercorp": "Naver", "samsung": "Samsung Electronics", "sony": "Sony Group", "toyota": "Toyota Motor",
    "tsmc": "TSMC",
}  # fmt: skip
# Organisations that should not stand as somebody's sales lead: public services, aid, names with a sting.
LEFT_OUT = (
    "hmrc.gov.uk", "nhs.uk", "tewhatuora.govt.nz", "montreal.ca", "hel.fi", "msf.org", "wikimedia.org", "sberbank.ru",
    "yandex.ru", "huawei.com", "aramco.com", "x.com", "meta.com", "google.com", "abc.xyz", "alibaba-inc.com",
    "bankhapoalim.co.il", "swm.de",
)  # fmt: skip


def main(sets: Path) -> None:
    """Write every file of the sample."""
    companies = list(_companies(sets))
    people = people_of(_edits(sets), companies)
    trials = fates_of(people)
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
    """Real names as they are written, most of them, at invented domains; then composed ones."""
    with (sets / "company_and_domain_facts" / "companies.csv").open(encoding="utf-8", newline="") as file:
        real = [row for row in csv.DictReader(file) if row["domain"] not in LEFT_OUT]
    for row in real:
        label = row["domain"].split(".")[0]
        yield {"name": LATIN.get(label, row["name"]), "domain": f"{label}.example", "country": row["country"]}
    for number in range(COMPOSED_COMPANIES):
        name = f"{PLACES[number % len(PLACES)]} {TRADES[(number * 5) % len(TRADES)]}"
        yield {"name": name, "domain": f"{slug(name)}.example", "country": ""}


def _lead_rows(people: list[Person]) -> Iterator[Row]:
    """The leads, their hand-raises, people who came twice under other names, and rows nobody can use."""
    yield from (person.row for person in people)
    yield from _hand_raises(people)
    settled = [
        p for p in people if len(p.edits) > 5 and p.language not in EAST_ASIAN and p.row["name"].isascii()
    ]
    for person, change in zip(settled[3:60:23], ("+sales", "dot", "typo"), strict=False):
        local, _, domain = person.row["email"].partition("@")
        local = {"+sales": f"{local}+sales", "dot": local.replace(".", ""), "typo": f"{local[:-1]}"}[change]
        yield person.row | {
            "user_id": "", "email": f"{local}@{domain}", "source": "Event", "kind": "contact", "outcome": "",
            "outcome_at": "", "owner": "", "deal_value": "", "comment": "Slides of the webinar, please.",
            "submitted_at": iso(datetime.combine(LAST_DAY - timedelta(days=5), time(10, 12), UTC)),
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
    now = datetime.combine(LAST_DAY + timedelta(days=1), time(), UTC)
    recent = iso(now - timedelta(days=ASKED_WITHIN_DAYS))
    for number, (language, comment) in enumerate(zip(languages, COMMENTS, strict=True)):
        asker = max(
            (p for p in people if p.language == language and p.token not in taken and not p.row["outcome"]),
            key=lambda p: (p.usage[-1]["occurred_at"] >= recent, score(p.usage, now), p.token),
        )
        taken.add(asker.token)
        last = datetime.fromisoformat(asker.usage[-1]["occurred_at"]).date()
        day = max(asker.signup.date() + timedelta(days=1), last - timedelta(days=number * 2 % 5))
        at = datetime.combine(min(day, LAST_DAY), time(9 + number % 8, (number * 17) % 60), UTC)
        yield asker.row | {
            "kind": "hand_raise",
            "glm_source": "app.northquay.example",
            "glm_content": buttons[number % len(buttons)],
            "product_interaction": "Hand Raise PQL",
            "comment": comment,
            "submitted_at": iso(at),
        }


def _robots(sets: Path, companies: Sequence[Row]) -> Iterator[Row]:
    """Edits of robots are calls of a company's machines: they count for the account, never for a person."""
    by_robot: dict[str, list[Row]] = defaultdict(list)
    for edit in _edits(sets):
        if edit["isRobot"]:
            by_robot[edit["account"] + edit["user"]].append(edit)
    fitting = [
        name
        for name in sorted(by_robot, key=hash_of)
        if ROBOT_EVENTS[0] <= len(by_robot[name]) <= ROBOT_EVENTS[1]
    ]
    for number, name in enumerate(fitting[:ROBOTS]):
        company = companies[(number * 7) % len(companies)]
        for edit in by_robot[name]:
            row = event("", "api_call", stretched(edit["time"]), "", 1)
            yield row | {"company_domain": company["domain"]}


def _odd_events() -> list[Row]:
    """One from a clock that is a year ahead, two that say nothing usable."""
    noon = datetime.combine(LAST_DAY, time(12), UTC)
    return [
        event("u0007", "login", noon + timedelta(days=365)),
        event("u0011", "data_imported", noon - timedelta(days=3)) | {"quantity": "lots"},
        event("u0012", "login", noon) | {"occurred_at": "yesterday"},
    ]


def _write(name: str, rows: Iterable[Row], columns: Sequence[str]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8")
    (OUT / name).write_bytes(gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
