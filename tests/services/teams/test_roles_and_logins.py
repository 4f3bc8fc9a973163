"""What managers and admins may, and who gets in: logins of a team workspace on PostgreSQL."""

import socket
from pathlib import Path
from typing import Any

import psycopg
import pytest
from seats import ADA, KIM, LEE, MAX, NEW, NOW, Held, act, on, raw, refusal
from sqlalchemy import select

from pqldesk.models import rights
from pqldesk.models.history import ActionRow
from pqldesk.models.people import Lead
from pqldesk.services.basics.problems import BadInput, NotAllowed, WorkspaceProblem
from pqldesk.services.basics.written_files import note_written
from pqldesk.services.claims import assign_lead
from pqldesk.services.erasure.erase import erase
from pqldesk.services.history import actions_of
from pqldesk.services.invitations import invite, url_for
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.team.logins import set_role, who_i_am
from pqldesk.services.team.team import remove_member, team_rows
from pqldesk.services.tombstones import plant
from pqldesk.services.workspaces.workspace import Workspace, open_workspace


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


def test_a_second_invitation_gives_a_new_password(workspace: Workspace, team_url: str, newcomer: str) -> None:
    again = workspace.db.write(invite, NEW.upper(), "rep", "owner", NOW).result()
    assert again.email == NEW
    assert raw(url_for(team_url, again.login, again.password), "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError, match="password"):
        raw(newcomer, "SELECT 1")


def test_somebody_outside_the_team_gets_in_no_more(workspace: Workspace, team_url: str, urls: Any) -> None:
    with psycopg.connect(team_url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS stranger_to_the_team")
        owner.execute("CREATE ROLE stranger_to_the_team LOGIN")
    with pytest.raises(WorkspaceProblem, match="permission denied for database"):
        open_workspace(team_url.replace("postgres@", "stranger_to_the_team@"), create=False)


def test_rights_of_another_version_are_brought_up_to_date_by_the_owner(
    team_url: str, urls: dict[str, str]
) -> None:
    def grants() -> list[object]:
        with psycopg.connect(team_url) as owner:
            return owner.execute(
                "SELECT unnest(relacl)::text FROM pg_class WHERE relname = 'note' ORDER BY 1"
            ).fetchall()

    right = grants()
    with psycopg.connect(team_url, autocommit=True) as owner:
        owner.execute(
            "REVOKE ALL ON note FROM PUBLIC, workspace_role".replace("workspace_role", _group(owner))
        )
        owner.execute("COMMENT ON FUNCTION pqldesk_rank() IS 'older'")
    assert grants() != right
    open_workspace(urls[ADA], create=False).close()  # may not, and does not try
    assert grants() != right
    open_workspace(team_url, create=False).close()
    assert sorted(grants()) == sorted(right)


def _group(owner: psycopg.Connection[Any]) -> str:
    return f'"{rights.group(owner.info.dbname, "rep")}"'


def test_a_file_has_no_logins(tmp_path: Any) -> None:
    opened = open_workspace(tmp_path / "w.pqldesk", create=True)
    try:
        with pytest.raises(BadInput, match="has no logins"):
            opened.db.write(invite, KIM, "rep", "owner", NOW).result()
    finally:
        opened.close()
