"""Tokens, queries, lists, notes, tasks, fields and search in the local double."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from .conftest import Attio, Start

PEOPLE = "/v2/objects/people/records"
ENTRIES = "/v2/lists/pql_queue/entries"


def entry(person: str, **values: Any) -> dict[str, Any]:
    return {"data": {"parent_record_id": person, "parent_object": "people", "entry_values": values}}


def task(person: str, **changed: Any) -> dict[str, Any]:
    link = {"target_object": "people", "target_record_id": person}
    plain = {
        "content": "Call [pqd:7F3K2QMW]",
        "format": "plaintext",
        "deadline_at": None,
        "is_completed": False,
    }
    return {"data": {**plain, "linked_records": [link], "assignees": [], **changed}}


def note(person: str, **changed: Any) -> dict[str, Any]:
    plain = {"parent_object": "people", "parent_record_id": person, "title": "T", "format": "plaintext"}
    return {"data": {**plain, "content": "Score 85", **changed}}


def found(attio: Attio, **query: Any) -> list[str]:
    rows = attio.ok("POST", f"{PEOPLE}/query", query)
    return [row["values"]["email_addresses"][0]["email_local_specifier"] for row in rows]


def test_no_token_and_an_unknown_token_are_401_but_self_says_inactive(attio: Attio) -> None:
    assert httpx.get(f"{attio.url}/v2/objects").json()["type"] == "auth_error"
    unknown = {"Authorization": "Bearer nonsense"}
    assert httpx.get(f"{attio.url}/v2/objects", headers=unknown).status_code == 401
    assert httpx.get(f"{attio.url}/v2/self", headers=unknown).json() == {"active": False}
    assert attio.ok("GET", "/v2/self")["workspace_name"] == "Northquay"


def test_a_missing_scope_is_403_and_read_write_includes_read(attio: Attio) -> None:
    attio.ok("GET", "/v2/tasks")
    attio.admin("state", action="remove_scope", scope="task:read-write")
    assert attio.refused("GET", "/v2/tasks") == (403, "unauthorized")


def test_every_answer_carries_an_execution_id_and_queries_their_score(attio: Attio) -> None:
    answer = attio.http.post(f"{PEOPLE}/query", json={})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-attio-execution-id"]
    assert int(answer.headers["x-attio-record-query-score"]) >= 1


def test_filters_and_sorts_find_what_they_say(attio: Attio) -> None:
    for name, score, plan in (("ana", 85, "Trial"), ("ben", 60, "Pro"), ("cy", 20, "Trial")):
        attio.person(
            f"{name}@northquay.example", pql_score=score, plan_type=plan, name=f"Lee, {name.title()}"
        )
    by_score = {"sorts": [{"attribute": "pql_score", "direction": "desc"}]}
    assert found(attio, filter={"pql_score": {"$gte": 60}}, **by_score) == ["ana", "ben"]
    assert found(attio, filter={"email_addresses": "ANA@northquay.example"}) == ["ana"]
    assert found(attio, filter={"plan_type": "Trial", "pql_score": {"$lt": 50}}) == ["cy"]
    assert found(attio, filter={"name": {"first_name": {"$starts_with": "b"}}}) == ["ben"]
    assert found(attio, filter={"$or": [{"pql_score": 20}, {"plan_type": "Pro"}]}, **by_score) == [
        "ben",
        "cy",
    ]
    assert found(attio, filter={"$not": {"plan_type": "Trial"}}) == ["ben"]
    assert found(attio, filter={"name": {"$not_empty": True}}, limit=1, offset=1, **by_score) == ["ben"]
    company = attio.dump()["companies"][0]["record_id"]
    reference = {"target_object": "companies", "target_record_id": company}
    assert len(found(attio, filter={"company": reference})) == 3
    path = {"path": [["people", "company"], ["companies", "domains"]], "constraints": "northquay.example"}
    assert len(found(attio, filter=path)) == 3


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"nope": 1}, "unknown_filter_attribute_slug"),
        ({"plan_type": {"$in": ["Trial"]}}, "invalid_filter_operator"),
        ({"email_addresses": {"$not_empty": True}}, "invalid_filter_operator"),
        ({"name": {"nick": "x"}}, "invalid_filter_field"),
        ({"$not": {"$or": [{"plan_type": "Trial"}]}}, "filter_error"),
    ],
)
def test_a_bad_filter_is_refused_with_the_path_into_it(
    attio: Attio, asked: dict[str, Any], code: str
) -> None:
    answer = attio.http.post(f"{PEOPLE}/query", json={"filter": asked}).json()
    assert answer["code"] == code
    assert answer["path"][0] == "filter"


def test_search_lags_behind_and_needs_objects_and_asker(attio: Attio) -> None:
    attio.person(name="Okoye, Nadia")
    asked = {"query": "okoye", "objects": ["people"], "request_as": {"type": "workspace"}}
    assert attio.ok("POST", "/v2/objects/records/search", asked) == []
    attio.admin("state", action="advance_clock", seconds=2.1)
    assert attio.ok("POST", "/v2/objects/records/search", asked)[0]["record_text"] == "Nadia Okoye"
    assert attio.refused("POST", "/v2/objects/records/search", {"query": "x"}) == (400, "validation_type")


def test_posting_an_entry_twice_makes_two_which_put_by_parent_then_refuses(attio: Attio) -> None:
    person = attio.person_id()
    first = attio.ok("PUT", ENTRIES, entry(person, score=72))
    assert attio.ok("PUT", ENTRIES, entry(person, score=75))["id"] == first["id"]
    attio.ok("POST", ENTRIES, entry(person))
    assert attio.refused("PUT", ENTRIES, entry(person)) == (400, "multiple_match_results")
    assert len(attio.ok("GET", f"{PEOPLE}/{person}/entries")) == 2
    attio.ok("DELETE", f"{ENTRIES}/{first['id']['entry_id']}")
    by_parent = {
        "path": [["pql_queue", "parent_record"], ["people", "record_id"]],
        "constraints": {"value": person},
    }
    assert len(attio.ok("POST", f"{ENTRIES}/query", {"filter": by_parent})) == 1


def test_entries_need_values_and_a_parent_the_list_holds(attio: Attio) -> None:
    person = attio.person()
    bare = entry(person["id"]["record_id"])
    del bare["data"]["entry_values"]
    assert attio.refused("POST", ENTRIES, bare) == (400, "validation_type")
    unknown = entry("11111111-1111-4111-8111-111111111111")
    assert attio.refused("POST", ENTRIES, unknown) == (400, "value_not_found")
    company = person["values"]["company"][0]["target_record_id"]
    wrong = entry(company)
    wrong["data"]["parent_object"] = "companies"
    assert attio.refused("POST", ENTRIES, wrong) == (400, "validation_type")


@pytest.mark.parametrize(
    "missing", ["content", "format", "deadline_at", "is_completed", "linked_records", "assignees"]
)
def test_a_task_needs_all_six_keys(attio: Attio, missing: str) -> None:
    asked = task(attio.person_id())
    del asked["data"][missing]
    answer = attio.http.post("/v2/tasks", json=asked).json()
    assert answer["validation_errors"][0]["path"] == ["data", missing]


def test_tasks_are_read_with_other_keys_than_written_and_complete_with_a_time(attio: Attio) -> None:
    person = attio.person_id()
    assignee = {"workspace_member_email_address": "DANA@northquay.example"}
    made = attio.ok("POST", "/v2/tasks", task(person, assignees=[assignee]))
    assert made["content_plaintext"].startswith("Call")
    assert made["linked_records"] == [{"target_object_id": "people", "target_record_id": person}]
    path = f"/v2/tasks/{made['id']['task_id']}"
    assert attio.ok("PATCH", path, {"data": {"is_completed": True}})["completed_at"]
    assert attio.ok("PATCH", path, {"data": {"is_completed": False}})["completed_at"] is None
    assert attio.refused("PATCH", path, {"data": {"content": "x"}}) == (400, "validation_type")
    mine = f"/v2/tasks?linked_object=people&linked_record_id={person}&assignee={attio.member('Dana')}"
    assert len(attio.ok("GET", mine)) == 1
    assert attio.refused("GET", "/v2/tasks?linked_object=people") == (400, "validation_type")


def test_a_task_is_plain_text_of_at_most_2000_characters(attio: Attio) -> None:
    person = attio.person_id()
    assert attio.refused("POST", "/v2/tasks", task(person, content="x" * 2001)) == (400, "validation_type")
    assert attio.refused("POST", "/v2/tasks", task(person, format="markdown")) == (400, "validation_type")


def test_notes_come_ten_at_a_time_and_never_more_than_fifty(attio: Attio) -> None:
    person = attio.person_id()
    attio.admin("state", action="switch", note_limit=100)
    for number in range(51):
        attio.ok("POST", "/v2/notes", note(person, title=str(number)))
    path = f"/v2/notes?parent_object=people&parent_record_id={person}"
    assert len(attio.ok("GET", path)) == 10
    assert len(attio.ok("GET", f"{path}&limit=500")) == 50
    assert len(attio.ok("GET", f"{path}&limit=50&offset=50")) == 1
    assert attio.http.get("/admin/log").json()[-2]["notes"] == ["limit 500 clamped to 50"]
    assert attio.refused("POST", "/v2/notes", note(person, content="x" * 101)) == (413, "validation_type")


def test_a_note_cannot_come_from_the_future_nor_hang_on_nothing(attio: Attio) -> None:
    person = attio.person_id()
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert attio.refused("POST", "/v2/notes", note(person, created_at=later)) == (400, "validation_type")
    nobody = note("11111111-1111-4111-8111-111111111111")
    assert attio.refused("POST", "/v2/notes", nobody) == (404, "not_found")


def test_custom_fields_options_and_statuses_can_be_made_once(start: Start) -> None:
    attio = start("--bare")
    path = "/v2/objects/people/attributes"
    plain = {"title": "Plan", "description": None, "api_slug": "plan_type", "type": "select", "config": {}}
    data = {"data": {**plain, "is_required": False, "is_unique": False, "is_multiselect": False}}
    assert attio.refused("POST", path, {"data": plain}) == (400, "validation_type")
    assert attio.refused("POST", path, {"data": {**data["data"], "is_unique": True}}) == (
        400,
        "validation_type",
    )
    attio.ok("POST", path, data)
    assert attio.refused("POST", path, data) == (409, "slug_conflict")
    attio.ok("POST", f"{path}/plan_type/options", {"data": {"title": "Trial"}})
    assert attio.refused("POST", f"{path}/plan_type/options", {"data": {"title": "Trial"}}) == (
        409,
        "slug_conflict",
    )
    assert attio.person(plan_type="Trial")["values"]["plan_type"][0]["option"]["title"] == "Trial"
    stages = "/v2/objects/deals/attributes/stage/statuses"
    attio.ok("POST", stages, {"data": {"title": "Product Qualified", "target_time_in_status": "P14D"}})
    assert attio.ok("GET", stages)[-1]["target_time_in_status"] == "P14D"


def test_too_many_requests_wait_for_the_next_second_and_have_no_effect(start: Start) -> None:
    attio = start("--rate", "9/1")
    attio.admin("state", action="set_clock", now="2026-11-20T10:00:00.5Z", stopped=True)
    person = attio.person_id()
    answer = attio.http.post("/v2/tasks", json=task(person))
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limit_exceeded")
    wait = parsedate_to_datetime(answer.headers["retry-after"]) - parsedate_to_datetime(
        answer.headers["date"]
    )
    assert wait == timedelta(seconds=1)
    assert attio.dump()["tasks"] == []
    attio.admin("state", action="advance_clock", seconds=0.6)
    attio.ok("POST", "/v2/tasks", task(person))
