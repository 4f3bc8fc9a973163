"""What somebody who helps from afar has to know, in one file: checks, versions, settings, states, the log of bugs.

No lead, no name, no address of a person and no secret is in it; people read it before they send it on.
"""

import json
import os
import platform
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk import __version__
from pqldesk.models import migrations
from pqldesk.models.driver import Driver
from pqldesk.models.people import Company, Lead
from pqldesk.models.remote import OutboxItem, SyncState
from pqldesk.models.schema import Base
from pqldesk.services import settings
from pqldesk.services.basics.bugs import end_of
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.places import bug_log, fault_log
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.redacting import nameless, unquoted
from pqldesk.services.basics.texts import _
from pqldesk.services.crm.connections import connection_rows
from pqldesk.services.doctor import Check

LOG_BYTES = 256_000  # of the end of the log of bugs
ERRORS = 40  # of what stands in the outbox with an error
OF_A_PERSON = frozenset({"email"})  # kinds of settings whose value says who somebody is
READ_ME = """Written by `pqldesk doctor --bundle`, for whoever helps with a problem.

checks.json       what `pqldesk doctor` found
versions.json     PQLDesk, Python, system and packages
environment.json  which variables of PQLDesk and of the window are set, not what they hold
workspace.json    schema, rows of each table, settings, connections, pulls, outbox
bugs.log          the end of the log of bugs
faults.log        where processes of PQLDesk were when they died of a fault

Leads, names, e-mail addresses and secrets are left out or replaced. Read it before you send it on.
"""


def workspace_state(session: Session) -> dict[str, Any]:
    """The workspace without what it is about: nobody in it can be told from it."""
    driver = Driver(session)
    return {
        "database": f"SQLite {sqlite3.sqlite_version}" if driver.is_sqlite else _server(driver),
        "schema": migrations.version_of(session.connection()),
        "rows": {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        },
        "settings": {
            row.key: "[e-mail]" if row.kind in OF_A_PERSON and row.value else nameless(row.value)
            for row in settings.settings_rows(session)
        },
        "connections": [
            {
                "system": row.system,
                "state": row.state,
                "checked_at": iso(row.checked_at),
                "detail": nameless(row.detail),
                "mapped": list(row.mapped),
                "missing": list(row.missing),
                "gone": list(row.gone),
            }
            for row in connection_rows(session)
        ],
        "pulls": [
            {
                "source": row.source,
                "fresh_at": iso(row.fresh_at),
                "failed_at": iso(row.failed_at),
                "failures": row.failures,
                "problem": nameless(row.problem or ""),
            }
            for row in session.scalars(select(SyncState).order_by(SyncState.source))
        ],
        "outbox": _outbox(session),
    }


def _server(driver: Driver) -> str:
    return f"PostgreSQL {driver.rows('SHOW server_version')[0][0]}"


def _outbox(session: Session) -> dict[str, Any]:
    counted = select(OutboxItem.system, OutboxItem.kind, OutboxItem.state, func.count())
    counts = session.execute(counted.group_by(OutboxItem.system, OutboxItem.kind, OutboxItem.state))
    failed = (
        select(OutboxItem, Lead.name, Company.name)
        .outerjoin(Lead, Lead.id == OutboxItem.lead_id)
        .outerjoin(Company, Company.id == Lead.company_id)
        .where(OutboxItem.error.is_not(None))
        .order_by(OutboxItem.id.desc())
        .limit(ERRORS)
    )
    errors = Counter(
        (item.system, item.kind, item.state, nameless(item.error or "", _names_of(lead, company)))
        for item, lead, company in session.execute(failed)
    )
    return {
        "counts": [
            {"system": system, "kind": kind, "state": state, "items": n} for system, kind, state, n in counts
        ],
        "errors": [
            {"system": system, "kind": kind, "state": state, "error": error, "items": n}
            for (system, kind, state, error), n in errors.most_common()
        ],
    }


def _names_of(lead: str | None, company: str | None) -> list[str]:
    """A person's whole name and its parts; a part of two letters would blot out ordinary words."""
    parts = [part for part in (lead or "").split() if len(part) > 2]
    return [name for name in (lead, company, *parts) if name]


def write_bundle(file: Path, checks: Sequence[Check], state: Mapping[str, Any] | None) -> list[str]:
    """Write the bundle and give the names of what is in it. *state*: None where the workspace cannot be opened.

    A *file* that is there is replaced. Raises BadInput where it cannot be written.
    """
    parts = {
        "README.txt": READ_ME,
        "checks.json": _json([{**asdict(one), "what": nameless(one.what)} for one in checks]),
        "versions.json": _json(_versions()),
        "environment.json": _json(
            sorted(name for name in os.environ if name.startswith(("PQLDESK_", "QT_")))
        ),
        "workspace.json": _json(state if state is not None else {"opened": False}),
        "bugs.log": nameless(unquoted(end_of(bug_log(), LOG_BYTES))),
        "faults.log": nameless(end_of(fault_log(), LOG_BYTES)),
    }
    half = file.with_name(f"{file.name}.part")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        half.replace(file)
    except OSError as problem:
        with suppress(OSError):
            half.unlink(missing_ok=True)
        raise BadInput(
            _("{file} cannot be written: {why}.").format(file=file, why=problem.strerror or problem),
            _("Name another place."),
        ) from None
    return list(parts)


def _versions() -> dict[str, Any]:
    return {
        "pqldesk": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
        "packages": dict(sorted({one.name: one.version for one in distributions()}.items())),
    }


def _json(found: Any) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n"
