"""Erasing a person's rows: what each table holds of people, and what becomes of it.

Every table is named here; a test refuses one that is not. The lead's own row stays as a shell without anything of the
person, so that what counts leads or points to one still stands.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update
from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.models.history import Action, ActionRow
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Identity, Lead, Submission, Trial
from pqldesk.models.remote import OutboxItem, RemoteLink
from pqldesk.models.schema import Base
from pqldesk.models.usage import CountedDay
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.history import ERASED, family_of
from pqldesk.services.identity.keys import EMAIL, fold, survivor_of

Key = tuple[str, str]  # namespace and folded value
# A first name or a short id stands in too many texts about others.
_TELLING: Final = re.compile(r"\S@\S|\S+ \S+|[+\d][\d -]{6,}").search

# Rows that go, by the column that says whose they are; in an order that foreign keys allow.
GOES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "usage_event": (("identity_id", "identity"),),
    "usage_day": (("identity_id", "identity"),),
    "usage_total": (("identity_id", "identity"),),
    "event_set_aside": (("identity_id", "identity"),),
    "identity_link": (("identity_id", "identity"), ("lead_id", "lead")),
    "hop": (("submission_id", "submission"),),
    "submission": (("lead_id", "lead"), ("identity_id", "identity")),
    "outbox_item": (("lead_id", "lead"),),
    "handoff": (("lead_id", "lead"),),
    "handoff_draft": (("lead_id", "lead"),),
    "claim": (("lead_id", "lead"),),
    "task": (("lead_id", "lead"),),
    "note": (("lead_id", "lead"),),
    "notice": (("lead_id", "lead"),),
    "score_event": (("lead_id", "lead"),),
    "suggestion": (("lead_id", "lead"), ("other_id", "lead")),
    "merge": (("survivor_id", "lead"), ("loser_id", "lead")),
    "route_turn": (("lead_id", "lead"),),
    "conflict": (("lead_id", "lead"),),
    "batch_row": (("row_id", "lead"),),  # images that imports keep, of leads only
    "identity": (("id", "identity"),),
}
# Rows that stay and are emptied of the person by the functions below, in raw.py and in views.py.
EMPTIED: Final = frozenset(
    {
        "lead", "trial", "action", "action_row", "remote_link", "raw_page", "refused_call", "event_name", "counted_day",
        "saved_view", "view_layout", "route",
    }
)  # fmt: skip
# What is of the workspace, of companies or of reps, and of nobody who may ask to be erased.
OF_NOBODY: Final = frozenset(
    {
        "batch", "change", "company", "company_key", "connection", "erasure", "event_kind", "event_rule",
        "import_mapping", "member", "notice_mark", "placement", "placement_report", "playbook", "pulled_file",
        "route_share", "runner", "scoring_model_version", "setting", "sync_state",
        "tombstone", "written_file",
    }
)  # fmt: skip
# Columns of history images that say what happened, not to whom.
_IMPERSONAL: Final = frozenset(
    {
        "state", "state_before", "owner", "rep", "actor", "assignee", "created_by", "done_by", "author", "kind",
        "source", "playbook", "system", "end_reason", "outcome", "currency", "stage", "namespace",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Everything one person is known by here."""

    leads: tuple[int, ...]
    identities: tuple[int, ...]
    keys: frozenset[Key]
    words: tuple[str, ...]  # what betrays them in a text, case-folded: addresses, full names, phone numbers

    @property
    def is_known(self) -> bool:
        return bool(self.leads or self.identities)


