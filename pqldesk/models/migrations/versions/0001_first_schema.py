"""The first schema: people, usage, work, other systems, history, settings.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from pqldesk.models.base import JsonText, Money, UtcTime
from pqldesk.models.search import create_search

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, then the search index."""
    op.create_table(
        "action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
    )
    op.create_index("ix_action_actor", "action", ["actor", "id"], unique=False)
    op.create_index(op.f("ix_action_lead_id"), "action", ["lead_id"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("set_aside", sa.BigInteger(), nullable=False),
        sa.Column("rejects_file", sa.String(), nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topics", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_table(
        "company",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_company_batch_id"), "company", ["batch_id"], unique=False)
    op.create_table(
        "connection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("settings", JsonText(), nullable=False),
        sa.Column("secrets", JsonText(), nullable=False),
        sa.Column("catalogue", JsonText(), nullable=True),
        sa.Column("mapping", JsonText(), nullable=True),
        sa.Column("checked_at", UtcTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("connected_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("system", name=op.f("uq_connection_system")),
    )
    op.create_table(
        "event_kind",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_kind")),
        sa.UniqueConstraint("name", "key", name=op.f("uq_event_kind_name_key")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("mapping", JsonText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("kind", "signature", name=op.f("uq_import_mapping_kind_signature")),
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("glm_content", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("glm_content", name=op.f("uq_placement_glm_content")),
    )
    op.create_table(
        "playbook",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook")),
        sa.UniqueConstraint("name", "system", name=op.f("uq_playbook_name_system")),
    )
    op.create_table(
        "remote_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("local_id", sa.BigInteger(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_link")),
        sa.UniqueConstraint("system", "kind", "local_id", name=op.f("uq_remote_link_system_kind_local_id")),
    )
    op.create_index("ix_remote_link_remote", "remote_link", ["system", "remote_id"], unique=False)
    op.create_table(
        "runner",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("heartbeat_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_runner")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("spec", JsonText(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("key", name=op.f("uq_saved_view_key")),
    )
    op.create_table(
        "scoring_model_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", JsonText(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_model_version")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_scoring_model_version_name_version")),
    )
    op.create_table(
        "setting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting")),
        sa.UniqueConstraint("key", name=op.f("uq_setting_key")),
    )
    op.create_table(
        "usage_day",
        sa.Column("identity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity_id", "day", "kind_id", name=op.f("pk_usage_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("eid", sa.BigInteger(), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_usage_event")),
        sa.UniqueConstraint("eid", name=op.f("uq_usage_event_eid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_usage_event_identity_at", "usage_event", ["identity_id", "at"], unique=False)
    op.create_table(
        "usage_total",
        sa.Column("identity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity_id", "kind_id", name=op.f("pk_usage_total")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "written_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_file")),
    )
    op.create_table(
        "action_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("before", JsonText(), nullable=True),
        sa.Column("after", JsonText(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_row_action_id_action")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_row")),
    )
    op.create_index(op.f("ix_action_row_action_id"), "action_row", ["action_id"], unique=False)
    op.create_table(
        "batch_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("before", JsonText(), nullable=False),
        sa.Column("after", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_row")),
    )
    op.create_index(op.f("ix_batch_row_batch_id"), "batch_row", ["batch_id"], unique=False)
    op.create_table(
        "company_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_company_key_company_id_company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_key")),
        sa.UniqueConstraint("namespace", "value", name=op.f("uq_company_key_namespace_value")),
    )
    op.create_index(op.f("ix_company_key_company_id"), "company_key", ["company_id"], unique=False)
    op.create_table(
        "lead",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("job_title", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("company_name", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("signup_at", UtcTime(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("placement", sa.String(), nullable=True),
        sa.Column("hand_raised_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=True),
        sa.Column("state_until", UtcTime(), nullable=True),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("claimed_at", UtcTime(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("first_touch_at", UtcTime(), nullable=True),
        sa.Column("touched_at", UtcTime(), nullable=True),
        sa.Column("respond_by", UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_at", UtcTime(), nullable=True),
        sa.Column("deal_value", Money(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("fit", sa.BigInteger(), nullable=True),
        sa.Column("excluded", sa.String(), nullable=True),
        sa.Column("qualified", sa.Boolean(), nullable=False),
        sa.Column("qualified_at", UtcTime(), nullable=True),
        sa.Column("activation", sa.SmallInteger(), nullable=False),
        sa.Column("signals", JsonText(), nullable=True),
        sa.Column("milestones", JsonText(), nullable=True),
        sa.Column("last_active_at", UtcTime(), nullable=True),
        sa.Column("signed_up_at", UtcTime(), nullable=True),
        sa.Column("scored_at", UtcTime(), nullable=True),
        sa.Column("model_version_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column(
            "is_open",
            sa.SmallInteger(),
            sa.Computed(
                "CASE WHEN state IN ('new','qualified','claimed','working') AND excluded IS NULL THEN 1 ELSE 0 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_listed",
            sa.SmallInteger(),
            sa.Computed("CASE WHEN state IN ('erased','merged') THEN 0 ELSE 1 END", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "active_order",
            sa.BigInteger(),
            sa.Computed("coalesce(last_active_at, -1)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_lead_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_lead_batch_id"), "lead", ["batch_id"], unique=False)
    op.create_index(op.f("ix_lead_company_id"), "lead", ["company_id"], unique=False)
    op.create_index(
        "ix_lead_due_at",
        "lead",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_lead_hand_raise",
        "lead",
        ["is_open", sa.literal_column("score DESC"), sa.literal_column("active_order DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("hand_raised_at IS NOT NULL"),
        postgresql_where=sa.text("hand_raised_at IS NOT NULL"),
    )
    op.create_index(
        "ix_lead_lease",
        "lead",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index("ix_lead_signup", "lead", ["signed_up_at"], unique=False)
    op.create_index(
        "ix_lead_until",
        "lead",
        ["state_until"],
        unique=False,
        sqlite_where=sa.text("state_until IS NOT NULL"),
        postgresql_where=sa.text("state_until IS NOT NULL"),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("taken_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_claim_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_lead_id"), "claim", ["lead_id"], unique=False)
    op.create_table(
        "handoff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("deal_name", sa.String(), nullable=True),
        sa.Column("deal_value", Money(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("task", sa.String(), nullable=True),
        sa.Column("task_due_at", UtcTime(), nullable=True),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("held", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_handoff_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("run_key", name=op.f("uq_handoff_run_key")),
    )
    op.create_index(op.f("ix_handoff_lead_id"), "handoff", ["lead_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("follows", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_identity_company_id_company")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_identity_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("namespace", "folded", name=op.f("uq_identity_namespace_folded")),
    )
    op.create_index(op.f("ix_identity_batch_id"), "identity", ["batch_id"], unique=False)
    op.create_index(op.f("ix_identity_company_id"), "identity", ["company_id"], unique=False)
    op.create_index(op.f("ix_identity_follows"), "identity", ["follows"], unique=False)
    op.create_index(op.f("ix_identity_lead_id"), "identity", ["lead_id"], unique=False)
    op.create_table(
        "merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("survivor_id", sa.BigInteger(), nullable=False),
        sa.Column("loser_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moved", JsonText(), nullable=False),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["loser_id"], ["lead.id"], name=op.f("fk_merge_loser_id_lead")),
        sa.ForeignKeyConstraint(["survivor_id"], ["lead.id"], name=op.f("fk_merge_survivor_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_loser_id"), "merge", ["loser_id"], unique=False)
    op.create_index(op.f("ix_merge_survivor_id"), "merge", ["survivor_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_note_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_note_lead_id"), "note", ["lead_id"], unique=False)
    op.create_table(
        "score_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("old", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("parts", JsonText(), nullable=False),
        sa.Column("model_version_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_score_event_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_event")),
    )
    op.create_index(op.f("ix_score_event_lead_id"), "score_event", ["lead_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("identity_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("glm_source", sa.String(), nullable=True),
        sa.Column("glm_content", sa.String(), nullable=True),
        sa.Column("product_interaction", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("raw", JsonText(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UtcTime(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_submission_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_submission_fingerprint")),
    )
    op.create_index(op.f("ix_submission_batch_id"), "submission", ["batch_id"], unique=False)
    op.create_index(op.f("ix_submission_glm_content"), "submission", ["glm_content"], unique=False)
    op.create_index(op.f("ix_submission_lead_id"), "submission", ["lead_id"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_suggestion_lead_id_lead")),
        sa.ForeignKeyConstraint(["other_id"], ["lead.id"], name=op.f("fk_suggestion_other_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint("lead_id", "other_id", name=op.f("uq_suggestion_lead_id_other_id")),
    )
    op.create_index(op.f("ix_suggestion_other_id"), "suggestion", ["other_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_task_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_task_due_at"), "task", ["due_at"], unique=False)
    op.create_index(op.f("ix_task_lead_id"), "task", ["lead_id"], unique=False)
    op.create_table(
        "trial",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("identity_id", sa.BigInteger(), nullable=True),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("starts_at", UtcTime(), nullable=True),
        sa.Column("ends_at", UtcTime(), nullable=True),
        sa.Column("first_ends_at", UtcTime(), nullable=True),
        sa.Column("ends_date_only", sa.Boolean(), nullable=False),
        sa.Column("source_state", sa.String(), nullable=True),
        sa.Column("converted_at", UtcTime(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_trial_company_id_company")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_trial_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_trial_source_key")),
    )
    op.create_index(op.f("ix_trial_batch_id"), "trial", ["batch_id"], unique=False)
    op.create_index(op.f("ix_trial_company_id"), "trial", ["company_id"], unique=False)
    op.create_index("ix_trial_ends_at", "trial", ["ends_at"], unique=False)
    op.create_index(op.f("ix_trial_lead_id"), "trial", ["lead_id"], unique=False)
    op.create_table(
        "event_set_aside",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("eid", sa.BigInteger(), nullable=False),
        sa.Column("identity_id", sa.BigInteger(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raw", JsonText(), nullable=True),
        sa.Column("released_at", UtcTime(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_event_set_aside_identity_id_identity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_set_aside")),
        sa.UniqueConstraint("eid", name=op.f("uq_event_set_aside_eid")),
    )
    op.create_index(op.f("ix_event_set_aside_batch_id"), "event_set_aside", ["batch_id"], unique=False)
    op.create_index(op.f("ix_event_set_aside_identity_id"), "event_set_aside", ["identity_id"], unique=False)
    op.create_table(
        "hop",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_hop_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hop")),
    )
    op.create_index(op.f("ix_hop_submission_id"), "hop", ["submission_id"], unique=False)
    op.create_table(
        "identity_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", UtcTime(), nullable=False),
        sa.Column("unlinked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_identity_link_identity_id_identity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_link")),
    )
    op.create_index(op.f("ix_identity_link_identity_id"), "identity_link", ["identity_id"], unique=False)
    op.create_table(
        "outbox_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handoff_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcTime(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("remote_url", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_outbox_item_handoff_id_handoff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_item")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_outbox_item_idempotency_key")),
    )
    op.create_index("ix_outbox_item_due", "outbox_item", ["state", "next_attempt_at"], unique=False)
    op.create_index(op.f("ix_outbox_item_handoff_id"), "outbox_item", ["handoff_id"], unique=False)
    op.create_index(op.f("ix_outbox_item_lead_id"), "outbox_item", ["lead_id"], unique=False)
    best_first = "score DESC, active_order DESC, id"
    op.execute(f"CREATE INDEX ix_lead_open ON lead (is_open, {best_first})")
    op.execute(f"CREATE INDEX ix_lead_listed ON lead (is_listed, {best_first})")
    op.execute(f"CREATE INDEX ix_lead_owner ON lead (is_open, owner, {best_first})")
    op.execute(f"CREATE INDEX ix_lead_state ON lead (state, {best_first})")
    op.execute(f"CREATE INDEX ix_lead_source ON lead (is_open, source, {best_first})")
    create_search(op.get_bind())
