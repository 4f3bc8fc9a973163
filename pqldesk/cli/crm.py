"""pqldesk connect, connections, playbook, handoff and outbox: what goes to other systems."""

import argparse
import asyncio
import os
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.live_dry_run import print_live_dry_run, print_live_run
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.cli.progress import progress_lines
from pqldesk.models.ids import LEAD, public_id
from pqldesk.services import disconnecting, handoff_drafts
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.crm import connecting
from pqldesk.services.crm.connect_remarks import refuse_misplaced, remarks
from pqldesk.services.crm.connections import connection_rows, linked_or_none
from pqldesk.services.crm.sign_in import Browser
from pqldesk.services.delivery.deliver import deliver_outbox
from pqldesk.services.delivery.live_dry_run import live_handoff
from pqldesk.services.handoffs import handoff as handing
from pqldesk.services.handoffs.shown import DryRun
from pqldesk.services.net import run_network, run_reporting
from pqldesk.services.outbox import edit as outbox_editing
from pqldesk.services.outbox import outbox, playbooks
from pqldesk.services.outbox_rows import outbox_list as outbox_rows
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.row_json import outbox_json

ITEMS = ("item_id", "lead_id", "system", "kind", "state", "attempts", "next_attempt_at", "remote_id", "error")


def connect(args: argparse.Namespace) -> None:
    """Check, discover, map and store a connection."""
    ctx = Context(args)
    secrets = dict(args.secret_env)
    if args.token_env:
        secrets["token"] = args.token_env
    chosen = dict(_pairs(args.set))
    refuse_misplaced(args.system, chosen)
    request = connecting.ConnectRequest(
        args.system,
        args.url,
        secrets,
        chosen,
        args.default_owner,
        args.create_fields,
        sign_in=args.sign_in or args.no_browser,
    )
    browser = Browser(_print_address, _pasted_address) if args.no_browser else Browser(_open_address)
    with ctx.open(create=True) as workspace:
        request = replace(request, rep=ctx.rep_if_known)
        made = run_network(workspace.db, connecting.connect, request, ctx.now, browser)
        has_portal = ctx.read(linked_or_none, "portal") is not None
    document = {
        "system": made.system,
        "url": made.url,
        "account": made.account,
        "mapped": list(made.mapped),
        "missing": [{"name": name, "why": why} for name, why in made.missing],
        "created": list(made.created),
        "lists": list(made.lists),
        "stages": list(made.stages),
        "members": list(made.members),
        "warning": made.warning,
    }
    lines = [
        f"Connected {title_of(made.system)} {made.account}".rstrip(),
        *(f"  mapped   {one}" for one in made.mapped),
    ]
    lines += [f"  missing  {name}: {why}" for name, why in made.missing]
    lines += [f"  created  {one}" for one in made.created]
    lines += remarks(made.system, os.environ, has_portal)
    print_object(document, ctx.form, "\n".join(lines))
    if made.warning:
        message(made.warning)


def disconnect(args: argparse.Namespace) -> None:
    """Take a connection away, with its secrets."""
    ctx = Context(args)
    with ctx.open() as workspace:
        made = run_network(workspace.db, disconnecting.disconnect, args.system, ctx.rep, ctx.now)
    told = _("Disconnected {system}.").format(system=made.title)
    if made.held:
        told += " " + n_(
            "{n} write waits until it is connected again.",
            "{n} writes wait until it is connected again.",
            made.held,
        )
    print_object({"system": made.system, "held": made.held}, ctx.form, told)


async def _open_address(address: str) -> None:
    """Open the browser; the address is printed too, for where it opens nothing."""
    message(_("Allow the access in your browser. Should none open, go to:"))
    message(address)
    await asyncio.to_thread(webbrowser.open, address)


async def _print_address(address: str) -> None:
    message(_("Open this address in a browser and allow the access:"))
    message(address)
    message(_("Then the browser goes to an address that begins with http://localhost and may show an error."))


async def _pasted_address() -> str:
    message(_("Paste that address here:"))
    return await asyncio.to_thread(sys.stdin.readline)


def _pairs(given: list[str]) -> list[tuple[str, str]]:
    found = []
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise BadInput(
                _("--set {text!r} is not KEY=VALUE.").format(text=text),
                _("Write it like stage.sales_qualified=Negotiation."),
            )
        found.append((key.strip(), value))
    return found


def connections(args: argparse.Namespace) -> None:
    """Connected systems and how they are."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(connection_rows)
    print_list(
        [
            {
                "system": row.system,
                "name": row.name,
                "url": row.url,
                "state": row.state,
                "checked_at": iso(row.checked_at),
                "detail": row.detail,
                "mapped": list(row.mapped),
                "missing": list(row.missing),
            }
            for row in rows
        ],
        ctx.form,
        ("system", "url", "state", "checked_at", "detail"),
        _("No system is connected."),
    )


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


def outbox_list(args: argparse.Namespace) -> None:
    """Intended writes, the newest handoff first."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(outbox_rows, state=args.state)
    print_list([outbox_json(row) for row in rows], ctx.form, ITEMS, _("The outbox is empty."))


def outbox_run(args: argparse.Namespace) -> int:
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


def outbox_retry(args: argparse.Namespace) -> None:
    """Make items due now."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(outbox.retry_items, args.items, ctx.now)
        rows = ctx.read(outbox_rows)
    named = set(args.items)
    shown = [outbox_json(row) for row in rows if not named or row.item_id in named]
    if ctx.form == "json":
        print_json([row for row in shown if named or row["state"] == "pending"])
    else:
        message(_("Due now; deliver with: outbox run"))


def outbox_hold(args: argparse.Namespace) -> None:
    """Keep an item from going out."""
    _on_item(args, outbox.hold_item)


def outbox_cancel(args: argparse.Namespace) -> None:
    """Give an item up."""
    _on_item(args, outbox.cancel_item)


def outbox_edit(args: argparse.Namespace) -> None:
    """Change what an item will write."""
    changes = dict(pair.partition("=")[::2] for pair in args.set if "=" in pair)
    if len(changes) < max(1, len(args.set)):
        raise BadInput(
            _("Nothing is said to change."), _("Give --set FIELD=VALUE, such as --set value=80000.")
        )

    def verb(session: Session, item: str, rep: str, at: datetime) -> Changes:
        return outbox_editing.edit_item(session, item, changes, rep, at)

    _on_item(args, verb)


def outbox_assign(args: argparse.Namespace) -> None:
    """Give the deal and the task of a handoff to somebody else."""

    def verb(session: Session, item: str, rep: str, at: datetime) -> Changes:
        return outbox_editing.assign_writes(session, item, args.to, rep, at)

    _on_item(args, verb)


def outbox_drafts(args: argparse.Namespace) -> None:
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
        rows = ctx.read(outbox_rows)
    (row,) = [row for row in rows if row.item_id == args.item.strip().upper()]
    stuck = "; make it due with: outbox retry" if row.state in ("held", "failed") else ""
    print_object(outbox_json(row), ctx.form, f"{row.item_id} is {row.state}{stuck}.")
