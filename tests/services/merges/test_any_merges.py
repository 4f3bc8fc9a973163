"""Any merges of any leads, taken apart in any order, leave nothing behind."""

import itertools
import pathlib
import shutil
import tempfile
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from merged import (
    ANN,
    KIM,
    LEE,
    NOW,
    TRAIL,
    arrival,
    event,
    identity_of,
    number_from_one,
    row_differences,
    snapshot,
)
from sqlalchemy import select

from pqldesk.models.base import micros
from pqldesk.models.people import Identity, Lead, Merge
from pqldesk.models.schema import Base
from pqldesk.models.work import Task
from pqldesk.services.claims import claim_lead
from pqldesk.services.history import stored_rows
from pqldesk.services.identity.keys import EMAIL, attach
from pqldesk.services.identity.merges import merge_leads, unmerge
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.workspaces.workspace import open_workspace

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
    ends = []
    for with_merges in (True, False):
        number_from_one()
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
