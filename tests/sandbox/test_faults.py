"""Injected trouble, the request log, the state file and the life of the process."""

import time
from pathlib import Path

import httpx
import pytest

from .conftest import SECRET, Attio, Start
from .test_attio_around_records import task

PEOPLE = "/v2/objects/people/records"


@pytest.mark.parametrize(("kind", "stored"), [("commit_then_drop", 1), ("drop_before_commit", 0)])
def test_a_dropped_connection_tells_nothing_about_what_was_stored(
    attio: Attio, kind: str, stored: int
) -> None:
    asked = task(attio.person_id())
    attio.admin("faults", kind=kind, method="POST", path="/v2/tasks")
    with pytest.raises(httpx.TransportError):
        attio.http.post("/v2/tasks", json=asked)
    assert len(attio.dump()["tasks"]) == stored
    attio.ok("POST", "/v2/tasks", asked)
    assert len(attio.dump()["tasks"]) == stored + 1


def test_statuses_and_proxy_pages_hit_the_next_matching_requests_only(attio: Attio) -> None:
    attio.admin("faults", kind="status", status=429, method="GET", path="/v2/tasks", count=2)
    attio.admin("faults", kind="html", path="/v2/objects/*")
    assert attio.refused("GET", "/v2/tasks") == (429, "rate_limit_exceeded")
    assert attio.http.get("/v2/tasks").headers["retry-after"].endswith("GMT")
    attio.ok("GET", "/v2/tasks")
    page = attio.http.get("/v2/objects/people")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")


def test_a_delayed_answer_comes_after_the_change_was_stored(attio: Attio) -> None:
    asked = task(attio.person_id())
    attio.admin("faults", kind="delay", ms=2000, when="after", path="/v2/tasks")
    with pytest.raises(httpx.ReadTimeout):
        attio.http.post("/v2/tasks", json=asked, timeout=0.3)
    assert len(attio.dump()["tasks"]) == 1


def test_an_unknown_fault_or_action_is_told_what_would_be_right(attio: Attio) -> None:
    assert "commit_then_drop" in attio.http.post("/admin/faults", json={"kind": "x"}).json()["error"]
    assert "revoke_token" in attio.http.post("/admin/state", json={"action": "x"}).json()["error"]


def test_a_merging_record_is_404_on_get_and_400_on_write_until_it_is_done(attio: Attio) -> None:
    path = f"{PEOPLE}/{attio.person_id()}"
    attio.admin("faults", kind="merge_in_progress", record_id=path.rpartition("/")[2], count=2)
    assert attio.refused("GET", path) == (404, "merge_in_progress")
    assert attio.refused("PATCH", path, {"data": {"values": {}}}) == (400, "merge_in_progress")
    attio.ok("GET", path)


def test_a_record_merged_away_is_gone_and_its_tasks_hang_on_the_new_one(attio: Attio) -> None:
    one, two = attio.person_id("a@northquay.example"), attio.person_id("b@northquay.example")
    attio.ok("POST", "/v2/tasks", task(two))
    order = {"object": "people", "primary_record_id": one, "secondary_record_id": two}
    new = attio.admin("state", action="merge_away", **order)["new_record_id"]
    assert attio.refused("GET", f"{PEOPLE}/{one}") == (404, "not_found")
    assert attio.person_id("b@northquay.example") == new
    assert attio.dump()["tasks"][0]["linked_records"] == [["people", new]]


def test_what_people_do_in_the_workspace_shows_in_the_api(attio: Attio) -> None:
    stage = {"target": "deals", "attribute": "stage"}
    attio.admin("state", action="rename_choice", title="Lead", to="New lead", **stage)
    attio.admin("state", action="archive_choice", title="Lost", **stage)
    attio.admin("state", action="archive_attribute", target="people", attribute="pql_score")
    attio.admin("state", action="suspend_member", member="dana@northquay.example")
    titles = [row["title"] for row in attio.ok("GET", "/v2/objects/deals/attributes/stage/statuses")]
    assert "New lead" in titles
    assert "Lost" not in titles
    assert attio.refused("POST", PEOPLE, {"data": {"values": {"pql_score": 1}}}) == (400, "value_not_found")
    assert attio.dump()["members"][1]["access_level"] == "suspended"
    attio.admin("state", action="revoke_token")
    assert attio.refused("GET", "/v2/objects") == (401, "unauthorized")
    assert attio.ok("GET", "/v2/self") == {"active": False}


def test_the_log_keeps_bodies_but_no_secrets_and_ids_repeat_after_a_reset(attio: Attio) -> None:
    first = attio.person_id()
    logged = attio.http.get("/admin/log", params={"method": "PUT"})
    assert logged.json()[0]["body"]["data"]["values"]["email_addresses"]
    assert logged.json()[0]["token"] == "pqldesk"
    assert SECRET not in logged.text
    attio.admin("reset")
    assert attio.http.get("/admin/log").json() == []
    assert attio.person_id() == first


def test_a_killed_sandbox_goes_on_from_its_state_file(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "attio.json"
    before = start("--state", str(file))
    person = before.person_id(plan_type="Trial")
    before.ok("POST", "/v2/tasks", task(person))
    before.process.kill()
    after = start("--state", str(file))
    assert after.person_id(job_title="Ops") == person
    assert len(after.ok("GET", f"/v2/tasks?linked_object=people&linked_record_id={person}")) == 1
    assert after.dump()["people"][0]["plan_type"] == "Trial"


def test_sigterm_ends_it_within_a_second_with_zero(start: Start) -> None:
    attio = start()
    attio.ok("GET", "/v2/objects")
    began = time.monotonic()
    attio.process.terminate()
    assert attio.process.wait(5) == 0
    assert time.monotonic() - began < 1


def test_own_tokens_replace_the_default_one(start: Start) -> None:
    attio = start("--token", "rep=secret-of-rep")
    assert attio.http.get("/v2/objects").status_code == 401
    assert attio.http.get("/v2/objects", headers={"Authorization": "Bearer secret-of-rep"}).status_code == 200
