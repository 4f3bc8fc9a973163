"""What a rep does by their own login in a team workspace on PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest
from seats import KIM, LEE, NOW, Held, act, on, refusal
from sqlalchemy import select

from pqldesk.models import rights
from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.problems import AlreadyClaimed, NotAllowed
from pqldesk.services.claims import assign_lead, claim_lead, release_lead
from pqldesk.services.history import actions_of
from pqldesk.services.leads.leads import LeadDraft, add_lead, snooze, won
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task
from pqldesk.services.leads.undo import undo
from pqldesk.services.queue.queue import queue_page
from pqldesk.services.schedule import settle
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.team.logins import who_i_am
from pqldesk.services.workspaces.workspace import Workspace


def test_a_rep_works_the_queue_by_their_own_login(seat: Any, new_lead: Any) -> None:
    number = new_lead("zoe@north.example")
    kim = seat(KIM)
    me = kim.db.read(who_i_am).result()
    assert (me.email, me.role) == (KIM, "rep")
    assert kim.db.read(settings.value, "rep").result() == KIM
    assert "zoe@north.example" in [row.email for row in kim.db.read(queue_page, at=NOW, limit=50).result()[0]]
    act(kim, on(claim_lead), number, KIM, NOW)
    act(kim, on(add_note), number, "Called", KIM, NOW)
    act(kim, on(add_task), number, "Call again", KIM, NOW)
    act(kim, on(release_lead), number, KIM, NOW)
    act(kim, on(claim_lead), number, KIM, NOW)
    act(kim, on(assign_lead), number, LEE, KIM, NOW)
    act(seat(LEE), on(won), number, LEE, NOW)
    done = kim.db.read(lambda s: [(a.actor, a.name) for a in actions_of(s, number)])
    assert done.result() == [
        (KIM, "claimed"), (KIM, "note_added"), (KIM, "task_added"), (KIM, "released"), (KIM, "claimed"),
        (KIM, "assigned"), (LEE, "won"),
    ]  # fmt: skip


def test_a_rep_adds_a_lead_and_takes_it_back(seat: Any) -> None:
    kim = seat(KIM)
    act(kim, add_lead, LeadDraft(email="new@south.example", company="South"), KIM, NOW)
    act(kim, undo, KIM, NOW)
    assert (
        kim.db.read(
            lambda s: s.scalars(select(Lead.id).where(Lead.email == "new@south.example")).all()
        ).result()
        == []
    )


def test_an_undone_claim_is_free_again(seat: Any, new_lead: Any) -> None:
    number = new_lead("undone@north.example")
    act(seat(KIM), on(claim_lead), number, KIM, NOW)
    act(seat(KIM), undo, KIM, NOW)
    act(seat(LEE), on(claim_lead), number, LEE, NOW)


def test_a_lapsed_claim_may_be_taken_by_anybody(seat: Any, new_lead: Any) -> None:
    number = new_lead("late@north.example")
    past = NOW - timedelta(days=8)
    act(seat(KIM), on(claim_lead), number, KIM, past)
    act(seat(LEE), settle, NOW)
    act(seat(LEE), on(claim_lead), number, LEE, NOW)


def test_anybodys_program_wakes_a_colleagues_lead_once_its_sleep_is_over(
    seat: Any, new_lead: Any, workspace: Workspace, urls: Any
) -> None:
    asleep, over, long_over = (new_lead(f"{name}@sleep.example") for name in ("asleep", "over", "long-over"))
    for number, at, hours in (
        (asleep, NOW, 24),
        (over, NOW - timedelta(days=2), 24),
        (long_over, NOW - timedelta(days=20), 24),
    ):
        act(seat(KIM), on(claim_lead), number, KIM, at)
        act(seat(KIM), on(snooze), number, at + timedelta(hours=hours), KIM, at)
    awake = "state = 'working', state_before = NULL, state_until = NULL"
    for tried in (
        f"{awake}, lease_until = state_until + 7 * 86400000000 WHERE id = {asleep}",
        f"{awake}, lease_until = state_until + 30 * 86400000000 WHERE id = {over}",
        f"{awake}, owner = 'lee@example.com' WHERE id = {over}",
        f"{awake}, owner = NULL WHERE id = {over}",
        f"{awake}, outcome = 'won' WHERE id = {over}",
    ):
        assert refusal(urls[LEE], f"UPDATE lead SET {tried}") == rights.REFUSED, tried
    act(seat(LEE), settle, NOW)

    def standing(session: Any) -> list[tuple[str, str | None]]:
        leads = [session.get_one(Lead, number) for number in (asleep, over, long_over)]
        return [(lead.state, lead.owner) for lead in leads]

    assert workspace.db.read(standing).result() == [("snoozed", KIM), ("working", KIM), ("new", None)]
    act(seat(LEE), settle, NOW + timedelta(days=2))  # a clock that is ahead wakes nobody before their time
    assert workspace.db.read(standing).result()[0] == ("snoozed", KIM)


def test_a_clock_that_is_ahead_takes_no_claim_and_says_who_has_it(held: Held, seat: Any) -> None:
    ahead = NOW + timedelta(days=8)
    act(seat(LEE), settle, ahead)
    with pytest.raises(AlreadyClaimed, match="already claimed by kim@example"):
        act(seat(LEE), on(claim_lead), held.kims, LEE, ahead)


def test_everybody_has_settings_of_their_own(seat: Any) -> None:
    act(seat(KIM), change_setting, "theme", "dark", KIM, NOW)
    assert seat(KIM).db.read(settings.value, "theme").result() == "dark"
    assert seat(LEE).db.read(settings.value, "theme").result() == "system"
    with pytest.raises(NotAllowed, match="the team says so"):
        act(seat(KIM), change_setting, "role", "admin", KIM, NOW)
    shown = {row.key: row.value for row in seat(KIM).db.read(settings.settings_rows).result()}
    assert (shown["theme"], shown["rep"], shown["role"]) == ("dark", KIM, "rep")
