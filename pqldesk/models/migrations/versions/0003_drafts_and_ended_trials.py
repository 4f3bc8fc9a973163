"""Handoffs that somebody prepared and has not sent, and what became of a trial once that is certain.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add a table and two columns."""
    op.create_table(
        "handoff_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_handoff_draft_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_draft")),
    )
    op.create_index(op.f("ix_handoff_draft_lead_id"), "handoff_draft", ["lead_id"], unique=False)
    op.add_column("trial", sa.Column("outcome", sa.String(), nullable=True))
    op.add_column("trial", sa.Column("outcome_at", UtcTime(), nullable=True))
