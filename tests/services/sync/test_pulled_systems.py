"""What each pulled system over HTTP brings, on doubles as strict as their contracts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.records import Record
from pqldesk.services.ingest.people import LeadStore
from pqldesk.services.remote.problems import Held
from pqldesk.services.trials.trials import trials as trial_rows
from tests.services.sync.conftest import SYSTEMS

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def seconds(at):
    return int(at.timestamp())


def trials(desk):
    return {trial.email: trial for trial in desk.db.read(trial_rows, clock.now()).result()}


def _store_ada(session):
    fields = {"email": "ada@acme.example", "user_id": "u_1", "company_id": "acc_1"}
    LeadStore("product", "kim@firm.example").store(session, [Record(1, 1, fields)], clock.now(), None)
    return Changes.to(Topic.LEADS)


class TestStripe:
    @pytest.fixture
    def system(self):
        return SYSTEMS["stripe"]

    @staticmethod
    def put(desk, number, status="trialing", *, ends=TODAY + 5 * DAY, at=None, silent=True, **more):
        who = {"object": "customer", "id": f"cus_{number}", "email": f"p{number}@firm{number}.example",
               "name": f"Person {number}", "metadata": {}}  # fmt: skip
        desk.sandbox.change("put", object=who, silent=True)
        trial = {
            "object": "subscription", "id": f"sub_{number}", "customer": f"cus_{number}", "status": status,
            "trial_start": seconds(ends - 14 * DAY), "trial_end": seconds(ends),
            "items": {"data": [{"price": {"id": "price_1", "nickname": "Team"}, "quantity": 3,
                                "current_period_end": seconds(ends)}]},
        }  # fmt: skip
        desk.sandbox.change(
            "put", object={**trial, **more}, silent=silent, **({"at": seconds(at)} if at else {})
        )

    def test_the_first_run_walks_customers_and_subscriptions_of_every_status(self, desk):
        for number in range(7):
            self.put(desk, number)
        self.put(desk, 7, "canceled", ends=TODAY - 3 * DAY, ended_at=seconds(TODAY - 3 * DAY))
        desk.connect(page="3")
        assert desk.pull().state == "ok"
        found = trials(desk)
        assert len(found) == 8
        assert (found["p1@firm1.example"].plan, found["p1@firm1.example"].state) == ("Team", "active")
        assert found["p7@firm7.example"].state == "lost"

    def test_later_runs_follow_events_and_take_the_subscription_as_it_is_now(self, desk):
        self.put(desk, 1)
        desk.pull()
        # Two events, of which only the state of now counts: it was paused for a moment.
        now = datetime.now(UTC)
        self.put(desk, 1, "paused", silent=False, at=now - timedelta(seconds=3))
        self.put(desk, 1, "active", ends=TODAY - DAY, silent=False, at=now - timedelta(seconds=2))
        outcome = desk.pull()
        assert outcome.state == "ok"
        assert trials(desk)["p1@firm1.example"].state == "converted"
        asked = [entry["path"] for entry in desk.sandbox.log("GET")]
        assert "/v1/subscriptions/sub_1" in asked
        assert desk.pull().created == 0

    def test_customers_join_the_people_of_the_product_by_the_ids_in_their_metadata(self, desk):
        self.put(desk, 1)
        desk.pull()
        desk.db.write(_store_ada).result()
        who = {"object": "customer", "id": "cus_2", "email": "pay@firm2.example", "name": "Firm Two",
               "metadata": {"user_id": "u_1", "org_id": "acc_1"}}  # fmt: skip
        trial = {"object": "subscription", "id": "sub_2", "customer": "cus_2", "status": "trialing",
                 "trial_start": seconds(TODAY), "trial_end": seconds(TODAY + 9 * DAY)}  # fmt: skip
        for one in (who, trial):
            desk.sandbox.change("put", object=one, silent=True)
        with pytest.raises(BadInput, match=r"ids_of=segmnt is no source"):
            desk.connect(ids_of="segmnt")
        desk.connect(ids_of="product")
        assert desk.cursor() == {}  # everybody is looked at again
        assert desk.pull().state == "ok"
        assert trials(desk).keys() == {"p1@firm1.example", "ada@acme.example"}
        assert desk.pull().created == 0

    def test_after_a_month_without_a_run_everything_is_walked_again(self, desk):
        self.put(desk, 1)
        desk.pull()
        self.put(desk, 2)  # its event is not listed any more

        def long_ago(session):
            from sqlalchemy import select

            from pqldesk.models.remote import SyncState

            session.scalars(select(SyncState)).one().cursor = {"since": seconds(TODAY - 40 * DAY)}

        desk.db.write(long_ago).result()
        desk.pull()
        assert set(trials(desk)) == {"p1@firm1.example", "p2@firm2.example"}

    def test_a_walk_that_was_broken_off_goes_on_where_it_was(self, desk):
        for number in range(6):
            self.put(desk, number)
        desk.connect(page="2")
        desk.sandbox.forget_log()
        desk.sandbox.fault("html", path="/v1/subscriptions", skip=1, count=99)
        assert desk.pull().state == "failed"
        desk.sandbox.heal()
        desk.sandbox.forget_log()
        assert desk.pull().state == "ok"
        assert len(trials(desk)) == 6
        first = desk.sandbox.log("GET")[0]
        assert first["path"] == "/v1/subscriptions"
        assert "starting_after" in first["query"]

    def test_a_key_that_may_not_read_is_said_at_connect(self, bare_pull_desk):
        bare_pull_desk.sandbox.change("switch", may_read=False)
        with pytest.raises(Held, match="rak_customer_read"):
            bare_pull_desk.connect()


class TestMixpanel:
    @pytest.fixture
    def system(self):
        return SYSTEMS["mixpanel"]

    @staticmethod
    def event(at, number, name="Signed In"):
        properties = {"time": seconds(at), "distinct_id": f"u{number % 3}", "$insert_id": f"i{number}",
                      "$email": f"u{number % 3}@firm.example"}  # fmt: skip
        return {"event": name, "properties": properties}

    def test_days_come_once_though_the_export_repeats_itself(self, desk):
        events = [self.event(TODAY - (number % 8) * DAY + timedelta(hours=1), number) for number in range(40)]
        desk.sandbox.change("add_events", events=events + events[:10])
        desk.connect(since=f"{TODAY - 9 * DAY:%Y-%m-%d}")
        outcome = desk.pull()
        assert (outcome.created, outcome.duplicates) == (40, 10)
        assert sum(desk.counts().values()) == 40
        assert desk.cursor() == {"day": f"{TODAY - DAY:%Y-%m-%d}"}

    def test_a_late_event_of_the_last_days_still_comes(self, desk):
        desk.connect(since=f"{TODAY - 9 * DAY:%Y-%m-%d}")
        desk.pull()
        late = [self.event(TODAY - 2 * DAY, 1), self.event(TODAY - 8 * DAY, 2)]
        desk.sandbox.change("add_events", events=late)
        assert desk.pull().created == 1
        asked = desk.sandbox.log("GET")[-1]["query"]
        assert asked["from_date"] == f"{TODAY - 3 * DAY:%Y-%m-%d}"

    def test_an_export_that_breaks_off_is_asked_for_again_from_its_first_day(self, desk):
        events = [self.event(TODAY - (number % 4) * DAY, number) for number in range(20)]
        desk.sandbox.change("add_events", events=events)
        desk.connect(since=f"{TODAY - 4 * DAY:%Y-%m-%d}")
        desk.sandbox.change("cut", bytes=30)
        broken = desk.pull()
        assert broken.state == "failed"
        assert "middle of an event" in broken.problem
        assert desk.cursor() == {}
        desk.pull()
        assert sum(desk.counts().values()) == 20

    def test_a_service_account_needs_its_project(self, desk, monkeypatch):
        monkeypatch.setenv("PULL_MIXPANEL_PULL_TOKEN", "sandbox-sa-secret")
        with pytest.raises(BadInput, match="project"):
            desk.connect(user="pqldesk.sa")
        desk.connect(user="pqldesk.sa", project="7001")
        assert desk.pull().state == "ok"

    def test_a_budget_that_is_used_up_is_waited_for_until_the_next_run(self, desk):
        desk.sandbox.fault("status", path="/api/2.0/export", status=429)
        outcome = desk.pull()
        assert outcome.problem.startswith("Mixpanel has had too many requests.")
        assert desk.state().state == "waiting"


class TestAmplitude:
    @pytest.fixture
    def system(self):
        return SYSTEMS["amplitude"]

    @staticmethod
    def event(at, number):
        told = f"{at:%Y-%m-%d %H:%M:%S}.123000"
        return {"event_type": "Feature Used", "user_id": f"u{number % 3}", "event_time": told,
                "server_upload_time": told, "uuid": f"00000000-0000-4000-8000-{number:012}",
                "event_properties": {"feature": f"f{number % 2}"},
                "user_properties": {"email": f"u{number % 3}@firm.example"}}  # fmt: skip

    def test_hours_come_once_and_the_last_two_are_left_for_later(self, desk):
        now = datetime.now(UTC)
        events = [self.event(now - timedelta(hours=3 + number), number) for number in range(30)]
        events.append(self.event(now - timedelta(minutes=30), 99))
        desk.sandbox.change("add_events", events=events)
        desk.connect(since=f"{now - 2 * DAY:%Y-%m-%d}")
        assert desk.pull().created == 30
        assert desk.pull().created == 0
        assert sum(desk.counts().values()) == 30

    def test_an_export_that_is_too_large_is_halved(self, desk):
        now = datetime.now(UTC)
        events = [self.event(now - timedelta(hours=4 + number), number) for number in range(20)]
        desk.sandbox.change("add_events", events=events)
        desk.sandbox.change("limit", events=4)
        desk.connect(since=f"{now - 2 * DAY:%Y-%m-%d}")
        assert (desk.pull().state, sum(desk.counts().values())) == ("ok", 20)

    def test_hours_without_data_are_passed_over(self, desk):
        assert desk.pull().state == "ok"
        assert desk.cursor()["hour"]

    def test_both_keys_are_needed(self, bare_pull_desk, monkeypatch):
        monkeypatch.setenv("PULL_AMPLITUDE_PULL_TOKEN", "wrong")
        with pytest.raises(Held, match="region"):
            bare_pull_desk.connect()


class TestGitLab:
    @pytest.fixture
    def system(self):
        return SYSTEMS["gitlab"]

    @staticmethod
    def put(desk, number, **more):
        group = {
            "id": number,
            "name": f"Group {number}",
            "path": f"g{number}",
            "full_path": f"g{number}",
            **more,
        }
        desk.sandbox.change("put", namespace=group)

    def test_trials_of_groups_come_over_all_pages_and_only_when_they_changed(self, desk):
        for number in range(1, 121):
            ends = f"{TODAY + (number % 5) * DAY:%Y-%m-%d}" if number % 2 else None
            self.put(desk, number, plan="ultimate_trial", trial=bool(ends), trial_ends_on=ends)
        self.put(desk, 500, kind="user", trial_ends_on=f"{TODAY:%Y-%m-%d}")
        assert (desk.pull().rows, len(desk.db.read(trial_rows, clock.now()).result())) == (60, 60)
        assert desk.pull().rows == 0
        self.put(desk, 1, plan="ultimate", trial=False, trial_ends_on=f"{TODAY - DAY:%Y-%m-%d}")
        assert desk.pull().rows == 1
        states = [trial.state for trial in desk.db.read(trial_rows, clock.now()).result()]
        assert states.count("converted") == 1

    def test_a_token_without_the_scope_waits_for_a_person(self, desk):
        desk.sandbox.change("switch", may_read=False)
        assert "insufficient_scope" in desk.pull().problem
        assert desk.state().state == "problem"


def test_one_source_that_fails_does_not_keep_the_others_back(desk, pull_doubles, monkeypatch):
    desk.sandbox.change("make_events", count=20)
    posthog, stripe = desk.sandbox, pull_doubles("stripe")
    stripe.reset()
    monkeypatch.setenv("PULL_STRIPE_PULL_TOKEN", "rk_test_sandbox")
    desk.system, desk.sandbox = SYSTEMS["stripe"], stripe
    desk.connect()
    posthog.fault("html", path="*/query/", count=99)
    states = {outcome.source: outcome.state for outcome in desk.sync().outcomes}
    assert states == {"posthog": "failed", "stripe": "ok"}
    listed = json.loads(desk.command("sync", "--status", "--format", "json").stdout)
    assert [(one["source"], one["state"]) for one in listed] == [("posthog", "waiting"), ("stripe", "ok")]
