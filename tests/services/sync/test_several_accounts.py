"""Two accounts of one system: each has its own key, cursor and health, and its ids are its own."""

import pytest
from fixtures_crm import running_sandbox
from sqlalchemy import select

from pqldesk.models.people import Identity, Lead
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.net import run_network
from pqldesk.services.sync import state
from tests.services.sync.conftest import NOW, SYSTEMS


@pytest.fixture
def system():
    return SYSTEMS["stripe"]


@pytest.fixture(scope="module")
def other_account():
    with running_sandbox(system="stripe") as sandbox:
        yield sandbox


def connected(desk, name, url, **chosen):
    secrets = {"pull_token": "PULL_STRIPE_PULL_TOKEN"}
    return run_network(desk.db, connect, ConnectRequest(name, url, secrets, chosen), NOW)


def customer(email):
    return {"object": "customer", "id": "cus_1", "email": email, "name": email, "metadata": {}}


def _people(session):
    keys = select(Identity.namespace, Identity.value, Lead.email).join(Lead, Lead.id == Identity.lead_id)
    return [tuple(row) for row in session.execute(keys.where(Identity.value == "cus_1").order_by(Lead.email))]


def test_equal_ids_of_two_accounts_are_two_people_and_each_account_goes_its_own_way(desk, other_account):
    desk.sandbox.change("put", object=customer("ada@firm1.example"), silent=True)
    other_account.change("put", object=customer("kim@firm2.example"), silent=True)
    assert connected(desk, "stripe-eu", other_account.url, every="2h").system == "stripe-eu"
    assert {one.source: (one.state, one.rows) for one in desk.sync().outcomes} == {
        "stripe": ("ok", 1),
        "stripe-eu": ("ok", 1),
    }
    assert desk.db.read(_people).result() == [
        ("stripe", "cus_1", "ada@firm1.example"),
        ("stripe-eu", "cus_1", "kim@firm2.example"),
    ]
    rows = desk.db.read(state.source_states).result()
    assert [(row.title, row.total, row.every_s) for row in rows] == [
        ("Stripe", 1, 900),
        ("Stripe eu", 1, 7200),
    ]
    other_account.change("switch", key_holds=False)
    states = {one.source: one.state for one in desk.sync().outcomes}
    assert states == {"stripe": "ok", "stripe-eu": "failed"}


def test_the_same_account_is_not_connected_twice(desk):
    with pytest.raises(BadInput, match="Stripe is connected with the same key already"):
        connected(desk, "stripe-eu", desk.sandbox.url)
    assert desk.db.read(state.source_names).result() == ["stripe"]
    connected(desk, "stripe", desk.sandbox.url)  # itself again


def test_two_projects_may_be_read_with_one_key(desk, pull_doubles, monkeypatch):
    monkeypatch.setenv("PULL_POSTHOG_PULL_TOKEN", "phx_sandbox_posthog_key")
    double, secrets = pull_doubles("posthog"), {"pull_token": "PULL_POSTHOG_PULL_TOKEN"}
    double.reset()
    double.heal()  # of what another test had it refuse
    url = double.url
    run_network(desk.db, connect, ConnectRequest("posthog", url, secrets, {"project": "42"}), NOW)
    with pytest.raises(BadInput, match="same key"):
        run_network(desk.db, connect, ConnectRequest("posthog-b", url, secrets, {"project": "42"}), NOW)
