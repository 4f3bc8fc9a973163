"""What a CRM's double holds, counted: the same words for all of them."""

import re
from typing import Any

from fixtures_crm import House

MARK = re.compile(r"pqd:[0-9A-Z]{8}")


def expected(house: House, **counts: int) -> dict[str, int]:
    """One of each but for *counts*, and none of what the house has no place for."""
    one = dict.fromkeys(("companies", "people", "deals", "tasks", "notes", "pql", "trials"), 1)
    none = {"companies": "company", "deals": "deal"}
    return {**one, **counts, **{key: 0 for key, kind in none.items() if kind in house.cannot}}


def counted(there: dict[str, Any], house: House) -> dict[str, int]:
    """How many of each kind, and on each of our lists."""
    kinds = ("companies", "people", "deals", "tasks", "notes")
    lists = {ours: len(there["entries"][theirs]) for ours, theirs in house.lists.items()}
    return {**{kind: len(there[kind]) for kind in kinds}, **lists}


def markers(there: dict[str, Any]) -> list[str]:
    """Every marker once for each task or note that carries it."""
    return [
        mark for kind in ("tasks", "notes") for row in there[kind] for mark in set(MARK.findall(str(row)))
    ]


def flat(value: Any) -> list[Any]:
    """Every single value in it."""
    if isinstance(value, dict):
        return [one for each in value.values() for one in flat(each)]
    if isinstance(value, list):
        return [one for each in value for one in flat(each)]
    return [value]
