"""The audit trail, and taking actions back."""

import itertools
import os
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from pqldesk.models.history import Action, ActionRow
from pqldesk.models.people import Company, CompanyKey, Lead, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.models.schema import Base
from pqldesk.models.work import Handoff, Task
from pqldesk.services.basics.problems import NotAllowed, Problem
from pqldesk.services.claims import assign_lead, claim_lead, release_lead
from pqldesk.services.history import recording, watch
from pqldesk.services.identity.companies import rename_company, set_company
from pqldesk.services.leads import leads
from pqldesk.services.leads.action_list import recent_actions
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task, finish_task, reschedule_task
from pqldesk.services.leads.undo import NothingLeft, redo, undo
from pqldesk.services.queue.saved_views import save_view
from pqldesk.services.rows import LeadDraft
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.sources.placements import add_placement
from pqldesk.services.trials.work import close_trial, extend_trial
from pqldesk.services.workspaces.workspace import open_workspace

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM, LEE = "kim@example.com", "lee@example.com"
TRAIL = {"action", "action_row", "change", "score_event", "suggestion", "scoring_model_version"}
DERIVED = {"scored_at", "respond_by", "due_at"}


def snapshot(session):
    """Every row of every table but the trail, as the database holds it."""
    return {
        table.name: [
            {key: value for key, value in row.items() if key not in DERIVED}
            for row in session.execute(
                text(f'SELECT * FROM "{table.name}" ORDER BY {next(iter(table.primary_key.columns)).name}')
            ).mappings()
        ]
        for table in Base.metadata.sorted_tables
        if table.name not in TRAIL
    }


def with_lead(command):
    return lambda session, number, *args, **kwargs: command(
        session, session.get_one(Lead, number), *args, **kwargs
    )


def actions(session):
    return session.scalars(select(Action.name).order_by(Action.id)).all()


def test_what_was_done_is_listed_by_when_and_the_last_stored_of_a_rep_can_be_undone(write, new_lead):
    one, other = new_lead("ada@example.com"), new_lead("bo@example.com")
    write(with_lead(claim_lead), one, LEE, NOW)
    write(with_lead(claim_lead), other, KIM, NOW - timedelta(minutes=10))  # stored later, done before
    listed = [row for row in write(recent_actions, 10, KIM) if row.action == "claimed"]
    assert [(row.actor, row.can_undo) for row in listed] == [(LEE, False), (KIM, True)]
    assert [row.at for row in listed] == [NOW, NOW - timedelta(minutes=10)]


def test_undo_takes_back_the_last_action_of_the_same_rep_only(write, new_lead):
    one, other = new_lead("ada@example.com"), new_lead("bo@example.com")
    before = write(snapshot)
    write(with_lead(claim_lead), one, KIM, NOW)
    between = write(snapshot)
    write(with_lead(claim_lead), other, LEE, NOW)
    assert write(undo, LEE, NOW).action == "claimed"
    assert write(snapshot) == between
    with pytest.raises(NotAllowed, match=r"lee@example\.com has no action left"):
        write(undo, LEE, NOW)
    with pytest.raises(NothingLeft, match=r"^There is no action left"):  # of whom, nobody has said yet
        write(undo, "", NOW)
    write(undo, KIM, NOW)
    assert write(snapshot) == before
    assert write(actions) == ["claimed", "claimed", "undone", "undone"]


def test_redo_does_again_what_was_undone_last_and_no_more_after_something_new(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(add_note), number, "one", KIM, NOW)
    first = write(snapshot)
    write(with_lead(add_note), number, "two", KIM, NOW)
    second = write(snapshot)
    write(undo, KIM, NOW)
    write(undo, KIM, NOW)
    write(redo, KIM, NOW)
    assert write(snapshot) == first
    write(redo, KIM, NOW)
    assert write(snapshot) == second
    with pytest.raises(NotAllowed, match="nothing to redo"):
        write(redo, KIM, NOW)
    write(undo, KIM, NOW)
    write(with_lead(add_note), number, "three", KIM, NOW)
    with pytest.raises(NotAllowed, match="nothing to redo"):
        write(redo, KIM, NOW)


def test_undo_refuses_where_a_row_has_changed_since(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(assign_lead), number, LEE, "boss@example.com", NOW + timedelta(hours=1))
    changed = write(snapshot)
    with pytest.raises(
        NotAllowed, match=r"'claimed' of 2026-11-18 09:30 UTC cannot be undone: .* has changed since"
    ):
        write(undo, KIM, NOW)
    assert write(snapshot) == changed


def test_a_score_that_moved_in_between_does_not_stand_in_the_way(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)

    def moved(session):
        session.get_one(Lead, number).hand_raised_at = NOW
        rescore(session, [number], NOW, "events")

    write(moved)
    write(undo, KIM, NOW)
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.owner, lead.qualified) == (None, True)


