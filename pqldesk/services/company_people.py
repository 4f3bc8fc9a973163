"""The people of companies, summed by the database from one index, for lists as long as the workspace is."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, literal_column, text
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.plain_names import in_alphabet

ACTIVE_DAYS = 14
_IDS = (
    1 << 32
)  # more than there are ids: a score times this, less an id, is greatest for the oldest of the best
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
    "first": f"max(score) * {_IDS} - max(score * {_IDS} - id)",  # who scores highest; of equals the older lead
}
ALL = tuple(_SUMMED)

EVERYBODY, THOSE_ASKED_FOR, OF_TRIALS = "IS NOT NULL", "IN :among", "IN (SELECT company_id FROM trial)"


def people_summed(
    session: Session, at: datetime, whose: str = EVERYBODY, which: tuple[str, ...] = ALL
) -> Any:
    """Each company's people as of *at*, summed: one walk along the index, or along the stretches of some. *which* of
    the sums are wanted: a third of the time goes into those of everybody."""
    found = summed(is_sqlite(session), whose, which)
    return found.bindparams(**summed_at(at)) if "active" in which else found


@cache
def summed(is_sqlite: bool, whose: str, which: tuple[str, ...] = ALL) -> Any:
    """The same for a statement that is put together once: it is run with summed_at(), and *among* where asked for."""
    collated = "" if is_sqlite else ' COLLATE "C"'
    selected = ", ".join(f"{_SUMMED[name].format(collated=collated)} AS {name}" for name in which)
    table = "lead INDEXED BY ix_lead_company_id" if is_sqlite else "lead"
    sql = f"SELECT {selected} FROM {table} WHERE +is_listed = 1 AND company_id {whose} GROUP BY company_id"  # noqa: S608
    kinds = {name: Text() if name == "owner" else BigInteger() for name in which}
    found = text(sql)
    if "active" in which:
        found = found.bindparams(bindparam("since", type_=BigInteger), bindparam("until", type_=BigInteger))
    if whose == THOSE_ASKED_FOR:
        found = found.bindparams(bindparam("among", expanding=True))
    return found.columns(**kinds)


def summed_at(at: datetime) -> dict[str, int]:
    """When people count as active."""
    return {"since": micros(at - timedelta(days=ACTIVE_DAYS)), "until": micros(at)}


def alphabetical(words: str, kept: str | None = None, *, is_sqlite: bool) -> ColumnElement[Any]:
    """What names are put in order by, of a text and where it is kept as it is compared: in_alphabet()."""
    return literal_column(in_alphabet(words, kept, is_sqlite=is_sqlite))


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
