"""The demo's workspace: what it shows, that it repeats, and that removing the sample leaves nothing of it."""

import csv
import errno
import gzip
import io
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pqldesk.models.base import Base
from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.models.history import ScoreEvent
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Company, Identity, Lead, Submission, Suggestion
from pqldesk.models.usage import EventKind, UsageEvent
from pqldesk.models.work import Claim
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.rates import ENOUGH
from pqldesk.services.basics.resources import resource
from pqldesk.services.demo import demo
from pqldesk.services.demo.sample import remove_sample
from pqldesk.services.demo.team import DANA, INES, MIRA, OMAR
from pqldesk.services.figures.funnel_now import funnel_now
from pqldesk.services.figures.funnel_ways import Asked
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.result import FileResult
from pqldesk.services.leads.leads import add_lead
from pqldesk.services.notices.finding import look
from pqldesk.services.notices.notices import tell
from pqldesk.services.queue.queue import filtered_order, read_rows, reading, view_filter
from pqldesk.services.queue.row_json import queue_row_json
from pqldesk.services.routing import ledger
from pqldesk.services.rows import LeadDraft
from pqldesk.services.sample_files import sample_files
from pqldesk.services.sources.placements import placement_rows
from pqldesk.services.team.team import team_rows
from pqldesk.services.trials.trials import trials
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
KEPT_TABLES = {"alembic_version", "scoring_model_version", "rollup", "change"}


def build(folder: Path) -> tuple[Workspace, list[FileResult]]:
    workspace = demo.fresh_workspace(folder / "demo.pqldesk")
    demo.set_up(workspace.db, AT)
    results = demo.live(workspace.db, folder / "files", AT, crm=False)
    demo.bring_up_to_date(workspace.db, AT)
    return workspace, results


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, list[FileResult]]]:
    """One demo for the tests that only look."""
    workspace, results = build(tmp_path_factory.mktemp("demo"))
    yield workspace, results
    workspace.close()


@pytest.fixture(scope="module")
def db(built: tuple[Workspace, list[FileResult]]) -> Database:
    return built[0].db


@pytest.fixture
def again(built: tuple[Workspace, list[FileResult]], tmp_path: Path) -> Iterator[Workspace]:
    """A copy of its workspace, to change."""
    place = tmp_path / "demo.pqldesk"
    with closing(sqlite3.connect(built[0].place)) as whole, closing(sqlite3.connect(place)) as copy:
        whole.backup(copy)
    workspace = open_workspace(place, create=False)
    yield workspace
    workspace.close()


def queue_json(db: Database) -> list[dict[str, Any]]:
    def read(session: Session) -> list[dict[str, Any]]:
        ids = filtered_order(session, view_filter(session, "all"), demo.REP, AT, None)
        return [queue_row_json(row) for row in read_rows(Driver(session), ids, reading(session, AT))]

    return db.read(read).result()


def test_every_band_occurs_and_the_hot_ones_are_few(db: Database) -> None:
    bands = Counter(row["band"] for row in queue_json(db))
    assert set(bands) == {"hot", "qualified", "warming", "cold"}
    assert bands["hot"] < bands["qualified"] < bands["warming"] < bands["cold"]
    assert 800 <= sum(bands.values()) <= 1_000


def test_every_milestone_is_reached_by_some_and_missed_by_others(db: Database) -> None:
    rows = queue_json(db)
    for key in rows[0]["milestones"]:
        reached = sum(row["milestones"][key] is not None for row in rows)
        assert reached > 0, key
        assert reached < len(rows) or key == "signed_up", key


def test_every_state_of_a_trial_occurs_and_some_end_within_a_week(db: Database) -> None:
    rows = db.read(trials, AT).result()
    assert {row.state for row in rows} == {"active", "extended", "converted", "expired", "lost"}
    assert any(row.state == "active" and row.days_left <= 7 for row in rows)


def test_states_of_leads_and_both_reps_occur(db: Database) -> None:
    rows = queue_json(db)
    assert {"new", "qualified", "claimed", "working", "nurture", "won", "lost", "disqualified"} <= {
        row["state"] for row in rows
    }
    assert {row["owner"] for row in rows} >= {"ines@northquay.example", "dana@northquay.example", None}


