"""Notices can be put off.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add until when a notice is put off."""
    op.add_column("notice", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
