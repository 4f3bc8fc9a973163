"""Is everything in order? Each check says what it found and, where something is wrong, what to do."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from pqldesk.models import migrations
from pqldesk.models.driver import Driver
from pqldesk.models.people import Lead, Suggestion
from pqldesk.models.plain_names import KEPT, is_beyond_ascii
from pqldesk.models.remote import Connection
from pqldesk.models.settings import ScoringModelVersion
from pqldesk.models.usage import EventSetAside
from pqldesk.services import settings
from pqldesk.services.basics.bugs import kept_bugs
from pqldesk.services.basics.places import bug_log, fault_log
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import connection_rows, place_of
from pqldesk.services.outbox.outbox import left_undone
from pqldesk.services.outbox_rows import outbox_counts
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.rescore import due_leads
from pqldesk.services.sources.placements import placement_rows
from pqldesk.services.workspaces.backup import daily_backups, damaged
from pqldesk.services.workspaces.server_clock import clock_off_s, skewed

BUGS_ARE_NEW = timedelta(days=7)  # what is older was told, or met nobody
_DAMAGED = _("The file is damaged: {found}.")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. *do* is empty where nothing has to be done."""

    check: str
    ok: bool
    what: str
    do: str = ""


def doctor(session: Session, at: datetime) -> list[Check]:
    """Every check of the workspace and of what is stored about its connections; nothing is sent anywhere.

    What a damaged file does not let one look at is said as a finding of that check; the others are made all the same.
    """
    checks: dict[str, Callable[[], Check | list[Check]]] = {
        "database": lambda: _file(session),
        "backups": lambda: _backups(session),
        "schema": lambda: _schema(session),
        "scores": lambda: _scores(session, at),
        "model": lambda: _model(session),
        "connections": lambda: _connections(session),
        "outbox": lambda: _outbox(session),
        "events": lambda: _set_aside(session),
        "duplicates": lambda: _suggestions(session),
        "placements": lambda: _placements(session),
        "search": lambda: _search(session),
        "usage": lambda: _rollups(session),
        "bugs": lambda: bugs_check(at),
    }
    found: list[Check] = []
    for name, check in checks.items():
        try:
            one = check()
        except (DatabaseError, sqlite3.DatabaseError) as broken:
            if not isinstance(getattr(broken, "orig", broken), sqlite3.DatabaseError):
                raise  # a server that went away answers none of them
            one = _not_read(session, name, broken)
        found += one if isinstance(one, list) else [one]
    return found


def doctor_of_file(place: Path, flaw: str) -> list[Check]:
    """What can be said of a file that is too damaged to be opened."""
    return [Check("database", False, _DAMAGED.format(found=flaw), damaged(place).remedy), _backups_of(place)]


def bugs_check(at: datetime) -> Check:
    """What the logs of bugs hold. Something is to be done about what is newer than a week."""
    kept = kept_bugs()
    said = []
    if kept.bugs:
        said.append(
            n_("{n} bug is in {log}.", "{n} bugs are in {log}.", kept.bugs).format(n=kept.bugs, log=bug_log())
        )
    if kept.faults:
        told = n_(
            "PQLDesk died of a fault {n} time: {log}.",
            "PQLDesk died of a fault {n} times: {log}.",
            kept.faults,
        )
        said.append(told.format(n=kept.faults, log=fault_log()))
    if kept.last is None:
        return Check("bugs", True, _("No bug is in {log}.").format(log=bug_log()))
    said.append(_("The last was on {day}.").format(day=kept.last.date().isoformat()))
    is_old = kept.last < at - BUGS_ARE_NEW
    do = "" if is_old else _("Send what this writes to whoever helps: pqldesk doctor --bundle FILE")
    return Check("bugs", is_old, " ".join(said), do)


def _not_read(session: Session, name: str, broken: Exception) -> Check:
    said = str(getattr(broken, "orig", broken))
    return Check(name, False, _("Could not be looked at: {said}.").format(said=said), _remedy(session))


def _remedy(session: Session) -> str:
    """What to do about a damaged file: another sentence where there is no backup."""
    return damaged(Path(session.get_bind().engine.url.database or "")).remedy


def _file(session: Session) -> Check:
    driver = Driver(session)
    if not driver.is_sqlite:
        (version,) = driver.rows("SHOW server_version")[0]
        place = session.get_bind().engine.url.render_as_string()
        if (problem := skewed(place, clock_off_s(session))) is not None:
            return Check("database", False, problem.what, problem.remedy)
        return Check("database", True, _("PostgreSQL {version} answers.").format(version=version))
    (found,) = driver.rows("PRAGMA quick_check(1)")[0]
    if found == "ok":
        return Check("database", True, _("The file is sound."))
    return Check(
        "database",
        False,
        _DAMAGED.format(found=found),
        _remedy(session),
    )


def _backups(session: Session) -> Check:
    url = session.get_bind().engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        return Check("backups", True, _("A PostgreSQL workspace is backed up on its server."))
    return _backups_of(Path(url.database))


def _backups_of(place: Path) -> Check:
    kept = daily_backups(place)
    if not kept:
        return Check(
            "backups", True, _("No daily backup yet."), _("The window makes them; or: pqldesk backup FILE")
        )
    return Check(
        "backups", True, _("{n} daily backups, the newest {newest}.").format(n=len(kept), newest=kept[0])
    )


