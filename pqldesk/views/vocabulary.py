"""Keys that are stored, such as actions, kinds and milestones, in the words of the window."""

from typing import Final

from pqldesk.services.basics.texts import _, p_

# What is missing here is shown as its own key in words, in English; sources bring keys that nobody can list.
WORDS: Final = {
    # what was done
    "added": _("Added"), "assigned": _("Assigned"), "reassigned": _("Assigned anew"), "claimed": _("Claimed"),
    "released": _("Released"), "lapsed": _("Claim lapsed"), "touched": _("Touched"),
    "handed_off": _("Handed off"), "note_added": _("Note added"), "task_added": _("Task added"),
    "task_done": _("Task done"), "task_moved": _("Task moved"), "snoozed": _("Snoozed"), "woken": _("Woken"),
    "nurtured": _("Nurtured"), "disqualified": _("Disqualified"), "reopened": _("Reopened"),
    "won": _("Won"), "lost": _("Lost"), "merged": _("Merged"), "unmerged": _("Unmerged"), "parted": _("An id parted"),
    "suggestion_rejected": _("Suggestion rejected"), "company_renamed": _("Company renamed"),
    "company_set": _("Company set"), "placement_added": _("Placement added"),
    "playbook_approved": _("Playbook approved"), "playbook_off": _("Playbook switched off"),
    "setting_changed": _("Setting changed"), "settings": _("Settings"), "trial_closed": _("Trial closed"),
    "trial_extended": _("Trial extended"), "view_saved": _("View saved"), "view_deleted": _("View deleted"),
    "sample_removed": _("Sample removed"), "model_published": _("Model published"),
    "renewed": _("Claim renewed"), "companies_merged": _("Accounts merged"), "draft_saved": _("Draft saved"),
    "draft_dropped": _("Draft dropped"),
    "event_rule_added": _("Event rule added"), "event_rule_changed": _("Event rule changed"),
    "event_rule_removed": _("Event rule removed"), "mapping_changed": _("Mapping changed"),
    "queue_link_set": _("Queue link changed"),
    "mapping_imported": _("Mapping imported"), "masters_chosen": _("Master of a field chosen"),
    "member_set": _("Team changed"), "member_away": _("Absence changed"), "member_removed": _("Off the team"),
    "member_role": _("Role given"), "member_invited": _("Invited to the team"),
    "route_set": _("Rule changed"), "route_removed": _("Rule removed"), "view_renamed": _("View renamed"),
    "model_edited": _("Model draft edited"), "model_draft_discarded": _("Model draft discarded"),
    "notices_read": _("Notices read"), "notices_snoozed": _("Notices put off"),
    "model_rolled_back": _("Model rolled back"),
    "milestone_added": _("Milestone added"), "milestone_changed": _("Milestone changed"),
    "milestone_removed": _("Milestone removed"), "conflict_decided": _("Conflict decided"),
    "connected": _("System connected"), "disconnected": _("System disconnected"),
    "undone": _("Undone"), "redone": _("Redone"),
    "outbox_edited": _("Write edited"), "outbox_held": _("Write held"), "outbox_assigned": _("Handoff assigned"),
    "outbox_cancelled": _("Write cancelled"),
    # submissions
    "hand_raise": _("Hand-raise"), "trial": _("Trial"), "signup": _("Signup"), "contact": _("Contact"),
    "cart_abandonment": _("Cart abandonment"), "manual": _("Manual"), "import": p_("noun", "Import"),
    # usage events and milestones
    "login": _("Login"), "feature_activated": _("Feature activated"), "team_invited": _("Team invited"),
    "integration_connected": _("Integration connected"), "data_imported": _("Data imported"),
    "trial_started": _("Trial started"), "trial_ended": _("Trial ended"), "signed_up": _("Signed up"),
    "first_login": _("First login"), "first_feature": _("First feature"),
    "invited_teammate": _("Invited a teammate"), "first_integration": _("First integration"),
    "imported_data": _("Imported data"),
    # signals of the usual model: their labels are the workspace's, and English as long as nobody names them anew
    "Note": _("Note"), "Logins (7d)": _("Logins (7d)"), "Features activated": _("Features activated"),
    "Team invites": _("Team invites"), "Integration connected": _("Integration connected"),
    "Data imported": _("Data imported"), "Active days (14d)": _("Active days (14d)"),
    "Signed up": _("Signed up"), "First login": _("First login"), "First feature": _("First feature"),
    "Invited a teammate": _("Invited a teammate"), "First integration": _("First integration"),
    "Imported data": _("Imported data"),
    # writes to a CRM
    "company": _("Company"), "person": _("Person"), "list_entry": _("List entry"), "deal": _("Deal"),
    "task": _("Task"), "note": _("Note"), "activity": _("Activity"), "relay": _("Relay"), "delete": _("Deletion"),
    # playbooks, files, pace, causes of a score's move
    "qualification": _("Qualification"), "milestone": _("Milestone"), "handoff": _("Handoff"),
    "form": _("Form passed on"),
    "leads": _("Leads"), "companies": _("Companies"), "events": _("Events"), "trials": _("Trials"),
    "ahead": _("Ahead"), "on pace": _("On pace"), "slow": _("Slow"), "at risk": _("At risk"),
    "batch": _("Batch"), "window_lapse": _("Window lapse"), "model_change": _("Model change"),
    # why an event is set aside: stored in English, looked up in the catalogue where it is shown
    "Its time is more than 24 hours in the future.": _("Its time is more than 24 hours in the future."),
    "merge": p_("noun", "Merge"), "full": _("Full rescoring"),
}  # fmt: skip
