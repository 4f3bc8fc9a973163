"""Usage counted inside the company's own warehouse: only counts a person and day cross the wire (extra `warehouse`).

One expression of Ibis groups the table of events by person, local day, kind and key; the engine does the work. What
no signal or milestone asks for becomes one kind, ``activity``, without a key: it counts for active days alone. Days
from ``late_days`` before the last run's are counted again, for events that were loaded late; a person's day whose
counts are as they were changes nothing here (services/pulls/counted_usage.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain, groupby, islice
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.events import KINDS, NO_EVENTS, event_map_of, folded_name, kind_named
from pqldesk.services.net import Net
from pqldesk.services.pulls.counted_usage import ACTIVITY, Cell, PersonDay, keeping
from pqldesk.services.pulls.engines import connected, ibis_library, named_in, tried
from pqldesk.services.pulls.puller import Cursor, Page, Puller, Setup, TheirColumn
from pqldesk.services.remote.problems import Held
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.model import Measure

T = TypeVar("T")

LATE_DAYS: Final = 3
ENDING_S: Final = 5.0  # how long a query that was told to end is waited for
_AGAIN_S: Final = 0.1
RANGE_DAYS: Final = 7  # counted by one query: at 100,000 people some 200 MB of counts
_SLICE: Final = 5_000
PAGE: Final = 200  # person days stored in one transaction
HAVE_KEYS: Final = ("feature_activated", "integration_connected")  # shown by name in notes and records
_DAY_S: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)
NEEDED: Final = ("table", "event", "occurred_at")


def opened(setup: Setup) -> Puller:
    """The puller of one table of events."""
    return Warehouse(setup)


class Warehouse:
    """One table of events: columns are named by ``--set FIELD=COLUMN``."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._columns = {name: setup.wanted(name, "COLUMN") for name in NEEDED[1:]}
        for name in ("email", "user_id", "key", "quantity", "event_id"):
            if setup.chosen.get(name, "").strip():
                self._columns[name] = setup.chosen[name].strip()
        if not self._columns.keys() & {"email", "user_id"}:
            raise BadInput(
                _("It is not said whose events these are."),
                _("Add --set email=COLUMN or --set user_id=COLUMN."),
            )
        self._late = setup.number("late_days", LATE_DAYS, 0, 90)
        self._connection: Any = None
        self._is_asking = False
        self.transferred = 0  # bytes of counts

    async def check(self, net: Net) -> str:
        """The engine and the table. Held where a column is not there, or the extra is not installed."""
        return await asyncio.to_thread(self._checked)

    async def pages(self, net: Net, cursor: Cursor) -> AsyncIterator[Page]:
        """Ranges of days, oldest first; the cursor moves when a range is whole."""
        asked, keyed = await net.read(_counted_kinds)
        today = self._setup.now.astimezone(self._setup.options.zone).date()
        done = cursor.get("day")
        first = date.fromisoformat(done) - timedelta(days=self._late) if done else self._setup.since().date()
        event_map = await net.read(_event_map)
        try:
            kinds = await self._beside(partial(self._kinds, asked, event_map, first))
            while first <= today:
                last = min(first + timedelta(days=RANGE_DAYS - 1), today)
                counted = await self._beside(partial(self._counts, kinds, keyed, first, last))
                moved = {"day": last.isoformat()}
                saying = f"days up to {last}, {self.transferred} bytes of counts"
                pages = _pages(counted)
                some: list[PersonDay] = await asyncio.to_thread(next, pages, [])
                while True:
                    more = await asyncio.to_thread(next, pages, None)
                    stands = cursor if more else moved
                    yield Page(stands, keep=keeping(self._setup.source, some), saying=saying)
                    if more is None:
                        break
                    some = more
                cursor = moved
                first = last + timedelta(days=1)
        finally:
            if not self._is_asking:  # a connection is not closed under a query
                await asyncio.to_thread(self._close)

    async def columns(self) -> tuple[TheirColumn, ...]:
        """What the table has. Raises as `check` does."""
        return await asyncio.to_thread(self._described)

    def _described(self) -> tuple[TheirColumn, ...]:
        try:
            schema = self._table().schema()
            return tuple(TheirColumn("", name, str(kind)) for name, kind in schema.items())
        finally:
            self._close()

    def _checked(self) -> str:
        try:
            table = self._table()
            lacking = [name for name in self._columns.values() if name not in table.columns]
            if lacking:
                raise Held(
                    _("The table has no column {lacking}.").format(lacking=lacking[0]),
                    _("It has {known}.").format(known=", ".join(table.columns)),
                )
            return f"{self._connection.name}, {self._setup.chosen['table']}"
        finally:
            self._close()

    def _table(self) -> Any:
        if self._connection is None:
            self._connection = connected(self._setup)
        wanted = named_in(self._connection.name, self._setup.wanted("table", "events"))
        schema, _, name = wanted.rpartition(".")
        table = tried(lambda: self._connection.table(name, database=schema or None))
        self._columns = {field: _as_there(each, table.columns) for field, each in self._columns.items()}
        return table

    def _kinds(self, counted: set[str], event_map: Mapping[str, str], first: date) -> dict[str, str]:
        """Event name -> kind, for the names there are since *first*; those that are no events are left out."""
        table = self._table()
        at = _time(table, self._columns)
        recent = table.filter(at >= _moment(at, _since(first, self._setup.options.zone)))
        names = tried(
            lambda: recent.select(name=table[self._columns["event"]].cast("string")).distinct().to_pyarrow()
        )
        found = {}
        for name in names.column("name").to_pylist():
            if name and folded_name(name) not in NO_EVENTS:
                kind = kind_named(name, event_map)
                found[name] = kind if kind in counted else ACTIVITY
        return found

    def _counts(self, kinds: Mapping[str, str], keyed: Collection[str], first: date, last: date) -> Any:
        """The counts of some days as a table of Arrow; None where there is no event."""
        if not kinds:
            return None
        table, zone = self._table(), self._setup.options.zone
        engine = self._connection.name
        expression = counts(table, self._columns, kinds, keyed, first, last, zone, engine)
        found = tried(lambda: expression.to_pyarrow())
        self.transferred += int(found.nbytes)
        return found

    async def _beside(self, query: Callable[[], T]) -> T:
        """What *query* finds, on a thread. Cancelled, the engine is told to end it until it has, for ENDING_S."""
        self._is_asking = True
        running = asyncio.ensure_future(asyncio.to_thread(query))
        running.add_done_callback(self._answered)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            until = asyncio.get_running_loop().time() + ENDING_S
            while not running.done() and asyncio.get_running_loop().time() < until:
                self._interrupt()  # again: one that comes before the query begins is lost
                with suppress(asyncio.CancelledError):  # whoever stops it may say so twice
                    await asyncio.wait({running}, timeout=_AGAIN_S)
            raise

    def _answered(self, running: "asyncio.Future[T]") -> None:
        self._is_asking = False
        if not running.cancelled():
            running.exception()  # heard, where nobody waits for it any more

    def _interrupt(self) -> None:
        """End the query under way, where the engine can."""
        inner = getattr(self._connection, "con", None)
        for name in ("interrupt", "cancel"):
            if hasattr(inner, name):
                getattr(inner, name)()
                return

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
            self._connection = None


