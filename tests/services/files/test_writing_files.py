import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.export import write_rows
from pqldesk.services.files.formulas import neutral
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.rejects import LISTED, RejectsFile
from pqldesk.services.files.table import Reject
from pqldesk.services.files.values import text

EVIL = '=HYPERLINK("http://x.example")'
ROWS = [
    {
        "name": EVIL,
        "score": 85,
        "at": datetime(2024, 12, 15, 12, tzinfo=UTC),
        "ok": True,
        "share": Decimal("2.5"),
    },
    {"name": "-5", "score": None, "phone": "+49 30 1"},
]
COLUMNS = ["name", "score", "at", "ok", "share", "phone"]


@pytest.mark.parametrize("cell", ["=1+1", "+49 30 123", "-cmd", "@SUM(A1)", "\tx", "\rx"])
def test_cells_a_spreadsheet_would_run_get_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+1.5", "-1e5", "plain", "a=b", "", "1,5"])
def test_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_csv_export_is_safe_and_complete() -> None:
    out = io.BytesIO()
    assert write_rows(ROWS, COLUMNS, "csv", out) == 2
    written = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    assert written == [
        COLUMNS,
        ["'" + EVIL, "85", "2024-12-15T12:00:00Z", "true", "2.5", ""],
        ["-5", "", "", "", "", "'+49 30 1"],
    ]


def test_json_and_jsonl_exports_keep_types_and_nulls() -> None:
    out = io.BytesIO()
    write_rows(ROWS, COLUMNS, "json", out)
    whole = json.loads(out.getvalue())
    assert whole[0] == {
        "name": EVIL, "score": 85, "at": "2024-12-15T12:00:00Z", "ok": True, "share": 2.5, "phone": None
    }  # fmt: skip
    lines = io.BytesIO()
    write_rows(ROWS, COLUMNS, "jsonl", lines)
    assert [json.loads(line) for line in lines.getvalue().splitlines()] == whole
    empty = io.BytesIO()
    assert write_rows([], COLUMNS, "json", empty) == 0
    assert json.loads(empty.getvalue()) == []


def test_a_workbook_export_holds_no_formula_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with path.open("wb") as out:
        assert write_rows([*ROWS, {"name": "bell\x07"}], COLUMNS, "xlsx", out) == 3
    book = load_workbook(path)
    assert next(cell.data_type for cell in next(book.active.iter_rows(min_row=2))) == "s"
    table = open_table(path)
    rows = [[text(value) for value in row] for _, _, row in table.rows(lambda _: None)]
    assert rows[0] == [EVIL, "85", "2024-12-15T12:00:00Z", "true", "2.5", None]
    assert rows[2][0] == "bell"


def test_rejects_are_written_beside_the_file_and_never_over_an_older_one(tmp_path: Path) -> None:
    source = tmp_path / "leads.csv"
    for name in ("leads.csv.rejects.csv", "leads.csv.rejects-2.csv"):
        with RejectsFile(source, ["email", "note"], [tmp_path]) as rejects:
            rejects.add(Reject(2, 1, "It has 3 cells, the header has 2.", ("a", "=1+1", "-3")))
        assert rejects.path == tmp_path / name
    text_of = (tmp_path / "leads.csv.rejects.csv").read_text(encoding="utf-8")
    written = list(csv.reader(text_of.splitlines()))
    assert written == [
        ["line", "row", "reason", "email", "note"],
        ["2", "1", "It has 3 cells, the header has 2.", "a", "'=1+1", "-3"],
    ]


def test_no_reject_no_file_and_a_dry_run_writes_none(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "x.csv", ["a"], [tmp_path]):
        pass
    with RejectsFile(tmp_path / "x.csv", ["a"], []) as dry:
        for number in range(LISTED + 5):
            dry.add(Reject(number, number, "no", ()))
    assert (dry.count, len(dry.listed), dry.path, list(tmp_path.iterdir())) == (LISTED + 5, LISTED, None, [])


def test_rejects_go_to_the_next_folder_where_the_first_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, no folder")
    with RejectsFile(tmp_path / "x.csv", ["a"], [blocked, tmp_path / "workspace"]) as rejects:
        rejects.add(Reject(1, 1, "no", ("v",)))
    assert rejects.path == tmp_path / "workspace" / "x.csv.rejects.csv"
    with (
        RejectsFile(tmp_path / "x.csv", ["a"], [blocked]) as none,
        pytest.raises(BadInput, match="--rejects-dir"),
    ):
        none.add(Reject(1, 1, "no", ("v",)))
