"""Leads counted as they change, the terms of the search index, and indexes that answer without the rows.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.lead_counts import create_counts

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add a table, a view of the search index, and short names; build two indexes again with one more column."""
    create_counts(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE lead_fts_term USING fts5vocab(lead_fts, instance)")
    for column in ("name", "company_name"):
        short = sa.text(f"length({column}) < 3")
        op.create_index(
            f"ix_lead_short_{column}", "lead", [column], sqlite_where=short, postgresql_where=short
        )
    for column in ("lead_id", "company_id"):
        op.drop_index(f"ix_trial_{column}", "trial")
        op.create_index(f"ix_trial_{column}", "trial", [column, "starts_at"])
    taken_back = sa.text("quantity < 0")
    op.create_index(
        "ix_usage_event_taken_back",
        "usage_event",
        ["identity_id", "at"],
        sqlite_where=taken_back,
        postgresql_where=taken_back,
    )
