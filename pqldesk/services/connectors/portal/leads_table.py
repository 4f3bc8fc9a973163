"""The portal's leads table, read with SQL: whether a form has arrived, and whether it was passed on from there."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, DateTime, MetaData, Table, Text, create_engine, func, select
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

# What our names for its columns are there, unless --set leads.NAME=COLUMN says otherwise; "" for one it lacks.
COLUMNS: Final = {
    "id": "id", "email": "work_email", "created_at": "created_at", "glm_content": "glm_content", "sent_at": "sent_at",
    "send_error": "send_error",
}  # fmt: skip
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")
CLOCKS_S: Final = 120  # how far the portal's clock may be behind ours


@dataclass(frozen=True, slots=True)
class PortalLead:
    """One row. *sent_at* None: it waits there; *passes_on* False: the table does not say."""

    lead_id: str
    created_at: datetime | None
    glm_content: str | None
    sent_at: datetime | None
    error: str | None
    passes_on: bool


class LeadsTable:
    """Reads; never writes. Each question opens a connection of its own on another thread."""

    def __init__(self, engine: Engine, table: Table, names: Mapping[str, str]) -> None:
        self._engine = engine
        self._table = table
        self._names = names

    @classmethod
    def read(cls, url: str | None, chosen: Mapping[str, str]) -> "LeadsTable | None":
        """The table at *url*, None without one. Raises BadInput for an address or names that make no sense."""
        if not url:
            return None
        names = {name: chosen.get(f"leads.{name}", usual) for name, usual in COLUMNS.items()}
        names = {name: column for name, column in names.items() if column}
        table = chosen.get("leads.table", "leads")
        for name in (table, *names.values()):
            if not _NAME.fullmatch(name):
                raise BadInput(
                    _("{name!r} is no name of a table or column.").format(name=name),
                    _("Write it as leads.email=work_email."),
                )
        if not {"id", "email"} <= names.keys():
            raise BadInput(
                _("The portal's leads need their id and e-mail columns."), _("Set leads.id and leads.email.")
            )
        try:
            engine = create_engine(make_url(url), poolclass=NullPool)
        except (ArgumentError, SQLAlchemyError, ImportError):
            raise BadInput(
                _("leads_sql is no address of a database."), _("Write postgresql+psycopg://…")
            ) from None
        schema, _dot, bare = table.rpartition(".")
        kinds = {name: DateTime if name.endswith("_at") else Text for name in names}
        columns: list[Column[Any]] = [Column(column, kinds[name], key=name) for name, column in names.items()]
        return cls(engine, Table(bare, MetaData(), *columns, schema=schema or None), names)

    async def problem(self) -> str | None:
        """Why it cannot be read, as a sentence."""
        try:
            await asyncio.to_thread(self._rows, "", 1)
        except SQLAlchemyError as why:
            return _("Its leads table cannot be read: {why}").format(why=str(why).splitlines()[0][:160])
        return None

    async def of(self, email: str) -> list[PortalLead]:
        """The person's leads there, the newest first. Raises SQLAlchemyError."""
        return await asyncio.to_thread(self._rows, email, 50)

    async def since(self, email: str, body: Mapping[str, Any], received_at: datetime) -> str | None:
        """The id of the lead that this form made there, None where it made none."""
        inner = body.get("trial_user")
        place = (inner if isinstance(inner, dict) else body).get("glm_content")
        after = received_at - timedelta(seconds=CLOCKS_S)
        for lead in await self.of(email):
            is_same_place = "glm_content" not in self._names or lead.glm_content == place
            if is_same_place and (lead.created_at is None or lead.created_at >= after):
                return lead.lead_id
        return None

    def _rows(self, email: str, most: int) -> list[PortalLead]:
        columns = self._table.c
        wanted = select(self._table).where(func.lower(columns.email) == email.strip().lower())
        wanted = wanted.order_by(columns.id.desc()).limit(most)
        with self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            found = [row._mapping for row in connection.execute(wanted)]
        return [
            PortalLead(
                str(row["id"]), _utc(row.get("created_at")), row.get("glm_content"), _utc(row.get("sent_at")),
                row.get("send_error"), "sent_at" in self._names,
            )
            for row in found
        ]  # fmt: skip


def _utc(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
