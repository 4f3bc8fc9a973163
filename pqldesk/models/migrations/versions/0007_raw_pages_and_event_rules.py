"""What other systems sent, kept as it came, and the rules by which it becomes usage.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add four tables, and to trials when their source last spoke of them."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "raw_page",
        sa.Column("id", number, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_page")),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("done < items")
    op.create_index("ix_raw_page_waiting", "raw_page", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_raw_page_source_id", "raw_page", ["source", "id"])
    op.create_table(
        "refused_call",
        sa.Column("id", number, nullable=False),
        sa.Column("page_id", sa.BigInteger(), nullable=True),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_call")),
    )
    op.create_index(op.f("ix_refused_call_page_id"), "refused_call", ["page_id"])
    op.create_table(
        "event_name",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("sample", JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_event_name")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_rule",
        sa.Column("id", number, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("spec", JsonText(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_rule")),
    )
    op.add_column("trial", sa.Column("source_at", UtcTime(), nullable=True))
