"""Long lists as the window asks for them: their figures are worked out once for each state of the workspace."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import cast

from sqlalchemy.orm import Session

from pqldesk.models.db import kept_beside
from pqldesk.models.ranking import Ranking
from pqldesk.services.basics.changes import Topic
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.queue.ranked import listed
from pqldesk.services.workspaces.commits import newest_change, touched_since

LASTS = timedelta(minutes=1)  # figures change as time goes by: in days, some at a moment


@dataclass(frozen=True, slots=True)
class LongList:
    """How a list is worked out, and what it is made of."""

    name: str
    ranking: Callable[[Session, datetime], Ranking]
    add_key: Callable[[Session, Ranking, str], None]  # one that is added once somebody sorts by it
    check: Callable[[str, str], None]  # raises BadInput for a tab or a sort that there is not
    topics: frozenset[Topic]
    # how a tab begins, where that can be told before all of it
    first: Callable[[Session, datetime, str], ListOrder | None] | None = None
    later: tuple[str, ...] = ()  # the keys that add_key brings


class _Kept:
    """The ranking of one list, as of a commit and a moment."""

    def __init__(self) -> None:
        self.turn = Lock()  # for whoever reads the ranking or closes it
        self.ranking: Ranking | None = None
        self.change = 0
        self.at: datetime | None = None

    def take(self, fresh: Ranking | None, change: int = 0, at: datetime | None = None) -> None:
        """Have that one from now on."""
        with self.turn:
            if self.ranking is not None:
                self.ranking.close()
            self.ranking, self.change, self.at = fresh, change, at

    def close(self) -> None:
        self.take(None)

    def is_of(self, session: Session, what: LongList, at: datetime) -> bool:
        """Whether it holds as of *at*."""
        is_near = self.at is not None and abs(at - self.at) < LASTS
        return is_near and not touched_since(session, self.change, what.topics)


def kept_order(
    session: Session, what: LongList, at: datetime, tab: str, sort: str, *, descending: bool
) -> ListOrder:
    """The order as of *at*, or as of a moment within LASTS where nothing it is made of has changed since. One at a
    time may ask for it. BadInput names a tab or sort that there is not."""
    what.check(tab, sort)
    kept = _kept(session, what)
    ranking = kept.ranking
    if ranking is None or not kept.is_of(session, what, at):
        change, ranking = newest_change(session), what.ranking(session, at)
        kept.take(ranking, change, at)
    if not ranking.has(sort):
        what.add_key(session, ranking, sort)
    return replace(listed(ranking, tab, sort, descending=descending), state=kept.change)


def add_keys(session: Session, what: LongList, at: datetime) -> None:
    """Have what is kept sorted by everything it can be sorted by, before somebody wants that; nothing where it is old.
    As with kept_order(), one at a time may ask."""
    kept = _kept(session, what)
    if (ranking := kept.ranking) is None or not kept.is_of(session, what, at):
        return
    for key in what.later:
        if not ranking.has(key):
            what.add_key(session, ranking, key)


def order_at_hand(
    session: Session, what: LongList, at: datetime, tab: str, sort: str, *, descending: bool
) -> ListOrder | None:
    """The order by the figures that are at hand, at once and perhaps old, or its beginning; else None.

    BadInput names a tab or sort that there is not.
    """
    what.check(tab, sort)
    kept = _kept(session, what)
    if kept.ranking is None and not sort and what.first is not None:
        order = what.first(session, at, tab)
        return None if order is None else replace(order, is_old=True)
    with kept.turn:
        if kept.ranking is None or not kept.ranking.has(sort):
            return None
        order = listed(kept.ranking, tab, sort, descending=descending)
        return replace(order, state=kept.change, is_old=not kept.is_of(session, what, at))


def _kept(session: Session, what: LongList) -> _Kept:
    return cast("_Kept", kept_beside(session).setdefault(what.name, _Kept()))
