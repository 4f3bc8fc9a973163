"""What is pulled from each CRM, over real sockets: it comes here once, by the rules, and no lead is lost over it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from crm_colleagues import COLLEAGUES, Colleague
from fixtures_crm import DANA, HOUSES, INES, NOW, Desk, House
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id, row_number
from pqldesk.models.people import Lead, Suggestion
from pqldesk.models.remote import Conflict, RemoteLink
from pqldesk.services.crm.conflict_rows import ConflictRow
from pqldesk.services.crm.connections import linked_named
from pqldesk.services.crm_pull import CrmPuller
from pqldesk.services.delivery.conflicts import conflict_rows, resolve_conflict
from pqldesk.services.erasure.erase import erase
from pqldesk.services.events.after_storing import follow
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.net import Net, run_network
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.pulls.puller import Page, Setup


@pytest.fixture(params=sorted(COLLEAGUES))
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


class Puller:
    """Pulls again and again from where it stood."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cursor: dict[str, Any] = {}
        self.updated = 0

    def pull(self, pages: int | None = None, **chosen: str) -> int:
        """How many rows came to something; *pages*: stop after so many, as a killed run would."""
        linked = self.desk.db.read(linked_named, self.desk.house.system).result()
        setup = Setup(self.desk.house.system, "CRM", linked.url, {}, chosen, NOW)
        self.updated = 0
        run_network(self.desk.db, self._run, setup, pages)
        return self.updated

    async def _run(self, net: Net, setup: Setup, most: int | None) -> None:
        count = 0
        async for page in CrmPuller(setup).pages(net, self.cursor):
            await net.write(self._keep, page)
            count += 1
            if most is not None and count >= most:
                return

    def _keep(self, session: Session, page: Page) -> None:
        if page.keep is not None:
            stored = follow(session, page.keep(session, self.desk.clock(), None), self.desk.clock())
            self.updated += stored.updated + stored.created
        self.cursor = dict(page.cursor)


@pytest.fixture
def puller(desk: Desk) -> Puller:
    return Puller(desk)


@pytest.fixture
def colleague(desk: Desk, house: House) -> Colleague:
    found: Colleague = COLLEAGUES[house.system](desk.sandbox)
    return found


def lead_row(desk: Desk, lead: str) -> Any:
    columns = (
        Lead.name, Lead.job_title, Lead.owner, Lead.state, Lead.outcome, Lead.outcome_at, Lead.deal_value,
        Lead.touched_at, Lead.lease_until,
    )  # fmt: skip
    wanted = select(*columns).where(Lead.id == row_number(LEAD, lead))
    return desk.db.read(lambda session: session.execute(wanted).one()).result()


def link_of(desk: Desk, kind: str) -> Any:
    wanted = select(RemoteLink.remote_id, RemoteLink.gone_at).where(RemoteLink.kind == kind)
    return desk.db.read(lambda session: session.execute(wanted).first()).result()


def deal_of(desk: Desk) -> str:
    wanted = select(RemoteLink.remote_id).where(RemoteLink.kind.in_(("deal", "lead_deal")))
    return str(desk.db.read(lambda session: session.scalar(wanted)).result())


def open_conflicts(desk: Desk) -> list[ConflictRow]:
    return desk.db.read(conflict_rows).result()


def decided(desk: Desk) -> list[ConflictRow]:
    return desk.db.read(conflict_rows, decided=True).result()


def handed_off(desk: Desk, **edits: Any) -> str:
    lead = desk.add_lead()
    desk.hand_off(lead, **edits)
    assert desk.deliver().undone is None
    return lead


def change(desk: Desk, lead: str, **columns: Any) -> None:
    def store(session: Session) -> None:
        row = session.get_one(Lead, row_number(LEAD, lead))
        for name, value in columns.items():
            setattr(row, name, value)

    desk.db.write(store).result()


def signed_up(desk: Desk) -> tuple[str, str]:
    """A lead in the CRM, and its person's id there."""
    lead = desk.add_lead()
    desk.db.write(approve_playbook, "signup", INES, NOW, backfill=True).result()
    assert desk.deliver().undone is None
    return lead, link_of(desk, "person").remote_id


