"""pqldesk sync: pull connected sources, once or whenever they fall due."""

import argparse
import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.cli.progress import progress_lines
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.texts import _
from pqldesk.services.net import Net, run_reporting
from pqldesk.services.sync import run, state

COLUMNS = ("source", "state", "rows", "created", "updated", "duplicates", "set_aside", "refused", "next_at")
STATES = ("source", "state", "fresh_at", "next_at", "rows", "total", "saying", "problem")


def sync(args: argparse.Namespace) -> int | None:
    """Pull, watch, stop or show sources."""
    ctx = Context(args)
    with ctx.open(writes=not args.status):
        if args.status:
            print_list([state.state_json(one) for one in ctx.read(state.source_states)], ctx.form, STATES,
                       _("No connected system is pulled."))  # fmt: skip
            return None
        if args.cancel:
            ctx.write(state.ask_to_stop, args.sources)
            return None
        if args.from_start:
            ctx.write(state.begin_again, ctx.read(state.named_sources, args.sources))
        if args.watch:
            run_reporting(ctx.workspace.db, progress_lines(ctx), _watched, ctx.form)
            return None
        synced = run_reporting(ctx.workspace.db, progress_lines(ctx), run.sync, args.sources)
    rows = [_row(outcome) for outcome in synced.outcomes]
    print_list(rows, ctx.form, COLUMNS, _("No connected system is pulled."))
    failed = [outcome for outcome in synced.outcomes if outcome.problem]
    for outcome in failed:
        message(f"{outcome.source}: {outcome.problem}")
    return 1 if failed else None


async def _watched(net: Net, form: str) -> None:
    """Until the terminal or the system says that it is enough."""
    task = asyncio.current_task()
    with suppress(
        NotImplementedError
    ):  # not on Windows, where the process just ends; nothing is lost either way
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel if task else print)

    def heard(outcome: run.Outcome) -> None:
        if form == "json":
            print_json(_row(outcome))
        else:
            said = outcome.problem or _("{rows} rows, {created} new").format(
                rows=outcome.rows, created=outcome.created
            )
            message(f"{iso(outcome.next_at) or '-'}  {outcome.source}: {outcome.state}, {said}")

    with suppress(asyncio.CancelledError):
        await run.watch(net, heard, message)


def _row(outcome: run.Outcome) -> Mapping[str, Any]:
    return {
        "source": outcome.source, "state": outcome.state, "rows": outcome.rows, "created": outcome.created,
        "updated": outcome.updated, "duplicates": outcome.duplicates, "set_aside": outcome.set_aside,
        "refused": outcome.refused, "pages": outcome.pages, "problem": outcome.problem,
        "next_at": iso(outcome.next_at),
    }  # fmt: skip
