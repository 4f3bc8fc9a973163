"""What people do with leads: claims, tasks, notes, handoffs."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When

RELEASED, LAPSED, REASSIGNED = "released", "lapsed", "reassigned"  # why a claim ended


class Claim(Base):
    """A lease on a lead: taken, expires, ended."""

    __tablename__ = "claim"

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    rep: Mapped[str]
    taken_at: Mapped[When]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class Task(Base):
    """A follow-up."""

    __tablename__ = "task"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    title: Mapped[str]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    assignee: Mapped[str | None]
    created_at: Mapped[When]
    created_by: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]


class Note(Base):
    """Text on a lead."""

    __tablename__ = "note"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    at: Mapped[When]
    author: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]


class Handoff(Base):
    """A group of outbox items that go out in order: a rep's handoff, or one run of a playbook."""

    __tablename__ = "handoff"

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    playbook: Mapped[str]  # signup, qualification, milestone, handoff
    run_key: Mapped[str] = mapped_column(
        unique=True
    )  # playbook, lead, system and what for: never queued twice
    system: Mapped[str]
    deal_name: Mapped[str | None]
    deal_value: Mapped[Decimal | None]
    currency: Mapped[str | None]
    stage: Mapped[str | None]
    assignee: Mapped[str | None]
    note: Mapped[str | None]
    task: Mapped[str | None]
    task_due_at: Mapped[datetime | None]
    facts: Mapped[Json]  # what the steps write, as it stood when queued
    created_at: Mapped[When]
    created_by: Mapped[str]
    held: Mapped[str | None]  # why the whole group waits


class HandoffDraft(Base):
    """A handoff that somebody prepared: what they wrote over what the facts suggest."""

    __tablename__ = "handoff_draft"

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    rep: Mapped[str]
    payload: Mapped[Json]
    saved_at: Mapped[When]
