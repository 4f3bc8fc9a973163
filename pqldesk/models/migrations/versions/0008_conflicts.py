"""What both sides of a connection last agreed on, and where they differ.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, UtcTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add two columns and a table."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("remote_link", sa.Column("base", JsonText(), nullable=True))
    op.add_column("remote_link", sa.Column("gone_at", UtcTime(), nullable=True))
    op.create_table(
        "conflict",
        sa.Column("id", number, nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("local_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("base", JsonText(), nullable=True),
        sa.Column("mine", JsonText(), nullable=True),
        sa.Column("theirs", JsonText(), nullable=True),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conflict_record", "conflict", ["system", "kind", "local_id"], unique=False)
    op.create_index(op.f("ix_conflict_lead_id"), "conflict", ["lead_id"], unique=False)
    op.create_index(
        "ix_conflict_open",
        "conflict",
        ["id"],
        unique=False,
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
