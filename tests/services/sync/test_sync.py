"""The one runner: cursors with their pages, trouble on the way, stopping, stepping back. On PostHog's double."""

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from fixtures_crm import running_sandbox
from sqlalchemy import select, update

from pqldesk.models.settings import Runner
from pqldesk.models.usage import RawPage
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.net import run_network
from pqldesk.services.pulls import posthog as posthog_pull
from pqldesk.services.remote.problems import Held
from pqldesk.services.sync import run, state
from pqldesk.services.workspaces.runner_lock import SYNC, AlreadyRunning, take_lock, this_process

AUTOMATIC = set(posthog_pull.AUTOMATIC)


def there(desk):
    """Who did what how often, as the double holds it; devices are known by the person's address."""
    kinds = {"user_login": "login", "feature_used": "feature_activated", "invite_sent": "team_invited",
             "Integration Connected": "integration_connected", "Data Imported": "data_imported",
             "$pageview": "page_view"}  # fmt: skip
    return Counter(
        kinds[event["event"]] for event in desk.sandbox.dump()["events"] if event["event"] not in AUTOMATIC
    )


def here(desk):
    found: Counter[str] = Counter()
    for (_who, kind, _key), n in desk.counts().items():
        found[kind] += n
    return found


def test_events_taken_in_at_the_same_moment_are_neither_lost_nor_doubled_between_pages(desk):
    desk.sandbox.change("make_events", count=60)
    desk.connect(page="3")  # seven share each moment
    outcome = desk.pull()
    assert outcome.state == "ok"
    assert outcome.created == sum(there(desk).values()) == outcome.rows
    assert here(desk) == there(desk)


@pytest.mark.both_databases
def test_a_late_event_comes_with_the_next_run_and_what_is_here_is_not_doubled(desk):
    desk.sandbox.change("make_events", count=100)
    desk.pull()
    late = {"event": "user_login", "distinct_id": "user-3", "timestamp": "2026-10-15T09:00:00Z"}
    desk.sandbox.change("add_events", events=[{**late, "created_at": "2026-11-02T09:00:00Z"}])
    again = desk.pull()
    assert (again.created, here(desk)) == (1, there(desk))
    assert desk.pull().created == 0


def test_the_next_run_asks_from_a_little_before_the_cursor_on(desk):
    desk.sandbox.change("make_events", count=40)
    desk.pull()
    slow = {"event": "user_login", "distinct_id": "user-3", "timestamp": "2026-11-01T09:00:00Z"}
    visible_late = desk.sandbox.dump()["events"][-1]["created_at"]
    at = f"{visible_late}+00:00"
    before = datetime.fromisoformat(at) - timedelta(minutes=5)
    desk.sandbox.change("add_events", events=[{**slow, "created_at": before.isoformat()}])
    assert desk.pull().created == 1
    assert here(desk) == there(desk)


def test_too_many_requests_are_waited_for(desk):
    desk.sandbox.change("make_events", count=20)
    desk.sandbox.fault("status", path="*/query/", status=429)
    assert desk.pull().state == "ok"
    assert here(desk) == there(desk)


@pytest.mark.parametrize("kind", ["html", "drop_before_commit", "commit_then_drop"])
def test_an_answer_that_was_lost_is_asked_for_again(desk, kind):
    desk.sandbox.change("make_events", count=20)
    desk.sandbox.fault(kind, path="*/query/")
    assert desk.pull().state == "ok"
    assert here(desk) == there(desk)


def test_trouble_that_lasts_keeps_what_was_stored_and_is_tried_again_ever_later(desk):
    desk.sandbox.change("make_events", count=60)
    desk.connect(page="20")
    desk.sandbox.fault("html", path="*/query/", skip=1, count=99, status=502)
    broken = desk.pull()
    assert (broken.state, broken.rows) == ("failed", 20)
    assert broken.problem.startswith("PostHog answered 502.")
    first = desk.state()
    assert (first.state, first.problem, first.total) == ("waiting", "PostHog answered 502.", 20)
    waits = []
    for _ in range(4):
        outcome = desk.pull()
        waits.append(round((outcome.next_at - clock.now()).total_seconds() / 60))
    assert waits == [5, 15, 60, 60]
    desk.sandbox.heal()
    assert desk.pull().state == "ok"
    assert here(desk) == there(desk)
    assert (desk.state().state, desk.state().problem) == ("ok", "")


