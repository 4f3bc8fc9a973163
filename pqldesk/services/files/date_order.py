"""Which way round 02/01/2014 is: settled by the whole column or left to the user, never guessed. So with 6,718."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from pqldesk.services.basics.texts import _
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import Note, SourceRow, SourceTable

TIME_FIELDS: Final = frozenset(
    (
        "signup_at",
        "submitted_at",
        "received_at",
        "outcome_at",
        "occurred_at",
        "starts_at",
        "ends_at",
        "converted_at",
    )
)
NUMBER_FIELDS: Final = frozenset(("quantity", "deal_value"))
_COMMA_OR_GROUPS: Final = re.compile(r"[0-9],[0-9]|[0-9]\.[0-9]{3}\.[0-9]")
_SLASHED: Final = re.compile(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{4}(?![0-9])")
_LOOKED_AT: Final = 1000


def settle_date_order(
    table: SourceTable, mapping: ColumnMapping, options: ValueOptions
) -> tuple[ValueOptions, Note | None]:
    """*options* with ``day_first`` settled where the file proves it, and the sentence that says so.

    Only a file whose first rows hold such dates is looked through. It proves an order when some value allows no
    other and none contradicts.
    """
    if options.day_first is not None:
        return options, None
    if not has_slashed_dates(table, mapping):
        return options, None
    places = _places(table, mapping, TIME_FIELDS)
    proven: set[str] = set()
    for _place, _line, values in _rows(table):
        proven |= _orders(values, places)
        if proven >= {"day", "month"}:
            return options, None
    if proven <= {"either"}:
        return options, None
    day_first = "day" in proven
    said = (
        _("Day first in dates: some allow nothing else.")
        if day_first
        else _("Month first in dates: some allow nothing else.")
    )
    other = "--month-first" if day_first else "--day-first"
    return replace(options, day_first=day_first), Note(said, _("{other} says otherwise.").format(other=other))


def has_slashed_dates(table: SourceTable, mapping: ColumnMapping) -> bool:
    """Whether the first rows hold dates such as 02/01/2014."""
    places = _places(table, mapping, TIME_FIELDS)
    return bool(places) and any(_orders(values, places) for values in _first(table))


def has_comma_numbers(table: SourceTable, mapping: ColumnMapping) -> bool:
    """Whether the first rows hold numbers whose comma or points mean one thing here and another there."""
    places = _places(table, mapping, NUMBER_FIELDS)
    return bool(places) and any(
        isinstance(found := values[place], str) and _COMMA_OR_GROUPS.search(found)
        for values in _first(table)
        for place in places
    )


def _places(table: SourceTable, mapping: ColumnMapping, fields: frozenset[str]) -> list[int]:
    return [place for name, place in mapping.places(table.columns).items() if name in fields]


def _first(table: SourceTable) -> Iterator[Sequence[object]]:
    return (values for _place, _line, values in islice(_rows(table), _LOOKED_AT))


def _rows(table: SourceTable) -> Iterator[SourceRow]:
    return table.rows(lambda _: None)


def _orders(values: Sequence[object], places: Sequence[int]) -> set[str]:
    found: set[str] = set()
    for place in places:
        value = values[place]
        if isinstance(value, str) and (match := _SLASHED.match(value)):
            first, second = int(match[1]) > 12, int(match[2]) > 12
            found.add("day" if first and not second else "month" if second and not first else "either")
    return found
