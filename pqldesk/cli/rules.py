"""pqldesk events rules, names and refused: what received events mean."""

import argparse
from typing import Any

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list, print_object
from pqldesk.cli.progress import progress_lines
from pqldesk.models.ids import RULE, public_id, row_number
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _
from pqldesk.services.events import rule_store as kept
from pqldesk.services.events.raw_pages import refused_rows
from pqldesk.services.events.remapping import ITEMS, Remapped, begin_remap, remap_step
from pqldesk.services.events.rules import EventRule
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.pace import Pace

RULES = ("rule_id", "pattern", "source", "when", "kind", "takes", "events")


def names(args: argparse.Namespace) -> None:
    """The names that sources send."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(kept.name_rows, unmapped=args.unmapped)
    shown = [
        {"source": row.source, "name": row.name, "events": row.n, "last_at": iso(row.last_at), "kind": row.kind,
         "mapped": row.is_known, "sample": row.sample}
        for row in rows
    ]  # fmt: skip
    empty = _("Every name is mapped.") if args.unmapped else _("No source has sent an event.")
    print_list(shown, ctx.form, ("source", "name", "events", "kind", "mapped", "last_at"), empty)


def refused(args: argparse.Namespace) -> None:
    """What was received and could not be used."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(refused_rows, args.limit)
    shown = [{"source": source, "at": iso(at), "reason": why, "item": item} for source, at, why, item in rows]
    print_list(shown, ctx.form, ("source", "at", "reason", "item"), "Everything could be used.")


def rules_list(args: argparse.Namespace) -> None:
    """Every rule in the order they are asked."""
    ctx = Context(args)
    with ctx.open():
        rows = ctx.read(kept.rule_rows)
    shown = [{**_json(row.rule), "rule_id": row.rule_id, "events": row.events} for row in rows]
    print_list(shown, ctx.form, RULES, "There are no rules; names known everywhere count as they are.")


def rules_add(args: argparse.Namespace) -> None:
    """Keep a rule."""
    ctx = Context(args)
    rule = _rule(args)
    with ctx.open(create=True):
        instead = None if args.instead_of is None else row_number(RULE, args.instead_of)
        preview = ctx.read(kept.preview_rule, rule, first=args.first, instead_of=instead)
        rep = ctx.rep_if_known or "command line"
        if args.instead_of is not None:
            ctx.write(kept.change_rule, args.instead_of, rule, rep, ctx.now)
        else:
            ctx.write(kept.add_rule, rule, rep, ctx.now, first=args.first)
        rules = ctx.read(kept.own_rules)
        added = max(
            (one for one in rules if instead in (None, one.rule_id)), key=lambda one: one.rule_id or 0
        )
    document = {**_json(added), "rule_id": public_id(RULE, added.rule_id or 0), "changed": preview.changed}
    print_object(document, ctx.form, f"{document['rule_id']}: {kept.described(added)}")
    if preview.changed:
        message(
            _(
                "{n} of the events received lately would change; apply it to them with: events rules remap"
            ).format(n=preview.changed)
        )


def rules_preview(args: argparse.Namespace) -> None:
    """What a rule would change."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        instead = None if args.instead_of is None else row_number(RULE, args.instead_of)
        found = ctx.read(kept.preview_rule, _rule(args), first=args.first, instead_of=instead)
    rows = [
        {"source": row.source, "name": row.name, "at": iso(row.at), "before": _event(row.before),
         "after": _event(row.after), "properties": row.properties}
        for row in found.rows
    ]  # fmt: skip
    if ctx.form == "json":
        print_json({"looked_at": found.looked_at, "fit": found.fit, "changed": found.changed, "events": rows})
        return
    shown = [{**row, "before": _words(row["before"]), "after": _words(row["after"])} for row in rows]
    print_list(
        shown, ctx.form, ("source", "name", "at", "before", "after", "properties"), _("No event fits it.")
    )
    message(
        _("{fit} of the last {looked_at} events fit, {changed} of them would change.").format(
            fit=found.fit, looked_at=found.looked_at, changed=found.changed
        )
    )


def rules_remove(args: argparse.Namespace) -> None:
    """Forget a rule."""
    ctx = Context(args)
    with ctx.open():
        ctx.write(kept.remove_rule, args.rule, ctx.rep_if_known or "command line", ctx.now)
    print_object(
        {"rule_id": args.rule, "removed": True},
        ctx.form,
        f"{args.rule} is gone; apply that with: events rules remap",
    )


def remap(args: argparse.Namespace) -> None:
    """Derive usage again by the rules of now."""
    ctx = Context(args)
    report = progress_lines(ctx)
    total = Remapped()
    with ctx.open() as workspace:
        ctx.settle()
        run = ctx.read(begin_remap, args.source)
        pace = Pace(workspace.db, Kind.EVENTS, None)
        while not total.is_done:
            most = min(pace.rows(), ITEMS)
            step = workspace.db.write_bulk(remap_step, run, ctx.now, most).result()
            total.events += step.events
            total.changed += step.changed
            total.added += step.added
            total.removed += step.removed
            total.is_done = step.is_done
            report(Progress(total.events, f"{total.events} events looked at again"))
            pace.kept(max(step.events, 1), step.seconds)
    document = {
        "events": total.events, "changed": total.changed, "added": total.added, "removed": total.removed,
    }  # fmt: skip
    text = ", ".join(f"{n} {what}" for what, n in document.items())
    print_object(document, ctx.form, text)


def _rule(args: argparse.Namespace) -> EventRule:
    return EventRule(
        args.pattern, args.kind, args.source, tuple(map(kept.condition_of, args.when)), args.key_from,
        args.quantity_from, args.plan_from, dict(args.trial),
    )  # fmt: skip


def _json(rule: EventRule) -> dict[str, Any]:
    takes = {"key": rule.key_from, "quantity": rule.quantity_from, "plan": rule.plan_from}
    takes |= {f"trial.{name}": path for name, path in rule.trial.items()}
    return {
        "pattern": rule.pattern, "source": rule.source, "when": [kept.shown_condition(c) for c in rule.conditions],
        "kind": rule.kind, "takes": {what: path for what, path in takes.items() if path},
    }  # fmt: skip


def _event(found: tuple[str, str | None, str]) -> dict[str, Any]:
    kind, key, amount = found
    return {"kind": kind, "key": key, "quantity": float(amount) if amount else None}


def _words(event: Any) -> str:
    key = f" {event['key']}" if event["key"] else ""
    amount = "" if event["quantity"] in (None, 1.0) else f" x {event['quantity']:g}"
    return f"{event['kind']}{key}{amount}"
