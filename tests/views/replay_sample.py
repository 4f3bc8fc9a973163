"""A replay as another process would print it."""

from datetime import timedelta

from sample_leads import NOW, lead

from pqldesk.services.basics.rates import Rate, rate
from pqldesk.services.figures.model_health_rows import (
    BandHealth,
    CutHealth,
    GuardRule,
    HiddenLead,
    ModelHealth,
    Rejection,
    SignalDrift,
)
from pqldesk.services.modelling.replay_figures import (
    Flip,
    LiftSlice,
    ModelReplayed,
    ReplayAgainst,
    SignalReplayed,
)


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
        tuple(LiftSlice(9, 9 - n // 3, (f"L{2 * n + 1:06d}", f"L{2 * n + 2:06d}")) for n in range(20)),
    )  # fmt: skip


def health() -> ModelHealth:
    """A model that does well enough, with one shifted signal, one hidden lead, and one reason with a rule."""
    lead = HiddenLead("L000007", "Test Account", "Acme")
    rule = {
        "key": "competitor",
        "label": "Competitor",
        "rule": "internal_domains",
        "values": ["rival.example"],
    }
    return ModelHealth(
        "PLG default", 4, 60, 365, 180, 61,
        (BandHealth("hot", "Hot", rate(30, 40)), BandHealth("cold", "Cold", rate(31, 140))), True, 0.18, 0.22,
        (CutHealth(40, rate(50, 90), rate(50, 61), rate(20, 50)),
         CutHealth(60, rate(30, 40), rate(30, 61), rate(0, 0))),
        ("A cut of 40 would have added 50 leads, of which 40% were won.",),
        (SignalDrift("logins", "Logins (7d)", rate(40, 100), rate(60, 80), 0.2, 0.5, True, ()),),
        (GuardRule("test", "Test accounts", 1, 1, (lead,)),),
        (Rejection("Competitor", 3, rule, "everybody at rival.example", 3, 0, 1),
         Rejection("No budget", 2, None, "", 0, 0, 0)),
    )  # fmt: skip
