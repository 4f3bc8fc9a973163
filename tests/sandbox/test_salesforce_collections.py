"""The double's sObject Collections are as strict as the contract: the limit, the order, an outcome for each row."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fixtures_crm import HOUSES, running_sandbox

PATH = "/services/data/v67.0/composite/sobjects"


@pytest.fixture(scope="module")
def org() -> Iterator[httpx.Client]:
    secrets = HOUSES["salesforce"].secrets
    with running_sandbox(system="salesforce") as sandbox:
        form = {"grant_type": "client_credentials"}
        auth = (secrets["client_id"], secrets["client_secret"])
        grant = httpx.post(f"{sandbox.url}/services/oauth2/token", data=form, auth=auth).json()
        token = {"Authorization": f"Bearer {grant['access_token']}"}
        with httpx.Client(base_url=grant["instance_url"], headers=token) as client:
            yield client


def sent(org: httpx.Client, method: str, rows: list[Any], path: str = "", **more: Any) -> httpx.Response:
    records = [{"attributes": {"type": "Contact"}, **row} for row in rows]
    return org.request(method, PATH + path, json={"allOrNone": False, "records": records, **more})


def test_rows_are_answered_in_order_and_one_that_is_refused_leaves_the_others(org: httpx.Client) -> None:
    names = [{"LastName": "Okoye"}, {"FirstName": "Nadia"}, {"LastName": "Rahimi"}]
    said = sent(org, "POST", names).json()
    assert [each["success"] for each in said] == [True, False, True]
    assert said[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert said[1]["errors"][0]["fields"] == ["LastName"]
    changed = sent(org, "PATCH", [{"id": said[2]["id"], "Title": "CFO"}, {"Title": "CFO"}]).json()
    assert [each["success"] for each in changed] == [True, False]


def test_more_than_two_hundred_rows_and_unreadable_ones_are_refused_as_a_whole(org: httpx.Client) -> None:
    much = sent(org, "POST", [{"LastName": str(n)} for n in range(201)])
    assert (much.status_code, much.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    bad = sent(org, "POST", [{"LastName": "Kept?", "Email": "k@a.example"}, {"LastName": 5}])
    assert (bad.status_code, bad.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    query = {"q": "SELECT Id FROM Contact WHERE Email = 'k@a.example'"}
    assert org.get("/services/data/v67.0/query", params=query).json()["totalSize"] == 0


def test_upserts_go_by_a_unique_id_in_the_row_and_each_id_once(org: httpx.Client) -> None:
    row = {"LastName": "Lo", "PQLDesk_Id__c": "lo@a.example"}
    first, again = sent(org, "PATCH", [row, row], "/Contact/PQLDesk_Id__c").json()
    assert (first["created"], again["errors"][0]["statusCode"]) == (True, "DUPLICATE_VALUE")
    (later,) = sent(org, "PATCH", [row], "/Contact/PQLDesk_Id__c").json()
    assert (later["created"], later["id"]) == (False, first["id"])
    assert sent(org, "PATCH", [row], "/Contact/Title").status_code == 404
    assert sent(org, "PATCH", [row], "/Account/PQLDesk_Id__c").status_code == 400


def test_all_or_none_takes_back_what_was_made(org: httpx.Client) -> None:
    said = sent(org, "POST", [{"LastName": "Alone", "Email": "z@a.example"}, {}], allOrNone=True).json()
    assert said[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    query = {"q": "SELECT Id FROM Contact WHERE Email = 'z@a.example'"}
    assert org.get("/services/data/v67.0/query", params=query).json()["totalSize"] == 0