def counts(
    table: Any,
    columns: Mapping[str, str],
    kinds: Mapping[str, str],
    keyed: Collection[str],
    first: date,
    last: date,
    zone: ZoneInfo,
    engine: str = "",
) -> Any:
    """The expression that every engine carries out: who, day, kind, key, how often, how much, first and last second.

    *kinds*: event name -> kind; *keyed*: the kinds whose keys are told apart; *engine*: as Ibis calls it.

    A day is the second at which it begins on the clock of *zone*, and days are told apart by whole numbers: what adds
    to a time, or takes its date, differs from engine to engine.
    """
    ibis = ibis_library()
    at = _time(table, columns)
    begin, end = _since(first, zone), _since(last + timedelta(days=1), zone)
    wanted = table.filter(at >= _moment(at, begin), at < _moment(at, end))
    wanted = wanted.filter(wanted[columns["event"]].isin(list(kinds)))
    at = _time(wanted, columns)
    kind = wanted[columns["event"]].cast("string").cases(*kinds.items(), else_=ACTIVITY)
    key = wanted[columns["key"]].cast("string").fill_null("") if "key" in columns else ibis.literal("")
    amount = (
        wanted[columns["quantity"]].cast("float64").fill_null(1.0)
        if "quantity" in columns
        else ibis.literal(1.0)
    )
    each = wanted.select(
        email=wanted[columns["email"]].cast("string") if "email" in columns else ibis.null("string"),
        user_id=wanted[columns["user_id"]].cast("string") if "user_id" in columns else ibis.null("string"),
        kind=kind,
        key=kind.isin(sorted(keyed)).ifelse(key, ""),
        quantity=(amount * 1_000_000.0).round().cast("int64"),
        second=_second(at, engine),
        **({"event_id": wanted[columns["event_id"]].cast("string")} if "event_id" in columns else {}),
    )
    if "event_id" in columns:  # loaders deliver at least once
        each = each.group_by("event_id").agg(
            **{name: each[name].min() for name in each.columns if name != "event_id"}
        )
    each = each.filter(each.email.notnull() | each.user_id.notnull())
    each = each.mutate(day=_local_day(each.second, begin, end, zone))
    return (
        each.group_by(["email", "user_id", "day", "kind", "key"])
        .agg(n=each.count(), quantity=each.quantity.sum(), first=each.second.min(), last=each.second.max())
        .order_by(["email", "user_id", "day", "kind", "key"])
    )


