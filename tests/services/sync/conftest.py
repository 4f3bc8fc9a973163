"""A workspace connected to local doubles of pulled systems over real sockets."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fixtures_crm import Sandbox, running_sandbox
from sqlalchemy import text

from pqldesk.models.db import Database
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.net import run_network
from pqldesk.services.source_rows import PullRow
from pqldesk.services.sync import run, state
from pqldesk.services.sync.run import Outcome, Synced

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Pulled:
    """A system to pull, as tests meet it."""

    system: str
    secrets: dict[str, str]
    settings: dict[str, str]
    options: tuple[str, ...] = ()


SYSTEMS = {
    "posthog": Pulled(
        "posthog",
        {"pull_token": "phx_sandbox_posthog_key"},
        {"project": "42", "since": "2026-10-01"},
        ("--per-minute", "1000000"),
    ),
    "stripe": Pulled("stripe", {"pull_token": "rk_test_sandbox"}, {}),
    "mixpanel": Pulled("mixpanel", {"pull_token": "sandbox-mixpanel-secret"}, {}),
    "amplitude": Pulled(
        "amplitude", {"token": "sandbox-amplitude-key", "pull_token": "sandbox-amplitude-secret"}, {}
    ),
    "gitlab": Pulled("gitlab", {"pull_token": "glpat-sandbox-token"}, {}),
}


@pytest.fixture(scope="session")
def pull_doubles() -> Iterator[Callable[[str], Sandbox]]:
    """The running double of a system, started when it is first asked for."""
    with ExitStack() as stack:
        running: dict[str, Sandbox] = {}

        def double(system: str) -> Sandbox:
            if system not in running:
                started = running_sandbox(*SYSTEMS[system].options, system=system)
                running[system] = stack.enter_context(started)
            return running[system]

        yield double


@dataclass
class PullDesk:
    """A workspace, and how its sources are pulled."""

    db: Database
    path: Path | str
    sandbox: Sandbox
    system: Pulled

    def connect(self, **chosen: str) -> Any:
        variables = {name: f"PULL_{self.system.system}_{name}".upper() for name in self.system.secrets}
        settings = {**self.system.settings, **chosen}
        request = ConnectRequest(self.system.system, self.sandbox.url, variables, settings)
        return run_network(self.db, connect, request, NOW)

    def sync(self, *names: str) -> Synced:
        return run_network(self.db, run.sync, names)

    def pull(self) -> Outcome:
        """One run of the only source."""
        (outcome,) = self.sync().outcomes
        return outcome

    def state(self) -> PullRow:
        (found,) = self.db.read(state.source_states).result()
        return found

    def cursor(self) -> Any:
        return self.db.read(state.cursor_of, self.system.system).result()

    def counts(self) -> Counter[tuple[str, str, str]]:
        """(who, kind, key) -> how many events of it are stored, from the log and from the roll-ups alike."""
        from_log, from_days, from_totals = (
            Counter({tuple(row[:3]): row[3] for row in self.db.read(_rows, query).result()})
            for query in (_LOG, _DAYS, _TOTALS)
        )
        assert from_log == from_days == from_totals
        return from_log

    def command(self, *words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        """Our own command line on this workspace."""
        return subprocess.run(
            [sys.executable, "-m", "pqldesk", "--workspace", str(self.path), *words],
            capture_output=True, text=True, env={**os.environ}, timeout=60, check=False, **options,
        )  # fmt: skip


_LOG = """SELECT i.folded, k.name, k.key, count(*) FROM usage_event e JOIN identity i ON i.id = e.identity_id
 JOIN event_kind k ON k.id = e.kind_id GROUP BY 1, 2, 3"""
_DAYS = """SELECT i.folded, k.name, k.key, sum(e.n) FROM usage_day e JOIN identity i ON i.id = e.identity_id
 JOIN event_kind k ON k.id = e.kind_id GROUP BY 1, 2, 3"""
_TOTALS = _DAYS.replace("usage_day", "usage_total")


def _rows(session: Any, query: str) -> list[Any]:
    return [tuple(row) for row in session.execute(text(query))]


@pytest.fixture
def system() -> Pulled:
    return SYSTEMS["posthog"]


@pytest.fixture
def bare_pull_desk(workspace, pull_doubles, system, monkeypatch) -> PullDesk:
    """Not connected yet."""
    sandbox = pull_doubles(system.system)
    sandbox.reset()
    for name, secret in system.secrets.items():
        monkeypatch.setenv(f"PULL_{system.system}_{name}".upper(), secret)
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    monkeypatch.setenv("PQLDESK_HTTP_TIMEOUT", "10")
    return PullDesk(workspace.db, workspace.place, sandbox, system)


@pytest.fixture
def desk(bare_pull_desk: PullDesk) -> PullDesk:
    bare_pull_desk.connect()
    bare_pull_desk.sandbox.forget_log()
    return bare_pull_desk
