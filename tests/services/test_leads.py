"""Leads entered by hand, and the moves of a rep."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from pqldesk.models.people import Company, Identity, Lead, Submission
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.claims import claim_lead
from pqldesk.services.history import actions_of
from pqldesk.services.identity.keys import EMAIL, attach, identities_of
from pqldesk.services.lead_states import MoveNotAllowed
from pqldesk.services.leads import leads
from pqldesk.services.leads.leads import DraftFault, LeadExists, add_lead, check_draft
from pqldesk.services.queue.find import lead_of
from pqldesk.services.rows import LeadDraft
from pqldesk.services.schedule import is_due, settle

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"


def with_lead(command):
    return lambda session, number, *args, **kwargs: command(
        session, session.get_one(Lead, number), *args, **kwargs
    )


def test_a_hand_raise_entered_by_hand_is_a_scored_lead_with_its_submission(write):
    draft = LeadDraft(
        email=" Ada@Acme.example ", first_name="Ada", last_name="Byrne", company="Acme Ltd", kind="hand_raise",
        glm_content="fair", comment="Wants a call.",
    )  # fmt: skip
    added = write(add_lead, draft, KIM, NOW)
    assert (added.lead_id, added.id) == ("L000001", 1)
    lead = write(lambda s: s.get_one(Lead, 1))
    assert (lead.name, lead.email, lead.company_name, lead.domain, lead.source, lead.placement) == (
        "Ada Byrne", "Ada@Acme.example", "Acme Ltd", "acme.example", "manual", "fair",
    )  # fmt: skip
    assert (lead.state, lead.qualified, lead.qualified_at, lead.hand_raised_at) == (
        "qualified",
        True,
        NOW,
        NOW,
    )
    assert lead.respond_by == NOW + timedelta(hours=4)
    submission = write(lambda s: s.scalars(select(Submission)).one())
    assert (submission.kind, submission.comment, submission.times) == ("hand_raise", "Wants a call.", 1)
    assert write(lambda s: s.get_one(Identity, submission.identity_id).verified)
    assert [action.name for action in write(actions_of, 1)] == ["added"]


def test_a_duplicate_e_mail_names_the_lead_to_open_instead(write):
    write(add_lead, LeadDraft(email="ada@acme.example"), KIM, NOW)
    with pytest.raises(LeadExists, match=r"already a lead: ada@acme\.example \(L000001\)") as caught:
        write(add_lead, LeadDraft(email=" ADA@acme.example"), KIM, NOW)
    assert caught.value.lead_id == "L000001"
    assert write(lambda s: s.scalar(select(func.count()).select_from(Lead))) == 1


def test_usage_that_nobody_had_yet_counts_for_the_lead_that_gets_its_e_mail(write):
    def early(session):
        session.add(
            Identity(namespace=EMAIL, folded="ada@acme.example", value="ada@acme.example", created_at=NOW)
        )

    write(early)
    write(add_lead, LeadDraft(email="ada@acme.example"), KIM, NOW)
    assert write(lambda s: s.get_one(Identity, 1).lead_id) == 1


def test_leads_of_one_firm_share_a_company_and_free_mail_makes_none(write):
    for email in ("a@acme.example", "b@mail.acme.example", "c@gmail.com"):
        write(add_lead, LeadDraft(email=email), KIM, NOW)
    assert write(lambda s: s.scalars(select(Lead.company_id).order_by(Lead.id)).all()) == [1, 1, None]
    assert write(lambda s: s.scalar(select(func.count()).select_from(Company))) == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (LeadDraft(), "email"),
        (LeadDraft(email="not an address"), "email"),
        (LeadDraft(email="a@b.example", domain="nodot"), "domain"),
        (LeadDraft(email="a@b.example", kind="fax"), "kind"),
    ],
)
def test_a_draft_says_which_field_needs_what(write, draft, field):
    (fault,) = check_draft(draft)
    assert isinstance(fault, DraftFault)
    assert fault.field == field
    with pytest.raises(BadInput) as caught:
        write(add_lead, draft, KIM, NOW)
    assert caught.value.what == fault.what


def test_a_name_is_enough_for_a_lead():
    assert check_draft(LeadDraft(first_name="Ada")) == ()


def test_a_disqualified_lead_keeps_its_reason_and_can_be_reopened(write, new_lead):
    number = new_lead("ada@example.com")
    with pytest.raises(BadInput, match="without a reason"):
        write(with_lead(leads.disqualify), number, " ", KIM, NOW)
    write(with_lead(leads.disqualify), number, "student", KIM, NOW)
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.state, lead.state_reason, lead.is_open, lead.touched_at) == (
        "disqualified",
        "student",
        0,
        NOW,
    )
    with pytest.raises(MoveNotAllowed, match="Reopen the lead first"):
        write(with_lead(leads.won), number, KIM, NOW)
    write(with_lead(leads.reopen), number, KIM, NOW)
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.state, lead.state_reason) == ("new", None)


@pytest.mark.parametrize("verb", ["won", "lost"])
def test_an_outcome_is_noted_and_reopening_takes_it_back(write, new_lead, verb):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(with_lead(getattr(leads, verb)), number, KIM, NOW)
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.state, lead.outcome, lead.outcome_at, lead.owner) == (verb, verb, NOW, KIM)
    write(with_lead(leads.reopen), number, KIM, NOW + timedelta(days=1))
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.state, lead.outcome, lead.outcome_at, lead.owner) == ("working", None, None, KIM)


def test_a_deal_value_comes_with_winning(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(leads.won), number, KIM, NOW, deal_value=Decimal("12000.50"))
    assert write(lambda s: s.get_one(Lead, number).deal_value) == Decimal("12000.5")


@pytest.mark.parametrize("verb", ["snooze", "nurture"])
def test_a_sleeping_lead_wakes_by_itself_where_it_was(write, new_lead, verb):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    until = NOW + timedelta(days=30)
    write(with_lead(getattr(leads, verb)), number, until, KIM, NOW)
    assert write(lambda s: s.get_one(Lead, number).is_open) == 0
    write(settle, until - timedelta(seconds=1))
    assert not write(is_due, until - timedelta(seconds=1))
    assert write(is_due, until)
    write(settle, until)
    lead = write(lambda s: s.get_one(Lead, number))
    assert (lead.state, lead.owner, lead.lease_until) == ("working", KIM, until + timedelta(days=7))
    assert not write(is_due, until)


def test_sleeping_until_a_time_that_has_passed_is_refused(write, new_lead):
    number = new_lead("ada@example.com")
    with pytest.raises(MoveNotAllowed, match="Choose a later time"):
        write(with_lead(leads.snooze), number, NOW, KIM, NOW)


def test_what_time_did_is_in_the_history_too(write, new_lead):
    number = new_lead("ada@example.com")
    write(with_lead(claim_lead), number, KIM, NOW)
    write(settle, NOW + timedelta(days=8))
    assert [(a.name, a.actor, a.detail) for a in write(actions_of, number)] == [
        ("claimed", KIM, ""),
        ("lapsed", "PQLDesk", f"from {KIM}"),
    ]


def test_settling_rescores_what_has_fallen_due(write, new_lead):
    number = new_lead("ada@example.com", hand_raised_at=NOW + timedelta(hours=1))
    assert not write(lambda s: s.get_one(Lead, number).qualified)
    write(settle, NOW + timedelta(hours=1))
    assert write(lambda s: s.get_one(Lead, number).qualified)


def test_a_lead_is_found_by_id_e_mail_or_any_key(write, new_lead):
    number = new_lead("Ada@example.com")
    write(with_lead(attach), number, "app", "u:4711", at=NOW)
    for text in ("L000001", "l000001", " ada@EXAMPLE.com ", "app:u:4711", "email:ada@example.com"):
        assert write(lambda s, text=text: lead_of(s, text).id) == number
    for text in ("L000009", "app:u:4712", "nobody", ""):
        with pytest.raises(NotFound):
            write(lead_of, text)


def test_identities_are_looked_up_in_bulk_as_they_were_written(write, new_lead):
    number = new_lead("Ada@example.com")
    keys = [(EMAIL, " ADA@example.com"), (EMAIL, "bo@example.com"), ("app", "1")]
    found = write(identities_of, keys)
    assert {key: known.lead_id for key, known in found.items()} == {(EMAIL, " ADA@example.com"): number}


def test_a_key_that_another_lead_holds_stays_there(write, new_lead):
    ada, other = new_lead("ada@example.com"), new_lead("bo@example.com")
    attached = write(with_lead(attach), other, EMAIL, "ADA@example.com", at=NOW)
    assert (attached.holder, attached.new) == (ada, False)
    write(lambda s: s.execute(update(Identity).where(Identity.id == 1).values(lead_id=None)) and None)
    assert write(with_lead(attach), other, EMAIL, "ADA@example.com", at=NOW).holder == other
