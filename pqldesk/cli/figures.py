"""pqldesk accounts, trials, activation, funnel and trace: the figures behind the pages."""

import argparse

from pqldesk.cli.context import Context
from pqldesk.cli.output import print_list
from pqldesk.services.accounts import accounts as account_rows
from pqldesk.services.activation import activation_figures
from pqldesk.services.clock import iso
from pqldesk.services.figure_rows import FunnelStep
from pqldesk.services.funnel import funnel as funnel_steps
from pqldesk.services.funnel import funnel_by
from pqldesk.services.row_json import Json, trial_row_json, trial_shown_json
from pqldesk.services.trace import traced
from pqldesk.services.trials import trials as trial_rows

ACCOUNTS = ("company_id", "score", "name", "domain", "leads", "active_users_14d", "trial")
TRIALS = (
    "trial_id",
    "company",
    "email",
    "plan",
    "ends_at",
    "state",
    "days_left",
    "activation",
    "score",
    "pace",
)
STEPS = ("step", "n", "of", "rate", "low", "high", "median_hours")


def accounts(args: argparse.Namespace) -> None:
    """Companies with their people, trial and best score."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(account_rows, ctx.at, ctx.known_at, past=ctx.is_past)
    shown: list[Json] = [
        {
            "company_id": row.company_id,
            "name": row.name,
            "domain": row.domain,
            "leads": row.leads,
            "active_users_14d": row.active_users_14d,
            "trial": None if row.trial is None else trial_shown_json(row.trial),
            "score": row.score,
        }
        for row in rows
    ]
    if ctx.form != "json":
        shown = [{**row, "trial": row["trial"]["state"] if row["trial"] else None} for row in shown]
    print_list(shown, ctx.form, ACCOUNTS, "There is no company yet.")


def trials(args: argparse.Namespace) -> None:
    """Trials, the most urgent first."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(trial_rows, ctx.at, ctx.known_at, past=ctx.is_past)
    shown = [trial_row_json(row) for row in rows if args.state in (None, row.state)]
    print_list(shown, ctx.form, TRIALS, "There is no trial.")


def activation(args: argparse.Namespace) -> None:
    """How many leads reached each milestone, and how fast."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        figures = ctx.read(activation_figures, ctx.at, None, ctx.known_at, past=ctx.is_past)
    rows = [
        {"milestone": step.milestone, "reached": step.reached, "of": step.of, "median_days": step.median_days}
        for step in figures.steps
    ]
    print_list(rows, ctx.form, ("milestone", "reached", "of", "median_days"))


def funnel(args: argparse.Namespace) -> None:
    """From signup to won, whole or split."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        if args.by:
            found = ctx.read(funnel_by, args.by, ctx.at, args.days, ctx.known_at, past=ctx.is_past)
            rows = [{args.by: key, **_step_json(step)} for key, step in found]
            columns: tuple[str, ...] = (args.by, *STEPS)
        else:
            steps = ctx.read(funnel_steps, ctx.at, args.days, ctx.known_at, past=ctx.is_past)
            rows, columns = [_step_json(step) for step in steps], STEPS
    if ctx.form == "table":
        rows = [{**row, **{key: _percent(row[key]) for key in ("rate", "low", "high")}} for row in rows]
    print_list(rows, ctx.form, columns, "Nobody has signed up yet.")


def _step_json(step: FunnelStep) -> Json:
    return {
        "step": step.step,
        "n": step.n,
        "of": step.of,
        "rate": step.rate,
        "low": step.low,
        "high": step.high,
        "median_hours": step.median_hours,
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}%"


def trace(args: argparse.Namespace) -> None:
    """The way of a person through every system, as far as it is known here."""
    ctx = Context(args)
    with ctx.open():
        hops = ctx.read(traced, args.email)
    rows = [
        {
            "hop": hop.hop,
            "system": hop.system,
            "status": hop.status,
            "at": iso(hop.at),
            "remote_id": hop.remote_id,
            "error": hop.error,
        }
        for hop in hops
    ]
    print_list(rows, ctx.form, ("hop", "system", "status", "at", "remote_id", "error"))
