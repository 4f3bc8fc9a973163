"""What a merge gives the survivor of the loser's columns, and how that comes off again.

Works on rows as the database stores them, so that what is put back is the same to the byte.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from pqldesk.services.history import Image, bare_table, stored_rows

Filled = dict[str, list[Any]]  # column: [before, after]

STANDING = ("state", "state_before", "state_until", "state_reason", "owner", "claimed_at", "lease_until")
"""Where a lead stands, and with whom: taken over together or not at all."""

_SINGLE = ("email", "job_title", "phone", "country", "region", "plan", "source", "placement")
_TOGETHER = (
    ("first_name", "last_name"),
    ("company_id", "company_name", "domain"),
    ("outcome", "outcome_at", "deal_value"),
)
_EARLIEST = ("signup_at", "hand_raised_at", "first_touch_at", "respond_by", "known_qualified_at")
_LATEST = ("touched_at",)
_UNCLAIMED = ("new", "qualified")
_WORTH_KEEPING = ("claimed", "working", "handed_off", "won", "lost", "snoozed", "nurture")
_BY_RULE = (
    "respond_by",
    "known_qualified_at",
)  # rescoring sets them, so they are put back whatever they are now


def fill(session: Session, survivor_id: int, loser: Image) -> Filled:
    """Fill what the survivor lacks from *loser*; returns what was changed."""
    survivor = stored_rows(session, "lead", [survivor_id])[survivor_id]
    new = merged_fields(survivor, loser)
    changed = {key: [survivor[key], value] for key, value in new.items() if survivor[key] != value}
    for key in _BY_RULE:
        changed.setdefault(key, [survivor[key], new.get(key, survivor[key])])
    _store(session, survivor_id, {key: after for key, (_, after) in changed.items()})
    return changed


def unfill(session: Session, survivor_id: int, filled: Filled) -> bool:
    """Put back what fill() changed, unless it has changed since. True when the standing had and was left."""
    survivor = stored_rows(session, "lead", [survivor_id])[survivor_id]
    standing = {key: pair for key, pair in filled.items() if key in STANDING}
    standing_kept = any(survivor[key] != after for key, (_, after) in standing.items())
    back = {
        key: before
        for key, (before, after) in filled.items()
        if key in _BY_RULE or (not (standing_kept and key in STANDING) and survivor[key] == after)
    }
    _store(session, survivor_id, back)
    return standing_kept


def merged_fields(survivor: Image, loser: Image) -> Image:
    """What the survivor takes over from the loser: {column: value}."""
    new: Image = {}
    for key in _SINGLE:
        if survivor[key] is None and loser[key] is not None:
            new[key] = loser[key]
    for keys in _TOGETHER:
        if all(survivor[key] is None for key in keys):
            new |= {key: loser[key] for key in keys}
    if _is_placeholder(survivor["name"]) and not _is_placeholder(loser["name"]):
        new["name"] = loser["name"]
    new |= _chosen(survivor, loser, _EARLIEST, min)
    new |= _chosen(survivor, loser, _LATEST, max)
    if survivor["state"] in _UNCLAIMED and loser["state"] in _WORTH_KEEPING:
        new |= {key: loser[key] for key in STANDING}
    return new


def _chosen(survivor: Image, loser: Image, keys: tuple[str, ...], best: Callable[..., int]) -> Image:
    given = {key: [row[key] for row in (survivor, loser) if row[key] is not None] for key in keys}
    return {key: best(values) for key, values in given.items() if values}


def _is_placeholder(name: str) -> bool:
    return not name or "@" in name


def _store(session: Session, lead_id: int, values: Image) -> None:
    if values:
        lead = bare_table("lead")
        session.execute(update(lead).where(lead.c.id == lead_id).values(**values))