def person_of(session: Session, keys: Collection[Key], lead_id: int | None = None) -> Person:
    """The person behind any of *keys*, or behind the lead: with all that was merged, and ids that follow theirs."""
    found = _identities(session, _keyed(keys)) if keys else []
    addresses = [value for namespace, value in keys if namespace == EMAIL]
    roots = {one.lead_id for one in found if one.lead_id is not None} | ({lead_id} if lead_id else set())
    if addresses:
        roots |= set(session.scalars(select(Lead.id).where(func.lower(Lead.email).in_(addresses))))
    leads = sorted({one for root in roots for one in family_of(session, survivor_of(session, root))})
    if leads:
        found += _identities(session, Identity.lead_id.in_(leads))
    own = {one.id for one in found}
    leading = own | {one.follows for one in found if one.follows is not None}
    if leading:
        # Ids without a lead go along with the one they follow; another lead's do not.
        together = Identity.lead_id.is_(None) & (Identity.follows.in_(leading) | Identity.id.in_(leading))
        found += [one for one in _identities(session, together) if one.id not in own]
    known = {(one.namespace, one.folded) for one in found} | set(keys)
    rows = session.scalars(select(Lead).where(Lead.id.in_(leads))).all()
    known |= {(EMAIL, fold(EMAIL, lead.email)) for lead in rows if lead.email}
    words = [one.value for one in found] + [value for _, value in keys]
    words += [word for lead in rows for word in (lead.email, lead.name, lead.phone) if word]
    telling = dict.fromkeys(word.casefold() for word in words if _TELLING(word))
    return Person(tuple(leads), tuple(sorted({one.id for one in found})), frozenset(known), tuple(telling))


def counted(session: Session, person: Person) -> dict[str, int]:
    """How many rows of each table are about the person, tables without any left out."""
    found = {"lead": len(person.leads)}
    for name in GOES:
        found[name] = sum(
            session.scalar(select(func.count()).select_from(_table(name)).where(part)) or 0
            for part in _theirs(session, name, person)
        )
    found["trial"] = session.scalar(select(func.count()).select_from(Trial).where(_trials(person))) or 0
    found["action"] = session.scalar(select(func.count()).where(Action.lead_id.in_(person.leads))) or 0
    return {name: many for name, many in found.items() if many}


def remote_records(session: Session, person: Person) -> list[tuple[str, str, str | None]]:
    """(system, id, address) of the person's records in other systems."""
    rows = session.execute(
        select(RemoteLink.system, RemoteLink.remote_id, RemoteLink.url)
        .where(RemoteLink.kind == "person", RemoteLink.local_id.in_(person.leads))
        .order_by(RemoteLink.id)
    )
    return [(system, remote_id, url) for system, remote_id, url in rows]


def under_way(session: Session, person: Person) -> list[str]:
    """The systems that something about the person is being sent to just now."""
    rows = session.scalars(
        select(OutboxItem.system)
        .where(OutboxItem.lead_id.in_(person.leads), OutboxItem.state == "sending")
        .distinct()
        .order_by(OutboxItem.system)
    )
    return list(rows)


def erase_rows(session: Session, person: Person, at: datetime) -> dict[str, int]:
    """Remove the person from every table; how many rows of each were about them."""
    found = counted(session, person)
    places = _places(session, person)
    _empty_images(session, places)
    _empty_details(session, person)
    _empty_trials(session, person)
    session.execute(
        delete(RemoteLink).where(
            or_(RemoteLink.kind.startswith("person"), RemoteLink.kind.startswith("list_entry")),
            RemoteLink.local_id.in_(person.leads),
        )
    )
    own_deals = (RemoteLink.kind.startswith("lead_deal"), RemoteLink.local_id.in_(person.leads))
    session.execute(
        update(RemoteLink).where(*own_deals).values(base=None)
    )  # a deal may be called by their name
    for name in GOES:
        for part in _theirs(session, name, person):
            session.execute(delete(_table(name)).where(part))
    session.execute(delete(CountedDay).where(_counted(person)))
    _empty_leads(session, person, at)
    session.expire_all()
    return found


def _theirs(session: Session, name: str, person: Person) -> list[ColumnElement[bool]]:
    """Conditions that find the person's rows of a table, none of them twice."""
    table = _table(name)
    ids: dict[str, Collection[int]] = {"lead": person.leads, "identity": person.identities}
    ids["submission"] = session.scalars(
        select(Submission.id).where(Submission.lead_id.in_(person.leads))
    ).all()
    parts: list[ColumnElement[bool]] = [
        table.c[column].in_(ids[whose]) for column, whose in GOES[name] if ids[whose]
    ]
    if name == "batch_row":
        parts = [part & (table.c["table"] == Lead.__tablename__) for part in parts]
    return [or_(*parts)] if parts else []


