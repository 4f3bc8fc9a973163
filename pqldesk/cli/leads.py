"""pqldesk lead: the rep's verbs."""

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_json, print_list
from pqldesk.models.driver import Driver
from pqldesk.models.people import Lead
from pqldesk.services import claims, settings
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.texts import _, n_, numeral
from pqldesk.services.filters.language import every, parse_filter
from pqldesk.services.filters.queue_filter import narrowed
from pqldesk.services.identity import companies, merges, parting
from pqldesk.services.leads import bulk, leads
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import filtered_order, read_rows, reading, view_filter
from pqldesk.services.queue.row_json import queue_row_json
from pqldesk.services.record_rows import IdShown
from pqldesk.services.rows import LeadDraft, QueueRow

IN_DRAFT = frozenset(LeadDraft.__dataclass_fields__) - {"extra", "kind"}
EXTRA = ("glm_source", "product_interaction")
MANUAL = "manual"
Verb = Callable[[Session, Lead, str, datetime], Changes]


def add(args: argparse.Namespace) -> None:
    """Enter a lead by hand."""
    ctx = Context(args)
    given = {key: value for key, value in vars(args).items() if isinstance(value, str)}
    first, _space, last = (args.name or "").strip().partition(" ")
    names = {"first_name": args.first_name or first, "last_name": args.last_name or last.strip()}
    fields = {key: value for key, value in given.items() if key in IN_DRAFT} | names
    extra = {key: given[key] for key in EXTRA if key in given}
    draft = LeadDraft(**fields, kind=args.kind, extra=extra)
    with ctx.open(create=True):
        rep = ctx.rep_if_known or MANUAL
        added = ctx.write(leads.add_lead, draft, rep, ctx.now)
        row = ctx.read(_row, added.id, ctx.now)
    _print(ctx, row, _("Added {name} as {lead}.").format(name=row.name, lead=row.lead_id))


def claim(args: argparse.Namespace) -> None:
    """Make the lead yours."""
    _on_leads(args, "claim", claims.claim_lead, _("claimed"))


def release(args: argparse.Namespace) -> None:
    """Give the lead back to the pool."""
    _on_leads(args, "release", claims.release_lead, _("released"))


def renew(args: argparse.Namespace) -> None:
    """Keep a claim for another lease."""
    _on_lead(args, claims.renew_claim, _("renewed"))


def company(args: argparse.Namespace) -> None:
    """Move a lead to another company."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return companies.set_company(session, lead, args.company, rep, at)

    _on_lead(args, verb, _("moved to {company}").format(company=args.company))


def assign(args: argparse.Namespace) -> None:
    """Give the lead to somebody."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return claims.assign_lead(session, lead, args.to, rep, at)

    _on_leads(args, "assign", verb, _("assigned to {who}").format(who=args.to), lambda _session, _at: args.to)


def snooze(args: argparse.Namespace) -> None:
    """Out of the queue until a time."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return leads.snooze(session, lead, _until(session, args, at), rep, at)

    _on_leads(args, "snooze", verb, _("snoozed"), partial(_until_of, args))


def nurture(args: argparse.Namespace) -> None:
    """Left to marketing until a time."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return leads.nurture(session, lead, _until(session, args, at), rep, at)

    _on_leads(args, "nurture", verb, _("left to marketing"), partial(_until_of, args))


def disqualify(args: argparse.Namespace) -> None:
    """Take the lead out, with the reason."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return leads.disqualify(session, lead, args.reason, rep, at)

    _on_leads(args, "disqualify", verb, _("disqualified"), lambda _session, _at: args.reason)


def reopen(args: argparse.Namespace) -> None:
    """Bring a closed or sleeping lead back."""
    _on_leads(args, "reopen", leads.reopen, _("reopened"))


def won(args: argparse.Namespace) -> None:
    """The lead became a customer."""
    value = None if args.value is None else Decimal(str(args.value))

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return leads.won(session, lead, rep, at, deal_value=value)

    _on_lead(args, verb, _("won"))


def lost(args: argparse.Namespace) -> None:
    """The lead will not buy."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return leads.lost(session, lead, rep, at, reason=args.reason)

    _on_lead(args, verb, _("lost"))


def merge(args: argparse.Namespace) -> None:
    """Make two leads one."""

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        other = lead_of(session, args.other)
        return merges.merge_leads(session, lead, other, rep, args.reason or "by hand", at)

    _on_lead(args, verb, _("merged with {other}").format(other=args.other))


def part(args: argparse.Namespace) -> None:
    """Give an id of a lead a lead of its own."""
    if args.dry_run:
        _would_part(args)
        return

    def verb(session: Session, lead: Lead, rep: str, at: datetime) -> Changes:
        return parting.part(session, lead, args.key, rep, at).changes

    _on_lead(args, verb, _("parted from {key}").format(key=args.key))


