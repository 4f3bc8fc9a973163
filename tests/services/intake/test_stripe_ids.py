"""A customer of Stripe joins the person and the company that the product's source knows by the ids in its metadata."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest

from pqldesk.models.people import Lead, Suggestion
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.identity.merges import unmerge
from pqldesk.services.identity.parting import part, would_part
from pqldesk.services.identity.suggestions import accept_suggestion, open_suggestions, reject_suggestion
from pqldesk.services.leads.undo import undo

LEADS = "SELECT name, email, company_name FROM lead WHERE merged_into IS NULL ORDER BY id"
KEYS = """SELECT l.email, i.namespace, i.value FROM identity i JOIN lead l ON l.id = i.lead_id
WHERE l.email = 'ada@acme.example' ORDER BY i.namespace, i.value"""
TRIALS = """SELECT l.email, c.name FROM trial t JOIN lead l ON l.id = t.lead_id
LEFT JOIN company c ON c.id = t.company_id"""
USAGE = """SELECT l.email, count(*) FROM usage_event e JOIN identity i ON i.id = e.identity_id
JOIN lead l ON l.id = i.lead_id GROUP BY 1"""


def customer(number=1, email="billing@acme.example", **metadata):
    return {
        "id": f"cus_{number}",
        "object": "customer",
        "email": email,
        "name": "Acme Billing",
        "metadata": metadata,
    }


@pytest.fixture
def webhook(post):
    """Stripe tells of objects, one event each."""

    def send(*objects, kind="customer.updated"):
        for place, thing in enumerate(objects):
            event = {"id": f"evt_{time.monotonic_ns()}", "object": "event", "type": kind,
                     "created": 1763000000 + place, "data": {"object": thing}}  # fmt: skip
            body = json.dumps(event).encode()
            stamp = int(time.time())
            made = hmac.new(b"whsec_test_secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            headers = {"Stripe-Signature": f"t={stamp},v1={made}"}
            assert post("/stripe/webhook", content=body, headers=headers).status_code == 200

    return send


@pytest.fixture
def segment(post):
    """The product tells of people by its own ids."""

    def send(*messages):
        batch = [{"messageId": f"m{time.monotonic_ns()}{n}", **one} for n, one in enumerate(messages)]
        assert post("/v1/batch", json={"batch": batch}, auth=("wk_test_123", "")).status_code == 200

    return send


ADA = {"type": "identify", "userId": "u_1", "traits": {"email": "ada@acme.example", "name": "Ada Byrne"}}
ACME = {"type": "group", "userId": "u_1", "groupId": "acc_1", "traits": {"name": "Acme"}}
TRIAL = {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "trialing",
         "trial_start": 1763000000, "trial_end": 1764209600}  # fmt: skip


@pytest.fixture
def connected(connect):
    connect("segment")
    connect("stripe", ids_of="segment")


def test_a_customer_with_another_address_is_the_person_the_product_knows(connected, segment, webhook, rows):
    segment(ADA, ACME)
    webhook(customer(user_id="u_1", account_id="acc_1"), TRIAL)
    assert rows(LEADS) == [
        ("Ada Byrne", "ada@acme.example", "Acme")
    ]  # what Stripe calls her replaces nothing
    assert ("ada@acme.example", "stripe", "cus_1") in rows(KEYS)
    assert rows(TRIALS) == [("ada@acme.example", "Acme")]
    assert rows("SELECT count(*) FROM company") == [(1,)]
    webhook(customer(user_id="u_1", account_id="acc_1", plan="team"), customer(email=None, user_id="u_1"))
    assert len(rows(LEADS)) == 1


def test_without_a_chosen_source_nobody_joins_by_metadata(connect, segment, webhook, rows):
    connect("segment", "stripe")
    segment(ADA, ACME)
    webhook(customer(user_id="u_1", account_id="acc_1"))
    assert [email for _, email, _ in rows(LEADS)] == ["ada@acme.example", "billing@acme.example"]


def test_the_keys_of_the_metadata_are_those_that_were_chosen(connect, segment, webhook, rows):
    connect("segment")
    connect("stripe", ids_of="segment", user_key="member", company_key="team")
    segment(ADA, ACME)
    webhook(customer(member="u_1", team="acc_1", user_id="u_9", account_id="acc_9"))
    assert rows(LEADS) == [("Ada Byrne", "ada@acme.example", "Acme")]


def test_an_id_nobody_knows_makes_nobody_beside_the_customer(connected, segment, webhook, rows):
    segment(ADA, ACME)
    webhook(customer(email="ada@acme.example", user_id="u_404", account_id="acc_404"))
    assert [email for _, email, _ in rows(LEADS)] == ["ada@acme.example"]
    assert ("ada@acme.example", "segment", "u_404") not in rows(KEYS)  # she has an id there already
    assert rows("SELECT count(*) FROM company") == [(1,)]
    webhook(customer(2, "bob@other.example", user_id="u_405", account_id="acc_405"))
    assert len(rows(LEADS)) == 2
    assert rows("SELECT count(*) FROM company") == [(2,)]


def test_a_customer_who_came_first_is_found_when_the_product_names_the_id(connected, segment, webhook, rows):
    webhook(customer(user_id="u_1", account_id="acc_1"), TRIAL)
    segment({"type": "track", "userId": "u_1", "event": "Signed In"}, ADA, ACME)
    assert [email for _, email, _ in rows(LEADS)] == ["ada@acme.example"]
    assert rows(USAGE) == [("ada@acme.example", 1)]
    assert [email for email, _ in rows(TRIALS)] == ["ada@acme.example"]
    assert rows("SELECT count(*) FROM company") == [(1,)]


def test_usage_that_waited_for_its_person_counts_for_the_customer(connected, segment, webhook, rows):
    segment({"type": "track", "userId": "u_7", "event": "Signed In"})
    assert rows(LEADS) == []
    webhook(customer(email="gil@acme.example", user_id="u_7"))
    assert rows(USAGE) == [("gil@acme.example", 1)]


def test_two_customers_who_share_an_address_stay_the_two_users_they_name(connected, segment, webhook, rows):
    other = {"type": "identify", "userId": "u_2", "traits": {"email": "bo@acme.example", "name": "Bo"}}
    segment(ADA, other)
    webhook(customer(1, user_id="u_1"), customer(2, user_id="u_2"))
    assert [email for _, email, _ in rows(LEADS)] == ["ada@acme.example", "bo@acme.example"]
    assert rows("SELECT l.email FROM identity i JOIN lead l ON l.id = i.lead_id WHERE i.value = 'cus_2'") == [
        ("bo@acme.example",)
    ]


def test_whom_a_customer_was_before_is_asked_about_and_what_was_decided_holds(
    connected, segment, webhook, rows, workspace
):
    now = datetime.now(UTC)
    webhook(customer())  # no metadata yet: a lead of its own
    segment(ADA)
    webhook(customer(user_id="u_1"))
    (asked,) = workspace.db.read(open_suggestions).result()
    assert asked.reason == "Stripe names the id u_1 of Segment for cus_1."
    assert len(rows(LEADS)) == 2

    def accept(session):
        return accept_suggestion(session, session.get_one(Suggestion, 1), "kim@firm.example", now)

    workspace.db.write(accept).result()
    assert len(rows(LEADS)) == 1


def test_a_join_that_was_taken_apart_is_not_made_again(connected, segment, webhook, rows, workspace):
    webhook(customer(user_id="u_9"))
    segment(ADA)
    webhook(customer(user_id="u_1"))  # the address was never proven to be hers or another's
    assert [email for _, email, _ in rows(LEADS)] == ["ada@acme.example"]

    def part(session):
        (lead,) = session.query(Lead).filter(Lead.merged_into.is_(None))
        return unmerge(session, lead, "kim@firm.example", datetime.now(UTC))

    workspace.db.write(part).result()
    webhook(customer(user_id="u_1"))
    assert sorted(email for _, email, _ in rows(LEADS)) == ["ada@acme.example", "billing@acme.example"]


def test_a_wrong_id_is_taken_off_its_lead_with_what_came_under_it_and_stays_off(
    connected, segment, webhook, rows, workspace
):
    segment(ADA, ACME)
    webhook(customer(user_id="u_1"), TRIAL)
    assert rows(TRIALS) == [("ada@acme.example", "Acme")]
    ask = workspace.db.write

    def of(verb):
        return lambda session: verb(session, session.get_one(Lead, 1), "kim@firm.example", datetime.now(UTC))

    with pytest.raises(NotFound, match=r"Name one of email:ada@acme\.example"):
        ask(of(lambda s, lead, rep, at: part(s, lead, "stripe:cus_9", rep, at))).result()
    told = ask(of(lambda s, lead, _rep, _at: would_part(s, lead, "stripe:cus_1"))).result()
    assert (told.key, told.events, told.forms, told.trials, told.origin.source) == (
        "stripe:cus_1", 0, 0, 1, "stripe",
    )  # fmt: skip
    assert len(rows(LEADS)) == 1  # it was only told
    ask(of(lambda s, lead, rep, at: part(s, lead, "stripe:cus_1", rep, at))).result()
    assert len(rows(LEADS)) == 2
    assert rows(TRIALS) == [(None, "Acme")]
    ask(of(lambda s, _lead, rep, at: undo(s, rep, at))).result()
    assert len(rows(LEADS)) == 1
    assert rows(TRIALS) == [("ada@acme.example", "Acme")]
    assert rows("SELECT count(*) FROM identity_link WHERE unlinked_at IS NULL") == [(3,)]
    ask(of(lambda s, lead, rep, at: part(s, lead, "stripe:cus_1", rep, at))).result()
    webhook(customer(user_id="u_1"))
    assert [email for _, email, _ in rows(LEADS)] == ["ada@acme.example", "billing@acme.example"]
    assert [email for email, _ in rows(TRIALS)] == ["billing@acme.example"]


def test_a_rejected_join_is_not_made_when_the_customer_comes_again(
    connected, segment, webhook, rows, workspace
):
    webhook(customer())
    segment(ADA)
    webhook(customer(user_id="u_1"))

    def reject(session):
        return reject_suggestion(
            session, session.get_one(Suggestion, 1), "kim@firm.example", datetime.now(UTC)
        )

    workspace.db.write(reject).result()
    webhook(customer(user_id="u_1"), customer(email=None, user_id="u_1"))
    assert len(rows(LEADS)) == 2
