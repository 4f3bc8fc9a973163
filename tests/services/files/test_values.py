from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics import moments
from pqldesk.services.files import values
from pqldesk.services.files.times import BadTime, TimeReader
from pqldesk.services.files.values import BadValue, Money, NumberStyle

COMMA = NumberStyle(decimal_comma=True)


@pytest.mark.parametrize(
    ("value", "millionths"),
    [
        (None, 1_000_000),
        ("", 1_000_000),
        ("  ", 1_000_000),
        (0, 0),
        ("0", 0),
        (-2, -2_000_000),
        ("-2.5", -2_500_000),
        (0.1, 100_000),
        ("0.000001", 1),
        (1e-05, 10),
        ("1.0000000", 1_000_000),
        ("6,718", 6_718_000_000),
        ("1,234,567.25", 1_234_567_250_000),
        ("999999999.999999", 999_999_999_999_999),
        (123456789.123456, 123_456_789_123_456),
    ],
)
def test_quantities_are_exact_millionths(value: object, millionths: int) -> None:
    assert values.quantity(value) == millionths


@pytest.mark.parametrize(
    "value",
    ["x", "1e3", "1_000", "١٢", "0.0000001", 10**9, "1000000000", "-1000000000", True, float("nan"), "1,7", "6,71,8",
     "200.000.000", "$5", "--1", "0x10", "NaN", "inf"],
)  # fmt: skip
def test_what_is_no_quantity_is_refused_with_a_sentence(value: object) -> None:
    with pytest.raises(BadValue, match=r"quantity: .+\."):
        values.quantity(value)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_any_quantity_of_six_digits_survives_as_text(millionths: int) -> None:
    whole, rest = divmod(abs(millionths), 10**6)
    assert values.quantity(f"{'-' if millionths < 0 else ''}{whole}.{rest:06}") == millionths


@pytest.mark.parametrize(
    ("value", "millionths"),
    [("1,7", 1_700_000), ("200.000.000", 200_000_000_000_000), ("6.718,5", 6_718_500_000)],
)
def test_decimal_commas_are_read_when_told(value: str, millionths: int) -> None:
    assert values.quantity(value, style=COMMA) == millionths


def test_with_decimal_commas_a_decimal_point_is_refused() -> None:
    with pytest.raises(BadValue, match="has a point"):
        values.quantity("1.75", style=COMMA)


@pytest.mark.parametrize(
    "address",
    ["a@b.example", "x@y.test", "Ada.Byrne+news@Acme.example", "ü@exämple.example", "o'neil@b.example"],
)
def test_addresses_stay_as_typed(address: str) -> None:
    assert values.email(f"  {address} ") == address


@pytest.mark.parametrize("value", ["foo", "a@", "@b.example", "a@b", "a..b@c.example", "a b@c.example", "a@b@c.example",
                                   "a@localhost", "Ada <a@b.example>", "a@-b.example"])  # fmt: skip
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(BadValue, match="is not an e-mail address"):
        values.email(value)


@pytest.mark.parametrize(
    "value", ["9f86d081884c7d659a2feaa0c55ad015", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="]
)
def test_a_hash_is_refused_as_address_and_called_one(value: str) -> None:
    with pytest.raises(BadValue, match="looks like a hash"):
        values.email(value)


def test_addresses_are_compared_without_case_but_with_dots_and_tags() -> None:
    assert values.email_key(" Ada@B.Example ") == values.email_key("ada@b.example")
    assert values.email_key("a.b@c.example") != values.email_key("ab@c.example")


def test_domains_are_taken_out_of_web_addresses() -> None:
    assert values.domain("https://www.Acme.example:443/about?x=1") == "acme.example"
    assert values.domain("münchen.example.") == "münchen.example"
    for wrong in ("acme", "a@b.example", "a b.example", "http://"):
        with pytest.raises(BadValue, match="is not a domain"):
            values.domain(wrong)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("won", "won"), (" Lost ", "lost"), ("OPEN", "open"), ("1", "won"), (0.0, "lost"), (True, "won"), ("no", "lost"),
     ("FALSE", "lost"), ("yes", "won"), ("", None)],
)  # fmt: skip
def test_outcome_words_are_understood(word: object, outcome: str | None) -> None:
    assert values.outcome(word) == outcome


def test_an_unknown_outcome_names_the_known() -> None:
    with pytest.raises(BadValue, match="write won, lost or open"):
        values.outcome("maybe")


