"""A workspace connected to a local double of a CRM over real sockets; Attio unless a test asks for another.
Import what a test needs from here."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pqldesk.models.db import Database
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Company, Lead, Submission, Trial
from pqldesk.services.basics import clock
from pqldesk.services.crm.connecting import Connected, ConnectRequest, connect
from pqldesk.services.delivery.deliver import Delivered, run_outbox
from pqldesk.services.delivery.pauses import Pauses
from pqldesk.services.handoffs.handoff import HandoffPushed, handoff_draft, push_handoff
from pqldesk.services.identity.keys import EMAIL, attach
from pqldesk.services.net import run_network
from pqldesk.services.outbox_rows import outbox_list
from pqldesk.services.rows import OutboxRow
from pqldesk.services.workspaces.workspace import open_workspace

TOKEN = "sandbox-attio-token"
INES, DANA, OMAR = "ines@northquay.example", "dana@northquay.example", "omar@northquay.example"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
QUICK = Pauses(settle_s=0.02, again_s=(0.02, 0.04, 0.08), late=0.0)


@dataclass(frozen=True)
class House:
    """A CRM as tests meet it. *writes*: (method, path) of the request that makes each kind; *secrets* by field."""

    system: str
    secrets: Mapping[str, str]
    writes: Mapping[str, tuple[str, str]]
    options: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)  # ours -> what the dump calls it
    choose: Mapping[str, str] = field(default_factory=dict)
    path: str = ""  # of the address to connect to
    cannot: frozenset[str] = frozenset()  # kinds that it has no place for


HOUSES = {
    "attio": House(
        "attio",
        {"token": TOKEN},
        {
            "company": ("PUT", "/v2/objects/companies/records"),
            "person": ("PUT", "/v2/objects/people/records"),
            "list_entry": ("PUT", "/v2/lists/pql_queue/entries"),
            "deal": ("PUT", "/v2/objects/deals/records"),
            "task": ("POST", "/v2/tasks"),
            "note": ("POST", "/v2/notes"),
        },
        ("--rate", "off"),
        {"pql": "pql_queue", "trials": "active_trials"},
    ),
    "salesforce": House(
        "salesforce",
        {"client_id": "sandbox-salesforce-app", "client_secret": "sandbox-salesforce-secret"},
        {
            "company": ("PATCH", "*/sobjects/Account/*"),
            "person": ("PATCH", "*/sobjects/Contact/*"),
            "list_entry": ("POST", "*/sobjects/CampaignMember"),
            "deal": ("POST", "*/composite"),
            "task": ("POST", "*/sobjects/Task"),
            "note": ("POST", "*/composite"),
        },
        lists={"pql": "PQL queue", "trials": "Active trials"},
    ),
    "hubspot": House(
        "hubspot",
        {"token": "sandbox-hubspot-key"},
        {
            "company": ("POST", "*/objects/*/companies"),
            "person": ("POST", "*/objects/*/contacts"),
            "list_entry": ("PUT", "*/memberships/add"),
            "deal": ("POST", "*/objects/*/deals"),
            "task": ("POST", "*/objects/*/tasks"),
            "note": ("POST", "*/objects/*/notes"),
        },
        ("--rate", "off"),
        {"pql": "PQL queue", "trials": "Active trials"},
    ),
    "twenty": House(
        "twenty",
        {"token": "sandbox-twenty-key"},
        {
            "company": ("POST", "/rest/companies"),
            "person": ("POST", "/rest/people"),
            "list_entry": ("PATCH", "/rest/people/*"),
            "deal": ("POST", "/rest/opportunities"),
            "task": ("POST", "/rest/task*"),
            "note": ("POST", "/rest/noteTargets"),
        },
        ("--rate", "off"),
        {"pql": "PQL queue", "trials": "Active trials"},
        cannot=frozenset({"claim"}),
    ),
    "marketo": House(
        "marketo",
        {"client_id": "sandbox-marketo-client", "client_secret": "sandbox-marketo-secret"},
        {
            "person": ("POST", "/rest/v1/leads.json"),
            "list_entry": ("POST", "/rest/v1/lists/*/leads.json"),
            "task": ("POST", "/rest/v1/activities/external.json"),
            "note": ("POST", "/rest/v1/activities/external.json"),
        },
        ("--rate", "off"),
        {"pql": "PQL queue", "trials": "Active trials"},
        {"step.task": "PQL task", "step.note": "PQL note"},
        cannot=frozenset({"company", "deal", "claim", "member"}),
    ),
}


LEAD_COLUMNS: dict[str, Any] = {
    "name": "Nadia Okoye",
    "first_name": "Nadia",
    "last_name": "Okoye",
    "job_title": "Head of Ops",
    "created_at": NOW,
    "last_active_at": NOW,
    "score": 8500,
    "qualified": True,
    "activation": 92,
    "signals": [
        [5_000_000, 1000],
        [3_000_000, 1500],
        [2_000_000, 2000],
        [1_000_000, 2500],
        [0, 0],
        [7_000_000, 1000],
    ],
    "milestones": {"signed_up": None, "first_login": 1_763_600_000_000_000},
}


class Sandbox:
    """A running double and its admin routes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=60)

    def reset(self) -> None:
        self._http.post("/admin/reset").raise_for_status()

    def dump(self) -> dict[str, Any]:
        found: dict[str, Any] = self._http.get("/admin/dump").raise_for_status().json()
        return found

    def change(self, action: str, **what: Any) -> Any:
        return self._http.post("/admin/state", json={"action": action, **what}).raise_for_status().json()

    def fault(self, kind: str, method: str = "*", path: str = "*", **what: Any) -> None:
        fault = {"kind": kind, "method": method, "path": path, **what}
        self._http.post("/admin/faults", json={"faults": [fault]}).raise_for_status()

    def heal(self) -> None:
        self._http.delete("/admin/faults").raise_for_status()

    def forget_log(self) -> None:
        self._http.delete("/admin/log").raise_for_status()

    def log(self, method: str | None = None, path: str | None = None) -> list[dict[str, Any]]:
        params = {key: value for key, value in {"method": method, "path": path}.items() if value}
        found: list[dict[str, Any]] = self._http.get("/admin/log", params=params).raise_for_status().json()
        return found

    def as_user(self, method: str, path: str, body: Any) -> Any:
        """Do something in the CRM as a colleague would."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self._http.request(method, path, json=body, headers=headers).raise_for_status().json()

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every request that could have changed something."""
        return [
            (entry["method"], entry["path"])
            for entry in self.log()
            if entry["method"] in ("POST", "PUT", "PATCH", "DELETE")
            and not entry["path"].endswith(("/query", "/token", "/search", "/read"))
        ]

    def close(self) -> None:
        self._http.close()


