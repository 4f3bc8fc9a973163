"""What the inbox tells a rep, and up to where it has looked."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class Notice(Base):
    """One thing a rep was told. *key* makes it the same thing when several processes find it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("rep", "key"),
        Index("ix_notice_rep_read_at", "rep", "read_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    rep: Mapped[str]
    kind: Mapped[str]  # crossed, hand_raise, respond, trial_ends, stopped
    key: Mapped[str]
    lead_id: Mapped[Big | None] = mapped_column(
        index=True
    )  # no foreign key: a notice keeps no lead from going
    facts: Mapped[Json]  # figures only; names are read from the lead
    at: Mapped[When]
    told_at: Mapped[datetime | None]  # when it popped up; those summed up in one message share the moment
    read_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]  # put off: unread again from then on


class NoticeMark(Base):
    """The newest score event and submission that have been looked at for a rep."""

    __tablename__ = "notice_mark"

    id: Mapped[Key]
    rep: Mapped[str] = mapped_column(unique=True)
    score_event: Mapped[Big]
    submission: Mapped[Big]
