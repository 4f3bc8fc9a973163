# ruff: noqa: E501 - rows of sample data read better on one line
"""A desk of made-up people for view tests and pictures: same every time, no database."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from replay_sample import health, replayed
from sample_events import event_names, event_rules
from sample_figures import activation, funnel, model
from sample_leads import NOW, OTHER, REP, lead
from sample_lists import (
    account_detail,
    account_order,
    account_rows,
    draft,
    draft_row,
    lead_rows_behind,
    outbox,
    task_order,
    task_rows,
    trial_order,
    trial_rows,
)
from sample_mapping import mapping_shown
from sample_queue import FakeQueue
from sample_sources import (
    FakeSources,
    conflict_rows,
    connectable_rows,
    connection_rows,
    import_rows,
    loose_ends,
    master_rows,
    placement_rows,
    pull_rows,
    queue_link_rows,
    traced,
)
from sample_team import route_rows, team_rows, tried, turn_of

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.figure_rows import ListOrder, ModelShown, VersionRow
from pqldesk.services.handoffs.shown import (
    DraftRow,
    DryRun,
    DryRunLead,
    EditField,
    HandoffGroup,
    ItemEdit,
    PlaybookShown,
)
from pqldesk.services.leads.undo import Undone
from pqldesk.services.modelling.replay_figures import plain
from pqldesk.services.modelling.words import differences
from pqldesk.services.notices.rows import NoticeRow
from pqldesk.services.rows import (
    ActionRow,
    Assignable,
    CompanyHit,
    NavCounts,
    OutboxRow,
    SettingRow,
    WriteStep,
)
from pqldesk.services.scoring.model import DEFAULT_MODEL
from pqldesk.services.scoring.model_json import model_from_json, model_to_json
from pqldesk.services.settings.declarations import DECLARED, FAMILIES
from pqldesk.services.source_rows import AsideRow, NameRow, ReportRow, SetAside
from pqldesk.services.sources.stuck_leads import StuckLead
from pqldesk.views.desk import Desk


def erased_by(*, dry_run: bool) -> dict:
    """What `erase` prints."""
    return {
        "dry_run": dry_run, "leads": ["L000001"], "rows": {"lead": 1, "identity": 2, "usage_event": 40, "note": 1},
        "files_deleted": ["/home/kim/leads.csv"], "files_missing": [], "files_rewritten": ["/home/kim/daily.backup"],
        "elsewhere": [{"system": "attio", "remote_id": "p-1", "url": "https://app.attio.example/p-1"}], "left": [],
    }  # fmt: skip


class FakeDesk(FakeQueue, FakeSources):
    """Keeps what commands did; answers queries from `lead`."""

    def __init__(self, leads: int = 128) -> None:
        super().__init__(leads)
        self.sample = True
        self.kept_role = ""
        self.aside = [
            AsideRow(
                f"A{n}",
                "login",
                None,
                NOW + timedelta(days=2),
                f"email:p{n}@north.example",
                "dated 2 days ahead",
            )
            for n in range(1, 4)
        ]
        self.team = (Assignable(REP, 23), Assignable(OTHER, 4))
        self.refuse_connect = False
        self.outbox_empty = False
        self.team_empty = False
        self.read_notices: set[str] = set()
        self.settings = {"rep": REP, "timezone": "Europe/Berlin"}
        self.document = {**model_to_json(DEFAULT_MODEL), "version": 4}
        self.draft: dict | None = None
        self.drafts: list[dict] = []
        self.excluded: list[dict] = []
        self.versions: tuple[VersionRow, ...] = ()

    def model_shown(self, _session: object) -> ModelShown:
        differs = () if self.draft is None else tuple(
            differences(model_from_json(self.document), model_from_json(self.draft))
        )  # fmt: skip
        return replace(model(_session), document=self.document, draft=self.draft, draft_differs=differs,
                       versions=self.versions, kinds=("data_imported", "login"))  # fmt: skip

    def keep_draft(self, document: dict) -> None:
        self.draft = {**document, "version": 5}

    def exclude_too(self, _session: object, rule: dict, _rep: str) -> Changes:
        self.excluded.append(rule)
        return Changes.to(Topic.MODEL)

    def save_model(self, _session: object, document: dict, _rep: str) -> Changes:
        self.drafts.append(document)
        self.keep_draft(document)
        return Changes.to(Topic.MODEL)

    def set_member(self, _session: object, email: str, given: dict, rep: str) -> Changes:
        if "@" not in email:
            raise BadInput(f"{email!r} is no e-mail address of a rep.", "Write it like kim@example.com.")
        self.calls.append(("set_member", email, given, rep))
        return Changes.to(Topic.SETTINGS)

    def invite(self, _session: object, email: str, role: str, rep: str) -> Any:
        if "@" not in email:
            raise BadInput(f"{email!r} is no e-mail address of a rep.", "Write it like kim@example.com.")
        self.calls.append(("invite", email, role, rep))
        return SimpleNamespace(url="postgresql://growth.kim:secret@db.example/growth", changes=Changes())

    def discard_model(self, _session: object, _rep: str) -> Changes:
        self.draft = None
        return Changes.to(Topic.MODEL)

    def beside(self, words, report, stop) -> object:
        self.calls.append(("beside", *words))
        if words[:2] == ("import", "undo"):
            return {"batch": words[2], "removed": {"leads": 480, "events": 0, "companies": 31}}
        if words[:3] == ("events", "set-aside", "release"):
            self.aside = [row for row in self.aside if len(words) > 3 and row.event_id not in words[3:]]
            return {"released": 3 - len(self.aside)}
        if words[:2] in (("export", "all"), ("import", "all")):
            report(1_204, "lead")
            return {"rows": 1_204}
        if words[0] == "erase":
            return erased_by(dry_run="--dry-run" in words)
        if words[0] == "events":
            report(2_000, "2000 events looked at again")
            return {"events": 4_120, "changed": 37, "added": 2, "removed": 0}
        return plain(health() if "health" in words else replayed())

    def _handoffs(self) -> dict[int, OutboxRow | DraftRow]:
        return {} if self.outbox_empty else {-4: draft_row(), **dict(enumerate(outbox(), 1))}

    def handoff_order(self, _session: object, tab: str, by: str, descending: bool) -> ListOrder:
        """As they are, whatever is sorted by."""
        del by, descending
        tabs = {
            "pending": "send",
            "unknown": "send",
            "held": "problems",
            "failed": "problems",
            "done": "done",
        }
        under = {n: tabs.get(getattr(row, "state", ""), "drafts") for n, row in self._handoffs().items()}
        counts = {
            key: sum(one == key for one in under.values()) for key in ("drafts", "send", "problems", "done")
        }
        return ListOrder(array("q", [n for n, one in under.items() if one == tab]), counts)

    def handoff_rows(self, _session: object, ids: Sequence[int]) -> dict[int, OutboxRow | DraftRow]:
        rows = self._handoffs()
        return {n: rows[n] for n in ids}

    def handoff_group(self, _session: object, handoff_id: str) -> HandoffGroup:
        rows = {n: row for n, row in self._handoffs().items() if isinstance(row, OutboxRow)}
        return HandoffGroup(handoff_id, {n: row for n, row in rows.items() if row.handoff_id == handoff_id})

    def item_edit(self, _session: object, item_id: str) -> ItemEdit:
        return ItemEdit(
            item_id, "task", "pending", "attio", "Lars Holm",
            (EditField("content", "PLG → Sales Handoff: call Lars"),
             EditField("assignee", OTHER, ((OTHER, "Dana Kim"), (REP, "Mira Okafor")))),
        )  # fmt: skip

    def command(self, name: str, *topics: Topic):
        def run(_session: object, *args: object) -> Changes:
            self.calls.append((name, *args))
            return Changes.to(*topics)

        return run

    def undo(self, _session: object, *args: object) -> Undone:
        self.calls.append(("undo", *args))
        return Undone("task_added", "Call Mira", Changes.to(Topic.LEADS), "Mira Okafor")

    def settings_rows(self, _session: object) -> list[SettingRow]:
        declared = [
            SettingRow(
                d.key, d.label, d.help, self.settings.get(d.key, d.default), d.kind, d.choices, d.section
            )
            for d in DECLARED
        ]
        own = [key for key in self.settings if key.startswith(FAMILIES)]
        return declared + [SettingRow(key, key, "", self.settings[key], "text", section="own") for key in own]

    def notice_rows(self, _session: object, _rep: str) -> list[NoticeRow]:
        kinds = (
            ("hand_raise", "Asked to talk to sales, from group-billing", 2), ("crossed", "Qualifies now, at 70 points", 3),
            ("stopped", "Salesforce has stopped: The token was revoked. Connect again.", 0),
            ("trial_ends", "The trial ends on 2026-11-22", 9),
        )  # fmt: skip
        return [
            NoticeRow(f"Y{n:06d}", kind, lead(who).lead_id if who else "", lead(who).name if who else "",
                      lead(who).company or "" if who else "", text, NOW - timedelta(minutes=7 * n * n),
                      NOW if f"Y{n:06d}" in self.read_notices else None)
            for n, (kind, text, who) in enumerate(kinds, 1)
        ]  # fmt: skip

    def unread_notices(self, session: object, rep: str) -> int:
        return sum(row.read_at is None for row in self.notice_rows(session, rep))

    def snooze_notices(self, session: object, ids: list[str], until: datetime, rep: str) -> Changes:
        self.calls.append(("snooze_notices", ids, until, rep))
        return Changes.to(Topic.NOTICES)

    def mark_notices(self, session: object, ids: list[str] | None, rep: str, recorded: bool) -> Changes:
        self.calls.append(("mark_notices", ids, rep, recorded))
        self.read_notices |= set(ids or (row.notice_id for row in self.notice_rows(session, rep)))
        return Changes.to(Topic.NOTICES)

    def set_setting(self, _session: object, key: str, value: str, rep: str) -> Changes:
        self.calls.append(("set_setting", key, value, rep))
        self.settings[key] = value
        return Changes.to(Topic.SETTINGS)


def fake_desk(fake: FakeDesk) -> Desk:
    """A Desk over *fake*."""
    done = fake.command
    return Desk(
        lead_order=fake.lead_order, lead_rows=fake.lead_rows, queue_views=fake.queue_views,
        view_order=fake.view_order, view_start=fake.view_start, count_leads=fake.count_leads, filter_choices=fake.filter_choices,
        save_view=fake.save_view, rename_view=fake.rename_view, delete_view=fake.delete_view,
        note_print=fake.note_print,
        place_views=done("place_views", Topic.SETTINGS), pin_view=done("pin_view", Topic.SETTINGS),
        keep_columns=fake.keep_columns,
        lead_detail=fake.lead_detail, account_order=account_order, account_order_at_hand=account_order, account_keys=lambda _s: None, trial_keys=lambda _s: None, account_rows=account_rows, account_detail=account_detail, trial_order=trial_order, trial_order_at_hand=trial_order, trial_rows=trial_rows, activation=activation,
        listed_leads=fake.listed_leads,
        activation_rows=lambda s, mark: lead_rows_behind(s, mark, 8, None, None), task_order=task_order, task_rows=task_rows,
        handoff_order=fake.handoff_order, handoff_order_at_hand=fake.handoff_order, handoff_rows=fake.handoff_rows,
        handoff_group=fake.handoff_group, funnel=funnel, funnel_rows=lead_rows_behind,
        model_shown=fake.model_shown, save_model=fake.save_model, exclude_too=fake.exclude_too, discard_model=fake.discard_model,
        beside=lambda words, report, stop: fake.beside(words, report, stop),
        connections=lambda _s: connection_rows(),
        connectable=lambda _s: connectable_rows(),
        connect=fake.connect, disconnect=fake.disconnect, source_columns=fake.source_columns, set_column=done("set_column", Topic.SOURCES),
        recheck=fake.ask_system("recheck"), make_fields=fake.ask_system("make_fields"),
        queue_links=lambda _s: queue_link_rows(),
        set_queue_link=done("set_queue_link", Topic.SOURCES),
        stuck_leads=lambda _s: [
            StuckLead("L000001", "Jane Okafor", "jane@example.com", "relay", "held", NOW - timedelta(hours=2), None),
        ],
        event_names=lambda _s: event_names(), event_rules=lambda _s: event_rules(),
        preview_rule=fake.preview_rule, keep_rule=done("keep_rule", Topic.SOURCES),
        remove_rule=done("remove_rule", Topic.SOURCES),
        mapping=lambda _s, _system: mapping_shown(), set_mapping=done("set_mapping", Topic.SOURCES),
        export_mapping=fake.export_mapping, import_mapping=fake.import_mapping,
        pull_rows=lambda _s: pull_rows(),
        stop_pulls=done("stop_pulls", Topic.SOURCES),
        conflicts=lambda _s: conflict_rows(), masters=lambda _s: master_rows(),
        resolve_conflict=done("resolve_conflict", Topic.SOURCES), set_masters=done("set_masters", Topic.SETTINGS),
        resolve_conflicts=fake.resolve_conflicts,
        imports=lambda _s: import_rows(),
        placements=lambda _s: placement_rows(),
        set_aside=lambda _s: SetAside(len(fake.aside), tuple(fake.aside)),
        loose_ends=lambda _s: loose_ends(),
        notice_rows=fake.notice_rows, unread_notices=fake.unread_notices, mark_notices=fake.mark_notices, snooze_notices=fake.snooze_notices,
        placement_reports=lambda _s: [
            ReportRow("missing", "", "https://app.example.com/settings", "Contact sales", 1, 4, NOW - timedelta(hours=3)),
        ],
        snippet=lambda _s, content: f'<hand-raise-lead-button glm-content="{content}">',
        traced=lambda _s, lead: traced(lead),
        add_placement=done("add_placement", Topic.SOURCES),
        known_already=fake.known_already,
        find_companies=lambda _s, text: [CompanyHit("C000001", "Kumo Labs", "kumolabs.example")] if text.lower() in "kumo labs" else [],
        history=lambda _s, _n, _rep: [
            ActionRow(NOW - timedelta(minutes=3), REP, "claimed", "Lars Holm", True),
            ActionRow(NOW - timedelta(hours=2), OTHER, "handed_off", "Noor Haddad"),
        ],
        team_rows=lambda _s: team_rows(fake.team_empty), route_rows=lambda _s: route_rows(fake.team_empty),
        route_ledger=lambda _s, _n: [] if fake.team_empty else [turn_of(2), turn_of(3)],
        route_tried=lambda _s, text: tried(text),
        set_member=fake.set_member, invite=fake.invite, set_away=done("set_away", Topic.SETTINGS),
        remove_member=done("remove_member", Topic.SETTINGS), set_route=done("set_route", Topic.SETTINGS),
        remove_route=done("remove_route", Topic.SETTINGS),
        own_names=lambda _s: [NameRow("feature_label.sso", "sso", "Single sign-on"), NameRow("feature_label.api", "api", "")],
        settings_rows=fake.settings_rows, kept_role=lambda _s: fake.kept_role, assignable=lambda _s: fake.team,
        nav_counts=lambda _s: NavCounts(128, 64, 5, 2, 1, 2, 1, NOW - timedelta(minutes=2), fake.sample),
        handoff_draft=draft, claim=fake.claim, timeline=fake.timeline, merge_preview=fake.merge_preview,
        assignees=lambda _s, _item: ((REP, "Mira Okafor"), (OTHER, "Dana Kim")),
        assign_writes=done("assign_writes", Topic.OUTBOX),
        item_edit=fake.item_edit, edit_item=done("edit_item", Topic.OUTBOX), save_draft=done("save_draft", Topic.OUTBOX),
        drop_draft=done("drop_draft", Topic.OUTBOX),
        playbooks=lambda _s: [
            PlaybookShown("signup", "attio", "A new lead: person and company.", None, None),
            PlaybookShown("qualification", "attio", "A lead crosses the cut.", NOW - timedelta(days=2), OTHER),
        ],
        dry_run_playbook=lambda _s, name, system: DryRun(
            name, system, 2, 5, (DryRunLead("L000001", "Tomás Rey", None, (WriteStep("person", "Person", "Update"),)),), False
        ),
        approve_playbook=done("approve_playbook", Topic.OUTBOX), stop_playbook=done("stop_playbook", Topic.OUTBOX),
        renew_claim=done("renew_claim", Topic.LEADS), unmerge=done("unmerge", Topic.LEADS), part=done("part", Topic.LEADS), release=done("release", Topic.LEADS),
        add_task=done("add_task", Topic.TASKS), finish_task=done("finish_task", Topic.TASKS),
        reschedule_task=done("reschedule_task", Topic.TASKS), snooze_task=done("snooze_task", Topic.TASKS),
        add_note=done("add_note", Topic.LEADS), snooze=done("snooze", Topic.LEADS), nurture=done("nurture", Topic.LEADS),
        won=done("won", Topic.LEADS), lost=done("lost", Topic.LEADS), reopen=done("reopen", Topic.LEADS),
        disqualify=done("disqualify", Topic.LEADS), add_lead=fake.add_lead,
        push_handoff=done("push_handoff", Topic.OUTBOX), undo=fake.undo,
        bulk_step=fake.bulk_step, undo_rest=fake.undo, assign=done("assign", Topic.LEADS),
        matching_ids=lambda s, spec, search: fake.view_order(s, replace(spec, group=""), search).ids,
        redo=fake.undo, retry_items=done("retry_items", Topic.OUTBOX),
        hold_item=done("hold_item", Topic.OUTBOX), cancel_item=done("cancel_item", Topic.OUTBOX),
        accept_suggestion=done("accept_suggestion", Topic.LEADS),
        reject_suggestion=done("reject_suggestion", Topic.LEADS), extend_trial=done("extend_trial", Topic.TRIALS),
        close_trial=done("close_trial", Topic.TRIALS),
        rename_company=done("rename_company", Topic.LEADS), merge_companies=done("merge_companies", Topic.LEADS),
        set_company=done("set_company", Topic.LEADS),
        preview_import=fake.preview_import, run_import=fake.run_import,
        set_setting=fake.set_setting, remove_sample=done("remove_sample", Topic.LEADS),
    )  # fmt: skip
