"""As much HogQL as pullers need, over SQLite in memory: what is not known is refused, as the real one does."""

import json
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

LIMIT, MOST = 100, 50_000
_TABLES = """
CREATE TABLE event_row (uuid TEXT PRIMARY KEY, event TEXT, distinct_id TEXT, timestamp TEXT, created_at TEXT,
  properties TEXT);
CREATE TABLE person_of (distinct_id TEXT PRIMARY KEY, person_id TEXT);
CREATE TABLE persons (id TEXT PRIMARY KEY, properties TEXT, created_at TEXT);
CREATE VIEW events AS SELECT e.*, p.person_id, s.properties AS person_properties FROM event_row e
  LEFT JOIN person_of p USING (distinct_id) LEFT JOIN persons s ON s.id = p.person_id;
"""
_TIMES = frozenset({"timestamp", "created_at"})
_NOT_ALLOWED = re.compile(r"\b(insert|update|delete|drop|attach|pragma|create|alter|union)\b", re.I)
_PROPERTY = re.compile(r"\b(?:person\.)?properties\.(\$?\w+)")
_COMPARED_AS_TEXT = re.compile(r"\b(?:timestamp|created_at)\s*(?:[<>]=?|=)\s*'", re.I)


class BadQuery(ValueError):
    """What the validator or the engine says of a query."""


class Store:
    """Events and persons, and queries over them."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(_TABLES)
        self._db.create_function("toString", 1, lambda value: None if value is None else str(value))
        self._db.create_function("toDateTime64", 3, _time)
        self._db.create_function("toDateTime", 1, lambda text: _time(text, 0, "UTC"))

    def add_event(self, row: dict[str, Any]) -> bool:
        """Take an event in; one with a known uuid stays as it is."""
        known = self._db.execute("SELECT 1 FROM event_row WHERE uuid = ?", (row["uuid"],)).fetchone()
        if known:
            return False
        self._db.execute(
            "INSERT INTO event_row VALUES (:uuid, :event, :distinct_id, :timestamp, :created_at, :properties)",
            {**row, "properties": json.dumps(row.get("properties") or {})},
        )
        return True

    def set_person(
        self, person_id: str, distinct_ids: Sequence[str], properties: dict[str, Any], at: str
    ) -> None:
        """Make or change a person."""
        self._db.execute(
            "INSERT INTO persons VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET properties = excluded.properties",
            (person_id, json.dumps(properties), at),
        )
        for one in distinct_ids:
            self._db.execute(
                "INSERT INTO person_of VALUES (?, ?) ON CONFLICT (distinct_id) DO UPDATE"
                " SET person_id = excluded.person_id",
                (one, person_id),
            )

    def rows(self, query: str) -> tuple[list[str], list[list[Any]], bool, int]:
        """Columns, rows, whether there are more (only told where the query had no LIMIT), and the limit."""
        text = query.strip().rstrip(";")
        if not text.lower().startswith("select") or _NOT_ALLOWED.search(text) or ";" in text:
            raise BadQuery("Only SELECT queries are allowed.")
        if re.search(r"\boffset\b", text, re.I):
            raise BadQuery("OFFSET is not supported for personal API keys. Page by a key instead.")
        if _COMPARED_AS_TEXT.search(text):
            raise BadQuery("A date is compared with a text; wrap it in toDateTime64().")
        given = re.search(r"\blimit\s+(\d+)\s*$", text, re.I)
        limit = min(int(given[1]), MOST) if given else LIMIT
        text = text[: given.start()] if given else text
        text = _PROPERTY.sub(_extract, text).replace("person.properties", "person_properties")
        try:
            found = self._db.execute(f"{text} LIMIT {limit + 1}")
        except sqlite3.Error as wrong:
            raise BadQuery(f"Unable to resolve the query: {wrong}") from None
        columns = [one[0] for one in found.description]
        rows = [
            [
                _iso(value) if name in _TIMES and value else value
                for name, value in zip(columns, row, strict=True)
            ]
            for row in found.fetchall()
        ]
        return columns, rows[:limit], len(rows) > limit and not given, limit

    def dump(self) -> dict[str, Any]:
        """Everything, in the order of ingestion."""
        rows = self._db.execute("SELECT * FROM events ORDER BY created_at, uuid")
        names = [one[0] for one in rows.description]
        people = self._db.execute("SELECT id, properties, created_at FROM persons ORDER BY id")
        return {
            "events": [dict(zip(names, row, strict=True)) for row in rows],
            "persons": [list(row) for row in people],
        }


def stored_time(text: str) -> str:
    """A time as the tables hold it, so that order of text is order of time."""
    at = datetime.fromisoformat(text)
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


def _time(text: str, _digits: int, zone: str) -> str:
    if zone != "UTC":
        raise ValueError("only UTC here")
    return stored_time(text)


def _extract(found: "re.Match[str]") -> str:
    column = "person_properties" if found[0].startswith("person.") else "properties"
    return f"json_extract({column}, '$.\"{found[1]}\"')"


def _iso(stored: str) -> str:
    return stored.replace(" ", "T") + "Z"
