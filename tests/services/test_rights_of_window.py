"""What the window bars somebody from is what the team's database would refuse them, command by command."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from pqldesk.services.invitations import invite, url_for
from pqldesk.services.team.logins import kept_role
from pqldesk.services.workspaces.workspace import open_workspace
from pqldesk.views.rights import ADMINS, MANAGES, NEEDS, Rights
from tests.services.conftest import team_database

MODEL, LINK, MILESTONES = (
    ("scoring_model_version", "UPDATE"),
    ("connection", "UPDATE"),
    ("setting", "milestones"),
)
# What each command for managers or admins comes to: a table and what is done to it.
WRITES = {
    "sources.placement": ("placement", "INSERT"), "sources.pull": ("pulled_file", "INSERT"),
    "sources.pull_all": ("pulled_file", "INSERT"), "sources.stop": ("sync_state", "UPDATE"),
    "events.remap": ("usage_event", "DELETE"), "imports.undo": ("usage_event", "DELETE"),
    "imports.aside": ("usage_day", "DELETE"), "erase": ("erasure", "INSERT"),
    "model.publish": MODEL, "model.discard": MODEL, "model.learn": MODEL, "model.add": MODEL,
    "model.remove": MODEL, "model.up": MODEL, "model.down": MODEL, "events.unrule": ("event_rule", "DELETE"),
    "sample.remove": ("connection", "DELETE"), "data.refill": ("scoring_model_version", "INSERT"),
    "events.rule": ("event_rule", "INSERT"), "sources.connect": ("connection", "INSERT"),
    "sources.disconnect": ("connection", "DELETE"), "trace.links": LINK,
    "activation.add": MILESTONES, "activation.edit": MILESTONES, "activation.remove": MILESTONES,
}  # fmt: skip
ROLES = ("rep", "manager", "admin")


@pytest.fixture(scope="module")
def seats(postgres_template: str) -> Iterator[dict[str, tuple[str, str]]]:
    """For each role the URL of somebody in it, and the role as the window is told it."""
    with team_database(postgres_template) as place:
        workspace, urls = open_workspace(place, create=False), {}
        for role in ROLES:
            made = workspace.db.write(
                invite, f"{role}@example.com", role, "owner", datetime.now(UTC)
            ).result()
            urls[role] = url_for(place, made.login, made.password)
        assert workspace.db.read(kept_role).result() == "owner"
        workspace.close()
        found = {}
        for role, url in urls.items():
            theirs = open_workspace(url, create=False)
            found[role] = (url, theirs.db.read(kept_role).result())
            theirs.close()
        yield found


def test_every_command_that_not_everybody_may_use_is_looked_at() -> None:
    assert set(WRITES) == {command for command, need in NEEDS.items() if need in {MANAGES, ADMINS}}


@pytest.mark.parametrize("role", ROLES)
def test_the_window_bars_what_the_database_refuses(seats: dict[str, tuple[str, str]], role: str) -> None:
    url, told = seats[role]
    assert told == role
    rights = Rights()
    rights.know(told, f"{role}@example.com")
    with psycopg.connect(url) as own:
        may: dict[str, bool] = {}
        for command, (table, deed) in WRITES.items():
            if table == "setting":
                may[command] = _takes(own, f"INSERT INTO setting (key, value) VALUES ('{deed}', '[]')")
            else:
                asked = own.execute("SELECT has_table_privilege(%s, %s)", (table, deed)).fetchone()
                may[command] = bool(asked and asked[0])
    assert {command: not rights.why_not(command) for command in WRITES} == may


def _takes(own: "psycopg.Connection[tuple[object, ...]]", statement: str) -> bool:
    try:
        with own.transaction(force_rollback=True):
            own.execute(statement)  # type: ignore[call-overload]
    except psycopg.Error:
        return False
    return True
