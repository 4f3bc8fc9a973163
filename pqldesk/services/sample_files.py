"""The sample's files as of a day: copied with every date moved by whole days, so that usage ends the day before."""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pqldesk.services.basics.resources import resource
from pqldesk.services.files.fields import Kind

FILES = (
    (Kind.COMPANIES, "companies.csv", ()),
    (Kind.LEADS, "leads.csv", ("submitted_at", "signup_at")),
    (Kind.TRIALS, "trials.csv", ("starts_at",)),
    (Kind.EVENTS, "events.csv.gz", ("occurred_at",)),
)  # kind, name, and the columns that say when a row came; the first that is filled counts
LAST_WEEK = timedelta(days=8)
Table = tuple[list[str], list[list[str]]]  # header, rows


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file to import. *days_ago*: how long before the demo's day it came."""

    kind: Kind
    path: Path
    days_ago: int


def sample_files(folder: Path, as_of: date) -> list[SampleFile]:
    """Write the files into *folder*, moved so that their newest day is the day before *as_of*.

    The last week comes in files of its own, as from a company that imports every week.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.loads(resource("sample", "sample.json").read_text("utf-8"))
    days = as_of - timedelta(days=1) - date.fromisoformat(facts["last_day"])
    since = (as_of - LAST_WEEK).isoformat()
    earlier: list[SampleFile] = []
    later: list[SampleFile] = []
    for kind, name, dated in FILES:
        header, rows = _moved(_read(resource("sample", name)), days)
        if not dated:
            earlier.append(_written(kind, folder / name, header, rows, LAST_WEEK.days))
            continue
        columns = [header.index(column) for column in dated]
        came = [next((row[column] for column in columns if row[column]), "") for row in rows]
        old = [row for row, at in zip(rows, came, strict=True) if at < since]
        new = [row for row, at in zip(rows, came, strict=True) if at >= since]
        earlier.append(_written(kind, folder / name, header, old, LAST_WEEK.days))
        later.append(_written(kind, folder / f"last-week-{name}", header, new, 0))
    return earlier + later


def sample_placements() -> list[dict[str, str]]:
    """The places of hand-raise buttons: glm_content, place, note."""
    with resource("sample", "placements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
