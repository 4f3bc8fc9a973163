"""The whole workspace as one file, and back: for keeping, and for moving between SQLite and PostgreSQL.

An archive is a zip with a manifest and, for each table, JSON lines: first the columns, then a row each, as the
database holds them. Secrets are not in it: they are in the keyring.
"""

import base64
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Boolean, LargeBinary, Table
from sqlalchemy.orm import Session

from pqldesk.models import migrations
from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.models.schema import Base
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unreadable, unwritable

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
# Of this process and this copy of the workspace alone.
LEFT_OUT: Final = frozenset({"change", "runner"})
# Tables whose rows show that a workspace was used.
_USED: Final = ("lead", "company", "identity", "usage_event", "raw_page")
# Who sits here and how the window looks is set before anything else, and is no use yet.
_ACTED: Final = (
    "SELECT 1 FROM action WHERE name <> 'setting_changed'"
    " AND NOT (name IN ('undone', 'redone') AND detail LIKE 'setting_changed%') LIMIT 1"
)
_TOGETHER: Final = 5_000  # rows in one statement
_encode = msgspec.json.Encoder().encode  # writes bytes as base64
_decode = msgspec.json.Decoder(list[Any]).decode

Report = Callable[[Progress], None]


def write_archive(db: Database, target: Path, at: datetime, report: Report) -> int:
    """Write everything to *target*, whole or not at all, as of one moment; how many rows. Raises BadInput."""
    if target.exists():
        raise BadInput(_("{target} exists already.").format(target=target), _("Name a file that does not."))
    part = target.with_name(f"{target.name}.part")
    try:
        part.touch(mode=0o600)  # it holds people's data
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            rows = db.read(_write, archive, at, report).result()
        os.replace(part, target)
        return rows
    except OSError as refused:
        raise unwritable(target, refused) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def check_archive(source: Path) -> None:
    """BadInput where *source* is no archive that this version reads; its rows are not looked at."""
    with _opened(source) as archive:
        _manifest(archive, source)


def read_archive(db: Database, source: Path, report: Report) -> int:
    """Fill an unused workspace from *source*, all or nothing; how many rows. BadInput; NotAllowed where it is used."""
    with _opened(source) as archive:
        return db.write(_read, archive, _manifest(archive, source), report).result()


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, to read; what is wrong with the file is told as a Problem."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except FileNotFoundError:
        raise BadInput(
            _("There is no file {source}.").format(source=source), _("Name a file that `export all` wrote.")
        ) from None
    except OSError as refused:
        raise unreadable(source, refused) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, msgspec.DecodeError) as broken:
        raise BadInput(
            _("{source} is no whole archive: {broken}.").format(source=source, broken=broken),
            _("Name a file that `export all` wrote, or write it again."),
        ) from None


