"""The queue: its order, rows, views and counts, and what is done to many leads at once."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import now
from pqldesk.services.leads import bulk
from pqldesk.services.queue import nav, queue, saved_views, view_layouts, view_orders
from pqldesk.services.rows import (
    NavCounts,
    QueueRow,
    QueueView,
)
from pqldesk.services.view_spec import ViewSpec, spec_json

SEARCH_HITS = 500
START = 100  # leads: more than a screen shows


def lead_order(
    session: Session, view: str, search: str, sort: str, descending: bool, *, rep: str = ""
) -> Sequence[int]:
    # While somebody types, the best hits answer in milliseconds; a million leads would take seconds to list whole.
    return queue.lead_order(
        session,
        view,
        search,
        sort,
        descending,
        rep=rep or None,
        limit=SEARCH_HITS if search.strip() else None,
    )


def view_order(session: Session, spec: ViewSpec, search: str, *, rep: str = "") -> view_orders.ViewOrder:
    limit = SEARCH_HITS if search.strip() else None
    return view_orders.view_order(session, spec, search, rep or who(session), now(), limit)


def view_start(session: Session, spec: ViewSpec, *, rep: str = "") -> Sequence[int]:
    return view_orders.view_order(session, replace(spec, group=""), "", rep or who(session), now(), START).ids


def count_leads(session: Session, spec: ViewSpec, search: str, *, rep: str = "") -> int:
    return view_orders.count_leads(session, spec, search, rep or who(session), now())


def filter_choices(session: Session, field: str, *, rep: str = "") -> view_orders.FilterChoices:
    return view_orders.filter_choices(session, field, rep or who(session), now())


def save_view(session: Session, label: str, spec: ViewSpec, shared: bool, rep: str) -> saved_views.ViewSaved:
    return saved_views.save_view(session, label, spec_json(spec), rep, now(), shared=shared)


def rename_view(session: Session, key: str, label: str, rep: str) -> saved_views.ViewSaved:
    return saved_views.rename_view(session, key, label, rep, now())


def delete_view(session: Session, key: str, rep: str) -> Changes:
    return saved_views.delete_view(session, key, rep, now())


def place_views(session: Session, keys: Sequence[str], rep: str) -> Changes:
    return view_layouts.place_views(session, keys, rep)


def pin_view(session: Session, key: str, pinned: bool, rep: str) -> Changes:
    return view_layouts.pin_view(session, key, pinned, rep)


def keep_columns(session: Session, key: str, columns: view_layouts.Columns, rep: str) -> Changes:
    return view_layouts.keep_columns(session, key, columns, rep)


def lead_rows(session: Session, ids: Sequence[int]) -> list[QueueRow]:
    return queue.lead_rows(session, ids)


def queue_views(session: Session, *, rep: str = "") -> list[QueueView]:
    return queue.queue_views(session, rep or None)


def nav_counts(session: Session) -> NavCounts:
    return nav.nav_counts(session, now())


def bulk_step(
    session: Session, verb: str, ids: Sequence[int], argument: object, rep: str, bulk_number: int
) -> bulk.BulkStep:
    return bulk.bulk_step(session, verb, ids, argument, rep, now(), bulk_number)


def matching_ids(session: Session, spec: ViewSpec, search: str, *, rep: str = "") -> Sequence[int]:
    plain = replace(spec, group="")
    return view_orders.view_order(session, plain, search, rep or who(session), now()).ids


def who(session: Session) -> str:
    return settings.value(session, "rep")
