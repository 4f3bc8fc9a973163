# ruff: noqa: E501, SIM905 - long lists of words read better in lines
"""Files that were damaged, or made to do damage: each is imported or refused in one sentence, and every row is counted.

A real file of each kind is changed at random places, with the bytes that readers are known to trip over. More
examples: PQLDESK_LONG_TESTS=1.
"""

import csv
import gzip
import io
import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import text

from pqldesk.services.basics.problems import Problem
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.workspaces.workspace import FILE_NAME, Workspace, open_workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
LONG = os.environ.get("PQLDESK_LONG_TESTS") == "1"

LEADS = """\
email,name,company,job_title,signup_at,user_id,kind,comment,outcome,deal_value
jane@acme.example,Jane Doe,Acme,Product Lead,2026-11-01T00:00:00Z,u1,hand_raise,"We need
SSO",,
bob@acme.example,Bob Röe,Acme,,2026-11-02,u2,,,won,"1,200.50"
"""
EVENTS = """\
event_id,user_id,event,key,quantity,occurred_at
e1,u1,login,,,2026-11-10T10:00:00Z
e2,u1,integration_connected,slack,,2026-11-11T10:00:00+05:30
e3,u1,data_imported,,150.25,1762945200
"""
TRIALS = "email,plan,starts_at,ends_at,state\njane@acme.example,Ultimate,2026-11-01,2026-11-25,active\n"
PEOPLE = [
    {"email": "jane@acme.example", "name": "Jane", "address": {"city": "Köln", "x": [1, {"y": None}]}},
    {"email": "cy@beta.example", "user_id": 17, "signup_at": 1762945200.5},
]
CALLS = [
    {"type": "identify", "messageId": "m1", "userId": "u1", "traits": {"email": "jane@acme.example"}},
    {
        "type": "track",
        "messageId": "m2",
        "userId": "u1",
        "event": "Login",
        "timestamp": "2026-11-12T10:01:00Z",
    },
]


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(
        pa.table({"email": ["a@x.example", None], "signup_at": [1, 2**62], "tags": [["x"], None]}), out
    )
    return out.getvalue()


SEEDS: dict[str, bytes] = {
    "leads.csv": LEADS.encode(),
    "leads.tsv": LEADS.replace(",", "\t").encode("utf-16"),
    "events.csv": EVENTS.encode("utf-8-sig"),
    "trials.csv": TRIALS.replace(",", ";").encode("cp1252"),
    "people.json": json.dumps({"data": PEOPLE}, indent=1).encode(),
    "people.jsonl": "\n".join(map(json.dumps, PEOPLE)).encode(),
    "calls.jsonl": "\n".join(map(json.dumps, CALLS)).encode(),
    "leads.csv.gz": gzip.compress(LEADS.encode(), mtime=0),
    "people.parquet": _parquet(),
}
NASTY = [
    b"", b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\\ud800", b"\\u0000", b'"', b"'",
    b'""', b",,,,", b"\n\n", b"\r", b"\x1a", b"\x85", "\u2028\u202e".encode(), b"[" * 400, b'{"a":' * 150, b"]}",
    b"1e999", b"-1e400", b"9" * 400, b"NaN", b"-0", b"0x1F", b"1" + b"0" * 5000, b"99999-99-99", b"0000-00-00",
    b"2026-02-30T25:61:61+99:99", b"9223372036854775808", b"-9223372036854775809", b"=cmd|'/c calc'!A1", b"../../etc/passwd",
    b"<img src=x>", b"'; DROP TABLE lead; --", b"%s%n{0}{}", b"\x1b[2J", b"a@" + b"b." * 200 + b"example",
    b"email", b"event_id", b"null", b"true", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08",
]  # fmt: skip

changes = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(NASTY) | st.binary(max_size=6), st.integers(1, 3)),
    min_size=1, max_size=5,
)  # fmt: skip


