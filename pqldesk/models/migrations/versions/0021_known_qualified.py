"""Leads keep when it was first known here that they qualify; the response clock starts no sooner.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the moment, told from when the lead came here, and let rescoring set again the clocks that began before."""
    op.add_column("lead", sa.Column("known_qualified_at", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE lead SET known_qualified_at = CASE WHEN created_at > qualified_at THEN created_at ELSE qualified_at END"
        " WHERE qualified_at IS NOT NULL"
    )
    op.execute(  # due at once: what falls due is scored before anything is shown
        "UPDATE lead SET respond_by = NULL, due_at = 0"
        " WHERE respond_by IS NOT NULL AND first_touch_at IS NULL AND qualified_at < created_at"
    )