def test_an_answer_that_nobody_foresaw_is_a_problem_of_its_source_alone(desk, monkeypatch):
    async def odd(self, net, cursor):
        raise KeyError("results")
        yield

    monkeypatch.setattr(posthog_pull.PostHog, "pages", odd)
    outcome = desk.pull()
    assert outcome.state == "failed"
    assert "cannot be read (KeyError)" in outcome.problem
    assert desk.state().state == "waiting"
    assert desk.state().next_at > clock.now()


def test_a_revoked_key_waits_for_a_person(desk):
    desk.sandbox.change("switch", key_holds=False)
    outcome = desk.pull()
    assert outcome.state == "failed"
    assert "does not know the personal key" in outcome.problem
    assert desk.state().state == "problem"


def test_a_key_that_may_not_query_connects_nothing(bare_pull_desk):
    bare_pull_desk.sandbox.change("switch", may_query=False)
    with pytest.raises(Held, match="query:read"):
        bare_pull_desk.connect()
    assert bare_pull_desk.db.read(state.source_names).result() == []


def test_a_setting_that_lacks_or_cannot_be_used_is_said_at_connect(bare_pull_desk):
    with pytest.raises(BadInput, match="project"):
        bare_pull_desk.connect(project="")
    with pytest.raises(BadInput, match="every=often"):
        bare_pull_desk.connect(every="often")


def test_a_source_that_is_not_connected_is_named(desk):
    with pytest.raises(NotFound, match="no source 'fax'"):
        desk.sync("fax")


def test_a_run_is_stopped_from_another_process_while_the_system_hangs(desk):
    desk.sandbox.change("make_events", count=40)
    desk.connect(page="10")
    desk.sandbox.fault("delay", path="*/query/", skip=2, ms=60_000)
    ended = []
    running = threading.Thread(target=lambda: ended.append(desk.pull()))
    running.start()
    while desk.state().rows < 20:
        time.sleep(0.01)
    assert desk.state().state == "running"
    assert desk.command("sync", "posthog", "--cancel").returncode == 0
    running.join(20)  # far less than the minute that the double takes
    (outcome,) = ended
    assert outcome.state == "stopped"
    assert desk.state().state == "new"
    desk.sandbox.heal()
    desk.pull()
    assert here(desk) == there(desk)


def test_who_hears_that_a_run_was_stopped_finds_it_noted(desk, monkeypatch):
    def busy(session, *args):
        time.sleep(0.3)  # what others write comes first
        return state.note_stopped(session, *args)

    desk.sandbox.change("make_events", count=40)
    desk.connect(page="10")
    desk.sandbox.fault("delay", path="*/query/", skip=2, ms=60_000)
    monkeypatch.setattr(run, "note_stopped", busy)

    async def stopped_at_once(net):
        running = asyncio.create_task(run.sync(net))
        while (await net.read(state.source_states))[0].rows < 20:  # noqa: ASYNC110 - told by no event
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return (await net.read(state.source_states))[0].state

    assert run_network(desk.db, stopped_at_once) == "new"


@pytest.mark.of_a_file
def test_a_second_runner_steps_back_and_one_that_died_does_not_block(desk):
    desk.db.write(take_lock, SYNC, this_process("another")).result()
    with pytest.raises(AlreadyRunning, match=r"has been syncing since"):
        desk.pull()
    with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
        gone.wait()

    def held_by_the_dead(session):
        holder = this_process("dead").replace(
            str(session.get(Runner, SYNC).holder.split("@")[0]), str(gone.pid)
        )
        session.get(Runner, SYNC).holder = holder

    desk.db.write(held_by_the_dead).result()
    assert desk.pull().state == "ok"


@pytest.mark.of_a_file
def test_watching_pulls_what_falls_due_and_waits_while_another_is_at_it(desk):
    desk.sandbox.change("make_events", count=20)
    desk.db.write(take_lock, SYNC, holder := this_process("another")).result()
    heard, waited = [], []

    async def watched(net):
        def waits(sentence):
            waited.append(sentence)
            net.db.write(lambda session: session.delete(session.get(Runner, SYNC)))

        def hears(outcome):
            heard.append(outcome)
            task.cancel()

        task = asyncio.ensure_future(run.watch(net, hears, waits))
        with pytest.raises(asyncio.CancelledError):
            await task

    run_network(desk.db, watched)
    assert holder
    assert ["syncing" in sentence for sentence in waited] == [True]
    assert [(outcome.source, outcome.state) for outcome in heard] == [("posthog", "ok")]
    assert desk.db.read(state.due_sources, clock.now()).result() == []
    later = clock.now() + timedelta(minutes=16)
    assert desk.db.read(state.due_sources, later).result() == ["posthog"]


