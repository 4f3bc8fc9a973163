"""Values in the shapes that Attio takes."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pqldesk.services.connectors.attio.values import LONGEST_TASK, amount, shaped
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.crm import FieldValue
from pqldesk.services.remote.values import cut, number, stamp

MARKER = "[pqd:7F3K2QMW]"


def one(kind: str, value: FieldValue, *, multiple: bool = False, options: tuple[str, ...] = ()) -> object:
    field = RemoteField("their_slug", "Theirs", kind, multiple=multiple, options=options)
    mapped = Mapped({"person": {"ours": "their_slug"}})
    return shaped("person", {"ours": value, "unmapped": 1}, mapped, Catalogue(person_fields=(field,)))


@pytest.mark.parametrize(
    ("kind", "value", "shape"),
    [
        ("text", "Head of Ops", [{"value": "Head of Ops"}]),
        ("text", ("a", "b"), [{"value": "a, b"}]),
        ("number", 72, [{"value": 72}]),
        ("number", 72.5, [{"value": 72.5}]),
        ("rating", 85, [{"value": 4}]),
        ("rating", 140, [{"value": 5}]),
        ("date", date(2026, 12, 1), [{"value": "2026-12-01"}]),
        ("date", datetime(2026, 12, 1, 23, 30, tzinfo=UTC), [{"value": "2026-12-01"}]),
        ("timestamp", datetime(2026, 11, 20, 10, 0, tzinfo=UTC), [{"value": "2026-11-20T10:00:00Z"}]),
        ("timestamp", date(2026, 12, 1), [{"value": "2026-12-01T00:00:00Z"}]),
    ],
)
def test_values_are_arrays_of_objects(kind: str, value: FieldValue, shape: object) -> None:
    assert one(kind, value) == {"their_slug": shape}


def test_options_are_written_by_their_exact_title_and_unknown_ones_left_out() -> None:
    options = ("Trial", "Handed off")
    assert one("select", "handed_off", options=options) == {"their_slug": [{"option": "Handed off"}]}
    assert one("select", "Gold", options=options) == {}
    both = one("select", ("trial", "gold", "handed off"), multiple=True, options=options)
    assert both == {"their_slug": [{"option": "Trial"}, {"option": "Handed off"}]}
    assert one("select", (), multiple=True, options=options) == {"their_slug": []}


def test_a_field_that_has_left_the_crm_is_not_sent() -> None:
    assert shaped("person", {"ours": 1}, Mapped({"person": {"ours": "gone"}}), Catalogue()) == {}


def test_money_keeps_four_decimals_and_carries_no_currency() -> None:
    assert amount(Decimal("75000")) == [{"currency_value": 75000}]
    assert amount(Decimal("19.99")) == [{"currency_value": 19.99}]
    assert amount(Decimal("0.12345")) == [{"currency_value": 0.1234}]
    assert isinstance(number(Decimal("12.0")), int)


def test_times_keep_milliseconds_where_there_are_some() -> None:
    assert stamp(datetime(2026, 11, 20, 10, 0, 0, 123_456, tzinfo=UTC)) == "2026-11-20T10:00:00.123Z"


@pytest.mark.parametrize("text", ["x" * 5000, "😀" * 3000, "ab " * 1500])
def test_a_long_task_is_cut_within_2000_units_with_a_mark_before_its_marker(text: str) -> None:
    short = cut(f"PQL Follow-up: {text} {MARKER}", LONGEST_TASK, MARKER)
    assert len(short.encode("utf-16-le")) // 2 <= 2000
    assert short.endswith(f"… {MARKER}")
    assert short.startswith("PQL Follow-up: ")


def test_a_task_that_fits_is_left_alone() -> None:
    exact = "x" * (2000 - len(MARKER) - 1) + " " + MARKER
    assert cut(exact, LONGEST_TASK, MARKER) == exact
