"""Merging leads and taking it apart again: exact, at any later time, in any legal order."""

from datetime import timedelta

import pytest
from merged import KIM, LEE, NOW, arrival, event, identity_of, merge, part, snapshot
from sqlalchemy import func, select

from pqldesk.models.history import Action
from pqldesk.models.people import Identity, IdentityLink, Lead, Merge, Submission, Suggestion, Trial
from pqldesk.models.remote import RemoteLink
from pqldesk.models.work import Claim, Note
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.claims import claim_lead, release_lead
from pqldesk.services.history import actions_of
from pqldesk.services.identity.suggestions import accept_suggestion, suggest
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.undo import redo, undo
from pqldesk.services.queue.find import lead_of
from pqldesk.services.scoring.rescore import rescore

pytestmark = pytest.mark.both_databases


def test_a_merge_moves_what_hangs_on_the_loser_and_unmerging_brings_all_of_it_home(write, new_lead):
    ada = new_lead("ada@example.com", name="Ada Byrne", phone=None, plan="free")
    other = new_lead("ada.b@example.net", name="A. Byrne", phone="+1 555 0100", plan="pro")

    def furnish(session):
        key = identity_of(session, other)
        for day in range(5):
            event(session, key, "login", NOW - timedelta(days=day))
        arrival(session, key, "hand_raise", NOW - timedelta(days=1))
        session.add(Trial(source="file", key="t1", lead_id=other, created_at=NOW))
        session.add(RemoteLink(system="attio", kind="person", local_id=other, remote_id="p1", at=NOW))
        add_note(session, session.get_one(Lead, other), "Called.", KIM, NOW)
        claim_lead(session, session.get_one(Lead, other), KIM, NOW)
        rescore(session, [other], NOW, "events")

    write(furnish)
    before = write(snapshot)
    write(merge, ada, other)

    def after(session):
        survivor = session.get_one(Lead, ada)
        return (
            survivor.score, survivor.phone, survivor.plan, survivor.owner, survivor.state,
            survivor.hand_raised_at, survivor.qualified, survivor.email,
            [session.scalar(select(func.count()).where(table.lead_id == ada))
             for table in (Identity, Submission, Trial, Note, Claim)],
            session.get_one(Lead, other).state, session.get_one(Lead, other).merged_into,
            session.scalar(select(RemoteLink.local_id)),
        )  # fmt: skip

    assert write(after) == (
        1000, "+1 555 0100", "free", KIM, "claimed", NOW - timedelta(days=1), True, "ada@example.com",
        [2, 1, 1, 1, 1], "merged", ada, ada,
    )  # fmt: skip
    write(part, other, NOW + timedelta(days=30))
    write(lambda s: rescore(s, [ada, other], NOW, "window"))
    assert write(snapshot) == before


