"""How each engine is signed in to, and how it spells names: what its client is handed, and an engine that asks."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import psycopg
import pytest

pytest.importorskip("ibis", reason="pip install 'pqldesk[warehouse]'")
pytest.importorskip("duckdb", reason="pip install 'pqldesk[warehouse]'")

from pqldesk.services.pulls import engines
from pqldesk.services.pulls.puller import Setup
from pqldesk.services.remote.problems import Held, Unreachable
from tests.services.sync.test_warehouse import DuckDb, Postgres, made_events, reach
from tests.services.sync.test_warehouse import desk as desk

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table")

KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\nvgIB\n-----END PRIVATE KEY-----\n"
ACCOUNT = {"type": "service_account", "client_email": "reader@usage.example", "private_key": KEY}


@pytest.fixture
def opened(monkeypatch):
    """What Ibis was handed for an address, a user and a secret: (engine, arguments)."""
    handed = []

    class Engine:
        def __init__(self, name):
            self._name = name

        def connect(self, **arguments):
            handed.append((self._name, arguments))

    ibis = SimpleNamespace(**{name: Engine(name) for name in ("snowflake", "bigquery", "trino")})
    modules = {
        "ibis": ibis,
        "trino.auth": SimpleNamespace(
            BasicAuthentication=lambda *account: ("basic", *account),
            JWTAuthentication=lambda key: ("jwt", key),
        ),
        "google.auth": SimpleNamespace(default=lambda scopes: ("this computer", "its project")),
        "google.oauth2.service_account": SimpleNamespace(
            Credentials=SimpleNamespace(from_service_account_info=lambda key, scopes: key["client_email"])
        ),
    }
    monkeypatch.setattr(engines, "import_module", modules.__getitem__)

    def opening(url, user="", secret=""):
        chosen = {"user": user} if user else {}
        secrets = {"pull_token": secret} if secret else {}
        engines.connected(Setup("warehouse", "Warehouse", url, secrets, chosen, datetime.now(UTC)))
        return handed[-1]

    return opening


def test_snowflake_is_only_read_and_takes_password_or_private_key(opened):
    url = "snowflake://firm-one/USAGE/PUBLIC?warehouse=SMALL"
    _, handed = opened(url, "reader@firm.example", "a+b@c")
    assert handed == {
        "account": "firm-one", "user": "reader@firm.example", "database": "USAGE", "schema": "PUBLIC",
        "password": "a+b@c", "warehouse": "SMALL", "create_object_udfs": False,
    }  # fmt: skip
    _, handed = opened(url, "READER", KEY)
    assert handed["private_key"] == "MIIEvgIB"
    assert "password" not in handed
    assert opened(url, "READER", KEY.replace("\n", " "))[1]["private_key"] == "MIIEvgIB"


def test_bigquery_takes_a_service_accounts_file_or_this_computers_sign_in(opened):
    url = "bigquery://firm-usage/Events?location=EU"
    _, handed = opened(url, secret=json.dumps(ACCOUNT))
    assert handed == {
        "project_id": "firm-usage", "dataset_id": "Events", "credentials": "reader@usage.example", "location": "EU",
    }  # fmt: skip
    assert opened(url)[1]["credentials"] == "this computer"  # never a browser
    with pytest.raises(Held, match="not the file that Google gives"):
        opened(url, secret="AIzaSecret")


def test_trino_gets_a_secret_over_tls_alone(opened):
    _, handed = opened("trino://trino.firm.example/hive/usage", "reader@firm.example", "a+b@c")
    assert handed == {
        "host": "trino.firm.example", "port": 443, "http_scheme": "https", "database": "hive", "schema": "usage",
        "user": "reader@firm.example", "auth": ("basic", "reader@firm.example", "a+b@c"),
    }  # fmt: skip
    _, handed = opened("trino://trino.firm.example:8443/hive", secret="eyJ0")
    assert (handed["auth"], handed["http_scheme"], handed["port"]) == (("jwt", "eyJ0"), "https", 8443)
    _, handed = opened("trino://localhost/memory/default")
    assert (handed["http_scheme"], handed["port"], "auth" in handed) == ("http", 8080, False)


def test_a_user_whose_name_is_an_address_signs_in(postgres_template):
    engine = Postgres(postgres_template, made_events(5))
    user, word = "reader@firm.example", "a+b@c/%40"
    with psycopg.connect(engine._url) as con:
        con.execute(f'DROP ROLE IF EXISTS "{user}"')
        con.execute(f"CREATE ROLE \"{user}\" LOGIN PASSWORD '{word}'")
        con.execute(f'GRANT SELECT ON usage TO "{user}"')
    try:
        setup = Setup("warehouse", "W", engine.url, {"pull_token": word}, {"user": user}, datetime.now(UTC))
        connection = engines.connected(setup)
        assert connection.table("usage").count().to_pyarrow().as_py() == 10
        connection.disconnect()
    finally:
        with psycopg.connect(engine._url) as con:
            con.execute(f'DROP OWNED BY "{user}"')
            con.execute(f'DROP ROLE "{user}"')
        engine.close()


def test_columns_are_found_where_only_capitals_differ(desk, tmp_path):
    engine = DuckDb(tmp_path, made_events(20))
    reach(desk, engine, email="MAIL", event="What")
    assert desk.pull().created
    with pytest.raises(Held, match="no column mails"):
        reach(desk, engine, email="mails")


def test_snowflake_reads_names_without_quotes_in_capitals():
    assert engines.named_in("snowflake", 'usage.public."Events"') == "USAGE.PUBLIC.Events"
    assert engines.named_in("postgres", "public.Events") == "public.Events"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Your default credentials were not found.", Held),
        ("error 401: b'Unauthorized'", Held),
        ("403 Access Denied: Table firm:usage.events: User does not have it", Held),
        ("250001 (08001): JWT token is invalid.", Held),
        ("failed to connect: Connection refused", Unreachable),
    ],
)
def test_what_an_engine_says_becomes_who_must_act(said, kind):
    def refuse():
        raise RuntimeError(said)

    with pytest.raises(kind):
        engines.tried(refuse)
