"""What an undo may overlook, because it follows by rule, and what it looks at: columns and tables by name."""

# Columns that follow from others by rule, and may differ by the time of an undo.
FOLLOWS: dict[str, frozenset[str]] = {
    "lead": frozenset(
        {
            "score",
            "fit",
            "excluded",
            "qualified",
            "qualified_at",
            "activation",
            "signals",
            "milestones",
            "last_active_at",
            "signed_up_at",
            "scored_at",
            "model_version_id",
            "due_at",
            "respond_by",
            "known_qualified_at",
        }
    ),
    "outbox_item": frozenset({"state", "next_attempt_at", "error", "answer"}),
    "handoff": frozenset({"held"}),
    "remote_link": frozenset({"base"}),
}
SAME_STATE = frozenset({"new", "qualified"})  # which of the two an unclaimed lead is in follows its score
# Rows that follow a row by rule and go with it.
GO_ALONG = frozenset({"score_event", "identity_link", "suggestion"})
# References that are no foreign keys.
LOOSE = (("usage_event", "identity_id", "identity"), ("outbox_item", "lead_id", "lead"))
LEFT = frozenset({"sending", "unknown", "done", "failed"})
COUNTED = frozenset({"identity", "submission", "trial", "lead"})  # what a score is made from
WORK_COLUMNS = frozenset(
    {
        "state",
        "state_before",
        "state_until",
        "state_reason",
        "owner",
        "claimed_at",
        "lease_until",
        "first_touch_at",
        "touched_at",
        "respond_by",
        "known_qualified_at",
        "outcome",
        "outcome_at",
        "deal_value",
    }
)  # columns of a lead that no score is made from
