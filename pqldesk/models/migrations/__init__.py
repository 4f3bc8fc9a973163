"""One Alembic history for both databases. HEAD is checked without importing Alembic, which costs 60 ms."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0020"
HERE = Path(__file__).parent


def version_of(connection: Connection) -> str | None:
    """The schema version of a workspace, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def known_versions() -> set[str]:
    """Every version this PQLDesk can start from."""
    return {path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py")}


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the schema to HEAD, or to an earlier *version*, inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, version)
