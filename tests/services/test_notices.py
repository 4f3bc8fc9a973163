"""The inbox: what is told, once, to whom, and when it may pop up."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pqldesk.models.history import ScoreEvent
from pqldesk.models.people import Company, Lead, Submission, Trial
from pqldesk.models.remote import Connection
from pqldesk.services import settings
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.leads.bulk import bulk_step, new_bulk
from pqldesk.services.leads.undo import redo, undo, undo_rest
from pqldesk.services.notices import notices
from pqldesk.services.notices.finding import look
from pqldesk.services.settings.notice_policy import Policy, policy_of
from pqldesk.services.workspaces.workspace import open_workspace

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
KIM, LEE = "kim@example.com", "lee@example.com"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def told(write):
    """``told(rep, at)``: what an errand at that moment pops up."""

    def run(rep=KIM, at=NOW):
        return write(lambda session: notices.tell(session, rep, look(session, rep, at), at))

    run()  # the first look remembers where it began
    run(LEE)
    return run


def cross(write, lead_id, *, score=7_000, cause="events", owner=None, company=None):
    def command(session):
        lead = session.get_one(Lead, lead_id)
        lead.qualified, lead.state, lead.score, lead.owner, lead.company_id = (
            True,
            "qualified",
            score,
            owner,
            company,
        )
        session.add(
            ScoreEvent(
                lead_id=lead_id, at=NOW, old=4_000, new=score, cause=cause, parts={}, model_version_id=None
            )
        )

    write(command)


def texts(write, rep=KIM):
    return [(row.kind, row.lead, row.text) for row in write(notices.notice_rows, rep)]


def test_a_crossing_is_told_once_to_its_owner_and_for_free_leads_to_everyone(write, told, new_lead):
    free, kims, lees = (new_lead(name=name) for name in ("Ada Free", "Bo Kim", "Cy Lee"))
    cross(write, free)
    cross(write, kims, owner=KIM, score=8_550)
    cross(write, lees, owner=LEE)
    assert [pop.title for pop in told().pops] == ["Ada Free", "Bo Kim"]
    assert told().pops == ()
    assert texts(write) == [
        ("crossed", "Bo Kim", "Qualifies now, at 85.5 points"),
        ("crossed", "Ada Free", "Qualifies now, at 70 points"),
    ]
    told(LEE)
    assert {lead for _kind, lead, _text in texts(write, LEE)} == {"Ada Free", "Cy Lee"}


def test_what_was_before_the_first_look_and_what_a_model_moved_is_not_told(write, new_lead):
    lead = new_lead(name="Ada Old")
    cross(write, lead)
    first = write(lambda session: notices.tell(session, KIM, look(session, KIM, NOW), NOW))
    assert first.pops == ()
    cross(write, lead, cause="model")
    assert write(look, KIM, NOW).news == ()


def test_an_import_that_lifts_many_is_one_notice(write, told, new_lead):
    for n in range(7):
        cross(write, new_lead(name=f"Ada {n}"))
    assert [pop.text for pop in told().pops] == ["7 leads have crossed the cut"]


def test_an_account_crosses_once_a_day(write, told, new_lead):
    def add(session):
        company = Company(name="Acme", created_at=NOW)
        session.add(company)
        session.flush()
        return company.id

    company = write(add)
    for n in range(2):
        cross(write, new_lead(name=f"Ada {n}"), company=company, score=7_000 + n)
        told(at=NOW + timedelta(minutes=n))
    assert [lead for _kind, lead, _text in texts(write)] == ["Ada 0"]


def test_hand_raises_clocks_and_trials_are_told(write, told, new_lead):
    ada = new_lead(name="Ada Roe")

    def command(session):
        lead = session.get_one(Lead, ada)
        lead.owner, lead.state, lead.respond_by = KIM, "claimed", NOW + timedelta(minutes=40)
        session.add(
            Submission(
                lead_id=ada,
                kind="hand_raise",
                source="plg",
                glm_content="billing",
                raw={},
                fingerprint="f1",
                received_at=NOW,
            )
        )
        session.add(
            Trial(source="plg", key="t1", lead_id=ada, ends_at=NOW + timedelta(days=2), created_at=NOW)
        )
        session.add(
            Connection(
                system="attio",
                url="https://x.example",
                settings={},
                secrets={},
                checked_at=NOW,
                connected_at=NOW,
                problem="The token was revoked.",
            )
        )

    write(command)
    assert len(told().pops) == 1  # four at once are summed up
    assert sorted(text for _kind, _lead, text in texts(write)) == [
        "Asked to talk to sales, from billing",
        "Attio has stopped: The token was revoked.",
        "The first touch is due at 10:10",
        "The trial ends on 2026-11-20",
    ]
    write(settings.store, "notify.trial_ends", "no")
    assert told(at=NOW + timedelta(seconds=30)).pops == ()


def test_a_kind_that_is_off_is_not_told(write, told, new_lead):
    write(settings.store, "notify.crossed", "false")
    cross(write, new_lead(name="Ada Roe"))
    assert told().pops == ()
    assert texts(write) == []


def test_quiet_hours_hold_back_and_one_message_sums_up(write, told, new_lead):
    write(settings.store, "quiet_hours", "18:00-08:00")
    evening = NOW.replace(hour=19)
    for n in range(4):
        cross(write, new_lead(name=f"Ada {n}"))
    assert told(at=evening).pops == ()
    assert len(texts(write)) == 4
    assert told(at=evening + timedelta(hours=12)).pops == ()  # 07:00 of the next day
    assert [pop.text for pop in told(at=evening + timedelta(hours=13)).pops] == [
        "4 notices wait in the inbox"
    ]


def test_no_rep_gets_more_messages_a_day_than_the_budget(write, told, new_lead):
    write(settings.store, "notify_budget", "2")
    shown = []
    for n in range(5):
        cross(write, new_lead(name=f"Ada {n}"))
        shown += told(at=NOW + timedelta(minutes=n)).pops
    assert len(shown) == 2
    assert len(texts(write)) == 5
    assert [pop.text for pop in told(at=NOW + timedelta(days=1)).pops] == [
        "Qualifies now, at 70 points"
    ] * 0 + ["3 notices wait in the inbox"]


def test_a_digest_comes_once_at_its_time(write, told, new_lead):
    write(settings.store, "notify_digest", "12:00")
    cross(write, new_lead(name="Ada Roe"))
    assert told().pops == ()
    assert told(at=NOW.replace(hour=11, minute=59)).pops == ()
    assert len(told(at=NOW.replace(hour=12)).pops) == 1
    cross(write, new_lead(name="Bo Roe"))
    assert told(at=NOW.replace(hour=13)).pops == ()
    assert len(told(at=NOW.replace(hour=12) + timedelta(days=1)).pops) == 1


def test_two_processes_tell_the_same_news_once(workspace, write, told, new_lead):
    for n in range(3):
        cross(write, new_lead(name=f"Ada {n}"))
    other = open_workspace(workspace.place, create=False)
    try:
        mine = workspace.db.read(look, KIM, NOW).result()
        theirs = other.db.read(look, KIM, NOW).result()
        assert mine.news == theirs.news != ()
        first = other.db.write(notices.tell, KIM, theirs, NOW).result()
        second = workspace.db.write(notices.tell, KIM, mine, NOW).result()
    finally:
        other.close()
    assert (len(first.pops), len(second.pops)) == (3, 0)
    assert len(texts(write)) == 3


def test_what_came_between_two_processes_looks_is_not_lost(write, told, new_lead):
    cross(write, new_lead(name="Ada Roe"))
    early = write(look, KIM, NOW)
    cross(write, new_lead(name="Bo Roe"))
    told()
    write(notices.tell, KIM, early, NOW)
    told()
    assert sorted(lead for _kind, lead, _text in texts(write)) == ["Ada Roe", "Bo Roe"]


def test_reading_is_undone_like_everything_else(write, told, new_lead):
    cross(write, new_lead(name="Ada Roe"))
    told()
    (row,) = write(notices.notice_rows, KIM)
    write(notices.mark_read, [row.notice_id], KIM, NOW)
    assert write(notices.unread_notices, KIM) == 0
    write(undo, KIM, NOW)
    assert write(notices.unread_notices, KIM) == 1
    write(notices.mark_read, None, KIM, NOW)
    assert write(notices.unread_notices, KIM) == 0
    with pytest.raises(NotFound, match="Y000999"):
        write(notices.mark_read, ["Y000999"], KIM, NOW)
    with pytest.raises(NotFound):
        write(notices.mark_read, [row.notice_id], LEE, NOW)


def a_trial_ending(write, lead):
    write(
        lambda session: session.add(
            Trial(source="plg", key=f"t{lead}", lead_id=lead, ends_at=NOW + timedelta(days=2), created_at=NOW)
        )
    )


def test_undoing_a_bulk_claim_takes_back_what_was_told_because_of_it(write, told, new_lead):
    def whole(verb, at):
        done = write(verb, KIM, at)
        while done.more is not None:
            done = write(undo_rest, KIM, at, done.more)

    leads = [new_lead(name=name) for name in ("Ada Roe", "Bo Roe", "Cy Mine")]
    for lead in leads:
        a_trial_ending(write, lead)
    write(bulk_step, "claim", leads[2:], None, KIM, NOW, new_bulk())
    told()
    bulk = new_bulk()
    for lead in leads[:2]:  # a step of its own for each: how many fit into one depends on the computer
        write(bulk_step, "claim", [lead], None, KIM, NOW, bulk)
    told(at=NOW + timedelta(seconds=30))
    assert {lead for _kind, lead, _text in texts(write)} == {"Ada Roe", "Bo Roe", "Cy Mine"}
    whole(undo, NOW + timedelta(minutes=1))
    assert {lead for _kind, lead, _text in texts(write)} == {"Cy Mine"}
    whole(redo, NOW + timedelta(minutes=2))
    told(at=NOW + timedelta(minutes=3))
    assert {lead for _kind, lead, _text in texts(write)} == {"Ada Roe", "Bo Roe", "Cy Mine"}


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-11-18T21:59+01:00", False), ("2026-11-18T22:00+01:00", True), ("2026-11-19T00:30+01:00", True),
        ("2026-11-19T06:59+01:00", True), ("2026-11-19T07:00+01:00", False),
        # 25 October 2026, 03:00 summer time becomes 02:00: quiet until the clocks show 07:00
        ("2026-10-25T06:59+01:00", True), ("2026-10-25T07:00+01:00", False),
        # 29 March 2026, 02:00 becomes 03:00
        ("2026-03-29T06:59+02:00", True), ("2026-03-29T07:00+02:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_run_over_midnight_and_follow_the_clocks(at, quiet):
    policy = policy_of(BERLIN, "22:00-07:00", "20", "")
    assert policy.is_quiet(datetime.fromisoformat(at)) is quiet


def test_the_digest_and_the_budgets_day_follow_the_clocks():
    policy = Policy(BERLIN, digest=150)  # 02:30, which 29 March does not have
    assert policy.digest_before(datetime(2026, 3, 29, 12, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    assert policy.digest_before(datetime(2026, 3, 29, 0, 30, tzinfo=UTC)) == datetime(
        2026, 3, 28, 1, 30, tzinfo=UTC
    )
    assert policy.day_began(datetime(2026, 10, 25, 20, tzinfo=UTC)) == datetime(2026, 10, 24, 22, tzinfo=UTC)


def test_what_is_put_off_is_unread_again_and_told_again_from_then_on(write, told, new_lead):
    cross(write, new_lead(name="Ada Roe"))
    assert len(told().pops) == 1
    (row,) = write(notices.notice_rows, KIM)
    later = NOW + timedelta(hours=3)
    write(notices.snooze_notices, [row.notice_id], later, KIM, NOW)
    assert write(notices.unread_notices, KIM, NOW) == 0
    assert write(notices.notice_rows, KIM, NOW, unread_only=True) == []
    assert not told(at=later - timedelta(minutes=1)).pops
    (back,) = write(notices.notice_rows, KIM, later, unread_only=True)
    assert (back.snoozed_until, back.is_unread(NOW), back.is_unread(later)) == (later, False, True)
    assert [pop.title for pop in told(at=later).pops] == ["Ada Roe"]
    assert not told(at=later).pops


def test_marking_all_read_leaves_what_is_put_off(write, told, new_lead):
    cross(write, new_lead(name="Ada Roe"))
    told()
    (row,) = write(notices.notice_rows, KIM)
    write(notices.snooze_notices, [row.notice_id], NOW + timedelta(days=1), KIM, NOW)
    write(notices.mark_read, None, KIM, NOW)
    assert write(notices.unread_notices, KIM, NOW + timedelta(days=2)) == 1


def test_putting_off_is_undone_and_needs_a_time_to_come(write, told, new_lead):
    cross(write, new_lead(name="Ada Roe"))
    told()
    (row,) = write(notices.notice_rows, KIM)
    write(notices.snooze_notices, [row.notice_id], NOW + timedelta(days=1), KIM, NOW)
    write(undo, KIM, NOW)
    assert write(notices.unread_notices, KIM, NOW) == 1
    with pytest.raises(BadInput, match="which is over"):
        write(notices.snooze_notices, [row.notice_id], NOW, KIM, NOW)
    with pytest.raises(NotFound):
        write(notices.snooze_notices, [row.notice_id], NOW + timedelta(days=1), LEE, NOW)


def test_what_comes_back_stands_where_something_new_of_that_moment_would(write, told, new_lead):
    cross(write, new_lead(name="Ada Roe"))
    told()
    cross(write, new_lead(name="Bo Roe"))
    told()
    old = next(row for row in write(notices.notice_rows, KIM) if row.lead == "Ada Roe")
    write(notices.snooze_notices, [old.notice_id], NOW + timedelta(hours=1), KIM, NOW)
    assert [row.lead for row in write(notices.notice_rows, KIM)] == ["Ada Roe", "Bo Roe"]
