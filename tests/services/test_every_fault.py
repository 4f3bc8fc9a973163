"""Each CRM and relay, its connector over real sockets: signup, qualification, milestone, handoff, claim, conflict and
erasing, and every fault at every request of each. In the end there is one of each thing, and nothing is lost.

The time of both ends is the loop's, which skips its waits: all pauses have their real lengths.
"""

import argparse
import asyncio
import importlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from counted_there import counted, expected, flat, markers
from crm_colleagues import COLLEAGUES
from fixtures_crm import HOUSES, INES, NOW, RELAYS, TOKEN, Desk, House, Sandbox, add_trial
from skipping_time import SkippingLoop, SkippingNet
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.models.remote import OutboxItem, RemoteLink
from pqldesk.sandbox import SANDBOXES
from pqldesk.sandbox.double import Asked, Double
from pqldesk.sandbox.faults import Fault, Faults
from pqldesk.sandbox.server import serving
from pqldesk.services.connectors import late_s
from pqldesk.services.crm.connecting import Connected, ConnectRequest, connect
from pqldesk.services.crm.connections import connected_crm
from pqldesk.services.delivery.conflicts import conflict_rows, resolve_conflict
from pqldesk.services.delivery.deliver import Delivered, deliver_outbox
from pqldesk.services.delivery.pauses import Pauses
from pqldesk.services.erasure.erase import erase
from pqldesk.services.handoffs.crm_facts import lead_facts
from pqldesk.services.handoffs.crm_groups import SIGNUP, Group, as_system_takes, person_item, queue_groups
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.outbox.playbooks import approve_playbook, queue_playbooks
from pqldesk.services.remote.rest import http_client
from pqldesk.services.workspaces.workspace import open_workspace

LONG = "PQLDESK_LONG_TESTS" in os.environ
ALL = {**HOUSES, **RELAYS}
STORING = 3  # of the faults, the last ones
SOME = 3  # of the faults for a kind that reads
WAVES = 3  # at most, of newcomers or of the same once more
LEADS = 4  # enough for calls that take several, and for workers that get into each other's way
TIMEOUT_S = 10.0
# The heartbeat of a run would beat through an hour; without jitter what failed together comes again together.
PAUSES = Pauses(later_s=(30.0,), jitter=0.0)
DAY_S = 86_400.0
# An id of theirs, an e-mail, our key, a domain: what differs between two requests of one kind.
OF_ONE = re.compile(
    r"(?<=/)(?:[0-9a-f]{8}-[0-9a-f-]{27}|[^/]*@[^/]*|[a-zA-Z0-9]{15,18}|\d+|[^/]*\.example)(?=/|$)"
)
SPOKEN_OF = re.compile(r"FROM (\w+)|sobjects/(\w+)|\"title\"|\"(?:attributes|type)\": ?{\"type\": ?\"(\w+)\"")


def faults(house: House) -> dict[str, Fault]:
    """Every fault of the doubles that hits a request, by what it is called here."""
    late_ms = int((TIMEOUT_S + max(1.0, 0.9 * late_s(house.system))) * 1000)
    return {
        "429": Fault("status", status=429),
        "cut off before": Fault("drop_before_commit"),
        "500": Fault("status", status=500),
        "a proxy's page": Fault("html"),
        "401": Fault("status", status=401),
        "503": Fault("status", status=503),
        "refused": Fault("status", status=422),
        # Those that store something come last: the others all meet the same lead, these one lead each.
        "stored and cut off": Fault("commit_then_drop"),
        "stored, answered too late": Fault("delay", ms=60_000, when="after"),
        "stored after we gave up": Fault("delay", ms=late_ms),
    }


