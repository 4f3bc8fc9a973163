"""Importing a file: opened, mapped and read as the user said, or as its header was mapped before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.settings import ImportMapping
from pqldesk.services import settings
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _
from pqldesk.services.calls.exports import enriched_table, recognised
from pqldesk.services.calls.readers import READERS
from pqldesk.services.events.rule_store import own_rules
from pqldesk.services.events.rules import EventRules
from pqldesk.services.files.date_order import has_comma_numbers, has_slashed_dates, settle_date_order
from pqldesk.services.files.event_rows import event_mapping
from pqldesk.services.files.events import event_map_of
from pqldesk.services.files.fields import Kind, folded
from pqldesk.services.files.mapping import (
    ColumnMapping,
    ColumnsMissing,
    from_json,
    header_signature,
    map_columns,
    values_in,
)
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.rejects import RejectsFile
from pqldesk.services.files.table import SourceTable
from pqldesk.services.imports.result import FileResult, ImportOptions, NothingUsable
from pqldesk.services.imports.run import ImportRun

_LOOKED_AT, _LONGEST_EXAMPLE = 50, 60  # rows for examples, and characters of one


def import_file(
    db: Database,
    kind: Kind,
    path: Path,
    options: ImportOptions,
    *,
    at: datetime,
    actor: str,
    fallback_dir: Path,
    report: Callable[[Progress], None] = lambda _: None,
) -> FileResult:
    """Import one file and return what became of its rows.

    BadInput when it cannot be read or holds no usable row: then nothing is changed. Rejected rows go to a file
    beside it, or in *fallback_dir* where that cannot be written.
    """
    if isinstance(db.place, Path) and path.exists() and path.samefile(db.place):
        # Opened and closed again it would also lose the locks that this process has on it.
        raise BadInput(
            _("{path} is this workspace itself.").format(path=path.name), _("Name a file to import.")
        )
    may_be_calls = kind is Kind.EVENTS and not options.mapping
    table: SourceTable | None = enriched_table(path) if may_be_calls else None
    if table is None:
        table = open_table(path, options.read)
    system = recognised(table) if may_be_calls else None
    remembered, kept_values = db.read(_remembered, kind, table.columns).result()
    said = kept_values | _said(options)
    if options.events:
        said["events"] = [*kept_values.get("events", ()), *options.events]
    values = db.read(_value_options, options, said).result()
    try:
        if system is not None:
            mapping = ColumnMapping(kind, {})
        elif kind is Kind.EVENTS:
            mapping = event_mapping(table, options.mapping, options.constants, remembered)
        else:
            mapping = map_columns(kind, table.columns, options.mapping, options.constants, remembered)
        if remembered is None and not options.mapping:
            mapping = _addresses_as_email(table, mapping)
    except ColumnsMissing as problem:
        if not options.dry_run:
            raise
        raise NothingUsable(problem.what, problem.remedy, _unmapped(table, problem)) from None
    asked = _in_question(table, mapping) if options.dry_run else []
    values, order = settle_date_order(table, mapping, values)
    folders = [] if options.dry_run else _reject_folders(path, options, fallback_dir)
    with RejectsFile(path, table.columns, folders) as rejects:
        calls = None
        if system is not None:
            rules = EventRules(system, db.read(own_rules).result(), values.event_map)
            calls = READERS[system], rules
        job = ImportRun(db, kind, table, mapping, options, values, rejects, at, actor, report, calls)
        if order is not None:
            job.result.notes.append(order)
        if kind is Kind.TRIALS and mapping.fields.isdisjoint(("starts_at", "ends_at")):
            job.result.notes.append(
                _("No column gives starts_at or ends_at: trials that are new have neither.")
            )
        if remembered is not None and system is None and not options.mapping:
            job.result.notes.append(_("Columns are mapped as in the last import of a file with this header."))
        job.result.in_question += asked
        if options.dry_run:
            job.result.sheets, job.result.examples = list(table.sheets), _examples(table)
        job.result.zone, job.result.day_first = values.zone.key, values.day_first
        job.result.decimal_comma = values.decimal_comma
        result = job.dry() if options.dry_run else job.run()
    if (options.mapping or options.events or _said(options)) and not options.dry_run:
        db.write(_remember, kind, table.columns, mapping, said, at).result()
    return result


def _said(options: ImportOptions) -> dict[str, Any]:
    """How values are to be read, as far as the user said."""
    given = {key: getattr(options, key) for key in ("zone", "day_first", "decimal_comma")}
    if options.null_texts is not None:
        given["null_texts"] = sorted(options.null_texts)
    return {key: value for key, value in given.items() if value is not None}


def _in_question(table: SourceTable, mapping: ColumnMapping) -> list[str]:
    asked = (
        ("dates", has_slashed_dates(table, mapping)), ("numbers", has_comma_numbers(table, mapping)),
        ("encoding", table.encoding_in_question), ("sheet", len(table.sheets) > 1),
    )  # fmt: skip
    return [name for name, is_so in asked if is_so]


def _addresses_as_email(table: SourceTable, mapping: ColumnMapping) -> ColumnMapping:
    """A column called "user" that holds addresses is read as such: as ids of another kind they would meet no lead."""
    column = next((name for name, field in mapping.columns.items() if field == "user_id"), "")
    if folded(column) != "user" or "email" in mapping.fields:
        return mapping
    place = table.columns.index(column)
    values = [str(values[place] or "").strip() for _line, _row, values in table.preview(_LOOKED_AT)]
    if not any(values) or not all("@" in value for value in values if value):
        return mapping
    return replace(mapping, columns={**mapping.columns, column: "email"})


def _examples(table: SourceTable) -> dict[str, str]:
    """What stands first in each column, for a person to see what it holds and whether its letters are right."""
    found: dict[str, str] = {}
    for _line, _row, values in table.preview(_LOOKED_AT):
        for column, value in zip(table.columns, values, strict=False):
            if column and column not in found and (text := str("" if value is None else value).strip()):
                found[column] = text[:_LONGEST_EXAMPLE]
    return {column: found.get(column, "") for column in table.columns if column}


def _unmapped(table: SourceTable, problem: ColumnsMissing) -> FileResult:
    """What is known of a file that lacks a column, for the person to say which one it is."""
    mapping = problem.mapping
    return FileResult(
        str(table.path), table.encoding, table.delimiter, table.header_line, table.sheet, dict(mapping.columns),
        list(mapping.unmapped), notes=list(table.notes), in_question=_in_question(table, mapping),
        sheets=list(table.sheets), examples=_examples(table), missing=list(problem.missing),
    )  # fmt: skip


def _value_options(session: Session, options: ImportOptions, said: Mapping[str, Any]) -> ValueOptions:
    return ValueOptions(
        zone=_zone(said["zone"]) if "zone" in said else settings.zone(session),
        day_first=said.get("day_first"),
        decimal_comma=bool(said.get("decimal_comma")),
        currency=settings.value(session, "currency"),
        null_texts=frozenset(said["null_texts"]) if "null_texts" in said else None,
        event_map=event_map_of(settings.family(session, "event_map.") | dict(_pairs(said.get("events", ())))),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database is an OSError
        raise BadInput(
            _("{name!r} is no time zone.").format(name=name), _("Write an IANA name such as Europe/Berlin.")
        ) from None


def _pairs(items: Iterable[str]) -> Iterator[tuple[str, str]]:
    for item in items:
        name, sign, kind = item.rpartition("=")
        if not sign or not name.strip() or not kind.strip():
            raise BadInput(
                _("--map-event {item!r} is not NAME=KIND.").format(item=item),
                _("Write it like user_login=login."),
            )
        yield name, kind


def _remembered(
    session: Session, kind: Kind, columns: Sequence[str]
) -> tuple[ColumnMapping | None, dict[str, Any]]:
    kept = session.scalars(
        select(ImportMapping).where(
            ImportMapping.kind == kind.value, ImportMapping.signature == header_signature(columns)
        )
    ).first()
    return (None, {}) if kept is None else (from_json(kept.mapping, columns), values_in(kept.mapping))


def _remember(
    session: Session,
    kind: Kind,
    columns: Sequence[str],
    mapping: ColumnMapping,
    values: Mapping[str, Any],
    at: datetime,
) -> None:
    signature, written = header_signature(columns), mapping.to_json(values)
    kept = session.scalars(
        select(ImportMapping).where(ImportMapping.kind == kind.value, ImportMapping.signature == signature)
    ).first()
    if kept is None:
        session.add(ImportMapping(kind=kind.value, signature=signature, mapping=written, at=at))
    else:
        kept.mapping, kept.at = written, at


def _reject_folders(path: Path, options: ImportOptions, fallback: Path) -> list[Path]:
    if options.rejects_dir is not None:
        return [options.rejects_dir]
    return [path.parent, fallback]
