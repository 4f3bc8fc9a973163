"""pqldesk conflicts: what PQLDesk and a CRM both changed, and who is master of which field."""

import argparse

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.crm import field_masters
from pqldesk.services.crm.conflict_rows import ConflictRow, shown
from pqldesk.services.delivery import conflicts
from pqldesk.services.leads.bulk import new_bulk
from pqldesk.services.queue.find import lead_of

COLUMNS = ("conflict_id", "system", "field", "lead", "base", "mine", "theirs", "found_at")
DECIDED = ("conflict_id", "field", "lead", "base", "mine", "theirs", "decision", "decided_by", "rule")
AT_ONCE = 500


def conflicts_list(args: argparse.Namespace) -> None:
    """What waits for a decision, or how it was decided."""
    ctx = Context(args)
    with ctx.open():
        lead_id = None if args.lead is None else ctx.read(lambda session: lead_of(session, args.lead).id)
        rows = ctx.read(
            conflicts.conflict_rows,
            decided=args.decided,
            system=args.system,
            field=args.field,
            lead_id=lead_id,
        )
    texts = ctx.form != "json"
    nothing = _("Nothing was decided yet.") if args.decided else _("No conflict is open.")
    print_list(
        [_json(row, texts=texts) for row in rows], ctx.form, DECIDED if args.decided else COLUMNS, nothing
    )


def conflicts_resolve(args: argparse.Namespace) -> int:
    """Decide conflicts. 1 when one of several could not be decided."""
    ctx = Context(args)
    decision = "other" if args.value is not None else args.decision
    if bool(args.items) == args.all:
        raise BadInput(_("It is not said which conflicts."), _("Name them, or give --all."))
    if decision == "other" and len(args.items) != 1:
        raise BadInput(_("--value is for one conflict."), _("Name one, or use --mine or --theirs."))
    refused: list[str] = []
    with ctx.open():
        rep = ctx.rep
        if len(args.items) == 1:
            ctx.write(conflicts.resolve_conflict, args.items[0], decision, rep, ctx.now, value=args.value)
            done = 1
        else:
            left = args.items or [
                row.conflict_id
                for row in ctx.read(conflicts.conflict_rows, system=args.system, field=args.field)
            ]
            done, bulk = 0, new_bulk()
            while left:
                step = ctx.write(conflicts.resolve_step, left[:AT_ONCE], decision, rep, ctx.now, bulk)
                done, left = done + step.done, left[step.taken :]
                refused += step.refused
        open_now = len(ctx.read(conflicts.conflict_rows))
    if ctx.form == "json":
        print_json({"decided": done, "refused": refused, "open": open_now})
    else:
        message(
            n_("{n} conflict decided", "{n} conflicts decided", done)
            + _(", {open} open.").format(open=open_now)
        )
        for text in refused:
            message(text)
    if refused and not done:
        raise NotAllowed(refused[0])
    return 1 if refused else 0


def masters_list(args: argparse.Namespace) -> None:
    """Who is master of each field in each phase."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(field_masters.master_rows, args.system)
    print_list(
        [
            {"system": row.system, "field": row.field, **row.masters, "chosen": list(row.chosen)}
            for row in rows
        ],
        ctx.form,
        ("system", "field", "free", "claimed", "sales", "chosen"),
        _("No CRM is connected."),
    )


def master_set(args: argparse.Namespace) -> None:
    """Choose who is master of a field."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ctx.write(
            field_masters.set_master, args.system, args.field, args.master, rep, ctx.now, phase=args.phase
        )
        (row,) = [row for row in ctx.read(field_masters.master_rows, args.system) if row.field == args.field]
    if ctx.form == "json":
        print_json({"system": row.system, "field": row.field, **row.masters, "chosen": list(row.chosen)})
    else:
        said = ", ".join(f"{phase} {master}" for phase, master in row.masters.items())
        message(_("{field} in {system}: {said}.").format(field=row.field, system=row.title, said=said))


def _json(row: ConflictRow, *, texts: bool) -> dict[str, object]:
    values = {"base": row.base, "mine": row.mine, "theirs": row.theirs}
    return {
        "conflict_id": row.conflict_id,
        "system": row.system,
        "field": row.field,
        "lead_id": row.lead_id,
        "lead": row.lead_name,
        "company": row.company,
        **({name: shown(value) for name, value in values.items()} if texts else values),
        "found_at": iso(row.found_at),
        "found_by": row.found_by,
        "url": row.url,
        "decision": row.decision or None,
        "decided_at": iso(row.decided_at),
        "decided_by": row.decided_by or None,
        "rule": row.rule or None,
    }
