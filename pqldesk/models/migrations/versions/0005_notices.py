"""The inbox: what each rep was told.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add two tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "notice",
        sa.Column("id", number, nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=True),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("rep", "key", name=op.f("uq_notice_rep_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_lead_id"), "notice", ["lead_id"], unique=False)
    op.create_index("ix_notice_rep_read_at", "notice", ["rep", "read_at"], unique=False)
    op.create_table(
        "notice_mark",
        sa.Column("id", number, nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("score_event", sa.BigInteger(), nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_mark")),
        sa.UniqueConstraint("rep", name=op.f("uq_notice_mark_rep")),
    )
