"""The team, the rules that give leads out, and the ledger of their turns.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, UtcTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add four tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "member",
        sa.Column("id", number, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=True),
        sa.Column("working_hours", sa.String(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("away_from", UtcTime(), nullable=True),
        sa.Column("away_until", UtcTime(), nullable=True),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("email", name=op.f("uq_member_email")),
    )
    op.create_table(
        "route",
        sa.Column("id", number, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filter", sa.String(), nullable=False),
        sa.Column("weights", JsonText(), nullable=False),
        sa.Column("any_hours", sa.Boolean(), nullable=False),
        sa.Column("account_owner", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
        sa.UniqueConstraint("name", name=op.f("uq_route_name")),
    )
    op.create_table(
        "route_share",
        sa.Column("id", number, nullable=False),
        sa.Column("route_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_route_share_route_id_route")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_share")),
        sa.UniqueConstraint("route_id", "email", name=op.f("uq_route_share_route_id_email")),
    )
    op.create_table(
        "route_turn",
        sa.Column("id", number, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("route_id", sa.BigInteger(), nullable=True),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("chosen", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("skipped", JsonText(), nullable=False),
        sa.Column("owed", JsonText(), nullable=False),
        sa.Column("retry_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_turn")),
    )
    op.create_index(op.f("ix_route_turn_lead_id"), "route_turn", ["lead_id"])
    waiting = sa.text("retry_at IS NOT NULL")
    op.create_index(
        "ix_route_turn_retry_at", "route_turn", ["retry_at"], sqlite_where=waiting, postgresql_where=waiting
    )
