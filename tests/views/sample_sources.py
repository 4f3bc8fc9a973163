# ruff: noqa: E501 - rows of sample data read better on one line
"""The Sources page of the sample desk: connections, pulls, conflicts, imports and the button's places."""

from datetime import timedelta

from sample_events import rule_preview
from sample_leads import NOW

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.crm.conflict_rows import ConflictRow, MasterRow, Resolved
from pqldesk.services.crm.mapping_file import MappingTaken
from pqldesk.services.crm.source_columns import ColumnsShown, OurField
from pqldesk.services.events.rule_rows import RuleDraft, RulePreview
from pqldesk.services.pulls.puller import TheirColumn
from pqldesk.services.record_rows import SuggestionShown
from pqldesk.services.remote.problems import Held
from pqldesk.services.rows import Connectable, ConnectionRow, ConnectWay, ImportRow
from pqldesk.services.source_rows import LooseEnds, PlacementRow, PullRow, QueueLink
from pqldesk.services.sources.trace import TraceHop
from pqldesk.views.desk import ImportLook

LOOK = ImportLook(
    512, 480, 30, 2, 3, 0, "utf-8", ",", 1, None,
    (("E-mail", "email"), ("First", "first_name"), ("Firm", "company"), ("Signed up", "signup_at")), ("Notes",),
    ((17, "“not-an-address” is not an e-mail address"), (90, "no column identifies the lead"), (411, "“31/31/2026” is no date")),
    "signups.rejects.csv",
)  # fmt: skip


def _nobody(lead: str) -> list[TraceHop]:
    raise NotFound(f"There is no lead {lead!r}.", "Give an e-mail.")


def connection_rows() -> list[ConnectionRow]:
    return [
        ConnectionRow("attio", "Attio", "https://api.attio.com", "ok", NOW - timedelta(minutes=4),
                      "Scopes: record, list, note, task", ("pql_score", "last_active", "plan"), ("person.job_title: no such field",),
                      ("stage.sales_qualified: no stage “Sales Qualified” any more",), True),
        ConnectionRow("salesforce", "Salesforce", "https://example.my.salesforce.com", "problem",
                      NOW - timedelta(hours=3), "The token was revoked. Connect again.", ("Rating",), ("PQL_Score__c",)),
    ]  # fmt: skip


def queue_link_rows() -> list[QueueLink]:
    return [
        QueueLink("portal", "Customer portal", "portal", "https://portal.example.com/queue?q={email}"),
        QueueLink("attio", "Attio", "crm", ""),
    ]  # fmt: skip


def import_rows() -> list[ImportRow]:
    return [
        ImportRow("B2", NOW - timedelta(hours=1), "events", "usage-november.jsonl", 20431, 20112, 0, 301, 18, "/tmp/rejects.csv"),
        ImportRow("B1", NOW - timedelta(days=2), "leads", "signups.csv", 512, 480, 30, 2, 0, None),
    ]  # fmt: skip


def placement_rows() -> list[PlacementRow]:
    return [
        PlacementRow("group-billing", "Billing page of a group", "Billing", True, 7, NOW - timedelta(hours=2)),
        PlacementRow("pricing-footer", "", None, False, 2, NOW - timedelta(days=1)),
    ]  # fmt: skip


def loose_ends() -> LooseEnds:
    return LooseEnds(
        (SuggestionShown("S1", "L000004", "Priya Nair", "L000005", "P. Nair", "same name and company"),),
        3, (("dated 2 days ahead", 3),),
    )  # fmt: skip


def traced(lead: str) -> list[TraceHop]:
    return [
        TraceHop("received", "plg", "ok", NOW - timedelta(hours=2), None, None),
        TraceHop("crm", "attio", "failed", NOW - timedelta(hours=1), None, "Attio refused the value of “score”."),
    ] if lead == "jane@example.com" else _nobody(lead)  # fmt: skip


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


class FakeSources:
    """What commands of the Sources page and of its sheets did."""

    calls: list[tuple[object, ...]]
    refuse_connect: bool

    async def connect(self, _net: object, wanted: object, _rep: str) -> object:
        self.calls.append(("connect", wanted))
        if self.refuse_connect:
            raise Held(
                "Salesforce gave no access: end-user denied authorization.", "Start again and allow it there."
            )
        return wanted

    async def disconnect(self, _net: object, system: str, rep: str) -> object:
        self.calls.append(("disconnect", system, rep))
        return system

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

    def resolve_conflicts(self, _session: object, ids: list[str], *how: object) -> Resolved:
        self.calls.append(("resolve_conflicts", list(ids), *how[:2]))
        return Resolved(1, 1, (), Changes.to(Topic.SOURCES))  # one at a time, so that there is a next step

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
