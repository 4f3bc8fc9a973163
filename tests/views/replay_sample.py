"""A replay as another process would print it."""

from datetime import timedelta

from sample_desk import NOW, lead

from pqldesk.services.basics.rates import Rate
from pqldesk.services.modelling.replay_figures import Flip, ModelReplayed, ReplayAgainst, SignalReplayed


def _rate(n: int, of: int) -> Rate:
    share = n / of if of else None
    return Rate(
        n, of, share, None if share is None else max(0.0, share - 0.1), None if share is None else share + 0.1
    )


def _side(version: int, cut: float, pqls: int, won: int) -> ModelReplayed:
    return ModelReplayed(
        "PLG default", version, cut, pqls, (9, 11, 12), _rate(won, pqls), _rate(won, 61), won, 6.1,
        0.71, 0.61, 0.81, True, ((0.0, 0.0), (0.2, 0.5), (0.6, 0.8), (1.0, 1.0)), pqls,
    )  # fmt: skip


def replayed(draft: int = 5, cut: float = 50) -> ReplayAgainst:
    """Version *draft* against version 4."""
    rows = [lead(n) for n in range(1, 9)]
    flips = tuple(
        Flip(row.lead_id, row.name, row.company, row.score, row.score + 10, True, ("won", "lost", "")[n % 3])
        for n, row in enumerate(rows)
    )
    keys = ("logins", "features", "invites", "integrations", "records", "active_days")
    signals = tuple(
        SignalReplayed(
            key, _rate(400 - 50 * n, 1000), _rate(30 - n, 60 - 8 * n), 1.2 + n / 3, _rate(30 - n, 61)
        )
        for n, key in enumerate(keys)
    )
    return ReplayAgainst(
        NOW - timedelta(days=90), NOW, ("2026-11-02", "2026-11-09", "2026-11-16"), 1000, 180, 61, False,
        _side(4, 60, 90, 20), _side(draft, cut, 120, 31), signals, 37, 21, 18, 2, flips,
    )  # fmt: skip
