"""Interleaved rounds and medians: a busy machine slows all cases alike, and only ratios of one run are told."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Case = Callable[[], float | None]


def seconds(cases: Mapping[str, Case], rounds: int) -> dict[str, list[float]]:
    """The seconds of each case in each round. A case that returns a number says itself how long it took."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        names = list(cases)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            gc.collect()
            began = time.perf_counter()
            said = cases[name]()
            taken[name].append(time.perf_counter() - began if said is None else said)
    return taken


def medians(cases: Mapping[str, Case], rounds: int) -> dict[str, float]:
    """The median seconds of each case over interleaved rounds."""
    return {name: statistics.median(some) for name, some in seconds(cases, rounds).items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that *share* (0 to 1) of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
