"""pqldesk activation --show: the other figures of the Activation page."""

import argparse
from collections.abc import Callable

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_list, rates_in_words
from pqldesk.services.basics.rates import Rate
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import ActivationFigures
from pqldesk.services.figures.activation import activation_figures
from pqldesk.services.queue.row_json import Json

Rows = tuple[list[Json], tuple[str, ...]]


def activation_page(args: argparse.Namespace) -> None:
    """The curves, signup weeks, time to value, stalled leads, or what tells winners apart."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        found = ctx.read(activation_figures, ctx.at, args.days, ctx.known_at, past=ctx.is_past)
    rows, columns = PARTS[args.show](found)
    if ctx.form == "table" and args.show == "winners":
        rows = [
            {
                **row,
                **rates_in_words(row, "with_", "with_of"),
                **rates_in_words(row, "without_", "without_of"),
            }
            for row in rows
        ]
    if args.show == "stalled" and found.stalled_in_all > len(rows):
        message(_("{n} of {of} stalled leads are listed.").format(n=len(rows), of=found.stalled_in_all))
    print_list(rows, ctx.form, columns, _("Nobody has signed up yet."))


def _curves(found: ActivationFigures) -> Rows:
    """The share within so many days of 24 hours from signup, of those here so long (Kaplan-Meier)."""
    rows: list[Json] = [
        {"milestone": step.milestone, "within_days": day, "rate": round(share, 4)}
        for step in found.steps
        for day, share in enumerate(step.by_day, 1)
    ]
    return rows, ("milestone", "within_days", "rate")


def _weeks(found: ActivationFigures) -> Rows:
    keys = [step.milestone for step in found.steps]
    rows: list[Json] = [
        {"week": f"{one.week:%Y-%m-%d}", "n": one.n, **dict(zip(keys, one.reached, strict=True))}
        for one in found.weeks
    ]
    return rows, ("week", "n", *keys)


def _value(found: ActivationFigures) -> Rows:
    row: Json = {
        "n": found.cohort_size,
        "activated": found.activated,
        "median_days": found.median_days_to_value,
        "p90_days": found.p90_days_to_value,
    }
    return [row], tuple(row)


def _stalled(found: ActivationFigures) -> Rows:
    rows: list[Json] = [
        {
            "lead_id": one.lead_id,
            "name": one.name,
            "company": one.company,
            "last_milestone": one.last_milestone,
            "days_stalled": one.days_stalled,
            "score": one.score,
        }
        for one in found.stalled
    ]
    return rows, ("lead_id", "score", "name", "company", "last_milestone", "days_stalled")


def _winners(found: ActivationFigures) -> Rows:
    rows: list[Json] = []
    for step in found.steps:
        apart, low, high = step.difference or (None, None, None)
        rows.append(
            {
                "milestone": step.milestone,
                **_rate("with_", step.won_with),
                **_rate("without_", step.won_without),
                "difference": apart,
                "low": low,
                "high": high,
            }
        )
    return rows, ("milestone", "with_rate", "without_rate", "difference", "low", "high")


def _rate(prefix: str, one: Rate | None) -> Json:
    if one is None:
        return dict.fromkeys(prefix + key for key in ("n", "of", "rate", "low", "high"))
    values = {"n": one.n, "of": one.of, "rate": one.share, "low": one.low, "high": one.high}
    return {prefix + key: value for key, value in values.items()}


PARTS: dict[str, Callable[[ActivationFigures], Rows]] = {
    "curves": _curves,
    "weeks": _weeks,
    "value": _value,
    "stalled": _stalled,
    "winners": _winners,
}
