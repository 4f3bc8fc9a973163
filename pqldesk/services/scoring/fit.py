"""Fit: who the lead is, weighed beside usage and never added to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from pqldesk.services.scoring.model import FitSignal, Operator, ScoringModel

Fact = str | int | float | None


@dataclass(frozen=True, slots=True)
class FitLine:
    """One fit signal for one lead; points in hundredths."""

    key: str
    label: str
    value: Fact
    points: int


def fit_lines(model: ScoringModel, facts: Mapping[str, Fact]) -> tuple[FitLine, ...]:
    """What each fit signal finds in a lead's fields; unknown fields match nothing."""
    return tuple(
        FitLine(fit.key, fit.label, facts.get(fit.field), fit.weight if _matches(fit, facts) else 0)
        for fit in model.fit
    )


def fit_score(model: ScoringModel, facts: Mapping[str, Fact]) -> int | None:
    """The fit in hundredths; None when the model has no fit part."""
    return sum(line.points for line in fit_lines(model, facts)) if model.fit else None


def _matches(fit: FitSignal, facts: Mapping[str, Fact]) -> bool:
    found = facts.get(fit.field)
    if found is None or (isinstance(found, str) and not found.strip()):
        return False
    if fit.operator is Operator.IS_SET:
        return True
    if fit.operator in (Operator.AT_LEAST, Operator.AT_MOST):
        amount = _amount(found)
        limit = _amount(fit.value) if isinstance(fit.value, str | int | float) else None
        if amount is None or limit is None:
            return False
        return amount >= limit if fit.operator is Operator.AT_LEAST else amount <= limit
    text = str(found).strip().casefold()
    if fit.operator is Operator.ONE_OF:
        wanted = fit.value if isinstance(fit.value, tuple) else (str(fit.value),)
        return text in {item.casefold() for item in wanted}
    value = str(fit.value).casefold()
    if fit.operator is Operator.CONTAINS:
        return value in text
    if fit.operator is Operator.ENDS_WITH:
        return text.endswith(value)
    return text == value


def _amount(value: str | int | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
