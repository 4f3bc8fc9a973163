"""What pages report of their hand-raise buttons.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import UtcTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a table."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "placement_report",
        sa.Column("id", number, nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("glm_content", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("button_text", sa.String(), nullable=False),
        sa.Column("buttons", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_report")),
        sa.UniqueConstraint(
            "problem", "glm_content", "page", name=op.f("uq_placement_report_problem_glm_content_page")
        ),
    )
    op.create_index(op.f("ix_placement_report_last_at"), "placement_report", ["last_at"], unique=False)
