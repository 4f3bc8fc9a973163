"""Erasing a person from a workspace and from all that was written from it.

First the rows, in one transaction that is on disk before anything else happens; then the search index, the freed
pages and the log of the database; then files and backups. Ended half-way, the same command goes on where it stopped:
the tombstones tell who it was about.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models import migrations
from pqldesk.models.db import Database
from pqldesk.models.engines import rewrite_file
from pqldesk.models.erasure import Erasure
from pqldesk.models.history import Action
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.remote import Connection
from pqldesk.services.basics.bugs import every_log
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.basics.written_files import BACKUP, Written, written_files
from pqldesk.services.connectors import title_of
from pqldesk.services.erasure.files import mentions, naming, rewritten, without_lines
from pqldesk.services.erasure.raw import Step, empty_raw
from pqldesk.services.erasure.rows import (
    Key,
    Person,
    counted,
    erase_rows,
    person_of,
    remote_records,
    under_way,
)
from pqldesk.services.erasure.views import empty_views, named_elsewhere, naming_views
from pqldesk.services.identity.keys import EMAIL, fold
from pqldesk.services.queue.find import lead_of
from pqldesk.services.tombstones import Tombstones, adopt, known_tombstones, lift, plant
from pqldesk.services.workspaces.backup import copies_of

Report = Callable[[Progress], None]
EVERYTHING = Changes.to(*Topic)
_NAMED = 50  # files of others that are listed one by one


@dataclass(slots=True)
class Found:
    """What there is of a person, or was."""

    leads: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)  # files that named the person
    missing: list[str] = field(default_factory=list)  # files once written that are not where they were
    rewritten: list[str] = field(default_factory=list)  # backups and logs
    elsewhere: list[dict[str, str | None]] = field(default_factory=list)  # records in other systems
    left: list[str] = field(default_factory=list)  # what could not be done now, in a sentence each
    changes: Changes = field(default_factory=Changes)


def find_person(session: Session, text: str) -> Person:
    """The person with that e-mail, lead id or ``namespace:value``. NotFound when nothing is here of them."""
    keys = _keys_of(text)
    try:
        lead_id: int | None = lead_of(session, text).id
    except NotFound:
        lead_id = None
    person = person_of(session, [key for key in keys if key[0] == EMAIL or lead_id is None], lead_id)
    if not person.is_known and Tombstones(session).hold_any(keys):
        raise NotFound(_("{text} was erased before.").format(text=text), _("Nothing of that person is here."))
    if not person.is_known:
        raise NotFound(
            _("There is nobody {text!r} here.").format(text=text),
            _("Give an e-mail, a lead id, or an id of a source such as app:4711."),
        )
    return person


def found_of(session: Session, person: Person) -> Found:
    """What erasing would reach, files of the disk left out."""
    found = Found([public_id(LEAD, one) for one in person.leads], counted(session, person))
    found.elsewhere = [
        {"system": system, "remote_id": remote_id, "url": url}
        for system, remote_id, url in remote_records(session, person)
    ]
    return found


def erase(db: Database, text: str, actor: str, at: datetime, report: Report) -> Found:
    """Erase that person everywhere; what was found. NotFound when there is nobody."""
    gone = db.write(_erase, text, actor, at).result()
    person, found = gone.person, gone.found
    report(Progress(1, "rows"))
    found.rows |= _empty_raw(db, person)
    _empty_files(db, person, found)
    report(Progress(2, "files"))
    _empty_backups(db, person, at, found)
    report(Progress(3, "backups"))
    _empty_pages(db, found)
    report(Progress(4, "pages"))
    db.write(_receipt, person, actor, at, found).result()
    return found


def preview(db: Database, text: str) -> Found:
    """What erase() would find and do, nothing done."""
    person = db.read(find_person, text).result()
    found = db.read(found_of, person).result()
    files = _files(db)
    found.deleted = [str(path) for path in _naming(files, person)]
    found.rows |= db.read(
        lambda s: Counter(row.__tablename__ for row in naming_views(s, person.words))
    ).result()
    found.missing, found.left = _missing(files), _elsewhere(files) + _in_watched_folders(db, person)
    found.left += db.read(named_elsewhere, person.words).result()
    found.rewritten = [str(copy) for copy in _copies(db, files)]
    return found


def lift_tombstone(session: Session, email: str) -> Changes:
    """Let somebody who was erased be stored again, at their own wish."""
    lifted = [lift(session, key) for key in _keys_of(email)]
    if not any(lifted):
        raise BadInput(_("{email} is not kept out.").format(email=email), _("Nothing has to be lifted."))
    return Changes.to(Topic.LEADS)


@dataclass(frozen=True, slots=True)
class _Gone:
    """Whose rows are gone, and what there was of them. All windows ask anew at once: files and backups take longer."""

    person: Person
    found: Found
    changes: Changes = EVERYTHING


def _erase(session: Session, text: str, actor: str, at: datetime) -> _Gone:
    person = find_person(session, text)
    found = found_of(session, person)
    found.left = [
        _(
            "A write to {system} was under way: look there for a record of the person that is not listed."
        ).format(system=title_of(system))
        for system in under_way(session, person)
    ]
    plant(session, person.keys, at)
    erase_rows(session, person, at)
    found.rows |= empty_views(session, person.words)
    found.left += named_elsewhere(session, person.words)
    for lead_id in person.leads:
        session.add(Action(at=at, actor=actor, name="erased", detail="", lead_id=lead_id))
    found.changes = EVERYTHING
    return _Gone(person, found)


def _receipt(session: Session, person: Person, actor: str, at: datetime, found: Found) -> Changes:
    files = {"deleted": len(found.deleted), "missing": len(found.missing), "rewritten": len(found.rewritten)}
    lead_id = person.leads[0] if person.leads else None
    session.add(Erasure(at=at, actor=actor, lead_id=lead_id, found=found.rows, files=files))
    return EVERYTHING


def _empty_raw(db: Database, person: Person) -> dict[str, int]:
    """The raw pages, a few at a time: nobody else waits long, and what is derived meanwhile is kept out."""
    emptied = 0
    step = Step(0, 0)
    while step.after is not None:
        step = db.write_bulk(empty_raw, person, step.after).result()
        emptied += step.items
    return {"raw_item": emptied} if emptied else {}


def _files(db: Database) -> list[Written]:
    return db.read(written_files).result()


def _naming(files: Iterable[Written], person: Person) -> list[Path]:
    """Files that were written here and name the person."""
    here = [file for file in files if file.is_ours and file.kind != BACKUP and file.path.is_file()]
    named = (file.path for file in here if _names(file, person))
    return list(dict.fromkeys(named))


def _names(file: Written, person: Person) -> bool:
    """A print holds pictures of letters, and is known by the leads that are on it."""
    if file.leads:
        return not file.leads.isdisjoint(public_id(LEAD, one) for one in person.leads)
    return mentions(file.path, person.words)


def _missing(files: Iterable[Written]) -> list[str]:
    """Files that are not where they were written."""
    return list(dict.fromkeys(str(file.path) for file in files if file.is_ours and not file.path.is_file()))


def _elsewhere(files: Iterable[Written]) -> list[str]:
    """A sentence for each teammate and computer that wrote files of its own."""
    theirs: dict[tuple[str, str], list[str]] = {}
    for file in files:
        if not file.is_ours:
            theirs.setdefault((file.machine or "?", file.login or "?"), []).append(str(file.path))
    return [
        _("On the computer {machine} {login} wrote {paths}: delete there what names the person.").format(
            machine=machine, login=login, paths=", ".join(dict.fromkeys(paths))
        )
        for (machine, login), paths in sorted(theirs.items())
    ]


def _copies(db: Database, files: Iterable[Written]) -> list[Path]:
    """Copies of the workspace: those that lie beside it, and those that were put elsewhere by hand."""
    if not isinstance(db.place, Path):
        return []
    by_hand = [file.path for file in files if file.is_ours and file.kind == BACKUP and file.path.is_file()]
    return list(dict.fromkeys([*copies_of(db.place), *by_hand]))


def _empty_files(db: Database, person: Person, found: Found) -> None:
    files = _files(db)
    found.missing = _missing(files)
    found.left += _elsewhere(files)
    for path in _naming(files, person):
        try:
            path.unlink()
            found.deleted.append(str(path))
        except OSError as refused:
            found.left.append(
                _("{path} could not be deleted: {strerror}.").format(path=path, strerror=refused.strerror)
            )
    found.left += _in_watched_folders(db, person)
    for log in every_log():
        try:
            if without_lines(log, person.words):
                found.rewritten.append(str(log))
        except OSError as refused:
            found.left.append(
                _("{log} could not be rewritten: {strerror}.").format(log=log, strerror=refused.strerror)
            )


def _in_watched_folders(db: Database, person: Person) -> list[str]:
    """Files that others put into folders we read: theirs to delete, so they are told."""
    chosen = db.read(
        lambda session: list(session.execute(select(Connection.system, Connection.settings)).all())
    ).result()
    folders = {
        Path(str(told["folder"])).expanduser() for _system, told in chosen if told and told.get("folder")
    }
    named = [path for folder in sorted(folders) for path in naming(folder, person.words)]
    told = [
        _("{path} was put there by others and may name the person: delete it where it is not needed.").format(
            path=path
        )
        for path in named[:_NAMED]
    ]
    if len(named) > _NAMED:
        more = len(named) - _NAMED
        told.append(
            n_("So may {n} more file in watched folders.", "So may {n} more files in watched folders.", more)
        )
    return told


def _empty_pages(db: Database, found: Found) -> None:
    if not isinstance(db.place, Path):
        return  # its server cleans up
    try:
        if not rewrite_file(db.place):
            found.left.append(
                _("Another program is reading the workspace: its log is emptied when that ends.")
            )
    except sqlite3.Error as refused:
        found.left.append(
            _(
                "The file {place} could not be written anew: {refused}. What was deleted may stand in "
                "its free pages until you erase again."
            ).format(place=db.place, refused=refused)
        )


def _empty_backups(db: Database, person: Person, at: datetime, found: Found) -> None:
    if not isinstance(db.place, Path):
        found.left.append(
            _("Backups of a database on a server are made there, and have to be replaced there.")
        )
        return
    kept_out = db.read(known_tombstones).result()
    for copy in _copies(db, _files(db)):
        try:
            rewritten(copy, lambda part: _erase_in_copy(part, person, at, kept_out))
            found.rewritten.append(str(copy))
        except Exception as refused:  # noqa: BLE001 - one broken copy must not keep the person in the others
            found.left.append(
                _("{copy} could not be rewritten: {refused}. Delete it if it is not needed.").format(
                    copy=copy, refused=refused
                )
            )


def _erase_in_copy(
    part: Path, person: Person, at: datetime, kept_out: tuple[str, list[tuple[str, datetime]]]
) -> None:
    db = Database(part, readers=1)

    def run(session: Session) -> None:
        if migrations.version_of(session.connection()) != migrations.HEAD:
            migrations.upgrade(session.connection())
        erase_rows(session, person_of(session, person.keys), at)
        empty_views(session, person.words)
        adopt(session, *kept_out)

    try:
        db.write(run).result()
        _empty_raw(db, person)
    finally:
        db.close()
    rewrite_file(part)
    with closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, as a copy that is kept should be


def _keys_of(text: str) -> list[Key]:
    namespace, colon, value = text.strip().partition(":")
    keys = [(EMAIL, fold(EMAIL, text))] if "@" in text else []
    return [*keys, (namespace, fold(namespace, value))] if colon and value else keys
