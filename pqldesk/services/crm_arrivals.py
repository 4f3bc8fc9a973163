"""Storing what a CRM was read for: links, fields by their masters, owners, outcomes, touches, merges and deletions.

Everything here may come again, and in any order: what is known already changes nothing. A lead is never lost with its
record there; it only stops being linked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Company, Lead
from pqldesk.models.remote import Conflict, RemoteLink
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.agreement import Compared, Comparer, agreed
from pqldesk.services.crm.bases import READ, Record, keep_bases
from pqldesk.services.crm.connections import linked_named
from pqldesk.services.crm.field_masters import masters_of
from pqldesk.services.crm.newcomers import made_leads
from pqldesk.services.delivery.conflict_keeping import RULE, SETTLED, Place, note_compared
from pqldesk.services.handoffs.crm_facts import LeadFacts, lead_facts
from pqldesk.services.handoffs.crm_groups import DEAL_KEY
from pqldesk.services.identity.companies import company_domain
from pqldesk.services.identity.keys import EMAIL, fold_email, identities_of
from pqldesk.services.identity.suggestions import suggest
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.remote.feeds import Arrived
from pqldesk.services.remote.ownership import Master, Verdict, phase_of
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, FieldValue, Moved, Seen, Touch
from pqldesk.services.touches import touch

FOUND_BY: Final = "pull"
LEAD_DEAL: Final = "lead_deal"
_HERE: Final = frozenset({Verdict.TAKE, Verdict.CONFLICT, Verdict.AGREED})  # what reading alone may settle
_CHANGED: Final = Changes.to(Topic.LEADS, Topic.SOURCES)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page of a CRM, ready to be stored. *newcomers*: people nobody knows yet become leads."""

    system: str
    page: Arrived
    newcomers: bool = False

    def __call__(self, session: Session, at: datetime, batch_id: int | None) -> Stored:
        """Store it; services/pulls/puller.py says when."""
        return _Arrival(session, self, at, batch_id).store()


