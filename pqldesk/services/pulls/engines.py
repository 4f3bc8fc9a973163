"""Opening the engine that a warehouse runs on, by Ibis; what it says when it will not, as a sentence."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pqldesk.services.basics.texts import _
from pqldesk.services.pulls.puller import Setup
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem, Unreachable

T = TypeVar("T")

_MISSING: Final = "pip install 'pqldesk[warehouse]'"


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
    url, user, password = setup.url, setup.chosen.get("user"), setup.secrets.get("pull_token")
    if url.startswith("duckdb://"):
        return tried(lambda: ibis.duckdb.connect(url.removeprefix("duckdb://"), read_only=True))
    if url.startswith("chdb://"):
        return tried(lambda: _chdb(ibis, url.removeprefix("chdb://")))
    if url.startswith("sc://"):
        return tried(lambda: _spark(ibis, url))
    if user:
        scheme, _, rest = url.partition("://")
        word = f":{quote(password, safe='')}" if password else ""
        url = f"{scheme}://{quote(user, safe='')}{word}@{rest}"
    return tried(lambda: ibis.connect(url))


def _chdb(ibis: Any, folder: str) -> Any:
    """ClickHouse's engine on a folder, without a server."""
    client = import_module("clickhouse_connect").get_client(interface="chdb", path=folder)
    return ibis.clickhouse.from_connection(client)


def _spark(ibis: Any, url: str) -> Any:
    """A cluster by Spark Connect, which needs no Java on this side."""
    session = import_module("pyspark.sql").SparkSession.builder.remote(url).getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return ibis.pyspark.from_connection(session)


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
    if "password" in words or "authentication" in words or "permission" in words:
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
