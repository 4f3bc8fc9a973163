"""Tasks, notes, trials, placements, saved views and the response clock."""

from datetime import UTC, datetime, timedelta

import pytest

from pqldesk.models.people import Lead, Trial
from pqldesk.models.work import Note, Task
from pqldesk.services import settings
from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.claims import claim_lead
from pqldesk.services.leads.leads import add_lead, won
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.task_list import task_list
from pqldesk.services.leads.tasks import add_task, finish_task, reschedule_task, snooze_task, task_of
from pqldesk.services.leads.undo import undo
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import queue_views
from pqldesk.services.queue.saved_views import delete_view, save_view, view_spec
from pqldesk.services.rows import LeadDraft
from pqldesk.services.sources.placements import add_placement, placement_rows
from pqldesk.services.team.response_clock import ResponseClock
from pqldesk.services.trials.work import close_trial, extend_trial, trial_of

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # a Friday afternoon
KIM, LEE = "kim@example.com", "lee@example.com"


def with_lead(command):
    return lambda session, number, *args, **kwargs: command(
        session, session.get_one(Lead, number), *args, **kwargs
    )


def with_task(command):
    return lambda session, text, *args: command(session, task_of(session, text), *args)


def with_trial(command):
    return lambda session, text, *args: command(session, trial_of(session, text), *args)


def test_a_task_is_due_the_next_working_day_at_ten_in_the_workspaces_zone(write, new_lead):
    number = new_lead("ada@example.com")
    write(settings.store, "timezone", "Europe/Berlin")
    write(settings.store, "holidays", "2026-11-23")
    added = write(with_lead(add_task), number, " Call back ", KIM, NOW)
    assert (added.task_id, added.lead_id, added.title) == ("T000001", "L000001", "Call back")
    assert added.due_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert added.assignee == KIM


def test_a_task_goes_to_the_owner_unless_somebody_is_named(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, LEE, NOW)
    assert write(with_lead(add_task), number, "Call", KIM, NOW).assignee == LEE
    assert write(with_lead(add_task), number, "Call", KIM, NOW, assignee=KIM).assignee == KIM


def test_a_task_done_is_a_touch_and_is_done_once(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(add_task), number, "Call", KIM, NOW)
    later = NOW + timedelta(hours=1)
    write(with_task(reschedule_task), "T000001", later, KIM, NOW)
    write(with_task(finish_task), "t000001", KIM, later)
    task, lead = write(lambda s: (s.get_one(Task, 1), s.get_one(Lead, number)))
    assert (task.due_at, task.done_at, task.done_by) == (later, later, KIM)
    assert (lead.state, lead.first_touch_at) == ("working", later)
    with pytest.raises(NotAllowed, match=r"already done by kim@example\.com at 2026-11-20T17:00:00Z"):
        write(with_task(finish_task), "T000001", LEE, later)
    with pytest.raises(NotAllowed, match="already done"):
        write(with_task(reschedule_task), "T000001", later, KIM, later)
    with pytest.raises(NotFound, match="'T000009'"):
        write(with_task(finish_task), "T000009", KIM, NOW)
    with pytest.raises(BadInput, match="no title"):
        write(with_lead(add_task), number, " ", KIM, NOW)


def test_the_first_note_stops_the_response_clock_and_undo_starts_it_again(write, new_lead):
    number = new_lead("ada@example.com", at=NOW, hand_raised_at=NOW)
    due = write(lambda s: s.get_one(Lead, number).respond_by)
    assert due == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # one hour on Friday, three on Monday
    write(with_lead(add_note), number, "Called.\nNo answer.", KIM, NOW)
    note, lead = write(lambda s: (s.get_one(Note, 1), s.get_one(Lead, number)))
    assert (note.text, note.author, lead.respond_by, lead.first_touch_at) == (
        "Called.\nNo answer.",
        KIM,
        None,
        NOW,
    )
    write(undo, KIM, NOW)
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.respond_by, lead.first_touch_at) == (due, None)
    with pytest.raises(BadInput, match="is empty"):
        write(with_lead(add_note), number, "\n", KIM, NOW)


def test_the_response_clock_follows_the_settings(write):
    write(settings.store, "working_hours", "08:00-12:00")
    write(settings.store, "respond_hot_hours", "2")
    clock = write(ResponseClock.of)
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert moment(clock.due(micros(NOW), urgent=True)) == monday + timedelta(hours=2)
    assert moment(clock.due(micros(NOW), urgent=False)) == NOW + timedelta(hours=24)


@pytest.fixture
def trial(write, new_lead):
    number = new_lead("ada@example.com", name="Ada Byrne")

    def store(session):
        session.add(
            Trial(
                source="file", key="1", lead_id=number, starts_at=NOW, ends_at=NOW + timedelta(days=14),
                first_ends_at=NOW + timedelta(days=14), created_at=NOW,
            )
        )  # fmt: skip

    write(store)
    return "R000001"


def end(write):
    return write(lambda s: s.get_one(Trial, 1).ends_at)


