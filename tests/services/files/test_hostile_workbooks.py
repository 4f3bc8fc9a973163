"""Workbooks that ask for more memory than there is end with a sentence, not with the program."""

import zipfile
from pathlib import Path

import pytest

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.table import ReadOptions

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(path: Path, cells: dict[str, str], dimension: str = "A1") -> Path:
    """The smallest XLSX that holds *cells*, claiming *dimension*."""
    rows: dict[str, list[str]] = {}
    for place, text in cells.items():
        number = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        rows.setdefault(number, []).append(f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>')
    sheet = "".join(f'<row r="{number}">{"".join(found)}</row>' for number, found in rows.items())
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": f'<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/>'
        f"<sheetData>{sheet}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
    return path


TABLE = {"A1": "email", "A2": "ada@example.com"}


@pytest.mark.parametrize("far", ["XFD1048576", "ZZ300000"])
def test_a_cell_far_away_ends_with_a_sentence(tmp_path: Path, far: str) -> None:
    path = workbook(tmp_path / "far.xlsx", {**TABLE, far: "x"})
    with pytest.raises(BadInput, match=r"far\.xlsx needs more than 4 GiB"):
        open_table(path)


def test_a_sheet_that_only_claims_to_be_huge_is_read(tmp_path: Path) -> None:
    table = open_table(workbook(tmp_path / "claims.xlsx", TABLE, "A1:XFD1048576"))
    assert [list(row) for _, _, row in table.rows(print)] == [["ada@example.com"]]


def test_rows_keep_their_numbers_and_columns_below_and_right_of_nothing(tmp_path: Path) -> None:
    cells = {"C3": "email", "D3": "name", "C4": "ada@example.com", "D6": "Bob"}
    table = open_table(workbook(tmp_path / "low.xlsx", cells))
    assert table.columns == ["", "", "email", "name"]
    assert [(line, list(row)) for line, _, row in table.rows(print)] == [
        (4, ["", "", "ada@example.com", ""]),
        (6, ["", "", "", "Bob"]),
    ]
    assert table.blank == 1


def test_without_a_header_there_is_a_name_for_the_widest_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "wide.xlsx", {"A1": "ada@example.com", "A2": "bob@example.com", "C2": "Bob"})
    table = open_table(path, ReadOptions(header_line="none"))
    assert table.columns == ["c1", "c2", "c3"]
    assert [list(row) for _, _, row in table.rows(print)] == [
        ["ada@example.com", "", ""],
        ["bob@example.com", "", "Bob"],
    ]
