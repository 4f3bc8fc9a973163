"""Merging leads and taking it apart again: exact, at any later time, in any legal order."""

import itertools
import pathlib
import shutil
import tempfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.history import Action
from pqldesk.models.people import Identity, IdentityLink, Lead, Merge, Submission, Suggestion, Trial
from pqldesk.models.remote import RemoteLink
from pqldesk.models.schema import Base
from pqldesk.models.work import Claim, Note, Task
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.claims import claim_lead, release_lead
from pqldesk.services.history import actions_of, stored_rows
from pqldesk.services.identity.keys import EMAIL, attach
from pqldesk.services.identity.merges import merge_leads, unmerge
from pqldesk.services.identity.suggestions import accept_suggestion, suggest
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.undo import redo, undo
from pqldesk.services.queue.find import lead_of
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.workspaces.workspace import open_workspace

pytestmark = pytest.mark.both_databases

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


texts = st.sampled_from([None, "x", "y"])
moments = st.one_of(st.none(), st.integers(0, 20).map(lambda days: NOW - timedelta(days=days, minutes=days)))
people = st.fixed_dictionaries(
    {
        "phone": texts, "country": texts, "first_name": texts, "last_name": texts, "plan": texts,
        "company_name": texts, "domain": texts, "outcome": texts, "signup_at": moments,
        "touched": st.one_of(st.none(), st.tuples(st.integers(0, 20), st.integers(0, 20))),
        "claimed_by": st.sampled_from([None, None, KIM, LEE]),
        "tasks": st.integers(0, 2), "extra_keys": st.integers(0, 2),
    }
)  # fmt: skip
steps = st.lists(
    st.tuples(
        st.sampled_from(["merge", "merge", "part", "event", "form", "hand_raise"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=14,
)


def furnish(session, people):
    for number, facts in enumerate(people, 1):
        facts = dict(facts)
        owner, tasks, extra, touched = (
            facts.pop(name) for name in ("claimed_by", "tasks", "extra_keys", "touched")
        )
        if touched is not None:
            facts["first_touch_at"] = NOW - timedelta(days=max(touched))
            facts["touched_at"] = NOW - timedelta(days=min(touched))
        email = f"p{number}@example.com"
        lead = Lead(name=f"Person {number}", email=email if number % 3 else None, created_at=NOW, **facts)
        session.add(lead)
        session.flush()
        if lead.email:
            attach(session, lead, EMAIL, email, verified=True, at=NOW)
        for place in range(extra + (not lead.email)):
            attach(session, lead, "app", f"{number}-{place}", at=NOW)
        session.add_all(
            Task(lead_id=lead.id, title="t", created_at=NOW, created_by=ANN) for _ in range(tasks)
        )
        if number % 2:
            event(
                session, identity_of(session, lead.id), "integration_connected", NOW - timedelta(days=number)
            )
            arrival(session, identity_of(session, lead.id), "signup", NOW - timedelta(days=number))
        if owner:
            claim_lead(session, lead, owner, NOW)
    rescore(session, list(range(1, len(people) + 1)), NOW, "events")


def legal_merges(session):
    return [
        merge
        for merge in session.scalars(select(Merge).where(Merge.undone_at.is_(None)).order_by(Merge.id))
        if session.get_one(Lead, merge.survivor_id).merged_into is None
    ]


def walk(session, steps, *, with_merges):
    """Take the steps; the arrivals among them are the same with and without the merges."""
    identities = session.scalars(select(Identity.id).order_by(Identity.id)).all()
    for place, (kind, one, other) in enumerate(steps):
        at = NOW + timedelta(minutes=place + 1)
        key = identities[one % len(identities)]
        if kind in ("merge", "part") and not with_merges:
            continue
        if kind == "merge":
            live = session.scalars(select(Lead).where(Lead.merged_into.is_(None)).order_by(Lead.id)).all()
            if len(live) > 1:
                survivor = live[one % len(live)]
                rest = [lead for lead in live if lead is not survivor]
                merge_leads(session, survivor, rest[other % len(rest)], KIM, "same", NOW)
        elif kind == "part":
            if legal := legal_merges(session):
                unmerge(session, legal[one % len(legal)], KIM, NOW)
        elif kind == "event":
            event(session, key, "login", NOW - timedelta(hours=other))
            rescore(session, [session.get_one(Identity, key).lead_id], NOW, "events")
        else:
            arrival(session, key, kind, at)


def part_all(session, order):
    for choice in itertools.chain(order, itertools.repeat(0)):
        legal = legal_merges(session)
        if not legal:
            return
        unmerge(session, legal[choice % len(legal)], KIM, NOW)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes, and the steps are few
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    people=st.lists(people, min_size=2, max_size=5),
    steps=steps,
    order=st.lists(st.integers(0, 99), max_size=10),
)
def test_any_merges_taken_apart_in_any_legal_order_leave_what_would_have_been_without_them(
    sqlite_template, people, steps, order
):
    global _numbers
    ends = []
    for with_merges in (True, False):
        _numbers = itertools.count(1)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "w.pqldesk"
            shutil.copy(sqlite_template, path)
            workspace = open_workspace(path, create=False)
            try:

                def run(session, with_merges=with_merges):
                    furnish(session, people)
                    before = snapshot(session)
                    walk(session, steps, with_merges=with_merges)
                    part_all(session, order)
                    everybody = list(session.scalars(select(Lead.id)))
                    rescore(session, everybody, NOW + timedelta(days=1), "window")
                    arrived = any(kind in ("event", "form", "hand_raise") for kind, _, _ in steps)
                    # How urgent an answer was when it first became due depends on when it was looked at.
                    return before, snapshot(session, without={"respond_by"} if arrived else ())

                ends.append(workspace.db.write(run).result())
            finally:
                workspace.close()
    (start, merged), (start_again, plain) = ends
    assert start == start_again
    assert {
        name: row_differences(merged[name], plain[name]) for name in plain if merged[name] != plain[name]
    } == {}


def test_the_snapshot_sees_every_table_that_a_merge_may_touch(write):
    assert set(write(snapshot)) == {table.name for table in Base.metadata.sorted_tables} - TRAIL


def test_stored_rows_are_what_the_database_holds(write, new_lead):
    number = new_lead("ada@example.com")
    assert write(lambda s: stored_rows(s, "lead", [number])[number]["created_at"]) == micros(NOW)
