"""Event rules: what they make of events, what they would, and that remapping gives what would always have been."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.events import rule_store as kept
from pqldesk.services.events.raw_pages import drop_old
from pqldesk.services.events.remapping import begin_remap, remap_step
from pqldesk.services.events.rule_rows import RuleDraft
from pqldesk.services.events.rule_store import condition_of, shown_condition
from pqldesk.services.events.rules import Condition, EventRule, EventRules, holds
from pqldesk.services.leads.undo import undo
from pqldesk.services.scoring.rescore import rescore_all

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)

KEY = "wk_test_123"


def meaning(rules, name, **properties):
    found = rules.meaning(name, properties)
    return found.kind, found.is_known


def test_the_users_rules_come_first_then_settings_then_presets_then_known_names():
    own = [
        EventRule("Clicked*", "feature_activated", conditions=(Condition("area", "is", "SSO"),)),
        EventRule("clicked-cancel", "ignore"),
    ]
    rules = EventRules("segment", own, {"signed_in": "visit"})
    assert meaning(rules, "Clicked Button", area="sso") == ("feature_activated", True)
    assert meaning(rules, "Clicked Button", area="home") == ("clicked_button", False)
    assert meaning(rules, "Clicked Cancel", area="home") == ("ignore", True)
    assert meaning(rules, "Clicked Cancel", area="sso") == ("feature_activated", True)
    assert meaning(rules, "Signed In") == ("visit", True)
    assert meaning(rules, "Invite Sent") == ("team_invited", True)
    assert meaning(EventRules("posthog"), "$pageview") == ("page_view", True)
    assert meaning(EventRules("posthog"), "$autocapture") == ("ignore", True)
    assert meaning(EventRules("segment"), "$autocapture") == ("$autocapture", False)


@pytest.mark.parametrize(
    ("text", "properties", "is_so"),
    [
        ("plan=Pro", {"plan": " pro "}, True),
        ("plan!=pro", {}, True),
        ("plan.name=pro", {"plan": {"name": "pro"}}, True),
        ("plan.name=pro", {"plan.name": "pro"}, True),
        ("name~so", {"name": "SSO"}, True),
        ("tags~a", {"tags": ["A", "b"]}, True),
        ("seats>=5", {"seats": "5.0"}, True),
        ("seats<=5", {"seats": 6}, False),
        ("seats>=5", {"seats": "many"}, False),
        ("plan", {"plan": 0}, True),
        ("!plan", {"plan": 0}, False),
    ],
)
def test_a_condition_is_read_shown_and_tested(text, properties, is_so):
    condition = condition_of(text)
    assert shown_condition(condition) == text
    assert holds(condition, properties) is is_so


def test_a_rule_that_says_nothing_usable_is_refused_with_a_sentence(write):
    for rule in (
        EventRule("", "login"), EventRule("x", " "), EventRule("x", "login", "nowhere"),
        EventRule("x", "login", trial={"end": "y"}), EventRule("x", "login", conditions=(Condition("", "is"),)),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            write(kept.add_rule, rule, "kim@example.com", NOW)
    with pytest.raises(NotFound):
        write(kept.remove_rule, "E000009", "kim@example.com", NOW)


def event(number: int, name: str, user: str, day: int, **properties):
    return {"type": "track", "event": name, "userId": user, "messageId": f"m{number}",
            "timestamp": f"2026-11-{day:02}T10:00:00Z", "properties": properties}  # fmt: skip


def batch() -> dict:
    chance = random.Random(7)
    users = [f"u{n}" for n in range(6)]
    who = [
        {
            "type": "identify",
            "userId": user,
            "messageId": f"i{user}",
            "traits": {"email": f"{user}@example.com"},
        }
        for user in users
    ]
    names = ["Opened App", "Invite Sent", "Shared Report", "Noise", "Data Imported"]
    events = [
        event(n, chance.choice(names), chance.choice(users), chance.randint(1, 18), records=chance.randint(1, 90),
              seats=chance.randint(1, 9), feature=chance.choice("abc"))
        for n in range(300)
    ]  # fmt: skip
    events += [
        {**events[5], "event": "Opened App"},
        {**events[9], "event": "Noise"},
    ]  # the first of an id stands
    return {"writeKey": KEY, "batch": who + events}


RULES = [
    EventRule("opened app", "login"),
    EventRule(
        "Shared*", "team_invited", "segment", (Condition("seats", "at_least", "4"),), quantity_from="seats"
    ),
    EventRule("Shared Report", "feature_activated", key_from="feature"),
    EventRule("noise", "ignore"),
    EventRule("data imported", "data_imported", quantity_from="seats"),
]
STATE = (
    "SELECT k.name, k.key, i.value, t.n, t.quantity, t.first_at, t.last_at FROM usage_total t"
    " JOIN event_kind k ON k.id = t.kind_id JOIN identity i ON i.id = t.identity_id ORDER BY 1, 2, 3",
    "SELECT k.name, k.key, i.value, d.day, d.n, d.quantity FROM usage_day d"
    " JOIN event_kind k ON k.id = d.kind_id JOIN identity i ON i.id = d.identity_id ORDER BY 1, 2, 3, 4",
    "SELECT k.name, i.value, e.at, e.quantity FROM usage_event e"
    " JOIN event_kind k ON k.id = e.kind_id JOIN identity i ON i.id = e.identity_id ORDER BY 1, 2, 3, 4",
    "SELECT email, score, signals, milestones, qualified, qualified_at FROM lead ORDER BY email",
)


def remap(workspace, most=40):
    total = [0, 0, 0]
    run = workspace.db.read(begin_remap, None).result()
    while True:
        step = workspace.db.write_bulk(remap_step, run, NOW, most).result()
        total = [total[0] + step.changed, total[1] + step.added, total[2] + step.removed]
        if step.is_done:
            return total


def test_remapping_gives_what_would_always_have_been(connect, post, rows, write, workspace, monkeypatch):
    monkeypatch.setenv("PQLDESK_NOW", NOW.isoformat())
    connect("segment")
    whole = batch()
    for start in range(0, len(whole["batch"]), 37):
        post("/v1/batch", json={**whole, "batch": whole["batch"][start : start + 37]})
    before = [rows(sql) for sql in STATE]
    for rule in RULES:
        write(kept.add_rule, rule, "kim@example.com", NOW)
    changed, added, removed = remap(workspace)
    assert changed
    assert removed
    assert not added
    mapped = [rows(sql) for sql in STATE]
    assert mapped != before
    assert remap(workspace) == [0, 0, 0]  # again changes nothing
    write(rescore_all, NOW)
    assert [rows(sql) for sql in STATE] == mapped  # as a full rescore has it

    # What is received under the rules from the start is the same.
    write(forget_everything)
    for start in range(0, len(whole["batch"]), 37):
        post("/v1/batch", json={**whole, "batch": whole["batch"][start : start + 37]})
    assert [rows(sql) for sql in STATE] == mapped

    # And taken back, it is what it was: what had been ignored comes again.
    for rule in workspace.db.read(kept.rule_rows).result():
        if rule.rule_id is not None:
            write(kept.remove_rule, rule.rule_id, "kim@example.com", NOW)
    changed, added, removed = remap(workspace)
    assert added
    assert [rows(sql) for sql in STATE] == before


def forget_everything(session):

    for table in (
        "usage_event",
        "usage_day",
        "usage_total",
        "raw_page",
        "score_event",
        "identity_link",
        "identity",
    ):
        session.execute(text(f"DELETE FROM {table}"))
    session.execute(text("DELETE FROM lead"))


def test_a_preview_says_what_would_change_and_changes_nothing(connect, post, rows, workspace):
    connect("segment")
    post("/v1/batch", json=batch())
    before = [rows(sql) for sql in STATE]
    found = workspace.db.read(
        kept.preview_rule, EventRule("shared report", "team_invited", quantity_from="seats")
    ).result()
    assert found.looked_at == 302
    assert 0 < found.fit == found.changed < 302
    assert found.rows[0].before[0] == "shared_report"
    assert found.rows[0].after[0] == "team_invited"
    assert [rows(sql) for sql in STATE] == before


def test_names_that_no_rule_knows_are_counted_and_shown(connect, post, write, workspace):
    connect("segment")
    post("/v1/batch", json=batch())
    names = {row.name: row for row in workspace.db.read(kept.name_rows, unmapped=True).result()}
    assert names.keys() == {"Opened App", "Shared Report", "Noise"}
    assert sum(row.n for row in workspace.db.read(kept.name_rows).result()) == 302
    write(kept.add_rule, RULES[0], "kim@example.com", NOW)
    assert "Opened App" not in {row.name for row in workspace.db.read(kept.name_rows, unmapped=True).result()}


def test_an_event_can_tell_of_a_plan_and_of_a_trial(connect, post, rows, write):
    connect("segment")
    rule = EventRule(
        "Plan Changed", "plan_changed", plan_from="to",
        trial={"trial_id": "trial", "ends_at": "until", "plan": "to", "state": "=extended"},
    )  # fmt: skip
    write(kept.add_rule, rule, "kim@example.com", NOW)
    calls = [
        {"type": "identify", "userId": "u", "traits": {"email": "u@example.com", "plan": "free"}},
        event(1, "Plan Changed", "u", 18, to="Premium", until="2026-12-24", trial="t1"),
        event(2, "Trial Started", "u", 17, trial_start_date="2026-11-17", trial_end_date="2026-12-17",
              trial_plan_name="Ultimate"),
    ]  # fmt: skip
    post("/v1/batch", json={"writeKey": KEY, "batch": calls})
    assert rows("SELECT plan FROM lead") == [("Premium",)]
    assert rows("SELECT plan, source_state FROM trial ORDER BY plan") == [
        ("Premium", "extended"), ("Ultimate", None),
    ]  # fmt: skip
    assert rows("SELECT count(*) FROM usage_event") == [(2,)]


def test_what_is_older_than_it_must_be_is_forgotten_once_it_was_derived(connect, post, rows, write):
    connect("segment")
    post("/v1/batch", json=batch())
    write(lambda session: session.execute(text("UPDATE raw_page SET received_at = 0")))
    write(lambda session: session.execute(text("INSERT INTO raw_page (source, received_at, items, done, body)"
                                               " SELECT source, 0, items, 0, body FROM raw_page")))  # fmt: skip
    events = rows(STATE[2])
    assert write(drop_old, NOW) == 1
    assert rows("SELECT count(*), max(done) FROM raw_page") == [(1, 0)]
    assert rows(STATE[2]) == events


def test_a_rule_as_a_person_writes_it_is_kept_shown_again_and_changed_in_its_place(write, workspace):
    draft = RuleDraft(
        "Report*", "team_invited", "segment", "seats>=2; plan!=free", "", "seats", "", "ends_at=until"
    )
    write(kept.keep_draft, draft, "kim@example.com", NOW)
    write(kept.keep_draft, RuleDraft("Other", "login"), "kim@example.com", NOW)
    first, second = workspace.db.read(kept.rules_shown).result()[:2]
    assert replace(first.draft, rule_id=None) == draft
    assert first.takes == "team_invited, quantity from seats, trial ends_at from until"
    write(kept.keep_draft, replace(first.draft, when=""), "kim@example.com", NOW)
    again = workspace.db.read(kept.rules_shown).result()[:2]
    assert [row.draft.when for row in again] == ["", ""]
    assert [row.draft.rule_id for row in again] == [first.draft.rule_id, second.draft.rule_id]
    write(undo, "kim@example.com", NOW)
    assert workspace.db.read(kept.rules_shown).result()[0].draft == first.draft
    with pytest.raises(NotFound, match="no event rule 'E999999'"):
        write(kept.keep_draft, replace(draft, rule_id="E999999"), "kim@example.com", NOW)


def test_the_preview_of_a_changed_rule_puts_it_in_the_place_of_the_old_one(connect, post, write, workspace):
    connect("segment")
    event = {"type": "track", "userId": "u1", "event": "Report Shared", "messageId": "m1"}
    post("/v1/batch", json={"writeKey": KEY, "batch": [event]})
    write(kept.keep_draft, RuleDraft("Report Shared", "login"), "kim@example.com", NOW)
    (rule,) = [row for row in workspace.db.read(kept.rules_shown).result() if not row.is_preset]
    changed = replace(rule.draft, kind="team_invited")
    found = workspace.db.read(kept.preview_draft, changed).result()
    assert (found.fit, found.changed) == (1, 1)
    assert (found.rows[0].before[0], found.rows[0].after[0]) == ("login", "team_invited")
    assert workspace.db.read(kept.preview_draft, replace(changed, rule_id=None)).result().changed == 0
