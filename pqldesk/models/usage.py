"""The usage log and its roll-ups. Times are microseconds, days are days since 1970 in the workspace's zone,
quantities are millionths: bare integers, because these tables are written through the driver."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class EventKind(Base):
    """A small number for an event's name and key; the key is '' where there is none."""

    __tablename__ = "event_kind"
    __table_args__ = (UniqueConstraint("name", "key"),)

    id: Mapped[Key]
    name: Mapped[str]
    key: Mapped[str] = mapped_column(default="")


class UsageEvent(Base):
    """Append-only log. *eid* is a 64-bit hash of (source, event id): seen before means a duplicate."""

    __tablename__ = "usage_event"
    __table_args__ = (
        Index("ix_usage_event_identity_at", "identity_id", "at"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[Key]
    eid: Mapped[Big] = mapped_column(unique=True)
    identity_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    kind_id: Mapped[int] = mapped_column(Integer)
    at: Mapped[Big]
    day: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[Big]
    received_at: Mapped[Big]
    batch_id: Mapped[Big | None]


class UsageDay(Base):
    """What an identity did on one day, by kind."""

    __tablename__ = "usage_day"
    __table_args__ = ({"sqlite_with_rowid": False},)

    identity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[Big]
    quantity: Mapped[Big]


class UsageTotal(Base):
    """What an identity ever did, by kind, with the first and last time."""

    __tablename__ = "usage_total"
    __table_args__ = ({"sqlite_with_rowid": False},)

    identity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[Big]
    quantity: Mapped[Big]
    first_at: Mapped[Big]
    last_at: Mapped[Big]


class EventSetAside(Base):
    """An event that was not counted, with the reason, until somebody releases it."""

    __tablename__ = "event_set_aside"

    id: Mapped[Key]
    eid: Mapped[Big] = mapped_column(unique=True)
    identity_id: Mapped[Big] = mapped_column(ForeignKey("identity.id"), index=True)
    kind_id: Mapped[int] = mapped_column(Integer)
    at: Mapped[Big]
    quantity: Mapped[Big]
    received_at: Mapped[Big]
    reason: Mapped[str]
    raw: Mapped[Json | None]
    released_at: Mapped[When | None]
    batch_id: Mapped[Big | None] = mapped_column(index=True)
