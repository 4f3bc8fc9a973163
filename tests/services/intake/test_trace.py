"""Where a lead is: the sentence for each state of the chain, asked of real doubles; test leads; the alarm."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fixtures_crm import HOUSES, QUICK, Sandbox, running_sandbox

from pqldesk.models.people import Submission
from pqldesk.models.settings import Placement
from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.leads.probe import send_probe
from pqldesk.services.leads.undo import undo
from pqldesk.services.net import run_network
from pqldesk.services.notices.finding import look
from pqldesk.services.notices.notices import tell
from pqldesk.services.notices.rows import notice_text
from pqldesk.services.sources.queue_links import queue_links, set_queue_link
from pqldesk.services.sources.stuck_leads import stuck_leads
from pqldesk.services.sources.trace import TraceHop, Way, sentence
from pqldesk.services.sources.trace_live import trace_live
from pqldesk.services.workspaces.workspace import Workspace


def look_for_news(session: Any, rep: str, at: datetime) -> None:
    tell(session, rep, look(session, rep, at), at)


AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
WHO = "dana@example.com"


def hop(step: str, system: str | None, status: str, error: str | None = None, **more: Any) -> TraceHop:
    return TraceHop(step, system, status, AT, None, error, **more)


GOT = hop("received", "gitlab", "ok")
THERE = hop("portal", "portal", "found")


@pytest.mark.parametrize(
    ("hops", "systems", "said"),
    [
        ([], (), "Nothing of dana@example.com has come here."),
        ([GOT], (), "Received here; no system behind is connected."),
        ([GOT], ("portal",), "Received here; nothing is on its way to Customer portal."),
        (
            [GOT, hop("portal", "portal", "pending", "It cannot be reached.")], ("portal",),
            "On its way to Customer portal since 2026-11-20 10:00 UTC: It cannot be reached.",
        ),
        (
            [GOT, hop("portal", "portal", "held", "The token is refused.")], ("portal",),
            "Stuck on the way to Customer portal: The token is refused.",
        ),
        (
            [GOT, hop("portal", "portal", "waiting")], ("portal", "attio"),
            "Stuck in Customer portal, which has it since 2026-11-20 10:00 UTC and has not passed it on.",
        ),
        (
            [GOT, THERE, hop("crm", "attio", "missing")], ("portal", "attio"),
            "Stuck between Customer portal and Attio: Customer portal took it at 2026-11-20 10:00 UTC,"
            " Attio has nobody.",
        ),
        (
            [GOT, THERE, hop("marketing_automation", "marketo", "found"), hop("crm", "salesforce", "missing")], (),
            "Stuck between Marketo and Salesforce: Marketo took it at 2026-11-20 10:00 UTC, Salesforce has nobody.",
        ),
        (
            [GOT, hop("relay", "workato", "delivered")], ("workato",),
            "Accepted by Workato at 2026-11-20 10:00 UTC; what is behind it is not connected.",
        ),
        (
            [GOT, THERE, hop("crm", "attio", "found", detail="owned by kim@example.com")], ("portal", "attio"),
            "dana@example.com has arrived in Attio (owned by kim@example.com).",
        ),
        (
            [GOT, hop("crm", "attio", "unreachable", "Attio cannot be reached.")], ("attio",),
            "Nobody can tell beyond Attio: Attio cannot be reached.",
        ),
    ],
)  # fmt: skip
def test_one_sentence_says_where_a_lead_is(hops: list[TraceHop], systems: tuple[str, ...], said: str) -> None:
    assert sentence(WHO, hops, systems, asked=True) == said


@pytest.fixture(scope="module")
def doubles_of_the_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path, Sandbox]]:
    file = tmp_path_factory.mktemp("portal") / "portal.sqlite"
    with (
        running_sandbox("--database", str(file), system="portal") as portal,
        running_sandbox("--rate", "off") as attio,
    ):
        yield portal, file, attio


@pytest.fixture
def way(
    workspace: Workspace, doubles_of_the_way: tuple[Sandbox, Path, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> tuple[Sandbox, Sandbox]:
    """A workspace with the portal and Attio behind it."""
    portal, file, attio = doubles_of_the_way
    portal.reset()
    attio.reset()
    for name, value in {
        "P_TOKEN": "customer_admin_token", "P_SQL": f"sqlite:///{file}", "A_TOKEN": HOUSES["attio"].secrets["token"],
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    queue = {"queue_url": "https://staging.example.com/queue?q={email}&id={id}"}
    for request in (
        ConnectRequest("portal", portal.url, {"token": "P_TOKEN", "leads_sql": "P_SQL"}, queue),
        ConnectRequest("attio", attio.url, {"token": "A_TOKEN"}),
    ):
        run_network(workspace.db, connect, request, clock.now())
    return portal, attio


def probe(workspace: Workspace) -> tuple[Way, bool]:
    done = run_network(workspace.db, send_probe, wait_s=0.0)
    return done.way, done.arrived


def test_a_test_lead_goes_the_real_way_and_is_found_where_it_stops(
    workspace: Workspace, way: tuple[Sandbox, Sandbox]
) -> None:
    found, arrived = probe(workspace)
    assert not arrived
    assert [(one.hop, one.system, one.status) for one in found.hops] == [
        ("received", "button", "ok"), ("portal", "portal", "found"), ("crm", "attio", "missing"),
    ]  # fmt: skip
    assert found.sentence.startswith("Stuck between Customer portal and Attio")
    (lead,) = way[0].dump()["leads"]
    assert lead["work_email"] == found.who
    assert lead["company_name"] == "PQLDesk Test"
    assert found.hops[1].url == (
        f"https://staging.example.com/queue?q={found.who.replace('+', '%2B').replace('@', '%40')}&id={lead['id']}"
    )

    way[1].as_user(
        "POST", "/v2/objects/people/records", {"data": {"values": {"email_addresses": [found.who]}}}
    )
    again = run_network(workspace.db, trace_live, found.who)
    assert again.sentence == f"{found.who} has arrived in Attio."


def test_a_lead_that_waits_in_the_portals_queue_is_stuck_there(
    workspace: Workspace, way: tuple[Sandbox, Sandbox]
) -> None:
    way[0].change("switch", paused=True)
    found, _arrived = probe(workspace)
    assert found.sentence.startswith("Stuck in Customer portal, which has it since")
    way[0].change("fail_waiting", error="Workato answered 500")
    assert "Workato answered 500" in run_network(workspace.db, trace_live, found.who).sentence


def test_systems_are_asked_for_people_whom_nobody_knows_here(
    workspace: Workspace, way: tuple[Sandbox, Sandbox]
) -> None:
    way[1].as_user("POST", "/v2/objects/people/records", {"data": {"values": {"email_addresses": [WHO]}}})
    found = run_network(workspace.db, trace_live, WHO)
    assert [(one.system, one.status) for one in found.hops] == [("portal", "missing"), ("attio", "found")]


def test_a_system_that_does_not_answer_is_said_and_costs_nothing_of_the_others(
    workspace: Workspace, way: tuple[Sandbox, Sandbox]
) -> None:
    way[1].fault("drop_before_commit", "POST", "/v2/objects/people/records/query", count=5)
    found = run_network(workspace.db, trace_live, WHO)
    assert {one.system: one.status for one in found.hops} == {"portal": "missing", "attio": "unreachable"}
    way[1].heal()


def test_the_inbox_tells_of_a_form_that_has_been_on_its_way_for_too_long(
    workspace: Workspace, way: tuple[Sandbox, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    rep = "kim@example.com"
    workspace.db.write(look_for_news, rep, clock.now()).result()
    way[0].change("switch", token="another")
    probe(workspace)
    run_outbox(workspace.db, once=True, pauses=QUICK)

    def told(at: datetime) -> list[str]:
        workspace.db.write(look_for_news, rep, at).result()

        def read(session: Any) -> list[str]:
            from pqldesk.models.notices import Notice

            return [notice_text(n.kind, n.facts) for n in session.query(Notice).filter_by(kind="stuck")]

        return workspace.db.read(read).result()

    assert told(clock.now() + timedelta(minutes=29)) == []
    (text,) = told(clock.now() + timedelta(minutes=31))
    assert text.startswith("Stuck on the way to Customer portal since")
    assert len(told(clock.now() + timedelta(minutes=40))) == 1
    assert workspace.db.read(stuck_leads, clock.now() + timedelta(minutes=29)).result() == []
    (stuck,) = workspace.db.read(stuck_leads, clock.now() + timedelta(minutes=31)).result()
    assert stuck.step == "portal"


def test_the_inbox_tells_of_an_unknown_placement_where_others_are_registered(workspace: Workspace) -> None:
    rep = "kim@example.com"
    workspace.db.write(look_for_news, rep, AT).result()

    def furnish(session: Any) -> None:
        from fixtures_crm import store_lead

        store_lead(session, WHO, None, {})
        session.add(Placement(glm_content="group-billing", note="", created_at=AT))
        for number, content in enumerate(("group-billing", "pricing-footer", "pricing-footer")):
            session.add(
                Submission(
                    lead_id=1, kind="hand_raise", source="gitlab", glm_content=content, raw={},
                    fingerprint=str(number), received_at=AT, times=1,
                )
            )  # fmt: skip

    workspace.db.write(furnish).result()
    workspace.db.write(look_for_news, rep, AT).result()

    def read(session: Any) -> list[str]:
        from pqldesk.models.notices import Notice

        return [notice_text(n.kind, n.facts) for n in session.query(Notice).filter_by(kind="placement")]

    assert workspace.db.read(read).result() == [
        "pricing-footer is registered nowhere, and forms come from it"
    ]


def test_each_step_is_linked_to_the_queue_page_that_was_given_and_undo_takes_it_back(
    workspace: Workspace, way: tuple[Sandbox, Sandbox]
) -> None:
    def links() -> dict[str, str]:
        return {one.system: one.url for one in workspace.db.read(queue_links).result()}

    def give(system: str, url: str) -> None:
        workspace.db.write(set_queue_link, system, url, "kim@example.com", clock.now()).result()

    assert links() == {"portal": "https://staging.example.com/queue?q={email}&id={id}", "attio": ""}
    give("attio", " https://crm.example.com/find?who={email} ")
    found, _ = probe(workspace)
    (crm,) = [one for one in found.hops if one.system == "attio"]
    assert crm.url == f"https://crm.example.com/find?who={found.who.replace('@', '%40').replace('+', '%2B')}"
    workspace.db.write(undo, "kim@example.com", clock.now()).result()
    assert links()["attio"] == ""
    give("portal", "")
    assert links()["portal"] == ""
    for wrong in (
        "javascript:alert(1)",
        "portal.example.com",
        "https://kim:secret@example.com",
        "https://a b",
    ):
        with pytest.raises(BadInput, match="is no web address"):
            give("attio", wrong)
    with pytest.raises(NotFound, match="is not connected"):
        give("workato", "https://relay.example.com")