def test_a_source_is_pulled_as_often_as_was_chosen(desk):
    desk.connect(every="2h")
    assert round((desk.pull().next_at - clock.now()).total_seconds() / 60) == 120
    desk.connect(every="off")
    assert desk.pull().next_at is None
    assert desk.db.read(state.due_sources, clock.now() + timedelta(days=9)).result() == []


@pytest.mark.both_databases
def test_pulling_from_the_start_doubles_nothing(desk):
    desk.sandbox.change("make_events", count=50)
    desk.pull()
    before = desk.counts()
    done = desk.command("sync", "--from-start", "--format", "json")
    assert done.returncode == 0
    assert '"created": 0' in done.stdout
    assert desk.counts() == before


@pytest.mark.both_databases
def test_the_cursor_moves_with_its_page_or_not_at_all(desk, monkeypatch):
    """A page whose rows cannot be stored leaves the cursor where it was."""
    desk.sandbox.change("make_events", count=20)
    desk.pull()
    before = desk.cursor()

    def refuses(session, at, batch_id):
        raise BadInput("The rows make no sense.", "")

    class Odd:
        async def pages(self, net, cursor):
            yield posthog_pull.Page({"at": "2030-01-01T00:00:00+00:00"}, keep=refuses)

    monkeypatch.setattr(posthog_pull, "opened", lambda setup: Odd())
    assert desk.pull().state == "failed"
    assert desk.cursor() == before


@pytest.mark.both_databases
def test_what_was_pulled_is_kept_raw_for_as_long_as_was_chosen_and_no_longer(desk):
    desk.sandbox.change("make_events", count=10)
    desk.pull()
    old = clock.now() - timedelta(days=31)

    def age(session):
        session.execute(update(RawPage).values(received_at=old))
        return Changes()

    desk.db.write(age).result()
    assert desk.pull().state == "ok"
    kept = desk.db.read(lambda session: session.scalars(select(RawPage.received_at)).all()).result()
    assert old not in kept
    assert here(desk) == there(desk)


def test_rows_that_are_no_calls_are_stored_with_their_cursor(desk, monkeypatch):
    from pqldesk.services.ingest.stored import Stored
    from pqldesk.services.settings import store, value

    def keeps(session, at, batch_id):
        store(session, "currency", "EUR")
        return Stored(created=2, changes=Changes.to(Topic.SETTINGS))

    class Odd:
        async def pages(self, net, cursor):
            yield posthog_pull.Page({"seen": 2}, keep=keeps, saying="two deals")

    monkeypatch.setattr(posthog_pull, "opened", lambda setup: Odd())
    outcome = desk.pull()
    assert (outcome.rows, outcome.created) == (2, 2)
    assert desk.db.read(value, "currency").result() == "EUR"
    assert desk.cursor() == {"seen": 2}


CHILD = """
import sys
from pathlib import Path
from pqldesk.services.net import run_network
from pqldesk.services.sync.run import sync
from pqldesk.services.workspaces.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]), create=False)
print("pulling", flush=True)
run_network(workspace.db, sync, ())
"""


@pytest.mark.of_a_file
def test_a_process_killed_at_any_moment_loses_nothing_and_doubles_nothing(bare_pull_desk, system):
    desk = bare_pull_desk
    chance = random.Random()  # another course each time; the seed is not what matters, the end is
    kills = 0
    with running_sandbox("--latency", "15", *system.options, system=system.system) as slow:
        desk.sandbox = slow
        slow.change("make_events", count=280)
        desk.connect(page="20")
        for _ in range(3):
            command = [sys.executable, "-c", CHILD, str(desk.path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == "pulling\n"
                time.sleep(chance.uniform(0.05, 0.5))  # the moment is what is tested
                kills += child.poll() is None
                child.kill()
        assert kills > 0
        assert desk.pull().state == "ok"
        assert here(desk) == there(desk)
