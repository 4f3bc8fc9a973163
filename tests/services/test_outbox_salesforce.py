"""Salesforce's own ways: leads beside contacts, duplicate and assignment rules, sessions, limits, drift."""

import pytest
from fixtures_crm import DANA, HOUSES, INES, NOW, Desk, House, Sandbox

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.remote.problems import Held, RateLimited

NADIA = "nadia@quayworks.example"


@pytest.fixture
def house() -> House:
    return HOUSES["salesforce"]


def test_a_person_who_is_a_lead_stays_one_and_the_opportunity_is_left_to_the_conversion(
    bare_desk: Desk,
) -> None:
    bare_desk.connect(settings={"people": "leads"})
    lead = bare_desk.add_lead()
    bare_desk.hand_off(lead)
    assert bare_desk.deliver().undone is None
    there = bare_desk.sandbox.dump()
    assert [(row["Email"], row["Company"], row["PQL_Score__c"]) for row in there["people"]] == [
        (NADIA, "Quayworks", 85)
    ]
    assert (there["deals"], there["companies"]) == ([], [])
    deal = next(row for row in bare_desk.outbox() if row.kind == "deal")
    assert deal.state == "done"
    assert "comes with the conversion" in (deal.error or "")
    assert there["tasks"][0]["WhatId"] is None

    bare_desk.sandbox.change("convert_lead", email=NADIA)
    bare_desk.hand_off(lead, again=True)
    assert bare_desk.deliver().undone is None
    there = bare_desk.sandbox.dump()
    assert len(there["people"]) == 2  # the contact that the conversion made, and the lead, now closed
    assert [row["Name"] for row in there["deals"]] == ["Enterprise Upgrade - Quayworks"]


@pytest.mark.parametrize(
    "website", ["https://www.quayworks.example/en", "quayworks.example", "http://quayworks.example"]
)
def test_the_account_of_a_domain_is_found_among_many_whose_domains_end_alike(
    desk: Desk, website: str
) -> None:
    desk.sandbox.change("remove_field", object="Account", field="PQLDesk_Id__c")
    for number in range(60):
        others = {"Name": f"Other {number}", "Website": f"https://n{number}-quayworks.example"}
        desk.sandbox.change("add_row", object="Account", values=others)
    values = {"Name": "Quayworks International", "Website": website}
    there = desk.sandbox.change("add_row", object="Account", values=values)
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["companies"]) == 61
    assert desk.sandbox.dump()["people"][0]["AccountId"] == there["id"]


def test_a_duplicate_by_name_asks_a_person_and_a_retry_takes_the_record(desk: Desk) -> None:
    desk.hand_off(desk.add_lead("n.okoye@other.example", None))
    assert desk.deliver().undone is None
    desk.sandbox.change("switch", duplicate_by="name")
    desk.hand_off(desk.add_lead())
    assert "for a duplicate of the Contact 003" in str(desk.deliver().undone)
    assert len(desk.sandbox.dump()["people"]) == 1
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["people"]) == 1