def _as_there(column: str, columns: Collection[str]) -> str:
    """The column as the table spells it, where only capitals differ and only one does; else as it was given."""
    alike = [one for one in columns if one.casefold() == column.casefold()]
    return alike[0] if column not in columns and len(alike) == 1 else column


def _time(table: Any, columns: Mapping[str, str]) -> Any:
    """When it happened: a time as it is, so that engines use what the table is ordered by; a number as seconds since
    1970; anything else as a time of UTC."""
    column: Any = table[columns["occurred_at"]]
    if column.type().is_timestamp():
        return column
    return column.cast("timestamp('UTC')" if column.type().is_integer() else "timestamp")


def _moment(at: Any, moment: datetime) -> Any:
    """A moment that *at* is compared with. BigQuery compares times with a zone only with such; Snowflake and Trino drop
    the zone, not the difference, where they are made equal."""
    aware = at.type().timezone is not None
    return ibis_library().timestamp(moment, timezone="UTC") if aware else ibis_library().timestamp(moment)


def _second(at: Any, engine: str) -> Any:
    """The whole second since 1970, the fraction cut off: some engines would round to the nearest, which may be
    tomorrow. BigQuery counts seconds of times with a zone only, and gives one to a time without it by the zone that a
    project may have set; the distance between two times without one knows none."""
    if engine == "bigquery":
        if at.type().timezone is None:
            return at.delta(_moment(at, datetime(1970, 1, 1)), unit="second")  # noqa: DTZ001 - it has none there
        at = at.truncate("s")
    return at.epoch_seconds().cast("float64").floor().cast("int64")


def _since(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in *zone*, in UTC without saying so."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _local_day(second: Any, begin: datetime, end: datetime, zone: ZoneInfo) -> Any:
    """When the day in *zone* begins, as if its clock were UTC's, by the offsets that hold between *begin* and *end*:
    engines know no common time zones."""
    *before, (_, offset) = _offsets(begin, end, zone)
    shifted = second + offset
    if before:
        branches = [
            (second < int(until.replace(tzinfo=UTC).timestamp()), second + seconds)
            for until, seconds in before
        ]
        shifted = ibis_library().cases(*branches, else_=shifted)
    return shifted - shifted % _DAY_S


def _offsets(begin: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """(until when, seconds to add), in order of time; a clock changes on a full quarter of an hour."""

    def offset(at: datetime) -> int:
        found = at.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        return int(found.total_seconds()) if found is not None else 0

    steps: list[tuple[datetime, int]] = []
    here, seconds = begin, offset(begin)
    while here < end:
        here += timedelta(minutes=15)
        if offset(here) != seconds:
            steps.append((here, seconds))
            seconds = offset(here)
    return [*steps, (end, seconds)]


def _pages(counted: Any) -> Iterator[list[PersonDay]]:
    """Person days, some at a time; only those are ever Python objects."""
    days = _person_days(counted)
    while some := list(islice(days, PAGE)):
        yield some


def _person_days(counted: Any) -> Iterator[PersonDay]:
    rows = chain.from_iterable(
        counted.slice(start, _SLICE).to_pylist()
        for start in range(0, 0 if counted is None else counted.num_rows, _SLICE)
    )
    for (email, user_id, begins), some in groupby(
        rows, key=lambda row: (row["email"], row["user_id"], row["day"])
    ):
        cells = tuple(
            Cell(
                row["kind"],
                row["key"],
                int(row["n"]),
                int(row["quantity"]),
                int(row["first"]),
                int(row["last"]),
            )
            for row in some
        )
        yield PersonDay(email, user_id, _EPOCH + timedelta(seconds=int(begins)), cells)


def _counted_kinds(session: Session) -> tuple[set[str], set[str]]:
    """The kinds that a signal or a milestone asks for, and our own; and those whose keys are told apart."""
    live = live_model(session)
    asked = [(one.kind, one.measure) for one in live.model.signals]
    asked += [(one.kind, one.measure) for one in live.milestones]
    keyed = {kind for kind, measure in asked if kind and measure is Measure.DISTINCT_KEYS}
    return {*KINDS, *(kind for kind, _ in asked if kind)}, {*HAVE_KEYS, *keyed}


def _event_map(session: Session) -> dict[str, str]:
    return event_map_of(settings.family(session, "event_map."))
