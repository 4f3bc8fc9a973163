"""Which moves a lead allows, and what time alone does to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics.moments import DAY
from pqldesk.services.lead_states import (
    ALLOWED,
    LEASE,
    LeadState,
    Move,
    MoveNotAllowed,
    Standing,
    check_move,
    due_at,
    effective,
    moved,
    resting_state,
    touched,
)

NAME = "Ada Byrne"
KIM = "kim@example.com"


def go(standing: Standing, *moves: Move, now: int = 0, until: int | None = None) -> Standing:
    for move in moves:
        sleeps = move in (Move.SNOOZE, Move.NURTURE)
        standing = moved(NAME, standing, move, rep=KIM, until=until if sleeps else None, now=now)
    return standing


def test_an_unclaimed_lead_follows_its_score() -> None:
    assert effective(Standing(LeadState.NEW, qualified=True), 0).state is LeadState.QUALIFIED
    assert effective(Standing(LeadState.QUALIFIED), 0).state is LeadState.NEW
    assert effective(Standing(LeadState.CLAIMED, qualified=True, owner=KIM), 0).state is LeadState.CLAIMED
    assert (resting_state(True), resting_state(False)) == (LeadState.QUALIFIED, LeadState.NEW)


def test_a_claim_leases_and_the_first_touch_makes_it_work() -> None:
    claimed = go(Standing(LeadState.QUALIFIED, qualified=True), Move.CLAIM, now=5)
    assert (claimed.state, claimed.owner, claimed.lease_until) == (LeadState.CLAIMED, KIM, 5 + LEASE)
    working = touched(claimed, 9)
    assert (working.state, working.lease_until) == (LeadState.WORKING, 9 + LEASE)
    assert go(working, Move.CLAIM, now=9) == working  # claiming one's own lead again changes nothing
    assert touched(Standing(LeadState.NEW), 9) == Standing(LeadState.NEW)


@pytest.mark.parametrize(("qualified", "after"), [(True, LeadState.QUALIFIED), (False, LeadState.NEW)])
def test_a_release_or_a_lapsed_lease_returns_the_lead_to_the_pool(qualified: bool, after: LeadState) -> None:
    claimed = go(Standing(LeadState.NEW, qualified=qualified), Move.CLAIM)
    assert go(claimed, Move.RELEASE) == Standing(after, qualified=qualified)
    assert effective(claimed, LEASE - 1) == claimed
    assert effective(claimed, LEASE) == Standing(after, qualified=qualified)
    assert due_at(claimed) == LEASE


@pytest.mark.parametrize("move", [Move.SNOOZE, Move.NURTURE])
def test_a_sleeping_lead_returns_to_the_state_before_when_due(move: Move) -> None:
    until = 30 * DAY
    for before in (
        go(Standing(LeadState.NEW), Move.CLAIM),
        touched(go(Standing(LeadState.NEW), Move.CLAIM), 1),
    ):
        asleep = go(before, move, until=until)
        assert (asleep.owner, asleep.until, due_at(asleep)) == (KIM, until, until)
        assert effective(asleep, until - 1) == asleep  # the lease does not run while it sleeps
        awake = effective(asleep, until)
        assert (awake.state, awake.owner, awake.lease_until) == (before.state, KIM, until + LEASE)
        assert effective(asleep, until + LEASE).state is LeadState.NEW  # looked at only a week later
    unclaimed = go(Standing(LeadState.NEW, qualified=True), move, until=until)
    assert effective(unclaimed, until) == Standing(LeadState.QUALIFIED, qualified=True)
    handed = go(Standing(LeadState.NEW), Move.HAND_OFF, move, until=until)
    assert effective(handed, until).state is LeadState.HANDED_OFF


def test_sleeping_longer_keeps_the_state_before() -> None:
    twice = go(
        go(touched(go(Standing(LeadState.NEW), Move.CLAIM), 1), Move.SNOOZE, until=5), Move.NURTURE, until=9
    )
    assert (twice.state, twice.before, twice.until) == (LeadState.NURTURE, LeadState.WORKING, 9)
    assert effective(twice, 5) == twice
    assert go(twice, Move.REOPEN, now=6).state is LeadState.WORKING  # woken by hand
    assert go(twice, Move.RELEASE) == Standing(LeadState.NURTURE, until=9)


@pytest.mark.parametrize("move", [Move.WON, Move.LOST, Move.DISQUALIFY])
def test_a_closed_lead_can_be_reopened_and_nothing_else_but_erased(move: Move) -> None:
    closed = go(Standing(LeadState.NEW), Move.CLAIM, move)
    assert closed.owner == KIM
    assert due_at(closed) is None
    assert go(closed, Move.REOPEN).state is LeadState.WORKING
    assert go(go(Standing(LeadState.NEW, qualified=True), move), Move.REOPEN).state is LeadState.QUALIFIED
    for other in set(Move) - {Move.REOPEN, Move.ERASE}:
        with pytest.raises(MoveNotAllowed, match=f"Ada Byrne is {closed.state}. Reopen the lead first."):
            check_move(NAME, closed.state, other)


def test_erased_is_final() -> None:
    erased = go(Standing(LeadState.WORKING, owner=KIM), Move.ERASE)
    assert erased == Standing(LeadState.ERASED)
    for move in Move:
        with pytest.raises(MoveNotAllowed, match="Ada Byrne was erased"):
            check_move(NAME, erased.state, move)


@pytest.mark.parametrize(
    ("state", "move", "sentence"),
    [
        (LeadState.NEW, Move.RELEASE, "Nobody has claimed Ada Byrne."),
        (LeadState.HANDED_OFF, Move.CLAIM, "Ada Byrne was already handed off to sales."),
        (LeadState.WORKING, Move.REOPEN, "Ada Byrne is open already"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(state: LeadState, move: Move, sentence: str) -> None:
    with pytest.raises(MoveNotAllowed) as caught:
        check_move(NAME, state, move)
    assert sentence in str(caught.value)
    assert caught.value.remedy


def test_every_refusal_has_a_sentence() -> None:
    for move in Move:
        for state in set(LeadState) - ALLOWED[move]:
            with pytest.raises(MoveNotAllowed):
                check_move(NAME, state, move)


def test_a_sleep_ends_in_the_future() -> None:
    with pytest.raises(MoveNotAllowed, match="Choose a later time"):
        go(Standing(LeadState.NEW), Move.SNOOZE, until=10, now=10)


@given(st.lists(st.tuples(st.sampled_from(Move), st.integers(0, 20)), max_size=12), st.booleans())
def test_no_run_of_moves_leaves_a_lead_half_in_a_state(
    steps: list[tuple[Move, int]], qualified: bool
) -> None:
    standing, now = Standing(LeadState.NEW, qualified=qualified), 0
    for move, days in steps:
        now += days * DAY
        standing = effective(standing, now)
        assert effective(standing, now) == standing
        due = due_at(standing)
        assert due is None or due > now
        try:
            standing = moved(NAME, standing, move, rep=KIM, until=now + 3 * DAY, now=now)
        except MoveNotAllowed:
            continue
        asleep = standing.state in (LeadState.SNOOZED, LeadState.NURTURE)
        assert (standing.until is not None) == asleep
        assert (standing.lease_until is not None) == (
            standing.state in (LeadState.CLAIMED, LeadState.WORKING)
        )
        if standing.state in (LeadState.NEW, LeadState.QUALIFIED):
            assert standing.owner is None
        if standing.state in (LeadState.CLAIMED, LeadState.WORKING):
            assert standing.owner == KIM
