"""pqldesk milestone: the steps of activation."""

import argparse
from typing import Any

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.texts import _
from pqldesk.services.modelling.milestone_edit import milestone_rows, remove_milestone, set_milestone
from pqldesk.services.score_now import score_in_steps

COLUMNS = ("key", "label", "kind", "measure", "threshold", "within_days", "weight")


def milestone_list(args: argparse.Namespace) -> None:
    """All milestones in order."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(milestone_rows)
    print_list(rows, ctx.form, COLUMNS)


def milestone_set(args: argparse.Namespace) -> None:
    """Change a milestone, or add one, and work out who reached it."""
    ctx = Context(args)
    given: dict[str, Any] = {
        name: getattr(args, name)
        for name in ("kind", "label", "measure", "threshold", "within_days", "weight")
        if getattr(args, name) is not None
    }
    if given.get("within_days") == 0:
        given["within_days"] = None
    with ctx.open():
        ctx.write(set_milestone, args.key, given, ctx.rep_if_known or "manual", ctx.now)
        _work_out(ctx)


def milestone_remove(args: argparse.Namespace) -> None:
    """Take a milestone away."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(remove_milestone, args.key, ctx.rep_if_known or "manual", ctx.now)
        _work_out(ctx)


def _work_out(ctx: Context) -> None:
    score_in_steps(ctx.workspace.db, ctx.now, full=True, cause="model", report=progress_lines(ctx))
    rows = ctx.read(milestone_rows)
    if ctx.form == "json":
        print_json(rows)
    else:
        message(_("Milestones: {keys}.").format(keys=", ".join(row["key"] for row in rows)))
