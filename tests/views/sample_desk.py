# ruff: noqa: E501 - rows of sample data read better on one line
"""A desk of made-up people for view tests and pictures: same every time, no database."""

import random
from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sample_events import event_names, event_rules, rule_preview
from sample_mapping import mapping_shown

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import AlreadyClaimed, BadInput, NotFound, Problem
from pqldesk.services.basics.rates import rate as rate_of
from pqldesk.services.crm.conflict_rows import ConflictRow, MasterRow, Resolved
from pqldesk.services.crm.mapping_file import MappingTaken
from pqldesk.services.crm.source_columns import ColumnsShown, OurField
from pqldesk.services.events.rule_rows import RuleDraft, RulePreview
from pqldesk.services.figure_rows import (
    AccountDetail,
    AccountPerson,
    AccountRow,
    ActivationFigures,
    ActivationStep,
    BandRate,
    CohortRow,
    FunnelFigures,
    FunnelStep,
    GroupRow,
    LeadRow,
    LeadRows,
    ListOrder,
    ModelShown,
    ModelSignalRow,
    RepRow,
    SpeedBucket,
    SpeedToLead,
    StalledLead,
    TrialRow,
    VersionRow,
)
from pqldesk.services.filters.facts import LeadFacts, holds, row_facts
from pqldesk.services.filters.language import parse_filter
from pqldesk.services.filters.queue_filter import built_in_spec
from pqldesk.services.filters.terms import Terms
from pqldesk.services.handoffs.shown import (
    DraftRow,
    DryRun,
    DryRunLead,
    EditField,
    HandoffGroup,
    ItemEdit,
    PlaybookShown,
)
from pqldesk.services.leads.bulk import BulkRow, BulkStep
from pqldesk.services.leads.undo import Undone
from pqldesk.services.modelling.replay_figures import plain
from pqldesk.services.modelling.words import differences
from pqldesk.services.notices.rows import NoticeRow
from pqldesk.services.pulls.puller import TheirColumn
from pqldesk.services.queue.saved_views import ViewSaved
from pqldesk.services.queue.view_orders import FilterChoices, ViewOrder
from pqldesk.services.remote.problems import Held
from pqldesk.services.routes import RouteRow
from pqldesk.services.routing import Turn
from pqldesk.services.rows import (
    ActionRow,
    Assignable,
    CompanyHit,
    Connectable,
    ConnectionRow,
    ConnectWay,
    HandoffDraft,
    HopShown,
    ImportRow,
    KnownAlready,
    LeadDetail,
    LeadDraft,
    MergedLead,
    MergeField,
    MergePreview,
    MilestoneShown,
    NavCounts,
    NoteRow,
    Origin,
    OutboxRow,
    QueueRow,
    QueueView,
    ScoreMove,
    SettingRow,
    SignalValue,
    SubmissionShown,
    SuggestionShown,
    TaskRow,
    TeamMember,
    TimelineEntry,
    TimelinePage,
    TrialShown,
    WriteStep,
)
from pqldesk.services.scoring.milestones import DEFAULT_MILESTONES
from pqldesk.services.scoring.model import DEFAULT_MODEL
from pqldesk.services.scoring.model_json import model_from_json, model_to_json
from pqldesk.services.settings.declarations import DECLARED, FAMILIES
from pqldesk.services.source_rows import (
    AsideRow,
    LooseEnds,
    NameRow,
    PlacementRow,
    PullRow,
    QueueLink,
    ReportRow,
    SetAside,
)
from pqldesk.services.sources.stuck_leads import StuckLead
from pqldesk.services.sources.trace import TraceHop
from pqldesk.services.team.team import MemberRow
from pqldesk.services.view_spec import ViewSpec
from pqldesk.views.desk import Desk, ImportLook

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
REP = "mira.okafor@example.com"
OTHER = "dana.kim@example.com"
TERMS = Terms(NOW, ZoneInfo("UTC"), REP, DEFAULT_MODEL, DEFAULT_MILESTONES)
SIGNALS = (
    ("logins", "Logins (7d)", 5, 10), ("features", "Features activated", 3, 15), ("invites", "Team invites", 2, 20),
    ("integrations", "Integration connected", 1, 25), ("records", "Data imported", 100, 20),
    ("active_days", "Active days (14d)", 7, 10),
)  # fmt: skip
MILESTONES = (
    ("signed_up", "Signed up"), ("first_login", "First login"), ("first_feature", "First feature"),
    ("invited_teammate", "Invited a teammate"), ("first_integration", "First integration"),
    ("imported_data", "Imported data"),
)  # fmt: skip
PEOPLE = (
    ("Tomás Rey", "Northwind", "111110"), ("Jane Doe", "Example, Inc.", "111101"), ("Aiko Tanaka", "Kumo Labs", "111101"),
    ("Priya Nair", "Ledgerly", "011101"), ("Chloé Martin", "Atelier B", "110110"), ("Eva Novak", "BrnoDev", "111100"),
    ("Sam Whitfield", "OrbitOps", "111010"), ("Noor Haddad", "Qanat", "101101"), ("Wei Chen", "Lumen", "101101"),
    ("Lars Holm", "Fjordware", "101100"), ("Diego Luna", "Pampa", "100110"), ("Ruth Adler", "Helio GmbH", "001100"),
    ("Ben Osei", "Kente", "110001"), ("Ivy Clarke", "Mapleaf", "110000"),
    ("Bartholomew Featherstonehaugh", "Cholmondeley & Featherstonehaugh Holdings", "111111"),
    ("Li", "Ö", "000000"),
)  # fmt: skip
FIRST = [
    "Ada",
    "Bo",
    "Cleo",
    "Dev",
    "Ela",
    "Finn",
    "Gia",
    "Hugo",
    "Ines",
    "Jun",
    "Kai",
    "Lea",
    "Mio",
    "Nia",
    "Oda",
    "Pia",
    "Quin",
    "Rio",
    "Sol",
    "Tam",
    "Uma",
    "Vik",
]
LAST = [
    "Abara",
    "Berg",
    "Costa",
    "Dahl",
    "Eriksen",
    "Fuchs",
    "Grau",
    "Hale",
    "Ito",
    "Jansen",
    "Koch",
    "Lund",
    "Meier",
    "Nagy",
    "Ortiz",
    "Park",
    "Quist",
    "Roth",
]


