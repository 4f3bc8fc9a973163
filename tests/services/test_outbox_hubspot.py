"""HubSpot's own ways: a search that lags, several kinds of 429, locks, moves, scopes, drift."""

from collections import Counter
from dataclasses import replace

import pytest
from fixtures_crm import HOUSES, INES, NOW, Desk, House

from pqldesk.services.crm.connections import Linked, linked_named, opened
from pqldesk.services.net import Net, run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.remote.problems import Held

WRITES = HOUSES["hubspot"].writes


@pytest.fixture
def house() -> House:
    return HOUSES["hubspot"]


def test_a_search_that_lags_never_makes_a_second_company_or_deal(desk: Desk) -> None:
    desk.sandbox.change("switch", search_lag_s=3600)
    desk.hand_off(desk.add_lead())
    for kind in ("company", "deal"):
        desk.sandbox.fault("commit_then_drop", *WRITES[kind])
    assert desk.deliver().undone is None
    desk.hand_off(desk.add_lead("omid@quayworks.example", name="Omid Rahimi", first_name="Omid"))
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("companies", "deals", "people")] == [1, 1, 2]
    assert len(there["deals"][0]["linked_contacts"]) == 2


def test_the_company_that_hubspot_makes_by_itself_is_used(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("switch", auto_company=True, search_lag_s=0)
    bare_desk.connect()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    assert [row["name"] for row in bare_desk.sandbox.dump()["companies"]] == ["Quayworks"]


@pytest.mark.parametrize(("switch", "waits"), [({"daily": 0}, 3600), ({"migrating": 1000}, 1)])
def test_each_kind_of_too_many_is_waited_out_as_long_as_it_asks(
    desk: Desk, switch: dict[str, int], waits: int
) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", **switch)
    desk.deliver(max_wait_s=0)
    (first,) = [row for row in desk.outbox() if row.kind == "company"]
    assert (first.state, first.attempts) == ("pending", 0)
    assert first.next_attempt_at is not None
    assert (first.next_attempt_at - desk.clock()).total_seconds() == pytest.approx(waits, abs=60)


def test_leads_that_go_out_together_share_their_calls(
    desk: Desk,
) -> None:
    for number in range(4):
        desk.hand_off(desk.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}"))
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("people", "companies", "deals", "tasks", "notes")] == [4] * 5
    asked = Counter(path for _method, path in desk.sandbox.writes())
    for kind in ("contacts", "tasks", "notes"):
        assert asked[f"/crm/objects/2026-09/{kind}/batch/create"] >= 1
        assert asked[f"/crm/objects/2026-09/{kind}"] < 4


def test_a_call_of_many_whose_answer_was_lost_leaves_each_of_them_once(desk: Desk) -> None:
    for number in range(4):
        desk.hand_off(desk.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}"))
    for kind in ("contacts", "tasks", "notes"):
        desk.sandbox.fault("commit_then_drop", "POST", f"*/objects/*/{kind}/batch/create")
    assert desk.deliver(max_wait_s=20).undone is None
    there = desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("people", "companies", "deals", "tasks", "notes")] == [4] * 5


def test_a_locked_record_is_tried_again(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", locked=2)
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["companies"]) == 1


def test_a_scope_that_was_taken_away_is_named(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", missing_scopes=["crm.objects.contacts.write"])
    assert "Give it crm.objects.contacts.write in HubSpot" in str(desk.deliver().undone)
    assert desk.states()["person"] == "held"
    desk.sandbox.change("switch", missing_scopes=[])
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["people"]) == 1


def test_a_key_that_was_revoked_holds_everything_before_the_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("revoke")
    assert "does not accept the key" in str(desk.deliver().undone)
    assert set(desk.states().values()) == {"held"}
    assert desk.sandbox.writes() == []


@pytest.mark.parametrize(
    ("change", "what", "sentence"),
    [
        ("rename_choice", {"title": "Sales Qualified", "to": "SQL"}, "no deal stage"),
        ("remove_property", {"object": "contacts", "property": "pql_score"}, "The field pql_score"),
        ("archive_member", {"member": INES}, "is suspended in HubSpot"),
    ],
)
def test_what_was_mapped_and_is_gone_holds_the_handoff_before_its_first_write(
    desk: Desk, change: str, what: dict[str, str], sentence: str
) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change(change, **what)
    assert sentence in str(desk.deliver().undone)
    assert desk.sandbox.writes() == []


def test_another_currency_is_held_and_nothing_is_converted(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(), currency="EUR")
    assert "Deal values in HubSpot are in USD" in str(desk.deliver().undone)
    assert desk.sandbox.writes() == []


def test_missing_properties_and_lists_are_made_on_request_and_nothing_else(bare_desk: Desk) -> None:
    for name in ("pql_score", "milestones_completed"):
        bare_desk.sandbox.change("remove_property", object="contacts", property=name)
    for kind in ("companies", "deals"):
        bare_desk.sandbox.change("remove_property", object=kind, property="pqldesk_id")
    connected = bare_desk.connect(create_fields=True)
    assert connected.created == (
        "person.pql_score", "person.milestones_completed", "deal.pqldesk_id", "company.pqldesk_id",
    )  # fmt: skip
    assert connected.missing == ()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    (person,) = bare_desk.sandbox.dump()["people"]
    assert (person["pql_score"], person["pql_state"]) == ("85", "Handed_off")


def test_the_id_of_companies_is_made_on_request_though_all_else_is_there(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("remove_property", object="companies", property="pqldesk_id")
    assert bare_desk.connect(create_fields=True).created == ("company.pqldesk_id",)
    assert bare_desk.connect(create_fields=True).created == ()


def test_a_key_of_another_account_is_refused(desk: Desk) -> None:
    async def look(net: Net, linked: Linked) -> None:
        await opened(net.http, linked, "place").account()

    linked = desk.db.read(linked_named, "hubspot").result()
    other = replace(linked, catalogue=replace(linked.catalogue, account="1"))
    with pytest.raises(Held, match="opens another HubSpot account"):
        run_network(desk.db, look, other)
