"""Hostile and unusual files: every one is read or refused with a sentence."""

import csv
import gzip
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.table import CELL_LIMIT, ReadOptions, Reject


def written(folder: Path, data: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def cells(
    path: Path, options: ReadOptions | None = None
) -> tuple[list[tuple[int, list[object]]], list[Reject]]:
    rejects: list[Reject] = []
    return [(line, list(row)) for line, _, row in open_table(path, options).rows(rejects.append)], rejects


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b",,,\n,,\n", "has no rows"),
        (bytes(range(256)) * 20, "not a text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not an Excel"),
        (b"PAR1 no", "not a Parquet"),
        (b"\x1f\x8b\x08\x00broken", "gzip"),
        (gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:-20], "gzip"),
        (gzip.compress(gzip.compress(b"a,b", mtime=0), mtime=0), "inside gzip"),
        (b'[{"a": 1}, {"b"', "looks like JSON"),
        (b"[1, 2, 3]", "no list of JSON objects"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_holds_no_table_is_refused_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        list(open_table(written(tmp_path, data)).rows(lambda _: None))


def test_missing_files_folders_and_zip_archives_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        open_table(tmp_path / "no.csv")
    with pytest.raises(BadInput, match="not a file"):
        open_table(tmp_path)
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("leads.csv", "email\n")
    with pytest.raises(BadInput, match="ZIP archive"):
        open_table(packed)


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    rows, _ = cells(written(tmp_path, '{"email": "a@x.example"}\n{"email": "b@x.example"}\n', "leads.csv"))
    assert rows == [(1, ["a@x.example"]), (2, ["b@x.example"])]


def test_a_huge_cell_rejects_its_row_alone(tmp_path: Path) -> None:
    rows, rejects = cells(written(tmp_path, "a,b\n1," + "x" * 10_000_000 + "\n3,4\n"))
    assert rows == [(3, ["3", "4"])]
    assert rejects[0].line == 2
    assert f"the limit is {CELL_LIMIT:,}" in rejects[0].reason
    assert len(str(rejects[0].values)) < 1000


def test_a_quote_never_closed_costs_one_line(tmp_path: Path) -> None:
    rows, rejects = cells(written(tmp_path, 'a,b\n1,2\n3,"four\n5,6\n7,8\n'))
    assert rows == [(2, ["1", "2"]), (4, ["5", "6"]), (5, ["7", "8"])]
    assert [(found.line, found.row) for found in rejects] == [(3, 2)]
    assert "never closed" in rejects[0].reason


def test_a_quote_never_closed_in_a_long_file_costs_one_line(tmp_path: Path) -> None:
    tail = "".join(f"{number},{'x' * 1000}\n" for number in range(20_000))
    rows, rejects = cells(written(tmp_path, 'a,b\n3,"four\n' + tail))
    assert len(rows) == 20_000
    assert rows[-1][0] == 20_002
    assert [found.line for found in rejects] == [2]


def test_utf8_with_a_few_bad_bytes_rejects_those_rows(tmp_path: Path) -> None:
    data = b"name\n" + "Zoë Müller\n".encode() * 30 + b"M\xfcller\n" + "Ł\n".encode()
    path = written(tmp_path, data)
    rows, rejects = cells(path)
    assert (len(rows), rejects[0].line) == (31, 32)
    assert open_table(path).encoding == "utf-8"


def test_a_wrong_encoding_named_by_the_user_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "name\nÄ\n".encode("cp1252"))
    with pytest.raises(BadInput, match="not written in utf-8"):
        cells(path, ReadOptions(encoding="utf8"))
    assert cells(path, ReadOptions(encoding="cp1250"))[0] == [(2, ["Ä"])]
    with pytest.raises(BadInput, match="'klingon' is unknown"):
        cells(path, ReadOptions(encoding="klingon"))


def test_cyrillic_and_japanese_files_are_recognised(tmp_path: Path) -> None:
    russian = "имя,город\n" + "Екатерина Соколова,Санкт-Петербург\n" * 30
    assert cells(written(tmp_path, russian.encode("cp1251")))[0][0][1] == [
        "Екатерина Соколова",
        "Санкт-Петербург",
    ]
    japanese = "名前,会社\n" + "山田太郎,株式会社日本データ\n" * 30
    assert cells(written(tmp_path, japanese.encode("shift_jis")))[0][0][1] == [
        "山田太郎",
        "株式会社日本データ",
    ]


def test_utf16_without_a_mark_is_recognised(tmp_path: Path) -> None:
    rows, _ = cells(written(tmp_path, "name\tcity\nAda\tKöln\n".encode("utf-16-le")))
    assert rows == [(2, ["Ada", "Köln"])]


