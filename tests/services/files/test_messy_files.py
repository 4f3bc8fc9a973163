"""The troublesome files of csvkit, each with what EXPECTED.csv beside them calls good handling."""

import csv
from pathlib import Path

import pytest

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.fields import Kind
from pqldesk.services.files.mapping import map_columns
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.records import RecordReader
from pqldesk.services.files.table import ReadOptions, Reject, SourceTable
from pqldesk.services.files.values import BadValue, quantity, text

FILES = Path(__file__).parents[2] / "data" / "csvkit_messy_files"

with (FILES / "EXPECTED.csv").open(encoding="utf-8", newline="") as expected_file:
    EXPECTED = {row["file"]: row for row in csv.DictReader(expected_file)}

#: Good rows, rejects and blank rows as we read them; the expected data rows are their sum.
FIGURES = {
    "bad.csv": (1, 2, 0),
    "bad_skip_lines.csv": (1, 2, 0),
    "blanks.csv": (1, 0, 0),
    "dummy.tsv": (1, 0, 0),
    "sniff_limit.csv": (1, 0, 0),
    "optional_quote_characters.csv": (1, 0, 0),
    "dummy_col_shuffled_ragged.csv": (1, 0, 0),
    "join_a_short.csv": (1, 2, 0),
    "null_byte.csv": (0, 1, 0),
    "mac_newlines.csv": (2, 0, 0),
    "test_header_newline.csv": (1, 0, 0),
    "test_latin1.csv": (2, 0, 0),
    "test_utf8.csv": (2, 0, 0),
    "test_utf8_bom.csv": (2, 0, 0),
    "test_utf16_big.csv": (2, 0, 0),
    "test_utf16_little.csv": (2, 0, 0),
    "test_skip_lines.csv": (1, 0, 0),
    "test_empty_columns.csv": (2, 0, 1),
    "test_empty_columns_long_row.csv": (0, 0, 1),
    "test_empty_columns_short_row.csv": (0, 0, 1),
    "test_extra_header.csv": (0, 1, 0),
    "test_locale.csv": (1, 0, 0),
    "test_no_leading_zeroes.csv": (1, 0, 0),
    "test_numeric_date_format.csv": (2, 0, 0),
    "test_date_format.csv": (2, 0, 0),
    "date_like_number.csv": (1, 0, 0),
    "test_geo.csv": (17, 0, 0),
    "test_ignore_case.csv": (5, 0, 0),
    "FY09_EDU_Recipients_by_State.csv": (52, 0, 1),
    "dummy.csv.gz": (1, 0, 0),
    "dummy.xls": (1, 0, 0),
    "dummy.xlsx": (1, 0, 0),
    "test_skip_lines.xlsx": (5, 0, 0),
}


def read(
    name: str, options: ReadOptions | None = None
) -> tuple[SourceTable, list[list[object]], list[Reject]]:
    table = open_table(FILES / name, options)
    rejects: list[Reject] = []
    return table, [list(values) for _, _, values in table.rows(rejects.append)], rejects


@pytest.mark.parametrize("name", FIGURES)
def test_a_messy_file_is_read_as_expected(name: str) -> None:
    expected = EXPECTED[name]
    table, rows, rejects = read(name)
    assert (len(rows), len(rejects), table.blank) == FIGURES[name]
    if expected["delimiter"]:
        assert table.delimiter == {"TAB": "\t"}.get(expected["delimiter"], expected["delimiter"])
    assert table.header_line == int(expected["header_line"])
    assert len(table.columns) == int(expected["columns"])


def test_the_figures_of_test_ignore_case_are_miscounted_in_the_list() -> None:
    # The list says 4 rows, the file has 5; everywhere else our sums agree with it but for rows of commas.
    differing = {name for name, found in FIGURES.items() if sum(found) != int(EXPECTED[name]["data_rows"])}
    assert differing == {"test_ignore_case.csv", "FY09_EDU_Recipients_by_State.csv"}


def test_ragged_rows_are_reported_by_line_number() -> None:
    _, rows, rejects = read("bad.csv")
    assert rows == [["0", "mixed types.... uh oh", "17"]]
    assert [(found.line, found.reason) for found in rejects] == [
        (2, "It has 4 cells, the header has 3."),
        (3, "It has 2 cells, the header has 3."),
    ]
    assert [found.line for found in read("bad_skip_lines.csv")[2]] == [5, 6]


def test_words_for_nothing_follow_one_rule() -> None:
    table, rows, _ = read("blanks.csv")
    assert rows == [["", "NA", "N/A", "NONE", "NULL", "."]]
    reader = RecordReader(
        map_columns(Kind.LEADS, table.columns, ["f=user_id", "b=name", "c=phone"]), ValueOptions()
    )
    found = next(reader.records(table, lambda _: None)).fields
    assert found == {"user_id": ".", "name": "NA"}


def test_columns_are_found_by_name_not_by_place() -> None:
    table, rows, _ = read("dummy_col_shuffled_ragged.csv")
    places = map_columns(Kind.LEADS, table.columns, ["a=user_id", "b=name"]).places(table.columns)
    assert (rows[0][places["user_id"]], rows[0][places["name"]]) == ("1", "2")


