"""Four of a team, each with a login of their own, and what a program of theirs sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from pqldesk.models.people import Lead
from pqldesk.services.workspaces.workspace import Workspace

KIM, LEE, MAX, ADA = "kim@example.com", "lee@example.com", "max@example.com", "ada@example.com"
NEW = "new@example.com"
NOW = datetime.now(UTC)


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


@dataclass(frozen=True)
class Held:
    """A lead that kim has claimed, noted and planned on, and one that is free."""

    kims: int
    free: int

    def told(self, statement: str) -> str:
        """The statement with their numbers in it."""
        return statement.replace("$kims", str(self.kims)).replace("$free", str(self.free))
