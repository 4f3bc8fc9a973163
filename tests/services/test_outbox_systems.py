"""Every CRM, through its connector over real sockets: what holds, what a retry finishes, and what is said."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from counted_there import counted, expected, flat
from fixtures_crm import DANA, HOUSES, INES, NOW, Desk, House, add_trial
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.services.connectors import CRMS, lacks
from pqldesk.services.connectors.abilities import KEY, LOOKED, MARKER
from pqldesk.services.crm.connections import Linked, linked_named, opened, place_of
from pqldesk.services.handoffs.handoff import handoff_draft
from pqldesk.services.net import Net, run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.outbox.playbooks import approve_playbook, queue_playbooks
from pqldesk.services.remote.crm import (
    CompanyStep,
    DealStep,
    ListStep,
    NoteStep,
    PersonStep,
    Step,
    TaskStep,
)
from pqldesk.services.remote.problems import Held


@pytest.fixture(params=sorted(HOUSES))
def house(request: pytest.FixtureRequest) -> House:
    # A rate far above what is sent: without one, a 429 would slow the rest of the test to a request a second.
    found = HOUSES[request.param]
    return replace(found, choose={**found.choose, "rate": "500/500"})


def able(kind: str) -> list[House]:
    """The houses that have a place for it."""
    return [HOUSES[name] for name in sorted(HOUSES) if kind not in HOUSES[name].cannot]


def test_a_quiet_way_needs_no_second_try_and_says_nothing(desk: Desk) -> None:
    desk.hand_off(_lead_in_trial(desk))
    assert desk.deliver().undone is None
    assert {(row.state, row.attempts, row.error) for row in desk.outbox()} == {("done", 1, None)}
    assert all(row.remote_id for row in desk.outbox())


@pytest.mark.parametrize("house", able("deal"), ids=lambda house: house.system)
def test_a_deal_that_was_compared_is_not_read_again_before_it_is_changed(desk: Desk) -> None:
    lead = _lead_in_trial(desk)
    desk.hand_off(lead)
    _delivered(desk)
    desk.sandbox.forget_log()
    desk.hand_off(lead, again=True, deal_value=90000)
    _delivered(desk)
    deal_id = next(str(row.remote_id) for row in desk.outbox() if row.kind == "deal")
    assert len([row for row in desk.sandbox.log("GET") if deal_id in row["path"]]) == 1


def test_handing_over_again_moves_the_same_deal_and_adds_only_task_and_note(desk: Desk, house: House) -> None:
    lead = _lead_in_trial(desk)
    desk.hand_off(lead)
    _delivered(desk)
    desk.hand_off(lead, again=True, deal_value=90000)
    _delivered(desk)
    there = desk.sandbox.dump()
    assert counted(there, house) == expected(house, tasks=2, notes=2)
    assert all({90000, "90000"} & set(flat(deal)) for deal in there["deals"])


def test_two_people_of_one_company_share_its_deal(desk: Desk, house: House) -> None:
    desk.hand_off(desk.add_lead())
    desk.hand_off(desk.add_lead("omid@quayworks.example", name="Omid Rahimi", first_name="Omid"))
    _delivered(desk)
    there = counted(desk.sandbox.dump(), house)
    assert there == expected(house, people=2, pql=2, trials=0, tasks=2, notes=2)


def test_an_expired_token_costs_at_most_a_retry(desk: Desk, house: House) -> None:
    desk.hand_off(_lead_in_trial(desk))
    desk.sandbox.fault("status", *house.writes["task"], status=401)
    _delivered(desk)
    assert counted(desk.sandbox.dump(), house)["tasks"] == 1


@pytest.mark.parametrize("house", able("member"))
def test_an_unknown_member_holds_the_handoff_before_its_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(), assignee="nobody@northquay.example")
    ended = desk.deliver()
    assert set(desk.states().values()) == {"held"}
    assert ended.undone is not None
    assert "nobody@northquay.example is no member of" in ended.undone
    assert desk.sandbox.writes() == []


@pytest.mark.parametrize("house", able("deal"))
def test_an_unknown_stage_holds_the_handoff_before_its_first_write(desk: Desk) -> None:
    desk.hand_off(desk.add_lead(), stage="Nowhere")
    assert "has no deal stage “Nowhere”" in str(desk.deliver().undone)
    assert set(desk.states().values()) == {"held"}
    assert desk.sandbox.writes() == []


def test_a_refusal_fails_at_once_stops_what_comes_after_and_a_retry_finishes(
    desk: Desk, house: House
) -> None:
    desk.hand_off(_lead_in_trial(desk))
    desk.sandbox.fault("status", *house.writes["task"], status=422)
    assert "the task for" in str(desk.deliver().undone)
    assert (desk.states()["task"], desk.states()["note"]) == ("failed", "pending")
    desk.db.write(retry_items, [], NOW).result()
    _delivered(desk)
    assert counted(desk.sandbox.dump(), house)["tasks"] == 1


@pytest.mark.parametrize("house", able("claim"))
def test_a_claim_goes_to_the_crm_and_never_takes_another_reps_lead(desk: Desk) -> None:
    assert "list.pql.claimed_by" in desk.connect().mapped
    desk.db.write(approve_playbook, "handoff", INES, NOW, backfill=True).result()
    lead = desk.add_lead()
    _claim(desk, lead, INES)
    _delivered(desk)
    assert INES in flat(desk.sandbox.dump())
    desk.sandbox.forget_log()
    _claim(desk, lead, DANA, minutes=5)
    desk.deliver()
    assert {row.state for row in desk.outbox()} == {"done", "held"}
    assert any(INES in (row.error or "") for row in desk.outbox())


def test_the_table_of_abilities_is_what_the_connector_does(desk: Desk, house: House) -> None:
    can = CRMS[house.system].can
    assert can is not None
    once = run_network(desk.db, _once, desk.db.read(linked_named, house.system).result())
    steps = {**can.on_request, **can.steps}
    assert set(once) - set(lacks(house.system, can.on_request)) == set(steps) - {"claim"}
    for kind in set(once) & set(steps):
        assert once[kind] == (steps[kind].once not in (MARKER, LOOKED)), kind
        assert once[kind] or steps[kind].once != KEY


@pytest.mark.parametrize("house", [HOUSES[name] for name in sorted(HOUSES) if HOUSES[name].cannot])
def test_what_a_crm_has_no_place_for_is_said_and_left_out(desk: Desk, house: House) -> None:
    """The connector itself refuses it, too: nothing is written somewhere else instead."""
    draft = desk.db.read(handoff_draft, desk.add_lead(), INES, NOW).result()
    said = {step.kind for step in draft.steps if "has no place for it" in step.detail}
    assert said == set(lacks(house.system, desk.db.read(linked_named, house.system).result().mapped.steps))
    assert said == house.cannot - {"member"}
    for kind in said - {"claim"}:
        with pytest.raises(Held):
            run_network(desk.db, _sent, desk.db.read(linked_named, house.system).result(), kind)


def test_a_secret_that_is_gone_holds_what_is_queued_and_nothing_is_lost(
    desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hand_off(desk.add_lead())
    for name in house.secrets:
        monkeypatch.setenv(f"{house.system}_TEST_{name}".upper(), "no-such-secret")
    assert set(_after(desk.deliver, desk).values()) == {"held"}
    assert desk.sandbox.writes() == []
    monkeypatch.undo()
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    for name, secret in house.secrets.items():
        monkeypatch.setenv(f"{house.system}_TEST_{name}".upper(), secret)
    desk.db.write(retry_items, [], NOW).result()
    _delivered(desk)


async def _once(net: Net, linked: Linked) -> dict[str, bool]:
    """Kind of step -> whether the connector says it may be sent again by itself."""
    crm = opened(net.http, linked, await net.read(place_of))
    await crm.account()
    crm.use(linked.mapped, await crm.catalogue())
    return {kind: crm.writes_once(step) for kind, step in _steps().items()}


async def _sent(net: Net, linked: Linked, kind: str) -> None:
    await opened(net.http, linked, await net.read(place_of)).send(_steps()[kind])


def _steps() -> dict[str, Step]:
    return {
        "company": CompanyStep("a.example", "A"),
        "person": PersonStep("a@a.example", "A", "B", "A B", None),
        "list_entry": ListStep("pql", "1"),
        "deal": DealStep("key", "D", "S", None, INES, "1", None, True),
        "task": TaskStep("[pqd:00000000]", "T", None, INES, "1", None),
        "note": NoteStep("[pqd:00000000]", "N", "text", "1", None),
    }


def _lead_in_trial(desk: Desk) -> str:
    lead = desk.add_lead()
    desk.db.write(add_trial, row_number(LEAD, lead)).result()
    return lead


def _claim(desk: Desk, lead: str, rep: str, minutes: int = 0) -> None:
    def store(session: Session) -> None:
        row = session.get_one(Lead, row_number(LEAD, lead))
        row.owner, row.claimed_at, row.state = rep, NOW.replace(minute=minutes), "claimed"

    desk.db.write(store).result()
    desk.db.write(queue_playbooks, [row_number(LEAD, lead)], NOW).result()


def _delivered(desk: Desk) -> None:
    """Everything out; what needs a person is retried, once a kind of write at most."""
    ended = desk.deliver()
    for _ in range(len(desk.house.writes)):
        if ended.undone is not None:
            desk.db.write(retry_items, [], NOW).result()
            ended = desk.deliver()
    assert ended.undone is None


def _after(do: Callable[[], object], desk: Desk) -> dict[str, str]:
    do()
    return desk.states()
