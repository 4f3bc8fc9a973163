"""Which account a lead belongs to."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select

from pqldesk.models.people import Company, CompanyKey, Lead
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.identity.companies import (
    CompanyFacts,
    CompanyFinder,
    company_domain,
    company_of,
    is_disposable,
    is_free_mail,
    rename_company,
    set_company,
)
from pqldesk.services.identity.company_names import stripped_name

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"


def found(session, *rows):
    finder = CompanyFinder(session, NOW)
    return [company.id if (company := finder.find(facts)) else None for facts in rows]


def keys(session):
    return sorted(
        tuple(row)
        for row in session.execute(select(CompanyKey.namespace, CompanyKey.value, CompanyKey.company_id))
    )


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("jane@acme.co.uk", "acme.co.uk"),
        ("Jane@Mail.ACME.co.uk", "acme.co.uk"),
        ("https://www.acme.example/pricing?x=1", "acme.example"),
        ("acme.example:8080", "acme.example"),
        ("ada@gmail.com", None),
        ("ada@sub.gmail.com", None),
        ("ada@burnermail.io", None),
        ("pages.github.io", "pages.github.io"),  # a suffix of its own: each project is somebody else
        ("github.io", None),
        ("localhost", None),
        ("not a domain", None),
        ("", None),
    ],
)
def test_the_registrable_domain_names_the_employer_unless_anybody_may_write_from_there(text, domain):
    assert company_domain(text) == domain


def test_free_mail_and_throw_away_domains_are_known_whatever_their_case():
    assert (is_free_mail("GMail.com"), is_disposable("burnermail.io"), is_free_mail("acme.example")) == (
        True, True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "stripped"),
    [
        ("Acme GmbH", "acme"), ("ACME Gesellschaft mbH", "acme"), ("Acme, Inc.", "acme"),
        ("Acme Co., Ltd.", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "müller und söhne"), ("株式会社トヨタ", "トヨタ"), ("SE", "se"),
        ("Acme", "acme"),
        ("S.A.", "sa"), ("Société Générale S.A.", "société générale"), ("Inca", "inca"), ("", ""),
    ],
)  # fmt: skip
def test_legal_forms_are_no_part_of_a_name(name, stripped):
    assert stripped_name(name) == stripped


@pytest.mark.both_databases
def test_a_sources_id_beats_the_domain_and_the_domain_beats_the_name(write):
    acme = ("app", "org-1")
    rows = (
        CompanyFacts(email="a@acme.example", name="Acme"),
        CompanyFacts(organisation=acme, email="b@acme.example"),
        CompanyFacts(organisation=acme, email="c@other.example", name="Acme Labs"),
        CompanyFacts(organisation=("app", "org-2"), email="d@acme.example", name="Acme Spin-off"),
        CompanyFacts(organisation=("billing", "c9"), domain="acme.example"),
        CompanyFacts(name="ACME Inc."),
        CompanyFacts(email="x@gmail.com"),
    )
    assert write(found, *rows) == [1, 1, 1, 2, 1, 1, None]
    assert write(found, *rows) == [1, 1, 1, 2, 1, 1, None]
    assert ("app", "org-1", 1) in write(keys)
    assert ("billing", "c9", 1) in write(keys)
    assert ("domain", "other.example") not in [key[:2] for key in write(keys)]


def test_a_domain_that_stood_in_for_the_name_gives_way_to_it(write):
    write(found, CompanyFacts(email="a@acme.example"))
    assert write(lambda s: s.get_one(Company, 1).name) == "acme.example"
    write(found, CompanyFacts(domain="www.acme.example", name="Acme Ltd"))
    assert write(lambda s: (s.get_one(Company, 1).name, s.get_one(Company, 1).domain)) == (
        "Acme Ltd",
        "acme.example",
    )
    write(found, CompanyFacts(domain="acme.example", name="Another name"))
    assert write(lambda s: s.get_one(Company, 1).name) == "Acme Ltd"


def test_peeking_makes_nothing(write):
    assert write(lambda s: CompanyFinder(s, NOW).peek(CompanyFacts(email="a@acme.example"))) is None
    assert write(keys) == []


def test_a_thousand_known_companies_take_a_handful_of_queries(workspace, write):
    rows = [CompanyFacts(email=f"a@firm{number}.example") for number in range(1_000)]
    first = write(found, *rows)
    statements = []
    event.listen(workspace.db.engine, "before_cursor_execute", lambda *context: statements.append(context[2]))

    def again(session):
        finder = CompanyFinder(session, NOW)
        finder.prepare(rows)
        return [finder.find(facts).id for facts in rows]

    assert write(again) == first
    assert len(statements) < 15


def test_hp_and_hpe_stay_apart(write):
    one, other, same = write(
        found,
        CompanyFacts(domain="hp.example", name="HP"),
        CompanyFacts(domain="hpe.example", name="HPE"),
        CompanyFacts(email="x@print.hp.example"),
    )
    assert one == same != other


def test_a_renamed_company_shows_its_new_name_on_its_leads(write, new_lead):
    write(found, CompanyFacts(email="a@acme.example", name="Acme"))
    here = new_lead("a@acme.example", company_id=1, company_name="Acme")
    own = new_lead("b@acme.example", company_id=1, company_name="Acme (Dublin)")
    write(rename_company, 1, " Apex ", KIM, NOW)
    assert write(lambda s: [s.get_one(Lead, n).company_name for n in (here, own)]) == [
        "Apex",
        "Acme (Dublin)",
    ]
    assert write(lambda s: company_of(s, "Apex").id) == 1


def test_a_company_set_by_hand_is_found_by_id_domain_or_name(write, new_lead):
    write(found, CompanyFacts(email="a@acme.example", name="Acme Ltd"))
    number = new_lead("x@gmail.com")
    for text in ("C000001", "acme.example", "ACME limited"):
        assert write(lambda s, text=text: company_of(s, text).id) == 1
    with pytest.raises(NotFound, match="no company 'Nowhere'"):
        write(company_of, "Nowhere")
    write(lambda s: set_company(s, s.get_one(Lead, number), "acme.example", KIM, NOW))
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.company_id, lead.company_name, lead.domain) == (1, "Acme Ltd", "acme.example")
    write(lambda s: set_company(s, s.get_one(Lead, number), "Brand New", KIM, NOW))
    assert write(lambda s: s.get_one(Lead, number).company_id) == 2
    with pytest.raises(BadInput, match="company to move to"):
        write(lambda s: set_company(s, s.get_one(Lead, number), " ", KIM, NOW))