def test_what_arrived_in_between_goes_home_by_its_key_and_hand_work_stays(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("ada.b@example.net")
    write(merge, ada, other)

    def between(session):
        key = session.scalar(select(Identity.id).where(Identity.folded == "ada.b@example.net"))
        event(session, key, "login", NOW)
        arrival(session, key, "hand_raise", NOW + timedelta(hours=1))
        add_note(session, session.get_one(Lead, ada), "Spoke to her.", LEE, NOW + timedelta(hours=2))

    write(between)
    later = NOW + timedelta(days=2)
    write(part, other, later)

    def read(session):
        return {
            table.__tablename__: session.scalar(select(table.lead_id)) for table in (Submission, Note)
        } | {number: session.get_one(Lead, number).hand_raised_at for number in (ada, other)}

    assert write(read) == {"submission": other, "note": ada, ada: None, other: NOW + timedelta(hours=1)}
    scores = write(lambda s: [s.get_one(Lead, number).last_active_at for number in (ada, other)])
    assert scores == [None, NOW]


def test_a_survivor_touched_under_the_merge_keeps_its_own_first_touch(write, new_lead):
    ada, other = (
        new_lead("ada@example.com"),
        new_lead("ada.b@example.net", first_touch_at=NOW, touched_at=NOW),
    )
    write(merge, ada, other)
    own = NOW + timedelta(hours=2)
    write(lambda s: add_note(s, s.get_one(Lead, ada), "Spoke to her.", LEE, own))
    write(part, other, NOW + timedelta(days=1))
    touched = write(
        lambda s: [(s.get_one(Lead, n).first_touch_at, s.get_one(Lead, n).touched_at) for n in (ada, other)]
    )
    assert touched == [(own, own), (NOW, NOW)]


def test_a_filled_field_changed_since_is_left_as_it_is(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net", phone="1", country="IE")
    write(merge, ada, other)

    def by_hand(session):
        session.get_one(Lead, ada).phone = "2"

    write(by_hand)
    write(part, other)
    shown = write(lambda s: [(s.get_one(Lead, n).phone, s.get_one(Lead, n).country) for n in (ada, other)])
    assert shown == [("2", None), ("1", "IE")]


def test_a_claim_released_under_the_merge_is_not_taken_up_again(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net")
    write(lambda s: claim_lead(s, s.get_one(Lead, other), LEE, NOW))
    write(merge, ada, other)
    write(lambda s: release_lead(s, s.get_one(Lead, ada), LEE, NOW + timedelta(hours=1)))
    write(part, other, NOW + timedelta(hours=2))
    assert write(lambda s: [(s.get_one(Lead, n).state, s.get_one(Lead, n).owner) for n in (ada, other)]) == [
        ("new", None),
        ("new", None),
    ]


def test_two_claims_leave_one_open_claim_and_both_come_back(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net")
    write(lambda s: claim_lead(s, s.get_one(Lead, ada), KIM, NOW))
    write(lambda s: claim_lead(s, s.get_one(Lead, other), LEE, NOW))
    before = write(snapshot)
    write(merge, ada, other)
    open_claims = select(Claim.lead_id, Claim.rep).where(Claim.ended_at.is_(None))
    assert write(lambda s: s.execute(open_claims).all()) == [(ada, KIM)]
    write(part, other)
    assert write(snapshot) == before


def test_history_of_both_is_read_as_one_while_they_are_merged(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net")
    write(lambda s: claim_lead(s, s.get_one(Lead, other), LEE, NOW))
    names = lambda number: write(lambda s: [a.name for a in actions_of(s, number)])  # noqa: E731
    assert names(ada) == []
    write(merge, ada, other)
    assert names(ada) == ["claimed", "merged"]
    write(part, other)
    assert (names(ada), names(other)) == (["merged", "unmerged"], ["claimed"])


def test_a_merged_lead_is_found_as_its_survivor_until_taken_apart(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net")
    write(merge, ada, other)
    assert write(lambda s: lead_of(s, "L000002").id) == ada
    assert write(lambda s: lead_of(s, " A@Example.NET").id) == ada
    assert write(lambda s: lead_of(s, "L000002", merged=True).id) == other
    write(part, other)
    assert write(lambda s: lead_of(s, "a@example.net").id) == other
    with pytest.raises(NotFound, match=r"'bo@example\.com'"):
        write(lead_of, "bo@example.com")


def test_links_keep_who_had_a_key_at_every_moment(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net")
    write(merge, ada, other, NOW + timedelta(days=1))
    write(part, other, NOW + timedelta(days=2))
    links = select(IdentityLink.lead_id, IdentityLink.linked_at, IdentityLink.unlinked_at)
    assert write(lambda s: s.execute(links.where(IdentityLink.identity_id == 2)).all()) == [
        (other, NOW, NOW + timedelta(days=1)),
        (ada, NOW + timedelta(days=1), NOW + timedelta(days=2)),
        (other, NOW + timedelta(days=2), None),
    ]


def test_impossible_merges_are_refused_with_what_to_do(write, new_lead):
    ada, other, third = (new_lead(f"{name}@example.com") for name in ("ada", "bo", "cy"))
    with pytest.raises(NotAllowed, match="into itself"):
        write(merge, ada, ada)
    write(merge, ada, other)
    with pytest.raises(NotAllowed, match=r"bo@example\.com \(L000002\) was already merged into ada"):
        write(merge, third, other)
    with pytest.raises(NotFound, match="was not merged"):
        write(part, third)
    write(merge, third, ada)
    with pytest.raises(NotAllowed, match=r"Un-merge ada@example\.com \(L000001\) first"):
        write(part, other)


def test_accepting_a_suggestion_merges_and_undoing_that_asks_again(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a.da@example.com")
    write(suggest, other, ada, "alike", NOW)
    assert not write(suggest, ada, other, "alike again", NOW)
    write(lambda s: accept_suggestion(s, s.get_one(Suggestion, 1), KIM, NOW))
    assert write(lambda s: (s.get_one(Suggestion, 1).state, s.get_one(Lead, other).merged_into)) == (
        "accepted", ada,
    )  # fmt: skip
    write(undo, KIM, NOW)
    assert write(lambda s: (s.get_one(Suggestion, 1).state, s.get_one(Lead, other).merged_into)) == (
        "open", None,
    )  # fmt: skip


def test_undo_and_redo_of_a_merge_are_the_unmerge_and_the_merge(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("a@example.net", phone="1")
    before = write(snapshot)
    write(merge, ada, other)
    merged = write(snapshot)
    write(undo, KIM, NOW)
    assert write(snapshot) == before
    write(redo, KIM, NOW)
    assert write(snapshot) == merged
    write(part, other)
    assert write(snapshot) == before
    write(undo, KIM, NOW)
    assert write(snapshot) == merged
    assert write(lambda s: s.scalar(select(func.count()).select_from(Merge))) == 1
    assert write(lambda s: s.scalars(select(Action.name).order_by(Action.id)).all()) == [
        "merged", "undone", "redone", "unmerged", "undone",
    ]  # fmt: skip
