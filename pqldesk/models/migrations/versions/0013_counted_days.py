"""What a warehouse counted, person by person and day by day.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "counted_day",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("cells", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("source", "who", "day", name=op.f("pk_counted_day")),
        sqlite_with_rowid=False,
    )
