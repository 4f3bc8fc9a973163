"""The same verb for many leads: each is answered for, what cannot be is left, one undo takes all of it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pqldesk.models.history import Action
from pqldesk.models.people import Lead
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.leads import bulk, undo
from tests.services.conftest import NOW

KIM, LEE = "kim@example.com", "lee@example.com"


@pytest.fixture
def run(write):
    """``run("claim", ids)``: step by step until every lead is answered for; {lead number: outcome}."""

    def whole(verb, ids, argument=None, rep=KIM, at=NOW, number=None):
        number, rows, steps = number or bulk.new_bulk(), [], 0
        while len(rows) < len(ids):
            rows += write(bulk.bulk_step, verb, ids[len(rows) :], argument, rep, at, number).rows
            steps += 1
        return rows, steps

    return whole


@pytest.fixture
def taken_back(write):
    """``taken_back()``: one undo by Kim, to its end."""

    def whole(verb=undo.undo):
        done = write(verb, KIM, NOW)
        while done.more is not None:
            done = write(undo.undo_rest, KIM, NOW, done.more)
        return done

    return whole


def states(write):
    return {
        lead.id: (lead.state, lead.owner)
        for lead in write(lambda session: list(session.scalars(select(Lead).order_by(Lead.id))))
    }


@pytest.mark.both_databases
def test_each_lead_is_answered_for_and_what_a_rule_forbids_is_left_as_it_was(write, new_lead, run):
    free, lees, won, mine = (new_lead(f"p{n}@example.com") for n in range(4))
    run("claim", [lees], rep=LEE)
    run("claim", [mine])
    write(lambda session: setattr(session.get(Lead, won), "state", "won"))
    before = states(write)
    rows, _steps = run("claim", [free, lees, won, mine, 999_999])
    assert [row.outcome for row in rows] == ["done", "skipped", "skipped", "unchanged", "skipped"]
    assert "already claimed by lee@example.com" in rows[1].reason
    assert "won" in rows[2].reason
    assert "not there any more" in rows[4].reason
    after = states(write)
    assert after[free] == ("claimed", KIM)
    assert {one: after[one] for one in (lees, won, mine)} == {one: before[one] for one in (lees, won, mine)}


@pytest.mark.both_databases
def test_a_bulk_goes_in_short_steps_and_one_undo_and_one_redo_take_all_of_it(
    write, new_lead, run, taken_back, monkeypatch
):
    monkeypatch.setattr(bulk, "HELD_S", 0)
    monkeypatch.setattr(undo, "HELD_S", 0)
    ids = [new_lead(f"p{n}@example.com") for n in range(5)]
    before = states(write)
    _rows, steps = run("snooze", ids, NOW + timedelta(days=3))
    assert steps == len(ids)
    snoozed = states(write)
    assert {state for state, _owner in snoozed.values()} == {"snoozed"}
    done = taken_back()
    assert (done.action, done.many, done.detail) == ("snoozed", 5, "5 leads")
    assert states(write) == before
    assert taken_back(undo.redo).many == 5
    assert states(write) == snoozed
    taken_back()
    assert states(write) == before
    with pytest.raises(NotAllowed, match="no action left"):
        taken_back()


def test_undo_of_a_bulk_leaves_what_somebody_has_changed_since(write, new_lead, run, taken_back):
    ids = [new_lead(f"p{n}@example.com") for n in range(3)]
    run("claim", ids)
    run("assign", ids[:1], LEE, rep=LEE)
    done = taken_back()
    assert (done.many, done.refused) == (2, 1)
    assert [owner for _state, owner in states(write).values()] == [LEE, None, None]


def test_each_lead_keeps_its_own_line_in_the_history(write, new_lead, run):
    ids = [new_lead(f"p{n}@example.com") for n in range(3)]
    run("disqualify", ids, "no budget", number=77)
    actions = write(lambda session: list(session.scalars(select(Action).where(Action.bulk == 77))))
    assert [(one.lead_id, one.name, one.detail) for one in actions] == [
        (number, "disqualified", "no budget") for number in ids
    ]


def test_an_undo_after_a_bulk_takes_back_a_single_action_first(write, new_lead, run, taken_back):
    ids = [new_lead(f"p{n}@example.com") for n in range(3)]
    run("claim", ids)
    run("release", ids[2:])
    assert taken_back().many == 1
    assert taken_back().many == 3
    assert {owner for _state, owner in states(write).values()} == {None}


def test_a_verb_that_is_no_bulk_is_refused_by_name(write, new_lead):
    with pytest.raises(BadInput, match=r"'erase' cannot be done to many leads. Known: claim"):
        write(bulk.bulk_step, "erase", [new_lead("p@example.com")], None, KIM, NOW, 1)
