"""Several rows in one call: what one of them is refused is its own, and what may be there is not taken for refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import httpx
import pytest

from pqldesk.services.connectors.hubspot import answers as hubspot_answers
from pqldesk.services.connectors.hubspot import api as hubspot_api
from pqldesk.services.connectors.hubspot import work as hubspot_work
from pqldesk.services.connectors.hubspot.portal import Portal
from pqldesk.services.connectors.salesforce.answers import explain
from pqldesk.services.connectors.salesforce.api import Api
from pqldesk.services.connectors.salesforce.org import Org
from pqldesk.services.connectors.salesforce.reading import Reading
from pqldesk.services.connectors.salesforce.work import Work
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.crm import NoteStep, Ref
from pqldesk.services.remote.problems import Ambiguous

NOTES = [NoteStep(f"[pqd:0000000{n}]", "Note", f"text [pqd:0000000{n}]", "003x", None) for n in (1, 2)]


def asked(
    answer: Callable[[httpx.Request], httpx.Response], work: Callable[[Opening], Awaitable[object]]
) -> object:
    async def run() -> object:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            secrets = {"token": "t", "client_id": "c", "client_secret": "s"}
            return await work(Opening(http, "http://127.0.0.1:1", secrets, {}))

    return asyncio.run(run())


def test_a_note_whose_link_was_refused_is_taken_back_so_that_it_can_go_by_itself() -> None:
    gone = []

    def org(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            gone.append(request.url.path.rpartition("/")[2])
            return httpx.Response(204)
        records = json.loads(request.content)["records"]
        if records[0]["attributes"]["type"] == "ContentNote":
            return httpx.Response(200, json=[{"id": f"069{n}", "success": True} for n in (1, 2)])
        refused = {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": ""}]}
        return httpx.Response(200, json=[{"id": "06A1", "success": True, "errors": []}, refused])

    assert asked(org, _write_notes) == [Ref("0691"), None]
    assert gone == ["0692"]


def test_notes_whose_links_met_trouble_are_looked_for_before_they_are_written_again() -> None:
    def org(request: httpx.Request) -> httpx.Response:
        if json.loads(request.content)["records"][0]["attributes"]["type"] == "ContentNote":
            return httpx.Response(200, json=[{"id": f"069{n}", "success": True} for n in (1, 2)])
        return httpx.Response(403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "Used up"}])

    with pytest.raises(Ambiguous):
        asked(org, _write_notes)


async def _write_notes(opening: Opening) -> object:
    api = Api(opening.rest("Salesforce", explain, opening.budget((9.0, 9.0))))
    org, mapped, catalogue = Org(has_notes=True), Mapped(), Catalogue()
    return await Work(api, mapped, catalogue, org, Reading(mapped, catalogue, org, "")).notes(NOTES)


@pytest.mark.parametrize(("errors", "told"), [([{"category": "OBJECT_NOT_FOUND"}], True), ([], False)])
def test_a_record_that_is_neither_made_nor_refused_may_be_there(errors: list[object], told: bool) -> None:
    def account(request: httpx.Request) -> httpx.Response:
        made = {"id": "7", "properties": {"hs_note_body": "text [pqd:00000002]"}}
        return httpx.Response(201, json={"status": "COMPLETE", "results": [made], "errors": errors})

    async def write(opening: Opening) -> object:
        api = hubspot_api.Api(opening.rest("HubSpot", hubspot_answers.explain, opening.budget((9.0, 9.0))))
        return await hubspot_work.Work(api, Mapped(), Catalogue(), Portal()).notes(NOTES)

    if told:
        assert asked(account, write) == [None, Ref("7")]
    else:
        with pytest.raises(Ambiguous, match="did not say what came of each record"):
            asked(account, write)