@lru_cache(10_000)  # every test with a window asks for the same: making them was a quarter of its time
def lead(number: int) -> QueueRow:
    """Lead *number*, made from its number alone."""
    chance = random.Random(number)
    if number <= len(PEOPLE):
        name, company, lit = PEOPLE[number - 1]
    else:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        company = f"{chance.choice(LAST)} {chance.choice(('Labs', 'Works', 'Systems', 'AG'))}"
        lit = "".join(chance.choice("01") for _ in SIGNALS)
    slug = "".join(c for c in company.lower() if c.isascii() and c.isalnum()) or "umlaut"
    signals = tuple(
        SignalValue(key, label, threshold + chance.randrange(9) if on == "1" else threshold * 62 // 100, threshold,
                    weight if on == "1" else 0, weight)
        for on, (key, label, threshold, weight) in zip(lit, SIGNALS, strict=True)
    )  # fmt: skip
    score = sum(s.points for s in signals)
    band = "hot" if score >= 80 else "qualified" if score >= 60 else "warming" if score >= 40 else "cold"
    days = chance.randrange(0, 13)
    trial = None
    if chance.random() < 0.65:
        state = "active" if chance.random() < 0.85 else "expired"
        trial = TrialShown(
            "Ultimate", NOW - timedelta(days=14 - days), NOW + timedelta(days=days), state, days
        )
    owner = {3: OTHER, 8: OTHER, 10: REP, 12: REP}.get(number)
    state = "claimed" if owner else "qualified" if score >= 60 else "new"
    state = {10: "handed_off", 12: "snoozed"}.get(number, state)
    respond = {1: 52, 2: 14, 4: 130, 5: 190, 7: -25}.get(number)
    return QueueRow(
        number, f"L{number:06d}", name, f"{name.split()[0].lower()}@{slug}.example", company, f"{slug}.example",
        score, band, score >= 60, NOW - timedelta(hours=2) if score >= 60 else None, signals,
        round(sum(c == "1" for c in lit) / 6 * 100),
        {key: NOW - timedelta(days=12 - n) if lit[n] == "1" else None for n, (key, _l) in enumerate(MILESTONES)},
        trial, owner, state, NOW - timedelta(minutes=chance.choice((12, 40, 60, 120, 300, 1440, 2880))),
        "plg", "group-billing" if number == 2 else None, NOW + timedelta(minutes=respond) if respond else None, None,
        chance.choice((20, 15, 10, 0, 5, -5, -10)), NOW - timedelta(hours=2) if number == 2 else None,
    )  # fmt: skip


@lru_cache(10_000)  # asked for by every window, with each of its views
def lead_facts(number: int) -> LeadFacts:
    """What filters know of lead *number* as it was made."""
    return row_facts(lead(number), TERMS)


def erased_by(*, dry_run: bool) -> dict:
    """What `erase` prints."""
    return {
        "dry_run": dry_run, "leads": ["L000001"], "rows": {"lead": 1, "identity": 2, "usage_event": 40, "note": 1},
        "files_deleted": ["/home/kim/leads.csv"], "files_missing": [], "files_rewritten": ["/home/kim/daily.backup"],
        "elsewhere": [{"system": "attio", "remote_id": "p-1", "url": "https://app.attio.example/p-1"}], "left": [],
    }  # fmt: skip