def test_amounts_carry_their_currency() -> None:
    assert values.money("1,200.50", "USD") == Money(Decimal("1200.50"), "USD")
    assert values.money("5 €", "USD") == Money(Decimal(5), "EUR")
    assert values.money("CHF 5", "USD") == Money(Decimal(5), "CHF")
    assert values.money("$5", "USD") == Money(Decimal(5), "USD")
    assert values.money(4800.0, "EUR") == Money(Decimal(4800), "EUR")
    for wrong in ("XXQ 5", "five"):
        with pytest.raises(BadValue):
            values.money(wrong, "USD")
    with pytest.raises(BadValue, match="which dollar"):
        values.money("$5", "EUR")


def test_text_is_trimmed_composed_and_freed_of_a_guarding_apostrophe() -> None:
    assert values.text("  Zoe\u0308 ") == "Zoë"
    assert values.text("'=1+1") == "=1+1"
    assert values.text("'t Hooft") == "'t Hooft"
    assert values.text(12.0) == "12"
    assert values.text("0012") == "0012"


def test_ids_of_nobody_are_empty() -> None:
    assert [values.person_id(found) for found in ("0", "null", "Undefined", "anonymous", " ")] == [None] * 5
    assert values.person_id("007") == "007"


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-12-15T12:00:00Z", "2024-12-15T12:00:00Z"),
        ("2024-12-15T12:00:00.123456789Z", "2024-12-15T12:00:00.123456Z"),
        ("2024-12-15 12:00:00 UTC", "2024-12-15T12:00:00Z"),
        ("2024-12-15T12:00:00.5+05:30", "2024-12-15T06:30:00.5Z"),
        ("2024-12-15T12:00-03", "2024-12-15T15:00:00Z"),
        ("2024-12-15 12:00:00", "2024-12-15T11:00:00Z"),
        ("2024-07-15", "2024-07-14T22:00:00Z"),
        ("2024/7/5", "2024-07-04T22:00:00Z"),
        ("20140102", "2014-01-01T23:00:00Z"),
        ("1700000000", "2023-11-14T22:13:20Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (1_700_000_000.25, "2023-11-14T22:13:20.25Z"),
        ("Sun, 04 Jan 2004 14:36:00 +0100", "2004-01-04T13:36:00Z"),
        ("2-Jan-2014 3:04 PM", "2014-01-02T14:04:00Z"),
        ("Jan 2, 2014", "2014-01-01T23:00:00Z"),
    ],
)
def test_times_are_read_exactly(written: object, utc: str) -> None:
    reader = TimeReader(BERLIN)
    assert moments.iso(reader.moment(written).micros) == utc
    assert reader.micros(written) == reader.micros(written) == reader.moment(written).micros


@pytest.mark.parametrize(
    "written",
    ["", "soon", "4.5", "1999-12-31T23:59:59Z", "2024-02-30", "2024-12-15T25:00:00Z", "2024-12-15T12:60:00Z",
     "2024-12-15T12:00:60Z", "2024-13-01T00:00:00Z", "2024-12-15T12:00:00+99:00", "2024-12-15T12:00:00.Z",
     "２０２４-12-15T12:00:00Z", "2024-12-15T1２:00:00Z", "99999999999", "9999999999999", True, "2024_12_15T12:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_refused(written: object) -> None:
    reader = TimeReader(BERLIN)
    reader.micros("2024-12-15T12:00:00Z")
    for read in (reader.micros, lambda value: reader.moment(value).micros):
        with pytest.raises(BadTime):
            read(written)


def test_dates_that_can_be_read_two_ways_are_refused_until_told() -> None:
    with pytest.raises(BadTime, match="--day-first or --month-first"):
        TimeReader(BERLIN).moment("02/01/2014")
    utc = ZoneInfo("UTC")
    assert moments.iso(TimeReader(utc, day_first=True).micros("02/01/2014")) == "2014-01-02T00:00:00Z"
    assert (
        moments.iso(TimeReader(utc, day_first=False).micros("02/01/2014 3:04 PM")) == "2014-02-01T15:04:00Z"
    )
    with pytest.raises(BadTime):
        TimeReader(utc, day_first=False).micros("31/12/2012")


def test_times_without_zone_are_counted() -> None:
    reader = TimeReader(BERLIN)
    for written in ("2024-12-15", "2024-12-15 12:00:00", "2024-12-15T12:00:00Z", 1_700_000_000):
        reader.micros(written)
    assert reader.unzoned == 2
    assert reader.moment("2024-12-15").date_only
    assert not reader.moment("2024-12-15T00:00:00Z").date_only


@given(st.datetimes(min_value=datetime(2000, 1, 1)), st.sampled_from(["Z", "+00:00"]))  # noqa: DTZ001
def test_the_fast_way_and_datetime_agree(when: datetime, zone: str) -> None:
    assert TimeReader(BERLIN).micros(when.isoformat() + zone) == moments.micros(when.replace(tzinfo=UTC))
