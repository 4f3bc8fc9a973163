"""The list of handoffs: drafts and every write to another system, as long as it is."""

import json
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import HANDOFF, ITEM, LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.models.ranking import Ranking
from pqldesk.models.remote import OutboxItem
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.handoff_drafts import draft_rows
from pqldesk.services.handoffs.shown import DraftRow, HandoffGroup
from pqldesk.services.outbox_rows import outbox_rows, summary_of
from pqldesk.services.queue.ranked import listed
from pqldesk.services.rows import OutboxRow

_STATES = {
    "send": ("pending", "sending", "unknown"),
    "problems": ("failed", "held"),
    "done": ("done", "cancelled"),
}
TABS = ("drafts", *_STATES)
_WORDS = ("lead", "write")  # looked up once somebody sorts by them
_KEYS = ("state", "next", "queued")
SORTS = (*_KEYS, *_WORDS)
_DRAFT = "draft"
_FIRST, _MANY = 300, 5_000


def handoff_order(
    session: Session, at: datetime, tab: str = "send", sort: str = "", *, descending: bool = True
) -> ListOrder:
    """What *tab* shows, the newest handoff first and its writes in their order, or by one of SORTS.

    A draft is minus the number of its lead. Those with nothing to sort by come last in both directions.
    """
    check_order(tab, sort)
    with closing(handoff_ranking(session, at)) as ranking:
        if not ranking.has(sort):
            add_handoff_key(session, ranking, sort)
        return listed(ranking, tab, sort, descending=descending)


def check_order(tab: str, sort: str) -> None:
    """Raises BadInput where handoffs have no such tab or sort."""
    if tab not in TABS or sort not in ("", *SORTS):
        raise BadInput(
            _("Handoffs are not listed by {tab!r} and {sort!r}.").format(tab=tab, sort=sort),
            _("Known: {known}.").format(known=", ".join((*TABS, *SORTS))),
        )


def handoff_ranking(session: Session, _at: datetime) -> Ranking:
    """All drafts and writes with what they are listed by, but for what add_handoff_key() brings."""
    tab = case(*((OutboxItem.state.in_(_STATES[key]), 1 << TABS.index(key)) for key in _STATES), else_=0)
    writes = select(
        OutboxItem.id, tab, OutboxItem.state, OutboxItem.next_attempt_at, OutboxItem.created_at
    ).order_by(OutboxItem.handoff_id.desc(), OutboxItem.position)
    drafts = (
        (-number, 1, _DRAFT, None, micros(draft.saved_at)) for number, draft in _drafts(session).items()
    )
    return Ranking(TABS, _KEYS, chain(drafts, Driver(session).each_of(writes)))


def first_handoffs(session: Session, _at: datetime, tab: str) -> ListOrder:
    """How *tab* begins, with all counts: what stands there before handoff_ranking() has come."""
    drafts, state = [-number for number in _drafts(session)], OutboxItem.state
    found: Any = session.execute(select(state, func.count()).group_by(state))
    many = {one: int(n) for one, n in found}
    counts = {"drafts": len(drafts)} | {
        key: sum(many.get(one, 0) for one in some) for key, some in _STATES.items()
    }
    if tab == "drafts":
        return ListOrder(array("q", drafts), counts)
    # Few are sorted. Of many some stand near the end of the index of handoffs, which is walked where no other serves.
    looked_at = state if counts[tab] < _MANY else state + ""
    first = (
        select(OutboxItem.id)
        .where(looked_at.in_(_STATES[tab]))
        .order_by(OutboxItem.handoff_id.desc(), OutboxItem.position)
    )
    return ListOrder(array("q", session.scalars(first.limit(_FIRST))), counts)


def add_handoff_key(session: Session, ranking: Ranking, sort: str) -> None:
    """Have handoffs sorted by the name of the lead, or by what a write says, too."""
    drafts = _drafts(session).items()
    driver = Driver(session)
    if sort == "lead":
        names = select(OutboxItem.id, Lead.name).join(Lead, Lead.id == OutboxItem.lead_id)
        of_drafts: Iterator[Sequence[Any]] = ((-number, draft.lead_name) for number, draft in drafts)
        ranking.add((sort,), chain(of_drafts, driver.each_of(names)))
    else:
        said = (
            (number, summary_of(kind, json.loads(payload)))
            for number, kind, payload in driver.each_of(
                select(OutboxItem.id, OutboxItem.kind, OutboxItem.payload)
            )
        )
        ranking.add((sort,), chain(((-number, draft.deal_name) for number, draft in drafts), said))


def handoff_rows(session: Session, ids: Sequence[int]) -> dict[int, OutboxRow | DraftRow]:
    """The writes, and for numbers below zero the drafts, that are there; one that is gone is left out."""
    found: dict[int, OutboxRow | DraftRow] = {}
    writes = [one for one in ids if one > 0]
    if writes:
        for row in outbox_rows(session, OutboxItem.id.in_(writes)):
            found[row_number(ITEM, row.item_id) or 0] = row
    if len(writes) < len(ids):
        drafts = _drafts(session)
        found |= {one: drafts[-one] for one in ids if -one in drafts}
    return found


def handoff_group(session: Session, handoff_id: str) -> HandoffGroup:
    """All writes of one handoff, in the order in which they go out."""
    rows = outbox_rows(session, OutboxItem.handoff_id == row_number(HANDOFF, handoff_id))
    return HandoffGroup(handoff_id, {row_number(ITEM, row.item_id) or 0: row for row in rows})


def _drafts(session: Session) -> dict[int, DraftRow]:
    """The draft of each lead, the latest first: merged leads may have two, of which the one saved last stands."""
    found: dict[int, DraftRow] = {}
    for draft in draft_rows(session):
        found.setdefault(row_number(LEAD, draft.lead_id) or 0, draft)
    return found