@dataclass
class Course(Faults):
    """Every kind of request that writes meets every fault in each stage, one after the other, while *stage* is set.

    Kinds that read meet some once, each kind others; in the long test they too meet all, in each stage. Calls of many
    meet them over the whole way: whether there is one in a stage depends on which leads go together.
    """

    faults: Mapping[str, Fault]
    stage: str = ""
    looks: set[str] = field(default_factory=set)  # what is asked before anything is sent: no stage of its own
    ahead: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def take(self, method: str, path: str, text: str = "") -> Fault | None:
        if not self.stage:
            return None
        kind, reads = kind_of(method, path, text), changes_nothing(method, path)
        once = kind in self.looks or takes_many(path) or (reads and not LONG)
        key = "" if once else self.stage, kind
        if key not in self.ahead:
            self.ahead[key] = self._some() if reads and not LONG else list(self.faults)
        return self.faults[self.ahead[key].pop(0)] if self.ahead[key] else None

    def goes_with_others(self, kind: str) -> bool:
        """Whether it is sent alone only now and then: usually many go in one call, which is counted by itself."""
        return any(other.startswith(f"{kind}/batch/") for _stage, other in self.ahead)

    def _some(self) -> list[str]:
        names, begin = list(self.faults), len(self.ahead)
        return [names[(begin + 3 * step) % len(names)] for step in range(SOME)]

    @property
    def left(self) -> dict[str, list[str]]:
        """What kinds of requests of this stage have yet to meet."""
        return {kind: left for (stage, kind), left in self.ahead.items() if stage == self.stage and left}


def changes_nothing(method: str, path: str) -> bool:
    return method == "GET" or path.endswith(("/query", "/token", "/search", "/read"))


def takes_many(path: str) -> bool:
    return "/batch/" in path or "/composite/sobjects" in path


def kind_of(method: str, path: str, text: str) -> str:
    """A request without what it is about; where one path serves many, with the objects it speaks of."""
    found = {"".join(names) for names in SPOKEN_OF.findall(text)} if "/services/data" in path else set()
    return f"{method} {OF_ONE.sub('*', path)} {' '.join(sorted(found))}".strip()


class Here(Sandbox):
    """A double in the loop of whoever talks to it; a colleague's changes are made without a socket."""

    def __init__(self, double: Double, url: str) -> None:
        self.url = url
        self.double = double

    def reset(self) -> None:
        self.double.reset()

    def dump(self) -> dict[str, Any]:
        found: dict[str, Any] = self.double.dump()
        return found

    def change(self, action: str, **what: Any) -> Any:
        return self.double.change({"action": action, **what})

    def as_user(self, method: str, path: str, body: Any) -> Any:
        raw = json.dumps(body).encode()
        asked = Asked(method, path, {}, {"authorization": f"Bearer {TOKEN}"}, raw, body)
        answer = self.double.answer(asked)
        assert answer.status < 300, answer.body
        return answer.body

    def log(self, method: str | None = None, path: str | None = None) -> list[dict[str, Any]]:
        return self.double._requests(method, path)

    def forget_log(self) -> None:
        self.double._log.clear()


@dataclass
class Place(Desk):
    """A workspace beside a double, both in one loop."""

    sandbox: Here
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    course: Course = field(default_factory=lambda: Course({}))

    def run(self, work: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any) -> Any:
        async def here() -> Any:
            async with http_client() as http:
                return await work(SkippingNet(self.db, http), *args, **kwargs)

        return self.runner.run(here())

    def connect(self, **options: Any) -> Connected:
        variables = {name: f"{self.house.system}_TEST_{name}".upper() for name in self.house.secrets}
        chosen = {"default_owner": INES, "settings": self.house.choose, **options}
        request = ConnectRequest(self.house.system, self.sandbox.url + self.house.path, variables, **chosen)
        found: Connected = self.run(connect, request, NOW)
        return found

    def deliver(self, *, once: bool = False, **_: Any) -> Delivered:
        found: Delivered = self.run(deliver_outbox, once=once, max_wait_s=DAY_S, pauses=PAUSES)
        return found

    def out(self) -> None:
        """Deliver until all is out; a person retries what was refused."""
        for _ in range(80):
            ended = self.deliver()
            if ended.undone is None:
                return
            self.db.write(retry_items, [], NOW).result()
        raise AssertionError(ended.undone)

    def through(self, stage: str, *acts: Callable[[], object]) -> None:
        """The first of *acts* queues what this stage is about; the others follow, over and over, until every kind of
        request has met every fault."""
        self.course.stage = stage
        for act in (*acts, *(WAVES * acts[-1:])):
            act()
            self.out()
            if not self.course.left:
                break
        # Once it is stored, not every kind comes again: something that stores it must have been met.
        lacking = {
            kind: left
            for kind, left in self.course.left.items()
            if len(left) >= STORING and not self.course.goes_with_others(kind)
        }
        self.course.stage = ""
        assert lacking == {}


