"""Connecting a CRM: what is checked, mapped, missing, made, and where the secret goes."""

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from fixtures_crm import DANA, INES, NOW, TOKEN, Desk, Sandbox, running_sandbox
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.history import Action
from pqldesk.models.remote import Connection
from pqldesk.models.schema import Base
from pqldesk.services import settings
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.connectors import CRMS, INBOUND, PORTALS, PULLED, system_named
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connectable import connectable
from pqldesk.services.crm.connecting import ConnectRequest, connect, recheck
from pqldesk.services.crm.connections import Linked, can_pull, connection_rows
from pqldesk.services.disconnecting import disconnect
from pqldesk.services.net import run_network
from pqldesk.services.outbox.outbox import retry_items
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField, map_catalogue
from pqldesk.services.remote.problems import Held, Unreachable
from pqldesk.services.sync import state


class KeyringInMemory(KeyringBackend):
    """A keyring of the test's own."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyringInMemory]:
    before = keyring.get_keyring()
    ours = KeyringInMemory()
    keyring.set_keyring(ours)
    monkeypatch.delenv("PQLDESK_SECRETS", raising=False)
    yield ours
    keyring.set_keyring(before)


@pytest.fixture
def bare_sandbox() -> Iterator[Sandbox]:
    with running_sandbox("--bare", "--rate", "off") as bare:
        yield bare


def test_connecting_maps_everything_of_equal_name_and_keeps_the_default_owner(bare_desk: Desk) -> None:
    connected = bare_desk.connect(default_owner=DANA)
    assert connected.account == "Northquay"
    assert connected.missing == ()
    assert {"person.pql_score", "deal.pqldesk_id", "list.trials", "list.pql", "stage.sales_qualified"} <= set(
        connected.mapped
    )
    assert connected.members == (INES, DANA)  # the suspended one takes no work
    assert bare_desk.db.read(settings.value, "default_owner").result() == DANA
    (row,) = bare_desk.db.read(connection_rows).result()
    assert (row.name, row.state, row.missing) == ("Attio", "ok", ())


def test_a_locked_keyring_is_said_and_costs_no_connection(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Locked(KeyringInMemory):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise KeyringLocked("the collection is locked")

    monkeypatch.delenv("PQLDESK_SECRETS", raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Locked())
    try:
        said = bare_desk.connect().warning or ""
    finally:
        keyring.set_keyring(before)
    assert "locked or missing" in said
    assert "set ATTIO_TEST_TOKEN whenever" in said
    assert bare_desk.db.read(_secrets).result() == {"token": "env:ATTIO_TEST_TOKEN"}


def _every_row(session: Session) -> str:
    return repr([list(session.execute(select(table))) for table in Base.metadata.sorted_tables])


def test_nothing_but_the_variables_name_is_stored_without_a_keyring(bare_desk: Desk) -> None:
    bare_desk.connect()
    stored = bare_desk.db.read(_secrets).result()
    assert stored == {"token": "env:ATTIO_TEST_TOKEN"}
    assert TOKEN not in bare_desk.db.read(_every_row).result()
    if not isinstance(bare_desk.path, Path):
        return
    assert TOKEN.encode() not in bare_desk.path.read_bytes()
    wal = bare_desk.path.with_name(bare_desk.path.name + "-wal")
    assert not wal.exists() or TOKEN.encode() not in wal.read_bytes()


def test_a_keyring_takes_the_secret_and_the_variable_is_not_needed_again(
    bare_desk: Desk, own_keyring: KeyringInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_desk.connect()
    assert bare_desk.db.read(_secrets).result() == {"token": "keyring"}
    assert list(own_keyring.held.values()) == [TOKEN]
    monkeypatch.delenv("ATTIO_TEST_TOKEN")
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None


@pytest.mark.both_databases
def test_a_secret_that_is_gone_holds_what_is_due_and_says_what_to_set(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hand_off(desk.add_lead())
    monkeypatch.delenv("ATTIO_TEST_TOKEN")
    ended = desk.deliver()
    assert ended.undone is not None
    assert "is read from ATTIO_TEST_TOKEN, which is not set" in ended.undone
    # another computer of a team may have it: there what is due stays due
    assert set(desk.states().values()) == ({"held"} if isinstance(desk.path, Path) else {"pending"})
    with pytest.raises(secrets.SecretMissing):
        secrets.read("place", "attio", "token", "env:ATTIO_TEST_TOKEN")


def test_a_wrong_token_is_refused_and_nothing_is_stored(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTIO_TEST_TOKEN", "guessed")
    with pytest.raises(Held, match="does not accept the token"):
        bare_desk.connect()
    assert bare_desk.db.read(connection_rows).result() == []


def test_a_missing_variable_or_no_token_at_all_is_told(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="Attio needs its token"):
        run_network(bare_desk.db, connect, ConnectRequest("attio", bare_desk.sandbox.url), NOW)
    monkeypatch.delenv("ATTIO_TEST_TOKEN")
    with pytest.raises(BadInput, match="ATTIO_TEST_TOKEN is not set"):
        bare_desk.connect()
    with pytest.raises(BadInput, match=r"no system 'atio'.*Known: attio"):
        run_network(bare_desk.db, connect, ConnectRequest("atio"), NOW)


def test_a_server_that_is_not_there_is_told(bare_desk: Desk) -> None:
    with running_sandbox() as gone:
        away = gone.url
    with pytest.raises(Unreachable, match=r"Attio cannot be reached.*then connect again\.$"):
        run_network(bare_desk.db, connect, ConnectRequest("attio", away, {"token": "ATTIO_TEST_TOKEN"}), NOW)


def test_what_a_bare_workspace_lacks_is_said_and_left_out(bare_desk: Desk, bare_sandbox: Sandbox) -> None:
    bare_desk.sandbox = bare_sandbox
    connected = bare_desk.connect()
    missing = dict(connected.missing)
    assert missing["person.pql_score"] == "no such field"
    assert missing["list.trials"] == missing["list.pql"] == "no such list"
    assert missing["stage.sales_qualified"] == "no stage “Sales Qualified”"
    bare_desk.hand_off(bare_desk.add_lead(), stage="In Progress")
    assert bare_desk.deliver().undone is None
    (person,) = bare_sandbox.dump()["people"]
    assert person["job_title"] == "Head of Ops"
    assert len(bare_sandbox.dump()["deals"]) == 1


def test_create_fields_makes_what_is_missing_once(bare_desk: Desk, bare_sandbox: Sandbox) -> None:
    bare_desk.sandbox = bare_sandbox
    connected = bare_desk.connect(create_fields=True)
    assert connected.missing == ()
    assert "deal.pqldesk_id" in connected.created
    assert bare_desk.connect(create_fields=True).created == ()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    there = bare_sandbox.dump()
    assert there["people"][0]["pql_score"] == 85
    assert there["deals"][0]["stage"] == "Sales Qualified"
    assert len(there["entries"]["pql_queue"]) == 1


def test_a_mapping_can_be_chosen_and_survives_connecting_again(bare_desk: Desk) -> None:
    chosen = {
        "person.activation_score": "features_activated",
        "list.trials": "",
        "stage.sales_qualified": "In Progress",
    }
    connected = bare_desk.connect(settings=chosen)
    assert "list.trials" not in connected.mapped
    bare_desk.connect()
    bare_desk.hand_off(bare_desk.add_lead())
    assert bare_desk.deliver().undone is None
    there = bare_desk.sandbox.dump()
    assert there["people"][0]["features_activated"] == 92
    assert there["deals"][0]["stage"] == "In Progress"


def test_a_missing_scope_is_a_warning_at_connect(bare_desk: Desk) -> None:
    bare_desk.sandbox.change("remove_scope", scope="note:read-write")
    connected = bare_desk.connect()
    assert connected.warning == "The Attio token lacks note:read-write."


def test_checking_again_keeps_the_problem_for_the_list(desk: Desk) -> None:
    desk.sandbox.change("revoke_token")
    with pytest.raises(Held):
        run_network(desk.db, recheck, "attio", NOW)
    (row,) = desk.db.read(connection_rows).result()
    assert row.state == "problem"
    assert "revoked" in row.detail
    desk.sandbox.change("restore_token")
    run_network(desk.db, recheck, "attio", NOW)
    assert desk.db.read(connection_rows).result()[0].state == "ok"
    with pytest.raises(NotFound, match="PostHog is not connected"):
        run_network(desk.db, recheck, "posthog", NOW)


def test_a_check_that_reaches_nobody_says_that_the_system_stays_connected(desk: Desk) -> None:
    with running_sandbox() as gone:
        away = gone.url
    desk.db.write(lambda session: setattr(session.scalars(select(Connection)).one(), "url", away)).result()
    with pytest.raises(Unreachable, match="It stays connected"):
        run_network(desk.db, recheck, "attio", NOW)
    (row,) = desk.db.read(connection_rows).result()
    assert "Nothing was stored" not in row.detail


def test_a_wrong_key_leaves_the_one_that_is_there(desk: Desk, own_keyring: KeyringInMemory) -> None:
    def typed(secret: str) -> ConnectRequest:
        return ConnectRequest("attio", desk.sandbox.url, typed={"token": secret})

    with pytest.raises(Held, match="does not accept the token"):
        run_network(desk.db, connect, typed("guessed"), NOW)
    assert "guessed" not in own_keyring.held.values()  # until now it came from the environment
    run_network(desk.db, connect, typed(TOKEN), NOW)
    held = dict(own_keyring.held)
    assert TOKEN in held.values()
    with pytest.raises(Held, match="does not accept the token"):
        run_network(desk.db, connect, typed("guessed"), NOW)
    assert own_keyring.held == held
    run_network(desk.db, recheck, "attio", NOW)


def test_a_pull_that_waited_for_a_person_is_due_once_they_have_connected_again(desk: Desk) -> None:
    desk.sandbox.change("revoke_token")
    desk.db.write(state.note_failed, "attio", "revoked", NOW, wait_s=0, needs_you=True).result()
    with pytest.raises(Held):
        run_network(desk.db, recheck, "attio", NOW)
    assert desk.db.read(state.due_sources, NOW).result() == []
    desk.sandbox.change("restore_token")
    run_network(desk.db, recheck, "attio", NOW)
    assert desk.db.read(state.due_sources, NOW).result() == ["attio"]


def test_inbound_systems_keep_their_key_without_a_check(bare_desk: Desk) -> None:
    request = ConnectRequest("segment", secrets={"token": "ATTIO_TEST_TOKEN"})
    run_network(bare_desk.db, connect, request, NOW)
    run_network(bare_desk.db, connect, ConnectRequest("snowplow"), NOW)
    rows = bare_desk.db.read(connection_rows).result()
    assert [(row.name, row.state) for row in rows] == [("Segment", "ok"), ("Snowplow", "ok")]


def test_a_field_of_another_kind_or_read_only_is_not_mapped() -> None:
    fields = (
        RemoteField("pql_score", "PQL score", "text"),
        RemoteField("signup_date", "Signup date", "date", writable=False),
        RemoteField("f1", "Plan Type", "select"),
    )
    found = map_catalogue(Catalogue(person_fields=fields))
    missing = dict(found.missing)
    assert missing["person.pql_score"] == "pql_score is text, not number or rating"
    assert missing["person.signup_date"] == "signup_date cannot be written"
    assert found.mapped.fields["person"] == {"plan_type": "f1"}
    assert missing["deals"] == "switched off"


def test_a_catalogue_survives_storage(desk: Desk) -> None:
    def stored(session: Session) -> bool:
        row = session.query(Connection).one()
        again = Catalogue.from_json(row.catalogue)
        return json.loads(json.dumps(again.to_json())) == row.catalogue

    assert desk.db.read(stored).result()


def _secrets(session: Session) -> object:
    return session.query(Connection).one().secrets


def test_a_key_is_never_sent_unencrypted_to_another_computer(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", TOKEN)
    request = ConnectRequest("attio", url="http://crm.example.com", secrets={"token": "SOME_TOKEN"})
    with pytest.raises(BadInput, match=r"unencrypted.*https://"):
        run_network(bare_desk.db, connect, request, NOW)


def test_a_disconnected_systems_secrets_are_gone_and_its_writes_wait_until_it_is_connected_again(
    desk: Desk, own_keyring: KeyringInMemory
) -> None:
    typed = ConnectRequest("attio", desk.sandbox.url, typed={"token": TOKEN}, rep=DANA)
    run_network(desk.db, connect, typed, NOW)
    assert TOKEN in own_keyring.held.values()
    desk.hand_off(desk.add_lead())
    gone = run_network(desk.db, disconnect, "attio", DANA, NOW)
    assert own_keyring.held == {}
    assert gone.held == len(desk.outbox())
    assert set(desk.states().values()) == {"held"}
    assert {row.error for row in desk.outbox()} == {"Attio was disconnected. Connect it, then retry."}
    assert desk.db.read(connection_rows).result() == []
    assert desk.db.read(done_by, DANA).result()[-2:] == ["connected", "disconnected"]
    with pytest.raises(NotFound, match="Attio is not connected"):
        run_network(desk.db, disconnect, "attio", DANA, NOW)
    run_network(desk.db, connect, typed, NOW)
    desk.db.write(retry_items, [], NOW).result()
    assert desk.deliver().undone is None
    assert len(desk.sandbox.dump()["people"]) == 1


def test_connecting_again_after_a_disconnect_writes_nobody_twice(desk: Desk) -> None:
    lead = desk.add_lead()
    desk.hand_off(lead)
    assert desk.deliver().undone is None
    run_network(desk.db, disconnect, "attio", DANA, NOW)
    desk.connect()
    desk.hand_off(lead, again=True)
    assert desk.deliver().undone is None
    there = desk.sandbox.dump()
    assert (len(there["people"]), len(there["companies"]), len(there["deals"])) == (1, 1, 1)


def done_by(session: Session, rep: str) -> list[str]:
    return list(session.scalars(select(Action.name).where(Action.actor == rep).order_by(Action.id)))


def test_what_the_window_asks_for_is_enough_for_each_way_to_connect_each_system() -> None:
    ways = {(each.system, way.key): way for each in connectable() for way in each.ways}
    assert {("attio", "key"), ("salesforce", "sign_in"), ("posthog", "receive"), ("posthog", "pull")} <= set(
        ways
    )
    assert {name for name, _ in ways} == {*CRMS, *PORTALS, *INBOUND, *PULLED}
    for (name, key), way in ways.items():
        given = dict.fromkeys(way.settings, "1"), dict.fromkeys(way.secrets, "env:ANY")
        linked = Linked(name, way.address or "", *given, Catalogue(), Mapped())
        assert key != "pull" or can_pull(linked), name
        assert key == "pull" or key == "sign_in" or set(system_named(name).secrets) == set(way.secrets)


def test_of_several_snowplows_one_alone_takes_what_this_computer_sends(bare_desk, monkeypatch):
    monkeypatch.setenv("SNOWPLOW_EU", "eu_secret")
    run_network(bare_desk.db, connect, ConnectRequest("snowplow"), NOW)
    with pytest.raises(BadInput, match="takes what trackers on this computer send already"):
        run_network(bare_desk.db, connect, ConnectRequest("snowplow-eu"), NOW)
    run_network(bare_desk.db, connect, ConnectRequest("snowplow-eu", "", {"token": "SNOWPLOW_EU"}), NOW)
    run_network(bare_desk.db, connect, ConnectRequest("snowplow"), NOW)  # itself again
