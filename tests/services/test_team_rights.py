"""A team workspace on PostgreSQL keeps the team's rights itself: whatever program a rep comes with gains nothing."""

import itertools
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from pqldesk.models import rights
from pqldesk.models.history import ActionRow
from pqldesk.models.people import Lead
from pqldesk.models.remote import OutboxItem
from pqldesk.models.schema import Base
from pqldesk.models.work import Handoff
from pqldesk.services import settings
from pqldesk.services.basics.problems import AlreadyClaimed, BadInput, NotAllowed, WorkspaceProblem
from pqldesk.services.basics.written_files import note_written
from pqldesk.services.claims import assign_lead, claim_lead, release_lead
from pqldesk.services.erasure.erase import erase
from pqldesk.services.history import actions_of
from pqldesk.services.invitations import invite, url_for
from pqldesk.services.leads.leads import LeadDraft, add_lead, snooze, won
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task
from pqldesk.services.leads.undo import undo
from pqldesk.services.queue.queue import queue_page
from pqldesk.services.schedule import settle
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.team.logins import set_role, who_i_am
from pqldesk.services.team.team import remove_member, team_rows
from pqldesk.services.tombstones import plant
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import team_database

KIM, LEE, MAX, ADA = "kim@example.com", "lee@example.com", "max@example.com", "ada@example.com"
NEW = "new@example.com"
NOW = datetime.now(UTC)
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def place(postgres_template: str) -> Iterator[str]:
    """One workspace for all of these tests: a team is set up once."""
    with team_database(postgres_template) as url:
        yield url


@pytest.fixture(scope="module")
def workspace(place: str) -> Iterator[Workspace]:
    """The workspace as its owner has it open."""
    opened = open_workspace(place, create=False)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def urls(workspace: Workspace, place: str) -> dict[str, str]:
    """Everybody's URL: kim and lee are reps, max a manager, ada an admin."""
    given = {}
    for email, role in ((KIM, "rep"), (LEE, "rep"), (MAX, "manager"), (ADA, "admin")):
        made = workspace.db.write(invite, email, role, "owner", NOW).result()
        given[email] = url_for(place, made.login, made.password)
    return given


@pytest.fixture(scope="module")
def seat(urls: dict[str, str]) -> Iterator[Callable[[str], Workspace]]:
    """``seat(KIM)``: the workspace as that person has it open."""
    opened: dict[str, Workspace] = {}

    def open_as(email: str) -> Workspace:
        if email not in opened:
            opened[email] = open_workspace(urls[email], create=False)
        return opened[email]

    yield open_as
    for workspace in opened.values():
        workspace.close()


@pytest.fixture
def newcomer(workspace: Workspace, place: str) -> str:
    """The URL of a rep whom a test may promote or remove."""
    made = workspace.db.write(invite, NEW, "rep", "owner", NOW).result()
    return url_for(place, made.login, made.password)


