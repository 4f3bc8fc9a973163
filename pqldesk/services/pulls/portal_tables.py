"""A customer portal's own tables, through a read-only SQL connection: leads, customers, trial_histories, orders.

Each table is read by the time of its last change (else of its making, else its id), and from ten minutes before where
the last run ended. Columns go to our fields by their usual names, or as ``--set TABLE.COLUMN=FIELD`` says; which table
is meant, ``--set TABLE=NAME``; an empty name leaves it out.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    MetaData,
    Select,
    Table,
    and_,
    create_engine,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from pqldesk.models.usage import RefusedCall
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.calls.gitlab import kind_of, placement_of
from pqldesk.services.files.fields import FIELDS, Kind
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.records import Record, RecordReader
from pqldesk.services.files.values import BadValue
from pqldesk.services.ingest.people import LeadStore
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.ingest.trials import TrialStore
from pqldesk.services.net import Net
from pqldesk.services.pulls.puller import Cursor, Keep, Page, Puller, Setup, TheirColumn
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem, Unreachable

PAGE: Final = 200  # rows in one transaction: a window beside us must not notice
OVERLAP: Final = timedelta(minutes=10)
STATEMENT_S: Final = 60
_SIGNUP: Final = "/trials/create_iterable"  # what a lead is when its product interaction says nothing
_CLOCK: Final = "pqldesk_clock"  # what a row's time is called in our query
_CLOCKS: Final = ("updated_at", "modified_at", "created_at", "inserted_at")

_PEOPLE: Final = {
    "work_email": "email", "email": "email", "uid": "user_id", "gl_user_id": "user_id", "namespace_id": "company_id",
    "gl_namespace_id": "company_id", "company_name": "company", "company": "company", "first_name": "first_name",
    "last_name": "last_name", "name": "name", "phone_number": "phone", "phone": "phone", "country": "country",
    "state": "state", "role": "job_title", "job_title": "job_title", "existing_plan": "plan", "plan": "plan",
}  # fmt: skip
_TRIAL: Final = {
    "id": "trial_id", "uid": "user_id", "gl_user_id": "user_id", "customer_id": "user_id", "email": "email",
    "work_email": "email", "namespace_id": "company_id", "gl_namespace_id": "company_id", "start_date": "starts_at",
    "starts_on": "starts_at", "starts_at": "starts_at", "end_date": "ends_at", "ends_on": "ends_at",
    "ends_at": "ends_at", "expires_at": "ends_at", "trial_ends_on": "ends_at", "trial_type": "plan", "plan": "plan",
    "plan_name": "plan", "status": "state", "state": "state", "converted_at": "converted_at",
}  # fmt: skip
USUAL: Final[Mapping[str, tuple[Kind, Mapping[str, str]]]] = {
    "customers": (Kind.LEADS, {**_PEOPLE, "id": "user_id", "created_at": "signup_at"}),
    "leads": (
        Kind.LEADS,
        {**_PEOPLE, "glm_source": "glm_source", "glm_content": "glm_content", "comment": "comment",
         "product_interaction": "product_interaction", "kind": "kind", "created_at": "submitted_at"},
    ),
    "trial_histories": (Kind.TRIALS, _TRIAL),
    "orders": (Kind.TRIALS, _TRIAL),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One table as it is read: *clock* and *key* are what it goes by, *fields* column -> our field."""

    name: str
    kind: Kind
    table: Table
    clock: ColumnElement[Any] | None
    key: Column[Any]
    fields: Mapping[str, str]


def opened(setup: Setup) -> Puller:
    """The puller of one database."""
    return Portal(setup)