def _places(session: Session, person: Person) -> dict[str, set[int]]:
    """{table: row ids} of all that is about the person and may stand in images of the history."""
    places = {"lead": set(person.leads)}
    for name in GOES:
        table = _table(name)
        if "id" in table.c:
            places[name] = {
                row_id
                for part in _theirs(session, name, person)
                for row_id in session.scalars(select(table.c.id).where(part))
            }
    places["trial"] = set(session.scalars(select(Trial.id).where(_trials(person))))
    return places


def _empty_images(session: Session, places: Mapping[str, Collection[int]]) -> None:
    """Put "erased" for every personal value in images of these rows, also of rows that are long gone."""
    actions = select(Action.id).where(Action.lead_id.in_(places["lead"]))
    wanted = [ActionRow.action_id.in_(actions) & ActionRow.table.in_([*GOES, "lead", "trial"])]
    wanted += [
        (ActionRow.table == name) & ActionRow.row_id.in_(chunk)
        for name, ids in places.items()
        for chunk in chunked(sorted(ids))
    ]
    is_secured = rights.is_secured(session)
    for part in wanted:
        for image in session.scalars(select(ActionRow).where(part)):
            before, after = _emptied(image.before), _emptied(image.after)
            if not is_secured:
                image.before, image.after = before, after
            elif (before, after) != (image.before, image.after):  # nobody in a team may do that by themselves
                rights.empty_image(session, image.id, before, after)
                session.expire(image)
        session.flush()


def _emptied(image: Any) -> Any:
    if not isinstance(image, dict):
        return image
    return {
        name: ERASED if isinstance(value, str) and name not in _IMPERSONAL else value
        for name, value in image.items()
    }


def _empty_details(session: Session, person: Person) -> None:
    about: list[ColumnElement[bool]] = [Action.lead_id.in_(person.leads)]
    about += [Action.detail.icontains(word, autoescape=True) for word in person.words]
    if rights.is_secured(session):
        rights.empty_details(session, session.scalars(select(Action.id).where(or_(*about))).all())
        return
    session.execute(update(Action).where(or_(*about), Action.detail != "").values(detail=ERASED))


def _empty_trials(session: Session, person: Person) -> None:
    """A company's trial stays the company's; one that was the person's alone goes."""
    session.execute(delete(Trial).where(_trials(person), Trial.company_id.is_(None)))
    for trial in session.scalars(select(Trial).where(_trials(person))):
        trial.lead_id = trial.identity_id = None
        trial.key = f"{ERASED}:{trial.id}"
    session.flush()


def _trials(person: Person) -> ColumnElement[bool]:
    return or_(Trial.lead_id.in_(person.leads), Trial.identity_id.in_(person.identities))


def _counted(person: Person) -> ColumnElement[bool]:
    """What a warehouse counted of the person: known there by address and id, joined by a bar."""
    return or_(
        *(
            func.lower(CountedDay.who).startswith(f"{value}|", autoescape=True)
            if namespace == EMAIL
            else (CountedDay.source == namespace) & CountedDay.who.endswith(f"|{value}", autoescape=True)
            for namespace, value in person.keys
        )
    )


def _empty_leads(session: Session, person: Person, at: datetime) -> None:
    """Nothing stays of the lead but its number and that it was erased."""
    table = _table("lead")
    kept = {"id", "created_at", "sample"}
    empty: dict[str, Any] = {
        column.name: None
        for column in table.columns
        if column.nullable and column.computed is None and column.name not in kept
    }
    empty |= {"state": ERASED, "score": 0, "qualified": False, "activation": 0, "touched_at": at}
    for lead_id in person.leads:
        name = public_id(LEAD, lead_id)
        session.execute(update(Lead).where(Lead.id == lead_id).values(**empty, name=name))


def _identities(session: Session, which: ColumnElement[bool]) -> list[Identity]:
    return list(session.scalars(select(Identity).where(which).order_by(Identity.id)))


def _keyed(keys: Iterable[Key]) -> ColumnElement[bool]:
    return or_(*((Identity.namespace == name) & (Identity.folded == value) for name, value in keys))


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
