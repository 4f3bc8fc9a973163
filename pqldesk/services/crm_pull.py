"""Pulling a CRM: its feeds one after the other, then what no feed tells, looked at by id, then leads that are new here.

The cursor holds, by feed, up to when it was read and the page within it; how far the walk over what is linked has
come; the last lead whose e-mail was looked for there; and what of the round under way is behind it, so that a run
that is killed again and again still gets to the end.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.remote import RemoteLink
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.crm.connections import linked_named, linked_or_none, place_of
from pqldesk.services.crm.connections import opened as opened_crm
from pqldesk.services.crm_arrivals import Arrival
from pqldesk.services.net import Net
from pqldesk.services.pulls.puller import Cursor, Page, Setup
from pqldesk.services.remote.crm import Crm
from pqldesk.services.remote.feeds import AT_ONCE, Arrived, Feeds
from pqldesk.services.remote.seen import PERSON, Moved

OVERLAP: Final = timedelta(minutes=2)  # how far back is read again: clocks differ, and commits come late
WALKED: Final = 20_000  # links looked at in one run at most; the next one goes on from there
NEWCOMERS: Final = {"known": False, "all": True}


class CrmPuller:
    """One connected CRM (services/pulls/puller.py says what each call promises)."""

    def __init__(self, setup: Setup) -> None:
        """*pull_people*: known (the default) or all, which makes a lead of everybody there."""
        self._setup = setup
        chosen = setup.chosen.get("pull_people", "known")
        if chosen not in NEWCOMERS:
            raise BadInput(
                _("pull_people={chosen} cannot be used for {setup}.").format(
                    chosen=chosen, setup=setup.title
                ),
                _("Give known or all."),
            )
        self._newcomers = NEWCOMERS[chosen]
        self._state: dict[str, Any] = {}

    async def check(self, net: Net) -> str:
        """What connect() has found out already where the CRM is being connected."""
        linked = await net.read(linked_or_none, self._setup.source)
        return "" if linked is None else (await (await self._crm(net)).account()).name

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        crm = await self._crm(net)
        await crm.account()
        linked = await net.read(linked_named, self._setup.source)
        crm.use(linked.mapped, await crm.catalogue())
        feeds = crm.feeds
        if feeds is None:
            raise BadInput(
                _("{setup} cannot be pulled.").format(setup=self._setup.title), _("Hand over to it instead.")
            )
        self._state = {"feeds": {}, "walk": {}, "lead": 0, "round": [], **cursor}
        while True:
            went_on = bool(self._state["round"])
            async for page in self._round(net, feeds):
                yield page
            self._state["round"] = []
            yield self._page(Arrived(), "")
            if not went_on:
                return  # else a killed run had left a round half done: now a whole one

    async def _round(self, net: Net, feeds: Feeds) -> AsyncIterator[Page]:
        """Every feed and walk once, but for what an unfinished round has behind it."""
        for name in feeds.names:
            if name not in self._state["round"]:
                async for page in self._feed(feeds, name):
                    yield page
        left = WALKED
        for kind in feeds.walks:
            if f"walk {kind}" not in self._state["round"]:
                async for page in self._walk(net, feeds, kind, left):
                    left -= len(page.keep.page.seen) if isinstance(page.keep, Arrival) else 0
                    yield page
        async for page in self._new_leads(net, feeds):
            yield page

    async def _crm(self, net: Net) -> Crm:
        linked = await net.read(linked_named, self._setup.source)
        return opened_crm(net.http, linked, await net.read(place_of))

    async def _feed(self, feeds: Feeds, name: str) -> AsyncIterator[Page]:
        own = dict(self._state["feeds"].get(name, {}))
        since = datetime.fromisoformat(own["since"]) if own.get("since") else None
        begun = own.get("until")
        while True:
            arrived = await feeds.page(name, since, own.get("at"))
            if arrived.until is not None:
                begun = max(begun or "", arrived.until.isoformat())
            if arrived.at is not None:
                own = {**own, "at": arrived.at, "until": begun}
            else:
                reached = None if begun is None else datetime.fromisoformat(begun) - OVERLAP
                own = {"since": _later(own.get("since"), reached)}
                self._state["round"] = [*self._state["round"], name]
            self._state["feeds"] = {**self._state["feeds"], name: own}
            yield self._page(arrived, name)
            if arrived.at is None:
                return

    async def _walk(self, net: Net, feeds: Feeds, kind: str, left: int) -> AsyncIterator[Page]:
        after = int(self._state["walk"].get(kind, 0))
        while left > 0:
            links = await net.read(_linked, self._setup.source, kind, after, AT_ONCE)
            left -= len(links)
            after = max(links.values(), default=0)  # 0: the next run begins with the first
            arrived = await feeds.look(kind, links) if links else Arrived()
            arrived = await self._followed(net, feeds, kind, arrived)
            self._state["walk"] = {**self._state["walk"], kind: after}
            if not after:
                self._state["round"] = [*self._state["round"], f"walk {kind}"]
            yield self._page(arrived, kind)
            if not after:
                return

    async def _followed(self, net: Net, feeds: Feeds, kind: str, arrived: Arrived) -> Arrived:
        """A person who is gone may go on under another id: whoever has the e-mail now."""
        lost = [one for one in arrived.moved if one.into is None]
        if kind != PERSON or not lost:
            return arrived
        emails = await net.read(_emails, self._setup.source, [one.remote_id for one in lost])
        found = await feeds.people(list(emails.values())) if emails else Arrived()
        by_email = {key.casefold(): one.remote_id for one in found.seen for key in one.keys}
        moved = tuple(
            Moved(one.kind, one.remote_id, by_email.get(emails.get(one.remote_id, "").casefold()))
            for one in lost
        )
        kept = tuple(one for one in arrived.moved if one.into is not None)
        return replace(arrived, seen=(*arrived.seen, *found.seen), moved=(*kept, *moved))

    async def _new_leads(self, net: Net, feeds: Feeds) -> AsyncIterator[Page]:
        """Whom PQLDesk has come to know since the last run may have been there long before."""
        while True:
            leads = await net.read(_unlinked, self._setup.source, int(self._state["lead"]), AT_ONCE)
            if not leads:
                return
            arrived = await feeds.people([email for _, email in leads])
            self._state["lead"] = leads[-1][0]
            yield self._page(arrived, "new leads")

    def _page(self, arrived: Arrived, saying: str) -> Page:
        is_empty = not (arrived.seen or arrived.touches or arrived.moved)
        keep = None if is_empty else Arrival(self._setup.source, arrived, self._newcomers)
        return Page(dict(self._state), keep=keep, saying=saying)


def opened(setup: Setup) -> CrmPuller:
    """The puller of any CRM."""
    return CrmPuller(setup)


def _later(before: str | None, reached: datetime | None) -> str | None:
    if reached is None:
        return before
    return max(before or "", reached.isoformat())


def _linked(session: Session, system: str, kind: str, after: int, limit: int) -> dict[str, int]:
    """The next records that stand for something of ours: remote id -> row number of the link."""
    kinds = ("deal", "lead_deal") if kind == "deal" else (kind,)
    rows = session.execute(
        select(RemoteLink.remote_id, RemoteLink.id)
        .where(RemoteLink.system == system, RemoteLink.kind.in_(kinds), RemoteLink.id > after)
        .where(RemoteLink.gone_at.is_(None), RemoteLink.remote_id != "")
        .order_by(RemoteLink.id)
        .limit(limit)
    )
    return {row.remote_id: row.id for row in rows}


def _emails(session: Session, system: str, ids: list[str]) -> dict[str, str]:
    """The e-mail of the lead that each record stands for."""
    rows = session.execute(
        select(RemoteLink.remote_id, Lead.email)
        .join(Lead, Lead.id == RemoteLink.local_id)
        .where(RemoteLink.system == system, RemoteLink.kind == PERSON, RemoteLink.remote_id.in_(ids))
        .where(Lead.email.is_not(None))
    )
    return {remote_id: str(email) for remote_id, email in rows}


def _unlinked(session: Session, system: str, after: int, limit: int) -> list[tuple[int, str]]:
    """Leads made since that one which no record there stands for."""
    has_link = (
        select(RemoteLink.id)
        .where(RemoteLink.system == system, RemoteLink.kind == PERSON, RemoteLink.local_id == Lead.id)
        .exists()
    )
    rows = session.execute(
        select(Lead.id, Lead.email)
        .where(Lead.id > after, Lead.email.is_not(None), Lead.state.not_in(HIDDEN_STATES), ~has_link)
        .order_by(Lead.id)
        .limit(limit)
    )
    return [(number, str(email)) for number, email in rows]
