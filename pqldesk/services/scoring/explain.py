"""Why this score: every line of the arithmetic, and what would add points."""

from dataclasses import dataclass
from typing import Any

from pqldesk.services.basics.exact import HUNDRED, MILLION, number, text
from pqldesk.services.basics.moments import LocalDays, calendar_day, iso
from pqldesk.services.basics.texts import _
from pqldesk.services.scoring.model import Measure, ScoringModel, UsageSignal
from pqldesk.services.scoring.rules import Scored, is_met, points


@dataclass(frozen=True, slots=True)
class BreakdownLine:
    """One signal: value and threshold in millionths, weight and points in hundredths, days since 1970."""

    key: str
    label: str
    measure: str
    window_days: int | None
    first_day: int | None  # None: from the beginning
    last_day: int
    value: int
    threshold: int
    weight: int
    points: int
    cap: int | None
    proportional: bool

    @property
    def missed(self) -> int:
        """The points of the weight that were not earned."""
        return max(0, self.weight - self.points) if self.weight > 0 else 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A score with its arithmetic as of one moment; the points of the lines add up to the score."""

    model: str
    version: int
    as_of: int
    cut: int
    score: int
    band: str
    qualified: bool
    excluded: str | None
    lines: tuple[BreakdownLine, ...]

    @property
    def qualified_by(self) -> str | None:
        """What made it a PQL: its score, or a raised hand where the points do not reach the cut."""
        if not self.qualified:
            return None
        return "score" if self.score >= self.cut else "hand_raise"


@dataclass(frozen=True, slots=True)
class Hint:
    """What would add points: *missing* millionths of one signal's value."""

    signal: UsageSignal
    missing: int
    points: int
    score_then: int


def breakdown(model: ScoringModel, result: Scored, as_of: int, days: LocalDays) -> Breakdown:
    """The arithmetic behind *result* as of a moment."""
    today = days.day_of(as_of)
    return Breakdown(
        model=model.name,
        version=model.version,
        as_of=as_of,
        cut=model.cut,
        score=result.score,
        band=result.band.key,
        qualified=result.qualified,
        excluded=result.exclusion.label if result.exclusion else None,
        lines=tuple(
            BreakdownLine(
                key=signal.key,
                label=signal.label,
                measure=str(signal.measure),
                window_days=signal.window_days,
                first_day=None if signal.window_days is None else today - signal.window_days + 1,
                last_day=today,
                value=value,
                threshold=signal.threshold,
                weight=signal.weight,
                points=earned,
                cap=signal.cap,
                proportional=signal.proportional,
            )
            for signal, value, earned in zip(model.signals, result.values, result.points, strict=True)
        ),
    )


def breakdown_json(shown: Breakdown) -> dict[str, Any]:
    """The JSON of ``score --explain`` but for the lead's id; from and to are days of the workspace."""
    return {
        "as_of": iso(shown.as_of),
        "model": shown.model,
        "version": shown.version,
        "cut": number(shown.cut, HUNDRED),
        "score": number(shown.score, HUNDRED),
        "band": shown.band,
        "qualified": shown.qualified,
        "qualified_by": shown.qualified_by,
        "excluded": shown.excluded,
        "signals": [
            {
                "key": line.key,
                "label": line.label,
                "measure": line.measure,
                "window_days": line.window_days,
                "from": None if line.first_day is None else calendar_day(line.first_day).isoformat(),
                "to": calendar_day(line.last_day).isoformat(),
                "value": number(line.value, MILLION),
                "threshold": number(line.threshold, MILLION),
                "weight": number(line.weight, HUNDRED),
                "points": number(line.points, HUNDRED),
                "cap": None if line.cap is None else number(line.cap, MILLION),
                "proportional": line.proportional,
            }
            for line in shown.lines
        ],
    }


def hints(model: ScoringModel, result: Scored) -> tuple[Hint, ...]:
    """What would add points, the most first; nothing for a lead that is excluded."""
    if result.exclusion is not None:
        return ()
    found = [
        hint
        for signal, value, earned in zip(model.signals, result.values, result.points, strict=True)
        if (hint := _hint(signal, value, earned, result.score)) is not None
    ]
    return tuple(sorted(found, key=lambda hint: -hint.points))


def hint_text(hint: Hint) -> str:
    """``38 more imported records would add 20 points.``"""
    one, many = _things(hint.signal)
    return _("{n} more {what} would add {points}.").format(
        n=text(hint.missing, MILLION),
        what=one if hint.missing == MILLION else many,
        points=_("1 point")
        if hint.points == HUNDRED
        else _("{n} points").format(n=text(hint.points, HUNDRED)),
    )


def _hint(signal: UsageSignal, value: int, earned: int, score: int) -> Hint | None:
    if signal.weight <= 0 or is_met(signal, value) or not _within_reach(signal):
        return None
    missing = signal.threshold - value
    if signal.measure is not Measure.SUM:  # events, keys and days come whole
        missing = -(-missing // MILLION) * MILLION
    gain = points(signal, value + missing) - earned
    return Hint(signal, missing, gain, score + gain) if gain > 0 else None


def _within_reach(signal: UsageSignal) -> bool:
    if signal.cap is not None and signal.cap < signal.threshold:
        return False
    return (
        signal.measure is not Measure.DISTINCT_DAYS
        or signal.window_days is None
        or signal.threshold <= signal.window_days * MILLION
    )


_KNOWN_THINGS = {
    ("login", Measure.COUNT): (_("login"), _("logins")),
    ("feature_activated", Measure.DISTINCT_KEYS): (_("activated feature"), _("activated features")),
    ("feature_activated", Measure.COUNT): (_("feature activation"), _("feature activations")),
    ("team_invited", Measure.SUM): (_("team invite"), _("team invites")),
    ("team_invited", Measure.COUNT): (_("team invite"), _("team invites")),
    ("integration_connected", Measure.COUNT): (_("connected integration"), _("connected integrations")),
    ("integration_connected", Measure.DISTINCT_KEYS): (
        _("connected integration"),
        _("connected integrations"),
    ),
    ("data_imported", Measure.SUM): (_("imported record"), _("imported records")),
    ("data_imported", Measure.COUNT): (_("import"), _("imports")),
    (None, Measure.DISTINCT_DAYS): (_("active day"), _("active days")),
    (None, Measure.COUNT): (_("usage event"), _("usage events")),
}


def _things(signal: UsageSignal) -> tuple[str, str]:
    known = _KNOWN_THINGS.get((signal.kind, signal.measure))
    if known:
        return known
    kind = (signal.kind or "usage").replace("_", " ")
    one, many = {
        Measure.DISTINCT_DAYS: (_("day with {kind}"), _("days with {kind}")),
        Measure.DISTINCT_KEYS: (_("different {kind}"), _("different {kind}")),
        Measure.SUM: (_("unit of {kind}"), _("units of {kind}")),
        Measure.COUNT: (_("{kind} event"), _("{kind} events")),
    }[signal.measure]
    return one.format(kind=kind), many.format(kind=kind)
