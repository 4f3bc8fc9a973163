"""The index of owners holds only leads that have one; the open queue's index tells who has none.

Revision ID: 0016
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Build both again."""
    best_first = "score DESC, active_order DESC, id"
    op.drop_index("ix_lead_open", "lead")
    op.execute(f"CREATE INDEX ix_lead_open ON lead (is_open, {best_first}, owner)")
    op.drop_index("ix_lead_owner", "lead")
    op.execute(f"CREATE INDEX ix_lead_owner ON lead (is_open, owner, {best_first}) WHERE owner IS NOT NULL")
