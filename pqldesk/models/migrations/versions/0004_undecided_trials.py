"""Trials of which it is not noted yet what became of them, found without reading the others.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add an index of the few."""
    undecided = sa.text("outcome IS NULL")
    op.create_index(
        "ix_trial_undecided", "trial", ["ends_at"], sqlite_where=undecided, postgresql_where=undecided
    )
