"""Marketo's own ways: refusals inside answers of 200, what stands for tasks and notes, several leads of one e-mail."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fixtures_crm import HOUSES, NOW, Desk, House

from pqldesk.services.connectors.marketo import Marketo
from pqldesk.services.connectors.marketo.answers import stay_away_s
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.crm import PersonStep, Ref
from pqldesk.services.remote.rest import Answer, http_client

WRITES = HOUSES["marketo"].writes


@pytest.fixture
def house() -> House:
    return HOUSES["marketo"]


def test_without_a_choice_tasks_and_notes_are_left_out_and_named(bare_desk: Desk) -> None:
    chosen = bare_desk.connect(settings={})
    missing = dict(chosen.missing)
    assert "“PQL task” (custom activity)" in missing["step.task"]
    assert "Draft" not in missing["step.note"]
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    assert set(bare_desk.states()) == {"person", "list_entry"}
    there = bare_desk.sandbox.dump()
    assert (there["tasks"], there["notes"]) == ([], [])


def test_a_lead_is_made_with_its_fields_and_company_and_then_only_changed(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    (person,) = desk.sandbox.dump()["people"]
    assert (person["firstName"], person["company"], person["title"]) == ("Nadia", "Quayworks", "Head of Ops")
    assert (person["pqlScore"], person["pqlState"]) == (85, "handed_off")
    (note,) = desk.sandbox.dump()["notes"]
    assert "PQL Score" in note["attributes"][0]["value"]
    assert desk.sandbox.dump()["violations"] == []
    assert not any("secret in the address" in entry["notes"] for entry in desk.sandbox.log())


def test_where_a_form_is_not_read_the_token_is_asked_for_in_the_address(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("switch", form_tokens=False)
    assert bare_desk.connect().account == "api-user@northquay.example"


def test_a_field_of_the_company_that_is_closed_costs_nothing_else(desk: Desk) -> None:
    desk.sandbox.change("switch", company_closed=True)
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    (person,) = desk.sandbox.dump()["people"]
    assert person.get("company") is None
    assert person["pqlScore"] == 85


def test_several_leads_of_one_e_mail_are_shown_and_a_retry_takes_the_oldest(desk: Desk) -> None:
    for name in ("Nadia", "N."):
        values = {"email": "nadia@quayworks.example", "firstName": name}
        desk.sandbox.change("add_lead", values=values)
    desk.hand_off(desk.add_lead())
    assert "2 leads in Marketo have the e-mail nadia@quayworks.example" in str(desk.deliver().undone)
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    oldest, other = sorted(desk.sandbox.dump()["people"], key=lambda row: int(row["id"]))
    assert (oldest["pqlScore"], other.get("pqlScore")) == (85, None)


@pytest.mark.parametrize("switch", ["carried_out_604", "carried_out_611"])
def test_a_write_that_was_carried_out_and_told_to_have_failed_is_found_again(desk: Desk, switch: str) -> None:
    desk.sandbox.change("switch", **{switch: 2})
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("people", "tasks", "notes")] == [1, 1, 1]
    assert len(there["entries"]["PQL queue"]) == 1


def test_a_lead_that_somebody_else_makes_at_the_same_moment_is_changed_not_made_again() -> None:
    answers = iter(
        (
            [],  # nobody has the e-mail
            [{"status": "skipped", "reasons": [{"code": "1005", "message": "Lead already exists"}]}],
            [{"id": 7, "email": "a@a.example"}],
            [{"id": 7, "status": "updated"}],
        )
    )
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/identity"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        asked.append(json.loads(request.content) if request.content else request.method)
        return httpx.Response(200, json={"requestId": "a#b", "success": True, "result": next(answers)})

    async def sent() -> Ref:
        async with http_client(httpx.MockTransport(answer)) as http:
            secrets = {"client_id": "c", "client_secret": "s"}
            crm = Marketo(Opening(http, "http://127.0.0.1:1", secrets, {}))
            fields = (RemoteField("pqlScore", "PQL Score", "number"),)
            crm.use(Mapped({"person": {"pql_score": "pqlScore"}}), Catalogue(fields))
            return await crm.send(PersonStep("a@a.example", "A", "B", "A B", None, {"pql_score": 85}))

    assert asyncio.run(sent()).remote_id == "7"
    assert [each["action"] for each in asked if isinstance(each, dict)] == ["createOnly", "updateOnly"]
    assert asked[-1]["input"] == [{"id": 7, "pqlScore": 85}]


def test_a_token_that_ends_in_the_middle_is_renewed_once_for_all(desk: Desk) -> None:
    desk.sandbox.change("switch", token_life_s=3)
    desk.sandbox.change("end_tokens")
    desk.hand_off(desk.add_lead())
    assert desk.deliver().undone is None
    assert {row.attempts for row in desk.outbox()} == {1}


@pytest.mark.parametrize(
    ("permission", "kind", "said"),
    [
        ("Read-Write Lead", "person", "Give its role Read-Write Lead"),
        ("Read-Write Activity", "task", "Give its role Read-Write Activity"),
    ],
)
def test_a_right_that_the_api_user_lacks_is_named(desk: Desk, permission: str, kind: str, said: str) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", forbidden=[permission])
    assert said in str(desk.deliver().undone)
    assert desk.states()[kind] == "held"
    desk.sandbox.change("switch", forbidden=[])
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None


@pytest.mark.parametrize(
    ("change", "what", "sentence"),
    [
        ("remove_field", {"field": "pqlScore"}, "The field pqlScore"),
        ("remove_list", {"name": "PQL queue"}, "has no list “PQL queue” any more"),
        ("retire_type", {"name": "PQL note"}, "What stands for a note in Marketo"),
    ],
)
def test_what_was_mapped_and_is_gone_holds_the_handoff_before_its_first_write(
    desk: Desk, change: str, what: dict[str, str], sentence: str
) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change(change, **what)
    assert sentence in str(desk.deliver().undone)
    assert desk.sandbox.writes() == []


def test_lists_of_one_name_are_told_apart_and_never_guessed(bare_desk: Desk) -> None:
    chosen = {"list.pql": "Newsletter", **HOUSES["marketo"].choose}
    connected = bare_desk.connect(settings=chosen)
    assert "list.pql" in dict(connected.missing)
    assert sum(title.startswith("Newsletter (Program") for title in connected.lists) == 2


def test_a_requested_campaign_is_never_requested_twice(bare_desk: Desk) -> None:
    """It has no marker that can be read back: where its answer is lost and it ran, a person looks."""
    bare_desk.connect(settings={"step.task": "campaign:PQL follow-up"})
    bare_desk.hand_off(bare_desk.add_lead())
    path = ("POST", "/rest/v1/campaigns/*/trigger.json")
    bare_desk.sandbox.fault("commit_then_drop", *path)
    assert "The campaign was requested for this lead" in str(bare_desk.deliver().undone)
    bare_desk.db.write(retry_items, [], NOW).result()
    assert bare_desk.deliver().undone is None
    (request,) = bare_desk.sandbox.dump()["tasks"]
    assert "PLG → Sales Handoff" in request["given"]["{{my.reason}}"]


def test_a_campaign_whose_request_never_arrived_is_requested_once(bare_desk: Desk) -> None:
    bare_desk.connect(settings={"step.task": "campaign:PQL follow-up"})
    bare_desk.hand_off(bare_desk.add_lead())
    bare_desk.sandbox.fault("drop_before_commit", "POST", "/rest/v1/campaigns/*/trigger.json")
    assert bare_desk.deliver().undone is None
    assert len(bare_desk.sandbox.dump()["tasks"]) == 1


def test_the_days_calls_used_up_are_waited_out_and_cost_no_try(desk: Desk) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("switch", daily=0)
    desk.deliver(max_wait_s=0)
    (first,) = [row for row in desk.outbox() if row.kind == "person"]
    assert (first.state, first.attempts) == ("pending", 0)
    assert first.next_attempt_at is not None
    assert 0 < (first.next_attempt_at - desk.clock()).total_seconds() <= 24 * 3600 + 60


@pytest.mark.parametrize(("code", "least", "most"), [("606", 20, 20), ("615", 1, 5), ("607", 2, 86_402)])
def test_each_limit_asks_for_another_pause(code: str, least: float, most: float) -> None:
    body: Any = {"success": False, "errors": [{"code": code, "message": ""}]}
    assert least <= stay_away_s(Answer(429, body, {}, "GET", "/rest/v1/leads.json")) <= most
