"""What a replay of one model against another answers: frozen dataclasses, standard library only."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pqldesk.services.basics.rates import Rate
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import Number


@dataclass(frozen=True, slots=True)
class ModelReplayed:
    """How one model did over the period. Flagged is a lead whose score reached the cut before it was decided."""

    name: str
    version: int
    cut: Number
    pqls: int
    weekly: tuple[int, ...]  # first crossings a week, oldest first
    precision: Rate  # won among the flagged
    recall: Rate  # flagged among the won
    warning_n: int
    warning_days: float | None  # median days from crossing to the win, of the wins it flagged
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    separates: bool | None  # None where it cannot be said: no wins or no losses
    curve: tuple[tuple[float, float], ...]  # share of decided leads, best first -> share of wins among them
    qualified_now: int


@dataclass(frozen=True, slots=True)
class SignalReplayed:
    """One signal of the draft: who reached it, and what came of those who had before they were decided."""

    key: str
    reached: Rate  # of all leads, at any time
    won: Rate  # won, of the decided that had reached it
    lift: float | None  # that rate over the rate of all decided
    coverage: Rate  # of the wins, those that had reached it


@dataclass(frozen=True, slots=True)
class Flip:
    """A lead on one side of the cut now, and on the other under the draft. *outcome* is won, lost or ""."""

    lead_id: str
    name: str
    company: str | None
    score: Number
    draft_score: Number
    qualifies: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class LiftSlice:
    """One of equal slices of the decided leads, best score first: what a mark of the lift curve stands for."""

    leads: int
    won: int
    lead_ids: tuple[str, ...]  # those that are listed, best score first


@dataclass(frozen=True, slots=True)
class ReplayAgainst:
    """A draft held against the live model over the past weeks, with only what was known at each moment."""

    since: datetime
    until: datetime
    weeks: tuple[str, ...]  # their Mondays, ISO days
    leads: int
    decided: int
    won: int
    known: bool  # whether times of receipt exist and were used
    live: ModelReplayed
    draft: ModelReplayed
    signals: tuple[SignalReplayed, ...]
    changed_scores: int
    changed_bands: int
    newly_qualified: int
    no_longer_qualified: int
    flips: tuple[Flip, ...]
    slices: tuple[LiftSlice, ...] = ()  # of the draft; none without wins


@dataclass(frozen=True, slots=True)
class WeightProposed:
    """One signal's weight now, and as the outcomes suggest it."""

    key: str
    label: str
    weight: Number
    learned: Number


@dataclass(frozen=True, slots=True)
class Proposal:
    """Weights learned from past outcomes, and how well they did on leads they had not seen.

    Both figures are areas under the curve over the same held-out folds, with their 95 % intervals.
    """

    decided: int
    won: int
    folds: int
    auc_now: float
    auc_now_low: float
    auc_now_high: float
    auc_learned: float
    auc_learned_low: float
    auc_learned_high: float
    weights: tuple[WeightProposed, ...]
    sentence: str
    document: Mapping[str, Any]  # the model with these weights, as JSON


def plain(figures: Any) -> Any:
    """Figures as JSON values; replay_from_json and proposal_from_json give them back."""
    return _plain(asdict(figures))


def replay_from_json(document: Mapping[str, Any]) -> ReplayAgainst:
    """What another process printed."""
    return ReplayAgainst(
        **{
            **document,
            "since": _moment(document["since"]),
            "until": _moment(document["until"]),
            "weeks": tuple(document["weeks"]),
            "live": _model(document["live"]),
            "draft": _model(document["draft"]),
            "signals": tuple(
                SignalReplayed(
                    one["key"],
                    Rate(**one["reached"]),
                    Rate(**one["won"]),
                    one["lift"],
                    Rate(**one["coverage"]),
                )
                for one in document["signals"]
            ),
            "flips": tuple(Flip(**one) for one in document["flips"]),
            "slices": tuple(
                LiftSlice(one["leads"], one["won"], tuple(one["lead_ids"])) for one in document["slices"]
            ),
        }
    )


def proposal_from_json(document: Mapping[str, Any]) -> Proposal:
    """What another process printed."""
    return Proposal(**{**document, "weights": tuple(WeightProposed(**one) for one in document["weights"])})


def separates_words(model: ModelReplayed) -> str:
    """Whether the score tells won from lost leads apart, in words."""
    if model.separates is None:
        return _("cannot be judged: there are no wins or no losses to tell apart")
    if model.separates and model.auc is not None and model.auc > 0.5:
        return _("tells won from lost leads apart")
    if model.separates:
        return _("ranks lost leads above won ones")
    return _("does not tell won from lost leads apart: it may be chance")


def _model(document: Mapping[str, Any]) -> ModelReplayed:
    return ModelReplayed(
        **{
            **document,
            "weekly": tuple(document["weekly"]),
            "precision": Rate(**document["precision"]),
            "recall": Rate(**document["recall"]),
            "curve": tuple((x, y) for x, y in document["curve"]),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
