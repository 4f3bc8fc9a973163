"""pqldesk funnel --show: the other figures of the Funnel page."""

import argparse
from collections.abc import Callable

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_list, rates_in_words
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.rates import Rate, rate
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import FunnelFigures, SpeedToLead
from pqldesk.services.figures.funnel_now import funnel_now
from pqldesk.services.figures.funnel_ways import Asked
from pqldesk.services.queue.row_json import Json

WEEKS = 8  # as the page begins
RATES = ("rate", "low", "high")


def funnel_page(args: argparse.Namespace) -> None:
    """Speed to lead, win rates by band, reps, retention, or days to first value: of the last weeks, as of now."""
    ctx = Context(args)
    weeks = max(1, -(-args.days // 7)) if args.days else WEEKS
    with ctx.open():
        if ctx.is_past or args.to or args.since or args.by:
            raise BadInput(
                _("--show is of the last weeks, as of now."),
                _("Leave --as-of, --known-at, --from, --to and --by out; --days says how many."),
            )
        ctx.settle()
        found = ctx.read(funnel_now, Asked(ctx.now, weeks, args.source, ctx.option("rep")))
    rows, columns = PARTS[args.show](found)
    if ctx.form == "table":
        rows = [row | rates_in_words(row, "", "of") if "rate" in row else row for row in rows]
        if args.show == "speed":
            _say_what_is_counted(found.speed)
        if args.show == "value":
            message(_("Day 0 is the first 24 hours after signup."))
    if args.show == "bands":
        _say_how_bands_are_known(found)
    print_list(rows, ctx.form, columns, _("Nobody has signed up yet."))


def _say_what_is_counted(speed: SpeedToLead) -> None:
    if speed.in_time is not None and speed.in_time.of:
        message(
            _("{n} of {of} in time, each by its own response target.").format(
                n=speed.in_time.n, of=speed.in_time.of
            )
        )
    if speed.from_history:
        message(
            _("{n} crossed in history that came later: counted from when that came to be known.").format(
                n=speed.from_history
            )
        )


def _say_how_bands_are_known(found: FunnelFigures) -> None:
    for many, words in (
        (
            found.bands_worked_out,
            _("{n} were decided before they came here: their score of then is worked out from usage."),
        ),
        (found.bands_undated, _("{n} are in the band of today: when they were decided is not known.")),
        (
            found.bands_left_out,
            _("{n} more of these are left out: they are too many to work out while you wait."),
        ),
    ):
        if many:
            message(words.format(n=many))


def _speed(found: FunnelFigures) -> tuple[list[Json], tuple[str, ...]]:
    speed = found.speed
    rows: list[Json] = [
        {"within_hours": one.up_to, "touched": True, "n": one.n, "late": one.late} for one in speed.buckets
    ]
    rows.append({"within_hours": None, "touched": False, "n": speed.waiting, "late": speed.overdue})
    return rows, ("within_hours", "touched", "n", "late")


def _bands(found: FunnelFigures) -> tuple[list[Json], tuple[str, ...]]:
    rows: list[Json] = [
        {"band": one.band, "won": one.won, **_rate(rate(one.won, one.n))} for one in found.bands
    ]
    return rows, ("band", "won", "of", *RATES)


def _reps(found: FunnelFigures) -> tuple[list[Json], tuple[str, ...]]:
    rows: list[Json] = [
        {
            "rep": one.rep,
            "claimed": one.claimed,
            "median_first_touch_hours": one.median_first_touch_hours,
            "handed_off": one.handed_off,
            "given_back": one.given_back,
            "won": one.won,
            **_rate(one.won_of_closed or rate(0, 0)),
            "in_time": (one.in_time or rate(0, 0)).n,
            "in_time_of": (one.in_time or rate(0, 0)).of,
        }
        for one in found.reps
    ]
    columns = ("rep", "claimed", "median_first_touch_hours", "in_time", "in_time_of", "handed_off", "given_back",
               "won", "of", *RATES)  # fmt: skip
    return rows, columns


def _retention(found: FunnelFigures) -> tuple[list[Json], tuple[str, ...]]:
    rows: list[Json] = [
        {
            "week": one.week.date().isoformat(),
            "after_weeks": after,
            "active": round(share * one.n),
            **_rate(rate(round(share * one.n), one.n)),
        }
        for one in found.cohorts
        for after, share in enumerate(one.active)
        if share is not None
    ]
    return rows, ("week", "after_weeks", "active", "of", *RATES)


def _value(found: FunnelFigures) -> tuple[list[Json], tuple[str, ...]]:
    rows: list[Json] = [{"day": day, "n": n} for day, n in enumerate(found.days_to_first_value)]
    return rows, ("day", "n")


def _rate(one: Rate) -> Json:
    return {"of": one.of, "rate": one.share, "low": one.low, "high": one.high}


PARTS: dict[str, Callable[[FunnelFigures], tuple[list[Json], tuple[str, ...]]]] = {
    "speed": _speed,
    "bands": _bands,
    "reps": _reps,
    "retention": _retention,
    "value": _value,
}