class FakeDesk:
    """Keeps what commands did; answers queries from `lead`."""

    def __init__(self, leads: int = 128) -> None:
        self.size = leads
        self.changed: dict[int, QueueRow] = {}
        self.gone: set[int] = set()
        self.calls: list[tuple[object, ...]] = []
        self.asked: list[tuple[int, ...]] = []
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
        self.saved: dict[str, QueueView] = {}
        self.specs: dict[str, ViewSpec] = {}
        self.specs_asked: list[ViewSpec] = []
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

    async def disconnect(self, _net: object, system: str, rep: str) -> object:
        self.calls.append(("disconnect", system, rep))
        return system

    async def connect(self, _net: object, wanted: object, _rep: str) -> object:
        self.calls.append(("connect", wanted))
        if self.refuse_connect:
            raise Held(
                "Salesforce gave no access: end-user denied authorization.", "Start again and allow it there."
            )
        return wanted

    async def source_columns(self, _net: object, system: str) -> ColumnsShown:
        self.calls.append(("source_columns", system))
        return columns_shown()

    def ask_system(self, name: str):
        async def run(_net: object, system: str) -> object:
            self.calls.append((name, system))
            if self.refuse_connect:
                raise Held("Attio did not answer within 10 s.", "Ask again.")
            return MappingTaken(system, (), (), Changes.to(Topic.SOURCES))

        return run

    def preview_rule(self, _session: object, draft: RuleDraft) -> RulePreview:
        if draft.when == "seats>":
            raise BadInput("'seats>' is no condition.", "Write it like seats>=5.")
        self.calls.append(("preview_rule", draft))
        return rule_preview(draft)

    def export_mapping(self, _session: object, system: str, file: str) -> int:
        self.calls.append(("export_mapping", system, file))
        return 21

    def import_mapping(
        self, _session: object, system: str, file: str, rep: str, dry_run: bool
    ) -> MappingTaken:
        self.calls.append(("import_mapping", system, file, rep, dry_run))
        changed = (
            ("person.plan_type", None, "plan_type"),
            ("stage.sales_qualified", "Sales Qualified", "Won"),
        )
        return MappingTaken(system, (), changed, Changes() if dry_run else Changes.to(Topic.SOURCES))

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
        from replay_sample import health, replayed

        self.calls.append(("beside", *words))
        if words[:2] == ("import", "undo"):
            return {"batch": words[2], "removed": {"leads": 480, "events": 0, "companies": 31}}
        if words[:3] == ("events", "set-aside", "release"):
            self.aside = [row for row in self.aside if len(words) > 3 and row.event_id not in words[3:]]
            return {"released": 3 - len(self.aside)}
        if words[0] == "erase":
            return erased_by(dry_run="--dry-run" in words)
        if words[0] == "events":
            report(2_000, "2000 events looked at again")
            return {"events": 4_120, "changed": 37, "added": 2, "removed": 0}
        return plain(health() if "health" in words else replayed())

    def listed_leads(self, _session: object, lead_ids: Sequence[str]) -> LeadRows:
        self.calls.append(("listed_leads", tuple(lead_ids)))
        rows = [self.row(int(one[1:])) for one in lead_ids]
        return LeadRows(len(rows), tuple(
            LeadRow(r.lead_id, r.name, r.company, r.score, r.state, r.owner, NOW) for r in rows
        ))  # fmt: skip

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
        )  # fmt: skip

    def timeline(self, _session: object, lead_id: str, before: datetime) -> TimelinePage:
        self.calls.append(("timeline", lead_id, before))
        older = tuple(
            TimelineEntry(before - timedelta(days=n), "usage", "login", f"older {n}") for n in range(1, 4)
        )
        return TimelinePage(lead_id, older, False)

    def item_edit(self, _session: object, item_id: str) -> ItemEdit:
        return ItemEdit(
            item_id, "task", "pending", "attio", "Lars Holm",
            (EditField("content", "PLG → Sales Handoff: call Lars"),
             EditField("assignee", OTHER, ((OTHER, "Dana Kim"), (REP, "Mira Okafor")))),
        )  # fmt: skip

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

    def command(self, name: str, *topics: Topic):
        def run(_session: object, *args: object) -> Changes:
            self.calls.append((name, *args))
            return Changes.to(*topics)

        return run

    def undo(self, _session: object, *args: object) -> Undone:
        self.calls.append(("undo", *args))
        return Undone("task_added", "Call Mira", Changes.to(Topic.LEADS), "Mira Okafor")

    def resolve_conflicts(self, _session: object, ids: list[str], *how: object) -> Resolved:
        self.calls.append(("resolve_conflicts", list(ids), *how[:2]))
        return Resolved(1, 1, (), Changes.to(Topic.SOURCES))  # one at a time, so that there is a next step

    def settings_rows(self, _session: object) -> list[SettingRow]:
        declared = [
            SettingRow(
                d.key, d.label, d.help, self.settings.get(d.key, d.default), d.kind, d.choices, d.section
            )
            for d in DECLARED
        ]
        own = [key for key in self.settings if key.startswith(FAMILIES)]
        return declared + [SettingRow(key, key, "", self.settings[key], "text", section="own") for key in own]

    def known_already(self, _session: object, draft: LeadDraft) -> KnownAlready:
        if draft.email == "jane@example.com":
            return KnownAlready("L000002", "Jane Doe", "Example, Inc.", True, "Example, Inc.", "example.com")
        if draft.email.endswith("@kumolabs.example"):
            return KnownAlready(company="Kumo Labs", domain="kumolabs.example")
        return KnownAlready()

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

    def preview_import(self, path: str, kind: str, choices: object) -> ImportLook:
        self.calls.append(("preview_import", path, kind, choices))
        if path.endswith(".bad"):
            raise BadInput("signups.bad is empty.", "Choose another file.")
        return LOOK

    def run_import(self, path: str, kind: str, choices: object, report, stop) -> ImportLook:
        self.stop = stop
        report(200, "signups.csv: 200 rows")
        self.calls.append(("run_import", path, kind, choices))
        return LOOK

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


