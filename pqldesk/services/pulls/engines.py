"""Opening the engine that a warehouse runs on, by Ibis; what it says when it will not, as a sentence."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pqldesk.services.basics.texts import _
from pqldesk.services.pulls.puller import Setup
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem, Unreachable

T = TypeVar("T")

_MISSING: Final = "pip install 'pqldesk[warehouse]'"
_GOOGLE_SCOPES: Final = (
    "https://www.googleapis.com/auth/bigquery",
    "https://www.googleapis.com/auth/cloud-platform",
)
_TLS: Final = 443
_NOT_LET_IN: Final = (
    "password", "authentication", "permission", "credentials", "unauthorized", "access denied", "jwt", "private key",
)  # fmt: skip
_NOBODY: Final = "pqldesk"  # Trino wants a name even where it asks for none


def ibis_library() -> Any:
    """The library, a part of its own that is imported when a warehouse is asked: it takes a second to load."""
    try:
        return import_module("ibis")
    except ImportError:
        raise Held(
            _("The warehouse needs a part that is not installed."),
            _("Install it: {missing}.").format(missing=_MISSING),
        ) from None


def connected(setup: Setup) -> Any:
    """The engine at the source's address. Held where its driver is not installed or it does not let us in."""
    ibis = ibis_library()
    url, user, secret = setup.url, setup.chosen.get("user", ""), setup.secrets.get("pull_token", "")
    open_it = _OWN_WAYS.get(url.partition("://")[0])
    if open_it is not None:
        return tried(lambda: open_it(ibis, url, user, secret))
    # Named beside the address, since one within it is not read back where it has signs of addresses, such as an @.
    account = {"user": user, "password": secret} if user and secret else {"user": user} if user else {}
    return tried(lambda: ibis.connect(url, **account))


def _duckdb(ibis: Any, url: str, user: str, secret: str) -> Any:
    return ibis.duckdb.connect(url.removeprefix("duckdb://"), read_only=True)


def _chdb(ibis: Any, url: str, user: str, secret: str) -> Any:
    """ClickHouse's engine on a folder, without a server."""
    folder = url.removeprefix("chdb://")
    client = import_module("clickhouse_connect").get_client(interface="chdb", path=folder)
    return ibis.clickhouse.from_connection(client)


def _spark(ibis: Any, url: str, user: str, secret: str) -> Any:
    """A cluster by Spark Connect, which needs no Java on this side."""
    session = import_module("pyspark.sql").SparkSession.builder.remote(url).getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return ibis.pyspark.from_connection(session)


def _snowflake(ibis: Any, url: str, user: str, secret: str) -> Any:
    """``snowflake://ACCOUNT/DATABASE/SCHEMA?warehouse=W&role=R``, by password, access token or private key (PEM).

    Nothing is written there: Ibis would make a database of functions of its own, which counting needs none of.
    """
    parts, asked = _parts(url)
    database, _slash, schema = parts.path.strip("/").partition("/")
    names = {"account": parts.hostname, "user": user, "database": database, "schema": schema}
    if secret.lstrip().startswith("-----BEGIN"):
        names["private_key"] = re.sub(r"-----[A-Z ]+-----|\s", "", secret)  # may stand in one line
    elif secret:
        names["password"] = secret
    given = {name: word for name, word in names.items() if word}
    return ibis.snowflake.connect(create_object_udfs=False, **given, **asked)


def _bigquery(ibis: Any, url: str, user: str, secret: str) -> Any:
    """``bigquery://PROJECT/DATASET?location=L``, by a service account's key file (JSON), or by what this computer is
    signed in with. Never by a browser that opens by itself, as Ibis would."""
    parts, asked = _parts(url)
    if secret:
        try:
            key = json.loads(secret)
        except ValueError:
            raise Held(
                _("BigQuery's key is not the file that Google gives for a service account."),
                _("Connect again with the whole text of its JSON file."),
            ) from None
        account = import_module("google.oauth2.service_account")
        signed_in = account.Credentials.from_service_account_info(key, scopes=_GOOGLE_SCOPES)
    else:
        signed_in, _project = import_module("google.auth").default(scopes=_GOOGLE_SCOPES)
    # "" stands for none, and a name in capitals is another dataset, so none of it is read as a host's name.
    project, dataset = parts.netloc, parts.path.strip("/")
    return ibis.bigquery.connect(project_id=project, dataset_id=dataset, credentials=signed_in, **asked)


def _trino(ibis: Any, url: str, user: str, secret: str) -> Any:
    """``trino://HOST:PORT/CATALOG/SCHEMA``, by user and password, or by a token (JWT) where no user is named. A secret
    goes over TLS alone; what Ibis makes of a password in an address, Trino's client cannot use."""
    parts, asked = _parts(url)
    catalog, _slash, schema = parts.path.strip("/").partition("/")
    names: dict[str, Any] = {"host": parts.hostname or "localhost", "database": catalog or None}
    names["schema"] = schema or None
    names["user"] = user or _NOBODY
    asked.setdefault("http_scheme", "https" if secret or parts.port == _TLS else "http")
    names["port"] = parts.port or (_TLS if asked["http_scheme"] == "https" else 8080)
    if secret:
        ways = import_module("trino.auth")
        names["auth"] = ways.BasicAuthentication(user, secret) if user else ways.JWTAuthentication(secret)
    return ibis.trino.connect(**names, **asked)


_OWN_WAYS: Final[dict[str, Callable[[Any, str, str, str], Any]]] = {
    "duckdb": _duckdb, "chdb": _chdb, "sc": _spark, "snowflake": _snowflake, "bigquery": _bigquery, "trino": _trino,
}  # fmt: skip


def _parts(url: str) -> tuple[SplitResult, dict[str, Any]]:
    """The address in parts, and what is asked behind its question mark."""
    parts = urlsplit(url)
    return parts, dict(parse_qsl(parts.query))


def named_in(engine: str, name: str) -> str:
    """A name as *engine* keeps it. Snowflake reads one without double quotes in capitals, and Ibis quotes every one."""
    if engine != "snowflake":
        return name
    parts = [part[1:-1] if part.startswith('"') else part.upper() for part in name.split(".")]
    return ".".join(parts)


def tried(work: Callable[[], T]) -> T:
    """What an engine answers; its error as a sentence. Engines have no error of their own in common."""
    try:
        return work()
    except RemoteProblem:
        raise
    except ImportError as missing:
        raise Held(
            _("The engine needs a driver: {missing}.").format(missing=missing),
            _("Install ibis-framework with the engine's name."),
        ) from None
    except Exception as problem:
        raise _explained(problem) from problem


def _explained(problem: Exception) -> RemoteProblem:
    said = (str(problem).splitlines() or [type(problem).__name__])[0].strip().rstrip(".")[:300]
    words = said.lower()
    if any(sign in words for sign in _NOT_LET_IN):
        return Held(
            _("The warehouse does not let us in: {said}.").format(said=said),
            _("Connect again with the right user and password."),
        )
    if "connect" in words or "timeout" in words or "timed out" in words:
        return Unreachable(
            _("The warehouse cannot be reached: {said}.").format(said=said),
            _("PQLDesk tries again by itself."),
        )
    return Refused(
        _("The warehouse refused: {said}.").format(said=said), _("Look at docs/sync.md, Warehouse.")
    )