def test_undoing_a_lead_added_by_hand_leaves_nothing_of_it(write):
    before = write(snapshot)
    draft = LeadDraft(email="ada@example.com", first_name="Ada", company="Byrne Ltd", kind="hand_raise")
    write(leads.add_lead, draft, KIM, NOW)
    added = write(snapshot)
    write(undo, KIM, NOW)
    after = write(snapshot)
    assert after == before
    write(redo, KIM, NOW)
    assert write(snapshot) == added
    assert write(lambda s: s.get_one(Lead, 1).qualified)


def test_a_lead_that_something_hangs_on_by_now_is_not_undone(write):
    write(leads.add_lead, LeadDraft(email="ada@example.com"), KIM, NOW)
    write(with_lead(add_note), 1, "Called.", LEE, NOW)
    with pytest.raises(
        NotAllowed, match=r"first touch at of the lead has changed since|its lead has a note since"
    ):
        write(undo, KIM, NOW)
    write(undo, LEE, NOW)
    write(lambda s: s.execute(text(
        "INSERT INTO usage_event (eid, identity_id, kind_id, at, day, quantity, received_at)"
        " VALUES (1, 1, 1, 1, 1, 1, 1)"
    )) and None)  # fmt: skip
    with pytest.raises(NotAllowed, match="its identity has a usage event since"):
        write(undo, KIM, NOW)


def handed_off(session, state="pending", attempts=0):
    with recording(session, KIM, "handed_off", at=NOW, lead_id=1):
        session.get_one(Lead, 1).state = "handed_off"
        handoff = Handoff(
            lead_id=1,
            playbook="handoff",
            run_key="k",
            system="attio",
            facts={},
            created_at=NOW,
            created_by=KIM,
        )
        session.add(handoff)
        session.flush()
        session.add_all(
            OutboxItem(
                handoff_id=handoff.id, lead_id=1, position=place, system="attio", kind=kind, payload={},
                idempotency_key=f"KEY{place}", created_at=NOW,
            )
            for place, kind in enumerate(("person", "deal", "note"))
        )  # fmt: skip
    session.flush()
    item = session.get_one(OutboxItem, 1)
    item.state, item.attempts = state, attempts


def test_undoing_a_handoff_removes_what_has_not_left(write, new_lead):
    new_lead("ada@example.com")
    before = write(snapshot)
    write(handed_off, "held")
    write(undo, KIM, NOW)
    assert write(snapshot) == before


@pytest.mark.parametrize(("state", "attempts"), [("done", 1), ("unknown", 1), ("sending", 0), ("pending", 2)])
def test_a_handoff_of_which_something_has_left_is_not_undone(write, new_lead, state, attempts):
    new_lead("ada@example.com")
    write(handed_off, state, attempts)
    with pytest.raises(NotAllowed, match="person has already left for Attio"):
        write(undo, KIM, NOW)


def test_a_recording_inside_another_is_one_action(write, new_lead):
    number = new_lead("ada@example.com")
    before = write(snapshot)

    def both(session):
        lead = session.get_one(Lead, number)
        with recording(session, KIM, "claimed_with_note", at=NOW, lead_id=number):
            claim_lead(session, lead, KIM, NOW)
            add_note(session, lead, "Mine.", KIM, NOW)

    write(both)
    assert write(actions) == ["claimed_with_note"]
    write(undo, KIM, NOW)
    assert write(snapshot) == before


def test_a_failing_verb_records_nothing(write, new_lead):
    number = new_lead("ada@example.com")
    before = write(snapshot)

    def fails(session):
        with recording(session, KIM, "claimed", at=NOW, lead_id=number):
            session.get_one(Lead, number).owner = KIM
            session.flush()
            raise NotAllowed("It failed.")

    with pytest.raises(NotAllowed, match="It failed"):
        write(fails)
    assert write(snapshot) == before
    assert write(actions) == []


def test_statements_of_ones_own_are_recorded_when_they_are_watched(write, new_lead):
    number = new_lead("ada@example.com")

    def by_statement(session):
        with recording(session, KIM, "renamed", at=NOW, lead_id=number):
            watch(session, "lead", [number])
            session.execute(text("UPDATE lead SET name = 'Ada'"))

    write(by_statement)
    image = write(lambda s: s.execute(select(ActionRow.before, ActionRow.after)).one())
    assert tuple(image) == ({"name": "ada@example.com"}, {"name": "Ada"})


