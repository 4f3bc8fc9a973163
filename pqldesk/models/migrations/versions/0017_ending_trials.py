"""The index of ends holds all that says whether a trial counts as ending.

Revision ID: 0017
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Build it again with more columns."""
    op.drop_index("ix_trial_ends_at", "trial")
    columns = ["ends_at", "lead_id", "company_id", "starts_at", "ends_date_only", "converted_at", "closed_at"]
    op.create_index("ix_trial_ends_at", "trial", [*columns, "source_state"])
