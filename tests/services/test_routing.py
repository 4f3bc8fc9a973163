"""Giving leads out: territories, turns, who is passed over and why."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pqldesk.models.people import Company, Lead
from pqldesk.models.team import RouteShare
from pqldesk.services import claims, routes, routing, schedule
from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.filters.language import BadFilter
from pqldesk.services.history import actions_of
from pqldesk.services.leads import leads
from pqldesk.services.leads.leads import LeadDraft
from pqldesk.services.queue.find import lead_of
from pqldesk.services.team import team
from pqldesk.services.team.response_clock import ResponseClock
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW

pytestmark = pytest.mark.both_databases

ADA, BOB, CLEO = "ada@example.com", "bob@example.com", "cleo@example.com"
BOSS = "boss@example.com"
Do = Callable[..., Any]


@pytest.fixture
def do(workspace: Workspace) -> Do:
    return lambda command, *args, **kwargs: workspace.db.write(command, *args, **kwargs).result()


@pytest.fixture
def people(do: Do) -> None:
    for email in (ADA, BOB, CLEO):
        do(team.set_member, email, {}, BOSS, NOW)


@pytest.fixture
def arrives(workspace: Workspace, do: Do) -> Callable[..., int]:
    """Somebody raises a hand, which qualifies them; the lead's number."""

    def arrives(name: str, at: datetime = NOW, **facts: Any) -> int:
        draft = LeadDraft(email=f"{name}@{name}.example", kind="hand_raise", **facts)
        return int(do(leads.add_lead, draft, BOSS, at).id)

    return arrives


def owners(workspace: Workspace) -> list[str | None]:
    return workspace.db.read(lambda s: list(s.scalars(select(Lead.owner).order_by(Lead.id)))).result()


def test_leads_go_round_by_weight_and_the_ledger_says_why(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 2, BOB: 1})
    for number in range(9):
        arrives(f"lead{number}")
    assert Counter(owners(workspace)) == {ADA: 6, BOB: 3}
    turn = workspace.db.read(routing.ledger).result()[0]
    assert (turn.route, turn.why, turn.skipped) == ("everybody", routing.TURN, ())
    assert [a.name for a in workspace.db.read(actions_of, 1).result()] == ["added", "assigned"]


def test_nobody_is_owed_or_owes_a_whole_lead_whether_leads_come_one_by_one_or_together(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    waiting = [arrives(f"early{number}") for number in range(25)]
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 3, BOB: 2, CLEO: 2})
    assert workspace.db.read(routing.unrouted, 100).result() == waiting
    assert do(routing.route_leads, waiting, NOW).given == 25
    for number in range(10):
        arrives(f"late{number}")
    received = Counter(owners(workspace))
    for email, weight in ((ADA, 3), (BOB, 2), (CLEO, 2)):
        assert abs(35 * weight / 7 - received[email]) < 1
    assert workspace.db.read(lambda s: sum(s.scalars(select(RouteShare.owed)))).result() == 0


def test_the_first_route_whose_filter_fits_decides(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    do(routes.set_route, "rest", BOSS, NOW, to={CLEO: 1})
    do(routes.set_route, "dach", BOSS, NOW, filter="country is DE or country is AT", to={ADA: 1}, position=1)
    do(routes.set_route, "students", BOSS, NOW, filter="domain contains uni", to={}, position=1)
    arrives("one", country="DE")
    arrives("two", country="US")
    arrives("uni-graz", country="AT")
    assert owners(workspace) == [ADA, CLEO, None]
    assert [row.name for row in workspace.db.read(routes.route_rows).result()] == ["students", "dach", "rest"]
    assert workspace.db.read(routing.ledger, "uni-graz@uni-graz.example").result()[0].why == routing.POOL


def test_who_has_somebody_of_the_company_goes_first_and_it_costs_them_no_turn(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    first = arrives("first", domain="north.example")
    do(lambda s: claims.assign_lead(s, s.get(Lead, first), CLEO, BOSS, NOW))
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 1, BOB: 1})
    arrives("second", domain="north.example")
    assert owners(workspace)[-1] == CLEO
    assert workspace.db.read(routing.ledger).result()[0].why == routing.ACCOUNT
    assert workspace.db.read(lambda s: s.scalars(select(RouteShare)).all()).result() == []
    assert workspace.db.read(lambda s: s.scalars(select(Company.domain)).all()).result() == ["north.example"]


