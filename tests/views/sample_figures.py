# ruff: noqa: E501 - rows of sample data read better on one line
"""What the sample desk has for Activation, Funnel and Scoring."""

from datetime import timedelta

from sample_leads import MILESTONES, NOW, OTHER, REP, SIGNALS, lead

from pqldesk.services.basics.rates import rate as rate_of
from pqldesk.services.figure_rows import (
    ActivationFigures,
    ActivationStep,
    BandRate,
    CohortRow,
    FunnelFigures,
    FunnelStep,
    GroupRow,
    ModelShown,
    ModelSignalRow,
    RepRow,
    SpeedBucket,
    SpeedToLead,
    StalledLead,
)


def activation(_session: object) -> ActivationFigures:
    ends = (1.0, 0.9, 0.71, 0.46, 0.33, 0.28)
    steps = tuple(
        ActivationStep(key, label, round(ends[n] * 412), 412, (0, 0.2, 1.4, 3.1, 4.8, 5.5)[n],
                       tuple(round(ends[n] * (1 - 0.9 ** (day + (30 if n == 0 else 0.5))), 3) for day in range(31)),
                       rule={"key": key, "label": label, "kind": "login", "measure": "count", "threshold": 1,
                             "within_days": None, "weight": 1})
        for n, (key, label) in enumerate(MILESTONES)
    )  # fmt: skip
    stalled = tuple(
        StalledLead(lead(n).lead_id, lead(n).name, lead(n).company, "First feature", n + 5, lead(n).score)
        for n in range(4, 14)
    )
    return ActivationFigures(steps, 412, 116, 2.1, 9.0, stalled)


def _speed(n: int, hours: float) -> SpeedToLead:
    counts = (700, 500, 300, 150, 100, 60, 40, 30, 16)
    ends = (0.25, 0.5, 1, 2, 4, 8, 24, 72, None)
    buckets = tuple(SpeedBucket(end, count) for end, count in zip(ends, counts, strict=True))
    return SpeedToLead(n, hours, buckets, 24, rate_of(1850, 1896), 4)


def funnel(
    _session: object, weeks: int, _source: str | None, _rep: str | None, by: str = "source"
) -> FunnelFigures:
    def steps(scale: float) -> tuple[FunnelStep, ...]:
        counts = (4812, 1987, 472, 398, 214, 61)
        names = ("signed_up", "activated", "qualified", "claimed", "handed_off", "won")
        medians = (None, 50.4, 129.6, 0.43, 28.8, 456.0)
        rows = []
        for name, count, median in zip(names, counts, medians, strict=True):
            n, of = int(count * scale), int(4812 * scale)
            rate = n / of
            before = rate_of(n, rows[-1].n) if rows else None
            rows.append(
                FunnelStep(name, n, of, rate, max(0, rate - 0.012), rate + 0.012, median, before, median)
            )
        return tuple(rows)

    bands = (("cold", 120, 5), ("warming", 96, 9), ("qualified", 88, 21), ("hot", 60, 26))
    kept = (86, 65, 49, 37, 28, 21, 16)
    return FunnelFigures(
        NOW - timedelta(weeks=weeks), NOW, steps(1), steps(0.94), (540, 610, 580, 620, 560, 590, 640, 672),
        tuple(BandRate(b, n, w, w / n, max(0.0, w / n - 0.09), w / n + 0.09) for b, n, w in bands),
        tuple(CohortRow(NOW - timedelta(weeks=7 - n), 560 + n, tuple((kept[w] + n) / 100 for w in range(7 - n)))
              for n in range(7)),
        (52, 98, 140, 112, 84, 58, 41, 29, 22, 15, 10, 7), 2.1, _speed(1896, 0.43), _speed(1790, 0.62),
        (RepRow(REP, 112, 0.3, 60, 21, in_time=rate_of(96, 108)), RepRow(OTHER, 97, 0.4, 51, 17, in_time=rate_of(70, 90)), RepRow("ravi.shah@example.com", 88, 0.7, 40, 12, in_time=rate_of(11, 20))),
        by, (GroupRow("Paid", 2400, tuple(rate_of(2400 - 300 * n, 2400) for n in range(8))),
             GroupRow("Partner", 12, tuple(rate_of(12 - n, 12) for n in range(8)))),
        ("Paid", "Partner"), (REP, OTHER),
    )  # fmt: skip


def model(_session: object) -> ModelShown:
    reached = (0.38, 0.27, 0.19, 0.14, 0.11, 0.24)
    kinds = ("login", "feature_activated", "team_invited", "integration_connected", "data_imported", None)
    measures = ("count", "distinct", "sum", "count", "sum", "days")
    windows = (7, None, None, None, None, 14)
    rows = tuple(
        ModelSignalRow(key, label, kinds[n], measures[n], windows[n], threshold, weight, False, reached[n])
        for n, (key, label, threshold, weight) in enumerate(SIGNALS)
    )
    bands = (
        ("hot", "Hot", 80),
        ("qualified", "Qualified", 60),
        ("warming", "Warming", 40),
        ("cold", "Cold", 0),
    )
    return ModelShown("PLG default", 4, 60, 100, bands, rows, NOW - timedelta(days=20), 4821, 472)
