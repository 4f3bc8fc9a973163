"""The filter language: reading and writing it, its problems, and that SQL says what plain Python says."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pqldesk.models.people import Company, Lead, Submission, Trial
from pqldesk.models.work import Task
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.filters.fields import FIELDS, KEYED, VERBS, Kind
from pqldesk.services.filters.language import (
    EVERYBODY,
    BadFilter,
    Clause,
    Either,
    Every,
    Not,
    every,
    filter_text,
    parse_filter,
    verbs_of,
)
from pqldesk.services.filters.queue_filter import QueueFilter, spec_filter, spec_of, stored_spec
from pqldesk.services.queue import queue
from pqldesk.services.queue.as_of import queue_as_of
from pqldesk.services.queue.saved_views import save_view
from pqldesk.services.scoring.model import DEFAULT_MODEL
from pqldesk.services.view_spec import ViewSpec, spec_from_json, spec_json

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM, LEE = "kim@example.com", "lee@example.com"
SIGNALS = ("logins", "features", "invites", "integrations", "records", "active_days")
MILESTONES = ("signed_up", "first_login", "imported_data")
VALUES = {
    "owner": ("nobody", "me", LEE),
    "band": ("hot", "qualified", "cold"),
    "state": ("new", "claimed", "won"),
    "trial": ("running", "converted", "expired", "lost"),
    "score": ("60", "0", "12.5"),
    "activation": ("50", "0"),
    "fit": ("10", "0"),
    "source": ("posthog", "form"),
    "placement": ("group-billing",),
    "plan": ("team", "pro plus"),
    "trial plan": ("Ultimate", "prémium"),
    "asked": ("sso", "100%", "cafe"),
    "company": ("acme", "B_b", "STRASSE", "стройка"),
    "domain": ("acme.example",),
    "name": ("ada", "and", "unal", "Ünal", "jose"),
    "email": ("ada0@acme.example",),
    "title": ("Lead", "geschaftsfuhrer"),
    "country": ("DE", "Espana"),
    "region": ("Berlin", "ile-de-france"),
}
DAYS = ("today", "yesterday", "tomorrow", "2026-11-17", "2026-11-18T09:30:00Z")


def clause(dice, field=None):
    """Some clause about some field."""
    kind = FIELDS[field] if field else dice.choice(list(FIELDS.values()))
    op = dice.choice(verbs_of(kind))
    key = dice.choice({"signal": SIGNALS, "milestone": MILESTONES}[kind.key]) if kind.key in KEYED else ""
    if VERBS[op].values == 0:
        return Clause(kind.key, op, (), key)
    if kind.kind is Kind.TIME:
        values = (str(dice.randint(1, 9)), dice.choice(("hours", "days", "weeks"))) if VERBS[op].values == 2 else (
            dice.choice(DAYS),)  # fmt: skip
        return Clause(kind.key, op, values, key)
    known = VALUES[kind.key]
    many = dice.sample(known, dice.randint(1, len(known))) if op in ("any", "none") else [dice.choice(known)]
    return Clause(kind.key, op, tuple(many), key)


def tree(dice, depth=2):
    """Some filter."""
    shape = dice.random() if depth else 1.0
    if shape < 0.25:
        return every(tree(dice, depth - 1), tree(dice, depth - 1))
    if shape < 0.5:
        return Either((tree(dice, depth - 1), tree(dice, depth - 1)))
    if shape < 0.65:
        inner = tree(dice, depth - 1)
        return inner if isinstance(inner, Not) else Not(inner) if not isinstance(inner, Clause) else inner
    return clause(dice)


@settings(deadline=None)
@given(st.integers(0, 100_000))
def test_a_filter_written_down_is_read_back_as_it_was(seed):
    node = every(tree(random.Random(seed)))
    assert parse_filter(filter_text(node)) == node


def test_words_are_read_as_people_write_them():
    assert parse_filter("Score ≥ 60 AND owner is NOBODY") == Every(
        (Clause("score", ">=", ("60",)), Clause("owner", "is", ("nobody",)))
    )
    assert parse_filter("score is at least 60.50") == Every((Clause("score", ">=", ("60.5",)),))
    assert parse_filter("Hand raise in the last 1 day") == Every(
        (Clause("hand-raise", "last", ("1", "days")),)
    )
    assert parse_filter("not (score < 5 or pql)") == Every(
        (Not(Either((Clause("score", "<", ("5",)), Clause("pql", "yes")))),)
    )
    assert parse_filter("not source is form") == parse_filter("source is not form")
    assert parse_filter("company is 'Acme \"One\"'") == Every((Clause("company", "is", ('Acme "One"',)),))
    assert parse_filter("signal invites not met") == Every((Clause("signal", "unmet", (), "invites"),))
    assert parse_filter("  ") == EVERYBODY
    assert filter_text(EVERYBODY) == ""


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("score >= sixty", 9, "“sixty”. Allowed there: a number"),
        ("scoer > 5", 0, "Allowed there: score, owner"),
        ("score > 5 owner is me", 10, "Allowed there: and, or"),
        ("state is open", 9, "new, qualified, claimed"),
        ("(score > 5", 10, "ends too early, after character 10"),
        ("active in the last 7", 20, "hours, days, weeks"),
        ("active in the last 0 days", 19, "from 1 to 36500"),
        ("trial ends before soon", 18, "a day like 2026-12-01"),
        ("trial ends before 2026-13-01", 18, "a day like"),
        ("name is 'Ada", 8, "Close the quotes"),
        ("score contains 5", 6, "Allowed there: >=, <="),
        ("score is empty", 9, "a number"),
        ("score > 1; drop table lead", 8, "a number"),
        ("(" * 60 + "pql" + ")" * 60, 50, "fewer brackets"),
    ],
)
def test_a_bad_filter_is_one_sentence_with_the_place_and_what_may_stand_there(text, at, says):
    with pytest.raises(BadFilter) as told:
        parse_filter(text)
    assert told.value.at == at
    assert says in str(told.value)


def furnish(session):
    """Forty leads that differ in everything a filter can ask for."""
    dice = random.Random(11)

    def some(*values):
        return dice.choice((None, *values))

    def around():
        return some(
            *(NOW + timedelta(days=dice.randint(-20, 20), hours=dice.randint(-9, 9)) for _ in range(3)), NOW
        )

    companies = [
        Company(name=name, domain="acme.example", created_at=NOW)
        for name in ("Acme", "B_b AG", "Bxb", "Straße AG", "СТРОЙКА")
    ]
    session.add_all(companies)
    session.flush()
    for number in range(40):
        company = some(*companies)
        state = dice.choice(("new", "claimed", "won", "qualified", "snoozed"))
        values = [[dice.choice((0, 3, 500)) * 1_000_000, 0] for _ in SIGNALS]
        earned = sum(
            s.weight
            for s, (value, _) in zip(DEFAULT_MODEL.signals, values, strict=True)
            if value >= s.threshold
        )
        reached = {key: dice.choice((None, micros(NOW - timedelta(days=1)), micros(NOW + timedelta(days=1))))
                   for key in MILESTONES}  # fmt: skip
        lead = Lead(
            name=dice.choice(("Ada", "Bob and Co", "Ünal", "José")), email=f"ada{number}@acme.example",
            created_at=around() or NOW, qualified=dice.random() < 0.5,
            company_id=company and company.id, company_name=company and company.name, domain=some("acme.example"),
            job_title=some("lead", "CEO", "Geschäftsführer"), country=some("DE", "FR", "España"),
            region=some("Berlin", "Île-de-France"),
            plan=some("team", "pro plus"),
            source=some("posthog", "form"), placement=some("group-billing"), hand_raised_at=around(), state=state,
            owner=KIM if state == "claimed" else some(LEE), claimed_at=around(), respond_by=around(),
            score=earned + dice.choice((0, 250)), fit=some(0, 1_000, 2_000),
            qualified_at=some(NOW - timedelta(days=dice.randint(0, 30))), activation=dice.choice((0, 50, 100)),
            signals=some(values), milestones=some(reached), last_active_at=around(), signed_up_at=around(),
        )  # fmt: skip
        session.add(lead)
        session.flush()
        for _ in range(dice.randint(0, 2)):
            session.add(Task(lead_id=lead.id, title="Call", due_at=around(), created_at=NOW, created_by=KIM,
                             done_at=some(NOW)))  # fmt: skip
        if dice.random() < 0.4:
            session.add(Submission(
                lead_id=lead.id, kind=dice.choice(("hand_raise", "trial")), source="form",
                comment=some("We need SSO", "Café?"), product_interaction=some("100% more"), raw={},
                fingerprint=str(number), received_at=NOW,
            ))  # fmt: skip
        if dice.random() < 0.7:
            word = dice.choice((None,) * 5 + ("paused", "Converted", "expired"))
            won, closed = (dice.choice((None, None, None, NOW - timedelta(days=1))) for _ in range(2))
            session.add(Trial(
                source="file", key=str(number), lead_id=lead.id, created_at=NOW, plan=some("Ultimate", "Premium"),
                starts_at=some(NOW - timedelta(days=30)), ends_at=around(), ends_date_only=dice.random() < 0.2,
                source_state=word, converted_at=won, closed_at=closed,
            ))  # fmt: skip


def asked_both_ways(session, node, scope="all"):
    """The leads that SQL finds, and those that plain Python finds, by number."""
    from pqldesk.models.driver import Driver
    from pqldesk.services.filters.facts import holds
    from pqldesk.services.queue.as_of import _Known
    from pqldesk.services.queue.queue import terms_of

    wanted = QueueFilter(scope, where=every(node))
    by_sql = sorted(queue.filtered_order(session, wanted, KIM, NOW))
    terms = terms_of(session, KIM, NOW)
    know = _Known(session, node, terms)
    ids = list(session.scalars(select(Lead.id).order_by(Lead.id)))
    rows = queue.read_rows(Driver(session), ids, queue.reading(session, NOW))
    return by_sql, [row.id for row in rows if holds(node, know.facts(row), terms)]


@pytest.mark.both_databases
def test_every_field_and_operator_finds_in_sql_what_plain_python_finds(write, workspace):
    write(furnish)

    def compare(session):
        dice = random.Random(5)
        wrong, some = [], 0
        for field in FIELDS:
            for _ in range(12):
                node = clause(dice, field)
                by_sql, by_rule = asked_both_ways(session, node)
                some += bool(by_sql)
                if by_sql != by_rule:
                    wrong.append((filter_text(node), by_sql, by_rule))
        for _ in range(80):
            node = tree(dice)
            by_sql, by_rule = asked_both_ways(session, node)
            some += bool(by_sql)
            if by_sql != by_rule:
                wrong.append((filter_text(node), by_sql, by_rule))
        return wrong, some

    wrong, some = workspace.db.read(compare).result()
    assert wrong == []
    assert some > 300  # most filters find somebody, so that agreeing means something


@pytest.mark.both_databases
def test_pages_counts_and_orders_of_a_filter_agree(write, workspace):
    write(furnish)

    def walk(session, text):
        wanted = QueueFilter("all", where=parse_filter(text))
        ids, after = [], None
        while True:
            rows, after = queue.queue_page(session, rep=KIM, at=NOW, after=after, limit=3, wanted=wanted)
            ids += [row.id for row in rows]
            if after is None:
                break
        return (
            ids,
            list(queue.filtered_order(session, wanted, KIM, NOW)),
            queue.count(session, wanted, KIM, NOW),
        )

    for text in (
        "score >= 40", "band is qualified", "company contains acme or owner is me", "trial ends in the next 10 days",
        "signal records is met and state is any of (new, won, claimed)", "placement is group-billing", "plan is team",
    ):  # fmt: skip
        pages, order, count = workspace.db.read(walk, text).result()
        assert pages == order, text
        assert len(order) == count, text
        assert order, text


def test_a_filter_that_names_what_this_workspace_does_not_have_says_what_there_is(workspace):
    def ask(text):
        return workspace.db.read(
            lambda session: queue.filtered_order(session, QueueFilter(where=parse_filter(text)), None, NOW)
        ).result()

    with pytest.raises(BadInput, match=r"no signal “seats”. Known: logins, features"):
        ask("signal seats is met")
    with pytest.raises(BadInput, match=r"no band “boiling”. Known: hot, qualified"):
        ask("score > 1 or band is boiling")
    with pytest.raises(BadInput, match=r"no milestone “won”. Known: signed_up"):
        ask("not (milestone won is reached and pql)")


def test_a_value_that_looks_like_sql_is_only_a_value(write, workspace):
    write(furnish)
    for value in ("' OR 1=1 --", "%", "_", "a\\", 'b"c'):
        node = Clause("company", "contains", (value,))
        by_sql, by_rule = workspace.db.read(asked_both_ways, node).result()
        assert by_sql == by_rule


def test_a_past_queue_takes_the_same_filter(write, workspace):
    write(furnish)
    wanted = QueueFilter("all", where=parse_filter("plan is team and not country is empty"))
    past = workspace.db.read(queue_as_of, wanted, NOW, None, KIM).result()
    live = workspace.db.read(queue.filtered_order, wanted, KIM, NOW).result()
    assert sorted(row.id for row in past) == sorted(live) != []


def test_a_view_keeps_its_filter_order_columns_and_group(write, workspace):
    spec = ViewSpec("all", 'company contains "B b"', "company", (("score", 0), ("plan", 140)), "owner")
    assert spec_from_json("x", spec_json(spec)) == spec
    assert spec_of(spec_filter(spec), spec.columns, spec.group) == spec
    key = write(save_view, "Mine too", spec_json(spec), KIM, NOW, shared=False)
    (view,) = [v for v in workspace.db.read(queue.queue_views, KIM, NOW).result() if v.key == key.key]
    assert (view.spec, view.owner) == (spec, KIM)


def test_a_view_of_the_first_release_is_read_as_a_filter():
    old = {
        "filters": [{"field": "view", "value": "unclaimed"}, {"field": "min_score", "value": 50}],
        "sort": "-score",
    }
    assert stored_spec("x", old).filter == "owner is nobody and score >= 50"


def test_somebody_elses_private_view_is_neither_replaced_nor_deleted(write, workspace):
    from pqldesk.services.basics.problems import NotFound
    from pqldesk.services.queue.saved_views import delete_view

    first = write(save_view, "Mine too", {"filter": "pql"}, KIM, NOW, shared=False).key
    second = write(save_view, "Mine too", {"filter": "score > 1"}, LEE, NOW, shared=False).key
    assert first != second
    with pytest.raises(NotFound):
        write(delete_view, first, LEE, NOW)
    kims = [v.spec.filter for v in workspace.db.read(queue.queue_views, KIM, NOW).result() if not v.built_in]
    assert kims == ["pql"]
