"""Which columns of a warehouse or of a portal's own tables fill which of our fields: read there, chosen here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import kind_of
from pqldesk.services.crm.connections import linked_named, pulled_by, setup_for
from pqldesk.services.files.fields import FIELDS
from pqldesk.services.history import recording
from pqldesk.services.net import Net
from pqldesk.services.pulls.puller import TheirColumn

PORTAL, WAREHOUSE = "portal_tables", "warehouse"
_NEEDED: Final = ("event", "occurred_at")
_EVENT_FIELDS: Final = (*_NEEDED, "email", "user_id", "key", "quantity", "event_id")


@dataclass(frozen=True, slots=True)
class OurField:
    """One field of ours. *part*: the portal's table, "" for a warehouse. *theirs*: the column that fills it.

    *by_itself*: it is found by its usual name, nobody chose it. *is_needed*: nothing can be read without it.
    """

    part: str
    name: str
    theirs: str | None
    by_itself: bool
    is_needed: bool


@dataclass(frozen=True, slots=True)
class ColumnsShown:
    """Our fields with what fills them, and all the columns that are there."""

    fields: tuple[OurField, ...]
    columns: tuple[TheirColumn, ...]


async def columns_shown(net: Net, system: str, now: datetime) -> ColumnsShown:
    """What stands there now, held against what is chosen. Raises what a pull would raise."""
    linked = await net.read(linked_named, system)
    puller = pulled_by(linked.system).open(await net.read(setup_for, linked, now))
    columns: tuple[TheirColumn, ...] = await puller.columns()  # type: ignore[attr-defined]
    chosen = {key: str(value) for key, value in linked.settings.items()}
    return ColumnsShown(_our_fields(linked.system, chosen, columns), columns)


def set_column(
    session: Session, system: str, part: str, field: str, theirs: str, rep: str, at: datetime
) -> Changes:
    """Let the column *theirs* fill *field* from the next pull on; "" leaves the field out.

    Raises BadInput for a field that is not ours, or without which nothing could be read.
    """
    row = session.scalars(select(Connection).where(Connection.system == system)).one()
    before = {key: str(value) for key, value in row.settings.items()}
    own = _portal_choice(before, part, field, theirs) if part else _warehouse_choice(before, field, theirs)
    after = {key: value for key, value in row.settings.items() if key in own or key not in before}
    after |= {key: value for key, value in own.items() if before.get(key) != value}
    if after == row.settings:
        return Changes()
    name = f"{part}.{field}" if part else field
    with recording(session, rep, "mapping_changed", at=at, detail=f"{system}: {name} {theirs or '–'}"):
        row.settings = after
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def _our_fields(
    system: str, chosen: Mapping[str, str], columns: Sequence[TheirColumn]
) -> tuple[OurField, ...]:
    there = {(one.part, one.name) for one in columns}
    if kind_of(system) == WAREHOUSE:
        return tuple(
            OurField("", name, chosen.get(name, "").strip() or None, False, name in _NEEDED)
            for name in _EVENT_FIELDS
        )
    found = []
    for part in dict.fromkeys(one.part for one in columns):
        filled: dict[str, str] = {}
        for column, field in _portal_mapping(part, chosen).items():
            if field and field not in filled and (part, column) in there:
                filled[field] = column
        for name in _fields_of(part):
            theirs = filled.get(name)
            by_itself = theirs is not None and f"{part}.{theirs}" not in chosen
            found.append(OurField(part, name, theirs, by_itself, False))
    return tuple(found)


def _fields_of(part: str) -> tuple[str, ...]:
    from pqldesk.services.pulls.portal_tables import USUAL  # opens no database, but loads what would

    kind, usual = USUAL[part]
    return tuple(dict.fromkeys([*usual.values(), *FIELDS[kind]]))


def _portal_mapping(part: str, chosen: Mapping[str, str]) -> dict[str, str]:
    from pqldesk.services.pulls.portal_tables import USUAL, own_mapping

    return {**USUAL[part][1], **own_mapping(part, chosen)}


def _portal_choice(chosen: Mapping[str, str], part: str, field: str, theirs: str) -> dict[str, str]:
    """The settings with which only the column *theirs* fills *field*."""
    from pqldesk.services.pulls.portal_tables import USUAL

    if part not in USUAL or field not in _fields_of(part):
        raise _unknown(f"{part}.{field}")
    usual = USUAL[part][1]
    after = dict(chosen)
    for column, filled in _portal_mapping(part, chosen).items():
        if filled == field and column != theirs:
            after.pop(f"{part}.{column}", None)
            if usual.get(column) == field:
                after[f"{part}.{column}"] = ""
    if theirs:
        after[f"{part}.{theirs}"] = field
        if usual.get(theirs) == field:
            del after[f"{part}.{theirs}"]
    return after


def _warehouse_choice(chosen: Mapping[str, str], field: str, theirs: str) -> dict[str, str]:
    if field not in _EVENT_FIELDS:
        raise _unknown(field)
    after = {key: value for key, value in chosen.items() if key != field}
    if theirs:
        after[field] = theirs
    if field in _NEEDED and not theirs:
        raise BadInput(
            _("Nothing can be read without {field}.").format(field=field), _("Choose another column for it.")
        )
    if not after.get("email", "").strip() and not after.get("user_id", "").strip():
        raise BadInput(
            _("It is not said whose events these are."), _("Choose a column for email or user_id first.")
        )
    return after


def _unknown(name: str) -> BadInput:
    return BadInput(
        _("There is nothing of ours called {name!r} to map.").format(name=name),
        _("Ask again what there is."),
    )
