"""Two indexes of leads that answer without the rows: who of a company is open, when a hand was raised.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Build both again with one more column."""
    op.drop_index("ix_lead_company_id", "lead")
    op.create_index("ix_lead_company_id", "lead", ["company_id", "is_open"])
    raised = sa.text("hand_raised_at IS NOT NULL")
    op.drop_index("ix_lead_hand_raise", "lead")
    op.create_index(
        "ix_lead_hand_raise",
        "lead",
        ["is_open", sa.text("score DESC"), sa.text("active_order DESC"), "id", "hand_raised_at"],
        sqlite_where=raised,
        postgresql_where=raised,
    )
