"""What connectors share: what they are opened with, and how a step finds its way."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.crm import Ref, Seen, Step, cannot
from pqldesk.services.remote.feeds import Feeds
from pqldesk.services.remote.pace import Budget, Usual
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.rest import CONNECTIONS, Explain, Rest, httpx


async def _nowhere(field: str, secret: str) -> None:
    raise Held(_("There is nowhere to keep a new secret."), _("Connect again."))


_Key = tuple[str, str | None, Usual]
_BUDGETS: WeakKeyDictionary[httpx.AsyncClient, dict[_Key, Budget]] = WeakKeyDictionary()
_OTHERS: WeakKeyDictionary[httpx.AsyncClient, Mapping[str, int]] = WeakKeyDictionary()


def ask_beside(http: httpx.AsyncClient, others: Mapping[str, int]) -> None:
    """So many other processes ask at each of these addresses now, and nobody at any other: what *http* asks there is
    this process's part."""
    _OTHERS[http] = others
    for (url, _rate, _usual), budget in _BUDGETS.get(http, {}).items():
        budget.part(1 + others.get(url, 0))


@dataclass(frozen=True, slots=True)
class Opening:
    """What a connector is opened with. *secrets* by field; *chosen*: by ``--set``.

    *keep* stores a secret that the system has replaced, *again* reads a stored one once more: another process may
    have replaced it.
    """

    http: httpx.AsyncClient
    url: str
    secrets: Mapping[str, str]
    chosen: Mapping[str, str]
    keep: Callable[[str, str], Awaitable[None]] = _nowhere
    again: Callable[[str], Awaitable[str | None]] | None = None

    def budget(self, usual: Usual) -> Budget:
        """The paces that were chosen, else *usual*: reads and writes, or all requests, a second. All who reach the
        system through the same client share them: a pull and the outbox do not take twice what it allows."""
        rate = self.chosen.get("rate")
        shared = _BUDGETS.setdefault(self.http, {})
        key = (self.url, rate, usual)
        if key not in shared:
            shared[key] = Budget.read(rate, self.url, usual)
            shared[key].part(1 + _OTHERS.get(self.http, {}).get(self.url, 0))
        return shared[key]

    def rest(self, title: str, explain: Explain, budget: Budget, **more: Any) -> Rest:
        """The system's API; with the key in each request where there is one and no *tokens* bring another."""
        headers = {"Accept": "application/json"}
        if more.get("tokens") is None and "token" in self.secrets:
            headers["Authorization"] = f"Bearer {self.secrets['token']}"
        return Rest(self.http, title, self.url, headers, explain, budget, **more)

    def number(self, name: str, usual: int, unit: str) -> int:
        """A whole number above 0 that was chosen, else *usual*. Raises ValueError for anything else."""
        text = self.chosen.get(name, str(usual))
        if not text.isdigit() or not int(text):
            raise ValueError(
                _("{name}={text} is no number of {unit}, such as {usual}").format(
                    name=name, text=text, unit=unit, usual=usual
                )
            )
        return int(text)


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of step is carried out.

    *find* looks for what an earlier try left; without it sending again is the look. *once*: whether sending again by
    itself cannot make a second record. *present* reads the record that the step would change.
    """

    send: Callable[[Any], Awaitable[Ref]]
    find: Callable[[Any], Awaitable[Ref | None]] | None = None
    once: bool | Callable[[Any], bool] = True
    present: Callable[[Any], Awaitable[Seen | None]] | None = None


class Connector:
    """The part of a Crm that is the same for all: each step goes its *ways*, one without a way is refused."""

    title = ""
    at_once = CONNECTIONS
    ways: Mapping[type[Step], Way]
    # reads the person of an e-mail, where the system can be asked
    look: Callable[[str], Awaitable[Seen | None]] | None = None
    feeds: Feeds | None = None

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        """None, unless the connector says otherwise."""
        return ()

    async def send(self, step: Step) -> Ref:
        way = self.ways.get(type(step))
        if way is None:
            raise cannot(self.title, step)
        return await way.send(step)

    async def present(self, step: Step) -> Seen | None:
        way = self.ways.get(type(step))
        return None if way is None or way.present is None else await way.present(step)

    async def find(self, step: Step) -> Ref | None:
        way = self.ways.get(type(step))
        return None if way is None or way.find is None else await way.find(step)

    def writes_once(self, step: Step) -> bool:
        way = self.ways.get(type(step))
        if way is None or isinstance(way.once, bool):
            return way is None or bool(way.once)
        return way.once(step)
