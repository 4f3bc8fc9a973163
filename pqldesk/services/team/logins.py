"""Who may come to a team workspace, and as what. On PostgreSQL the database keeps these rights (models/rights.py);
in a file a role is what somebody does, and keeps nobody from anything."""

from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.models.rights import Me, is_secured, me
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.team.team import found_member, member_named

__all__ = ["checked_role", "is_secured", "kept_role", "refuse_other_name", "set_role", "who_i_am"]
ROLE_GIVEN = "member_role"


def who_i_am(session: Session) -> Me:
    """Who is asking, as far as the workspace knows: by the login of a team workspace, else by the settings."""
    found = me(session)
    if found is not None and found.email is not None:
        return found
    email = settings.value(session, "rep") or None
    if found is not None:
        return Me(found.login, found.role, email)
    member = found_member(session, email) if email else None
    return Me("", settings.value(session, "role") if member is None else member.role, email)


def kept_role(session: Session) -> str:
    """The role that the database keeps whoever asks to; "" where it keeps nobody to one, as in a file."""
    found = me(session)
    return "" if found is None or found.role is None else found.role


def set_role(session: Session, email: str, role: str, actor: str, at: datetime) -> Changes:
    """Let somebody do more, or less, from now on."""
    member = member_named(session, email)
    role = checked_role(role)
    if member.role == role:
        return Changes()
    with recording(session, actor, ROLE_GIVEN, at=at, detail=f"{member.email} = {role}"):
        if member.login is None:
            member.role = role
        else:
            rights.grant_login(session, member.email, role, micros(at), None)
    return Changes.to(Topic.SETTINGS)


def checked_role(text: str) -> str:
    """*text* as a role. Raises BadInput naming those there are."""
    if text not in rights.ROLES:
        raise BadInput(
            _("There is no role {text!r}.").format(text=text),
            _("Known: {known}.").format(known=", ".join(rights.ROLES)),
        )
    return text


def refuse_other_name(session: Session, given: str) -> None:
    """NotAllowed where somebody with a login of their own signs with another's name."""
    found = me(session)
    if found is not None and found.email is not None and found.email.casefold() != given.strip().casefold():
        raise NotAllowed(
            _("You are {email} in this workspace, not {given}.").format(email=found.email, given=given),
            _("Leave --rep out, or open the workspace with their URL."),
        )
