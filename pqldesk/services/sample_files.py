"""The sample's files as of a day: copied with every date moved by whole days, so that usage ends the day before.

They come week by week, as from a company that imports on Tuesdays, and say no more than was known by then: so scores,
causes and bands were stored while the weeks went by, and a model can be held to what it knew.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pqldesk.services.basics.resources import resource
from pqldesk.services.files.fields import Kind

IMPORTS_ON, WEEKS = 1, 17  # a Tuesday: reps are at work when a week is told
REQUEST = ("kind", "glm_source", "glm_content", "product_interaction", "comment", "submitted_at")
OUTCOME = ("outcome", "outcome_at", "deal_value", "owner")
RUNNING = "trialing"  # a trial that has not ended
Table = tuple[list[str], list[list[str]]]  # header, rows
Dated = tuple[str, list[str]]  # when it was known, a row


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file to import. *days_ago*: how long before the demo's day it came."""

    kind: Kind
    path: Path
    days_ago: int


def sample_files(folder: Path, as_of: date) -> list[SampleFile]:
    """Write the files into *folder*, in the order they came, moved so that their newest day is that before *as_of*."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.loads(resource("sample", "sample.json").read_text("utf-8"))
    days = as_of - timedelta(days=1) - date.fromisoformat(facts["last_day"])
    tables = {
        kind: (header, list(known(header, rows)))
        for kind, name, known in FILES
        for header, rows in [_moved(_read(resource("sample", name)), days)]
    }
    found: list[SampleFile] = []
    before = ""
    for days_ago in came(as_of):
        until = (as_of - timedelta(days=days_ago)).isoformat()
        for kind, name, _known in FILES:
            header, rows = tables[kind]
            new = [row for at, row in rows if before <= at and (at < until or not days_ago)]
            if new:
                path = folder / f"{kind.value}-{until}{name.removeprefix(kind.value)}"
                found.append(_written(kind, path, header, new, days_ago))
        before = until
    return found


def came(as_of: date) -> list[int]:
    """How many days before *as_of* files came: on the last Tuesdays, and what is new since then on the day itself."""
    last = (as_of.weekday() - IMPORTS_ON - 1) % 7 + 1
    return [last + 7 * week for week in reversed(range(WEEKS))] + [0]


def sample_placements() -> list[dict[str, str]]:
    """The places of hand-raise buttons: glm_content, place, note."""
    with resource("sample", "placements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _companies(_header: list[str], rows: list[list[str]]) -> Iterator[Dated]:
    return (("", row) for row in rows)


def _leads(header: list[str], rows: list[list[str]]) -> Iterator[Dated]:
    """A lead as it signed up or asked; how it ended is another row, once it had."""
    asked, signed_up, ended = map(header.index, ("submitted_at", "signup_at", "outcome_at"))
    for row in rows:
        came = row[asked] or row[signed_up]
        if row[ended] > came:
            yield came, _without(header, row, OUTCOME)
            yield row[ended], _without(header, row, REQUEST)
        else:
            yield came, row


def _trials(header: list[str], rows: list[list[str]]) -> Iterator[Dated]:
    """A trial as it began; how it ended is another row, once it had."""
    began, ends, state, converted = map(header.index, ("starts_at", "ends_at", "state", "converted_at"))
    for row in rows:
        if row[state] == RUNNING:
            yield row[began], row
            continue
        at_first = list(row)
        at_first[state], at_first[converted] = RUNNING, ""
        yield row[began], at_first
        yield row[converted] or row[ends], row


def _events(header: list[str], rows: list[list[str]]) -> Iterator[Dated]:
    at = header.index("occurred_at")
    return ((row[at], row) for row in rows)


def _without(header: list[str], row: list[str], columns: tuple[str, ...]) -> list[str]:
    return ["" if name in columns else value for name, value in zip(header, row, strict=True)]


FILES = (
    (Kind.COMPANIES, "companies.csv", _companies),
    (Kind.LEADS, "leads.csv", _leads),
    (Kind.TRIALS, "trials.csv", _trials),
    (Kind.EVENTS, "events.csv.gz", _events),
)  # kind, name, and what is known when


def _read(path: Path) -> Table:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text))
    return header, rows


def _written(kind: Kind, path: Path, header: list[str], rows: list[list[str]], days_ago: int) -> SampleFile:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    data = text.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(data, 1, mtime=0) if path.suffix == ".gz" else data)
    return SampleFile(kind, path, days_ago)


def _moved(table: Table, days: timedelta) -> Table:
    header, rows = table
    dated = [number for number, column in enumerate(header) if column.endswith("_at")]
    for row in rows:
        for number in dated:
            row[number] = _later(row[number], days)
    return header, rows


def _later(text: str, days: timedelta) -> str:
    """A date stays a date, a time a time; what is neither stays as it is, to be rejected."""
    try:
        if len(text) == len("2015-09-12"):
            return (date.fromisoformat(text) + days).isoformat()
        return (datetime.fromisoformat(text) + days).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return text