def outbox() -> list[OutboxRow]:
    def item(
        n: int, kind: str, state: str, summary: str, error: str | None = None, attempts: int = 1
    ) -> OutboxRow:
        return OutboxRow(
            f"O{n}", "H1", "L000010", "Lars Holm", "attio", kind, state, attempts,
            NOW + timedelta(minutes=12) if state in {"pending", "unknown"} else None, None, None, error,
            NOW - timedelta(minutes=40 - n), summary, n, 6, "handoff", REP,
            NOW - timedelta(minutes=20) if state == "done" else None,
            {"task": ("content", "assignee"), "note": ("text",)}.get(kind, ()) if state in {"pending", "held", "failed"} else (),
        )  # fmt: skip

    return [
        item(1, "person", "done", "Update lars@fjordware.example · pql_score 55"),
        item(2, "company", "done", "Match fjordware.example"),
        item(3, "deal", "unknown", "Create “Enterprise Upgrade - Fjordware”", "Attio did not answer within 10 s.", 2),
        item(4, "task", "pending", "PLG → Sales Handoff for Dana Kim", None, 0),
        item(5, "note", "held", "PLG Handoff Context", "Stage “Sales Qualified” is unknown in Attio. Known: Lead, Won."),
        item(6, "list_entry", "failed", "Add to PQL list", "Attio refused the value of “score”: 400 validation_type."),
    ]  # fmt: skip


def draft_row() -> DraftRow:
    return DraftRow("L000004", "Priya Nair", "Ledgerly", "Enterprise Upgrade - Ledgerly", 40000, "USD", "Sales Qualified",
                    REP, NOW - timedelta(hours=3), "PQL Score: 70")  # fmt: skip


def trials(_session: object) -> list[TrialRow]:
    paces = ("ahead", "ahead", "on pace", "ahead", "at risk", "on pace", "slow", "on pace", "slow", "at risk")
    rows = []
    for n in range(1, 15):
        row = lead(n)
        left = (3, 9, 11, 6, 1, 12, 4, 8, 10, 2, 5, 7, 0, 13)[n - 1]
        state = "active" if n < 11 else ("converted", "expired", "lost", "converted")[n - 11]
        rows.append(
            TrialRow(f"T{n}", row.company, row.domain, row.email, row.lead_id, "Ultimate", NOW - timedelta(days=14 - left),
                     NOW + timedelta(days=left), state, left, NOW if state == "converted" else None, row.activation,
                     tuple(bool(at) for at in row.milestones.values()), (7, 12, 5, 4, 3, 6, 2, 9, 3, 2, 2, 1, 1, 1)[n - 1],
                     row.score, row.band, paces[n - 1] if n < 11 else "", row.owner, 14 - left, 50 if n < 11 else None, 41,
                     NOW - timedelta(days=n % 6), 4 if n == 7 else 0, 1 if n == 2 else 0,
                     NOW + timedelta(days=left + 90) if n != 3 else None)
        )  # fmt: skip
    return rows


def accounts(_session: object) -> list[AccountRow]:
    return [
        AccountRow(f"C{n}", lead(n).company, lead(n).domain, 1 + n % 5, n % (2 + n % 5), lead(n).trial, lead(n).score,
                   lead(n).owner, lead(n).lead_id, lead(n).name, lead(n).score, "best", None, "Ultimate",
                   NOW - timedelta(hours=n), 1 if lead(n).owner else 0)
        for n in range(1, 17)
    ]  # fmt: skip


def task_order(
    _session: object, rep: str, midnight: datetime, tab: str, by: str, descending: bool
) -> ListOrder:
    """As they are, whatever is sorted by."""
    del by, descending
    keeps = {
        "mine": lambda row: row.done_at is None and row.assignee == rep,
        "overdue": lambda row: keeps["mine"](row) and row.due_at is not None and row.due_at < NOW,
        "today": lambda row: keeps["mine"](row) and row.due_at is not None and NOW <= row.due_at < midnight,
        "upcoming": lambda row: keeps["mine"](row) and (row.due_at is None or row.due_at >= midnight),
        "team": lambda row: row.done_at is None, "done": lambda row: row.done_at is not None,
    }  # fmt: skip
    rows = dict(enumerate(tasks(None), 1))
    counts = {key: sum(map(keep, rows.values())) for key, keep in keeps.items()}
    return ListOrder(array("q", [n for n, row in rows.items() if keeps[tab](row)]), counts)


