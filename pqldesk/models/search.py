"""The search index: an FTS5 trigram table over lead, kept by triggers. PostgreSQL searches without one."""

from sqlalchemy import Connection

# detail=none keeps the index at 59 MB for a million leads; candidates are checked again with LIKE.
SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE lead_fts USING fts5(name, email, company_name, domain, content='lead', content_rowid='id',"
    " tokenize='trigram', detail=none)",
    "CREATE TRIGGER lead_fts_insert AFTER INSERT ON lead BEGIN"
    " INSERT INTO lead_fts(rowid, name, email, company_name, domain)"
    " VALUES (new.id, new.name, new.email, new.company_name, new.domain); END",
    "CREATE TRIGGER lead_fts_delete AFTER DELETE ON lead BEGIN"
    " INSERT INTO lead_fts(lead_fts, rowid, name, email, company_name, domain)"
    " VALUES ('delete', old.id, old.name, old.email, old.company_name, old.domain); END",
    "CREATE TRIGGER lead_fts_update AFTER UPDATE OF name, email, company_name, domain ON lead"
    " WHEN (old.name, old.email, old.company_name, old.domain)"
    " IS NOT (new.name, new.email, new.company_name, new.domain) BEGIN"
    " INSERT INTO lead_fts(lead_fts, rowid, name, email, company_name, domain)"
    " VALUES ('delete', old.id, old.name, old.email, old.company_name, old.domain);"
    " INSERT INTO lead_fts(rowid, name, email, company_name, domain)"
    " VALUES (new.id, new.name, new.email, new.company_name, new.domain); END",
)


def create_search(connection: Connection) -> None:
    """Create the index and its triggers where the database has them."""
    if connection.dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            connection.exec_driver_sql(statement)
