"""The index of a company's people holds what accounts and trials are ranked by.

Revision ID: 0018
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Build it again with more columns."""
    op.drop_index("ix_lead_company_id", "lead")
    columns = ["company_id", "is_open", "is_listed", "score", "activation", "last_active_at", "owner"]
    op.create_index("ix_lead_company_id", "lead", columns)