def on(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command on the lead with a row number."""
    return lambda session, number, *args: command(session, session.get_one(Lead, number), *args)


def act(workspace: Workspace, command: Callable[..., Any], *args: Any) -> Any:
    return workspace.db.write(command, *args).result()


def raw(url: str, statement: str, *values: object) -> int:
    """One statement as a program of one's own would send it; how many rows it changed."""
    with psycopg.connect(url, autocommit=True) as own:
        return own.execute(statement, values or None).rowcount


def refusal(url: str, statement: str) -> str | None:
    """The SQLSTATE that the server refuses the statement with; None where it lets it through."""
    try:
        raw(url, statement)
    except psycopg.Error as refused:
        return refused.sqlstate or str(refused)
    return None


def test_a_rep_works_the_queue_by_their_own_login(seat: Any, new_lead: Any) -> None:
    number = new_lead("zoe@north.example")
    kim = seat(KIM)
    me = kim.db.read(who_i_am).result()
    assert (me.email, me.role) == (KIM, "rep")
    assert kim.db.read(settings.value, "rep").result() == KIM
    assert "zoe@north.example" in [row.email for row in kim.db.read(queue_page, at=NOW, limit=50).result()[0]]
    act(kim, on(claim_lead), number, KIM, NOW)
    act(kim, on(add_note), number, "Called", KIM, NOW)
    act(kim, on(add_task), number, "Call again", KIM, NOW)
    act(kim, on(release_lead), number, KIM, NOW)
    act(kim, on(claim_lead), number, KIM, NOW)
    act(kim, on(assign_lead), number, LEE, KIM, NOW)
    act(seat(LEE), on(won), number, LEE, NOW)
    done = kim.db.read(lambda s: [(a.actor, a.name) for a in actions_of(s, number)])
    assert done.result() == [
        (KIM, "claimed"), (KIM, "note_added"), (KIM, "task_added"), (KIM, "released"), (KIM, "claimed"),
        (KIM, "assigned"), (LEE, "won"),
    ]  # fmt: skip


def test_a_rep_adds_a_lead_and_takes_it_back(seat: Any) -> None:
    kim = seat(KIM)
    act(kim, add_lead, LeadDraft(email="new@south.example", company="South"), KIM, NOW)
    act(kim, undo, KIM, NOW)
    assert (
        kim.db.read(
            lambda s: s.scalars(select(Lead.id).where(Lead.email == "new@south.example")).all()
        ).result()
        == []
    )


def test_an_undone_claim_is_free_again(seat: Any, new_lead: Any) -> None:
    number = new_lead("undone@north.example")
    act(seat(KIM), on(claim_lead), number, KIM, NOW)
    act(seat(KIM), undo, KIM, NOW)
    act(seat(LEE), on(claim_lead), number, LEE, NOW)


def test_a_lapsed_claim_may_be_taken_by_anybody(seat: Any, new_lead: Any) -> None:
    number = new_lead("late@north.example")
    past = NOW - timedelta(days=8)
    act(seat(KIM), on(claim_lead), number, KIM, past)
    act(seat(LEE), settle, NOW)
    act(seat(LEE), on(claim_lead), number, LEE, NOW)


def test_anybodys_program_wakes_a_colleagues_lead_once_its_sleep_is_over(
    seat: Any, new_lead: Any, workspace: Workspace, urls: Any
) -> None:
    asleep, over, long_over = (new_lead(f"{name}@sleep.example") for name in ("asleep", "over", "long-over"))
    for number, at, hours in (
        (asleep, NOW, 24),
        (over, NOW - timedelta(days=2), 24),
        (long_over, NOW - timedelta(days=20), 24),
    ):
        act(seat(KIM), on(claim_lead), number, KIM, at)
        act(seat(KIM), on(snooze), number, at + timedelta(hours=hours), KIM, at)
    awake = "state = 'working', state_before = NULL, state_until = NULL"
    for tried in (
        f"{awake}, lease_until = state_until + 7 * 86400000000 WHERE id = {asleep}",
        f"{awake}, lease_until = state_until + 30 * 86400000000 WHERE id = {over}",
        f"{awake}, owner = 'lee@example.com' WHERE id = {over}",
        f"{awake}, owner = NULL WHERE id = {over}",
        f"{awake}, outcome = 'won' WHERE id = {over}",
    ):
        assert refusal(urls[LEE], f"UPDATE lead SET {tried}") == rights.REFUSED, tried
    act(seat(LEE), settle, NOW)

    def standing(session: Any) -> list[tuple[str, str | None]]:
        leads = [session.get_one(Lead, number) for number in (asleep, over, long_over)]
        return [(lead.state, lead.owner) for lead in leads]

    assert workspace.db.read(standing).result() == [("snoozed", KIM), ("working", KIM), ("new", None)]
    act(seat(LEE), settle, NOW + timedelta(days=2))  # a clock that is ahead wakes nobody before their time
    assert workspace.db.read(standing).result()[0] == ("snoozed", KIM)


def test_a_clock_that_is_ahead_takes_no_claim_and_says_who_has_it(held: "Held", seat: Any) -> None:
    ahead = NOW + timedelta(days=8)
    act(seat(LEE), settle, ahead)
    with pytest.raises(AlreadyClaimed, match="already claimed by kim@example"):
        act(seat(LEE), on(claim_lead), held.kims, LEE, ahead)


@dataclass(frozen=True)
class Held:
    """A lead that kim has claimed, noted and planned on, and one that is free."""

    kims: int
    free: int

    def told(self, statement: str) -> str:
        """The statement with their numbers in it."""
        return statement.replace("$kims", str(self.kims)).replace("$free", str(self.free))


@pytest.fixture
def held(seat: Any, new_lead: Any) -> Held:
    name = next(NUMBERS)
    number = new_lead(f"zoe{name}@north.example")
    free = new_lead(f"free{name}@north.example")
    act(seat(KIM), on(claim_lead), number, KIM, NOW)
    act(seat(KIM), on(add_note), number, "Mine", KIM, NOW)
    act(seat(KIM), on(add_task), number, "Mine", KIM, NOW)
    for rep, lead in ((KIM, number), (LEE, free)):
        act(seat(rep), hand_off, lead, rep, f"{name} of {rep}")
    return Held(number, free)


def hand_off(session: Any, lead_id: int, rep: str, key: str) -> None:
    """A handoff with one write, as push_handoff() stores it."""
    handoff = Handoff(
        lead_id=lead_id,
        playbook="handoff",
        run_key=key,
        system="attio",
        facts={},
        created_at=NOW,
        created_by=rep,
    )
    session.add(handoff)
    session.flush()
    session.add(
        OutboxItem(
            handoff_id=handoff.id, lead_id=lead_id, position=0, system="attio", kind="note", payload={},
            idempotency_key=key, created_at=NOW,
        )
    )  # fmt: skip


FORBIDDEN = {  # what lee tries with a program of their own
    "take kim's lead": "UPDATE lead SET owner = 'lee@example.com' WHERE id = $kims",
    "free kim's lead": "UPDATE lead SET owner = NULL, lease_until = NULL WHERE id = $kims",
    "end kim's lease": "UPDATE lead SET lease_until = 0 WHERE id = $kims",
    "antedate kim's claim": "UPDATE lead SET claimed_at = 0 WHERE id = $kims",
    "win kim's lead": "UPDATE lead SET outcome = 'won', state = 'won' WHERE id = $kims",
    "put kim's lead to sleep": "UPDATE lead SET state = 'snoozed' WHERE id = $kims",
    "wake kim's lead into one's own hands":
        "UPDATE lead SET state = 'working', state_until = NULL, owner = 'lee@example.com' WHERE id = $kims",
    "merge kim's lead away": "UPDATE lead SET merged_into = $free, state = 'merged' WHERE id = $kims",
    "delete kim's lead": "DELETE FROM lead WHERE id = $kims",
    "delete a free lead": "DELETE FROM lead WHERE id = $free",
    "change when a lead came": "UPDATE lead SET created_at = 0 WHERE id = $free",
    "hold a lead for ever":
        "UPDATE lead SET owner = 'lee@example.com', lease_until = 9000000000000000 WHERE id = $free",
    "bring a lead in kim's hands":
        "INSERT INTO lead (name, owner, state) VALUES ('Made up', 'kim@example.com', 'claimed')",
    "bring a lead that is won":
        "INSERT INTO lead (name, outcome, outcome_at, state) VALUES ('Made up', 'won', 1, 'won')",
    "bring a lead with a price": "INSERT INTO lead (name, deal_value) VALUES ('Made up', 1)",
    "bring a lead of one's own for ever":
        "INSERT INTO lead (name, owner, state, lease_until)"
        " VALUES ('Made up', 'lee@example.com', 'claimed', 9000000000000000)",
    "hand kim's lead off":
        "INSERT INTO handoff (lead_id, playbook, run_key, system, facts, created_at, created_by)"
        " VALUES ($kims, 'handoff', 'made up', 'attio', '{}', 0, 'lee@example.com')",
    "write about kim's lead as a playbook that nobody approved":
        "INSERT INTO handoff (lead_id, playbook, run_key, system, facts, created_at, created_by)"
        " VALUES ($kims, 'signup', 'made up', 'attio', '{}', 0, 'playbook')",
    "write about kim's lead as a playbook of one's own":
        "INSERT INTO handoff (lead_id, playbook, run_key, system, facts, created_at, created_by)"
        " VALUES ($kims, 'signup', 'made up', 'attio', '{}', 0, 'lee@example.com')",
    "put a write into kim's handoff":
        "INSERT INTO outbox_item (handoff_id, lead_id, position, system, kind, state, payload, idempotency_key,"
        " created_at) SELECT id, lead_id, 9, 'attio', 'note', 'pending', '{}', 'made up', 0 FROM handoff"
        " WHERE created_by = 'kim@example.com' LIMIT 1",
    "move a write into kim's handoff":
        "UPDATE outbox_item SET handoff_id = (SELECT id FROM handoff WHERE created_by = 'kim@example.com' LIMIT 1)"
        " WHERE idempotency_key LIKE '% of lee@example.com'",
    "write about kim's lead in one's own handoff":
        "INSERT INTO outbox_item (handoff_id, lead_id, position, system, kind, state, payload, idempotency_key,"
        " created_at) SELECT id, $kims, 9, 'attio', 'note', 'pending', '{}', 'made up', 0 FROM handoff"
        " WHERE created_by = 'lee@example.com' LIMIT 1",
    "write a note to decide a conflict":
        "WITH made AS (INSERT INTO handoff (lead_id, playbook, run_key, system, facts, created_at, created_by)"
        " VALUES ($kims, 'conflict', 'made up', 'attio', '{}', 0, 'lee@example.com') RETURNING id, lead_id)"
        " INSERT INTO outbox_item (handoff_id, lead_id, position, system, kind, state, payload, idempotency_key,"
        " created_at) SELECT id, lead_id, 0, 'attio', 'note', 'pending', '{}', 'made up', 0 FROM made",
    "erase a lead": "UPDATE lead SET state = 'erased' WHERE id = $free",
    "end kim's claim": "UPDATE claim SET ended_at = 0, end_reason = 'released' WHERE rep = 'kim@example.com'",
    "rewrite kim's claim": "UPDATE claim SET rep = 'lee@example.com' WHERE lead_id = $kims",
    "delete kim's claim": "DELETE FROM claim WHERE lead_id = $kims",
    "claim in kim's name": "INSERT INTO claim (lead_id, rep, taken_at) VALUES ($free, 'kim@example.com', 0)",
    "take kim's usage": "UPDATE identity SET lead_id = $free WHERE lead_id = $kims",
    "delete an identity": "DELETE FROM identity WHERE lead_id = $kims",
    "rewrite history": "UPDATE action SET actor = 'lee@example.com'",
    "undo in kim's name": "UPDATE action SET undone_at = 1 WHERE actor = 'kim@example.com'",
    "delete history": "DELETE FROM action_row",
    "delete actions": "DELETE FROM action",
    "change an image": "UPDATE action_row SET before = NULL",
    "sign as kim": "INSERT INTO action (at, actor, name, detail) VALUES (1, 'kim@example.com', 'won', '')",
    "add to kim's action":
        "INSERT INTO action_row (action_id, \"table\", row_id) SELECT id, 'lead', 2 FROM action LIMIT 1",
    "say that one added a lead":
        "INSERT INTO action (at, actor, name, detail, lead_id) VALUES (1, 'lee@example.com', 'added', '', $kims)",
    "empty the history": "TRUNCATE action CASCADE",
    "rewrite scores' history": "UPDATE score_event SET old = 0",
    "change kim's note": "UPDATE note SET text = 'Yours' WHERE lead_id = $kims",
    "delete kim's note": "DELETE FROM note WHERE lead_id = $kims",
    "write a note as kim":
        "INSERT INTO note (lead_id, at, author, title, text) VALUES ($kims, 1, 'kim@example.com', '', '')",
    "delete kim's task": "DELETE FROM task WHERE lead_id = $kims",
    "change the model": "UPDATE scoring_model_version SET live = false",
    "add a model":
        "INSERT INTO scoring_model_version (name, version, spec, live, created_at) VALUES ('mine', 1, '{}', true, 0)",
    "change the workspace's settings": "INSERT INTO setting (key, value) VALUES ('lease_days', '365')",
    "change kim's settings":
        "INSERT INTO setting (key, value) SELECT 'of ' || login || '/theme', 'dark' FROM member LIMIT 1",
    "become admin": "UPDATE member SET role = 'admin'",
    "come as kim": "UPDATE member SET login = session_user WHERE email = 'kim@example.com'",
    "join the admins":
        "DO $$ BEGIN EXECUTE format('GRANT %I TO %I', current_database() || '_admin', session_user); END $$",
    "call what admins call": "SELECT pqldesk_grant('lee@example.com', session_user::text, 'admin', NULL, 0)",
    "take kim's login away": "SELECT pqldesk_drop(login) FROM member WHERE email = 'kim@example.com'",
    "turn a trigger off": "ALTER TABLE lead DISABLE TRIGGER ALL",
    "act as the owner": "SET SESSION AUTHORIZATION postgres",
    "act as the admins": "DO $$ BEGIN EXECUTE format('SET ROLE %I', current_database() || '_admin'); END $$",
    "change a function": "CREATE OR REPLACE FUNCTION pqldesk_rank() RETURNS text LANGUAGE sql AS $$ SELECT 'owner' $$",
    "make a function": "CREATE FUNCTION public.mine() RETURNS text LANGUAGE sql AS $$ SELECT 'owner' $$",
    "turn off triggers by the replica role": "SET session_replication_role = replica",
    "connect a system": "DELETE FROM connection",
    "approve a playbook":
        "INSERT INTO playbook (id, name, system, approved_at) VALUES (1, 'signup', 'attio', 1)",
    "take usage out": "DELETE FROM usage_event",
    "change usage": "UPDATE usage_event SET quantity = 0",
    "route leads to oneself": "UPDATE route SET weights = '{}'",
    "let erased people back": "DELETE FROM tombstone",
    "pretend a newer schema": "UPDATE alembic_version SET version_num = '9999'",
    "drop a table": "DROP TABLE note",
    "say that another wrote a file": "UPDATE written_file SET login = 'postgres'",
    "a member of one's own in place of the team's": (
        "DO $$ BEGIN CREATE TEMP TABLE member (email text, login text);"
        " INSERT INTO member VALUES ('kim@example.com', session_user);"
        " UPDATE public.lead SET owner = 'lee@example.com' WHERE id = $kims; END $$"
    ),
    "a rank of one's own": (
        "DO $$ BEGIN CREATE FUNCTION pg_temp.pqldesk_rank() RETURNS text LANGUAGE sql AS 'SELECT ''owner''::text';"
        " SET search_path = pg_temp, public; UPDATE lead SET owner = NULL WHERE id = $kims; END $$"
    ),
}  # fmt: skip


@pytest.fixture
def everything(workspace: Workspace) -> Callable[[], dict[str, list[str]]]:
    """Every row of every table."""

    def read(session: Any) -> dict[str, list[str]]:
        return {
            table.name: sorted(repr(row) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }

    return lambda: workspace.db.read(read).result()


def test_a_reps_own_program_is_refused_by_the_server(held: Held, urls: Any, everything: Any) -> None:
    before = everything()
    answers = {what: refusal(urls[LEE], held.told(statement)) for what, statement in FORBIDDEN.items()}
    assert {what for what, said in answers.items() if said not in ("42501", rights.REFUSED)} == set()
    assert everything() == before


def test_history_has_the_servers_time_whatever_a_program_says(held: Held, urls: Any) -> None:
    def kept(what: str) -> int:
        with psycopg.connect(urls[LEE], autocommit=True) as own:
            ((at, now),) = own.execute(
                f"SELECT {what}, pqldesk_now() FROM action WHERE actor = %s AND lead_id = %s",
                (LEE, held.free),
            ).fetchall()
        return int(now - at)

    raw(
        urls[LEE],
        held.told(
            "INSERT INTO action (at, actor, name, detail, lead_id) VALUES (1, 'lee@example.com', 'x', '', $free)"
        ),
    )
    assert 0 <= kept("at") < 60_000_000
    raw(
        urls[LEE],
        held.told("UPDATE action SET undone_at = 1 WHERE actor = 'lee@example.com' AND lead_id = $free"),
    )
    assert 0 <= kept("undone_at") < 60_000_000


def test_the_same_program_may_do_a_reps_work(held: Held, urls: Any) -> None:
    def may(statement: str) -> int:
        return raw(urls[LEE], held.told(statement))

    assert (
        may("UPDATE lead SET owner = 'lee@example.com', state = 'claimed' WHERE id = $free AND owner IS NULL")
        == 1
    )
    assert (
        may(
            "INSERT INTO note (lead_id, at, author, title, text) VALUES ($kims, 1, 'lee@example.com', '', '')"
        )
        == 1
    )
    assert (
        may("UPDATE lead SET state = 'working', touched_at = 1 WHERE id = $free AND state = 'claimed'") == 1
    )


def test_what_the_database_refuses_is_one_sentence(held: Held, seat: Any) -> None:
    def steal(session: Any) -> None:
        session.get_one(Lead, held.kims).owner = LEE

    with pytest.raises(
        NotAllowed, match=r"kim@example\.com has claimed it, and only they, a manager or an admin"
    ):
        act(seat(LEE), steal)
    with pytest.raises(NotAllowed, match="signed by kim@example"):
        act(seat(LEE), on(add_note), held.free, "Not mine", KIM, NOW)
    with pytest.raises(NotAllowed, match=r"Managers and admins change this \(lease_days\)"):
        act(seat(LEE), change_setting, "lease_days", "9", LEE, NOW)


def test_a_manager_gives_leads_out_and_changes_settings_but_no_model(
    held: Held, seat: Any, urls: Any, workspace: Workspace
) -> None:
    act(seat(MAX), on(assign_lead), held.kims, LEE, MAX, NOW)
    act(seat(MAX), change_setting, "holidays", "2026-12-25", MAX, NOW)
    act(workspace, plant, [("email", "gone@example.com")], NOW)
    for statement in (
        "UPDATE scoring_model_version SET live = false",
        "UPDATE action SET detail = ''",
        "DELETE FROM action",
        "UPDATE member SET role = 'admin'",
        "INSERT INTO setting (key, value) VALUES ('milestones', '[]')",
        "INSERT INTO setting (key, value) VALUES ('tombstone_secret', '00')",
        "DELETE FROM setting WHERE key = 'tombstone_secret'",
        "UPDATE setting SET key = 'theirs' WHERE key = 'tombstone_secret'",
        "INSERT INTO member (email, role, added_at) VALUES ('new@example.com', 'admin', 0)",
        "SELECT pqldesk_drop(login) FROM member WHERE role = 'admin'",
        "INSERT INTO action (at, actor, name, detail) VALUES (1, 'kim@example.com', 'won', '')",
    ):
        assert refusal(urls[MAX], statement) in ("42501", rights.REFUSED), statement


def test_an_admin_changes_roles_and_nobody_changes_history(
    held: Held, newcomer: str, seat: Any, urls: Any
) -> None:
    act(seat(ADA), set_role, NEW, "manager", ADA, NOW)
    assert {row.email: (row.role, row.kept) for row in seat(ADA).db.read(team_rows).result()} == {
        KIM: ("rep", True), LEE: ("rep", True), MAX: ("manager", True), ADA: ("admin", True), NEW: ("manager", True),
    }  # fmt: skip
    assert raw(newcomer, "DELETE FROM placement") == 0
    with pytest.raises(NotAllowed, match="Only admins"):
        act(seat(MAX), set_role, LEE, "admin", MAX, NOW)
    for statement in ("UPDATE action SET detail = ''", "DELETE FROM action_row"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw(urls[ADA], statement)
    with pytest.raises(psycopg.DatabaseError, match="history_stays"):
        raw(urls[ADA], 'SELECT pqldesk_empty_row(id, before, \'{"owner": "max"}\') FROM action_row')


def test_an_admin_erases_a_person_and_the_line_of_history_stays(
    held: Held, seat: Any, workspace: Workspace
) -> None:
    name = workspace.db.read(lambda s: s.get_one(Lead, held.kims).email).result()
    with pytest.raises((NotAllowed, WorkspaceProblem)):
        erase(seat(MAX).db, name, MAX, NOW, lambda _progress: None)
    erase(seat(ADA).db, name, ADA, NOW, lambda _progress: None)

    def read(session: Any) -> tuple[list[str], list[str]]:
        actions = actions_of(session, held.kims)
        images = session.scalars(
            select(ActionRow).where(ActionRow.action_id.in_([action.id for action in actions]))
        )
        return [action.name for action in actions], [repr((image.before, image.after)) for image in images]

    names, images = workspace.db.read(read).result()
    assert names[:3] == ["claimed", "note_added", "task_added"]
    assert images
    assert not any("Mine" in image or name in image for image in images)


def test_no_teammate_has_a_file_of_an_admin_deleted(
    held: Held, seat: Any, urls: Any, workspace: Workspace, tmp_path: Path
) -> None:
    name = workspace.db.read(lambda s: s.get_one(Lead, held.kims).email).result()
    own, exported = tmp_path / "own.key", tmp_path / "export.csv"
    for path in (own, exported):
        path.write_text(name)
    login = seat(ADA).db.read(who_i_am).result().login
    raw(
        urls[LEE],
        "INSERT INTO written_file (path, kind, at, machine, login) VALUES (%s, 'export', 0, %s, %s)",
        str(own), socket.gethostname(), login,
    )  # fmt: skip
    act(seat(ADA), note_written, exported, "export", NOW)
    found = erase(seat(ADA).db, name, ADA, NOW, lambda _progress: None)
    assert (own.exists(), exported.exists()) == (True, False)
    assert [said for said in found.left if str(own) in said and "lee@example.com wrote" in said]


def test_who_leaves_gets_in_no_more(newcomer: str, seat: Any) -> None:
    theirs = open_workspace(newcomer, create=False)
    try:
        theirs.db.read(team_rows).result()
        act(seat(ADA), remove_member, NEW, ADA, NOW)
        with pytest.raises(WorkspaceProblem):
            theirs.db.read(team_rows).result()
    finally:
        theirs.close()
    with pytest.raises(psycopg.OperationalError):
        raw(newcomer, "SELECT 1")
    with pytest.raises(NotAllowed, match="their own login"):
        act(seat(ADA), remove_member, ADA, ADA, NOW)


def test_everybody_has_settings_of_their_own(seat: Any) -> None:
    act(seat(KIM), change_setting, "theme", "dark", KIM, NOW)
    assert seat(KIM).db.read(settings.value, "theme").result() == "dark"
    assert seat(LEE).db.read(settings.value, "theme").result() == "system"
    with pytest.raises(NotAllowed, match="the team says so"):
        act(seat(KIM), change_setting, "role", "admin", KIM, NOW)
    shown = {row.key: row.value for row in seat(KIM).db.read(settings.settings_rows).result()}
    assert (shown["theme"], shown["rep"], shown["role"]) == ("dark", KIM, "rep")


def test_a_second_invitation_gives_a_new_password(workspace: Workspace, place: str, newcomer: str) -> None:
    again = workspace.db.write(invite, NEW.upper(), "rep", "owner", NOW).result()
    assert again.email == NEW
    assert raw(url_for(place, again.login, again.password), "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError, match="password"):
        raw(newcomer, "SELECT 1")


def test_somebody_outside_the_team_gets_in_no_more(workspace: Workspace, place: str, urls: Any) -> None:
    with psycopg.connect(place, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS stranger_to_the_team")
        owner.execute("CREATE ROLE stranger_to_the_team LOGIN")
    with pytest.raises(WorkspaceProblem, match="permission denied for database"):
        open_workspace(place.replace("postgres@", "stranger_to_the_team@"), create=False)


def test_rights_of_another_version_are_brought_up_to_date_by_the_owner(
    place: str, urls: dict[str, str]
) -> None:
    def grants() -> list[object]:
        with psycopg.connect(place) as owner:
            return owner.execute(
                "SELECT unnest(relacl)::text FROM pg_class WHERE relname = 'note' ORDER BY 1"
            ).fetchall()

    right = grants()
    with psycopg.connect(place, autocommit=True) as owner:
        owner.execute(
            "REVOKE ALL ON note FROM PUBLIC, workspace_role".replace("workspace_role", _group(owner))
        )
        owner.execute("COMMENT ON FUNCTION pqldesk_rank() IS 'older'")
    assert grants() != right
    open_workspace(urls[ADA], create=False).close()  # may not, and does not try
    assert grants() != right
    open_workspace(place, create=False).close()
    assert sorted(grants()) == sorted(right)


def _group(owner: psycopg.Connection[Any]) -> str:
    return f'"{rights.group(owner.info.dbname, "rep")}"'


def test_every_table_says_who_may_do_what_with_it() -> None:
    assert rights.tables_without_grants(list(Base.metadata.tables)) == []


def test_a_file_has_no_logins(tmp_path: Any) -> None:
    opened = open_workspace(tmp_path / "w.pqldesk", create=True)
    try:
        with pytest.raises(BadInput, match="has no logins"):
            opened.db.write(invite, KIM, "rep", "owner", NOW).result()
    finally:
        opened.close()
