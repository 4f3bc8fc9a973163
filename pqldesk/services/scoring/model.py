"""A scoring model as data: what is weighed, over which days, for how many points.

Thresholds and caps are whole millionths, weights, the cut and band limits whole hundredths of a point.
model_json.py reads and writes the JSON form.
"""

from dataclasses import dataclass
from enum import StrEnum

from pqldesk.services.basics.exact import HUNDRED, MILLION


class Measure(StrEnum):
    """What a usage signal counts in the events of its window."""

    COUNT = "count"  # events, whatever their quantity
    DISTINCT_KEYS = "distinct_keys"  # different keys; events without a key do not count
    SUM = "sum"  # quantities, negative ones too
    DISTINCT_DAYS = "distinct_days"  # local days with an event


class Operator(StrEnum):
    """How a fit signal compares a field with its value; text without regard to case."""

    EQUALS = "equals"
    ONE_OF = "one_of"
    CONTAINS = "contains"
    ENDS_WITH = "ends_with"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS_SET = "is_set"


class ExclusionRule(StrEnum):
    """What makes a lead noise."""

    INTERNAL_DOMAINS = "internal_domains"  # e-mail domains and their subdomains, in *values*
    TEST_ACCOUNTS = "test_accounts"  # e-mail patterns with * and ?, in *values*
    BOTS = "bots"  # flagged by a source, or an address only a machine has
    SINGLE_SESSION = "single_session"  # at least *events* events, all within *minutes* of the first


@dataclass(frozen=True, slots=True)
class UsageSignal:
    """A measured value and what it earns. *kind* None is any usage event, *window_days* None is ever."""

    key: str
    label: str
    kind: str | None
    measure: Measure
    window_days: int | None
    threshold: int
    weight: int
    proportional: bool = False
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class FitSignal:
    """A fact about who the lead is. The second axis: never added to the usage score."""

    key: str
    label: str
    field: str
    operator: Operator
    value: str | int | float | tuple[str, ...] | None
    weight: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A rule that takes leads out of the queue and of all rates; its label is the reason shown."""

    key: str
    label: str
    rule: ExclusionRule
    values: tuple[str, ...] = ()
    events: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from *at_least* up to the next band; None is the floor."""

    key: str
    label: str
    at_least: int | None


DEFAULT_BANDS = (
    Band("hot", "Hot", 80 * HUNDRED),
    Band("qualified", "Qualified", 60 * HUNDRED),
    Band("warming", "Warming", 40 * HUNDRED),
    Band("cold", "Cold", None),
)


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """One version of a scoring model. Bands run from the highest down; the last is the floor."""

    name: str
    version: int
    cut: int
    signals: tuple[UsageSignal, ...]
    bands: tuple[Band, ...] = DEFAULT_BANDS
    exclusions: tuple[Exclusion, ...] = ()
    fit: tuple[FitSignal, ...] = ()

    def band_of(self, score: int) -> Band:
        """The band of a score in hundredths."""
        for band in self.bands:
            if band.at_least is None or score >= band.at_least:
                return band
        raise AssertionError("a model has a floor band")

    @property
    def total_weight(self) -> int:
        """The most points that usage can earn, in hundredths."""
        return sum(signal.weight for signal in self.signals if signal.weight > 0)


DEFAULT_MODEL = ScoringModel(
    name="PLG default",
    version=1,
    cut=60 * HUNDRED,
    signals=(
        UsageSignal("logins", "Logins (7d)", "login", Measure.COUNT, 7, 5 * MILLION, 10 * HUNDRED),
        UsageSignal(
            "features",
            "Features activated",
            "feature_activated",
            Measure.DISTINCT_KEYS,
            None,
            3 * MILLION,
            15 * HUNDRED,
        ),
        UsageSignal("invites", "Team invites", "team_invited", Measure.SUM, None, 2 * MILLION, 20 * HUNDRED),
        UsageSignal(
            "integrations",
            "Integration connected",
            "integration_connected",
            Measure.COUNT,
            None,
            1 * MILLION,
            25 * HUNDRED,
        ),
        UsageSignal(
            "records", "Data imported", "data_imported", Measure.SUM, None, 100 * MILLION, 20 * HUNDRED
        ),
        UsageSignal(
            "active_days", "Active days (14d)", None, Measure.DISTINCT_DAYS, 14, 7 * MILLION, 10 * HUNDRED
        ),
    ),
)