class _Arrival:
    def __init__(self, session: Session, arrival: Arrival, at: datetime, batch_id: int | None) -> None:
        self._session = session
        self._system = arrival.system
        self._page = arrival.page
        self._newcomers = arrival.newcomers
        self._at = at
        self._batch_id = batch_id
        link = linked_named(session, arrival.system)
        self._comparer = Comparer(link.mapped, link.catalogue, masters_of(session, arrival.system))
        self._links: dict[tuple[str, str], list[RemoteLink]] = {}  # kind and remote id -> who it stands for
        self._stored = Stored(changes=_CHANGED)

    def store(self) -> Stored:
        page = self._page
        self._load({one.remote_id for one in page.seen} | {one.into for one in page.moved if one.into})
        self._load({one.remote_id for one in page.moved} | {one.person_id for one in page.touches})
        self._load({one for seen in page.seen for one in seen.people} | {s.company for s in page.seen})
        for moved in page.moved:
            self._follow(moved)
        for kind, keep in ((COMPANY, self._companies), (PERSON, self._people), (DEAL, self._deals)):
            some = [one for one in page.seen if one.kind == kind]
            if some:
                keep(some)
        for done in page.touches:
            self._touch(done)
        self._session.flush()
        return self._stored

    # Links

    def _load(self, ids: Collection[str | None]) -> None:
        wanted = sorted(one for one in ids if one)
        for chunk in chunked(wanted):
            found = select(RemoteLink).where(
                RemoteLink.system == self._system, RemoteLink.remote_id.in_(chunk)
            )
            for link in self._session.scalars(found):
                if not link.kind.endswith(DEAL_KEY):
                    self._known(link)

    def _known(self, link: RemoteLink) -> None:
        kind = DEAL if link.kind == LEAD_DEAL else link.kind
        own = self._links.setdefault((kind, link.remote_id), [])
        if link not in own:
            own.append(link)

    def _link(self, kind: str, local_id: int, seen: Seen) -> RemoteLink:
        """Ours of that kind stands for the record from now on."""
        own = (RemoteLink.system == self._system, RemoteLink.kind == kind, RemoteLink.local_id == local_id)
        link = self._session.scalars(select(RemoteLink).where(*own)).first()
        if link is None:
            link = RemoteLink(
                system=self._system, kind=kind, local_id=local_id, remote_id=seen.remote_id, at=self._at
            )
            self._session.add(link)
        link.remote_id, link.url = seen.remote_id, seen.url or link.url
        link.gone_at = None
        self._known(link)
        return link

    def _of(self, kind: str, remote_id: str | None) -> list[RemoteLink]:
        return self._links.get((kind, remote_id or ""), [])

    def _follow(self, moved: Moved) -> None:
        """A record was merged into another, or deleted: what stood for it follows, and no lead is lost."""
        for link in self._of(moved.kind, moved.remote_id):
            if moved.into is None:
                if link.gone_at is None:
                    link.gone_at = self._at
                    self._stored.updated += 1
                    self._settle(link)
                continue
            link.remote_id, link.at, link.gone_at = moved.into, self._at, None
            others = [one for one in self._of(moved.kind, moved.into) if one.local_id != link.local_id]
            self._known(link)
            self._stored.updated += 1
            if moved.kind == PERSON and others:
                self._suggest(link.local_id, others[0].local_id)
        self._links.pop((moved.kind, moved.remote_id), None)

    def _settle(self, link: RemoteLink) -> None:
        """There is nothing left to decide about a record that is gone."""
        waiting = select(Conflict).where(
            Conflict.system == link.system,
            Conflict.kind == link.kind,
            Conflict.local_id == link.local_id,
            Conflict.decision.is_(None),
        )
        for conflict in self._session.scalars(waiting):
            conflict.decision, conflict.decided_at, conflict.decided_by = SETTLED, self._at, RULE
            conflict.rule = "deleted there"

    # Companies and people

    def _companies(self, some: list[Seen]) -> None:
        domains = {domain: one for one in some for key in one.keys if (domain := company_domain(key))}
        known = {
            company.domain: company.id
            for chunk in chunked(sorted(domains))
            for company in self._session.scalars(select(Company).where(Company.domain.in_(chunk)))
        }
        for seen in some:
            links = [link for link in self._of(COMPANY, seen.remote_id) if link.gone_at is None]
            ids = [known[d] for key in seen.keys if (d := company_domain(key)) in known]
            if not links and ids:
                links = [self._link(COMPANY, ids[0], seen)]
            if not links:
                self._stored.duplicates += 1
            for link in links:
                company = self._session.get(Company, link.local_id)
                if company is not None:
                    self._compare(link, seen, {"name": company.name}, None)

    def _people(self, some: list[Seen]) -> None:
        keys = [(EMAIL, key) for one in some for key in one.keys]
        held = identities_of(self._session, keys)
        by_email = {fold_email(k[1]): known.lead_id for k, known in held.items() if known.lead_id is not None}
        if self._newcomers:
            fresh = [
                one
                for one in some
                if one.keys and not self._of(PERSON, one.remote_id)
                and not any(fold_email(key) in by_email for key in one.keys)
            ]  # fmt: skip
            by_email |= made_leads(self._session, fresh, self._system, self._at, self._batch_id, self._stored)
        found: list[tuple[Seen, RemoteLink]] = []
        for seen in some:
            links = self._linked_people(seen, by_email)
            if not links:
                self._stored.duplicates += 1  # somebody PQLDesk does not know
            for link in links:
                link.gone_at, link.url = None, seen.url or link.url
                found.append((seen, link))
        facts = lead_facts(self._session, {link.local_id for _, link in found}, self._at)
        for seen, link in found:
            ours = facts.get(link.local_id)
            if ours is not None:  # not erased, not merged away
                mine: dict[str, FieldValue | None] = {
                    name: ours.values.get(name) for name in seen.values if name not in ("name", "owner")
                }
                mine.pop("company", None)
                mine |= {"name": ours.full_name or None, "owner": ours.owner}
                self._compare(link, seen, mine, ours)

    def _linked_people(self, seen: Seen, by_email: Mapping[str, int]) -> list[RemoteLink]:
        """Whom a record stands for: who is linked with it, and whoever has one of its addresses and no record yet."""
        links = list(self._of(PERSON, seen.remote_id))
        have = {link.local_id for link in links}
        found = {by_email[key] for one in seen.keys if (key := fold_email(one)) in by_email}
        for lead_id in sorted(found - have):
            own = self._session.scalars(
                select(RemoteLink).where(
                    RemoteLink.system == self._system,
                    RemoteLink.kind == PERSON,
                    RemoteLink.local_id == lead_id,
                )
            ).first()
            if own is not None and own.gone_at is None and own.remote_id != seen.remote_id:
                continue  # it has a record of its own
            if links:
                self._suggest(lead_id, links[0].local_id)
            links.append(self._link(PERSON, lead_id, seen))
        return links

    def _suggest(self, one: int, other: int) -> None:
        reason = f"One person in {title_of(self._system)}."
        suggest(self._session, one, other, reason, self._at, self._batch_id)

    def _compare(
        self, link: RemoteLink, seen: Seen, mine: Mapping[str, FieldValue | None], ours: LeadFacts | None
    ) -> None:
        """Carry out what the masters say about each field; what would go there waits for the next write."""
        kind = seen.kind
        phase = phase_of(str(ours.values["pql_state"]) if ours else "new")
        base = link.base or {}
        compared = self._comparer.compare(kind, mine, seen, base, phase)
        self._keep(link, compared, None if ours is None else ours.lead_id)

    def _keep(self, link: RemoteLink, compared: Iterable[Compared], lead_id: int | None) -> None:
        here = [one for one in compared if one.verdict in _HERE and (one.mine or one.theirs)]
        news = [one for one in here if one.verdict is not Verdict.AGREED or one.field in self._waiting(link)]
        if news:
            place = Place(self._system, link.kind, link.local_id, lead_id, link.remote_id)
            note_compared(self._session, place, news, FOUND_BY, self._at)
            self._stored.updated += 1
            if lead_id is not None:
                self._stored.leads.add(lead_id)
        else:
            self._stored.duplicates += 1
        record: Record = (self._system, link.kind, link.local_id)
        keep_bases(self._session, {record: agreed(here)}, READ, self._at)

    def _waiting(self, link: RemoteLink) -> frozenset[str]:
        if link.base is None and link.id is None:
            return frozenset()
        open_ones = select(Conflict.field).where(
            Conflict.system == link.system,
            Conflict.kind == link.kind,
            Conflict.local_id == link.local_id,
            Conflict.decision.is_(None),
        )
        return frozenset(self._session.scalars(open_ones))

    # Deals

    def _deals(self, some: list[Seen]) -> None:
        for seen in some:
            links = self._of(DEAL, seen.remote_id) or self._deal_links(seen)
            people = [link.local_id for one in seen.people for link in self._of(PERSON, one)]
            leads = self._live(people) or self._live_of(links)
            if not leads:
                self._stored.duplicates += 1
                continue
            for link in links:
                link.gone_at = None
                self._compare_deal(link, seen, leads)
            if not links:  # a deal of somebody else's about a lead of ours: its outcome counts all the same
                for lead in leads:
                    self._outcome(lead, seen, None)

    def _deal_links(self, seen: Seen) -> list[RemoteLink]:
        """By the id that PQLDesk gave it; else it becomes the deal of its one known company or person."""
        for key in seen.keys:
            held = self._session.scalars(
                select(RemoteLink).where(
                    RemoteLink.system == self._system,
                    RemoteLink.kind.in_((DEAL + DEAL_KEY, LEAD_DEAL + DEAL_KEY)),
                    RemoteLink.remote_id == key,
                )
            ).first()
            if held is not None:
                return [self._link(held.kind.removesuffix(DEAL_KEY), held.local_id, seen)]
        return []

    def _live(self, ids: Collection[int]) -> list[Lead]:
        wanted = select(Lead).where(Lead.id.in_(sorted(set(ids))), Lead.state.not_in(HIDDEN_STATES))
        return list(self._session.scalars(wanted)) if ids else []

    def _live_of(self, links: Iterable[RemoteLink]) -> list[Lead]:
        """The leads that a deal is about: of its company those who were handed off."""
        found: list[Lead] = []
        for link in links:
            if link.kind == LEAD_DEAL:
                found += self._live([link.local_id])
            else:
                of = (Lead.company_id == link.local_id, Lead.state.in_(("handed_off", "won", "lost")))
                found += self._session.scalars(select(Lead).where(*of))
        return found

    def _compare_deal(self, link: RemoteLink, seen: Seen, leads: list[Lead]) -> None:
        base: Mapping[str, Any] = link.base or {}
        mine: dict[str, FieldValue | None] = {
            name: base[f"deal.{name}"][0] for name in ("name", "stage", "owner") if f"deal.{name}" in base
        }
        mine["value"] = leads[0].deal_value
        phase = phase_of(leads[0].state)
        for name in ("name", "stage", "owner"):
            mine.setdefault(name, seen.values.get(name))  # seen for the first time: so it is
        compared = self._comparer.compare(DEAL, mine, seen, base, phase)
        owner = next((one for one in compared if one.field == "deal.owner"), None)
        self._keep(link, [one for one in compared if one is not owner], leads[0].id)
        if owner is not None:
            self._deal_owner(link, owner, leads)
        told = base.get("deal.outcome")
        for lead in leads:
            self._outcome(lead, seen, told[0] if told else None)
        record: Record = (self._system, link.kind, link.local_id)
        keep_bases(self._session, {record: {"deal.outcome": seen.outcome}}, READ, self._at)

    def _deal_owner(self, link: RemoteLink, owner: Compared, leads: list[Lead]) -> None:
        """Who has the deal there has the lead here, once somebody changes it there."""
        if owner.verdict is Verdict.TAKE:
            for lead in leads:
                if lead.state == "handed_off" and (lead.owner or "").casefold() != owner.theirs:
                    place = Place(self._system, PERSON, lead.id, lead.id, link.remote_id)
                    said = replace(owner, field="person.owner", base=owner.base, mine=lead.owner)
                    note_compared(self._session, place, [said], FOUND_BY, self._at)
                    self._stored.leads.add(lead.id)
        record: Record = (self._system, link.kind, link.local_id)
        keep_bases(self._session, {record: {"deal.owner": owner.theirs}}, READ, self._at)

    def _outcome(self, lead: Lead, seen: Seen, before: str | None) -> None:
        """Won, lost or open again: what the replay of scoring models is judged by."""
        if seen.outcome == before:
            return
        when = seen.closed_at.isoformat() if seen.closed_at else ""
        said = Compared(
            "deal.outcome", before, lead.outcome, seen.outcome or "open", f"{seen.outcome or 'open'} {when}",
            Verdict.TAKE, Master.CRM, phase_of(lead.state),
        )  # fmt: skip
        place = Place(self._system, LEAD_DEAL, lead.id, lead.id, seen.remote_id)
        note_compared(self._session, place, [said], FOUND_BY, self._at)
        self._stored.leads.add(lead.id)

    # Touches

    def _touch(self, done: Touch) -> None:
        """What the owner did there counts as a touch here; what others did does not."""
        for link in self._of(PERSON, done.person_id):
            lead = self._session.get(Lead, link.local_id)
            if lead is None or lead.state in HIDDEN_STATES or lead.owner is None:
                continue
            if lead.owner.casefold() != done.rep.casefold():
                continue
            if done.at <= (lead.touched_at or lead.claimed_at or lead.created_at):
                continue
            if lead.claimed_at is not None and done.at < lead.claimed_at:
                continue
            touch(self._session, lead, lead.owner, done.at)
            self._stored.updated += 1
            self._stored.leads.add(lead.id)
