"""How long each of HubSpot's refusals for too many requests asks to stay away."""

from typing import Any

import pytest

from pqldesk.services.connectors.hubspot.answers import stay_away_s
from pqldesk.services.remote.rest import Answer


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
