"""A large workspace made in no time: a migrated file filled through the driver. The same size gives the same file.

People, companies and domains are composed of syllables and end in .example; nobody of them exists.
"""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pqldesk.models.base import micros
from pqldesk.models.lead_counts import RECOUNT
from pqldesk.services.basics.clock import parse_moment
from pqldesk.services.scoring.live import ensure_model
from pqldesk.services.workspaces.workspace import open_workspace

AT = parse_moment("2026-11-20T12:00:00Z", ZoneInfo("UTC"), "AT")
AT_US = micros(AT)
DAY = 86_400_000_000
REPS = [f"rep{number:02d}@example.com" for number in range(40)]
SOURCES = ("file", "segment", "posthog", "form", "stripe")
STATES = ("new",) * 60 + ("qualified",) * 15 + ("claimed",) * 4 + ("working",) * 3 + ("handed_off",) * 3 + (
    "won",) * 5 + ("lost",) * 6 + ("disqualified",) * 2 + ("snoozed",) * 2  # fmt: skip
WEIGHTS = (1_000, 1_500, 2_000, 2_500, 2_000, 1_000)
THRESHOLDS = (5, 3, 2, 1, 100, 7)
_ONSETS = (
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "v",
)
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "io", "ou")
_CODAS = ("", "l", "m", "n", "r", "s", "t", "nd", "rt", "st", "ck")


def build(path: Path, leads: int) -> None:
    """Make the workspace at *path* with that many leads, a third as many companies, and a tenth as many trials."""
    workspace = open_workspace(path, create=True)
    workspace.db.write(ensure_model, AT).result()
    workspace.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-262144; PRAGMA foreign_keys=OFF")
        later = connection.execute(
            "SELECT name, sql, type FROM sqlite_master WHERE tbl_name IN ('lead', 'company', 'identity')"
            " AND sql IS NOT NULL AND (type = 'trigger' OR (type = 'index' AND name LIKE 'ix_%'))"
        ).fetchall()
        connection.execute("BEGIN")
        for name, _, kind in later:
            connection.execute(f"DROP {kind} {name}")
        _fill(connection, leads)
        for _, sql, _ in later:
            connection.execute(sql)
        connection.execute("INSERT INTO lead_fts(lead_fts) VALUES ('rebuild')")
        connection.execute(RECOUNT)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill(connection: sqlite3.Connection, leads: int) -> None:
    rnd = random.Random(leads)
    firsts = sorted({_word(rnd, 2) for _ in range(600)})
    lasts = sorted({_word(rnd, rnd.choice((2, 3))) for _ in range(6_000)})
    stems = sorted({_word(rnd, rnd.choice((2, 3))) for _ in range(9_000)})
    companies = leads // 3
    names = [f"{rnd.choice(stems)} {rnd.choice(stems)}" for _ in range(companies)]
    domains = [f"{name.lower().replace(' ', '')}{number}.example" for number, name in enumerate(names, 1)]
    connection.executemany(
        "INSERT INTO company (id, name, domain, created_at, sample) VALUES (?, ?, ?, ?, 0)",
        ((number, names[number - 1], domains[number - 1], AT_US) for number in range(1, companies + 1)),
    )
    (version,) = connection.execute("SELECT id FROM scoring_model_version WHERE live").fetchone()
    columns = (
        "id, name, first_name, last_name, email, company_id, company_name, domain, signup_at, signed_up_at, source,"
        " placement, hand_raised_at, created_at, sample, state, owner, score, qualified, qualified_at, activation,"
        " signals, milestones, last_active_at, scored_at, model_version_id"
    )
    connection.executemany(
        f"INSERT INTO lead ({columns}) VALUES ({','.join('?' * 26)})",
        _leads(rnd, leads, companies, names, domains, firsts, lasts, version),
    )
    connection.execute(
        "INSERT INTO identity (namespace, folded, value, verified, lead_id, created_at)"
        " SELECT 'email', email, email, 1, id, created_at FROM lead"
    )
    connection.executemany(
        "INSERT INTO trial (source, key, company_id, lead_id, plan, starts_at, ends_at, first_ends_at, ends_date_only,"
        " created_at) VALUES ('file', ?, ?, ?, 'Ultimate', ?, ?, ?, 0, ?)",
        _trials(rnd, leads, companies),
    )


def _leads(
    rnd: random.Random, leads: int, companies: int, names: list[str], domains: list[str],
    firsts: list[str], lasts: list[str], version: int,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    for number in range(1, leads + 1):
        company = rnd.randrange(companies)
        first, last = rnd.choice(firsts), rnd.choice(lasts)
        drive = rnd.random()
        met = [rnd.random() < drive * chance for chance in (0.9, 0.7, 0.5, 0.4, 0.5, 0.8)]
        values = [
            threshold * 1_000_000 * rnd.randrange(1, 4)
            if hit
            else threshold * 1_000_000 * rnd.randrange(10) // 10
            for hit, threshold in zip(met, THRESHOLDS, strict=True)
        ]
        points = [weight if hit else 0 for hit, weight in zip(met, WEIGHTS, strict=True)]
        score = sum(points)
        signup = AT_US - rnd.randrange(400) * DAY - rnd.randrange(DAY)
        active = None if drive < 0.05 else signup + rnd.randrange(AT_US - signup)
        raised = AT_US - rnd.randrange(60 * DAY) if rnd.random() < 0.01 else None
        qualified = score >= 6_000 or raised is not None
        state = rnd.choice(STATES)
        if state in ("new", "qualified"):
            state = "qualified" if qualified else "new"
        times = [signup, *[signup + day * DAY if hit else None for day, hit in enumerate(met[:5], 1)]]
        keys = (
            "signed_up",
            "first_login",
            "first_feature",
            "invited_teammate",
            "first_integration",
            "imported_data",
        )
        yield (
            number, f"{first} {last}", first, last, f"{first}.{last}{number}@{domains[company]}".lower(), company + 1,
            names[company], domains[company], signup, signup, rnd.choice(SOURCES), "group-billing" if raised else None,
            raised, AT_US, 0, state, None if state in ("new", "qualified") else rnd.choice(REPS), score, qualified,
            (active or raised) if qualified else None, round(100 * sum(1 for time in times if time) / 6),
            json.dumps([list(pair) for pair in zip(values, points, strict=True)], separators=(",", ":")),
            json.dumps(dict(zip(keys, times, strict=True)), separators=(",", ":"), sort_keys=True),
            active, AT_US, version,
        )  # fmt: skip


def _trials(rnd: random.Random, leads: int, companies: int) -> Iterator[tuple[Any, ...]]:
    for number in range(leads // 10):
        start = AT_US - rnd.randrange(120 * DAY)
        end = start + 30 * DAY
        owner = (rnd.randrange(1, companies + 1), None) if number % 3 else (None, rnd.randrange(1, leads + 1))
        yield (f"trial-{number}", *owner, start, end, end, start)


def _word(rnd: random.Random, syllables: int) -> str:
    parts = (rnd.choice(_ONSETS) + rnd.choice(_VOWELS) for _ in range(syllables))
    return ("".join(parts) + rnd.choice(_CODAS)).capitalize()
