"""Every refusal of Attio's error table, as the outbox sees it."""

import pytest

from pqldesk.services.connectors.attio.answers import DealsOff, SeveralEntries, Taken, explain, missing_scope
from pqldesk.services.remote.problems import Gone, Held, Refused, RemoteProblem, TryLater
from pqldesk.services.remote.rest import Answer


def explained(
    status: int, code: str, path: str = "/v2/objects/people/records", **body: object
) -> RemoteProblem:
    told = {
        "status_code": status,
        "type": "invalid_request_error",
        "code": code,
        "message": "As Attio says.",
        **body,
    }
    return explain(Answer(status, told, {}, "PUT", path))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "validation_type", Refused),
        (400, "value_not_found", Held),
        (400, "missing_value", Refused),
        (400, "uniqueness_conflict", Refused),
        (400, "matching_attribute_definition_not_unique", Refused),
        (400, "multiple_match_results", SeveralEntries),
        (400, "immutable_value", Refused),
        (400, "filter_error", Refused),
        (400, "unknown_filter_attribute_slug", Held),
        (400, "invalid_filter_operator", Refused),
        (400, "invalid_filter_field", Refused),
        (400, "standard_object_disabled", DealsOff),
        (400, "system_edit_unauthorized", Refused),
        (400, "quota_exceeded", Refused),
        (400, "limit_reached", Refused),
        (400, "merge_in_progress", TryLater),
        (404, "merge_in_progress", TryLater),
        (401, "unauthorized", Held),
        (403, "unauthorized", Held),
        (403, "billing_error", Held),
        (403, "quota_exceeded", Held),
        (404, "not_found", Gone),
        (409, "slug_conflict", Taken),
        (409, "uniqueness_conflict", Refused),
        (409, "concurrent_write_conflict", TryLater),
        (413, "validation_type", Refused),
        (418, "teapot", Refused),
    ],
)
def test_each_refusal_is_a_problem_that_says_what_to_do(
    status: int, code: str, kind: type[RemoteProblem]
) -> None:
    problem = explained(status, code)
    assert type(problem) is kind
    assert problem.what.endswith(".")
    assert problem.remedy.endswith(".")
    assert "Error" not in str(problem)
    assert ".." not in str(problem)


def test_the_useful_part_of_a_validation_error_is_shown_and_its_path_kept() -> None:
    wrong = {"code": "invalid_type", "path": ["data", "linked_records", 0], "message": "Required"}
    problem = explained(400, "validation_type", validation_errors=[wrong])
    assert isinstance(problem, Refused)
    assert "data.linked_records.0: Required" in problem.what
    assert problem.paths == ("data.linked_records.0",)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v2/notes", "note:read-write"),
        ("/v2/tasks", "task:read-write"),
        ("/v2/lists/pql_queue/entries", "list_entry:read-write"),
        ("/v2/objects/deals/records", "record_permission:read-write"),
    ],
)
def test_a_missing_right_names_the_scope_to_give(path: str, scope: str) -> None:
    assert scope in explained(403, "unauthorized", path).remedy


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v2/lists", "list_configuration:read "),
        ("GET", "/v2/lists/pql_queue/attributes", "list_configuration:read "),
        ("GET", "/v2/objects/deals/attributes/stage/statuses", "object_configuration:read "),
        ("POST", "/v2/objects/people/attributes", "object_configuration:read-write "),
        ("GET", "/v2/workspace_members", "user_management:read "),
    ],
)
def test_a_right_missing_for_the_schema_names_the_scope_of_the_schema(
    method: str, path: str, scope: str
) -> None:
    body = {"status_code": 403, "code": "unauthorized", "message": "The token lacks a scope."}
    assert f"scope {scope}" in explain(Answer(403, body, {}, method, path)).remedy


def test_an_answer_that_is_no_json_is_still_explained() -> None:
    problem = explain(Answer(400, None, {}, "GET", "/v2/lists"))
    assert "GET /v2/lists was answered 400" in problem.what


def test_read_write_includes_read_when_scopes_are_checked() -> None:
    whole = "record_permission:read-write object_configuration:read-write list_configuration:read"
    rest = "list_entry:read-write note:read-write task:read-write user_management:read"
    assert missing_scope(frozenset(f"{whole} {rest}".split())) is None
    assert missing_scope(frozenset(f"{whole} note:read".split())) == (
        "The Attio token lacks list_entry:read-write, note:read-write, task:read-write, user_management:read."
    )
