"""A rate that knows how little it knows; standard library only."""

from dataclasses import dataclass

from pqldesk.services.basics.statistics import share, wilson

ENOUGH = 30  # below so many a share says more about chance than about the leads


@dataclass(frozen=True, slots=True)
class Rate:
    """*n* of *of* with the Wilson 95 % interval; all None of nothing."""

    n: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def rate(part: int, whole: int) -> Rate:
    """*part* of *whole* with its Wilson interval."""
    interval = wilson(part, whole)
    return Rate(
        part,
        whole,
        share(part, whole),
        None if interval is None else interval.low,
        None if interval is None else interval.high,
    )
