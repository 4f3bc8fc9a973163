"""The person that these tests erase, and all that is stored."""

import json
from typing import Any

from sqlalchemy import select

from pqldesk.models.schema import Base
from pqldesk.services.erasure import erase as erasing
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW

REP = "kim@example.com"
WHO = "zoe.quagmire@north.example"
TOKENS = ("zoe.quagmire", "quagmire", "+49 555 0199", "zq-4711", "heptagonal")
LEADS = """email,first_name,last_name,phone,user_id,company,comment,kind
zoe.quagmire@north.example,Zoe,Quagmire,+49 555 0199,zq-4711,North,Heptagonal needs,hand_raise
abe@north.example,Abe,Olin,,ao-1,North,,
"""
EVENTS = """event_id,email,user_id,event,occurred_at
e1,zoe.quagmire@north.example,zq-4711,login,2026-11-10T10:00:00Z
e2,,zq-4711,login,2026-11-11T10:00:00Z
e3,abe@north.example,,login,2026-11-11T10:00:00Z
e4,zoe.quagmire@north.example,,login,2027-11-11T10:00:00Z
"""
TRIALS = """email,plan,starts_at,ends_at
zoe.quagmire@north.example,Pro,2026-11-01,2026-12-01
"""


def nothing(_: object) -> None:
    """Nobody watches the progress."""


def erase(workspace: Workspace, who: str = WHO) -> erasing.Found:
    return erasing.erase(workspace.db, who, REP, NOW, nothing)


def everything_stored(workspace: Workspace) -> str:
    """All rows of all tables as one text."""

    def read(session: Any) -> str:
        return json.dumps(
            [
                [str(cell) for cell in row]
                for table in Base.metadata.sorted_tables
                for row in session.execute(select(table))
            ]
        )

    return workspace.db.read(read).result().casefold()
