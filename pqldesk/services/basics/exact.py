"""Exact numbers: quantities are whole millionths, points and scores whole hundredths."""

from decimal import Decimal, InvalidOperation

MILLION = 1_000_000
HUNDRED = 100


def number(amount: int, scale: int) -> int | float:
    """*amount* parts of *scale* as a JSON number, an integer when whole."""
    whole, rest = divmod(amount, scale)
    return amount / scale if rest else whole


def text(amount: int, scale: int) -> str:
    """The same as exact text for people: ``85``, ``12.5``."""
    whole, rest = divmod(abs(amount), scale)
    sign = "-" if amount < 0 else ""
    digits = len(str(scale)) - 1
    return f"{sign}{whole}" + (f".{rest:0{digits}d}".rstrip("0") if rest else "")


def parts(value: object, scale: int) -> int:
    """The whole parts of *scale* in a number as JSON or a person writes it; ValueError when it has none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"{value!r} is not a number")
    try:
        scaled = Decimal(str(value)) * scale
        exact = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a number") from None
    if exact != scaled:
        raise ValueError(f"{value!r} has more than {len(str(scale)) - 1} fraction digits")
    return exact


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number, ties away from zero, as Decimal's ROUND_HALF_UP has it."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -rounded if numerator < 0 else rounded
