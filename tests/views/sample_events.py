"""Names that sources have sent, and rules for them, for the sample desk."""

from datetime import UTC, datetime, timedelta

from pqldesk.services.events.rule_rows import NameRow, PreviewRow, RuleDraft, RulePreview, RuleShown

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_NAMES = (
    ("segment", "Signed In", 18_204, "login", True),
    ("posthog", "$pageview", 9_120, "page_view", True),
    ("segment", "Report Shared", 1_311, "report_shared", False),
    ("posthog", "workspace invite sent", 402, "workspace_invite_sent", False),
    ("posthog", "$autocapture", 377, "ignore", True),
    *(("segment", f"Wizard Step {n}", 90 - n, f"wizard_step_{n}", False) for n in range(1, 12)),
)


def event_names() -> list[NameRow]:
    return [
        NameRow(source, name, n, AT - timedelta(minutes=7 * at), kind, known, '{"seats": 3}')
        for at, (source, name, n, kind, known) in enumerate(_NAMES)
    ]


def event_rules() -> list[RuleShown]:
    own = RuleDraft("Signed In", "login", "segment", "plan!=free", rule_id="E000001")
    preset = RuleDraft("$pageview", "page_view", "posthog", key_from="$pathname")
    return [
        RuleShown(own, "login", 18_204),
        RuleShown(preset, "page_view, key from $pathname", 9_120),
        RuleShown(RuleDraft("$autocapture", "ignore", "posthog"), "ignore", 377),
    ]


def rule_preview(draft: RuleDraft) -> RulePreview:
    rows = tuple(
        PreviewRow("segment", "Report Shared", AT - timedelta(minutes=n), ("report_shared", None, "1"),
                   (draft.kind, None, str(n)), f'{{"seats": {n}}}')
        for n in range(1, 4)
    )  # fmt: skip
    return RulePreview(2_000, 131, 131, rows)