def test_a_file_with_one_line_break_says_that_it_is_empty() -> None:
    with pytest.raises(BadInput, match=r"empty\.csv is empty"):
        open_table(FILES / "empty.csv")


def test_a_file_without_header_is_noted_and_read_when_told_so() -> None:
    table, rows, _ = read("no_header_row.csv")
    assert rows == []
    assert any("--header-line none" in getattr(note, "remedy", "") for note in table.notes)
    table, rows, _ = read("no_header_row.csv", ReadOptions(header_line="none"))
    assert (table.columns, rows, table.header_line) == (["c1", "c2", "c3"], [["1", "2", "3"]], None)


def test_a_nul_character_rejects_its_row() -> None:
    _, rows, rejects = read("null_byte.csv")
    assert rows == []
    assert rejects[0].reason == "It holds a NUL character."


def test_carriage_returns_end_lines_and_stay_in_quotes() -> None:
    table = open_table(FILES / "mac_newlines.csv")
    assert list(table.rows(lambda _: None)) == [
        (2, 1, ["1", "2", "3"]),
        (3, 2, ["Once upon\ra time", "5", "6"]),
    ]


def test_a_header_over_several_lines_is_cleaned() -> None:
    table, rows, _ = read("test_header_newline.csv")
    assert table.columns == ["start end", "b", "c"]
    assert rows == [["d", "e", "f"]]


@pytest.mark.parametrize(
    ("name", "encoding", "last"),
    [
        ("test_latin1.csv", "cp1252", "©"),
        ("test_utf8.csv", "utf-8", "ʤ"),
        ("test_utf8_bom.csv", "utf-8", "ʤ"),
        ("test_utf16_big.csv", "utf-16", "ʤ"),
        ("test_utf16_little.csv", "utf-16", "ʤ"),
    ],
)
def test_the_encoding_is_found(name: str, encoding: str, last: str) -> None:
    table, rows, _ = read(name)
    assert (table.encoding, rows[-1][-1]) == (encoding, last)
    assert table.columns[0] in ("a", "foo")


def test_unnamed_columns_and_empty_rows_are_left_out() -> None:
    table, rows, _ = read("test_empty_columns.csv")
    assert table.named_columns == ["a", "b", "c"]
    assert rows == [["a", "", "", "", ""], ["", "", "c", "", ""]]
    assert "2 columns without a name left out." in table.notes


def test_continental_numbers_are_refused_unless_told() -> None:
    _, rows, _ = read("test_locale.csv")
    for cell in rows[0][:2]:
        with pytest.raises(BadValue, match="--decimal-comma"):
            quantity(cell)


def test_identifiers_keep_their_zeros() -> None:
    _, rows, _ = read("test_no_leading_zeroes.csv")
    assert [text(cell) for cell in rows[0]] == ["01", "00.11", "0.1"]


def test_thousands_commas_are_read() -> None:
    _, rows, _ = read("FY09_EDU_Recipients_by_State.csv")
    assert quantity(rows[0][3]) == 6718_000_000
    assert rows[0][2] == "01"


def test_sheet_numbers_are_text_without_fraction() -> None:
    for name in ("dummy.xls", "dummy.xlsx"):
        _, rows, _ = read(name)
        assert [text(cell) for cell in rows[0]] == ["1", "2", "3"]


def test_the_first_sheet_with_rows_is_read_and_named_or_another_chosen() -> None:
    table, rows, _ = read("sheets.xlsx")
    assert (table.sheet, table.sheets, len(rows)) == ("data", ("not this one", "data", "ʤ"), 5)
    assert any("'data'" in note for note in table.notes)
    assert len(read("sheets.xlsx", ReadOptions(sheet="ʤ"))[1]) == 1
    with pytest.raises(BadInput, match="has no sheet 'x'"):
        read("sheets.xlsx", ReadOptions(sheet="x"))


def test_a_sheet_counts_lines_from_its_first_row() -> None:
    table = open_table(FILES / "test_skip_lines.xlsx")
    assert table.header_line == 4
    assert [line for line, _, _ in table.rows(lambda _: None)] == [5, 6, 7, 8, 9]


def test_a_damaged_old_workbook_is_refused_in_words(tmp_path: Path) -> None:
    whole = (FILES / "dummy.xls").read_bytes()
    huge_counts = whole[:44] + b"\xff\xff\xff\x7f" + whole[48:]
    for damaged in (whole[: len(whole) // 3], whole[:600], huge_counts):
        path = tmp_path / "damaged.xls"
        path.write_bytes(damaged)
        with pytest.raises(BadInput, match="workbook that can be read"):
            open_table(path)


def test_bzip2_is_refused_in_words() -> None:
    with pytest.raises(BadInput, match="bzip2 archive"):
        open_table(FILES / "dummy.csv.bz2")


@pytest.mark.parametrize("name", ["testjson.json", "testjson_nested.json", "testjson_multiline.json"])
def test_json_is_read_but_refused_as_leads_in_words(name: str) -> None:
    table, rows, rejects = read(name)
    assert rows
    assert not rejects
    with pytest.raises(BadInput, match="No column identifies a lead"):
        map_columns(Kind.LEADS, table.columns)


def test_inner_objects_become_dotted_columns() -> None:
    table, _, _ = read("testjson_nested.json")
    assert "nested.nested.date" in table.columns
