"""The people of companies, summed by the database from one index, for lists as long as the workspace is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, text
from sqlalchemy.orm import Session

from pqldesk.models.base import micros

ACTIVE_DAYS = 14
_SUMMED = {
    "company_id": "company_id",
    "leads": "count(*)",
    "best": "max(score)",
    "plus": "CAST(sum(CASE WHEN score > 0 THEN score ELSE 0 END) AS BIGINT)",
    "minus": "CAST(sum(CASE WHEN score < 0 THEN score ELSE 0 END) AS BIGINT)",
    "active": "sum(CASE WHEN last_active_at > :since AND last_active_at <= :until THEN 1 ELSE 0 END)",
    "seen": "max(last_active_at)",
    "activation": "max(activation)",
    "owner": "min(owner{collated})",
}


def people_summed(
    session: Session, at: datetime, among: Sequence[int] | None = None, *, of_trials: bool = False
) -> Any:
    """Each company's people, summed: one walk along the index, or along the stretches of *among*."""
    sqlite = is_sqlite(session)
    collated = "" if sqlite else ' COLLATE "C"'
    selected = ", ".join(f"{sql.format(collated=collated)} AS {name}" for name, sql in _SUMMED.items())
    table = "lead INDEXED BY ix_lead_company_id" if sqlite else "lead"
    some = "IS NOT NULL" if among is None else "IN :among"
    if of_trials:
        some = "IN (SELECT company_id FROM trial)"
    sql = f"SELECT {selected} FROM {table} WHERE +is_listed = 1 AND company_id {some} GROUP BY company_id"  # noqa: S608
    since = micros(at - timedelta(days=ACTIVE_DAYS))
    kinds = {name: Text() if name == "owner" else BigInteger() for name in _SUMMED}
    summed = text(sql).bindparams(since=since, until=micros(at))
    if among is not None:
        summed = summed.bindparams(bindparam("among", list(among), expanding=True))
    return summed.columns(**kinds)


def by_letters(session: Session, words: ColumnElement[Any]) -> ColumnElement[Any]:
    """In the same order on both databases, whatever language the server was set up for."""
    return words if is_sqlite(session) else words.collate("C")


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
