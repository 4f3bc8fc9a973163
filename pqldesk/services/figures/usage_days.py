"""The roll-ups made anew: by another zone's days, or for identities that lost events."""

from collections.abc import Collection, Iterator

from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import local_days

_AT_ONCE = 50_000  # events whose day is worked out at a time
_IN_ONE = 500  # identities in one statement
_NO_TOTALS = "DELETE FROM usage_total WHERE identity_id IN ({ids})"
_NO_DAYS = "DELETE FROM usage_day WHERE identity_id IN ({ids})"
_TOTALS = """
INSERT INTO usage_total (identity_id, kind_id, n, quantity, first_at, last_at)
SELECT identity_id, kind_id, count(*), sum(quantity), min(at), max(at) FROM usage_event
WHERE identity_id IN ({ids}) GROUP BY identity_id, kind_id
"""
_DAYS = """
INSERT INTO usage_day (identity_id, day, kind_id, n, quantity)
SELECT identity_id, day, kind_id, count(*), sum(quantity) FROM usage_event {where}
GROUP BY identity_id, day, kind_id
"""


def rebuild_days(session: Session) -> None:
    """Give every event its day in the workspace's zone, and sum the days again."""
    driver = Driver(session)
    day_of = local_days(settings.zone(session)).day_of
    last = 0
    while rows := driver.rows(
        "SELECT seq, at, day FROM usage_event WHERE seq > ? ORDER BY seq LIMIT ?", (last, _AT_ONCE)
    ):
        last = rows[-1][0]
        moved = [(day, seq) for seq, at, old in rows if (day := day_of(at)) != old]
        if moved:
            driver.run_many("UPDATE usage_event SET day = ? WHERE seq = ?", moved)
    driver.run("DELETE FROM usage_day")
    driver.run(_DAYS.format(where=""))


def rebuild_rollups(session: Session, identities: Collection[int]) -> None:
    """Sum the log again for *identities*."""
    driver = Driver(session)
    for ids in _pieces(identities):
        driver.run(_NO_TOTALS.format(ids=ids))
        driver.run(_NO_DAYS.format(ids=ids))
        driver.run(_TOTALS.format(ids=ids))
        driver.run(_DAYS.format(where=f"WHERE identity_id IN ({ids})"))


def _pieces(identities: Collection[int]) -> Iterator[str]:
    wanted = sorted(identities)
    for start in range(0, len(wanted), _IN_ONE):
        yield ",".join(map(str, wanted[start : start + _IN_ONE]))
