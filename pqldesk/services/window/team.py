"""The team, its rules, settings and notices, and what falls due by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.services import invitations, routes, routing, settings
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import now
from pqldesk.services.demo import sample
from pqldesk.services.identity import own_names as name_queries
from pqldesk.services.notices import notices
from pqldesk.services.notices.finding import Sighting, look
from pqldesk.services.notices.rows import NoticeRow, Told
from pqldesk.services.rows import Assignable, SettingRow
from pqldesk.services.score_now import FellDue, fall_due
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.source_rows import NameRow
from pqldesk.services.team import logins, team


def team_rows(session: Session) -> list[team.MemberRow]:
    return team.team_rows(session)


def assignable(session: Session) -> tuple[Assignable, ...]:
    return team.assignable(session, now())


def set_member(session: Session, email: str, given: Mapping[str, str | None], rep: str) -> Changes:
    """*given* may hold their role too, which only admins of a team workspace give."""
    role = given.get("role")
    hours = {name: text for name, text in given.items() if name != "role"}
    changes = team.set_member(session, email, hours, rep or "manual", now())
    if role is not None:
        logins.set_role(session, email, role, rep or "manual", now())
    return changes


@dataclass(frozen=True, slots=True)
class Invitation:
    """The URL by which somebody comes to the team's workspace."""

    url: str
    changes: Changes


def invite(session: Session, place: str, email: str, role: str, rep: str) -> Invitation:
    made = invitations.invite(session, email, role, rep or "manual", now())
    return Invitation(invitations.url_for(place, made.login, made.password), made.changes)


def set_away(session: Session, email: str, start: datetime | None, end: datetime | None, rep: str) -> Changes:
    return team.set_away(session, email, start, end, rep or "manual", now())


def remove_member(session: Session, email: str, rep: str) -> Changes:
    return team.remove_member(session, email, rep or "manual", now())


def route_rows(session: Session) -> list[routes.RouteRow]:
    return routes.route_rows(session)


def set_route(session: Session, name: str, given: Mapping[str, Any], rep: str) -> Changes:
    return routes.set_route(session, name, rep or "manual", now(), **given)


def remove_route(session: Session, name: str, rep: str) -> Changes:
    return routes.remove_route(session, name, rep or "manual", now())


def route_ledger(session: Session, limit: int) -> list[routing.Turn]:
    return routing.ledger(session, limit=limit)


def route_tried(session: Session, lead: str) -> routing.Turn:
    return routing.tried(session, lead, now())


def settings_rows(session: Session) -> list[SettingRow]:
    return settings.settings_rows(session)


def kept_role(session: Session) -> str:
    return logins.kept_role(session)


def own_names(session: Session) -> list[NameRow]:
    return name_queries.own_names(session)


def notice_rows(session: Session, rep: str) -> list[NoticeRow]:
    return notices.notice_rows(session, rep)


def unread_notices(session: Session, rep: str) -> int:
    return notices.unread_notices(session, rep)


def mark_notices(session: Session, notice_ids: Sequence[str] | None, rep: str, recorded: bool) -> Changes:
    return notices.mark_read(session, notice_ids, rep, now(), recorded=recorded)


def snooze_notices(session: Session, notice_ids: Sequence[str], until: datetime, rep: str) -> Changes:
    return notices.snooze_notices(session, notice_ids, until, rep, now())


def look_for_news(session: Session, rep: str) -> Sighting:
    return look(session, rep, now())


def tell_news(session: Session, rep: str, sighting: Sighting) -> Told:
    return notices.tell(session, rep, sighting, now())


def set_setting(session: Session, key: str, value: str, rep: str) -> Changes:
    return change_setting(session, key, value, rep, now())


def remove_sample(session: Session, rep: str) -> Changes:
    return sample.remove_sample(session, rep, now()).changes


def settle(session: Session) -> FellDue:
    """What falls due by itself: lapsed windows and leases, snoozes that end."""
    return fall_due(session, now())
