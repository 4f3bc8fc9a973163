"""The sample desk with names as an attacker would write them into a form: every text that people see holds markup."""

import dataclasses
from typing import Any

from desk_background import DeskBackground, DeskJob

MARK = "Zq<b>old</b>"
EVIL = f'{MARK} <img src="http://tracker.example/p.png"><a href="http://evil.example">x</a> & \'"); DROP'
# What people and other systems write; keys, states and filters stay as the program made them.
WRITTEN = frozenset({
    "name", "company", "company_name", "lead", "lead_name", "job_title", "title", "label", "text", "comment", "detail",
    "reason", "deal_name", "note", "subject", "sentence", "said", "problem", "why", "place", "page", "button_text",
    "about", "sample", "file", "error", "theirs", "mine", "base", "value_there", "words",
})  # fmt: skip


def hostile(value: Any) -> Any:
    """*value* with markup at the end of each text that somebody else wrote."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for one in dataclasses.fields(value):
            if not one.init:
                continue
            held = getattr(value, one.name)
            if isinstance(held, str):
                new = f"{held} {EVIL}" if one.name in WRITTEN and held else held
            else:
                new = hostile(held)
            if new is not held:
                changed[one.name] = new
        return dataclasses.replace(value, **changed) if changed else value
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        new_items = tuple(map(hostile, value))
        return new_items if any(a is not b for a, b in zip(value, new_items, strict=True)) else value
    if isinstance(value, list):
        return [hostile(one) for one in value]
    if isinstance(value, dict) and all(isinstance(key, int) for key in value):  # rows by their numbers
        return {key: hostile(one) for key, one in value.items()}
    return value


class HostileBackground(DeskBackground):
    """Answers with hostile texts."""

    def read(self, query: Any, *args: object) -> DeskJob:
        return DeskJob(self, lambda: hostile(query(None, *args)))

    read_long = read
