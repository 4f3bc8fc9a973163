"""One file on its way into the workspace: page after page, each with what follows from it, all of it or nothing."""

import itertools
import signal
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.ids import BATCH, public_id
from pqldesk.models.settings import Batch
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.basics.written_files import note_written
from pqldesk.services.calls.exports import exported
from pqldesk.services.calls.readers import Reader
from pqldesk.services.calls.reading import Reading
from pqldesk.services.events.rules import EventRules
from pqldesk.services.files.event_rows import (
    EventColumns,
    EventReader,
    Piece,
    event_pieces,
    in_pages,
    kinds_of,
)
from pqldesk.services.files.events import KINDS
from pqldesk.services.files.fields import Kind
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.options import ValueOptions, unzoned_note
from pqldesk.services.files.records import RecordReader
from pqldesk.services.files.rejects import RejectsFile
from pqldesk.services.files.table import Reject, SourceTable
from pqldesk.services.identity.likeness import suggest_likely
from pqldesk.services.imports.pace import GATHERED, Pace
from pqldesk.services.imports.result import BrokenOff, FileResult, ImportOptions, Interrupted, NothingUsable
from pqldesk.services.imports.storing import Store, store_gathered, store_of, store_page
from pqldesk.services.ingest.calls import CallStore
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.scoring.live import live_model

if TYPE_CHECKING:
    from pqldesk.services.ingest.bulk import BulkLoad

P = ParamSpec("P")
T = TypeVar("T")


class _NothingKept(Exception):
    """Rolls a dry run back."""