def test_who_is_away_full_or_off_is_passed_over_with_the_reason(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 1, BOB: 1, CLEO: 1})
    do(team.set_away, ADA, NOW - timedelta(days=1), NOW + timedelta(days=1), BOSS, NOW)
    do(team.set_member, BOB, {"timezone": "Pacific/Auckland"}, BOSS, NOW)  # 22:30 there
    do(team.set_member, CLEO, {"capacity": "2"}, BOSS, NOW)
    for name in ("one", "two", "three"):
        arrives(name)
    assert owners(workspace) == [CLEO, CLEO, None]
    last = workspace.db.read(routing.ledger).result()[0]
    assert last.why == routing.NOBODY
    assert dict(last.skipped) == {ADA: routing.AWAY, BOB: routing.OFF_HOURS, CLEO: routing.FULL}


def test_a_lead_that_nobody_could_take_is_given_out_when_somebody_is_back(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 1})
    night = NOW.replace(hour=22)
    arrives("one", night)
    assert owners(workspace) == [None]
    morning = NOW.replace(day=NOW.day + 1, hour=9, minute=0)
    assert not workspace.db.read(schedule.is_due, morning - timedelta(minutes=1)).result()
    assert workspace.db.read(schedule.is_due, morning).result()
    do(schedule.settle, morning)
    assert owners(workspace) == [ADA]
    assert not workspace.db.read(schedule.is_due, morning).result()


def test_a_lapsed_claim_goes_to_somebody_else(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 5, BOB: 1}, any_hours=True)
    arrives("one")
    assert owners(workspace) == [ADA]
    do(schedule.settle, NOW + timedelta(days=8))
    assert owners(workspace) == [BOB]
    last = workspace.db.read(routing.ledger).result()[0]
    assert last.skipped == ((ADA, routing.LET_LAPSE),)


def test_trying_tells_who_would_get_it_and_changes_nothing(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    arrives("one")
    do(routes.set_route, "everybody", BOSS, NOW, to={BOB: 1})
    turn = workspace.db.read(routing.tried, "one@one.example", NOW).result()
    assert (turn.chosen, turn.why) == (BOB, routing.TURN)
    assert owners(workspace) == [None]
    assert workspace.db.read(routing.ledger).result() == []


def test_an_owners_own_zone_counts_for_the_response_clock(workspace: Workspace, do: Do, people: None) -> None:
    do(team.set_member, ADA, {"timezone": "America/New_York"}, BOSS, NOW)
    clock = workspace.db.read(ResponseClock.of).result()
    evening = datetime.fromisoformat("2026-11-18T16:00:00+00:00")  # 11:00 in New York
    assert (
        moment(clock.due(micros(evening), urgent=True, owner=ADA.upper())).isoformat()
        == "2026-11-18T20:00:00+00:00"
    )
    assert (
        moment(clock.due(micros(evening), urgent=True, owner=BOB)).isoformat() == "2026-11-19T12:00:00+00:00"
    )


def test_bad_routes_and_members_are_refused_in_one_sentence(
    workspace: Workspace, do: Do, people: None
) -> None:
    with pytest.raises(BadFilter):
        do(routes.set_route, "bad", BOSS, NOW, filter="country equals DE")
    with pytest.raises(BadInput, match="band"):
        do(routes.set_route, "bad", BOSS, NOW, filter="band is lukewarm")
    with pytest.raises(NotFound, match="not on the team"):
        do(routes.set_route, "bad", BOSS, NOW, to={"dan@example.com": 1})
    with pytest.raises(BadInput, match="weigh"):
        do(routes.set_route, "bad", BOSS, NOW, to={ADA: 0})
    with pytest.raises(BadInput, match="time zone"):
        do(team.set_member, ADA, {"timezone": "Berlin"}, BOSS, NOW)
    with pytest.raises(BadInput, match="working hours"):
        do(team.set_member, ADA, {"working_hours": "late"}, BOSS, NOW)
    with pytest.raises(BadInput, match="before"):
        do(team.set_away, ADA, NOW, NOW - timedelta(days=1), BOSS, NOW)
    assert workspace.db.read(routes.route_rows).result() == []


def test_who_leaves_the_team_leaves_the_routes_and_keeps_their_leads(
    workspace: Workspace, do: Do, people: None, arrives: Callable[..., int]
) -> None:
    do(routes.set_route, "everybody", BOSS, NOW, to={ADA: 1, BOB: 1})
    arrives("one")
    do(team.remove_member, ADA, BOSS, NOW)
    arrives("two")
    arrives("three")
    assert owners(workspace) == [ADA, BOB, BOB]
    assert workspace.db.read(lambda s: lead_of(s, "one@one.example").owner).result() == ADA
