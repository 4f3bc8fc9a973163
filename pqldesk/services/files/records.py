"""Leads, companies and trials out of a file: each row as checked fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pqldesk.services.files import values
from pqldesk.services.files.date_order import TIME_FIELDS
from pqldesk.services.files.fields import EXPORT_ONLY, FIELDS, IDENTIFYING, Kind
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import Reject, RejectSink, SourceTable, shortened
from pqldesk.services.files.times import BadTime, Moment
from pqldesk.services.files.values import BadValue, Money

#: Text, a Moment for times, Money for deal_value.
FieldValue: TypeAlias = str | Moment | Money

SUBMISSION_KINDS: Final = ("hand_raise", "trial", "signup", "contact", "cart_abandonment", "manual", "import")
#: A lead row with one of these makes a submission.
SUBMISSION_FIELDS: Final = ("glm_content", "comment", "product_interaction", "kind")

#: Characters of what people write, and of names, titles and the like.
LONG_TEXT, SHORT_TEXT = 100_000, 1_000

_TRIAL_STATES: Final[Mapping[str, str]] = {
    "trialing": "active",
    "trial": "active",
    "in_trial": "active",
    "active": "active",
    "ending": "active",
    "extended": "extended",
    "converted": "converted",
    "expired": "expired",
    "ended": "expired",
    "lost": "lost",
    "cancelled": "lost",
    "canceled": "lost",
    "paused": "lost",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row: where it begins, its number, and its fields that are not empty."""

    line: int
    row: int
    fields: Mapping[str, FieldValue]
    raw: Mapping[str, Any] | None = None  # all of a form that arrived by itself
    same_person: tuple[str, str] | None = None  # what another source knows the person by: (source, its id)
    same_company: tuple[str, str] | None = None

    @property
    def is_submission(self) -> bool:
        return any(name in self.fields for name in SUBMISSION_FIELDS)

    def text(self, name: str) -> str | None:
        """A field that is text, None when it is empty."""
        found = self.fields.get(name)
        return found if isinstance(found, str) else None

    def time(self, name: str) -> Moment | None:
        """A field that is a time, None when it is empty."""
        found = self.fields.get(name)
        return found if isinstance(found, Moment) else None

    def money(self, name: str) -> Money | None:
        """A field that is an amount, None when it is empty."""
        found = self.fields.get(name)
        return found if isinstance(found, Money) else None


class RecordReader:
    """Checks the rows of one file; ``unzoned`` counts the times taken in the workspace's zone."""

    def __init__(self, mapping: ColumnMapping, options: ValueOptions) -> None:
        self._mapping = mapping
        self._options = options
        self._times = options.times()
        self._empty: frozenset[str] = options.null_texts or frozenset()
        self._known = (*FIELDS[mapping.kind], *EXPORT_ONLY)

    @property
    def unzoned(self) -> int:
        return self._times.unzoned

    def records(self, table: SourceTable, reject: RejectSink) -> Iterator[Record]:
        """The records of *table* in order; rows that are none go to *reject* with a sentence."""
        places = self._mapping.places(table.columns)
        self._empty = self._options.empty_texts(table.format)
        for line, row, found in table.rows(reject):
            given = {name: found[place] for name, place in places.items()}
            try:
                yield Record(line, row, self.fields(given))
            except BadValue as wrong:
                reject(Reject(line, row, str(wrong), shortened(found)))

    def fields(self, given: Mapping[str, object]) -> dict[str, FieldValue]:
        """The checked fields of one row, constants included; BadValue when one is wrong or nobody is named."""
        checked: dict[str, FieldValue] = {}
        for name, value in {**self._mapping.constants, **given}.items():
            if name not in self._known or self._is_null(value):
                continue
            found = self._field(name, value)
            if found is not None:
                checked[name] = found
        wanted = IDENTIFYING[self._mapping.kind]
        if not any(name in checked for name in wanted):
            raise BadValue("row", f"it has no {' and no '.join(wanted)}")
        return checked

    def _is_null(self, value: object) -> bool:
        return isinstance(value, str) and value.strip() in self._empty

    def _field(self, name: str, value: object) -> FieldValue | None:
        if name in TIME_FIELDS:
            return self._time(name, value)
        match name:
            case "email":
                return values.email(value, name)
            case "domain":
                return values.domain(value, name)
            case "user_id" | "anonymous_id":
                return values.person_id(value)
            case "outcome":
                return values.outcome(value, name)
            case "deal_value":
                return values.money(value, self._options.currency, name, self._options.style)
            case "kind":
                return values.one_of(value, name, SUBMISSION_KINDS)
            case "state" if self._mapping.kind is Kind.TRIALS:
                word = values.one_of(value, name, tuple(_TRIAL_STATES))
                return None if word is None else _TRIAL_STATES[word]
        return values.shown_text(value, name, LONG_TEXT if name in SUBMISSION_FIELDS else SHORT_TEXT)

    def _time(self, name: str, value: object) -> Moment | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return self._times.moment(value)
        except BadTime as wrong:
            raise BadValue(name, str(wrong)) from None
