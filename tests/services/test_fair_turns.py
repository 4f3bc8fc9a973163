"""Turns by weight: nobody is a whole lead ahead or behind."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.team.fair_turns import LEAD, entitled, in_turn, next_in_turn

TEAMS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.integers(1, 100), min_size=1, max_size=11
)


@given(TEAMS, st.integers(1, 300))
def test_entitled_and_received_never_differ_by_a_whole_lead(weights: dict[str, int], leads: int) -> None:
    owed: dict[str, int] = {}
    received: Counter[str] = Counter()
    total = sum(weights.values())
    for given_out in range(1, leads + 1):
        chosen, owed = next_in_turn(owed, weights, weights)
        assert chosen is not None
        received[chosen] += 1
        for name, weight in weights.items():
            assert abs(given_out * weight / total - received[name]) < 1 + given_out / LEAD


@given(TEAMS, st.lists(st.lists(st.integers(0, 10)), max_size=60))
def test_balances_always_sum_to_nothing(weights: dict[str, int], there: list[list[int]]) -> None:
    owed: dict[str, int] = {}
    names = sorted(weights)
    for places in there:
        available = [names[place] for place in places if place < len(names)]
        chosen, owed = next_in_turn(owed, weights, available)
        assert chosen in available if available else chosen is None
        assert sum(owed.values()) == 0


@given(TEAMS)
def test_one_lead_is_shared_without_rest(weights: dict[str, int]) -> None:
    assert sum(entitled(weights, weights).values()) == LEAD


def test_who_cannot_take_one_is_owed_nothing_for_it() -> None:
    chosen, owed = next_in_turn({}, {"ada": 1, "bob": 1}, ["bob"])
    assert (chosen, owed) == ("bob", {"bob": 0})


def test_equals_take_turns_by_name_and_the_heavier_goes_first() -> None:
    assert in_turn({}, {"bob": 1, "ada": 1, "cleo": 2}) == ["cleo", "ada", "bob"]
    order, owed = [], {}
    for _ in range(8):
        chosen, owed = next_in_turn(owed, {"bob": 1, "ada": 1, "cleo": 2}, ["ada", "bob", "cleo"])
        order.append(chosen)
    assert Counter(order) == {"cleo": 4, "ada": 2, "bob": 2}