def test_a_name_that_comes_twice_gets_a_number(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "email,note,note\na@x.example,1,2\n"))
    assert table.columns == ["email", "note", "note (2)"]
    assert any("note (2)" in note for note in table.notes)


def test_semicolons_win_where_commas_are_decimal(tmp_path: Path) -> None:
    rows, _ = cells(written(tmp_path, "name;amount;rate\nA;1,5;2,5\nB;2,75;3,5\n"))
    assert rows[0] == (2, ["A", "1,5", "2,5"])


def test_excels_sep_line_names_the_delimiter(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "sep=|\r\nname|city\r\nAda|Köln\r\n"))
    assert (table.delimiter, table.columns, table.header_line) == ("|", ["name", "city"], 2)


def test_a_chosen_header_line_and_delimiter_are_used(tmp_path: Path) -> None:
    path = written(tmp_path, "Report of May\nname^city\nAda^Köln\n")
    rows, _ = cells(path, ReadOptions(header_line=2, delimiter="^"))
    assert rows == [(3, ["Ada", "Köln"])]
    with pytest.raises(BadInput, match="line 9"):
        open_table(path, ReadOptions(header_line=9))


def test_a_line_without_end_is_refused_without_filling_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as packed:
        for _ in range(200):
            packed.write(b"a" * 1024**2)
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="MiB"):
            open_table(path)
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024**2
    finally:
        tracemalloc.stop()


def test_jsonl_rejects_bad_lines_one_by_one(tmp_path: Path) -> None:
    lines = [
        '{"email": "a@x.example"}',
        "{nope",
        "[1]",
        "",
        '{"email": "\\ud800"}',
        '{"email": "b\\u0000"}',
        "{}",
    ]
    rows, rejects = cells(written(tmp_path, "\n".join(lines) + '\n{"email": "c@x.example"}', "x.jsonl"))
    assert rows == [(1, ["a@x.example"]), (7, [None]), (8, ["c@x.example"])]
    assert [found.line for found in rejects] == [2, 3, 5, 6]
    assert all(found.reason.startswith("It ") for found in rejects)


def test_json_objects_around_one_array_are_understood(tmp_path: Path) -> None:
    body = {
        "count": 2,
        "data": [{"email": "a@x.example", "address": {"city": "Köln"}}, {"email": "b@x.example"}],
    }
    for text in (json.dumps(body), json.dumps(body, indent=2)):
        table = open_table(written(tmp_path, text, "x.json"))
        assert table.columns == ["email", "address.city"]
        assert [list(row) for _, _, row in table.rows(lambda _: None)] == [
            ["a@x.example", "Köln"],
            ["b@x.example", None],
        ]


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    when = pa.array([1_700_000_000_123_456_789, None], pa.timestamp("ns", "UTC"))
    pq.write_table(
        pa.table({"email": ["a@x.example", "b@x.example"], "at": when, "tags": [["x"], None]}), path
    )
    table = open_table(path)
    rows = [list(row) for _, _, row in table.rows(lambda _: None)]
    assert table.columns == ["email", "at", "tags"]
    assert rows[0][1].isoformat() == "2023-11-14T22:13:20.123456+00:00"
    assert rows[1] == ["b@x.example", None, None]
    assert rows[0][2] == '["x"]'


def test_reading_a_long_file_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("email,note\n")
        for number in range(100_000):
            file.write(f"person{number}@x.example,{'n' * 100}\n")
    tracemalloc.start()
    try:
        assert sum(1 for _ in open_table(path).rows(lambda _: None)) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 12 * 1024**2
    finally:
        tracemalloc.stop()


LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
CELLS = st.text(LETTERS, max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
    ),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_written_by_csv_is_read_back_cell_by_cell(
    tmp_path: Path, table: list[list[str]], delimiter: str, line_end: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow([f"column {place}" for place in range(len(table[0]))])
    writer.writerows(table)
    path = written(tmp_path, out.getvalue().encode(encoding))
    options = ReadOptions(delimiter=delimiter, encoding=encoding)
    rows, rejects = cells(path, options)
    assert not rejects
    assert [row for _, row in rows] == [row for row in table if "".join(row).strip()]


def test_a_faulty_first_line_of_jsonl_costs_that_line_only(tmp_path: Path) -> None:
    path = written(
        tmp_path, '{"email": "a@example.com", "name": "\\ud800"}\n{"email": "b@example.com"}\n', "x.jsonl"
    )
    table = open_table(path)
    rejected: list[Reject] = []
    assert [list(row) for _, _, row in table.rows(rejected.append)] == [["b@example.com"]]
    assert [(reject.line, reject.reason[:12]) for reject in rejected] == [(1, "It is not JS")]
