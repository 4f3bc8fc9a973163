"""How many leads there are of each kind that the views count, kept by triggers on SQLite: counting a million takes
45 ms, and the window asks after every change. PostgreSQL counts."""

from sqlalchemy import Connection

_KIND = "({row}.is_open, {row}.is_listed, {row}.owner IS NOT NULL)"
_STEP = (
    "UPDATE lead_count SET n = n {step} WHERE (is_open, is_listed, owned)"
    " = ({row}.is_open, {row}.is_listed, {row}.owner IS NOT NULL)"
)
_MORE, _LESS = _STEP.format(row="new", step="+ 1"), _STEP.format(row="old", step="- 1")

# For a file whose leads were written while the triggers were away.
RECOUNT = (
    "UPDATE lead_count SET n = (SELECT count(*) FROM lead l WHERE (l.is_open, l.is_listed, l.owner IS NOT NULL)"
    " = (lead_count.is_open, lead_count.is_listed, lead_count.owned))"
)
SQLITE_COUNTS = (
    "CREATE TABLE lead_count (is_open INTEGER NOT NULL, is_listed INTEGER NOT NULL, owned INTEGER NOT NULL,"
    " n INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (is_open, is_listed, owned)) WITHOUT ROWID",
    "INSERT INTO lead_count (is_open, is_listed, owned) VALUES"
    " (0,0,0), (0,0,1), (0,1,0), (0,1,1), (1,0,0), (1,0,1), (1,1,0), (1,1,1)",
    "INSERT OR REPLACE INTO lead_count SELECT is_open, is_listed, owner IS NOT NULL, count(*) FROM lead"
    " GROUP BY is_open, is_listed, owner IS NOT NULL",
    f"CREATE TRIGGER lead_count_insert AFTER INSERT ON lead BEGIN {_MORE}; END",
    f"CREATE TRIGGER lead_count_delete AFTER DELETE ON lead BEGIN {_LESS}; END",
    "CREATE TRIGGER lead_count_update AFTER UPDATE OF state, excluded, owner ON lead"
    f" WHEN {_KIND.format(row='old')} IS NOT {_KIND.format(row='new')} BEGIN {_LESS}; {_MORE}; END",
)


def create_counts(connection: Connection) -> None:
    """Create the counts and their triggers where the database has them."""
    if connection.dialect.name == "sqlite":
        for statement in SQLITE_COUNTS:
            connection.exec_driver_sql(statement)
