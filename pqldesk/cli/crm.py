"""pqldesk playbook and handoff: what goes to the CRM, by rule and by hand."""

import argparse
from dataclasses import replace
from typing import Any

from pqldesk.cli.context import Context
from pqldesk.cli.live_dry_run import print_live_dry_run, print_live_run
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.models.ids import LEAD, public_id
from pqldesk.services import handoff_drafts
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.delivery.live_dry_run import live_handoff
from pqldesk.services.handoffs import handoff as handing
from pqldesk.services.handoffs.shown import DryRun
from pqldesk.services.net import run_network
from pqldesk.services.outbox import playbooks
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.row_json import outbox_json


def playbook_list(args: argparse.Namespace) -> None:
    """Playbooks and whether they are on."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(playbooks.playbook_list)
    print_list(
        [
            {
                "name": row.name,
                "system": row.system,
                "rule": row.rule,
                "on": row.approved_at is not None,
                "approved_at": iso(row.approved_at),
                "approved_by": row.approved_by,
            }
            for row in rows
        ],
        ctx.form,
        ("name", "system", "on", "approved_by", "rule"),
        _("No CRM is connected."),
    )


def playbook_dry_run(args: argparse.Namespace) -> None:
    """What a playbook would write."""
    ctx = Context(args)
    if args.live:
        print_live_dry_run(ctx, args)
        return
    with ctx.open():
        run = ctx.read(playbooks.dry_run_playbook, args.name, ctx.now, system=args.system)
    _print_run(ctx, run)


def playbook_approve(args: argparse.Namespace) -> None:
    """Print the dry run and switch the playbook on."""
    ctx = Context(args)
    with ctx.open():
        approved = ctx.write(
            playbooks.approve_playbook,
            args.name,
            ctx.rep,
            ctx.now,
            system=args.system,
            backfill=args.backfill,
        )
    _print_run(ctx, approved.run)


def playbook_off(args: argparse.Namespace) -> None:
    """Switch a playbook off."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(playbooks.stop_playbook, args.name, ctx.rep, ctx.now, system=args.system)
    if ctx.form == "json":
        print_json({"name": args.name, "on": False})
    else:
        message(_("The playbook {name} is off.").format(name=args.name))


def _print_run(ctx: Context, run: DryRun) -> None:
    document = {
        "name": run.name,
        "system": run.system,
        "leads": run.leads,
        "items": run.items,
        "approved": run.approved,
        "first": [
            {
                "lead_id": lead.lead_id,
                "name": lead.name,
                "email": lead.email,
                "steps": [{"kind": s.kind, "title": s.title, "detail": s.detail} for s in lead.steps],
            }
            for lead in run.first
        ],
    }
    lines = [f"{run.name} for {run.system}: {run.items} writes for {run.leads} leads"]
    for lead in run.first:
        lines.append(f"{lead.name} <{lead.email or 'no e-mail'}>")
        lines += [f"  {step.title}: {step.detail}" for step in lead.steps]
    lines.append("It is on now." if run.approved else "Nothing was queued; approve it to switch it on.")
    print_object(document, ctx.form, "\n".join(lines))


def handoff(args: argparse.Namespace) -> None:
    """Hand a lead over to sales, or show what that would write."""
    ctx = Context(args)
    if args.live and not args.dry_run:
        raise BadInput(_("--live asks the CRM what a push would change."), _("Give it with --dry-run."))
    with ctx.open() as workspace:
        rep = ctx.rep
        lead_id = ctx.read(lambda session: public_id(LEAD, lead_of(session, args.lead).id))
        if args.drop_draft:
            ctx.write(handoff_drafts.drop_draft, lead_id, rep, ctx.now)
            print_object({"lead_id": lead_id, "draft": False}, ctx.form, f"The draft for {lead_id} is gone.")
            return
        begin = handoff_drafts.draft_to_edit if args.from_draft else handing.handoff_draft
        draft = ctx.read(begin, lead_id, rep, ctx.now, system=args.system)
        edited: dict[str, Any] = {
            "deal_value": args.deal_value,
            "currency": args.currency,
            "deal_name": args.deal_name,
            "stage": args.stage,
            "assignee": args.assign,
            "note": args.note,
            "task": args.task_text,
            "task_due_at": ctx.moment_of(args.due, "--due") if args.due else None,
        }
        draft = replace(draft, **{name: value for name, value in edited.items() if value is not None})
        if args.save_draft:
            ctx.write(handoff_drafts.save_draft, draft, rep, ctx.now)
            print_object(
                {"lead_id": lead_id, "draft": True},
                ctx.form,
                f"Kept; go on with: handoff {lead_id} --from-draft",
            )
            return
        if args.live:
            print_live_run(ctx, run_network(workspace.db, live_handoff, draft, ctx.now, again=args.again))
            return
        if args.dry_run:
            pushed = ctx.read(handing.planned_handoff, draft, rep, ctx.now, again=args.again)
        else:
            pushed = ctx.write(handing.push_handoff, draft, rep, ctx.now, again=args.again)
    document = {
        "handoff_id": pushed.handoff_id,
        "lead_id": pushed.lead_id,
        "dry_run": pushed.dry_run,
        "note": pushed.note,
        "items": [outbox_json(item) for item in pushed.items],
    }
    writes = [f"  {item.kind}: {item.summary}" for item in pushed.items]
    if pushed.dry_run:
        what = n_("{n} write would go out", "{n} writes would go out", len(writes))
    elif pushed.problem:
        what = n_("{n} write is held, none goes out", "{n} writes are held, none goes out", len(writes))
    else:
        queued = ("{n} write is queued", "{n} writes are queued")
        what = n_(*queued, len(writes)) + _("; deliver with: outbox run")
    print_object(document, ctx.form, "\n".join([pushed.note, "", what, *writes]))
    if pushed.problem:
        message(
            pushed.problem
            if pushed.dry_run
            else _("Held: {problem} {remedy}").format(problem=pushed.problem, remedy=handing.HELD_REMEDY)
        )
