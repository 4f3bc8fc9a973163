"""How each rep keeps the views, what was done in one go, and the queue's order behind placement and plan.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add a table, a column and three indexes."""
    op.create_table(
        "view_layout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("columns", JsonText(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_layout")),
        sa.UniqueConstraint("rep", "view", name=op.f("uq_view_layout_rep_view")),
    )
    op.add_column("action", sa.Column("bulk", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_action_bulk"), "action", ["bulk"], unique=False)
    for column in ("placement", "plan"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_lead_{column}",
            "lead",
            ["is_open", column, sa.text("score DESC"), sa.text("active_order DESC"), "id"],
            unique=False,
            sqlite_where=known,
            postgresql_where=known,
        )