def _write(session: Session, archive: zipfile.ZipFile, at: datetime, report: Report) -> int:
    driver = Driver(session)
    many: dict[str, int] = {}
    for table in _tables():
        with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
            names = _columns(table)
            out.write(_encode(names) + b"\n")
            rows = _rows(driver, table, names)
            many[table.name] = 0
            while page := list(islice(rows, _TOGETHER)):
                out.write(b"".join(_encode(row) + b"\n" for row in page))
                many[table.name] += len(page)
                report(Progress(sum(many.values()), table.name))
    manifest = {
        "pqldesk_archive": FORMAT,
        "schema": migrations.HEAD,
        "written_at": iso(at),
        "rows": many,
        "next": {
            table.name: _newest(driver, table) for table in _tables() if "id" in table.c or "seq" in table.c
        },
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
    return sum(many.values())


def _rows(driver: Driver, table: Table, names: Sequence[str]) -> Iterator[list[Any]]:
    order = ", ".join(_quoted(column.name) for column in table.primary_key)
    selected = ", ".join(map(_quoted, names))
    switches = [place for place, name in enumerate(names) if isinstance(table.c[name].type, Boolean)]
    for row in driver.each(f"SELECT {selected} FROM {_quoted(table.name)} ORDER BY {order}"):  # noqa: S608 - names of ours
        values = list(row)
        for place in switches:  # SQLite has 0 and 1
            values[place] = None if values[place] is None else bool(values[place])
        yield values


def _read(session: Session, archive: zipfile.ZipFile, manifest: dict[str, Any], report: Report) -> int:
    driver = Driver(session)
    used = [name for name in _USED if driver.rows(f"SELECT 1 FROM {_quoted(name)} LIMIT 1")]  # noqa: S608
    if used or driver.rows(_ACTED):
        raise NotAllowed(
            _("An archive fills only a workspace that was never used, and this one holds data."),
            _("Name a new one with --workspace."),
        )
    for table in reversed(_tables()):  # such as the model that opening it made
        driver.run(f"DELETE FROM {_quoted(table.name)}")  # noqa: S608
    done = 0
    for table in _tables():
        with archive.open(f"{table.name}.jsonl") as lines:
            names = _decode(lines.readline())
            wanted = [table.c[name].name for name in names]  # a name we do not know is a KeyError
            many = 0
            statement = (
                f"INSERT INTO {_quoted(table.name)} ({', '.join(map(_quoted, wanted))})"  # noqa: S608
                f" VALUES ({', '.join('?' * len(wanted))})"
            )
            packed = [
                place for place, name in enumerate(wanted) if isinstance(table.c[name].type, LargeBinary)
            ]
            while page := [_values(_decode(line), packed) for line in islice(lines, _TOGETHER)]:
                driver.run_many(statement, page)
                many += len(page)
                done += len(page)
                report(Progress(done, table.name))
        if many != manifest["rows"][table.name]:
            raise EOFError(f"{table.name} has {many} rows of {manifest['rows'][table.name]}")
        _continue_numbers(driver, table, manifest["next"].get(table.name))
    driver.run("UPDATE member SET login = NULL")  # logins are the other server's; here nobody was invited yet
    return done


def _values(row: list[Any], packed: Sequence[int]) -> list[Any]:
    for place in packed:
        row[place] = None if row[place] is None else base64.b64decode(row[place])
    return row


def _newest(driver: Driver, table: Table) -> int:
    """The highest number ever given, also to a row that is gone: people have seen it."""
    key = _number_column(table)
    ((highest,),) = driver.rows(f"SELECT coalesce(max({key}), 0) FROM {_quoted(table.name)}")  # noqa: S608
    if driver.is_sqlite:
        given = driver.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
    else:
        sequence = driver.rows("SELECT pg_get_serial_sequence(?, ?)", (_quoted(table.name), key))[0][0]
        given = driver.rows(f"SELECT last_value FROM {sequence} WHERE is_called") if sequence else []  # noqa: S608
    return max(int(highest), int(given[0][0]) if given else 0)


def _continue_numbers(driver: Driver, table: Table, newest: int | None) -> None:
    """Let the next row get a number that was never given."""
    if not newest:
        return
    if driver.is_sqlite:
        if driver.rows("SELECT 1 FROM sqlite_sequence WHERE name = ?", (table.name,)):
            driver.run("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (newest, table.name))
        elif table.dialect_options["sqlite"]["autoincrement"]:
            driver.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, newest))
        return
    key = _number_column(table)
    sequence = driver.rows("SELECT pg_get_serial_sequence(?, ?)", (_quoted(table.name), key))[0][0]
    if sequence:
        driver.run("SELECT setval(?, ?)", (sequence, newest))


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    try:
        found = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("pqldesk_archive") != FORMAT:
        raise BadInput(
            _("{source} is no archive of a workspace.").format(source=source),
            _("Name a file that `export all` wrote."),
        )
    if found["schema"] != migrations.HEAD:
        raise BadInput(
            _("{source} was written with schema {schema}, and this PQLDesk has {head}.").format(
                source=source, schema=found["schema"], head=migrations.HEAD
            ),
            _("Write it again with this version, from the workspace it came from or from a backup of it."),
        )
    return found


def _tables() -> list[Table]:
    """Every table that is part of the workspace, in an order that foreign keys allow."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def _number_column(table: Table) -> str:
    return "seq" if "seq" in table.c else "id"


def _quoted(name: str) -> str:
    return f'"{name}"'
