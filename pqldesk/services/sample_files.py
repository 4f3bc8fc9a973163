"""The sample's files as of a day: copied with every date moved by whole days, so that usage ends the day before."""

import csv
import gzip
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

from pqldesk.services.files.fields import Kind
from pqldesk.services.resources import resource

FILES = (
    (Kind.COMPANIES, "companies.csv"),
    (Kind.LEADS, "leads.csv"),
    (Kind.TRIALS, "trials.csv"),
    (Kind.EVENTS, "events.csv.gz"),
)


def sample_files(folder: Path, as_of: date) -> list[tuple[Kind, Path]]:
    """Write the files into *folder*, moved so that their newest day is the day before *as_of*."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.loads(resource("sample", "sample.json").read_text("utf-8"))
    days = as_of - timedelta(days=1) - date.fromisoformat(facts["last_day"])
    for _kind, name in FILES:
        data = resource("sample", name).read_bytes()
        packed = name.endswith(".gz")
        moved = _moved((gzip.decompress(data) if packed else data).decode("utf-8"), days).encode("utf-8")
        (folder / name).write_bytes(gzip.compress(moved, 1, mtime=0) if packed else moved)
    return [(kind, folder / name) for kind, name in FILES]


def sample_placements() -> list[dict[str, str]]:
    """The places of hand-raise buttons: glm_content, place, note."""
    with resource("sample", "placements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _moved(text: str, days: timedelta) -> str:
    rows = csv.reader(io.StringIO(text))
    header = next(rows)
    dated = [number for number, column in enumerate(header) if column.endswith("_at")]
    moved = io.StringIO()
    writer = csv.writer(moved, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        for number in dated:
            row[number] = _later(row[number], days)
        writer.writerow(row)
    return moved.getvalue()


def _later(text: str, days: timedelta) -> str:
    """A date stays a date, a time a time; what is neither stays as it is, to be rejected."""
    try:
        if len(text) == len("2015-09-12"):
            return (date.fromisoformat(text) + days).isoformat()
        return (datetime.fromisoformat(text) + days).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return text