def test_hand_raises_come_in_several_scripts_and_one_from_an_unknown_button(db: Database) -> None:
    comments = db.read(
        lambda session: session.scalars(
            select(Submission.comment).where(Submission.kind == "hand_raise")
        ).all()
    ).result()
    scripts = {letter for comment in comments for letter in (comment or "") if ord(letter) > 0x300}
    assert any("぀" <= letter <= "ヿ" for letter in scripts)
    assert any("а" <= letter <= "я" for letter in scripts)
    assert any("؀" <= letter <= "ۿ" for letter in scripts)
    registered = Counter(row.registered for row in db.read(placement_rows).result())
    assert registered == {True: 6, False: 1}


def test_two_merges_wait_to_be_decided(db: Database) -> None:
    states = db.read(lambda session: Counter(session.scalars(select(Suggestion.state)))).result()
    assert states["open"] >= 2
    assert states["rejected"] == 1


def test_rows_meant_to_fail_are_rejected_counted_twice_or_set_aside(
    built: tuple[Workspace, list[FileResult]],
) -> None:
    results = built[1]
    assert sum(result.rejected for result in results) == 4
    assert sum(result.duplicates for result in results) == 2
    assert sum(result.set_aside for result in results) == 1
    assert all(not result.unmapped for result in results)


def test_usage_ends_on_the_day_before(db: Database) -> None:
    newest = db.read(lambda session: session.scalar(select(func.max(UsageEvent.at)))).result()
    assert datetime.fromtimestamp(newest / 1_000_000, UTC).date() == AT.date() - timedelta(days=1)


@pytest.mark.parametrize("as_of", [date(2024, 3, 1), date(2026, 11, 20), date(2031, 1, 1)])
def test_files_are_moved_by_whole_days_whatever_the_day(tmp_path: Path, as_of: date) -> None:
    moved = next(file.path for file in sample_files(tmp_path, as_of) if file.kind is Kind.LEADS)
    with resource("sample", "leads.csv").open(encoding="utf-8", newline="") as file:
        first = min(row["signup_at"] for row in csv.DictReader(file) if row["signup_at"])
    with moved.open(encoding="utf-8", newline="") as file:
        shifted = min(row["signup_at"] for row in csv.DictReader(file) if row["signup_at"])
    distance = datetime.fromisoformat(shifted) - datetime.fromisoformat(first)
    assert distance.seconds == 0
    assert distance.days == (as_of - timedelta(days=1) - date(2015, 10, 11)).days


def test_files_say_no_more_than_was_known_when_they_came(tmp_path: Path) -> None:
    """What happens later, the outcome of a lead or the end of a trial, is a row of a later file."""
    told = ("submitted_at", "signup_at", "outcome_at", "starts_at", "converted_at", "occurred_at")
    for came in sample_files(tmp_path, AT.date()):
        until = (AT.date() - timedelta(days=came.days_ago)).isoformat()
        data = came.path.read_bytes()
        text_of = (gzip.decompress(data) if came.path.suffix == ".gz" else data).decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text_of)))
        assert rows, came.path.name
        late = [row for row in rows if any((row.get(name) or "") >= until for name in told)]
        assert not late or not came.days_ago, (came.path.name, late[:1])


