"""Who may do what in a team workspace, kept by PostgreSQL itself: a changed program gains nothing.

Three group roles that cannot log in (rep, manager, admin) hold the grants of GRANTS; each person has a login in one of
them. What a grant cannot say, such as "their own claim", triggers say (rights.sql). Whoever owns the database is above
all of this, and is the one who sets it up and migrates.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from pqldesk.models.base import JsonText
from pqldesk.models.people import Lead

REP: Final = "rep"
MANAGER: Final = "manager"
ADMIN: Final = "admin"
OWNER: Final = "owner"  # of the database, or a superuser
ROLES: Final = (REP, MANAGER, ADMIN)
REFUSED: Final = "PQ403"  # the SQLSTATE of what a trigger of ours refuses; its message is a key
NAME_BYTES: Final = 63  # PostgreSQL cuts longer names

_ALL, _ADD, _NO_DELETE, _READ = "siud", "si", "siu", "s"
# For each table what rep, manager and admin may: select, insert, update, delete.
GRANTS: Final[dict[str, tuple[str, str, str]]] = {
    # history: nobody changes or takes away a line; see ONLY_COLUMNS for undone_at
    "action": (_ADD, _ADD, _ADD),
    "action_row": (_ADD, _ADD, _ADD),
    "score_event": ("sid", "sid", "sid"),  # those of a lead that goes with the undo of its adding
    "change": ("sid", "sid", "sid"),
    # leads and what people do with them; rights.sql says whose
    "lead": ("sid", _ALL, _ALL),
    "claim": ("sid", _ALL, _ALL),
    **dict.fromkeys(
        ("company", "company_key", "identity", "identity_link", "submission", "hop", "trial", "suggestion",
         "task", "note", "handoff", "handoff_draft", "outbox_item", "saved_view", "view_layout",
         "notice", "notice_mark", "runner", "setting"),
        (_ALL, _ALL, _ALL),
    ),
    "merge": (_NO_DELETE, _NO_DELETE, _ALL),
    "remote_link": (_NO_DELETE, _ALL, _ALL),
    "conflict": (_NO_DELETE, _ALL, _ALL),
    # usage: reps bring files in, and take nothing out
    "usage_event": (_ADD, _ALL, _ALL),
    **dict.fromkeys(
        ("usage_day", "usage_total", "event_kind", "event_name", "event_set_aside", "raw_page", "refused_call",
         "counted_day", "batch", "batch_row", "import_mapping", "route_share", "route_turn",
         "placement_report"),
        (_NO_DELETE, _ALL, _ALL),
    ),
    "written_file": (_ADD, "sid", "sid"),
    # how the workspace works
    **dict.fromkeys(("route", "placement", "sync_state", "pulled_file"), (_READ, _ALL, _ALL)),
    **dict.fromkeys(
        ("scoring_model_version", "event_rule", "playbook", "connection", "tombstone"), (_READ, _READ, _ALL)
    ),
    "member": (_READ, "sid", "sid"),
    "erasure": (_READ, _READ, _ADD),
    # written by triggers alone
    **dict.fromkeys(("lead_plain", "company_plain", "plain_letter", "alembic_version"), (_READ, _READ, _READ)),
}  # fmt: skip
_LEAD_FIXED = ("id", "created_at", "batch_id", "sample", "is_open", "is_listed", "active_order")
# What may be updated column by column where the table as a whole may not: (roles, columns).
ONLY_COLUMNS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "action": (ROLES, ("undone_at",)),
    "member": ((MANAGER, ADMIN), ("timezone", "working_hours", "capacity", "away_from", "away_until")),
    "claim": ((REP,), ("ended_at", "end_reason")),
    "connection": ((REP, MANAGER), ("problem", "checked_at", "catalogue", "cursor")),
    "lead": (
        (REP,),
        tuple(c.name for c in Lead.__table__.columns if c.name not in _LEAD_FIXED),
    ),
}
_WORDS = {"s": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}


@dataclass(frozen=True, slots=True)
class Me:
    """Who is connected. *role* is None for a stranger to the team, *email* for whom the team does not know."""

    login: str
    role: str | None
    email: str | None


def group(database: str, role: str) -> str:
    """The group role of that role in that database: roles belong to the whole server, workspaces do not."""
    return _fitting(f"{database}_{role}")


def login_of(database: str, email: str) -> str:
    """The login of a person in that database."""
    return _fitting(f"{database}.{email.strip().casefold()}")


def login_of_session(session: Session, email: str) -> str:
    """The login of a person in the database that *session* is connected to."""
    return login_of(str(session.scalar(text("SELECT current_database()::text"))), email)


def is_secured(session: Session) -> bool:
    """Whether the database keeps the team's rights; never on SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    return bool(session.scalar(text("SELECT to_regprocedure('public.pqldesk_rank()') IS NOT NULL")))


def me(session: Session) -> Me | None:
    """Who is connected, as the database knows them; None where it keeps no rights."""
    if not is_secured(session):
        return None
    login, role, email = session.execute(
        text(
            "SELECT session_user::text, pqldesk_rank(), (SELECT email FROM member WHERE login = session_user)"
        )
    ).one()
    return Me(login, role, email)


def server_time(session: Session) -> int | None:
    """Microseconds since 1970 by the server's clock where that decides what a rep's program may do; None elsewhere."""
    if not is_secured(session):
        return None
    rank, now = session.execute(text("SELECT pqldesk_rank(), pqldesk_now()")).one()
    return int(now) if rank == REP else None


def is_outdated(session: Session) -> bool:
    """Whether the database keeps rights of another version, and whoever is connected may bring them up to date."""
    if not is_secured(session):
        return False
    known, rank = session.execute(
        text("SELECT obj_description('public.pqldesk_rank()'::regprocedure, 'pg_proc'), pqldesk_rank()")
    ).one()
    return bool(rank == OWNER and known != _version())


def secure(session: Session) -> None:
    """Set the groups, functions, triggers and grants up, or bring them up to date. For the database's owner.

    Nobody else gets in any more: CONNECT is taken from PUBLIC.
    """
    raw = session.connection().connection.driver_connection
    if raw is None:
        raise RuntimeError("the session has no open connection")
    run = raw.cursor().execute  # several statements in one, and no placeholders
    (database, owner), = session.execute(
        text("SELECT current_database()::text, pg_get_userbyid(relowner)::text FROM pg_class"
             " WHERE oid = 'public.lead'::regclass")
    ).all()  # fmt: skip
    groups = {role: group(database, role) for role in ROLES}
    for name in groups.values():
        if not session.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}):
            run(f"CREATE ROLE {_name(name)} NOLOGIN")
    names = {"database": database, "owner": owner, **groups}
    sql = _template()
    for key, value in names.items():
        sql = sql.replace(f":'{key}'", _text(value))
    run(sql)
    run(f"COMMENT ON FUNCTION public.pqldesk_rank() IS {_text(_version())}")
    every = ", ".join(map(_name, groups.values()))
    run(f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC")
    run(f"GRANT CONNECT, TEMPORARY ON DATABASE {_name(database)} TO {every}")
    run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    run(f"GRANT USAGE ON SCHEMA public TO {every}")
    run(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {every}")
    run(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {every}")
    for table, granted in GRANTS.items():
        for role, letters in zip(ROLES, granted, strict=True):
            rights = ", ".join(_WORDS[letter] for letter in letters)
            run(f"GRANT {rights} ON TABLE {_name(table)} TO {_name(groups[role])}")
    for table, (roles, columns) in ONLY_COLUMNS.items():
        listed = ", ".join(map(_name, columns))
        for role in roles:
            run(f"GRANT UPDATE ({listed}) ON TABLE {_name(table)} TO {_name(groups[role])}")


def grant_login(session: Session, email: str, role: str, at: int, verifier: str | None) -> str:
    """Make, or change, the login of a person; its name. *verifier* is the password as the server keeps it."""
    login = login_of_session(session, email)
    session.execute(
        text("SELECT pqldesk_grant(:email, :login, :role, :verifier, :at)"),
        {"email": email, "login": login, "role": role, "verifier": verifier, "at": at},
    )
    return login


def drop_login(session: Session, login: str) -> None:
    """Take a person's login away; their open connections end."""
    session.execute(text("SELECT pqldesk_drop(:login)"), {"login": login})


def empty_image(session: Session, number: int, before: Any, after: Any) -> None:
    """Put images of a line of history in which words became "erased" in the place of what it holds. For admins."""
    as_text = JsonText().process_bind_param
    images = {
        "before": as_text(before, session.get_bind().dialect),
        "after": as_text(after, session.get_bind().dialect),
    }
    session.execute(text("SELECT pqldesk_empty_row(:number, :before, :after)"), {"number": number, **images})


def empty_details(session: Session, numbers: Sequence[int]) -> None:
    """Put "erased" in the place of the details of these actions. For admins."""
    session.execute(
        text("SELECT pqldesk_empty_details(CAST(:numbers AS bigint[]))"), {"numbers": list(numbers)}
    )


def scrambled(session: Session, login: str, password: str) -> str:
    """The password as the server keeps it, made here: no statement, and no log of the server, holds the password."""
    raw = session.connection().connection.driver_connection
    made: bytes = raw.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")  # type: ignore[union-attr]
    return made.decode()


def _template() -> str:
    return files("pqldesk.models").joinpath("rights.sql").read_text("utf-8")


def _version() -> str:
    """Tells these rights from those of another version."""
    return hashlib.sha256(repr((_template(), GRANTS, ONLY_COLUMNS)).encode()).hexdigest()[:16]


def _fitting(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{name.encode()[: NAME_BYTES - 13].decode(errors='ignore')}~{mark}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def tables_without_grants(known: Sequence[str]) -> list[str]:
    """Tables that nobody decided about: a new one must say who may do what with it."""
    return sorted(set(known) - set(GRANTS))