class Portal:
    """One portal's database."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._page = setup.number("page", PAGE, 1, 2_000)
        self._engine = _engine(setup)

    async def check(self, net: Net) -> str:
        """The tables that will be read. Held where there is none, or one may not be read."""
        found = await asyncio.to_thread(self._sources)
        for source in found:
            await asyncio.to_thread(self._rows, source, None, 1)
        return ", ".join(source.table.name for source in found)

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Table after table: people first, so that trials find them."""
        places: dict[str, Any] = dict(cursor)
        for source in await asyncio.to_thread(self._sources):
            after = _overlapped(places.get(source.name))
            known = places.get(source.name)
            while True:
                rows = await asyncio.to_thread(self._rows, source, after, self._page)
                if not rows:
                    break
                last = rows[-1]
                after = _place(source, last)
                places[source.name] = after if known is None else max(after, known, key=_order)
                saying = f"{source.table.name} up to {after[0] or after[1]}"
                yield Page(dict(places), keep=_keeping(self._setup, source, rows), saying=saying)
                if len(rows) < self._page:
                    break

    async def columns(self) -> tuple[TheirColumn, ...]:
        """What the tables that are read have. Raises as `check` does."""
        return tuple(
            TheirColumn(source.name, column.name, str(column.type).lower())
            for source in await asyncio.to_thread(self._sources)
            for column in source.table.columns
        )

    def _sources(self) -> list[Source]:
        found = []
        chosen = self._setup.chosen
        for name, (kind, usual) in USUAL.items():
            wanted = chosen.get(name, name).strip()
            if not wanted:
                continue
            schema, _dot, table_name = wanted.rpartition(".")
            try:
                table = Table(table_name, MetaData(), schema=schema or None, autoload_with=self._engine)
            except NoSuchTableError:
                if name in chosen:
                    raise Held(
                        _("The portal has no table {wanted}.").format(wanted=wanted),
                        _("Connect again with --set {name}=NAME.").format(name=name),
                    ) from None
                continue
            except DBAPIError as problem:
                raise _explained(problem, wanted) from problem
            found.append(_source(name, kind, table, {**usual, **own_mapping(name, chosen)}))
        if not found:
            raise Held(
                _("None of the portal's tables leads, customers, trial_histories and orders is there."),
                _("Name them: --set leads=NAME, --set customers=NAME and so on."),
            )
        return found

    def _rows(self, source: Source, after: Sequence[Any] | None, most: int) -> list[dict[str, Any]]:
        query = _query(source, after, most)
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except DBAPIError as problem:
            raise _explained(problem, source.table.name) from problem
        except ValueError as problem:
            raise Refused(
                _("A time in {table} cannot be read: {problem}.").format(
                    table=source.table.name, problem=problem
                ),
                "",
            ) from problem


def _engine(setup: Setup) -> Engine:
    url = setup.url
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        return create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool)
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadInput(
            _("{url!r} is no database.").format(url=url),
            _("Write postgresql://host:5432/name, or sqlite:////path/to/file."),
        )
    from sqlalchemy import make_url

    user, password = setup.chosen.get("user"), setup.secrets.get("pull_token")
    where = make_url(url).set(drivername="postgresql+psycopg", username=user, password=password)
    options = f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_S * 1000} -c timezone=UTC"
    return create_engine(where, connect_args={"options": options, "connect_timeout": 10}, poolclass=NullPool)


def own_mapping(name: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """{column: our field} as somebody chose it for a table; "" leaves the column out."""
    before = name + "."
    return {
        key.removeprefix(before): value.strip() for key, value in chosen.items() if key.startswith(before)
    }


def _source(name: str, kind: Kind, table: Table, wanted: Mapping[str, str]) -> Source:
    columns = table.columns
    unknown = sorted({field for field in wanted.values() if field} - set(FIELDS[kind]) - {"trial_id", "kind"})
    if unknown:
        raise BadInput(
            _("{unknown} is no field of {kind}.").format(unknown=unknown[0], kind=kind.value),
            _("Fields: {known}.").format(known=", ".join(FIELDS[kind])),
        )
    fields: dict[str, str] = {}
    for column, field in wanted.items():
        if column in columns and field and field not in fields.values():
            fields[column] = field
    key = next((one for one in table.primary_key.columns), columns.get("id"))
    if key is None:
        raise Held(
            _("{table} has no primary key, so it cannot be read in pages.").format(table=table.name),
            _("Name a view that has an id."),
        )
    return Source(name, kind, table, _clock([columns[one] for one in _CLOCKS if one in columns]), key, fields)


def _clock(columns: Sequence[Column[Any]]) -> ColumnElement[Any] | None:
    """When a row changed last. A product may leave updated_at empty until it changes a row: then when it was made."""
    if not columns:
        return None
    alike = [one for one in columns if type(one.type) is type(columns[0].type)]
    if len(alike) == 1 or not columns[0].nullable:
        return columns[0]
    return func.coalesce(*alike)


def _query(source: Source, after: Sequence[Any] | None, most: int) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        source.table.c[name] for name in sorted({source.key.name, *source.fields})
    ]
    if source.clock is not None:
        columns.append(source.clock.label(_CLOCK))
    query = select(*columns)
    if source.name == "orders" and "trial" in source.table.columns:
        query = query.where(source.table.c["trial"].is_(True))
    clock, key = source.clock, source.key
    if clock is not None:
        query = query.where(clock.is_not(None)).order_by(clock, key)
        if after is not None:
            at = datetime.fromisoformat(after[0])
            if not getattr(clock.type, "timezone", False):
                at = at.replace(tzinfo=None)
            is_within = after[1] is not None  # the first page of a run begins with a time alone
            query = query.where(
                or_(clock > at, and_(clock == at, key > after[1])) if is_within else clock >= at
            )
    else:
        query = query.order_by(key)
        if after is not None:
            query = query.where(key > after[1])
    return query.limit(most)


