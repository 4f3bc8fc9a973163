"""Inviting somebody to a team workspace: a login of their own, and the URL to hand over."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit, urlunsplit

from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.scoring.live import ensure_model
from pqldesk.services.team.logins import checked_role
from pqldesk.services.team.team import address, found_member

PASSWORD_BYTES = 18  # 24 characters in the URL
INVITED = "member_invited"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who may come now. *password* is in no table, no log and no history: it is shown this once."""

    email: str
    role: str
    login: str
    password: str
    changes: Changes


def invite(session: Session, email: str, role: str, actor: str, at: datetime) -> Invited:
    """Give somebody a login in *role*, with a new password. The first invitation makes the workspace a team's.

    Raises NotAllowed for anybody but the database's owner and admins; BadInput on SQLite, where nobody logs in.
    """
    if session.get_bind().dialect.name == "sqlite":
        raise BadInput(
            _("A workspace in a file has no logins: whoever can open the file can do everything."),
            _("Share a PostgreSQL workspace by URL, or add them with: team set {email}.").format(email=email),
        )
    email = address(email)
    known = found_member(session, email)
    if known is not None:
        email = known.email
    role = checked_role(role)
    if not rights.is_secured(session):
        ensure_model(session, at)  # whoever writes first may be a rep, who may not make one
        rights.secure(session)
    login = rights.login_of_session(session, email)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with recording(session, actor, INVITED, at=at, detail=f"{email} as {role}"):
        rights.grant_login(session, email, role, micros(at), rights.scrambled(session, login, password))
    return Invited(email, role, login, password, Changes.to(Topic.SETTINGS))


def url_for(place: str, login: str, password: str) -> str:
    """The workspace's URL for somebody else to open."""
    parts = urlsplit(place)
    host = parts.netloc.rpartition("@")[2]
    account = f"{quote(login, safe='')}:{quote(password, safe='')}"
    return urlunsplit(("postgresql", f"{account}@{host}", parts.path, parts.query, ""))
