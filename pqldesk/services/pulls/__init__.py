"""The list of pulled systems: the only place that names their modules."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

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

    def open(self, setup: Setup) -> Puller:
        """The puller. BadInput when a setting is missing or cannot be used."""
        opened: Callable[[Setup], Puller] = import_module(f"pqldesk.services.pulls.{self.name}").opened
        return opened(setup)


PULLS: dict[str, Pulled] = {
    one.name: one
    for one in (Pulled("posthog", 15 * MINUTE, settings=("project",), url="https://us.posthog.com"),)
}
"""System name -> how it is pulled. A module of the same name offers ``opened(setup) -> Puller``."""