def _place(source: Source, row: Mapping[str, Any]) -> list[Any]:
    """Where a row stands: its time in UTC as text, and its key."""
    at = row[_CLOCK] if source.clock is not None else None
    if isinstance(at, date) and not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    if isinstance(at, datetime):
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return [at.astimezone(UTC).isoformat(), row[source.key.name]]
    return ["", row[source.key.name]]


def _overlapped(place: Sequence[Any] | None) -> list[Any] | None:
    if place is None:
        return None
    if not place[0]:
        return list(place)
    return [(datetime.fromisoformat(place[0]) - OVERLAP).isoformat(), None]


def _order(place: Sequence[Any]) -> tuple[Any, ...]:
    if not place[0]:
        return (0.0, place[1])
    return (datetime.fromisoformat(place[0]).timestamp(), place[1])


def _keeping(setup: Setup, source: Source, rows: Sequence[Mapping[str, Any]]) -> Keep:
    """The command that stores these rows; one that cannot be used is counted and left out."""
    reader = RecordReader(ColumnMapping(source.kind, {}), setup.options)
    records, refused = [], []
    for number, row in enumerate(rows, 1):
        given = {field: _value(row[column]) for column, field in source.fields.items()}
        if source.name == "leads":
            given.setdefault("kind", kind_of(_SIGNUP, given.get("product_interaction")))
            given["glm_content"] = placement_of(given.get("glm_content"))
        if "trial_id" in given and given["trial_id"] is not None:
            given["trial_id"] = f"{source.name}:{given['trial_id']}"
        try:
            records.append(Record(number, number, reader.fields(given)))
        except BadValue as wrong:
            refused.append((number, number, str(wrong)))
    store = LeadStore(setup.source, "sync") if source.kind is Kind.LEADS else TrialStore(setup.source)

    def keep(session: Session, at: datetime, batch_id: int | None) -> Stored:
        stored = store.store(session, records, at, batch_id) if records else Stored(changes=Changes())
        stored.refused += refused
        if refused:
            session.execute(
                insert(RefusedCall),
                [
                    {"item": row, "source": setup.source, "reason": f"{source.table.name}: {why}",
                     "shown": str(dict(rows[row - 1]))[:300], "at": at}
                    for row, _, why in refused
                ],
            )  # fmt: skip
        return stored

    return keep


def _value(found: object) -> object:
    if isinstance(found, datetime):
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()
    if isinstance(found, date):
        return found.isoformat()
    return found if found is None or isinstance(found, str) else str(found)


def _explained(problem: DBAPIError, table: str) -> RemoteProblem:
    said = (str(problem.orig).splitlines() or [""])[0].strip().rstrip(".")
    state = str(getattr(problem.orig, "sqlstate", None))
    if state == "42501":
        return Held(
            _("The portal does not let you read {table}.").format(table=table),
            _("Ask for the right to SELECT from it."),
        )
    if "authentication" in said or state.startswith("28"):
        return Held(
            _("The portal refused the connection: {said}.").format(said=said),
            _("Connect again with the right user and password."),
        )
    if "unable to open" in said or problem.connection_invalidated or state == "None":
        return Unreachable(
            _("The portal's database cannot be reached: {said}.").format(said=said),
            _("PQLDesk tries again by itself."),
        )
    return Refused(
        _("The portal's database refused the query: {said}.").format(said=said),
        _("Look at docs/sync.md, portal's tables."),
    )
