"""How far each pulled source is, and which files were read.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add two tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "sync_state",
        sa.Column("id", number, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("cursor", JsonText(), nullable=True),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("fresh_at", UtcTime(), nullable=True),
        sa.Column("failed_at", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("needs_you", sa.Boolean(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("run_rows", sa.BigInteger(), nullable=False),
        sa.Column("saying", sa.String(), nullable=True),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_state")),
        sa.UniqueConstraint("source", name=op.f("uq_sync_state_source")),
    )
    op.create_table(
        "pulled_file",
        sa.Column("id", number, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulled_file")),
        sa.UniqueConstraint("source", "digest", name=op.f("uq_pulled_file_source_digest")),
    )
