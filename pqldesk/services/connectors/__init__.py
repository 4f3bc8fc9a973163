"""The list of connectors: the only place that names them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pqldesk.services.problems import BadInput
from pqldesk.services.remote.crm import Crm

if TYPE_CHECKING:
    from pqldesk.services.remote.rest import httpx


@dataclass(frozen=True, slots=True)
class System:
    """A system that can be connected. *secrets* are the fields it needs; *open* makes the CRM behind it."""

    name: str
    title: str
    url: str = ""
    secrets: tuple[str, ...] = ("token",)
    open: "Callable[[httpx.AsyncClient, str, Mapping[str, str], str | None], Crm] | None" = None


def _attio(http: "httpx.AsyncClient", url: str, secrets: Mapping[str, str], rate: str | None) -> Crm:
    from pqldesk.services.connectors.attio import Attio  # httpx is not needed before the first frame

    return Attio(http, url, secrets["token"], rate=rate)


CRMS: dict[str, System] = {
    "attio": System("attio", "Attio", "https://api.attio.com", open=_attio),
}
INBOUND: dict[str, System] = {
    name: System(name, title, secrets=() if name == "snowplow" else ("token",))
    for name, title in {
        "segment": "Segment",
        "rudderstack": "RudderStack",
        "posthog": "PostHog",
        "gitlab": "GitLab",
        "stripe": "Stripe",
        "mixpanel": "Mixpanel",
        "amplitude": "Amplitude",
        "snowplow": "Snowplow",
    }.items()
}


def system_named(name: str) -> System:
    """The system of that name. Raises BadInput naming those there are."""
    found = CRMS.get(name) or INBOUND.get(name)
    if found is None:
        raise BadInput(f"There is no system {name!r}.", f"Known: {', '.join((*CRMS, *INBOUND))}.")
    return found


def title_of(name: str) -> str:
    """A system's name for people, also for one no longer known."""
    found = CRMS.get(name) or INBOUND.get(name)
    return found.title if found else name
