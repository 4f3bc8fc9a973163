"""A team workspace keeps the team's rights itself: whatever program a rep comes with gains nothing."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from seats import KIM, LEE, NOW, Held, act, on, raw, refusal
from sqlalchemy import select

from pqldesk.models import rights
from pqldesk.models.people import Lead
from pqldesk.models.schema import Base
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.leads.notes import add_note
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.workspaces.workspace import Workspace

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


def test_every_table_says_who_may_do_what_with_it() -> None:
    assert rights.tables_without_grants(list(Base.metadata.tables)) == []
