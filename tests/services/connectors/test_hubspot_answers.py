"""How long each of HubSpot's refusals for too many requests asks to stay away."""

import asyncio
from typing import Any

import httpx
import pytest

from pqldesk.services.connectors.hubspot import BUDGET, HubSpot
from pqldesk.services.connectors.hubspot.answers import stay_away_s
from pqldesk.services.connectors.hubspot.portal import LONGEST_TEXT
from pqldesk.services.connectors.hubspot.work import _of_note
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.crm import NoteStep
from pqldesk.services.remote.rest import Answer, http_client


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10),
        ({"policyName": "DAILY"}, {}, 3600),
        ({"message": "You have reached your secondly limit."}, {}, 1),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {"retry-after": "4"}, 4),
        (None, {}, 1),
    ],
)
def test_the_limit_that_was_reached_says_how_long_to_wait(
    body: Any, headers: dict[str, str], seconds: int
) -> None:
    assert stay_away_s(Answer(429, body, headers, "POST", "/crm")) == seconds


@pytest.mark.parametrize(("chosen", "expected"), [({}, 15.2), ({"rate": "6/3"}, 6.0)])
def test_the_pace_follows_what_the_answers_say_that_the_plan_allows(
    chosen: dict[str, str], expected: float
) -> None:
    headers = {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}

    async def go() -> float:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={}, headers=headers))
        async with http_client(transport) as client:
            opening = Opening(client, "https://api.hubapi.com", {"token": "k"}, chosen)
            await HubSpot(opening).account()
            return opening.budget(BUDGET).reads.per_second

    assert asyncio.run(go()) == pytest.approx(expected)


def test_a_note_fits_whatever_becomes_of_its_signs() -> None:
    step = NoteStep("[pqd:7F3K2QMW]", "PLG Handoff Context", '"' * 70_000, "1", None)
    body = _of_note(step)["hs_note_body"]
    assert len(body) <= LONGEST_TEXT
    assert step.marker in body
