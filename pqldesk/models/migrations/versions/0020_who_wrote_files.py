"""Files that were written say on which computer, and by which login: only there are they deleted.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add computer and login of a written file; nobody knows those of earlier ones."""
    op.add_column("written_file", sa.Column("machine", sa.String(), nullable=True))
    op.add_column("written_file", sa.Column("login", sa.String(), nullable=True))
