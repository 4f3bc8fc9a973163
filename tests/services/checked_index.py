"""Whether the search indexes of a file say what its leads and companies do."""

import sqlite3

from pqldesk.models.letters import as_searched
from pqldesk.models.plain_names import KEPT


def check_index(file: sqlite3.Connection) -> None:
    """Raise where an index differs from what it is of, or a name as it is compared from the name."""
    for index in ("lead_fts", "lead_fts_plain"):
        file.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
    for table, columns in KEPT.items():
        listed = ", ".join(columns)
        wanted = [
            (number, *(None if text is None else as_searched(text) for text in texts))
            for number, *texts in file.execute(f"SELECT id, {listed} FROM {table} ORDER BY id")
            if not "".join(filter(None, texts)).isascii()
        ]
        assert file.execute(f"SELECT {table}_id, {listed} FROM {table}_plain ORDER BY 1").fetchall() == wanted