def test_what_pqldesk_wrote_itself_changes_nothing_when_it_is_read_back(desk: Desk, puller: Puller) -> None:
    handed_off(desk)
    assert puller.pull() == 0
    assert (open_conflicts(desk), decided(desk)) == ([], [])


def test_a_change_there_comes_here_once(desk: Desk, puller: Puller, colleague: Colleague) -> None:
    lead, person = signed_up(desk)
    puller.pull()
    colleague.retitle(person, "Chief of Staff")
    assert puller.pull() > 0
    assert lead_row(desk, lead).job_title == "Chief of Staff"
    assert puller.pull() == 0
    (told,) = decided(desk)
    assert (told.field, told.mine, told.theirs, told.decided_by) == (
        "person.job_title", "Head of Ops", "Chief of Staff", "rule",
    )  # fmt: skip


def test_a_change_on_both_sides_waits_for_a_person_and_nothing_is_overwritten(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead, person = signed_up(desk)
    puller.pull()
    colleague.retitle(person, "Chief of Staff")
    change(desk, lead, job_title="VP Ops")
    puller.pull()
    assert (lead_row(desk, lead).job_title, colleague.title_of(person)) == ("VP Ops", "Chief of Staff")
    (found,) = open_conflicts(desk)
    assert (found.base, found.mine, found.theirs) == ("Head of Ops", "VP Ops", "Chief of Staff")
    desk.db.write(resolve_conflict, found.conflict_id, "mine", INES, NOW).result()
    assert desk.deliver().undone is None
    assert colleague.title_of(person) == "VP Ops"
    puller.pull()
    assert open_conflicts(desk) == []


def test_a_conflict_that_the_two_sides_settle_themselves_is_closed(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead, person = signed_up(desk)
    colleague.retitle(person, "Chief of Staff")
    change(desk, lead, job_title="VP Ops")
    puller.pull()
    assert len(open_conflicts(desk)) == 1
    colleague.retitle(person, "VP Ops")
    puller.pull()
    assert open_conflicts(desk) == []
    assert decided(desk)[0].decision == "settled"


def test_a_deal_that_is_won_there_makes_the_lead_won_as_the_replay_needs_it(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead = handed_off(desk)
    puller.pull()
    colleague.revalue(deal_of(desk), 90000)
    colleague.move_deal(deal_of(desk), colleague.won)
    puller.pull()
    row = lead_row(desk, lead)
    assert (row.state, row.outcome, row.deal_value) == ("won", "won", 90000)
    came = desk.db.read(outcomes, datetime.now(NOW.tzinfo) + timedelta(days=400)).result()
    assert came[row_number(LEAD, lead)].won
    assert puller.pull() == 0


def test_a_lost_deal_that_is_opened_again_opens_the_lead_again(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead = handed_off(desk)
    colleague.move_deal(deal_of(desk), colleague.lost)
    puller.pull()
    assert (lead_row(desk, lead).state, lead_row(desk, lead).outcome) == ("lost", "lost")
    colleague.move_deal(deal_of(desk), colleague.moved_on)
    puller.pull()
    assert (lead_row(desk, lead).state, lead_row(desk, lead).outcome) == ("handed_off", None)


def test_a_deal_that_sales_made_themselves_counts_for_the_lead_it_is_about(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead, person = signed_up(desk)
    puller.pull()
    colleague.add_deal(person, "Upgrade", colleague.won, 12000)
    puller.pull()
    assert lead_row(desk, lead).outcome == "won"


def test_a_new_owner_of_the_deal_there_is_the_owner_here(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead = handed_off(desk, assignee=INES)
    puller.pull()
    colleague.give_deal(deal_of(desk), DANA)
    puller.pull()
    assert (lead_row(desk, lead).owner, lead_row(desk, lead).state) == (DANA, "handed_off")


def test_what_the_owner_did_there_is_a_touch_here(desk: Desk, puller: Puller, colleague: Colleague) -> None:
    lead, person = signed_up(desk)
    change(desk, lead, owner=DANA, state="claimed", claimed_at=NOW - timedelta(days=3000), lease_until=NOW)
    puller.pull()
    colleague.finish_task(person, INES)
    puller.pull()
    assert (lead_row(desk, lead).state, lead_row(desk, lead).touched_at) == ("claimed", None)
    colleague.finish_task(person, DANA)
    puller.pull()
    row = lead_row(desk, lead)
    assert row.state == "working"
    assert row.touched_at is not None
    assert row.lease_until == row.touched_at + timedelta(days=7)


def test_people_merged_there_stay_two_leads_here_that_are_suggested_as_one(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    one = desk.add_lead("nadia@quayworks.example")
    other = desk.add_lead("n.okoye@quayworks.example")
    desk.db.write(approve_playbook, "signup", INES, NOW, backfill=True).result()
    desk.deliver()
    puller.pull()
    links = _people(desk)
    now = colleague.merge_people(links[one], links[other])
    puller.pull()
    assert set(_people(desk).values()) == {now}
    assert desk.db.read(lambda session: session.scalar(select(func.count(Suggestion.id)))).result() == 1
    assert lead_row(desk, one).state == lead_row(desk, other).state == "new"
    assert puller.pull() == 0


def test_a_person_deleted_there_is_kept_here_and_found_again_when_they_come_back(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead, person = signed_up(desk)
    puller.pull()
    colleague.delete_person(person)
    puller.pull()
    assert link_of(desk, "person").gone_at is not None
    assert lead_row(desk, lead).state == "new"
    again = colleague.bring_back(person, "nadia@quayworks.example", "Nadia Okoye", "Head of Ops")
    puller.pull()
    assert (link_of(desk, "person").remote_id, link_of(desk, "person").gone_at) == (again, None)


def test_somebody_who_was_there_before_the_lead_came_here_is_linked(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    person = colleague.add_person("nadia@quayworks.example", "Nadia Okoye-Berg", "COO")
    puller.pull()
    assert link_of(desk, "person") is None
    lead = desk.add_lead()
    puller.pull()
    assert link_of(desk, "person").remote_id == person
    assert lead_row(desk, lead).name == "Nadia Okoye-Berg"


def test_everybody_there_becomes_a_lead_where_that_is_chosen(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    colleague.add_person("omid@oakfold.example", "Omid Rahimi", "CTO")
    puller.pull(pull_people="all")
    rows = desk.db.read(lambda s: s.execute(select(Lead.email, Lead.name, Lead.job_title)).all()).result()
    assert rows == [("omid@oakfold.example", "Omid Rahimi", "CTO")]
    puller.pull(pull_people="all")  # the company, which the lead has made known
    assert puller.pull(pull_people="all") == 0


def test_an_erased_lead_is_left_alone(desk: Desk, puller: Puller, colleague: Colleague) -> None:
    lead, person = signed_up(desk)
    puller.pull()
    change(desk, lead, state="erased", email=None, name="erased", job_title=None)
    colleague.retitle(person, "Chief of Staff")
    puller.pull()
    assert (lead_row(desk, lead).name, lead_row(desk, lead).job_title) == ("erased", None)
    assert desk.db.read(lambda session: session.scalar(select(func.count(Conflict.id)))).result() == 0


def test_a_person_who_was_erased_is_not_brought_back(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    _lead, person = signed_up(desk)
    puller.pull()
    erase(desk.db, "nadia@quayworks.example", INES, NOW, lambda _progress: None)
    colleague.retitle(person, "Chief of Staff")
    puller.pull(pull_people="all")
    emails = desk.db.read(lambda s: s.scalars(select(Lead.email).where(Lead.email.is_not(None))).all())
    assert emails.result() == []
    assert link_of(desk, "person") is None


def test_a_run_that_ends_after_any_page_is_gone_on_with_and_ends_the_same(
    desk: Desk, puller: Puller, colleague: Colleague
) -> None:
    lead = handed_off(desk)
    colleague.retitle(link_of(desk, "person").remote_id, "Chief of Staff")
    colleague.move_deal(deal_of(desk), colleague.won)
    for _ in range(30):
        puller.pull(pages=1)
    row = lead_row(desk, lead)
    assert (row.job_title, row.outcome) == ("Chief of Staff", "won")
    told = [(one.field, one.theirs) for one in decided(desk)]
    assert len(told) == len(set(told))


def _people(desk: Desk) -> dict[str, str]:
    wanted = select(RemoteLink.local_id, RemoteLink.remote_id).where(RemoteLink.kind == "person")
    rows = desk.db.read(lambda session: session.execute(wanted).all()).result()
    return {public_id(LEAD, local): remote for local, remote in rows}