def test_undo_reaches_into_an_earlier_session_of_another_process(place, write, new_lead):
    number = new_lead("ada@example.com")
    before = write(snapshot)
    write(with_lead(claim_lead), number, KIM, NOW)
    other = open_workspace(place, create=False)
    try:
        assert other.db.write(undo, KIM, NOW).result().action == "claimed"
    finally:
        other.close()
    assert write(snapshot) == before
    write(redo, KIM, NOW)
    assert write(lambda s: s.get_one(Lead, number).owner) == KIM


def test_the_trail_only_grows(write, new_lead):
    number = new_lead("ada@example.com")
    trails = []
    for step in (
        lambda: write(with_lead(claim_lead), number, KIM, NOW),
        lambda: write(undo, KIM, NOW),
        lambda: write(redo, KIM, NOW),
        lambda: write(undo, KIM, NOW),
    ):
        step()
        trails.append(
            write(
                lambda s: (
                    s.execute(
                        select(Action.id, Action.name, Action.actor, Action.at, Action.undoes).order_by(
                            Action.id
                        )
                    ).all(),
                    s.execute(
                        select(ActionRow.id, ActionRow.before, ActionRow.after).order_by(ActionRow.id)
                    ).all(),
                )
            )
        )
    for (names, images), (more_names, more_images) in itertools.pairwise(trails):
        assert more_names[: len(names)] == names
        assert len(more_names) == len(names) + 1
        assert more_images == images


def furnish(session):
    for number in range(1, 7):
        session.add(Company(name=f"Company {number}", created_at=NOW))
        session.flush()
        session.add(CompanyKey(namespace="name", value=f"company {number}", company_id=number))
        session.add(
            Trial(
                source="file", key=str(number), lead_id=number, company_id=number, created_at=NOW,
                starts_at=NOW, ends_at=NOW + timedelta(days=14), first_ends_at=NOW + timedelta(days=14),
            )
        )  # fmt: skip


def any_verb(session, dice, step):
    """One verb of a rep, chosen by the dice; a Problem means that nothing was done."""
    at = NOW + timedelta(minutes=step)
    lead = session.get_one(Lead, dice.randint(1, 6))
    tasks = session.scalars(select(Task)).all()
    trial = session.get_one(Trial, dice.randint(1, 6))
    verbs = [
        lambda: claim_lead(session, lead, KIM, at),
        lambda: release_lead(session, lead, KIM, at),
        lambda: assign_lead(session, lead, LEE, KIM, at),
        lambda: leads.disqualify(session, lead, "student", KIM, at),
        lambda: leads.won(session, lead, KIM, at),
        lambda: leads.lost(session, lead, KIM, at, reason="price"),
        lambda: leads.reopen(session, lead, KIM, at),
        lambda: leads.snooze(session, lead, at + timedelta(days=2), KIM, at),
        lambda: leads.nurture(session, lead, at + timedelta(days=20), KIM, at),
        lambda: add_note(session, lead, "note " * dice.randint(1, 9), KIM, at),
        lambda: add_task(session, lead, "call", KIM, at),
        lambda: finish_task(session, dice.choice(tasks), KIM, at) if tasks else None,
        lambda: reschedule_task(session, dice.choice(tasks), at, KIM, at) if tasks else None,
        lambda: extend_trial(session, trial, 7, "needs time", KIM, at),
        lambda: close_trial(session, trial, "gone", KIM, at),
        lambda: set_company(session, lead, f"Company {dice.randint(1, 9)}", KIM, at),
        lambda: rename_company(session, dice.randint(1, 6), f"Renamed {step}", KIM, at),
        lambda: add_placement(session, f"button-{dice.randint(1, 9)}", KIM, at),
        lambda: save_view(session, f"view {dice.randint(1, 3)}", {"filter": f"score >= {step}"}, KIM, at),
        lambda: leads.add_lead(session, LeadDraft(email=f"n{step}@firm{step % 4}.example"), KIM, at),
    ]
    dice.choice(verbs)()


@pytest.mark.parametrize("seed", range(1, 21) if os.environ.get("PQLDESK_LONG_TESTS") else [1])
def test_undo_of_the_last_fifty_actions_restores_every_row_to_the_byte(write, new_lead, seed):
    for number in range(1, 7):
        new_lead(f"lead{number}@example.com")
    write(furnish)
    write(lambda s: rescore(s, range(1, 7), NOW, "events"))
    dice = random.Random(seed)
    states, step = [write(snapshot)], 0
    while len(states) <= 50:
        step += 1
        try:
            write(any_verb, dice, step)
        except Problem:
            continue
        if write(lambda s: s.scalar(select(func.count()).select_from(Action))) == len(states):
            states.append(write(snapshot))
    for state in reversed(states[:-1]):
        write(undo, KIM, NOW + timedelta(hours=5))
        assert write(snapshot) == state
    for state in states[1:]:
        write(redo, KIM, NOW + timedelta(hours=5))
        assert write(snapshot) == state