class ImportRun:
    """Reads, stores and counts one file."""

    def __init__(
        self,
        db: Database,
        kind: Kind,
        table: SourceTable,
        mapping: ColumnMapping,
        options: ImportOptions,
        values: ValueOptions,
        rejects: RejectsFile,
        at: datetime,
        actor: str,
        report: Callable[[Progress], None],
        calls: tuple[Reader, EventRules] | None = None,
    ) -> None:
        """*calls*: how the items of a recognised export are read, and what its events mean."""
        self._db = db
        self._kind = kind
        self._table = table
        self._mapping = mapping
        self._options = options
        self._values = values
        self._rejects = rejects
        self._at = at
        self._report = report
        self._records = RecordReader(mapping, values)
        self._events = EventReader(values, values.empty_texts(table.format))
        self._calls = calls
        self._store: Store[Any] = (
            CallStore(options.source, actor, values) if calls else store_of(kind, options.source, actor)
        )
        self._pace = Pace(db, kind, options.page, watching=not options.dry_run)
        self._may_gather = db.is_sqlite and options.page is None
        self._batch_id: int | None = None
        self._new_leads: set[int] = set()
        self._batches = 0
        self.result = FileResult(
            file=str(table.path),
            encoding=table.encoding,
            delimiter=table.delimiter,
            header_line=table.header_line,
            sheet=table.sheet,
            mapping=dict(mapping.columns),
            unmapped=list(mapping.unmapped),
        )

    def run(self) -> FileResult:
        """Store page after page, each in its own transaction."""
        pages = self._pages()
        first = next(pages, None)
        if first is None:
            self._refuse()
        self._batch_id = self._db.write(self._begin).result()
        try:
            pages = itertools.chain([first], pages)
            if isinstance(self._store, EventStore) and self._may_gather:
                pages = self._gathered(pages, self._store)
            for page in pages:
                self._keep(store_page, self._store, page)
                self._tell(self.result.rows)
        except KeyboardInterrupt:
            self._finish(interrupted=True)
            raise Interrupted(self._table.path.name, self._batches, self.result.rows, self.result) from None
        except Problem as problem:  # the disk is full, the file breaks off, the workspace is taken
            with suppress(Problem):
                self._finish(interrupted=True)
            raise BrokenOff(self._table.path.name, self._batches, self.result, problem) from None
        self._finish(interrupted=False)
        return self.result

    def _gathered(self, pages: Iterator[Piece], store: EventStore) -> Iterator[Piece]:
        """Usage is gathered, and stored at once, or person by person while a window has the workspace open.

        Gives back a page that is all there is. What stops it in the midst leaves whole pages stored.
        """
        begun = list(itertools.islice(pages, 2))
        if len(begun) < 2 and not self._pace.is_short():
            return iter(begun)
        from pqldesk.services.ingest.bulk import BulkLoad  # numpy takes 0.1 s to load

        waiting = itertools.chain(begun, pages)
        while True:
            load = BulkLoad(store, self._at, is_first=not self._batches)
            late: list[EventColumns] = []
            stopped = self._gather(load, late, waiting)
            if isinstance(stopped, KeyboardInterrupt) and self._pace.is_short():
                raise stopped  # what was read is not worth another minute
            self._store_load(load, late, store)
            if stopped is not None:
                raise stopped
            following = next(waiting, None)
            if following is None:
                return iter(())
            waiting = itertools.chain([following], waiting)

    def _gather(
        self, load: "BulkLoad", late: list[EventColumns], waiting: Iterator[Piece]
    ) -> KeyboardInterrupt | Problem | None:
        """Read until there is enough to store, or something stops it; gives back what."""
        try:
            for piece in waiting:
                page = piece if isinstance(piece, EventColumns) else EventColumns.of(piece)
                if (ahead := load.add(page)) is not None:
                    late.append(ahead)
                is_short = self._pace.is_short()
                if not is_short:
                    self._tell(self.result.rows + load.events)
                if load.is_full or (is_short and load.events >= GATHERED):
                    return None
        except (KeyboardInterrupt, Problem) as stopped:
            return stopped
        return None

    def _store_load(self, load: "BulkLoad", late: list[EventColumns], store: EventStore) -> None:
        while load.events:
            is_short = self._pace.is_short()
            if is_short:
                self._db.read(store.recall, load.by_person()).result()
            self._keep(store_gathered, load, self._pace.rows() if is_short else None)
            self._tell(self.result.rows + load.events * (not is_short))
        for page in late:
            for part in in_pages([page], self._pace.rows):
                self._keep(store_page, store, part)

    def dry(self) -> FileResult:
        """The same figures from one transaction that is rolled back."""

        def run(session: Session) -> None:
            pages = 0
            kinds: Counter[str] = Counter()
            for page in self._pages():
                if self._kind is Kind.EVENTS and self._calls is None:
                    kinds.update(kinds_of(page))
                self.result.add(self._store.store(session, page, self._at, None))
                pages += 1
            if not pages:
                self._refuse()
            self.result.uncounted = _uncounted(session, kinds)
            raise _NothingKept

        try:
            self._db.write_bulk(run).result()
        except _NothingKept:
            self._count()
        return self.result

    def _keep(
        self,
        command: Callable[Concatenate[Session, datetime, int | None, P], Stored],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """One transaction, counted, whatever Ctrl+C comes meanwhile: the batch is whole before the import stops."""
        with _undisturbed():
            stored = self._db.write_bulk(command, self._at, self._batch_id, *args, **kwargs).result()
            self.result.add(stored)
            self._batches += 1
            self._new_leads |= stored.new_leads
        self._pace.kept(stored.work or stored.rows, stored.seconds)

    def _tell(self, rows: int) -> None:
        self._report(Progress(rows, f"{self._table.path.name}: {rows} rows"))

    def _pages(self) -> Iterator[Any]:
        if self._calls is not None:
            read, rules = self._calls
            items = exported(
                self._table, read, Reading(self._values), rules.ready_of, self._reject, self._ignore
            )
            return (list(itertools.chain(*page)) for page in _paged(items, self._pace.rows))
        if self._kind is Kind.EVENTS:
            pieces = event_pieces(self._table, self._mapping, self._values, self._reject, self._events)
            return in_pages(pieces, self._pace.read if self._may_gather else self._pace.rows)
        return _paged(self._records.records(self._table, self._reject), self._pace.rows)

    def _reject(self, reject: Reject) -> None:
        self._rejects.add(reject)
        self.result.rejected += 1

    def _ignore(self) -> None:
        self.result.ignored += 1

    def _begin(self, session: Session) -> int:
        batch = Batch(
            kind=self._kind.value, source=self._options.source, file=str(self._table.path), at=self._at
        )
        session.add(batch)
        session.flush()
        return batch.id

    def _finish(self, *, interrupted: bool) -> None:
        self._count()
        result = self.result

        def store(session: Session) -> Changes:
            batch = session.get_one(Batch, self._batch_id)
            batch.rows, batch.created, batch.updated = result.rows, result.created, result.updated
            batch.duplicates, batch.rejected = result.duplicates, result.rejected
            batch.set_aside, batch.rejects_file = result.set_aside, result.rejects_file
            batch.finished = not interrupted
            if result.rejects_file:
                note_written(session, Path(result.rejects_file), "rejects", self._at)
            return Changes.to(Topic.SOURCES)

        self._db.write(store).result()
        if self._new_leads:  # once for the whole file: it compares the new leads with all others
            self._db.write_bulk(_suggest, self._new_leads, self._at, self._batch_id).result()
        result.batch = None if self._batch_id is None else public_id(BATCH, self._batch_id)

    def _count(self) -> None:
        result = self.result
        result.add(Stored())
        result.blank = self._table.blank
        result.rejects_file = str(self._rejects.path) if self._rejects.path else None
        columns = self._table.columns
        result.rejects = [
            {
                "line": reject.line,
                "row": reject.row,
                "reason": reject.reason,
                "values": dict(zip(columns, reject.values, strict=False)),
            }
            for reject in self._rejects.listed
        ]
        final = self._mapping.extended(columns)
        result.mapping, result.unmapped = dict(final.columns), list(final.unmapped)
        unzoned = self._events.times.unzoned + self._records.unzoned
        result.notes += self._table.notes
        if unzoned:
            result.in_question.insert(0, "zone")
            result.notes.append(unzoned_note(unzoned, self._values.zone))

    def _refuse(self) -> NoReturn:
        """Nothing in the file could be used."""
        name = self._table.path.name
        if not self.result.rejected and self.result.ignored:
            raise BadInput(
                _(
                    "{name} holds nothing that counts: all {n} rows are page pings or of other kinds that are ignored."
                ).format(name=name, n=numeral(self.result.ignored)),
                _("Look at what is ignored with pqldesk events rules list."),
            )
        if not self.result.rejected:
            raise BadInput(
                _("{name} has a header but no rows.").format(name=name), _("Check that it is the right file.")
            )
        first = self._rejects.listed[0]
        self._count()
        raise NothingUsable(
            _(
                "{name} has no usable row: all {rejected} were rejected; the first, on line {line}: {reason}"
            ).format(name=name, rejected=self.result.rejected, line=first.line, reason=first.reason),
            _("Check the columns with --dry-run and map them with --map COLUMN=FIELD."),
            self.result,
        )


def _uncounted(session: Session, kinds: Counter[str]) -> dict[str, int]:
    """Events by kind that neither a signal nor a milestone counts by its name, the most frequent first."""
    live = live_model(session)
    counted = {signal.kind for signal in live.model.signals} | {stone.kind for stone in live.milestones}
    counted |= set(KINDS)
    return {kind: many for kind, many in kinds.most_common() if kind not in counted}


def _suggest(session: Session, leads: Collection[int], at: datetime, batch_id: int | None) -> Changes:
    suggest_likely(session, leads, at, batch_id)
    return Changes.to(Topic.LEADS)


def _paged(records: Iterable[T], size: Callable[[], int]) -> Iterator[list[T]]:
    records = iter(records)
    while page := list(itertools.islice(records, size())):
        yield page


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl+C waits until what is under way is done, and stops the import then. Only the main thread ever hears it."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    heard: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt
