"""Other systems: connections, playbooks, and the outbox of intended writes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class Connection(Base):
    """A connected system. Secrets are in the keyring; *secrets* names where, never what."""

    __tablename__ = "connection"

    id: Mapped[Key]
    system: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    settings: Mapped[Json]
    secrets: Mapped[Json]  # {field: "env:NAME" or "keyring"}
    catalogue: Mapped[Json | None]  # fields, stages, lists and members as last discovered
    mapping: Mapped[Json | None]
    checked_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    cursor: Mapped[str | None]
    connected_at: Mapped[When]


class SyncState(Base):
    """How far the pull of one source is. The cursor changes only in the transaction that stores what it stands for."""

    __tablename__ = "sync_state"

    id: Mapped[Key]
    source: Mapped[str] = mapped_column(unique=True)  # a connection's system
    cursor: Mapped[Json | None]
    started_at: Mapped[datetime | None]  # the run under way, or one whose process was killed
    fresh_at: Mapped[datetime | None]  # when the last whole run began: everything from before is here
    failed_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # since the last whole run
    problem: Mapped[str | None]
    needs_you: Mapped[bool] = mapped_column(default=False)
    next_at: Mapped[datetime | None]
    rows: Mapped[Big] = mapped_column(default=0)  # in all
    run_rows: Mapped[Big] = mapped_column(default=0)  # in this run or the last
    saying: Mapped[str | None]  # where the run is, for people
    stop_asked: Mapped[bool] = mapped_column(default=False)


class PulledFile(Base):
    """A file that a watched folder or a bucket brought: the same content is never read twice."""

    __tablename__ = "pulled_file"
    __table_args__ = (UniqueConstraint("source", "digest"),)

    id: Mapped[Key]
    source: Mapped[str]
    digest: Mapped[str]
    name: Mapped[str]
    at: Mapped[When]
    problem: Mapped[str | None]


class Playbook(Base):
    """Whether a playbook writes by itself to a system."""

    __tablename__ = "playbook"
    __table_args__ = (UniqueConstraint("name", "system"),)

    id: Mapped[Key]
    name: Mapped[str]
    system: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]


class RemoteLink(Base):
    """The record of another system that stands for one of ours."""

    __tablename__ = "remote_link"
    __table_args__ = (
        UniqueConstraint("system", "kind", "local_id"),
        Index("ix_remote_link_remote", "system", "remote_id"),
    )

    id: Mapped[Key]
    system: Mapped[str]
    kind: Mapped[str]  # person, company, deal, list_entry:SLUG
    local_id: Mapped[Big]
    remote_id: Mapped[str]
    url: Mapped[str | None]
    at: Mapped[When]
    base: Mapped[
        Json | None
    ]  # {field: [value, microseconds, read or written]}: what both sides last agreed on
    gone_at: Mapped[datetime | None]  # the record was deleted there


class Conflict(Base):
    """A field that both sides hold and that differs, or did until a rule or a person decided.

    *base*, *mine* and *theirs* are plain values as they stood when it was found. *decision*: null while it is open;
    mine (ours goes there), theirs (theirs comes here), other (a third value goes both ways), settled (the two came to
    agree by themselves).
    """

    __tablename__ = "conflict"
    __table_args__ = (
        Index("ix_conflict_record", "system", "kind", "local_id"),
        Index(
            "ix_conflict_open",
            "id",
            sqlite_where=text("decision IS NULL"),
            postgresql_where=text("decision IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    system: Mapped[str]
    kind: Mapped[str]  # person, company, deal, lead_deal: as RemoteLink has it
    local_id: Mapped[Big]
    lead_id: Mapped[Big | None] = mapped_column(index=True)  # whom it is shown with
    remote_id: Mapped[str]
    field: Mapped[str]  # person.job_title
    base: Mapped[Json | None]
    mine: Mapped[Json | None]
    theirs: Mapped[Json | None]
    found_at: Mapped[When]
    found_by: Mapped[str]  # outbox, pull
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]  # the rep, or "rule"
    rule: Mapped[str | None]  # master and phase, where a rule decided


class OutboxItem(Base):
    """One durable intended write. The row comes first, the delivery later."""

    __tablename__ = "outbox_item"
    __table_args__ = (Index("ix_outbox_item_due", "state", "next_attempt_at"),)

    id: Mapped[Key]
    handoff_id: Mapped[Big] = mapped_column(ForeignKey("handoff.id"), index=True)
    lead_id: Mapped[Big] = mapped_column(index=True)
    position: Mapped[int]  # order inside the group
    system: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    payload: Mapped[Json]
    idempotency_key: Mapped[str] = mapped_column(unique=True)  # 8 characters; the marker in texts
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    remote_id: Mapped[str | None]
    remote_url: Mapped[str | None]
    error: Mapped[str | None]
    answer: Mapped[str | None]  # the last answer, shortened
    created_at: Mapped[When]
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