@dataclass
class Story:
    """What happens to the leads of a place."""

    place: Place
    leads: list[str] = field(default_factory=list)
    handed_off: int = 0
    claims: int = 0
    titles: int = 0

    def newcomers(self, many: int = 2) -> None:
        """Leads in trial, each of a company of its own; playbooks that are approved see them."""
        for number in range(len(self.leads), len(self.leads) + many):
            lead = self.place.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}")
            self.leads.append(lead)
            self._write(add_trial, _row(lead))
        self._queue_playbooks(self.leads[-many:])

    def approve(self, playbook: str) -> None:
        self._write(approve_playbook, playbook, INES, NOW, backfill=True)

    def hand_off(self) -> None:
        """Everybody who was not yet."""
        for lead in self.leads[self.handed_off :]:
            self.place.hand_off(lead)
        self.handed_off = len(self.leads)

    def hand_off_newcomers(self) -> None:
        self.newcomers()
        self.hand_off()

    def claim(self) -> None:
        """Everybody is claimed, by the one who has them already."""
        self.claims += 1
        at = NOW + timedelta(minutes=self.claims)

        def store(session: Session) -> None:
            for lead in self.leads:
                row = session.get_one(Lead, _row(lead))
                row.owner, row.claimed_at, row.state = INES, at, "claimed"

        self._write(store)
        self._queue_playbooks(self.leads)

    def change_on_both_sides(self) -> None:
        """A colleague changes each title there, somebody else changes it here, and the person is written again."""
        self.titles += 1
        colleague = self._colleague()
        for person in self.place.db.read(_people).result():
            colleague(person, f"Chief {self.titles}")

        self.retitle_here(f"VP {self.titles}")
        self.write_again()

    def retitle_here(self, title: str) -> None:
        def store(session: Session) -> None:
            for lead in self.leads:
                session.get_one(Lead, _row(lead)).job_title = title

        self._write(store)

    def decide(self) -> None:
        """Ours is what counts, each time."""
        found = self.place.db.read(conflict_rows).result()
        assert len(found) == len(self.leads)
        for row in found:
            assert (row.mine, row.theirs) == (f"VP {self.titles}", f"Chief {self.titles}")
            self._write(resolve_conflict, row.conflict_id, "mine", INES, NOW)

    def change_and_decide(self) -> None:
        self.change_on_both_sides()
        self.place.out()
        self.decide()

    def write_again(self) -> None:
        """The outbox is asked to write every person once more."""

        def queue(session: Session) -> None:
            link = connected_crm(session)
            assert link is not None
            facts = lead_facts(session, [_row(lead) for lead in self.leads], NOW)
            groups = []
            for number, one in facts.items():
                items = as_system_takes(
                    [person_item(one, SIGNUP, link.mapped)], link.system, SIGNUP, link.mapped
                )
                groups.append(Group(one, SIGNUP, f"again:{number}:{items[0].code}", items, {}))
            queue_groups(session, link.system, groups, "test", NOW)

        self._write(queue)

    def left_in_the_middle(self) -> None:
        """Something is on its way, and nobody knows whether it arrived."""
        self.retitle_here("President")
        self.write_again()
        self.place.sandbox.double.faults = Faults()
        for method in ("PUT", "PATCH", "POST"):
            self.place.sandbox.double.faults.add(Fault("commit_then_drop", method, count=3))
        self.place.deliver(once=True)
        self.place.sandbox.double.faults.clear()

    def erase_everybody(self) -> None:
        for number in range(len(self.leads)):
            erase(self.place.db, f"lead{number}@firm{number}.example", INES, NOW, lambda _: None)

    def _colleague(self) -> Callable[[str, str], object]:
        sandbox = self.place.sandbox
        if self.place.house.system in COLLEAGUES:
            return COLLEAGUES[self.place.house.system](sandbox).retitle
        return lambda person, title: sandbox.change("change_lead", id=person, values={"title": title})

    def _queue_playbooks(self, leads: list[str]) -> None:
        self._write(queue_playbooks, [_row(lead) for lead in leads], NOW)

    def _write(self, command: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.place.db.write(command, *args, **kwargs).result()


@pytest.fixture(params=sorted(ALL))
def house(request: pytest.FixtureRequest) -> House:
    return ALL[request.param]


@pytest.fixture
def place(
    tmp_path: Path, empty_workspace: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    for name, secret in house.secrets.items():
        monkeypatch.setenv(f"{house.system}_TEST_{name}".upper(), secret)
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    monkeypatch.setenv("PQLDESK_HTTP_TIMEOUT", str(TIMEOUT_S))
    shutil.copy(empty_workspace, tmp_path / "w.pqldesk")
    workspace = open_workspace(tmp_path / "w.pqldesk", create=False)
    module = importlib.import_module(SANDBOXES[house.system])
    options = argparse.ArgumentParser()
    module.add_options(options)
    double: Double = module.build(options.parse_args(list(house.options)))
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        stack = AsyncExitStack()
        url = runner.run(stack.enter_async_context(serving(double)))
        loop = runner.get_loop()
        assert isinstance(loop, SkippingLoop)
        double.clock.set(datetime.now(UTC), stopped=True)
        loop.tell(double.clock.advance)
        place = Place(workspace.db, tmp_path / "w.pqldesk", Here(double, url), house, runner)
        place.connect()
        place.course = double.faults = Course(faults(house))
        place.course.looks = {kind_of(row["method"], row["path"], _said(row)) for row in place.sandbox.log()}
        yield place
        runner.run(_ended(stack))
    workspace.close()


def test_after_every_fault_at_every_request_of_a_leads_whole_way_there_is_one_of_each(place: Place) -> None:
    house, story = place.house, Story(place)
    story.newcomers(LEADS)
    for playbook in ("signup", "qualification", "milestone"):
        place.through(playbook, partial(story.approve, playbook), story.newcomers)
    place.through("handoff", story.hand_off, story.hand_off_newcomers)
    story.approve("handoff")
    place.through("claim", story.claim, story.claim)
    if house.system in HOUSES:
        place.through("conflict", story.change_on_both_sides, story.change_on_both_sides)
        place.through("decision", story.decide, story.change_and_decide)
    place.through("erase", story.write_again, story.write_again)
    many_at_once = [left for (_, kind), left in place.course.ahead.items() if takes_many(kind)]
    assert not many_at_once or min(len(left) for left in many_at_once) < STORING
    there, codes = deepcopy(place.sandbox.dump()), place.db.read(_codes).result()
    story.left_in_the_middle()
    assert {row.state for row in place.outbox()} > {"done"}
    story.erase_everybody()
    place.sandbox.forget_log()
    assert place.deliver().undone is None
    assert place.sandbox.writes() == []
    assert place.outbox() == []
    many = len(story.leads)
    if house.system in RELAYS:
        taken = [each["body"]["event_id"] for each in there["deliveries"]]
        assert set(taken) == set(codes)
        assert house.system != "relay" or len(taken) == len(codes)  # it tells a second delivery from a first
        return
    assert counted(there, house) == expected(
        house, companies=many, people=many, deals=many, tasks=2 * many, notes=2 * many, pql=many, trials=many
    )
    for deal in there["deals"]:
        assert "Enterprise Upgrade - Firm" in str(flat(deal))
        assert {"Sales Qualified", INES} <= set(flat(deal))
        assert {75000, "75000"} & set(flat(deal))
    assert set(Counter(markers(there)).values()) == {1}


async def _ended(stack: AsyncExitStack) -> None:
    await asyncio.sleep(DAY_S)  # what was to be answered late has been
    await stack.aclose()


def _people(session: Session) -> list[str]:
    return list(session.scalars(select(RemoteLink.remote_id).where(RemoteLink.kind == "person")))


def _codes(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxItem.idempotency_key)))


def _said(row: Mapping[str, Any]) -> str:
    return f"{'&'.join(row['query'].values())} {json.dumps(row.get('body'))}"


def _row(lead: str) -> int:
    number = row_number(LEAD, lead)
    assert number is not None
    return number
