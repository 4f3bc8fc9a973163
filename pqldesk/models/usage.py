"""The usage log and its roll-ups. Times are microseconds, days are days since 1970 in the workspace's zone,
quantities are millionths: bare integers, because these tables are written through the driver."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint, text
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
        Index(
            "ix_usage_event_taken_back",
            "identity_id",
            "at",
            sqlite_where=text("quantity < 0"),
            postgresql_where=text("quantity < 0"),
        ),
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


class RawPage(Base):
    """One request the intake accepted, or one page that was pulled: kept as it came until it is old, so that usage
    can be derived from it again. *done* of its *items* have been derived; the rest wait."""

    __tablename__ = "raw_page"
    __table_args__ = (
        Index(
            "ix_raw_page_waiting",
            "id",
            sqlite_where=text("done < items"),
            postgresql_where=text("done < items"),
        ),
        Index("ix_raw_page_source_id", "source", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    source: Mapped[str]
    received_at: Mapped[When]
    sent_at: Mapped[datetime | None]  # by the sender's clock
    items: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    body: Mapped[bytes] = mapped_column(LargeBinary)  # JSON array of the items, zlib


class RefusedCall(Base):
    """An item that nothing could be made of, with the reason; its page holds all of it."""

    __tablename__ = "refused_call"

    id: Mapped[Key]
    page_id: Mapped[Big | None] = mapped_column(index=True)
    item: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    reason: Mapped[str]
    shown: Mapped[str]
    at: Mapped[When]


class EventName(Base):
    """How often a source has sent an event of that name; re-deliveries count too."""

    __tablename__ = "event_name"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[Big]
    first_at: Mapped[Big]
    last_at: Mapped[Big]
    sample: Mapped[Json | None]  # properties of one of them


class StoredEventRule(Base):
    """A rule of the user: which events it is for, and what they mean."""

    __tablename__ = "event_rule"

    id: Mapped[Key]
    position: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    pattern: Mapped[str]
    spec: Mapped[Json]  # conditions, kind, key_from, quantity_from, plan_from, trial
    created_at: Mapped[When]
    created_by: Mapped[str | None]


class CountedDay(Base):
    """What a warehouse counted of one person on one day, as it was last stored: equal counts change nothing."""

    __tablename__ = "counted_day"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cells: Mapped[Json]  # [[kind, key, n, quantity, first, last], ...]
