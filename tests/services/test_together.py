"""Many leads in one call: fewer calls, an outcome for each row, never anything twice."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from fixtures_crm import HOUSES, INES, NOW, Desk, House, store_lead

from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.remote.crm import Ref
from pqldesk.services.remote.problems import Ambiguous, Refused
from pqldesk.services.remote.together import Together

BATCHED = ("hubspot", "marketo", "salesforce")
CALLS = {  # of many rows, beside those of one
    "hubspot": [("POST", "*/contacts/*/batch/*")],
    "marketo": [],
    "salesforce": [
        ("PATCH", "*/composite/sobjects*"),
        ("POST", "*/composite/sobjects"),
        ("POST", "*/composite/*"),
    ],
}


@pytest.fixture(params=BATCHED)
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


def gathered(
    steps: Sequence[Any], many: Any, *, most: int = 100
) -> tuple[list[Ref | BaseException], list[list[Any]], list[Any]]:
    """Outcomes in order, the steps of each call, and the steps that went by themselves."""
    calls: list[list[Any]] = []
    alone: list[Any] = []

    async def several(asked: Sequence[Any]) -> Sequence[Ref | None]:
        calls.append(list(asked))
        found: Sequence[Ref | None] = many(asked)
        return found

    async def one(step: Any) -> Ref:
        alone.append(step)
        if step == "bad":
            raise Refused("refused")
        return Ref(f"alone {step}")

    async def run() -> list[Ref | BaseException]:
        together = Together(several, one, most, lambda step: step)
        return await asyncio.gather(*(together.send(step) for step in steps), return_exceptions=True)

    return asyncio.run(run()), calls, alone


def refs(asked: Sequence[Any]) -> list[Ref | None]:
    return [None if step == "bad" else Ref(str(step)) for step in asked]


def test_steps_under_way_together_go_in_one_call_and_each_has_its_own_outcome() -> None:
    outcomes, calls, alone = gathered(["a", "bad", "b"], refs)
    assert calls == [["a", "bad", "b"]]
    assert alone == ["bad"]
    assert [outcomes[0], outcomes[2]] == [Ref("a"), Ref("b")]
    assert isinstance(outcomes[1], Refused)


def test_a_single_step_goes_by_itself() -> None:
    outcomes, calls, alone = gathered(["a"], refs)
    assert (outcomes, calls, alone) == ([Ref("alone a")], [], ["a"])


def test_no_call_holds_more_than_the_system_takes_nor_the_same_key_twice() -> None:
    _outcomes, calls, _alone = gathered([0, 1, 2, 3, 4, 4, 5], refs, most=3)
    assert calls == [[0, 1, 2], [3, 4], [4, 5]]


def test_a_call_whose_answer_is_lost_is_lost_for_each_of_its_steps_and_none_goes_again() -> None:
    def lost(asked: Sequence[Any]) -> list[Ref | None]:
        raise Ambiguous("lost")

    outcomes, _calls, alone = gathered(["a", "b"], lost)
    assert [type(each) for each in outcomes] == [Ambiguous, Ambiguous]
    assert alone == []


def test_a_call_that_is_refused_as_a_whole_leaves_each_step_to_itself() -> None:
    def refused(asked: Sequence[Any]) -> list[Ref | None]:
        raise Refused("one of them cannot even be read")

    outcomes, _calls, alone = gathered(["a", "bad", "b"], refused)
    assert [outcomes[0], outcomes[2]] == [Ref("alone a"), Ref("alone b")]
    assert isinstance(outcomes[1], Refused)
    assert alone == ["a", "bad", "b"]


def _backfilled(desk: Desk, leads: int, playbook: str = "qualification") -> None:
    for number in range(leads):
        columns = {"name": f"Lead {number}", "first_name": "Lead", "last_name": str(number)}
        desk.db.write(store_lead, f"lead{number}@firm{number}.example", f"Firm {number}", columns).result()
    desk.db.write(approve_playbook, playbook, INES, NOW, backfill=True).result()


def test_a_backfill_about_leads_who_are_there_takes_a_fraction_of_the_calls(desk: Desk, house: House) -> None:
    """How many go in one call depends on what is under way."""
    _backfilled(desk, 24, "signup")
    assert desk.deliver(max_wait_s=30).undone is None
    desk.sandbox.forget_log()
    desk.db.write(approve_playbook, "qualification", INES, NOW, backfill=True).result()
    assert desk.deliver(max_wait_s=30).undone is None
    there = desk.sandbox.dump()
    assert (len(there["people"]), len(there["entries"]["PQL queue"])) == (24, 24)
    assert {_of(row, "email") for row in there["people"]} == {f"lead{n}@firm{n}.example" for n in range(24)}
    assert all("85" in map(str, row.values()) for row in there["people"])
    assert {row.state for row in desk.outbox()} == {"done"}
    ours = "contacts|leads|lists|query|Contact|CampaignMember|composite/sobjects"
    asked = [entry for entry in desk.sandbox.log() if re.search(ours, entry["path"])]
    # One by one it would be two for each of them at least; on a busy machine fewer go together.
    assert len(asked) < 36, [(entry["method"], entry["path"]) for entry in asked]


def test_somebody_who_is_gone_is_made_anew_among_those_who_are_there(desk: Desk) -> None:
    _backfilled(desk, 12, "signup")
    assert desk.deliver(max_wait_s=30).undone is None
    desk.db.write(approve_playbook, "qualification", INES, NOW, backfill=True).result()
    gone = desk.sandbox.dump()["people"][3]
    away = "delete_row" if desk.house.system == "salesforce" else "remove_person"
    desk.sandbox.change(away, id=_of(gone, "id"))
    desk.deliver(max_wait_s=30)
    there = desk.sandbox.dump()
    assert len(there["people"]) == 12
    assert {row.state for row in desk.outbox()} == {"done"}


def _of(row: dict[str, Any], name: str) -> str:
    return str(row.get(name) or row.get(name.capitalize()))


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "html"])
def test_a_lost_call_of_many_leads_leaves_one_of_each(desk: Desk, house: House, kind: str) -> None:
    for way in dict.fromkeys([*house.writes.values(), *CALLS[house.system]]):
        desk.sandbox.fault(kind, *way)
    _backfilled(desk, 15)
    for _ in range(4):
        if desk.deliver(max_wait_s=30).undone is None:
            break
        desk.db.write(retry_items, [], NOW).result()
    there = desk.sandbox.dump()
    assert (len(there["people"]), len(there["entries"]["PQL queue"])) == (15, 15)
    assert {len(there["tasks"])} <= {0, 15}
    assert {row.state for row in desk.outbox()} == {"done"}


@pytest.mark.parametrize("house", [HOUSES["salesforce"]])
def test_rows_that_somebody_else_has_locked_go_again_and_the_others_are_done(desk: Desk) -> None:
    desk.sandbox.change("switch", locked=4)
    _backfilled(desk, 12)
    assert desk.deliver(max_wait_s=30).undone is None
    there = desk.sandbox.dump()
    assert [len(there[kind]) for kind in ("people", "tasks")] == [12, 12]
    assert len(there["entries"]["PQL queue"]) == 12
    assert {row.attempts for row in desk.outbox()} == {1}