def test_a_duplicate_that_the_api_may_not_see_is_held_with_a_sentence(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    desk.sandbox.change("hide", id=desk.sandbox.dump()["people"][0]["Id"])
    desk.sandbox.change("remove_field", object="Contact", field="PQLDesk_Id__c")
    desk.connect()
    desk.hand_off(desk.add_lead(name="Nadia Again", first_name="Nadia"))
    assert "a record that PQLDesk may not see" in str(desk.deliver().undone)


def test_assignment_rules_do_not_move_what_a_rep_was_given(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(), assignee=DANA)
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    owners = {row["owner"] for kind in ("companies", "people", "deals", "tasks") for row in there[kind]}
    assert owners == {DANA, "pqldesk@northquay.example"}


def test_a_session_that_ran_out_costs_one_new_token_and_no_try(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", "POST", "*/sobjects/Task", status=401)
    assert desk.deliver().undone is None
    assert {row.attempts for row in desk.outbox()} == {1}
    assert len(desk.sandbox.log(path="/services/oauth2/token")) == 2


def test_a_401_that_no_token_heals_holds_and_asks_for_none(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", rest_refused=True)
    assert "not valid for use with the REST API" in str(desk.deliver().undone)
    assert len(desk.sandbox.log(path="/services/oauth2/token")) == 1


def test_a_right_that_the_user_lacks_holds_the_item_and_a_retry_finishes(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.fault("status", *HOUSES["salesforce"].writes["task"], status=403)
    assert "Give its permission set the right, then retry." in str(desk.deliver().undone)
    assert (desk.states()["task"], desk.states()["note"]) == ("held", "held")
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["tasks"]) == 1


def test_an_app_that_was_switched_off_holds_everything_before_the_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("revoke")
    assert "blocked by the admin" in str(desk.deliver().undone)
    assert set(desk.states().values()) == {"held"}
    assert desk.sandbox.writes() == []


def test_calls_that_are_used_up_wait_an_hour_and_count_as_no_try(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", daily_limit=1)
    assert "are used up for now" in str(desk.deliver().undone)
    (first,) = [row for row in desk.outbox() if row.kind == "company"]
    assert (first.state, first.attempts) == ("pending", 0)
    assert first.next_attempt_at is not None
    assert 3500 < (first.next_attempt_at - desk.clock()).total_seconds() <= 3600


def test_a_field_that_is_gone_holds_the_handoff_before_its_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    for name in ("Contact", "Lead"):
        desk.sandbox.change("remove_field", object=name, field="PQL_Score__c")
    assert "The field PQL_Score__c that person.pql_score is mapped to is gone" in str(desk.deliver().undone)
    assert desk.sandbox.writes() == []


def test_without_our_ids_a_lost_deal_asks_a_person_and_the_rest_is_looked_for(bare_desk: Desk) -> None:
    for name in ("Account", "Contact", "Lead", "Opportunity"):
        bare_desk.sandbox.change("remove_field", object=name, field="PQLDesk_Id__c")
    assert ("deal.pqldesk_id", "no such field") in bare_desk.connect().missing
    bare_desk.hand_off(bare_desk.add_lead())
    for path in ("*/sobjects/Account", "*/sobjects/Contact", "*/composite"):
        bare_desk.sandbox.fault("commit_then_drop", "POST", path)
    assert "Retry to use that deal" in str(bare_desk.deliver().undone)
    bare_desk.db.write(retry_items, [], NOW).result()
    assert bare_desk.deliver().undone is None
    there = bare_desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("companies", "people", "deals", "roles", "notes")] == [1] * 5


def test_old_notes_are_written_where_the_newer_kind_is_off(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("switch", notes_enabled=False)
    bare_desk.connect()
    bare_desk.hand_off(bare_desk.add_lead())
    bare_desk.sandbox.fault("commit_then_drop", "POST", "*/sobjects/Note")
    assert bare_desk.deliver().undone is None
    assert [note["title"][:19] for note in bare_desk.sandbox.dump()["notes"]] == ["PLG Handoff Context"]


def test_notes_of_many_leads_go_in_two_calls_and_are_there_once_though_an_answer_is_lost(desk: Desk) -> None:
    for number in range(4):
        desk.hand_off(desk.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}"))
    desk.sandbox.fault("commit_then_drop", "POST", "*/composite/sobjects", contains="ContentDocumentLink")
    assert desk.deliver(max_wait_s=20).undone is None
    there = desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("people", "companies", "deals", "tasks", "notes")] == [4] * 5
    together = [row for row in desk.sandbox.log("POST") if row["path"].endswith("/composite/sobjects")]
    assert any("ContentNote" in str(row["body"]) for row in together)


def test_lists_longer_than_a_page_are_read_to_their_end(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("switch", batch_size=2)
    assert bare_desk.connect().members == (
        "pqldesk@northquay.example", "routing@northquay.example", INES, DANA,
    )  # fmt: skip


def test_connect_wants_an_address_a_secret_that_works_and_settings_that_are_known(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="people=accounts is not one of contacts, leads"):
        bare_desk.connect(settings={"people": "accounts"})
    monkeypatch.setenv("SALESFORCE_TEST_CLIENT_SECRET", "wrong")
    with pytest.raises(Held, match="gives no access: invalid client credentials"):
        bare_desk.connect()
    bare_desk.sandbox = Sandbox("")
    with pytest.raises(BadInput, match="an address of its own"):
        bare_desk.connect()


def test_connect_says_when_most_calls_of_the_day_are_used(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("switch", daily_limit=3)
    with pytest.raises(RateLimited, match="are used up for now"):
        bare_desk.connect()
    bare_desk.sandbox.change("switch", daily_limit=15_000)
    for _ in range(5):
        assert bare_desk.connect().warning is None
    used = bare_desk.sandbox.dump()["calls_used"]
    bare_desk.sandbox.change("switch", daily_limit=(used + 1) * 10 // 8)
    assert f"{used + 1} of the" in str(bare_desk.connect().warning)
