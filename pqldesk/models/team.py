"""Who takes leads, by what rules they are given out, and a ledger of every turn."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pqldesk.models.base import Base, Big, Json, Key, When


class Member(Base):
    """One person of the team, with the hours and the load they take leads in."""

    __tablename__ = "member"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(default="rep", server_default="rep")  # rep, manager, admin
    login: Mapped[str | None] = mapped_column(unique=True)  # the PostgreSQL role they come as
    timezone: Mapped[str | None]  # the workspace's where none is given; so are the hours
    working_hours: Mapped[str | None]
    capacity: Mapped[int | None]  # leads held at once; None is no limit
    away_from: Mapped[datetime | None]
    away_until: Mapped[datetime | None]
    added_at: Mapped[When]


class Route(Base):
    """A rule that gives leads out: the first whose filter lets a lead through."""

    __tablename__ = "route"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int]
    filter: Mapped[str]  # the territory, in the filter language; empty for everybody
    weights: Mapped[Json]  # {e-mail: weight}; nobody leaves leads in the pool
    any_hours: Mapped[bool] = mapped_column(default=False)  # also outside working hours
    account_owner: Mapped[bool] = mapped_column(default=True)  # who has somebody of the company goes first
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[When]


class RouteShare(Base):
    """What a member is owed by a route: entitled less received, in millionths of a lead."""

    __tablename__ = "route_share"
    __table_args__ = (UniqueConstraint("route_id", "email"),)

    id: Mapped[Key]
    route_id: Mapped[Big] = mapped_column(ForeignKey("route.id"))
    email: Mapped[str]
    owed: Mapped[Big] = mapped_column(default=0)
    received: Mapped[Big] = mapped_column(default=0)


class RouteTurn(Base):
    """One lead's turn: who got it and why, who was passed over and why."""

    __tablename__ = "route_turn"
    __table_args__ = (
        Index(
            "ix_route_turn_retry_at",
            "retry_at",
            sqlite_where=text("retry_at IS NOT NULL"),
            postgresql_where=text("retry_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    at: Mapped[When]
    lead_id: Mapped[Big] = mapped_column(index=True)  # no foreign key: a ledger keeps no lead from going
    route_id: Mapped[Big | None]  # None where no rule lets the lead through
    route: Mapped[str]
    chosen: Mapped[str | None]  # None leaves it in the pool
    why: Mapped[str]  # turn, account, pool, nobody
    skipped: Mapped[Json]  # [[e-mail, reason], ...] in the order they would have been asked
    owed: Mapped[Json]  # {e-mail: millionths} before the turn
    retry_at: Mapped[datetime | None]  # when somebody may be there again; None once it was tried again