RELAYS = {
    "workato": House(
        "workato",
        {"client_id": "sandbox-workato-client", "client_secret": "sandbox-workato-secret"},
        {"relay": ("POST", "/demo/pql-v1/leads")},
        path="/demo/pql-v1/leads",
    ),
    "relay": House(
        "relay", {"signing_key": "sandbox-relay-key"}, {"relay": ("POST", "/relay")}, path="/relay"
    ),
}


@contextmanager
def running_sandbox(*options: str, system: str = "attio") -> Iterator[Sandbox]:
    """A double of its own in a child process."""
    command = [sys.executable, "-m", "pqldesk.sandbox", system, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        sandbox = Sandbox(json.loads(process.stdout.readline())["listening"])
        try:
            yield sandbox
        finally:
            sandbox.close()
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="session")
def doubles() -> Iterator[Callable[[House], Sandbox]]:
    """The running double of a house, started when it is first asked for."""
    with ExitStack() as stack:
        running: dict[str, Sandbox] = {}

        def double(house: House) -> Sandbox:
            if house.system not in running:
                started = running_sandbox(*house.options, system=house.system)
                running[house.system] = stack.enter_context(started)
            return running[house.system]

        yield double


@pytest.fixture
def house() -> House:
    return HOUSES["attio"]


@pytest.fixture
def sandbox(doubles: Callable[[House], Sandbox], house: House) -> Sandbox:
    found = doubles(house)
    found.reset()
    return found


