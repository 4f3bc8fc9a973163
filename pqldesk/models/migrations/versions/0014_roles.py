"""What each member may do, and the database login by which they come.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add two columns to the members."""
    with op.batch_alter_table("member") as member:
        member.add_column(sa.Column("role", sa.String(), nullable=False, server_default="rep"))
        member.add_column(sa.Column("login", sa.String(), nullable=True))
        member.create_unique_constraint(op.f("uq_member_login"), ["login"])
