"""Delivering notes to the CRM double: against what its latency allows, and the share of its rate that is used.

usage: python -m benchmarks.outbox [--small]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.figures import Figure
from pqldesk.models.people import Lead
from pqldesk.models.remote import RemoteLink
from pqldesk.services.connections import ConnectRequest, connect
from pqldesk.services.crm_facts import lead_facts
from pqldesk.services.crm_groups import MILESTONE, Group, new_code, note_item, queue_groups
from pqldesk.services.handoff_note import marked
from pqldesk.services.net import run_network
from pqldesk.services.outbox_delivery import run_outbox
from pqldesk.services.remote.rest import CONNECTIONS
from pqldesk.services.workspace import open_workspace

LATENCY_MS = 20
NOTE = "\n".join(("PQL Score: 85", "Active Users: 7", "Key Features: Integrations, Imports", "x" * 300))
READS, WRITES = 100, 25  # what the double lets through a second
BUDGET = 20  # writes a second that PQLDesk allows itself with the real service


def main(small: bool) -> list[Figure]:
    """The figures; *small* takes a tenth of the notes."""
    notes = 200 if small else 2_000
    paced = WRITES * (8 if small else 30)
    took = delivery_s(notes, None, "--rate", "off", "--latency", str(LATENCY_MS))
    ideal = notes / CONNECTIONS * LATENCY_MS / 1000
    budget = delivery_s(paced, f"80/{BUDGET}", "--rate", f"{READS}/{WRITES}")
    kept = refusals[-1]
    learnt = delivery_s(paced, None, "--rate", f"{READS}/{WRITES}")
    ours, theirs = 100 * paced / (BUDGET * budget), 100 * paced / (WRITES * learnt)
    against = f"{notes} notes, {took:.2f} s"
    told = f"{paced} notes, {refusals[-1]} answers of 429"
    return [
        Figure("outbox, against N / connections x latency", took / ideal, "x", 1.3, 1.1, against),
        Figure("outbox, share of our budget used", ours, "%", 90, 97, f"{kept} answers of 429"),
        Figure("outbox, share of a limit learnt from 429", theirs, "%", 90, 97, told),
    ]


refusals: list[int] = []


def delivery_s(notes: int, rate: str | None, *options: str) -> float:
    """Seconds from the first claim to the last commit of *notes* notes, the look at the schema included.

    *rate* is our own budget, reads/writes a second.
    """
    os.environ |= {"PQLDESK_BENCH_TOKEN": "sandbox-attio-token", "PQLDESK_SECRETS": "env"}
    with tempfile.TemporaryDirectory() as folder, _sandbox(*options) as url:
        workspace = open_workspace(Path(folder) / "bench.pqldesk", create=True)
        now = datetime.now(UTC)
        request = ConnectRequest(
            "attio", url, {"token": "PQLDESK_BENCH_TOKEN"}, {"rate": rate} if rate else {}
        )
        run_network(workspace.db, connect, request, now)
        person = httpx.post(
            f"{url}/v2/objects/people/records",
            json={"data": {"values": {"email_addresses": ["nadia@northquay.example"]}}},
            headers={"Authorization": "Bearer sandbox-attio-token"},
        )
        person_id = person.raise_for_status().json()["data"]["id"]["record_id"]
        workspace.db.write(_queue, notes, person_id, now).result()
        time.sleep(1.05)  # a fresh second of the double's rate limit
        began = time.perf_counter()
        ended = run_outbox(workspace.db)
        took = time.perf_counter() - began
        workspace.close()
        if ended.delivered != notes or ended.undone:
            raise SystemExit(f"{ended.delivered} of {notes} notes arrived: {ended.undone}")
        log = httpx.get(f"{url}/admin/log", timeout=60).json()
        refusals.append(sum(1 for entry in log if entry["status"] == 429))
    return took


def _queue(session: Session, notes: int, person_id: str, now: datetime) -> None:
    """One lead and one group for each note, all about a person the CRM knows."""
    rows = [
        {"name": f"Lead {n}", "email": f"lead{n}@northquay.example", "created_at": now} for n in range(notes)
    ]
    ids = session.scalars(insert(Lead).returning(Lead.id, sort_by_parameter_order=True), rows).all()
    links = [
        {"system": "attio", "kind": "person", "local_id": one, "remote_id": person_id, "at": now}
        for one in ids
    ]
    session.execute(insert(RemoteLink), links)
    groups = []
    for one, facts in lead_facts(session, ids, now).items():
        code = new_code()
        item = note_item(code, "Activation Milestone", f"{NOTE}\n{marked(code)}")
        groups.append(Group(facts, MILESTONE, f"{MILESTONE}:attio:{one}:bench", (item,), {}))
    queue_groups(session, "attio", groups, "bench", now)


@contextmanager
def _sandbox(*options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "pqldesk.sandbox", "attio", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise SystemExit("the double has no output")
        url: str = json.loads(process.stdout.readline())["listening"]
        try:
            yield url
        finally:
            process.terminate()


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