def _would_part(args: argparse.Namespace) -> None:
    """Say what would go with an id, and leave everything as it is."""
    ctx = Context(args)
    with ctx.open():
        name, found = ctx.read(_parting, args.lead, args.key)
    if ctx.form == "json":
        counts = {"events": found.events, "submissions": found.forms, "trials": found.trials}
        print_json({"dry_run": True, "namespace": found.namespace, "value": found.value, **counts})
        return
    counted = (
        n_("{n} usage event", "{n} usage events", found.events),
        n_("{n} form", "{n} forms", found.forms),
        n_("{n} trial", "{n} trials", found.trials),
    )
    message(
        _("{key} would leave {lead}, with {what}. Tasks, notes and the claim stay.").format(
            key=found.key, lead=name, what=", ".join(counted)
        )
    )


def _parting(session: Session, lead: str, key: str) -> tuple[str, IdShown]:
    found = lead_of(session, lead)
    return found.name, parting.would_part(session, found, key)


def unmerge(args: argparse.Namespace) -> None:
    """Take a lead's last merge apart."""
    _on_lead(args, merges.unmerge, _("taken apart"), merged=True)


def _on_leads(
    args: argparse.Namespace,
    name: str,
    verb: Verb,
    done: str,
    argument: Callable[[Session, datetime], object] = lambda _session, _at: None,
) -> None:
    """Do *verb* to the leads that are named, or that --view and --filter let through.

    One lead by its name is printed as it is then. Of several each is answered for, and the rest go on when one
    cannot; one undo takes all of it back.
    """
    narrows = bool(args.view or args.filter)
    if narrows == bool(args.leads):
        args.wrong_usage("name leads, or give --filter or --view, not both")
    if len(args.leads) == 1:
        args.lead = args.leads[0]
        _on_lead(args, verb, done)
        return
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep
        ids = list(ctx.read(_matching, ctx) if narrows else dict.fromkeys(ctx.read(_named, args.leads)))
        value = ctx.read(argument, ctx.now)
        number, rows = bulk.new_bulk(), list[bulk.BulkRow]()
        while len(rows) < len(ids):
            part = tuple(ids[len(rows) : len(rows) + bulk.AT_ONCE])
            rows += ctx.write(bulk.bulk_step, name, part, value, rep, ctx.now, number).rows
    shown = [asdict(row) for row in rows]
    if ctx.form == "table":
        shown = [row for row in shown if row["outcome"] != bulk.DONE]
    print_list(shown, ctx.form, ("lead_id", "name", "outcome", "reason"), "", widest=90)
    counts = Counter(row.outcome for row in rows)
    said = _("{done} done, {unchanged} unchanged, {skipped} skipped.")
    message(said.format(**{key: numeral(counts[key]) for key in (bulk.DONE, bulk.UNCHANGED, bulk.SKIPPED)}))


def _until_of(args: argparse.Namespace, session: Session, at: datetime) -> datetime:
    return _until(session, args, at)


def _named(session: Session, names: Sequence[str]) -> list[int]:
    return [lead_of(session, name).id for name in names]


def _matching(session: Session, ctx: Context) -> Sequence[int]:
    base = view_filter(session, ctx.args.view or "open")
    wanted = narrowed(base, where=every(base.where, parse_filter(ctx.args.filter or "")))
    return filtered_order(session, wanted, ctx.rep, ctx.now)


def _on_lead(args: argparse.Namespace, verb: Verb, done: str, *, merged: bool = False) -> None:
    """Do *verb* to the lead that is named, as the rep who asks, and print the lead as it is then."""
    ctx = Context(args)
    with ctx.open():
        rep = ctx.rep

        def command(session: Session) -> Changes:
            return verb(session, lead_of(session, args.lead, merged=merged), rep, ctx.now)

        ctx.write(command)
        row = ctx.read(_row, ctx.read(lambda session: lead_of(session, args.lead).id), ctx.now)
    _print(ctx, row, f"{row.name} ({row.lead_id}): {done}.")


def _row(session: Session, lead_id: int, at: datetime) -> QueueRow:
    (row,) = read_rows(Driver(session), [lead_id], reading(session, at))
    return row


def _print(ctx: Context, row: QueueRow, text: str) -> None:
    if ctx.form == "json":
        print_json(queue_row_json(row))
    else:
        message(text)


def _until(session: Session, args: argparse.Namespace, at: datetime) -> datetime:
    if args.days is not None:
        return at + timedelta(days=args.days)
    return clock.parse_moment(args.until, settings.zone(session), "--until")