def task_rows(_session: object, ids: Sequence[int]) -> dict[int, TaskRow]:
    rows = dict(enumerate(tasks(None), 1))
    return {n: rows[n] for n in ids}


def trial_order(_session: object, tab: str, by: str, descending: bool) -> ListOrder:
    """Sorted by score alone; whatever else is asked for, as they are."""
    runs = ("active", "extended")
    keeps = {
        "active": lambda row: row.state in runs, "ending": lambda row: row.state in runs and row.days_left <= 7,
        "risk": lambda row: row.pace == "at risk" or row.quiet_days > 0,
        "converted": lambda row: row.state == "converted", "expired": lambda row: row.state in ("expired", "lost"),
    }  # fmt: skip
    rows = dict(enumerate(trials(None), 1))
    ids = [n for n, row in rows.items() if keeps[tab](row)]
    if by == "score":
        ids.sort(key=lambda n: rows[n].score, reverse=descending)
    counts = {key: sum(map(keep, rows.values())) for key, keep in keeps.items()}
    return ListOrder(array("q", ids), counts)


def trial_rows(_session: object, ids: Sequence[int]) -> dict[int, TrialRow]:
    rows = dict(enumerate(trials(None), 1))
    return {n: rows[n] for n in ids}


def account_order(_session: object, tab: str, by: str, descending: bool) -> ListOrder:
    """Sorted by name alone; whatever else is asked for, as they are."""
    keeps = {
        "all": lambda row: True, "trial": lambda row: row.trial is not None and row.trial.state == "active",
        "several": lambda row: row.leads > 1, "unclaimed": lambda row: not row.owner,
    }  # fmt: skip
    rows = dict(enumerate(accounts(None), 1))
    ids = [n for n, row in rows.items() if keeps[tab](row)]
    if by == "name":
        ids.sort(key=lambda n: rows[n].name.lower(), reverse=descending)
    counts = {key: sum(map(keep, rows.values())) for key, keep in keeps.items()}
    return ListOrder(array("q", ids), counts, "best")


def account_rows(_session: object, ids: Sequence[int]) -> dict[int, AccountRow]:
    rows = dict(enumerate(accounts(None), 1))
    return {n: rows[n] for n in ids}


def account_detail(_session: object, company_id: str) -> AccountDetail:
    row = next(row for row in accounts(None) if row.company_id == company_id)
    people = (
        AccountPerson(row.best_lead_id, row.champion, "CTO", row.score, row.score, True, NOW, REP, "claimed"),
        AccountPerson("L000004", "Priya Nair", None, 20, 0, True, NOW - timedelta(days=1), None, "new"),
    )
    return AccountDetail(row, people, (0, 1, 2, 3) * 3 + (5, 8), tuple(trials(None)[:1]), tuple(outbox()[:3]),
                         (("domain", row.domain), ("crm", "acc-77")))  # fmt: skip


def activation(_session: object) -> ActivationFigures:
    ends = (1.0, 0.9, 0.71, 0.46, 0.33, 0.28)
    steps = tuple(
        ActivationStep(key, label, round(ends[n] * 412), 412, (0, 0.2, 1.4, 3.1, 4.8, 5.5)[n],
                       tuple(round(ends[n] * (1 - 0.9 ** (day + (30 if n == 0 else 0.5))), 3) for day in range(31)),
                       rule={"key": key, "label": label, "kind": "login", "measure": "count", "threshold": 1,
                             "within_days": None, "weight": 1})
        for n, (key, label) in enumerate(MILESTONES)
    )  # fmt: skip
    stalled = tuple(
        StalledLead(lead(n).lead_id, lead(n).name, lead(n).company, "First feature", n + 5, lead(n).score)
        for n in range(4, 14)
    )
    return ActivationFigures(steps, 412, 116, 2.1, 9.0, stalled)


def tasks(_session: object) -> list[TaskRow]:
    texts = (
        "Call about SSO",
        "Send the security paper",
        "Ask for the budget owner",
        "Follow up on the demo",
        "Share pricing",
    )
    hours = (-30, 1, 4, 20, 70)
    rows = [
        TaskRow(
            f"T{n}",
            lead(n + 1).lead_id,
            lead(n + 1).name,
            texts[n],
            NOW + timedelta(hours=hours[n]),
            REP if n % 2 == 0 else OTHER,
            None,
        )
        for n in range(5)
    ]
    return [
        *rows,
        TaskRow(
            "T9", lead(9).lead_id, lead(9).name, "Confirm the trial end", NOW, REP, NOW - timedelta(hours=4)
        ),
    ]