@dataclass
class Desk:
    """A workspace on a real file or in a database, connected to the sandbox."""

    db: Database
    path: Path | str
    sandbox: Sandbox
    house: House = HOUSES["attio"]

    def connect(self, **options: Any) -> Connected:
        variables = {name: _variable(self.house, name) for name in self.house.secrets}
        chosen = {"default_owner": INES, "settings": self.house.choose, **options}
        url = self.sandbox.url + self.house.path
        request = ConnectRequest(self.house.system, url, variables, **chosen)
        return run_network(self.db, connect, request, NOW)

    def add_lead(
        self, email: str | None = "nadia@quayworks.example", company: str | None = "Quayworks", **columns: Any
    ) -> str:
        """A lead with score 85 of a company known by the e-mail's domain; its public id."""
        return self.db.write(store_lead, email, company, columns).result()

    def hand_off(self, lead_id: str, *, again: bool = False, rep: str = INES, **edits: Any) -> HandoffPushed:
        draft = self.db.read(handoff_draft, lead_id, rep, NOW).result()
        edited = replace(draft, **{"deal_value": 75000, **edits})
        return self.db.write(push_handoff, edited, rep, NOW, again=again).result()

    def deliver(self, *, max_wait_s: float = 5.0, once: bool = False, pauses: Pauses = QUICK) -> Delivered:
        return run_outbox(self.db, once=once, max_wait_s=max_wait_s, pauses=pauses)

    def clock(self) -> datetime:
        """What services take for now."""
        return clock.now()

    def outbox(self) -> list[OutboxRow]:
        return self.db.read(outbox_list).result()

    def states(self) -> dict[str, str]:
        """Kind of item -> its state, for a single handoff."""
        return {row.kind: row.state for row in self.outbox()}


def _variable(house: House, name: str) -> str:
    return f"{house.system}_TEST_{name}".upper()


def store_lead(session: Any, email: str | None, company: str | None, columns: dict[str, Any]) -> str:
    company_id = None
    if company is not None and email is not None:
        domain = email.partition("@")[2]
        found = session.query(Company).filter_by(domain=domain).first()
        if found is None:
            found = Company(name=company, domain=domain, created_at=NOW)
            session.add(found)
            session.flush()
        company_id = found.id
    lead = Lead(
        **{**LEAD_COLUMNS, "email": email, "company_id": company_id, "company_name": company, **columns}
    )
    session.add(lead)
    session.flush()
    if email is not None:
        attach(session, lead, EMAIL, email, verified=True, at=NOW)
    return public_id(LEAD, lead.id)


def add_trial(session: Any, lead_number: int) -> None:
    """A trial of that lead that began on 2024-12-01."""
    begun = datetime(2024, 12, 1, tzinfo=UTC)
    session.add(
        Trial(
            source="file",
            key=f"t{lead_number}",
            lead_id=lead_number,
            plan="Trial",
            starts_at=begun,
            created_at=NOW,
        )
    )


def add_submission(session: Any, lead_number: int, comment: str = "Could we talk about seats?") -> None:
    """A hand-raise of that lead."""
    session.add(
        Submission(
            lead_id=lead_number,
            kind="hand_raise",
            source="file",
            raw={},
            fingerprint=f"f{lead_number}",
            comment=comment,
            received_at=NOW,
        )
    )


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated workspace file to copy."""
    path = tmp_path_factory.mktemp("crm") / "empty.pqldesk"
    open_workspace(path, create=True).close()
    return path


@pytest.fixture
def desk_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where the desk's workspace lies: a file; in a database of its own where a test of services asks for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield Path(shutil.copy(request.getfixturevalue("empty_workspace"), tmp_path / "w.pqldesk"))
        return
    from tests.services.conftest import fresh_database

    with fresh_database(request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
def bare_desk(
    desk_place: Path | str, sandbox: Sandbox, house: House, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """Not connected yet."""
    for name, secret in house.secrets.items():
        monkeypatch.setenv(_variable(house, name), secret)
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    monkeypatch.setenv("PQLDESK_HTTP_TIMEOUT", "5")
    workspace = open_workspace(desk_place, create=False)
    yield Desk(workspace.db, desk_place, sandbox, house)
    workspace.close()


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """Connected, everything mapped."""
    bare_desk.connect()
    bare_desk.sandbox.forget_log()
    return bare_desk
