"""A team at work: many reps claim, read and note in one workspace while a runner brings usage in.

usage: python -m benchmarks.team [--small] [URL]

Each rep is a thread with connections of its own, over several processes; the runner imports in another. Without a URL
the team works in a file; with that of an empty PostgreSQL database there, and then in a file. Reported are the 95th
percentiles of a claim and of a queue page, and whether a lead was claimed twice or an update lost.
"""

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.rounds import percentile
from pqldesk.models.history import Action
from pqldesk.models.people import Lead
from pqldesk.models.usage import UsageEvent
from pqldesk.models.work import Claim, Note
from pqldesk.services.basics.problems import AlreadyClaimed
from pqldesk.services.claims import claim_lead, release_lead
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads.notes import add_note
from pqldesk.services.queue.queue import queue_page
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
REPS, PROCESSES, ROUNDS, LEADS, EVENTS = 50, 5, 12, 400, 4_000
SMALL = (50, 1, 2, 120, 300)


def prepare(place: Path | str, leads: int) -> None:
    """An empty workspace with people to fight over."""
    workspace = open_workspace(place, create=True)
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder) / "leads.csv"
        rows = (f"p{n}@team{n % 40}.example,Person {n},u{n}\n" for n in range(leads))
        people.write_text("email,name,user_id\n" + "".join(rows))
        _import(workspace, Kind.LEADS, people)
    workspace.close()


def work(place: Path | str, names: list[str], rounds: int, leads: int) -> dict[str, list[float]]:
    """Let those reps work, each in a thread; the seconds of each claim, page and note, and the claims won."""
    found: dict[str, list[float]] = {"claim": [], "page": [], "note": [], "won": [], "whole": []}
    threads = [threading.Thread(target=_rep, args=(place, name, rounds, leads, found)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _rep(place: Path | str, name: str, rounds: int, leads: int, found: dict[str, list[float]]) -> None:
    workspace = open_workspace(place, create=False)
    chosen = random.Random(name)
    for _round in range(rounds):
        found["page"].append(_timed(lambda: workspace.db.read(queue_page, at=AT, limit=100).result())[0])
        number = chosen.randrange(leads) + 1
        taken, won = _timed(lambda number=number: _claim(workspace, number, name))
        found["claim"].append(taken)
        noted = workspace.db.write(_note, number, name).result
        found["note"].append(_timed(noted)[0])
        if won:
            found["won"].append(float(number))
            if chosen.random() < 0.3:
                workspace.db.write(_release, number, name).result()
    workspace.close()
    found["whole"].append(1.0)  # a rep who failed on the way is told of


def _timed(call):
    began = time.perf_counter()
    answer = call()
    return time.perf_counter() - began, answer


def _claim(workspace: Workspace, number: int, name: str) -> bool:
    try:
        workspace.db.write(lambda s: claim_lead(s, s.get_one(Lead, number), name, AT)).result()
    except AlreadyClaimed:
        return False
    return True


def _note(session: Session, number: int, name: str) -> object:
    return add_note(session, session.get_one(Lead, number), f"From {name}", name, AT)


def _release(session: Session, number: int, name: str) -> object:
    return release_lead(session, session.get_one(Lead, number), name, AT)


def bring_usage(place: Path | str, leads: int, events: int) -> None:
    """The runner: usage for these people, in as many files as it takes."""
    workspace = open_workspace(place, create=False)
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, events, 500):
            file = Path(folder) / f"{start}.csv"
            rows = (
                f"e{n},u{n % leads},login,2026-11-1{n % 8}T10:00:00Z\n"
                for n in range(start, min(start + 500, events))
            )
            file.write_text("event_id,user_id,event,occurred_at\n" + "".join(rows))
            _import(workspace, Kind.EVENTS, file)
    workspace.close()


def _import(workspace: Workspace, kind: Kind, file: Path) -> None:
    import_file(
        workspace.db,
        kind,
        file,
        ImportOptions(source="team"),
        at=AT,
        actor="runner",
        fallback_dir=file.parent,
    )


def faults(session: Session, notes: int, events: int) -> list[str]:
    """What went wrong: a lead claimed twice, a claim without a line of history, a note or an event that is lost."""
    wrong = []
    open_claims = Counter(session.scalars(select(Claim.lead_id).where(Claim.ended_at.is_(None))))
    wrong += [f"lead {lead} has {many} open claims" for lead, many in open_claims.items() if many > 1]
    owned = dict(session.execute(select(Lead.id, Lead.owner).where(Lead.owner.is_not(None))).all())
    held = dict(session.execute(select(Claim.lead_id, Claim.rep).where(Claim.ended_at.is_(None))).all())
    if owned != held:
        wrong.append(f"owners and open claims differ: {set(owned.items()) ^ set(held.items())}")
    counts = {
        "claims": (
            _many(session, Claim),
            session.scalar(select(func.count()).where(Action.name == "claimed")),
        ),
        "notes": (_many(session, Note), notes),
        "events": (_many(session, UsageEvent), events),
    }
    return wrong + [f"{name}: {here} instead of {due}" for name, (here, due) in counts.items() if here != due]


def _many(session: Session, kind: type) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def simulate(
    place: Path | str, reps: int, processes: int, rounds: int, leads: int, events: int
) -> tuple[dict[str, float], list[str]]:
    """Let the team work; {what: 95th percentile in ms}, and what went wrong."""
    prepare(place, leads)
    names = [f"rep{n:02}@example.com" for n in range(reps)]
    runner = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.team", "usage", str(place), str(leads), str(events)]
    )
    children = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.team",
                "work",
                str(place),
                json.dumps(part),
                str(rounds),
                str(leads),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in _parts(names, processes)
    ]
    found: dict[str, list[float]] = {}
    for child in children:
        said, _ = child.communicate()
        for name, some in json.loads(said).items():
            found.setdefault(name, []).extend(some)
    ended = runner.wait()
    workspace = open_workspace(place, create=False)
    wrong = workspace.db.read(faults, len(found["note"]), events).result()
    workspace.close()
    if ended:
        wrong.append("the runner failed")
    if (failed := reps - len(found["whole"])) > 0:
        wrong.append(f"{failed} reps failed on the way; each takes two connections, see what they said")
    return {name: 1e3 * percentile(found[name], 0.95) for name in ("claim", "page", "note")}, wrong


def _parts(names: list[str], many: int) -> list[list[str]]:
    return [names[start::many] for start in range(many)]


def main(argv: list[str]) -> int:
    """Report for each place; 1 when something went wrong."""
    sizes = SMALL if "--small" in argv else (REPS, PROCESSES, ROUNDS, LEADS, EVENTS)
    urls = [word for word in argv if "://" in word]
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        for place in [*urls, Path(folder) / "team.pqldesk"]:
            figures, wrong = simulate(place, *sizes)
            kind = "PostgreSQL" if isinstance(place, str) else "SQLite"
            told = ", ".join(f"{name} {ms:.0f} ms" for name, ms in figures.items())
            print(
                f"{kind}: {sizes[0]} reps, one runner, 95th percentiles: {told}; {wrong or 'nothing lost or doubled'}"
            )
            bad = bad or bool(wrong)
    return int(bad)


def _place(word: str) -> Path | str:
    return word if "://" in word else Path(word)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["work", place, names, rounds, leads]:
            print(json.dumps(work(_place(place), json.loads(names), int(rounds), int(leads))))
        case ["usage", place, leads, events]:
            bring_usage(_place(place), int(leads), int(events))
        case rest:
            sys.exit(main(rest))