def _speed(n: int, hours: float) -> SpeedToLead:
    counts = (700, 500, 300, 150, 100, 60, 40, 30, 16)
    ends = (0.25, 0.5, 1, 2, 4, 8, 24, 72, None)
    buckets = tuple(SpeedBucket(end, count) for end, count in zip(ends, counts, strict=True))
    return SpeedToLead(n, hours, buckets, 24, rate_of(1850, 1896), 4)


def lead_rows_behind(_session: object, mark: tuple, _weeks: int, _source: object, _rep: object) -> LeadRows:
    rows = tuple(
        LeadRow(one.lead_id, one.name, one.company, one.score, one.state, one.owner, NOW)
        for one in (lead(n) for n in range(1, 6))
    )
    return LeadRows(2345 if mark[0] == "step" else 5, rows)


def funnel(
    _session: object, weeks: int, _source: str | None, _rep: str | None, by: str = "source"
) -> FunnelFigures:
    def steps(scale: float) -> tuple[FunnelStep, ...]:
        counts = (4812, 1987, 472, 398, 214, 61)
        names = ("signed_up", "activated", "qualified", "claimed", "handed_off", "won")
        medians = (None, 50.4, 129.6, 0.43, 28.8, 456.0)
        rows = []
        for name, count, median in zip(names, counts, medians, strict=True):
            n, of = int(count * scale), int(4812 * scale)
            rate = n / of
            before = rate_of(n, rows[-1].n) if rows else None
            rows.append(
                FunnelStep(name, n, of, rate, max(0, rate - 0.012), rate + 0.012, median, before, median)
            )
        return tuple(rows)

    bands = (("cold", 120, 5), ("warming", 96, 9), ("qualified", 88, 21), ("hot", 60, 26))
    kept = (86, 65, 49, 37, 28, 21, 16)
    return FunnelFigures(
        NOW - timedelta(weeks=weeks), NOW, steps(1), steps(0.94), (540, 610, 580, 620, 560, 590, 640, 672),
        tuple(BandRate(b, n, w, w / n, max(0.0, w / n - 0.09), w / n + 0.09) for b, n, w in bands),
        tuple(CohortRow(NOW - timedelta(weeks=7 - n), 560 + n, tuple((kept[w] + n) / 100 for w in range(7 - n)))
              for n in range(7)),
        (52, 98, 140, 112, 84, 58, 41, 29, 22, 15, 10, 7), 2.1, _speed(1896, 0.43), _speed(1790, 0.62),
        (RepRow(REP, 112, 0.3, 60, 21, in_time=rate_of(96, 108)), RepRow(OTHER, 97, 0.4, 51, 17, in_time=rate_of(70, 90)), RepRow("ravi.shah@example.com", 88, 0.7, 40, 12, in_time=rate_of(11, 20))),
        by, (GroupRow("Paid", 2400, tuple(rate_of(2400 - 300 * n, 2400) for n in range(8))),
             GroupRow("Partner", 12, tuple(rate_of(12 - n, 12) for n in range(8)))),
        ("Paid", "Partner"), (REP, OTHER),
    )  # fmt: skip


def model(_session: object) -> ModelShown:
    reached = (0.38, 0.27, 0.19, 0.14, 0.11, 0.24)
    kinds = ("login", "feature_activated", "team_invited", "integration_connected", "data_imported", None)
    measures = ("count", "distinct", "sum", "count", "sum", "days")
    windows = (7, None, None, None, None, 14)
    rows = tuple(
        ModelSignalRow(key, label, kinds[n], measures[n], windows[n], threshold, weight, False, reached[n])
        for n, (key, label, threshold, weight) in enumerate(SIGNALS)
    )
    bands = (
        ("hot", "Hot", 80),
        ("qualified", "Qualified", 60),
        ("warming", "Warming", 40),
        ("cold", "Cold", 0),
    )
    return ModelShown("PLG default", 4, 60, 100, bands, rows, NOW - timedelta(days=20), 4821, 472)


def draft(_session: object, lead_id: str, rep: str) -> HandoffDraft:
    row = lead(int(lead_id[1:]))
    note = "\n".join((
        f"PQL Score: {row.score}", "Active Users: 7", "Key Features: Integrations, Imports", "Trial Start: 2026-11-01",
        "Activation: 92%", "Recommended Approach: Offer annual plan upgrade", "",
        "Asked for: SSO for 40 people before January", "", "PQLDesk model PLG default v4, as of 2026-11-20T15:00:00Z [pqd:7K2M9QRT]",
    ))  # fmt: skip
    steps = (
        WriteStep("person", "Person", f"Update {row.email} · pql_score {row.score}"),
        WriteStep("company", "Company", f"Match {row.domain} · found"),
        WriteStep("deal", "Deal", "Create “Enterprise Upgrade” · Sales Qualified"),
        WriteStep("list_entry", "List", "Add to PQL queue"),
        WriteStep("task", "Task", "Assign Dana Kim · due 23 Nov"),
        WriteStep("note", "Note", "Attach handoff context · 8 lines"),
    )
    return HandoffDraft(
        lead_id, row.name, row.company, row.score, "Attio", f"Enterprise Upgrade - {row.company}", 75000, "USD",
        "Sales Qualified", ("Product Qualified", "Sales Qualified", "Won"), OTHER,
        ((REP, "Mira Okafor"), (OTHER, "Dana Kim")), note, "Schedule discovery and confirm upgrade path",
        NOW + timedelta(days=3), steps,
    )  # fmt: skip


