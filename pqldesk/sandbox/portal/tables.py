"""The portal's tables: leads, customers, orders, trial_histories. In a file others may read them with SQL."""

import json
import sqlite3
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS leads (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, work_email TEXT NOT NULL, first_name TEXT, last_name TEXT,
  company_name TEXT, phone_number TEXT, country TEXT, state TEXT, comment TEXT, uid TEXT, namespace_id TEXT,
  glm_source TEXT, glm_content TEXT, product_interaction TEXT, existing_plan TEXT, trial_type TEXT,
  body TEXT NOT NULL, created_at TEXT NOT NULL, sent_to TEXT, sent_at TEXT, send_error TEXT
);
CREATE TABLE IF NOT EXISTS customers (
  id INTEGER PRIMARY KEY, uid TEXT UNIQUE, email TEXT, first_name TEXT, last_name TEXT, company TEXT,
  created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, namespace_id TEXT, product TEXT, trial INTEGER NOT NULL,
  start_date TEXT NOT NULL, end_date TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS trial_histories (
  id INTEGER PRIMARY KEY, namespace_id TEXT, uid TEXT, trial_type TEXT, glm_source TEXT, glm_content TEXT,
  start_date TEXT NOT NULL, end_date TEXT NOT NULL, created_at TEXT NOT NULL
);
"""
NAMES = ("leads", "customers", "orders", "trial_histories")


class Tables:
    """The tables in *file*, or in memory."""

    def __init__(self, file: Path | None) -> None:
        self._db = sqlite3.connect(file or ":memory:", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(SCHEMA)

    def add(self, table: str, **row: Any) -> int:
        """Insert a row; its id."""
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        values = [json.dumps(v) if isinstance(v, dict) else v for v in row.values()]
        cursor = self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608
        return int(cursor.lastrowid or 0)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return found

    def run(self, sql: str, *values: Any) -> None:
        self._db.execute(sql, values)

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return {
            name: [dict(row) for row in self._db.execute(f"SELECT * FROM {name} ORDER BY id")]  # noqa: S608
            for name in NAMES
        }

    def clear(self) -> None:
        for name in NAMES:
            self._db.execute(f"DELETE FROM {name}")  # noqa: S608
