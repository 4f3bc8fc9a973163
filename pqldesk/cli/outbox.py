"""pqldesk outbox: what was written to other systems, waits or failed."""

import argparse
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.cli.progress import progress_lines
from pqldesk.services import handoff_drafts
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.delivery.deliver import deliver_outbox
from pqldesk.services.net import run_reporting
from pqldesk.services.outbox import edit as outbox_editing
from pqldesk.services.outbox import outbox as outbox_states
from pqldesk.services.outbox_rows import outbox_list
from pqldesk.services.queue.row_json import outbox_json

ITEMS = ("item_id", "lead_id", "system", "kind", "state", "attempts", "next_attempt_at", "remote_id", "error")


def items(args: argparse.Namespace) -> None:
    """Intended writes, the newest handoff first."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(outbox_list, state=args.state)
    print_list([outbox_json(row) for row in rows], ctx.form, ITEMS, _("The outbox is empty."))


def run(args: argparse.Namespace) -> int:
    """Deliver what is due. 1 when something is left undone."""
    ctx = Context(args)
    with ctx.open(writes=True) as workspace:
        done = run_reporting(
            workspace.db, progress_lines(ctx), deliver_outbox, once=args.once, max_wait_s=args.max_wait
        )
    counts = dict(done.counts)
    text = ", ".join(f"{n} {state}" for state, n in counts.items() if n) or _("The outbox is empty.")
    print_object({**counts, "delivered": done.delivered}, ctx.form, text)
    if done.undone:
        message(done.undone)
        return 1
    return 0


def retry(args: argparse.Namespace) -> None:
    """Make items due now."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(outbox_states.retry_items, args.items, ctx.now)
        rows = ctx.read(outbox_list)
    named = set(args.items)
    shown = [outbox_json(row) for row in rows if not named or row.item_id in named]
    if ctx.form == "json":
        print_json([row for row in shown if named or row["state"] == "pending"])
    else:
        message(_("Due now; deliver with: outbox run"))


def hold(args: argparse.Namespace) -> None:
    """Keep an item from going out."""
    _on_item(args, outbox_states.hold_item)


def cancel(args: argparse.Namespace) -> None:
    """Give an item up."""
    _on_item(args, outbox_states.cancel_item)


def edit(args: argparse.Namespace) -> None:
    """Change what an item will write."""
    changes = dict(pair.partition("=")[::2] for pair in args.set if "=" in pair)
    if len(changes) < max(1, len(args.set)):
        raise BadInput(
            _("Nothing is said to change."), _("Give --set FIELD=VALUE, such as --set value=80000.")
        )

    def verb(session: Session, item: str, rep: str, at: datetime) -> Changes:
        return outbox_editing.edit_item(session, item, changes, rep, at)

    _on_item(args, verb)


def assign(args: argparse.Namespace) -> None:
    """Give the deal and the task of a handoff to somebody else."""

    def verb(session: Session, item: str, rep: str, at: datetime) -> Changes:
        return outbox_editing.assign_writes(session, item, args.to, rep, at)

    _on_item(args, verb)


def drafts(args: argparse.Namespace) -> None:
    """Handoffs that were kept for later."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(handoff_drafts.draft_rows)
    print_list(
        [
            {
                "lead_id": row.lead_id,
                "lead": row.lead_name,
                "company": row.company,
                "deal_name": row.deal_name,
                "deal_value": row.deal_value,
                "currency": row.currency,
                "stage": row.stage,
                "rep": row.rep,
                "saved_at": iso(row.saved_at),
            }
            for row in rows
        ],
        ctx.form,
        ("lead_id", "lead", "deal_name", "deal_value", "currency", "stage", "rep", "saved_at"),
        _("No draft waits."),
    )


def _on_item(args: argparse.Namespace, verb: Callable[[Session, str, str, datetime], Changes]) -> None:
    ctx = Context(args)
    with ctx.open():
        ctx.write(verb, args.item, ctx.rep, ctx.now)
        rows = ctx.read(outbox_list)
    (row,) = [row for row in rows if row.item_id == args.item.strip().upper()]
    stuck = "; make it due with: outbox retry" if row.state in ("held", "failed") else ""
    print_object(outbox_json(row), ctx.form, f"{row.item_id} is {row.state}{stuck}.")
