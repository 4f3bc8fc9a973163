"""Import, sync, scoring, migration, erasing and intake that die at any statement: done again, all is there, and once.

What must be in the end is what the same work leaves when it is not disturbed. PQLDESK_DYING_ROUNDS: of each work.
"""

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dying_work
import pytest
from dying import Dying, dying
from sqlalchemy import create_engine

from pqldesk.cli import main
from pqldesk.models import migrations
from tests.services.checked_index import check_index
from tests.services.old_schemas import OLD, fill_file, kept

ROUNDS = int(os.environ.get("PQLDESK_DYING_ROUNDS", "2"))
# Rounds more while the moments that were drawn lay behind the end: not every run takes as many statements.
MORE = 5
NOW = "2026-11-18T09:30:00Z"
FILE = "w.pqldesk"
WORKS = ("leads", "events", "pulling", "scoring", "erasing_somebody", "receiving", "migrating")
# Everything that counts, by its own names: numbers of rows may differ where a round began anew.
THERE = {
    "leads": "SELECT email, name, score, state, owner, qualified, milestones, signals, plan FROM lead",
    "identities": "SELECT i.namespace, i.folded, l.email FROM identity i LEFT JOIN lead l ON l.id = i.lead_id",
    "events": "SELECT e.eid, e.at, e.day, e.quantity, k.name, k.key, i.folded FROM usage_event e"
    " JOIN event_kind k ON k.id = e.kind_id JOIN identity i ON i.id = e.identity_id",
    "days": "SELECT i.folded, d.day, k.name, k.key, d.n, d.quantity FROM usage_day d"
    " JOIN event_kind k ON k.id = d.kind_id JOIN identity i ON i.id = d.identity_id",
    "totals": "SELECT i.folded, k.name, k.key, t.n, t.quantity, t.first_at, t.last_at FROM usage_total t"
    " JOIN event_kind k ON k.id = t.kind_id JOIN identity i ON i.id = t.identity_id",
    "submissions": "SELECT l.email, s.kind, s.times FROM submission s JOIN lead l ON l.id = s.lead_id",
    "trials": "SELECT key, plan, ends_at FROM trial",
    "set aside": "SELECT eid, reason FROM event_set_aside",
    "tombstones": "SELECT count(*) FROM tombstone",
    "waiting": "SELECT count(*) FROM raw_page WHERE done < items",
    "settings": "SELECT key, value FROM setting WHERE key <> 'tombstone_secret'",
    "files": "SELECT name, problem FROM pulled_file",
}


def people(first: int, last: int) -> str:
    rows = (
        f"person{n}@firm{n % 20}.example,Person {n},Firm {n % 20},2026-11-{n % 15 + 1:02}T00:00:00Z,u{n},"
        f"{'hand_raise' if n % 5 == 0 else ''}"
        for n in range(first, last)
    )
    return "\n".join(["email,name,company,signup_at,user_id,kind", *rows]) + "\n"


