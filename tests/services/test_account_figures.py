"""Accounts: a declared figure that its people's gifts add up to, and companies that become one."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from pqldesk.models.base import micros
from pqldesk.models.ids import COMPANY, public_id
from pqldesk.models.people import Company, CompanyKey, Identity, Lead, Trial
from pqldesk.models.remote import RemoteLink
from pqldesk.models.usage import UsageDay
from pqldesk.services import settings
from pqldesk.services.account_detail import account_detail
from pqldesk.services.basics.moments import local_days
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.figures.account_score import Aggregation, Seat
from pqldesk.services.figures.accounts import accounts
from pqldesk.services.history import stored_rows
from pqldesk.services.identity.companies import company_of, merge_companies
from pqldesk.services.leads.undo import undo
from tests.services.steps import steps

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"


def seats(*scores, active=()):
    return [Seat(n, score, n in active) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("rule", "figure", "gives"),
    [
        ("best", 8000, [0, 8000, 0]),
        ("sum", 15000, [1000, 8000, 6000]),
        ("active", 6667, [0, 3334, 3333]),
    ],
)
def test_what_people_give_follows_the_rule(rule, figure, gives):
    people = seats(2000, 8000, 6000, active=(1, 2))
    how = Aggregation(rule, 15000)
    assert (how.figure(people), how.contributions(people)) == (figure, gives)


@pytest.mark.parametrize("rule", ["best", "sum", "active"])
def test_the_gifts_always_add_up_and_a_sum_never_passes_its_cap(rule):
    dice = random.Random(rule)
    for _ in range(300):
        people = [Seat(n, dice.randint(-1000, 12000), dice.random() < 0.5) for n in range(dice.randint(0, 9))]
        how = Aggregation(rule, dice.randint(1, 30000))
        assert sum(how.contributions(people)) == how.figure(people)
        if rule == "sum":
            assert how.figure(people) <= how.cap
        if rule == "best" and people:
            assert how.figure(people) == max(seat.score for seat in people)


@pytest.fixture
def company(write, new_lead):
    """``company(name, domain, scores)``: a company with people of those scores; returns its id."""

    def make(name, domain, scores=()):
        def store(session):
            row = Company(name=name, domain=domain, created_at=NOW)
            session.add(row)
            session.flush()
            session.add(CompanyKey(namespace="domain", value=domain, company_id=row.id))
            return row.id

        number = write(store)
        for n, score in enumerate(scores):
            lead = new_lead(
                f"{name.lower()}{n}@{domain}", company_id=number, company_name=name, domain=domain
            )
            seen = NOW - timedelta(days=n)
            write(lambda s, lead=lead, score=score, seen=seen: s.execute(
                update(Lead).where(Lead.id == lead).values(score=score * 100, last_active_at=seen)))  # fmt: skip
        return number

    return make


@pytest.mark.both_databases
def test_the_rule_of_the_settings_makes_the_figure(write, company):
    company("Acme", "acme.example", (85, 60, 20))
    company("Bolt", "bolt.example", (70,))
    assert [(row.name, row.score, row.champion) for row in write(accounts, NOW)] == [
        ("Acme", 85, "acme0@acme.example"), ("Bolt", 70, "bolt0@bolt.example"),
    ]  # fmt: skip
    write(settings.store, "account_score", "sum")
    write(settings.store, "account_cap", "150")
    (acme, bolt) = write(accounts, NOW)
    assert (acme.score, acme.best_score, acme.rule, acme.cap, bolt.score) == (150, 85, "sum", 150, 70)


def test_the_panel_of_an_account_adds_up_to_its_figure(write, company):
    company("Acme", "acme.example", (85, 60, 20))
    write(settings.store, "account_score", "sum")
    detail = write(account_detail, "acme.example", NOW)
    assert [(one.score, one.gives) for one in detail.people] == [(85, 85), (60, 60), (20, 20)]
    assert sum(one.gives for one in detail.people) == detail.row.score == 165
    assert detail.keys == (("domain", "acme.example"),)


@pytest.mark.of_a_file
def test_the_panel_of_an_account_costs_no_more_in_a_large_workspace(write, company):
    number = company("Acme", "acme.example", (85, 60))
    today = local_days(UTC).day_of(micros(NOW))

    def add(session, first, last):
        """People of no company who used the product every day."""
        some = range(first, last)
        session.execute(
            insert(Lead), [{"id": n, "name": "Somebody", "created_at": NOW, "score": n} for n in some]
        )
        session.execute(insert(Identity), [
            {"id": n, "namespace": "email", "folded": f"p{n}", "value": f"p{n}", "lead_id": n, "created_at": NOW}
            for n in some
        ])  # fmt: skip
        session.execute(insert(UsageDay), [
            {"identity_id": n, "day": today - back, "kind_id": 1, "n": 1, "quantity": 0}
            for n in some for back in range(3)
        ])  # fmt: skip

    def cost(session):
        return steps(session, lambda: account_detail(session, public_id(COMPANY, number), NOW))

    write(add, 1_000, 1_050)
    small = write(cost)
    write(add, 2_000, 5_000)
    assert write(cost) < small * 1.5


@pytest.mark.both_databases
def test_two_companies_become_one_and_undo_parts_them_exactly(write, company):
    acme, ltd = company("Acme", "acme.example", (85,)), company("Acme Ltd", "acme-ltd.example", (60, 20))

    def more(session):
        session.add(Trial(source="file", key="t", company_id=ltd, created_at=NOW, starts_at=NOW))
        session.add(RemoteLink(system="attio", kind="company", local_id=ltd, remote_id="r1", at=NOW))

    write(more)
    tables = ("company", "company_key", "lead", "trial", "identity", "remote_link")
    whose = (
        "company_id",
        "company_name",
        "domain",
        "email",
        "owner",
    )  # the scores of this test have no usage under them

    def rows(session):
        def of(table):
            found = stored_rows(session, table, range(1, 50))
            return {k: row if table != "lead" else {c: row[c] for c in whose} for k, row in found.items()}

        return {table: of(table) for table in tables}

    before = write(rows)
    write(lambda s: merge_companies(s, s.get_one(Company, acme), s.get_one(Company, ltd), KIM, NOW))
    (row,) = write(accounts, NOW)
    assert (row.name, row.leads, row.trial is not None) == ("Acme", 3, True)
    assert write(lambda s: company_of(s, "acme-ltd.example").id) == acme
    assert write(lambda s: s.scalars(select(RemoteLink.local_id)).all()) == [acme]
    write(undo, KIM, NOW)
    assert write(rows) == before


def test_a_company_is_not_merged_into_itself(write, company):
    acme = company("Acme", "acme.example")
    with pytest.raises(BadInput, match="into itself"):
        write(lambda s: merge_companies(s, s.get_one(Company, acme), s.get_one(Company, acme), KIM, NOW))
