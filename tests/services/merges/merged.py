"""All that a merge may touch, and merges by row numbers."""

import itertools
from datetime import UTC, datetime

from sqlalchemy import select

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity, Lead, Submission
from pqldesk.models.schema import Base
from pqldesk.services.identity.merges import merge_leads, unmerge

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM, LEE, ANN = "kim@example.com", "lee@example.com", "ann@example.com"
# The trail of what was done, which only grows, and when a score was last worked out.
TRAIL = {"merge", "identity_link", "action", "action_row", "score_event", "change"}
_numbers = itertools.count(1)


def snapshot(session, *, without=()):
    """Every row of every table but the trail, as stored."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in TRAIL:
            continue
        columns = [c for c in table.columns if c.name not in {"scored_at", *without}]
        order = list(table.primary_key.columns)
        rows = session.execute(select(*columns).order_by(*order)).all()
        if table.name == "usage_event":
            rows = [row[1:] for row in rows]
        found[table.name] = [tuple(row) for row in rows]
    return found


def row_differences(one, other):
    """(id, place of the column, value, other value) of what differs."""
    return [
        (row[0], place, value, wanted)
        for row, again in itertools.zip_longest(one, other, fillvalue=())
        for place, (value, wanted) in enumerate(itertools.zip_longest(row, again))
        if value != wanted
    ]


def number_from_one():
    """What arrives from now on has the keys that the first had."""
    global _numbers
    _numbers = itertools.count(1)


def event(session, identity_id, name, at, quantity=1, key=""):
    """One usage event with its roll-ups, as an import stores it."""
    driver = Driver(session)
    kinds = driver.rows("SELECT id FROM event_kind WHERE name = ? AND key = ?", (name, key))
    kind = (
        kinds or driver.rows("INSERT INTO event_kind (name, key) VALUES (?, ?) RETURNING id", (name, key))
    )[0][0]
    at, day, quantity = micros(at), micros(at) // 86_400_000_000, quantity * 1_000_000
    driver.run(
        "INSERT INTO usage_event (eid, identity_id, kind_id, at, day, quantity, received_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (next(_numbers), identity_id, kind, at, day, quantity, at),
    )
    driver.run(
        "INSERT INTO usage_day (identity_id, day, kind_id, n, quantity) VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT (identity_id, day, kind_id) DO UPDATE SET n = usage_day.n + 1,"
        " quantity = usage_day.quantity + excluded.quantity",
        (identity_id, day, kind, quantity),
    )
    driver.run(
        "INSERT INTO usage_total (identity_id, kind_id, n, quantity, first_at, last_at) VALUES (?, ?, 1, ?, ?, ?)"
        " ON CONFLICT (identity_id, kind_id) DO UPDATE SET n = usage_total.n + 1,"
        " quantity = usage_total.quantity + excluded.quantity,"
        " first_at = CASE WHEN excluded.first_at < usage_total.first_at THEN excluded.first_at"
        " ELSE usage_total.first_at END,"
        " last_at = CASE WHEN excluded.last_at > usage_total.last_at THEN excluded.last_at"
        " ELSE usage_total.last_at END",
        (identity_id, kind, quantity, at, at),
    )


def arrival(session, identity_id, kind, at):
    """A form that came under a key, as the intake stores it."""
    lead = session.get_one(Lead, session.get_one(Identity, identity_id).lead_id)
    session.add(
        Submission(
            lead_id=lead.id, identity_id=identity_id, kind=kind, source="form", raw={},
            fingerprint=f"f{next(_numbers)}", received_at=at,
        )
    )  # fmt: skip
    if kind == "hand_raise" and lead.hand_raised_at is None:
        lead.hand_raised_at = at
    session.flush()


def identity_of(session, lead_id):
    return session.scalars(
        select(Identity.id).where(Identity.lead_id == lead_id).order_by(Identity.id)
    ).first()


def merge(session, survivor, loser, at=NOW):
    merge_leads(
        session, session.get_one(Lead, survivor), session.get_one(Lead, loser), KIM, "same person", at
    )


def part(session, number, at=NOW):
    unmerge(session, session.get_one(Lead, number), KIM, at)
