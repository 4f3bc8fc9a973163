"""Writes docs/schema.md from the models: ``python tools/make_schema.py``."""

from pathlib import Path

from sqlalchemy import Boolean, LargeBinary, Table
from sqlalchemy.orm import Mapper

from pqldesk.models.base import Base as Declared
from pqldesk.models.base import JsonText, Money, UtcTime
from pqldesk.models.plain_names import KEPT
from pqldesk.models.schema import Base

PAGE = Path(__file__).parent.parent / "docs" / "schema.md"
HEAD = """\
# The workspace's tables

Made by `tools/make_schema.py` from the models; a test fails when it is out of date.

The workspace is yours to read: a SQLite file, or a PostgreSQL database. `pqldesk sql "SELECT ..."` reads either and can
change nothing; another program should open a SQLite file read-only (`sqlite3 "file:workspace.pqldesk?mode=ro"`). Write
only through PQLDesk, which keeps history, scores and what is shown in step. The same tables are on both databases.

| in a column's type | means |
|---|---|
| time | µs since 1970 UTC (SQLite: `datetime(at / 1000000, 'unixepoch')`; PostgreSQL: `to_timestamp(at / 1e6)`) |
| day | days since 1970 in the workspace's zone |
| JSON | text |
| money | ten-thousandths |
| hundredths, millionths | scores and points are hundredths, quantities millionths |

"""
TAIL = """
# Tables that triggers fill

No program of yours needs to write them. What a rep searches for is compared without case and accents: a lead or a
company with letters beyond ASCII in one of these columns has a row beside it, with all of them as they are compared.

| table | columns |
|---|---|
| {kept} |
| plain_letter | letter, plain: what a letter is compared as |
| lead_count | is_open, is_listed, owned, n: how many leads are of each kind (SQLite) |
| lead_fts, lead_fts_plain | the search indexes of lead and lead_plain, with tables of their own (SQLite) |
"""


def schema_page() -> str:
    """Every table by name, with its columns."""
    classes = {mapper.local_table.name: mapper for mapper in Declared.registry.mappers}
    sections = [
        _section(table, classes[table.name])
        for table in sorted(Base.metadata.tables.values(), key=lambda t: t.name)
    ]
    kept = (f"{name}_plain | {', '.join((f'{name}_id', *columns))}" for name, columns in KEPT.items())
    return HEAD + "\n".join(sections) + TAIL.format(kept=" |\n| ".join(kept))


def _section(table: Table, mapper: "Mapper[object]") -> str:
    about = " ".join((mapper.class_.__doc__ or "").split())
    lines = [f"## {table.name}", "", about, "", "| column | type | |", "|---|---|---|"]
    for column in table.columns:
        notes = []
        if column.primary_key:
            notes.append("key")
        notes += [f"-> {key.target_fullname}" for key in column.foreign_keys]
        if column.computed is not None:
            notes.append("computed")
        if column.nullable:
            notes.append("may be empty")
        lines.append(f"| {column.name} | {_type(column.type)} | {', '.join(notes)} |")
    return "\n".join(lines) + "\n"


def _type(kind: object) -> str:
    known = (
        (UtcTime, "time"),
        (JsonText, "JSON"),
        (Money, "money"),
        (Boolean, "yes or no"),
        (LargeBinary, "bytes"),
    )
    for type_, name in known:
        if isinstance(kind, type_):
            return name
    return "text" if "VARCHAR" in str(kind) or "TEXT" in str(kind) else "number"


if __name__ == "__main__":
    PAGE.write_text(schema_page(), "utf-8")
    print(PAGE)