def test_a_trial_is_extended_three_times_at_most_and_undone_ones_do_not_count(write, trial):
    for _ in range(3):
        write(with_trial(extend_trial), trial, 7, "waits for legal", KIM, NOW)
    assert end(write) == NOW + timedelta(days=35)
    with pytest.raises(NotAllowed, match=r"Ada Byrne \(R000001\) was already extended 3 times"):
        write(with_trial(extend_trial), trial, 1, "again", KIM, NOW)
    write(undo, KIM, NOW)
    write(with_trial(extend_trial), trial, 1, "again", KIM, NOW)
    assert end(write) == NOW + timedelta(days=29)


def test_extensions_end_at_ninety_days_in_all_and_need_a_reason(write, trial):
    with pytest.raises(BadInput, match="without a reason"):
        write(with_trial(extend_trial), trial, 7, " ", KIM, NOW)
    with pytest.raises(BadInput, match="by 0 days"):
        write(with_trial(extend_trial), trial, 0, "why", KIM, NOW)
    write(with_trial(extend_trial), trial, 60, "pilot", KIM, NOW)
    with pytest.raises(NotAllowed, match="give 30 or fewer"):
        write(with_trial(extend_trial), trial, 31, "pilot", KIM, NOW)
    write(with_trial(extend_trial), trial, 30, "pilot", KIM, NOW)
    with pytest.raises(NotAllowed, match="cannot be extended further"):
        write(with_trial(extend_trial), trial, 1, "pilot", KIM, NOW)


def test_an_expired_trial_can_be_extended_and_a_closed_one_cannot(write, trial):
    late = NOW + timedelta(days=15)
    write(with_trial(extend_trial), trial, 7, "was on leave", KIM, late)
    write(with_trial(close_trial), trial, "gone", KIM, late)
    with pytest.raises(NotAllowed, match=r"Ada Byrne \(R000001\) is lost"):
        write(with_trial(extend_trial), trial, 7, "came back", KIM, late)
    with pytest.raises(NotAllowed, match="already lost"):
        write(with_trial(close_trial), trial, "gone", KIM, late)
    with pytest.raises(NotFound, match="'R000007'"):
        write(trial_of, "R000007")


def test_a_placement_is_registered_once(write):
    write(add_placement, "billing-page", KIM, NOW, note="Button below the plan", place="/billing")
    with pytest.raises(NotAllowed, match=r"'billing-page' is already registered \(/billing\)"):
        write(add_placement, " billing-page ", LEE, NOW)
    with pytest.raises(BadInput, match="one word"):
        write(add_placement, "billing page", KIM, NOW)
    (row,) = write(placement_rows)
    assert (row.glm_content, row.place, row.registered, row.submissions, row.last_at) == (
        "billing-page", "/billing", True, 0, None,
    )  # fmt: skip


def test_a_placement_says_how_many_people_it_brought_and_how_many_bought(write):
    for name in ("ada", "bo"):
        draft = LeadDraft(email=f"{name}@acme.example", kind="hand_raise", glm_content="billing-page")
        write(add_lead, draft, KIM, NOW)
    write(lambda session: won(session, lead_of(session, "ada@acme.example"), KIM, NOW))
    (row,) = write(placement_rows)
    assert (row.registered, row.submissions, row.leads, row.qualified, row.won) == (False, 2, 2, 2, 1)


def test_views_are_saved_replaced_listed_and_deleted(write):
    spec = {"filter": "score >= 80", "sort": "score"}
    assert write(save_view, "Hot & mine", spec, KIM, NOW).key == "hot-mine"
    write(save_view, "hot mine", {"filters": []}, KIM, NOW, shared=False)
    assert [view.key for view in write(queue_views, KIM)] == [
        "open", "unclaimed", "hand-raises", "mine", "trials-ending", "all", "hot-mine",
    ]  # fmt: skip
    assert "hot-mine" not in [view.key for view in write(queue_views, LEE)]
    assert write(view_spec, "hot-mine") == {"filters": []}
    assert write(view_spec, "open") is None
    with pytest.raises(NotFound, match=r"Known: open, .*, hot-mine"):
        write(view_spec, "cold")
    for name, problem in (("Open", NotAllowed), ("!", BadInput)):
        with pytest.raises(problem):
            write(save_view, name, spec, KIM, NOW)
    with pytest.raises(BadInput, match="colour"):
        write(save_view, "x", {"colour": 1}, KIM, NOW)
    write(delete_view, "hot-mine", KIM, NOW)
    assert len(write(queue_views)) == 6
    with pytest.raises(NotAllowed, match="built in"):
        write(delete_view, "open", KIM, NOW)
    write(undo, KIM, NOW)
    assert len(write(queue_views, KIM)) == 7


def test_a_task_is_put_off_and_comes_back_with_undo(write, new_lead):
    new_lead("ada@example.com", owner=KIM)
    write(lambda s: add_task(s, s.get_one(Lead, 1), "Call", KIM, NOW, due_at=NOW + timedelta(hours=1)))
    with pytest.raises(BadInput, match="has passed"):
        write(lambda s: snooze_task(s, task_of(s, "T000001"), NOW - timedelta(days=1), KIM, NOW))
    write(lambda s: snooze_task(s, task_of(s, "T000001"), NOW + timedelta(days=2), KIM, NOW))
    assert write(task_list, due_before=NOW + timedelta(days=1)) == []
    write(undo, KIM, NOW)
    (late,) = write(task_list, assignee=KIM, due_before=NOW + timedelta(days=1))
    assert late.due_at == NOW + timedelta(hours=1)
