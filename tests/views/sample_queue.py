# ruff: noqa: E501 - rows of sample data read better on one line
"""The queue of the sample desk: leads, views, and what is known of one lead."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sample_leads import MILESTONES, NOW, OTHER, REP, SIGNALS, TERMS, lead, lead_facts
from sample_lists import outbox

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import AlreadyClaimed, Problem
from pqldesk.services.figure_rows import LeadRow, LeadRows
from pqldesk.services.filters.facts import LeadFacts, holds, row_facts
from pqldesk.services.filters.language import parse_filter
from pqldesk.services.filters.queue_filter import built_in_spec
from pqldesk.services.leads.bulk import BulkRow, BulkStep
from pqldesk.services.queue.saved_views import ViewSaved
from pqldesk.services.queue.view_orders import FilterChoices, ViewOrder
from pqldesk.services.record_rows import (
    HopShown,
    IdShown,
    LeadDetail,
    MergedLead,
    MergeField,
    MergePreview,
    MilestoneShown,
    NoteRow,
    Origin,
    ScoreMove,
    SubmissionShown,
    SuggestionShown,
    TeamMember,
    TimelineEntry,
    TimelinePage,
)
from pqldesk.services.rows import KnownAlready, LeadDraft, QueueRow, QueueView, TaskRow
from pqldesk.services.view_spec import ViewSpec


def ids_of(row: QueueRow) -> tuple[IdShown, ...]:
    """What a lead is known by: its e-mail, and for the second lead an id of the billing system too."""
    mail = IdShown(
        "email", row.email or "", Origin("product", NOW - timedelta(days=12), "signups.csv"), 180, 1
    )
    if row.id != 2:
        return (mail,)
    return (mail, IdShown("stripe", "cus_91", Origin("stripe", NOW - timedelta(days=3)), 34, 0, 1))


class FakeQueue:
    """The queue, its views and its leads; answers from `lead` until a command changes one."""

    def __init__(self, leads: int) -> None:
        self.size = leads
        self.changed: dict[int, QueueRow] = {}
        self.gone: set[int] = set()
        self.calls: list[tuple[object, ...]] = []
        self.asked: list[tuple[int, ...]] = []
        self.saved: dict[str, QueueView] = {}
        self.specs: dict[str, ViewSpec] = {}
        self.specs_asked: list[ViewSpec] = []

    def row(self, number: int) -> QueueRow:
        return self.changed.get(number) or lead(number)

    def lead_order(self, _session: object, view: str, search: str, sort: str, descending: bool) -> array:
        numbers = [n for n in range(1, self.size + 1) if n not in self.gone]
        if self.size > 5_000 and not search:
            return array("q", numbers)
        rows = [self.row(n) for n in numbers]
        if view == "mine":
            rows = [r for r in rows if r.owner == REP]
        elif view == "unclaimed":
            rows = [r for r in rows if not r.owner and r.qualified]
        elif view == "hand-raises":
            rows = [r for r in rows if r.hand_raised_at]
        if search:
            rows = [r for r in rows if search.lower() in f"{r.name} {r.email} {r.company}".lower()]
        keys = {"score": lambda r: r.score, "name": lambda r: r.name, "company": lambda r: r.company or ""}
        rows.sort(key=keys.get(sort, lambda r: r.score), reverse=descending)
        return array("q", [r.id for r in rows])

    def lead_rows(self, _session: object, ids) -> list[QueueRow]:
        self.asked.append(tuple(ids))
        return [self.row(n) for n in ids]

    def listed_leads(self, _session: object, lead_ids: Sequence[str]) -> LeadRows:
        self.calls.append(("listed_leads", tuple(lead_ids)))
        rows = [self.row(int(one[1:])) for one in lead_ids]
        return LeadRows(len(rows), tuple(
            LeadRow(r.lead_id, r.name, r.company, r.score, r.state, r.owner, NOW) for r in rows
        ))  # fmt: skip

    def queue_views(self, _session: object) -> list[QueueView]:
        built_in = [
            QueueView("open", "Open", 128), QueueView("unclaimed", "Unclaimed PQLs", 41),
            QueueView("hand-raises", "Hand-raises", 9), QueueView("mine", "My leads", 23),
            QueueView("trials-ending", "Trials ending", 17), QueueView("all", "All leads", 48210),
        ]  # fmt: skip
        built_in = [
            replace(view, spec=self.specs.get(view.key) or built_in_spec(view.key)) for view in built_in
        ]
        return [*built_in, *self.saved.values()]

    def facts(self, number: int) -> LeadFacts:
        row = self.row(number)
        return lead_facts(number) if row is lead(number) else row_facts(row, TERMS)

    def view_order(self, _session: object, spec: ViewSpec, search: str) -> ViewOrder:
        self.specs_asked.append(spec)
        ids = self.lead_order(None, "open", search, spec.sort_key, spec.descending)
        if self.size <= 5_000 or search:
            where = parse_filter(spec.filter)
            ids = array("q", [n for n in ids if holds(where, self.facts(n), TERMS)])
        if not spec.group:
            return ViewOrder(ids, array("q"))
        groups: dict[object, list[int]] = {}
        for n in ids:
            row = self.row(n)
            groups.setdefault(getattr(row, spec.group), []).append(n)
        order = array("q")
        for number, members in enumerate(groups.values(), 1):
            order.extend([-number, *members])
        return ViewOrder(order, array("q", map(len, groups.values())))

    def count_leads(self, _session: object, spec: ViewSpec, search: str) -> int:
        return self.view_order(None, replace(spec, group=""), search).leads

    def view_start(self, _session: object, spec: ViewSpec) -> Sequence[int]:
        return self.view_order(None, replace(spec, group=""), "").ids[:100]

    def filter_choices(self, _session: object, field: str) -> FilterChoices:
        known = {
            "signal": tuple((key, label) for key, label, _threshold, _weight in SIGNALS),
            "milestone": MILESTONES,
            "band": (("hot", "Hot"), ("qualified", "Qualified"), ("warming", "Warming"), ("cold", "Cold")),
            "owner": ((REP, REP), (OTHER, OTHER)), "source": (("plg", "plg"),),
        }  # fmt: skip
        return FilterChoices(field, known.get(field, ()))

    def save_view(self, _session: object, label: str, spec: ViewSpec, shared: bool, rep: str) -> ViewSaved:
        key = label.lower().replace(" ", "-")
        self.calls.append(("save_view", label, spec, shared, rep))
        count = self.count_leads(None, spec, "")
        self.saved[key] = QueueView(key, label, count, False, spec, None if shared else rep)
        return ViewSaved(key, Changes.to(Topic.LEADS, Topic.SETTINGS))

    def rename_view(self, _session: object, key: str, label: str, rep: str) -> ViewSaved:
        self.calls.append(("rename_view", key, label, rep))
        self.saved[key] = replace(self.saved[key], label=label)
        return ViewSaved(key, Changes.to(Topic.LEADS, Topic.SETTINGS))

    def note_print(self, _session: object, path: str, leads: Sequence[str]) -> Changes:
        self.calls.append(("note_print", path, len(leads), leads[0]))
        return Changes()

    def delete_view(self, _session: object, key: str, rep: str) -> Changes:
        self.calls.append(("delete_view", key, rep))
        del self.saved[key]
        return Changes.to(Topic.LEADS, Topic.SETTINGS)

    def keep_columns(self, _session: object, key: str, columns, rep: str) -> Changes:
        self.calls.append(("keep_columns", key, columns, rep))
        return Changes()

    def claim(self, _session: object, lead_id: str, rep: str) -> Changes:
        number = int(lead_id[1:])
        row = self.row(number)
        if row.owner not in (None, rep):
            raise AlreadyClaimed(row.name, row.owner, "2026-11-20T10:00:00Z")
        self.calls.append(("claim", lead_id, rep))
        self.changed[number] = replace(row, owner=rep, state="claimed")
        return Changes.to(Topic.LEADS)

    def bulk_step(
        self, _session: object, verb: str, ids, argument: object, rep: str, number: int
    ) -> BulkStep:
        """Takes eight leads at a time, so that a bulk has steps."""
        self.calls.append(("bulk_step", verb, tuple(ids[:8]), argument, rep))
        rows = []
        for one in ids[:8]:
            row = self.row(one)
            if row.owner not in (None, rep):
                rows.append(BulkRow(row.lead_id, row.name, "skipped", f"{row.owner} has it."))
                continue
            outcome = "unchanged" if verb == "claim" and row.owner == rep else "done"
            self.changed[one] = replace(row, owner=rep, state="claimed")
            rows.append(BulkRow(row.lead_id, row.name, outcome))
        return BulkStep(tuple(rows), Changes.to(Topic.LEADS))

    def known_already(self, _session: object, draft: LeadDraft) -> KnownAlready:
        if draft.email == "jane@example.com":
            return KnownAlready("L000002", "Jane Doe", "Example, Inc.", True, "Example, Inc.", "example.com")
        if draft.email.endswith("@kumolabs.example"):
            return KnownAlready(company="Kumo Labs", domain="kumolabs.example")
        return KnownAlready()

    def add_lead(self, _session: object, draft: LeadDraft, rep: str) -> object:
        if draft.email == "jane@example.com":
            problem = Problem("Jane Doe is already here with that address.", "Open that lead instead.")
            problem.lead_id = "L000002"
            raise problem
        self.calls.append(("add_lead", draft, rep))

        class Added:
            lead_id = "L000001"
            changes = Changes.to(Topic.LEADS)

        return Added()

    def lead_detail(self, _session: object, lead_id: str) -> LeadDetail:
        row = self.row(int(lead_id[1:]))
        tasks = (TaskRow("T1", lead_id, row.name, "Call about SSO", NOW + timedelta(hours=3), REP, None),
                 TaskRow("T2", lead_id, row.name, "Send the security paper", NOW - timedelta(days=1), REP, None))  # fmt: skip
        hints = () if row.signals[4].met else ("38 more imported records would add 20 points.",)
        return LeadDetail(
            row, "Product Lead", "+1 555 0100", None, "US", "free", NOW - timedelta(days=12), "PLG default", 1, 60, hints, None,
            (1, 2, 2, 5, 4, 6, 8, 5, 9, 12, 11, 15, 13, 19),
            tuple(MilestoneShown(key, label, row.milestones[key], 12 - n if row.milestones[key] else None)
                  for n, (key, label) in enumerate(MILESTONES)),
            (TeamMember("L000004", "Priya Nair", 70, NOW - timedelta(hours=1)),
             TeamMember("L000005", "Chloé Martin", 70, NOW - timedelta(hours=5))), 7,
            (SubmissionShown("hand_raise", "sales", "group-billing", "Hand-raise PQL",
                             "We need SSO for 40 people before January.", NOW - timedelta(hours=2), 1, "product",
                             (HopShown("received", "done", NOW - timedelta(hours=2), "sub-1", None),
                              HopShown("relay", "done", NOW - timedelta(hours=2), "job-77", None),
                              HopShown("crm", "failed", NOW - timedelta(hours=1), None,
                                       "Attio refused the value of “score”."))),)
            if row.id == 2 else (),
            (ScoreMove(NOW - timedelta(hours=2), 60, 80, "events", (("Team invites", 20),), "team invites reached 2"),
             ScoreMove(NOW - timedelta(days=3), 70, 60, "window", (("Logins (7d)", -10),), "logins left the 7-day window"),
             ScoreMove(NOW - timedelta(days=9), 0, 70, "events", (("Integration connected", 25), ("Data imported", 20),
                       ("Features activated", 15), ("Logins (7d)", 10)), "integration connected reached 1 (+25)")),
            tasks, (NoteRow("N1", NOW - timedelta(days=1), REP, "Call", "Wants a demo for the whole team next week."),),
            tuple(o for o in outbox() if o.lead_id == lead_id),
            (TimelineEntry(NOW - timedelta(hours=2), "hand_raise", "group-billing"),
             TimelineEntry(NOW - timedelta(hours=5), "usage", "integration_connected · Slack"),
             TimelineEntry(NOW - timedelta(days=1), "note", "Wants a demo for the whole team"),
             TimelineEntry(NOW - timedelta(days=2), "score", "60 → 80")), 214,
            None, NOW + timedelta(days=6) if row.owner else None,
            (SuggestionShown("S1", lead_id, row.name, "L000099", "J. Doe", "Same name and company"),) if row.id == 2 else (),
            NOW - timedelta(minutes=2), NOW - timedelta(minutes=3), ("plg",),
            Origin("product", NOW - timedelta(days=12), "signups.csv"), Origin("product", NOW - timedelta(minutes=3)),
            Origin("billing", NOW - timedelta(days=10)),
            (MergedLead("L000120", "T. Rey", "t.rey@northwind.example", NOW - timedelta(days=2), REP, "same name"),)
            if row.id == 1 else (), NOW - timedelta(days=1), row.id == 2,
            row.id if row.id < 4 else None,
            ids_of(row),
        )  # fmt: skip

    def timeline(self, _session: object, lead_id: str, before: datetime) -> TimelinePage:
        self.calls.append(("timeline", lead_id, before))
        older = tuple(
            TimelineEntry(before - timedelta(days=n), "usage", "login", f"older {n}") for n in range(1, 4)
        )
        return TimelinePage(lead_id, older, False)

    def merge_preview(self, _session: object, suggestion_id: str) -> MergePreview:
        jane = lead(2)
        return MergePreview(
            suggestion_id, jane.lead_id, jane.name, "L000099", "J. Doe", "Same name and company",
            (MergeField("name", jane.name, "J. Doe", jane.name), MergeField("email", jane.email, None, jane.email),
             MergeField("phone", None, "+1 555 0199", "+1 555 0199"),
             MergeField("signup_at", NOW - timedelta(days=12), NOW - timedelta(days=20), NOW - timedelta(days=20)),
             MergeField("score", jane.score, 15, None)),
            (("usage_event", 41), ("identity", 1), ("note", 2)),
        )  # fmt: skip
