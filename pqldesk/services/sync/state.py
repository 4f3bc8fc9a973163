"""How far each source is, and what may be asked of it: due, begun, stored, whole, failed, stopped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection, SyncState
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.retelling import retold
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import kind_of, title_of
from pqldesk.services.crm.connections import (
    can_pull,
    every_s,
    forget_cursor,
    linked_named,
    linked_or_none,
    pulled_by,
    setup_for,
)
from pqldesk.services.pulls import PULLS, pull_of
from pqldesk.services.pulls.puller import Cursor, Setup
from pqldesk.services.source_rows import PullRow
from pqldesk.services.workspaces.runner_lock import SYNC
from pqldesk.services.workspaces.runner_lock import is_running as runs

AGAIN_S: Final = (60, 300, 900, 3_600)  # after the first, second, third and every further failure
OFF: Final = "off"
OF_COLUMNS: Final = frozenset({"warehouse", "portal_tables"})  # kinds whose columns somebody may choose
_SOURCES: Final = Changes.to(Topic.SOURCES)


@dataclass(frozen=True, slots=True)
class Noted:
    """When the source is pulled again by itself; None: only on request."""

    next_at: datetime | None
    changes: Changes = Changes.to(Topic.SOURCES)  # noqa: RUF009 - it never changes


def setup_of(session: Session, source: str, now: datetime) -> Setup:
    """What the puller of *source* is opened with. NotFound, or Held where a secret is gone."""
    return setup_for(session, linked_named(session, source), now)


def source_names(session: Session) -> list[str]:
    """The connected systems that can be pulled, by name."""
    names = session.scalars(select(Connection.system).order_by(Connection.system))
    return [name for name in names if pull_of(name) is not None and can_pull(linked_named(session, name))]


def named_sources(session: Session, names: Sequence[str]) -> list[str]:
    """*names* as they are, all of them when there are none. NotFound, or BadInput for one that is not set up to be
    pulled."""
    if not names:
        return source_names(session)
    for name in names:
        how = pull_of(name)
        if how is None:
            raise NotFound(
                _("There is no source {name!r}.").format(name=name),
                _("Sources: {known}.").format(known=", ".join(sorted(PULLS))),
            )
        linked = linked_named(session, name)
        if not can_pull(linked):
            lacking = next((one for one in how.secrets if one not in linked.secrets), None)
            give = (
                f"--secret-env {lacking}=NAME"
                if lacking
                else f"--set {next(one for one in how.settings if not linked.settings.get(one))}=..."
            )
            raise BadInput(
                _("{name} is connected, but not to be pulled.").format(name=title_of(name)),
                _("Add {give} to pqldesk connect {name}.").format(give=give, name=name),
            )
    return list(dict.fromkeys(names))


def due_sources(session: Session, now: datetime) -> list[str]:
    """The sources whose time has come, those that waited longest first."""
    due = []
    for name in source_names(session):
        state = _state(session, name)
        at = None if state is None else state.next_at
        if every_s(linked_named(session, name)) is not None and (at is None or at <= now):
            due.append((at is not None, at or now, name))
    return [name for _, _, name in sorted(due)]


def cursor_of(session: Session, source: str) -> Cursor:
    """How far the source is; empty before the first page."""
    state = _state(session, source)
    found: Cursor = {} if state is None or state.cursor is None else state.cursor
    return found


def note_begun(session: Session, source: str, now: datetime) -> Changes:
    """A run begins."""
    state = _state_made(session, source)
    state.started_at, state.run_rows, state.saying, state.stop_asked = now, 0, None, False
    return _SOURCES


def note_stored(session: Session, source: str, rows: int, saying: str, cursor: Cursor | None) -> None:
    """Part of the transaction that stores a page: its rows, and with its last part the cursor."""
    state = _state_made(session, source)
    state.rows += rows
    state.run_rows += rows
    state.saying = saying or state.saying
    if cursor is not None:
        state.cursor = dict(cursor)


def note_whole(session: Session, source: str, began: datetime, now: datetime) -> Noted:
    """The run brought everything there was."""
    state = _state_made(session, source)
    state.started_at = state.failed_at = state.problem = None
    state.failures, state.needs_you, state.fresh_at = 0, False, began
    state.next_at = _next(session, source, now)
    return Noted(state.next_at)


def note_failed(
    session: Session, source: str, problem: str, now: datetime, *, wait_s: float, needs_you: bool
) -> Noted:
    """The run broke off; what was stored stays. It is tried again 1, 5, 15, then every 60 minutes later, and never
    before *wait_s* have passed."""
    state = _state_made(session, source)
    state.started_at, state.failed_at, state.problem, state.needs_you = None, now, problem, needs_you
    pause = AGAIN_S[min(state.failures, len(AGAIN_S) - 1)]
    state.failures += 1
    state.next_at = now + timedelta(seconds=max(AGAIN_S[-1] if needs_you else pause, wait_s))
    return Noted(state.next_at)


def note_stopped(session: Session, source: str, now: datetime) -> Changes:
    """Somebody stopped the run; what was stored stays, and the next one goes on from there."""
    state = _state_made(session, source)
    state.started_at, state.stop_asked = None, False
    state.next_at = _next(session, source, now)
    return _SOURCES


def begin_again(session: Session, names: Sequence[str]) -> Changes:
    """Forget how far those sources are: the next run pulls everything there is; what is here already is dropped."""
    for name in names:
        forget_cursor(session, name)
    return _SOURCES


def ask_to_stop(session: Session, names: Sequence[str]) -> Changes:
    """Stop the runs of those sources (all when none is named), in whatever process they are."""
    for name in named_sources(session, names):
        if (state := _state(session, name)) is not None and state.started_at is not None:
            state.stop_asked = True
    return _SOURCES


def asked_to_stop(session: Session) -> Collection[str]:
    """The sources whose run shall stop."""
    return set(session.scalars(select(SyncState.source).where(SyncState.stop_asked)))


def source_states(session: Session) -> list[PullRow]:
    """Every source that is pulled, by name, with its health and age."""
    is_running = runs(session, SYNC)
    found = []
    for name in source_names(session):
        linked, state, how = linked_named(session, name), _state(session, name), pulled_by(name)
        try:
            every, flaw = every_s(linked), ""
        except BadInput as wrong:
            every, flaw = None, str(wrong)
        found.append(
            PullRow(
                name, title_of(name), linked.url or how.url,
                "problem" if flaw else _standing(state, every, is_running=is_running),
                state.fresh_at if state else None, state.next_at if state and every is not None else None, every,
                state.run_rows if state else 0, state.rows if state else 0,
                (state.saying or "") if state else "", flaw or (retold(state.problem or "") if state else ""),
                kind_of(name) in OF_COLUMNS,
            )
        )  # fmt: skip
    return found


def _standing(state: SyncState | None, every: int | None, *, is_running: bool) -> str:
    if state is not None and state.started_at is not None and is_running:
        return "running"
    if state is not None and state.problem is not None:
        return "problem" if state.needs_you else "waiting"
    if every is None:
        return OFF
    return "new" if state is None or state.fresh_at is None else "ok"


def _next(session: Session, source: str, now: datetime) -> datetime | None:
    linked = linked_or_none(session, source)
    try:
        every = None if linked is None else every_s(linked)
    except BadInput:
        every = None
    return None if every is None else now + timedelta(seconds=every)


def _state(session: Session, source: str) -> SyncState | None:
    return session.scalars(select(SyncState).where(SyncState.source == source)).first()


def _state_made(session: Session, source: str) -> SyncState:
    state = _state(session, source)
    if state is None:
        state = SyncState(source=source, failures=0, needs_you=False, rows=0, run_rows=0, stop_asked=False)
        session.add(state)
        session.flush()
    return state


def state_json(state: PullRow) -> Mapping[str, Any]:
    """One source as scripts read it."""
    return {
        "source": state.source, "state": state.state, "fresh_at": iso(state.fresh_at), "next_at": iso(state.next_at),
        "every_s": state.every_s, "rows": state.rows, "total": state.total, "saying": state.saying or None,
        "problem": state.problem or None,
    }  # fmt: skip