LOOK = ImportLook(
    512, 480, 30, 2, 3, 0, "utf-8", ",", 1, None,
    (("E-mail", "email"), ("First", "first_name"), ("Firm", "company"), ("Signed up", "signup_at")), ("Notes",),
    ((17, "“not-an-address” is not an e-mail address"), (90, "no column identifies the lead"), (411, "“31/31/2026” is no date")),
    "signups.rejects.csv",
)  # fmt: skip


def _nobody(lead: str) -> list[TraceHop]:
    raise NotFound(f"There is no lead {lead!r}.", "Give an e-mail.")


def columns_shown() -> ColumnsShown:
    """A warehouse's table of which four columns are read; one field is chosen by hand, one is empty."""
    names = ("id", "mail", "what", "thing", "much", "ts")
    return ColumnsShown(
        (
            OurField("", "event", "what", False, True), OurField("", "occurred_at", "ts", False, True),
            OurField("", "email", "mail", False, False), OurField("", "quantity", None, False, False),
        ),
        tuple(TheirColumn("", name, "string") for name in names),
    )  # fmt: skip


def pull_rows() -> list[PullRow]:
    ago = timedelta(minutes=1)
    return [
        PullRow("posthog", "PostHog", "https://us.posthog.com", "running", NOW - 16 * ago, NOW - ago, 900, 15_000,
                81_715, "events up to 2026-11-20 09:12", ""),
        PullRow("stripe", "Stripe", "https://api.stripe.com", "waiting", NOW - 190 * ago, NOW + 14 * ago, 900, 0,
                1_204, "", "Stripe answered 502."),
    ]  # fmt: skip


def conflict_rows() -> list[ConflictRow]:
    ago = timedelta(minutes=12)
    return [
        ConflictRow("K000001", "attio", "person", "person.job_title", "L000001", "Jane Okafor", "Kumo Labs",
                    "Head of Ops", "VP Operations", "Chief of Staff", NOW - ago, "pull"),
        ConflictRow("K000002", "hubspot", "deal", "deal.value", "L000002", "Ravi Menon", "Birchline",
                    "75000", "90000", "60000", NOW - 9 * ago, "outbox"),
    ]  # fmt: skip


def connectable_rows() -> list[Connectable]:
    return [
        Connectable(
            "attio", "Attio", "crm", "", (ConnectWay("key", ("token",), address="https://api.attio.com"),)
        ),
        Connectable(
            "salesforce", "Salesforce", "crm", "https://acme.my.salesforce.com",
            (
                ConnectWay("sign_in", ("client_id",), ("client_secret",), address=""),
                ConnectWay("key", ("client_id", "client_secret"), address=""),
            ),
        ),
        Connectable(
            "posthog", "PostHog", "source", "",
            (
                ConnectWay("receive", ("token",)),
                ConnectWay("pull", ("pull_token",), (), ("project",), ("every",), "https://us.posthog.com"),
            ),
        ),
        Connectable("folder", "Folder", "source", "", (ConnectWay("pull", (), (), ("folder",), ("kind", "every")),)),
    ]  # fmt: skip


def master_rows() -> list[MasterRow]:
    both, crm, ours = "both", "crm", "pqldesk"
    return [
        MasterRow("attio", "Attio", "person.job_title", {"free": both, "claimed": both, "sales": crm}, ()),
        MasterRow(
            "attio", "Attio", "person.pql_score", {"free": ours, "claimed": ours, "sales": ours}, ("sales",)
        ),
    ]


def team_rows(fake: FakeDesk) -> list[MemberRow]:
    if fake.team_empty:
        return []
    week = NOW + timedelta(days=7)
    return [
        MemberRow(
            OTHER,
            "manager",
            False,
            "Europe/Berlin",
            "Mon-Thu 09:00-17:00",
            40,
            12,
            None,
            None,
            ("DACH", "Everybody"),
        ),
        MemberRow(REP, "rep", False, None, None, None, 7, NOW - timedelta(days=1), week, ("Everybody",)),
    ]


def route_rows(fake: FakeDesk) -> list[RouteRow]:
    if fake.team_empty:
        return []
    return [
        RouteRow("DACH", "country is DE", True, False, True, ((OTHER, 1, 8, 0.0),)),
        RouteRow("Everybody", "", True, True, True, ((OTHER, 2, 4, -0.33), (REP, 1, 2, 0.33))),
    ]


