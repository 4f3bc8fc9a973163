"""What stands in the CRM now, and what would stand there after a playbook's or a handoff's push: --live."""

import argparse
from typing import Any

from pqldesk.cli.context import Context
from pqldesk.cli.output import print_object
from pqldesk.models.ids import LEAD, public_id
from pqldesk.services.delivery.live_dry_run import LiveRun, live_dry_run
from pqldesk.services.net import run_network
from pqldesk.services.queue.find import lead_of


def print_live_dry_run(ctx: Context, args: argparse.Namespace) -> None:
    """What the CRM holds now, and what it would hold after the push."""
    with ctx.open() as workspace:
        lead = ctx.read(lambda session: lead_of(session, args.lead).id) if args.lead else None
        options: dict[str, Any] = {"system": args.system, "lead_id": lead, "limit": args.limit}
        run = run_network(workspace.db, live_dry_run, args.name, ctx.now, **options)
    print_live_run(ctx, run)


def print_live_run(ctx: Context, run: LiveRun) -> None:
    """Lead by lead and field by field, before and after."""
    document = {
        "name": run.name,
        "system": run.system,
        "leads": run.leads,
        "asked": [
            {
                "lead_id": public_id(LEAD, lead.lead_id),
                "name": lead.name,
                "email": lead.email,
                "new": lead.is_new,
                "changes": [
                    {"field": one.field, "before": one.before, "after": one.after, "what": one.what}
                    for one in lead.changes
                ],
                "adds": list(lead.adds),
            }
            for lead in run.asked
        ],
    }
    lines = [f"{run.name} for {run.system}: {len(run.asked)} of {run.leads} leads looked at there"]
    for each in run.asked:
        lines.append(f"{each.name} <{each.email or 'no e-mail'}>" + (", new there" if each.is_new else ""))
        lines += [
            f"  {one.field}: {_told(one.before)} → {_told(one.after)} ({one.what})" for one in each.changes
        ]
        lines += [f"  adds: {', '.join(each.adds)}"] if each.adds else []
    lines.append("Nothing was written or queued.")
    print_object(document, ctx.form, "\n".join(lines))


def _told(value: str | list[str] | None) -> str:
    return "empty" if value is None else ", ".join(value) if isinstance(value, list) else value