def test_scores_were_stored_while_the_weeks_went_by(db: Database) -> None:
    """Each with its cause at its time, so that win rates can be told by the band of then."""
    moments = db.read(lambda session: session.scalars(select(ScoreEvent.at).distinct()).all()).result()
    weeks_ago = {(AT - at).days // 7 for at in moments}
    assert {0, 1, 2, 3} <= weeks_ago


def test_the_model_has_something_to_show_leads_it_rated_better_were_won_more_often(db: Database) -> None:
    figures = db.read(lambda session: funnel_now(session, Asked(AT, 8))).result()
    bands = {rate.band: rate for rate in figures.bands}
    assert all(bands[key].n >= ENOUGH for key in ("hot", "qualified", "warming", "cold"))
    assert bands["hot"].rate > bands["qualified"].rate > bands["warming"].rate > bands["cold"].rate


def test_who_qualified_was_claimed_and_heard_from_somebody_and_few_wait_too_long(db: Database) -> None:
    figures = db.read(lambda session: funnel_now(session, Asked(AT, 13))).result()
    steps = {step.step: step.n for step in figures.steps}
    assert steps["qualified"] > steps["claimed"] >= steps["contacted"] > steps["qualified"] / 2
    assert 0 < figures.speed.overdue < figures.speed.waiting < steps["qualified"] / 4


def test_addresses_are_at_example_domains(db: Database) -> None:
    emails = db.read(lambda session: session.scalars(select(Lead.email)).all()).result()
    assert all(email is not None and email.endswith(".example") for email in emails)
    domains = db.read(lambda session: session.scalars(select(Company.domain)).all()).result()
    assert all(domain is not None and domain.endswith(".example") for domain in domains)


def test_removing_the_sample_leaves_no_row_of_it(
    built: tuple[Workspace, list[FileResult]], again: Workspace
) -> None:
    for at in (
        AT,
        AT + timedelta(days=7),
    ):  # the first look remembers where it began; then a trial of hers ends
        sighting = again.db.read(look, demo.REP, at).result()
        again.db.write(tell, demo.REP, sighting, at).result()
    assert again.db.read(_count, "notice").result()
    rejects = [path for path in (built[0].folder / "files").iterdir() if "reject" in path.name]
    removed = again.db.write(remove_sample, demo.REP, AT).result()
    assert removed.leads == 908
    left = {table.name: again.db.read(_count, table.name).result() for table in Base.metadata.sorted_tables}
    assert {name: n for name, n in left.items() if n and name not in KEPT_TABLES} == {}
    with pytest.raises(NotFound, match="no sample"):
        again.db.write(remove_sample, demo.REP, AT).result()
    assert rejects
    assert not any(path.exists() for path in rejects)


def _count(session: Session, table: str) -> int:
    return int(session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())


@pytest.mark.both_databases
def test_removing_the_sample_keeps_what_is_not_of_it(place: Path | str, tmp_path: Path) -> None:
    workspace = open_workspace(place, create=True)
    try:
        draft = LeadDraft(
            first_name="Mira", last_name="Okafor", email="mira@lumenfoods.example", company="Lumen Foods"
        )
        mine = workspace.db.write(add_lead, draft, "me@northquay.example", AT).result().lead_id
        demo.set_up(workspace.db, AT)
        demo.live(workspace.db, tmp_path / "files", AT, crm=False)
        workspace.db.write(remove_sample, "me@northquay.example", AT).result()
        assert [row["lead_id"] for row in queue_json(workspace.db)] == [mine]
        names = workspace.db.read(lambda session: session.scalars(select(Company.name)).all()).result()
        assert names == ["Lumen Foods"]
    finally:
        workspace.close()


def test_the_demo_never_replaces_a_workspace_of_somebodys_own(tmp_path: Path) -> None:
    place = tmp_path / "workspace.pqldesk"
    open_workspace(place, create=True).close()
    before = place.read_bytes()
    with pytest.raises(NotAllowed, match="somebody's own"):
        demo.fresh_workspace(place)
    assert place.read_bytes() == before


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(BadInput, match="cannot be written: No space left on device"):
        demo.fresh_workspace(tmp_path / "workspace.pqldesk")


def test_calls_of_machines_belong_to_companies_alone(db: Database) -> None:
    def read(session: Session) -> list[tuple[bool, bool]]:
        return [
            (lead is None, company is not None)
            for lead, company in session.execute(
                select(Identity.lead_id, Identity.company_id)
                .join(UsageEvent, UsageEvent.identity_id == Identity.id)
                .join(EventKind, EventKind.id == UsageEvent.kind_id)
                .where(EventKind.name == "api_call")
            )
        ]

    calls = db.read(read).result()
    assert len(calls) > 1_000
    assert set(calls) == {(True, True)}


def test_the_rules_of_the_team_gave_leads_out_in_turn_and_changed_nobodys_queue(db: Database) -> None:
    members = {row.email: row for row in db.read(team_rows).result()}
    assert set(members) == {INES, DANA, OMAR, MIRA}
    assert members[INES].holds > 3
    assert {email: row.role for email, row in members.items() if row.role != "rep"} == {
        INES: "manager",
        MIRA: "admin",
    }
    away = members[OMAR].away_from
    assert away is not None
    assert away < AT
    turns = db.read(ledger).result()
    assert len(turns) >= 5
    given = Counter(turn.chosen for turn in turns if turn.why == "turn")
    assert set(given) == {INES, DANA}
    assert {reason for turn in turns for _email, reason in turn.skipped} == {"off_hours"}
    by_turn = {(turn.lead_id, turn.chosen) for turn in turns if turn.chosen}
    taken = db.read(lambda session: session.execute(select(Claim.lead_id, Claim.rep)).all()).result()
    assert by_turn <= {(public_id(LEAD, lead_id), rep) for lead_id, rep in taken}
