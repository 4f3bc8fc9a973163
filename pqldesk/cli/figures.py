"""pqldesk accounts, trials, activation and funnel: the figures behind the pages."""

import argparse
from datetime import timedelta

from pqldesk.cli.activation_page import activation_page
from pqldesk.cli.context import Context
from pqldesk.cli.funnel_page import funnel_page
from pqldesk.cli.output import message, print_json, print_list, print_object, rates_in_words
from pqldesk.services.account_detail import account_detail
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import AccountRow, FunnelStep
from pqldesk.services.figures.accounts import accounts as account_rows
from pqldesk.services.figures.activation import activation_figures
from pqldesk.services.figures.funnel import Cohort, funnel_by
from pqldesk.services.figures.funnel import funnel as funnel_steps
from pqldesk.services.identity import companies
from pqldesk.services.queue.row_json import Json, outbox_json, trial_row_json, trial_shown_json
from pqldesk.services.trials.trials import trials as trial_rows

ACCOUNTS = (
    "company_id",
    "score",
    "name",
    "domain",
    "leads",
    "active_users_14d",
    "champion",
    "trial",
    "owner",
)
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
STEPS = ("step", "n", "of", "rate", "low", "high", "median_hours", "step_rate", "step_median_hours")


def accounts(args: argparse.Namespace) -> None:
    """Companies with their people, trial and best score."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(account_rows, ctx.at, ctx.known_at, past=ctx.is_past)
    shown = [account_json(row) for row in rows]
    if ctx.form != "json":
        shown = [{**row, "trial": row["trial"]["state"] if row["trial"] else None} for row in shown]
    print_list(shown, ctx.form, ACCOUNTS, "There is no company yet.")


def account_json(row: AccountRow) -> Json:
    """One account; *score* is what the rule in force makes of its people's scores."""
    return {
        "company_id": row.company_id,
        "name": row.name,
        "domain": row.domain,
        "leads": row.leads,
        "active_users_14d": row.active_users_14d,
        "trial": None if row.trial is None else trial_shown_json(row.trial),
        "score": row.score,
        "rule": row.rule,
        "cap": row.cap,
        "best_score": row.best_score,
        "champion": row.champion,
        "plan": row.plan,
        "owner": row.owner,
        "last_active_at": iso(row.last_active_at),
    }


def company_show(args: argparse.Namespace) -> None:
    """One account: its people with what each gives to its score, trials and writes."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        found = ctx.read(account_detail, args.company, ctx.now)
    people = [
        {
            "lead_id": one.lead_id,
            "name": one.name,
            "score": one.score,
            "gives": one.gives,
            "active": one.active,
            "last_active_at": iso(one.last_active_at),
            "owner": one.owner,
        }
        for one in found.people
    ]
    if ctx.form == "json":
        print_json(
            {
                **account_json(found.row),
                "people": people,
                "trials": [trial_row_json(trial) for trial in found.trials],
                "outbox": [outbox_json(item) for item in found.writes],
                "keys": [{"namespace": namespace, "value": value} for namespace, value in found.keys],
            }
        )
        return
    message(f"{found.row.name}: {found.row.score} ({found.row.rule})")
    print_list(
        people, ctx.form, ("lead_id", "name", "score", "gives", "active", "owner"), _("Nobody belongs to it.")
    )


def company_rename(args: argparse.Namespace) -> None:
    """Give an account another name."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.write(
            lambda session: companies.rename_company(
                session, companies.company_of(session, args.company).id, args.name, rep, ctx.now
            )
        )
    print_object({"name": args.name}, ctx.form, f"It is called {args.name} now.")


def company_merge(args: argparse.Namespace) -> None:
    """Make one account part of another."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.write(
            lambda session: companies.merge_companies(
                session,
                companies.company_of(session, args.company),
                companies.company_of(session, args.other),
                rep,
                ctx.now,
            )
        )
    print_object({"company": args.company}, ctx.form, f"{args.other} is part of {args.company} now.")


def trials(args: argparse.Namespace) -> None:
    """Trials, the most urgent first."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(trial_rows, ctx.at, ctx.known_at, past=ctx.is_past)
    shown = [trial_row_json(row) for row in rows if args.state in (None, row.state)]
    if ctx.form == "table":
        shown = [row | {"days_left": row["days_left"] if row["ends_at"] else None} for row in shown]
    print_list(shown, ctx.form, TRIALS, "There is no trial.")


def activation(args: argparse.Namespace) -> None:
    """How many leads reached each milestone, and how fast; or another figure of the page."""
    if args.show:
        activation_page(args)
        return
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        figures = ctx.read(activation_figures, ctx.at, args.days, ctx.known_at, past=ctx.is_past)
    rows = [
        {"milestone": step.milestone, "reached": step.reached, "of": step.of, "median_days": step.median_days}
        for step in figures.steps
    ]
    print_list(rows, ctx.form, ("milestone", "reached", "of", "median_days"))


def funnel(args: argparse.Namespace) -> None:
    """From signup to won, whole or split; or another figure of the page."""
    if args.show:
        funnel_page(args)
        return
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        until = ctx.moment_of(args.to, "--to") if args.to else ctx.at
        since = ctx.day_of(args.since, "--from") if args.since else None
        if since is None and args.days:
            since = until - timedelta(days=args.days)
        past = ctx.is_past or until < ctx.now
        chosen = Cohort(until, since, args.source, ctx.option("rep"), ctx.known_at, past)
        if args.by:
            found = ctx.read(funnel_by, args.by, chosen)
            rows = [{args.by: key, **_step_json(step)} for key, step in found]
            columns: tuple[str, ...] = (args.by, *STEPS)
        else:
            steps = ctx.read(funnel_steps, chosen)
            rows, columns = [_step_json(step) for step in steps], STEPS
    if ctx.form == "table":
        rows = [
            {**row, **rates_in_words(row, "", "of"), **rates_in_words(row, "step_", "step_of")}
            for row in rows
        ]
    print_list(rows, ctx.form, columns, _("Nobody has signed up yet."))


def _step_json(step: FunnelStep) -> Json:
    before = step.from_before
    return {
        "step": step.step,
        "n": step.n,
        "of": step.of,
        "rate": step.rate,
        "low": step.low,
        "high": step.high,
        "median_hours": step.median_hours,
        "step_n": None if before is None else before.n,
        "step_of": None if before is None else before.of,
        "step_rate": None if before is None else before.share,
        "step_low": None if before is None else before.low,
        "step_high": None if before is None else before.high,
        "step_median_hours": None if step.hours_from_before is None else round(step.hours_from_before, 2),
    }
