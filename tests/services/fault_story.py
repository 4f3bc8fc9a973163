"""What happens to the leads of a workspace beside a double of a CRM, in one loop that skips its waits."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from crm_colleagues import COLLEAGUES
from fault_course import Course
from fixtures_crm import INES, NOW, TOKEN, Desk, Sandbox, add_trial
from skipping_time import SkippingNet
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.models.remote import RemoteLink
from pqldesk.sandbox.double import Asked, Double
from pqldesk.sandbox.faults import Fault, Faults
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

WAVES = 3  # at most, of newcomers or of the same once more
# The heartbeat of a run would beat through an hour; without jitter what failed together comes again together.
PAUSES = Pauses(later_s=(30.0,), jitter=0.0)
DAY_S = 86_400.0


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
            self.course.take_back()
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
        lacking = self.course.lacking
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
            self._write(add_trial, row_of(lead))
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
                row = session.get_one(Lead, row_of(lead))
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
                session.get_one(Lead, row_of(lead)).job_title = title

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
            facts = lead_facts(session, [row_of(lead) for lead in self.leads], NOW)
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
        self._write(queue_playbooks, [row_of(lead) for lead in leads], NOW)

    def _write(self, command: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.place.db.write(command, *args, **kwargs).result()


def row_of(lead: str) -> int:
    """A lead's row by its public id."""
    number = row_number(LEAD, lead)
    assert number is not None
    return number


def _people(session: Session) -> list[str]:
    return list(session.scalars(select(RemoteLink.remote_id).where(RemoteLink.kind == "person")))