def usage(prefix: str, many: int) -> str:
    kinds = ("login", "team_invited", "data_imported", "integration_connected", "feature_activated")
    rows = (
        f"{prefix}{n},u{n * 7 % 60},{kinds[n % 5]},k{n % 3},{n % 90},2026-11-{n % 17 + 1:02}T{n % 24:02}:30:00Z"
        for n in range(many)
    )
    return "\n".join(["event_id,user_id,event,key,quantity,occurred_at", *rows]) + "\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a workspace in use and the files that are to come in."""
    folder = tmp_path_factory.mktemp("dying")
    (folder / "leads.csv").write_text(people(0, 40))
    (folder / "more.csv").write_text(people(30, 90))
    (folder / "first.csv").write_text(usage("e", 200))
    (folder / "events.csv").write_text(
        usage("e", 150).replace("login", "Log In") + usage("f", 300).split("\n", 1)[1]
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PQLDESK_NOW", NOW)
        environment.setenv("PQLDESK_SECRETS", "env")
        environment.setenv("TEST_KEY", "wk_test_123")
        environment.setenv("XDG_STATE_HOME", str(folder / "state"))
        watched = folder / "watched"
        watched.mkdir()
        for words in (
            ("import", "leads", folder / "leads.csv", "--source", "app"),
            ("import", "events", folder / "first.csv", "--source", "app"),
            ("connect", "segment", "--token-env", "TEST_KEY"),
            (
                "connect",
                "folder",
                "--set",
                f"folder={watched}",
                "--set",
                "quiet_s=0",
                "--set",
                "source=app",
                "--set",
                "kind=events",
            ),
            ("lead", "claim", "person3@firm3.example", "--rep", "kim@example.com"),
            ("note", "add", dying_work.ERASED, "Rings at noon", "--rep", "kim@example.com"),
        ):
            assert main(["--workspace", str(folder / FILE), *map(str, words)]) == 0
        yield folder


@pytest.fixture(scope="module")
def warm(begun: Path) -> Iterator[Dying]:
    with dying("tests.services.dying_work") as process:
        yield process


def fresh(begun: Path, folder: Path, work: str, version: str = "") -> Path:
    """The workspace as it stands before *work*, in a folder of its own, which is emptied first. Migrating begins with
    one of the schema *version*."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("more.csv", "events.csv"):
        shutil.copy(begun / name, folder)
    shutil.rmtree(begun / "watched")  # where files that were read lie aside
    (begun / "watched").mkdir()
    (begun / "watched" / "usage.csv").write_text(usage("w", 60))
    if work != "migrating":
        return Path(shutil.copy(begun / FILE, folder / FILE))
    old = begun / f"{version}.pqldesk"
    if not old.exists():
        make_old(old, version)
    return Path(shutil.copy(old, folder / FILE))


def make_old(path: Path, version: str) -> None:
    """A workspace of an earlier schema, as its program left it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrations.upgrade(connection, version)
    engine.dispose()
    fill_file(path, kept(version))


def there(place: Path) -> dict[str, list[Any]]:
    """What the workspace holds; it is sound."""
    with contextlib.closing(sqlite3.connect(place)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        check_index(file)
        return {name: sorted(map(repr, file.execute(sql))) for name, sql in THERE.items()}


@pytest.mark.parametrize("work", WORKS)
def test_work_that_dies_anywhere_is_done_again_and_leaves_what_it_leaves_undisturbed(
    warm: Dying, begun: Path, tmp_path: Path, work: str
) -> None:
    chance = random.Random()  # other moments and schemas each time; what is there in the end is the same
    version = chance.choice(OLD)
    place = fresh(begun, tmp_path / "round", work, version)
    before = None if work == "migrating" else there(place)
    statements = warm.whole(work, str(place))
    wanted = there(place)
    assert wanted != before
    died = 0
    rounds = 1 if work == "pulling" and ROUNDS < 10 else ROUNDS  # each of its files is a process of its own
    for number in range(rounds + MORE):
        if number >= rounds and died:
            break
        if work == "migrating" and len(OLD) < ROUNDS:  # the night has time for each schema
            version = OLD[number % len(OLD)]
            place = fresh(begun, tmp_path / "round", work, version)
            statements = warm.whole(work, str(place))
            wanted = there(place)
        place = fresh(begun, tmp_path / "round", work, version)
        # one round in three dies in the last tenth, where the commits are
        first = statements * 9 // 10 if number % 3 == 0 else 1
        died += warm.at(
            chance.randint(first, statements), chance.choice([0.0, chance.random() / 500]), work, str(place)
        )
        accepted = place.with_name("accepted")
        if accepted.exists():  # what was answered is there at once, whoever died
            with contextlib.closing(sqlite3.connect(place)) as file:
                (kept,) = file.execute("SELECT coalesce(sum(items), 0) FROM raw_page").fetchone()
            assert kept >= len(accepted.read_text().split())
        warm.whole(work, str(place))
        assert there(place) == wanted, version
        if work == "erasing_somebody":
            assert [
                path.name for path in tmp_path.rglob(f"{FILE}*") if b"person7@" in path.read_bytes()
            ] == []
    assert died > 0
