"""Delivering notes to each CRM's double: against what its latency allows, and the share of its rate that is used.

usage: python -m benchmarks.outbox [--small] [SYSTEM ...]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.figures import Figure
from pqldesk.models.people import Lead
from pqldesk.models.remote import RemoteLink
from pqldesk.services.connectors import relays
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.crm.connections import Linked, linked_named, opened, place_of
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.handoffs.crm_facts import lead_facts
from pqldesk.services.handoffs.crm_groups import (
    MILESTONE,
    Group,
    as_system_takes,
    new_code,
    note_item,
    person_item,
    queue_groups,
)
from pqldesk.services.handoffs.note import marked
from pqldesk.services.net import Net, run_network
from pqldesk.services.remote.crm import PersonStep
from pqldesk.services.remote.rest import CONNECTIONS
from pqldesk.services.workspaces.workspace import open_workspace

LATENCY_MS = 20
NOTE = "\n".join(("PQL Score: 85", "Active Users: 7", "Key Features: Integrations, Imports", "x" * 300))
EMAIL = "nadia@northquay.example"


@dataclass(frozen=True)
class Bench:
    """A double with its limits. *limited*: its options with the limit on; *writes*: a second that we allow ourselves
    below it; *learns*: it says 429 each second, so that the limit is learnt where nothing is set."""

    secrets: Mapping[str, str]
    limited: tuple[str, ...]
    writes: int
    unlimited: tuple[str, ...] = ("--rate", "off")
    choose: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    learns: int = 0  # writes a second that it lets through
    together: bool = False  # notes go many in a call, so that there is no budget of calls to use up


BENCHES = {
    "attio": Bench({"token": "sandbox-attio-token"}, ("--rate", "100/25"), 20, learns=25),
    "salesforce": Bench(  # counts by the day only
        {"client_id": "sandbox-salesforce-app", "client_secret": "sandbox-salesforce-secret"},
        ("--calls", "1000000"),
        25,
        ("--calls", "1000000"),
        together=True,
    ),
    "hubspot": Bench({"token": "sandbox-hubspot-key"}, ("--rate", "100"), 7, together=True),
    "twenty": Bench({"token": "sandbox-twenty-key"}, ("--rate", "1200"), 14),
    "marketo": Bench(
        {"client_id": "sandbox-marketo-client", "client_secret": "sandbox-marketo-secret"},
        ("--rate", "100"),
        4,
        choose={"step.note": "PQL note"},
        together=True,
    ),
    "workato": Bench(
        {"client_id": "sandbox-workato-client", "client_secret": "sandbox-workato-secret"},
        ("--per-minute", "1200"),
        15,
        (),
        path="/demo/pql-v1/leads",
    ),
    "relay": Bench({"signing_key": "sandbox-relay-key"}, ("--per-minute", "1200"), 15, (), path="/relay"),
}


@dataclass(frozen=True)
class Drained:
    """One run. *requests*: all that the double served; *writes*: those that were let through and change something."""

    seconds: float
    requests: int
    writes: int
    refused: int


def main(small: bool, systems: tuple[str, ...] = tuple(BENCHES)) -> list[Figure]:
    """The figures; *small* takes a tenth of the notes."""
    found = []
    for system in systems:
        bench = BENCHES[system]
        notes = 200 if small else 2_000
        run = drained(system, notes, None, *bench.unlimited, "--latency", str(LATENCY_MS))
        ideal = max(notes, run.requests) / CONNECTIONS * LATENCY_MS / 1000
        against = f"{notes} notes, {run.requests} requests, {run.seconds:.2f} s"
        name = f"outbox to {system}, against requests, one a note at least, / connections x latency"
        found.append(Figure(name, run.seconds / ideal, "x", 1.3, 1.1, against))
        if bench.together:
            continue
        paced = bench.writes * (6 if small else 30)
        kept = drained(system, paced, f"80/{bench.writes}", *bench.limited)
        share = 100 * kept.writes / (bench.writes * kept.seconds)
        told = f"{kept.writes} writes, {kept.refused} refused"
        found.append(Figure(f"outbox to {system}, share of our budget used", share, "%", 90, 97, told))
        if bench.learns:
            learnt = drained(system, bench.learns * (8 if small else 30), None, *bench.limited)
            share = 100 * learnt.writes / (bench.learns * learnt.seconds)
            told = f"{learnt.writes} writes, {learnt.refused} refused"
            name = f"outbox to {system}, share of a limit learnt from 429"
            found.append(Figure(name, share, "%", 90, 97, told))
    return found


def drained(system: str, notes: int, rate: str | None, *options: str) -> Drained:
    """*notes* notes from the first claim to the last commit, the look at the schema included.

    *rate* is our own budget, reads/writes a second.
    """
    bench = BENCHES[system]
    os.environ |= {f"PQLDESK_BENCH_{name}".upper(): secret for name, secret in bench.secrets.items()}
    os.environ["PQLDESK_SECRETS"] = "env"
    with tempfile.TemporaryDirectory() as folder, _sandbox(system, *options) as url:
        workspace = open_workspace(Path(folder) / "bench.pqldesk", create=True)
        now = datetime.now(UTC)
        variables = {name: f"PQLDESK_BENCH_{name}".upper() for name in bench.secrets}
        chosen = {**bench.choose, **({"rate": rate} if rate else {})}
        run_network(workspace.db, connect, ConnectRequest(system, url + bench.path, variables, chosen), now)
        linked = workspace.db.read(linked_named, system).result()
        person_id = "" if relays(system) else run_network(workspace.db, _person, linked)
        workspace.db.write(_queue, linked, notes, person_id, now).result()
        httpx.delete(f"{url}/admin/log")
        time.sleep(1.05)  # a fresh second of the double's rate limit
        began = time.perf_counter()
        ended = run_outbox(workspace.db)
        took = time.perf_counter() - began
        workspace.close()
        if ended.delivered != notes or ended.undone:
            raise SystemExit(f"{ended.delivered} of {notes} notes arrived: {ended.undone}")
        log = httpx.get(f"{url}/admin/log", timeout=60).json()
    return Drained(took, len(log), *_counted(log))


def _counted(log: list[dict[str, Any]]) -> tuple[int, int]:
    """Writes that went through, and refusals for too many requests."""
    refused = [row for row in log if row["status"] == 429 or any("told 6" in note for note in row["notes"])]
    reading = ("/query", "/token", "/search", "/read")
    writes = [row for row in log if row["method"] != "GET" and not row["path"].endswith(reading)]
    return sum(row not in refused for row in writes), len(refused)


async def _person(net: Net, linked: Linked) -> str:
    """The one person whom all notes are about, written by the connector itself."""
    crm = opened(net.http, linked, await net.read(place_of))
    await crm.account()
    crm.use(linked.mapped, await crm.catalogue())
    return (await crm.send(PersonStep(EMAIL, "Nadia", "Okoye", "Nadia Okoye", None))).remote_id


def _queue(session: Session, linked: Linked, notes: int, person_id: str, now: datetime) -> None:
    """One lead and one group for each note, all about a person the CRM knows."""
    rows = [
        {"name": f"Lead {n}", "email": f"lead{n}@northquay.example", "created_at": now} for n in range(notes)
    ]
    ids = session.scalars(insert(Lead).returning(Lead.id, sort_by_parameter_order=True), rows).all()
    system = linked.system
    if person_id:
        links = [
            {"system": system, "kind": "person", "local_id": one, "remote_id": person_id, "at": now}
            for one in ids
        ]
        session.execute(insert(RemoteLink), links)
    groups = []
    for one, facts in lead_facts(session, ids, now).items():
        code = new_code()
        item = note_item(code, "Activation Milestone", f"{NOTE}\n{marked(code)}")
        given = (person_item(facts, MILESTONE, linked.mapped), item) if relays(system) else (item,)
        items = as_system_takes(given, system, MILESTONE, linked.mapped)
        groups.append(Group(facts, MILESTONE, f"{MILESTONE}:{system}:{one}:bench", items, {}))
    queue_groups(session, system, groups, "bench", now)


@contextmanager
def _sandbox(system: str, *options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "pqldesk.sandbox", system, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise SystemExit("the double has no output")
        url: str = json.loads(process.stdout.readline())["listening"]
        try:
            yield url
        finally:
            process.terminate()


if __name__ == "__main__":
    named = tuple(word for word in sys.argv[1:] if not word.startswith("-"))
    for figure in main("--small" in sys.argv, named or tuple(BENCHES)):
        print(figure)