def turn_of(number: int) -> Turn:
    one = lead(number)
    return Turn(NOW - timedelta(minutes=4), one.lead_id, "Everybody", OTHER, "turn", ((REP, "away"),),
                {OTHER: 0.33, REP: 0.67}, one.name)  # fmt: skip


def tried(text: str) -> Turn:
    if text != "jane@example.com":
        raise NotFound(f"There is no lead {text!r}.", "Give an e-mail, a lead id or a key.")
    return turn_of(2)


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
        lead_detail=fake.lead_detail, account_order=account_order, account_order_at_hand=account_order, account_rows=account_rows, account_detail=account_detail, trial_order=trial_order, trial_order_at_hand=trial_order, trial_rows=trial_rows, activation=activation,
        listed_leads=fake.listed_leads,
        activation_rows=lambda s, mark: lead_rows_behind(s, mark, 8, None, None), task_order=task_order, task_rows=task_rows,
        handoff_order=fake.handoff_order, handoff_order_at_hand=fake.handoff_order, handoff_rows=fake.handoff_rows,
        handoff_group=fake.handoff_group, funnel=funnel, funnel_rows=lead_rows_behind,
        model_shown=fake.model_shown, save_model=fake.save_model, exclude_too=fake.exclude_too, discard_model=fake.discard_model,
        beside=lambda words, report, stop: fake.beside(words, report, stop),
        connections=lambda _s: [
            ConnectionRow("attio", "Attio", "https://api.attio.com", "ok", NOW - timedelta(minutes=4),
                          "Scopes: record, list, note, task", ("pql_score", "last_active", "plan"), ("person.job_title: no such field",),
                          ("stage.sales_qualified: no stage “Sales Qualified” any more",), True),
            ConnectionRow("salesforce", "Salesforce", "https://example.my.salesforce.com", "problem",
                          NOW - timedelta(hours=3), "The token was revoked. Connect again.", ("Rating",), ("PQL_Score__c",)),
        ],
        connectable=lambda _s: connectable_rows(),
        connect=fake.connect, disconnect=fake.disconnect, source_columns=fake.source_columns, set_column=done("set_column", Topic.SOURCES),
        recheck=fake.ask_system("recheck"), make_fields=fake.ask_system("make_fields"),
        queue_links=lambda _s: [
            QueueLink("portal", "Customer portal", "portal", "https://portal.example.com/queue?q={email}"),
            QueueLink("attio", "Attio", "crm", ""),
        ],
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
        imports=lambda _s: [
            ImportRow("B2", NOW - timedelta(hours=1), "events", "usage-november.jsonl", 20431, 20112, 0, 301, 18, "/tmp/rejects.csv"),
            ImportRow("B1", NOW - timedelta(days=2), "leads", "signups.csv", 512, 480, 30, 2, 0, None),
        ],
        placements=lambda _s: [
            PlacementRow("group-billing", "Billing page of a group", "Billing", True, 7, NOW - timedelta(hours=2)),
            PlacementRow("pricing-footer", "", None, False, 2, NOW - timedelta(days=1)),
        ],
        set_aside=lambda _s: SetAside(len(fake.aside), tuple(fake.aside)),
        loose_ends=lambda _s: LooseEnds(
            (SuggestionShown("S1", "L000004", "Priya Nair", "L000005", "P. Nair", "same name and company"),),
            3, (("dated 2 days ahead", 3),),
        ),
        notice_rows=fake.notice_rows, unread_notices=fake.unread_notices, mark_notices=fake.mark_notices, snooze_notices=fake.snooze_notices,
        placement_reports=lambda _s: [
            ReportRow("missing", "", "https://app.example.com/settings", "Contact sales", 1, 4, NOW - timedelta(hours=3)),
        ],
        snippet=lambda _s, content: f'<hand-raise-lead-button glm-content="{content}">',
        traced=lambda _s, lead: [
            TraceHop("received", "plg", "ok", NOW - timedelta(hours=2), None, None),
            TraceHop("crm", "attio", "failed", NOW - timedelta(hours=1), None, "Attio refused the value of “score”."),
        ] if lead == "jane@example.com" else _nobody(lead),
        add_placement=done("add_placement", Topic.SOURCES),
        known_already=fake.known_already,
        find_companies=lambda _s, text: [CompanyHit("C000001", "Kumo Labs", "kumolabs.example")] if text.lower() in "kumo labs" else [],
        history=lambda _s, _n, _rep: [
            ActionRow(NOW - timedelta(minutes=3), REP, "claimed", "Lars Holm", True),
            ActionRow(NOW - timedelta(hours=2), OTHER, "handed_off", "Noor Haddad"),
        ],
        team_rows=lambda _s: team_rows(fake), route_rows=lambda _s: route_rows(fake),
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
        renew_claim=done("renew_claim", Topic.LEADS), unmerge=done("unmerge", Topic.LEADS), release=done("release", Topic.LEADS),
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
