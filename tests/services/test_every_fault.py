"""Each CRM and relay, its connector over real sockets: signup, qualification, milestone, handoff, claim, conflict and
erasing, and every fault at every request of each; then the same beside what an administrator changes there between any
two requests, until somebody complains. In the end there is one of each thing, and nothing is lost.

The time of both ends is the loop's, which skips its waits: all pauses have their real lengths.
"""

import argparse
import asyncio
import importlib
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from counted_there import counted, expected, flat, markers
from fault_course import CHANGES, STORING, TIMEOUT_S, Change, faults, kind_of, said, takes_many
from fault_story import DAY_S, Here, Place, Story
from fixtures_crm import HOUSES, INES, RELAYS, House
from skipping_time import SkippingLoop
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import OutboxItem
from pqldesk.sandbox import SANDBOXES
from pqldesk.sandbox.double import Double
from pqldesk.sandbox.faults import Fault
from pqldesk.sandbox.server import serving
from pqldesk.services.workspaces.workspace import open_workspace

ALL = {**HOUSES, **RELAYS}
LEADS = 4  # enough for calls that take several, and for workers that get into each other's way


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
        place.course.looks = {kind_of(row["method"], row["path"], said(row)) for row in place.sandbox.log()}
        yield place
        runner.run(_ended(stack))
    workspace.close()


def test_after_every_fault_at_every_request_of_a_leads_whole_way_there_is_one_of_each(place: Place) -> None:
    story = whole_way(place, faults(place.house))
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
    assert_one_of_each(place.house, there, codes, len(story.leads))


def test_what_is_changed_there_between_two_requests_holds_until_it_is_taken_back(place: Place) -> None:
    changes = CHANGES[place.house.system]
    story = whole_way(place, changes, leads=2)
    assert [kind for (_, kind), left in place.course.ahead.items() if len(left) == len(changes)] == []
    assert {row.state for row in place.outbox()} == {"done"}
    codes = place.db.read(_codes).result()
    assert_one_of_each(place.house, place.sandbox.dump(), codes, len(story.leads))


def whole_way(place: Place, troubles: Mapping[str, Fault | Change], leads: int = LEADS) -> Story:
    """Signup, qualification, milestone, handoff, claim, conflict and another write of all, each beside *troubles*."""
    place.course.faults, place.course.change = troubles, place.sandbox.double.change
    place.sandbox.double.faults = place.course
    story = Story(place)
    story.newcomers(leads)
    for playbook in ("signup", "qualification", "milestone"):
        place.through(playbook, partial(story.approve, playbook), story.newcomers)
    place.through("handoff", story.hand_off, story.hand_off_newcomers)
    story.approve("handoff")
    place.through("claim", story.claim, story.claim)
    if place.house.system in HOUSES:
        place.through("conflict", story.change_on_both_sides, story.change_on_both_sides)
        place.through("decision", story.decide, story.change_and_decide)
    place.through("erase", story.write_again, story.write_again)
    return story


def assert_one_of_each(house: House, there: dict[str, Any], codes: list[str], many: int) -> None:
    """*there*: what a double holds of *many* leads that went the whole way; *codes*: of what was queued."""
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


def _codes(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxItem.idempotency_key)))
