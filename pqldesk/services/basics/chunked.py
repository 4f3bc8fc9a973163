"""Long lists of values in pieces that fit an IN list of either database."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 500


def chunked(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """*values* in lists of *size*, the last one shorter; nothing for nothing."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
