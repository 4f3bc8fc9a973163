"""pqldesk queue, show and view."""

import argparse

from sqlalchemy.orm import Session

from pqldesk.cli.context import Context
from pqldesk.cli.output import message, print_csv, print_json, print_list
from pqldesk.models.driver import Driver
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.language import every, parse_filter
from pqldesk.services.filters.queue_filter import QueueFilter, check_sort, narrowed, spec_of
from pqldesk.services.lead_states import LeadState
from pqldesk.services.queue.queue import filtered_order, queue_views, read_rows, reading, view_filter
from pqldesk.services.queue.row_json import Json, queue_row_json
from pqldesk.services.reps import check_owner
from pqldesk.services.rows import QueueRow
from pqldesk.services.view_spec import spec_json

# The options of grammar_leads.filters(), and the view they narrow.
NARROWING = ("view", "filter", "sort", "min_score", "owner", "state", "source", "placement", "search")
TABLE = ("lead_id", "score", "band", "name", "email", "company", "activation", "trial", "state", "owner")


def queue(args: argparse.Namespace) -> None:
    """The ranked queue, live or as of a past moment."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        rows = ctx.read(_rows, ctx)
        if ctx.form == "csv":
            from pqldesk.services.queue.export_rows import export_columns, export_row, outcomes_of

            columns = ctx.read(export_columns)
            facts = ctx.read(outcomes_of, [row.id for row in rows])
            print_csv([export_row(row, facts[row.id]) for row in rows], columns)
            return
    print_list(
        [shown_row(row, ctx.form) for row in rows],
        ctx.form,
        TABLE,
        _("No lead is in this view."),
    )


def _rows(session: Session, ctx: Context) -> list[QueueRow]:
    wanted = wanted_by(session, ctx)
    limit = ctx.args.limit or None
    if ctx.is_past:
        from pqldesk.services.queue.as_of import queue_as_of

        return queue_as_of(session, wanted, ctx.at, ctx.known_at, ctx.rep_if_known, limit)
    ids = filtered_order(session, wanted, ctx.rep_if_known, ctx.now, limit)
    return read_rows(Driver(session), ids, reading(session, ctx.now))


def wanted_by(session: Session, ctx: Context) -> QueueFilter:
    """What --view, --filter, --search and the short options ask for, together."""
    args = ctx.args
    if args.state and args.state not in tuple(LeadState):
        raise BadInput(
            _("There is no state {state!r}.").format(state=args.state),
            _("Known: {known}.").format(known=", ".join(LeadState)),
        )
    if args.owner:
        check_owner(session, args.owner)
    base = view_filter(session, args.view or "all")
    wanted = narrowed(
        base,
        owner=args.owner,
        state=args.state,
        source=args.source,
        placement=args.placement,
        min_score=None if args.min_score is None else round(args.min_score * 100),
        search=args.search or None,
        where=every(base.where, parse_filter(args.filter or "")),
    )
    if args.sort:
        key, _space, way = args.sort.strip().partition(" ")
        descending = key.startswith("-") or way.strip() == "desc"
        wanted = narrowed(wanted, sort=key.removeprefix("-"), descending=descending)
        check_sort(wanted.sort)
    return wanted


def shown_row(row: QueueRow, form: str) -> Json:
    """A row as JSON has it; in a table trial and activation are one short text each."""
    document = queue_row_json(row)
    if form == "table":
        trial = row.trial
        document["trial"] = (
            ""
            if trial is None
            else (f"{trial.days_left} d left" if trial.state in ("active", "extended") else trial.state)
        )
        document["activation"] = f"{row.activation}%"
    return document


def show(args: argparse.Namespace) -> None:
    """Everything on one lead."""
    from pqldesk.services.leads.show import shown, shown_text, titles

    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        document = ctx.read(shown, args.lead, ctx.at, ctx.known_at if ctx.is_past else None, past=ctx.is_past)
        called = ctx.read(titles) if ctx.form == "table" else {}
    if ctx.form == "table":
        print(shown_text(document, called))
    elif ctx.form == "json":
        print_json(document)
    else:
        print_csv([document], list(document))


def view_list(args: argparse.Namespace) -> None:
    """Built-in and saved views with their filters and counts."""
    ctx = Context(args)
    with ctx.open():
        ctx.settle()
        views = ctx.read(queue_views, ctx.rep_if_known, ctx.now)
    rows = [
        {
            "view": view.key,
            "label": view.label,
            "count": view.count,
            "filter": view.spec.filter,
            "sort": view.spec.sort,
            "columns": [key for key, _width in view.spec.columns],
            "group": view.spec.group or None,
            "scope": view.spec.scope,
            "private": view.owner is not None,
            "built_in": view.built_in,
        }
        for view in views
    ]
    print_list(rows, ctx.form, ("view", "label", "count", "filter", "sort", "built_in"))


def view_save(args: argparse.Namespace) -> None:
    """Save a filter, an order and columns under a name."""
    from pqldesk.services.queue import saved_views

    ctx = Context(args)
    with ctx.open():
        columns = tuple((name.strip(), 0) for name in (args.columns or "").split(",") if name.strip())
        wanted = ctx.read(wanted_by, ctx)
        spec = spec_json(spec_of(wanted, columns, args.group or ""))
        saved = ctx.write(
            saved_views.save_view,
            args.name,
            spec,
            ctx.rep_if_known or "manual",
            ctx.now,
            shared=not args.private,
        )
    if ctx.form == "json":
        print_json({"view": saved.key})
    else:
        message(_("Saved as {view}.").format(view=saved.key))


def view_rename(args: argparse.Namespace) -> None:
    """Call a saved view something else."""
    from pqldesk.services.queue import saved_views

    ctx = Context(args)
    with ctx.open():
        ctx.write(saved_views.rename_view, args.name, args.label, ctx.rep_if_known or "manual", ctx.now)
    if ctx.form == "json":
        print_json({"view": args.name, "label": args.label})


def view_delete(args: argparse.Namespace) -> None:
    """Forget a saved view."""
    from pqldesk.services.queue import saved_views

    ctx = Context(args)
    with ctx.open():
        ctx.write(saved_views.delete_view, args.name, ctx.rep_if_known or "manual", ctx.now)
    if ctx.form == "json":
        print_json({"view": args.name})