def changed(data: bytes, how: list[tuple[float, int, bytes, int]]) -> bytes:
    """Some bytes at each place are taken out and others put in."""
    for place, gone, put, times in how:
        at = int(place * len(data))
        data = data[:at] + put * times + data[at + gone :]
    return data


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace that takes all of it."""
    folder = tmp_path_factory.mktemp("fuzzed")
    workspace = open_workspace(folder / FILE_NAME, create=True)
    yield workspace
    workspace.close()


def imported(workspace: Workspace, kind: Kind, name: str, data: bytes) -> None:
    """Import it, and hold what is said to what is there. Raises whatever is no sentence."""
    path = workspace.folder / name
    path.write_bytes(data)
    try:
        result = import_file(
            workspace.db, kind, path, ImportOptions(source="fuzz"), at=NOW, actor="kim@example.com",
            fallback_dir=workspace.folder,
        )  # fmt: skip
    except Problem as refused:
        said = str(refused)
        assert 0 < len(said) < 2_000
        return
    counted = result.created + result.updated + result.duplicates + result.rejected + result.set_aside
    assert result.rows == counted + result.erased
    assert len(result.rejects) == min(result.rejected, 1_000)
    assert all(reject["reason"] for reject in result.rejects)


PHASES = [Phase.explicit, Phase.generate]  # what fails is seen as it is: making it smaller takes minutes
QUICK = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=6_000 if LONG else 120, deadline=None, suppress_health_check=QUICK, phases=PHASES)
@given(name=st.sampled_from(sorted(SEEDS)), kind=st.sampled_from(list(Kind)), how=changes)
def test_a_damaged_file_is_imported_or_refused_in_a_sentence(
    kept: Workspace, name: str, kind: Kind, how: list[tuple[float, int, bytes, int]]
) -> None:
    imported(kept, kind, name, changed(SEEDS[name], how))


@settings(max_examples=3_000 if LONG else 60, deadline=None, suppress_health_check=QUICK, phases=PHASES)
@given(kind=st.sampled_from(list(Kind)), data=st.binary(max_size=400), head=st.sampled_from([b"", *NASTY]))
def test_bytes_that_are_nothing_at_all_are_refused_in_a_sentence(
    kept: Workspace, kind: Kind, data: bytes, head: bytes
) -> None:
    imported(kept, kind, "noise", head + data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(
        ["jane@acme.example", "u1", "2026-11-01", "login", "9" * 40, "\u202eevil", "=1+1", "1e309"]
    ),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = st.sampled_from(
    "email user_id anonymous_id company_id event_id event key quantity occurred_at received_at name company plan "
    "starts_at ends_at state converted_at signup_at outcome deal_value type messageId userId traits properties "
    "timestamp distinct_id insert_id $insert_id time event_type".split()
)


@settings(max_examples=4_000 if LONG else 100, deadline=None, suppress_health_check=QUICK, phases=PHASES)
@given(
    kind=st.sampled_from(list(Kind)),
    rows=st.lists(st.dictionaries(FIELDS, VALUES, max_size=7), min_size=1, max_size=4),
)
def test_rows_with_any_value_in_any_field_are_taken_or_rejected_one_by_one(
    kept: Workspace, kind: Kind, rows: list[dict[str, object]]
) -> None:
    imported(kept, kind, "rows.jsonl", "\n".join(json.dumps(row) for row in rows).encode())


# Workbooks are read by a child process (0.3 s each), so that there are few.


def _workbook() -> dict[str, bytes]:
    book = Workbook()
    sheet = book.active
    for row in csv.reader(io.StringIO(LEADS)):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


@settings(max_examples=300 if LONG else 6, deadline=None, suppress_health_check=QUICK, phases=PHASES)
@given(part=st.integers(0, 20), how=changes, whole=st.booleans())
def test_a_damaged_workbook_is_imported_or_refused_in_a_sentence(
    kept: Workspace, part: int, how: list[tuple[float, int, bytes, int]], whole: bool
) -> None:
    parts = _workbook()
    if not whole:  # the zip is sound, something inside it is not
        name = sorted(parts)[part % len(parts)]
        parts[name] = changed(parts[name], how)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    imported(kept, Kind.LEADS, "leads.xlsx", changed(out.getvalue(), how) if whole else out.getvalue())


def test_after_all_of_that_the_workspace_is_sound(kept: Workspace) -> None:
    def read(session):
        return (
            session.execute(text("PRAGMA integrity_check")).scalars().all(),
            session.execute(text("PRAGMA foreign_key_check")).all(),
        )

    assert kept.db.read(read).result() == (["ok"], [])
