"""What was done by whom, with before and after images; and the topics each commit touched."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class Action(Base):
    """One thing a person did: audit trail and undo stack. *undoes* points to the action it took back."""

    __tablename__ = "action"
    __table_args__ = (Index("ix_action_actor", "actor", "id"),)

    id: Mapped[Key]
    at: Mapped[When]
    actor: Mapped[str]
    name: Mapped[str]  # claimed, released, handed_off ...
    detail: Mapped[str]
    lead_id: Mapped[Big | None] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]
    undoes: Mapped[Big | None]
    bulk: Mapped[Big | None] = mapped_column(index=True)  # the same number on all that was done in one go


class ActionRow(Base):
    """One row that an action touched, before and after; null before means created, null after means removed."""

    __tablename__ = "action_row"

    id: Mapped[Key]
    action_id: Mapped[Big] = mapped_column(ForeignKey("action.id"), index=True)
    table: Mapped[str]
    row_id: Mapped[Big]
    before: Mapped[Json | None]
    after: Mapped[Json | None]


class Change(Base):
    """The topics of one commit, for the other processes that have this workspace open."""

    __tablename__ = "change"

    id: Mapped[Key]
    topics: Mapped[str]
    origin: Mapped[str]  # the process that committed; it needs no telling


class ScoreEvent(Base):
    """A change of a lead's stored score; the parts add up to the difference."""

    __tablename__ = "score_event"

    id: Mapped[Key]
    lead_id: Mapped[Big] = mapped_column(ForeignKey("lead.id"), index=True)
    at: Mapped[When]
    old: Mapped[Big]
    new: Mapped[Big]
    cause: Mapped[str]  # events, window, model, merge, unmerge, settings
    parts: Mapped[Json]  # {signal key: hundredths gained or lost}
    model_version_id: Mapped[Big | None]
