"""The list of pulled systems: the only place that names their modules."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from pqldesk.services.connectors import kind_of
from pqldesk.services.pulls.puller import Puller, Setup

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Pulled:
    """How one system is pulled. *secrets* are the fields it takes; *settings* what --set has to give; *url* where it
    is unless told otherwise; *every_s* how often, unless told otherwise (``--set every=15m``)."""

    name: str
    every_s: int
    secrets: tuple[str, ...] = ("pull_token",)
    settings: tuple[str, ...] = ()
    url: str = ""
    module: str = ""  # where its puller is, when not here under its name

    def open(self, setup: Setup) -> Puller:
        """The puller. BadInput when a setting is missing or cannot be used."""
        opened: Callable[[Setup], Puller] = import_module(
            self.module or f"pqldesk.services.pulls.{self.name}"
        ).opened
        return opened(setup)


def _crm(name: str) -> Pulled:
    """A CRM is pulled with what it is written with, once it is connected, whatever way."""
    return Pulled(name, 15 * MINUTE, secrets=(), module="pqldesk.services.crm_pull")


PULLS: dict[str, Pulled] = {
    one.name: one
    for one in (
        Pulled("posthog", 15 * MINUTE, settings=("project",), url="https://us.posthog.com"),
        _crm("attio"),
        _crm("salesforce"),
        _crm("hubspot"),
        _crm("twenty"),
        Pulled("stripe", 15 * MINUTE, url="https://api.stripe.com"),
        Pulled("mixpanel", HOUR, url="https://data.mixpanel.com"),
        Pulled("amplitude", HOUR, secrets=("token", "pull_token"), url="https://amplitude.com"),
        Pulled("gitlab", 6 * HOUR, url="https://gitlab.com"),
        Pulled("snowplow", 5 * MINUTE, secrets=(), settings=("folder",)),
        Pulled("folder", MINUTE, secrets=(), settings=("folder",)),
        Pulled("portal_tables", 15 * MINUTE, secrets=()),
        Pulled("warehouse", 6 * HOUR, secrets=(), settings=("table", "event", "occurred_at")),
    )
}
"""System name -> how it is pulled. A module of the same name, or the one named, offers ``opened(setup) -> Puller``."""


def pull_of(name: str) -> Pulled | None:
    """How the connection of that name is pulled; None where it is not."""
    return PULLS.get(kind_of(name))
