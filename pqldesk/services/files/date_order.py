"""Whether 02/01/2014 is the second of January: settled by the whole column or left to the user, never guessed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from pqldesk.services.basics.texts import _
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import SourceRow, SourceTable

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
_SLASHED: Final = re.compile(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{4}(?![0-9])")
_LOOKED_AT: Final = 1000


def settle_date_order(
    table: SourceTable, mapping: ColumnMapping, options: ValueOptions
) -> tuple[ValueOptions, str | None]:
    """*options* with ``day_first`` settled where the file proves it, and the sentence that says so.

    Only a file whose first rows hold such dates is looked through. It proves an order when some value allows no
    other and none contradicts.
    """
    if options.day_first is not None:
        return options, None
    places = [place for name, place in mapping.places(table.columns).items() if name in TIME_FIELDS]
    if not places or not any(
        _orders(values, places) for _place, _line, values in islice(_rows(table), _LOOKED_AT)
    ):
        return options, None
    proven: set[str] = set()
    for _place, _line, values in _rows(table):
        proven |= _orders(values, places)
        if proven >= {"day", "month"}:
            return options, None
    if proven <= {"either"}:
        return options, None
    day_first = "day" in proven
    first = "Day first" if day_first else "Month first"
    other = "--month-first" if day_first else "--day-first"
    return replace(options, day_first=day_first), _(
        "{first} in dates: some allow nothing else. {other} says otherwise."
    ).format(first=first, other=other)


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