def _schema(session: Session) -> Check:
    version = migrations.version_of(session.connection())
    return Check("schema", version == migrations.HEAD, f"Schema {version}.")


def _scores(session: Session, at: datetime) -> Check:
    leads = session.execute(select(func.count()).where(Lead.is_listed == 1)).scalar_one()
    due = len(due_leads(session, at))
    if due:
        return Check(
            "scores",
            False,
            _("{due} of {leads} leads are due to be rescored.").format(due=due, leads=leads),
            _("Run: pqldesk score"),
        )
    return Check("scores", True, _("All {leads} leads are scored up to now.").format(leads=leads))


def _model(session: Session) -> Check:
    model = live_model(session).model
    many = session.execute(
        select(func.count()).select_from(ScoringModelVersion).where(ScoringModelVersion.live)
    ).scalar_one()
    what = _("{model} v{version} is live, {signals} signals.").format(
        model=model.name, version=model.version, signals=len(model.signals)
    )
    return Check(
        "model", many <= 1, what, "" if many <= 1 else _("Publish one version: pqldesk model publish NAME.")
    )


def _connections(session: Session) -> list[Check]:
    place = place_of(session)
    checks = []
    held = {row.system: row.secrets for row in session.scalars(select(Connection))}
    for row in connection_rows(session):
        again = _("Connect it again: pqldesk connect {system}.").format(system=row.system)
        try:
            for name, where in (held[row.system] or {}).items():
                secrets.read(place, row.system, name, where)
        except Problem as problem:
            checks.append(Check(f"connection {row.system}", False, problem.what, problem.remedy or again))
            continue
        is_ok = row.state != "problem"
        what = row.detail or (
            _("{name} at {url}.").format(name=row.name, url=row.url)
            if row.url
            else _("{name} is connected.").format(name=row.name)
        )
        if row.missing:
            what = f"{what.rstrip('.')}. Left out: {', '.join(row.missing)}."
        checks.append(Check(f"connection {row.system}", is_ok, what, "" if is_ok else again))
    return checks


def _outbox(session: Session) -> Check:
    undone = left_undone(session)
    if undone is None:
        return Check("outbox", True, _("Nothing is left to be written."))
    stuck = outbox_counts(session).keys() & {"held", "failed"}
    way = (
        _("Mend that, then: pqldesk outbox retry; pqldesk outbox run")
        if stuck
        else _("Deliver it: pqldesk outbox run")
    )
    return Check("outbox", False, undone, way)


def _set_aside(session: Session) -> Check:
    many = session.execute(
        select(func.count()).select_from(EventSetAside).where(EventSetAside.released_at.is_(None))
    ).scalar_one()
    if not many:
        return Check("events", True, _("No event is set aside."))
    return Check(
        "events",
        False,
        _("{many} events are set aside.").format(many=many),
        _("Look at them: pqldesk events set-aside list"),
    )


def _suggestions(session: Session) -> Check:
    many = session.execute(
        select(func.count()).select_from(Suggestion).where(Suggestion.state == "open")
    ).scalar_one()
    if not many:
        return Check("duplicates", True, _("No merge is suggested."))
    return Check(
        "duplicates",
        True,
        _("{many} merges are suggested.").format(many=many),
        _("Decide them: pqldesk suggestions list"),
    )


def _placements(session: Session) -> Check:
    unknown = [row.glm_content for row in placement_rows(session) if not row.registered]
    if not unknown:
        return Check("placements", True, _("Every glm_content that arrived is registered."))
    named = ", ".join(unknown[:5]) + (", ..." if len(unknown) > 5 else "")
    return Check(
        "placements",
        False,
        _("Not registered: {named}.").format(named=named),
        _("Register them: pqldesk placement add NAME"),
    )


def _search(session: Session) -> Check:
    driver = Driver(session)
    beyond = " OR ".join(is_beyond_ascii(column, is_sqlite=driver.is_sqlite) for column in KEPT["lead"])
    ((leads, wanted, kept),) = driver.rows(
        f"SELECT count(*), count(*) FILTER (WHERE {beyond}), (SELECT count(*) FROM lead_plain) FROM lead"  # noqa: S608
    )
    if not driver.is_sqlite and wanted == kept:
        return Check("search", True, _("The database searches without an index of ours."))
    indexed = leads - abs(wanted - kept)
    if driver.is_sqlite:
        ((as_written, as_compared),) = driver.rows(
            "SELECT (SELECT count(*) FROM lead_fts_docsize), (SELECT count(*) FROM lead_fts_plain_docsize)"
        )
        indexed = as_written - abs(wanted - kept) - abs(kept - as_compared)
    return Check(
        "search",
        leads == indexed,
        _("{indexed} of {leads} leads are in the search index.").format(indexed=indexed, leads=leads),
    )


def _rollups(session: Session) -> Check:
    ((log, totals),) = Driver(session).rows(
        "SELECT (SELECT count(*) FROM usage_event), (SELECT coalesce(sum(n), 0) FROM usage_total)"
    )
    zone = settings.zone(session).key
    if int(log) == int(totals):
        return Check("usage", True, _("{log} events, rolled up by day in {zone}.").format(log=log, zone=zone))
    return Check(
        "usage",
        False,
        _("{log} events, but {totals} in the roll-ups.").format(log=log, totals=totals),
        _("Rebuild: pqldesk settings set timezone ZONE"),
    )
