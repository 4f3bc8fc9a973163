"""A double of Trino's coordinator: its protocol over HTTP, its SQL read by sqlglot's grammar of it, DuckDB underneath.

What it shows is that the client, the sign-in, the schema and the answers fit; not what Trino's own analyser would say.
"""

import base64
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import duckdb
import sqlglot

PAGE = 100  # rows of an answer; the next ones are asked for
NAMES = {
    "VARCHAR": "varchar",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
}


class Double(ThreadingHTTPServer):
    """One catalog, `memory`, with the schema `default`. *asked* has each statement and the user who sent it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.con = duckdb.connect()
        self.con.execute('SET timezone = \'UTC\'; CREATE SCHEMA "default"; USE memory."default"')
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.rest: dict[str, tuple[list[Any], list[list[Any]]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.word: str | None = None  # the password that is wanted

    @property
    def url(self) -> str:
        return f"trino://127.0.0.1:{self.server_address[1]}/memory/default"

    def answered(self, sql: str) -> tuple[list[Any], list[list[Any]]]:
        """Columns as Trino describes them, and rows."""
        (theirs,) = sqlglot.transpile(sql, read="trino", write="duckdb")
        with self.lock:
            found = self.con.execute(theirs)
            columns = [_column(name, str(kind)) for name, kind, *_ in found.description or ()]
            return columns, [list(row) for row in found.fetchall()]


class _Door(BaseHTTPRequestHandler):
    server: Double
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        user = self.headers.get("X-Trino-User", "")
        if self.server.word is not None:
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            if base64.b64decode(given).decode() != f"{user}:{self.server.word}":
                self._say({"message": "Access Denied: Invalid credentials"}, 401)
                return
        self.server.asked.append((user, sql))
        number = f"20261129_{next(self.server.numbers):05}"
        try:
            self.server.rest[number] = self.server.answered(sql)
        except (duckdb.Error, sqlglot.ParseError) as problem:
            error = {
                "message": str(problem),
                "errorName": "SYNTAX_ERROR",
                "errorType": "USER_ERROR",
                "errorCode": 1,
            }
            self._say(self._page(number, {"error": error}))
        else:
            self._say(self._page(number, {"nextUri": self._uri(number, 0)}))

    def do_GET(self) -> None:
        number, start = self.path.rsplit("/", 2)[1:]
        columns, rows = self.server.rest[number]
        more = {"nextUri": self._uri(number, int(start) + PAGE)} if len(rows) > int(start) + PAGE else {}
        self._say(
            self._page(number, {"columns": columns, "data": rows[int(start) : int(start) + PAGE], **more})
        )

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _uri(self, number: str, start: int) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1/statement/executing/{number}/{start}"

    def _page(self, number: str, more: dict[str, Any]) -> dict[str, Any]:
        state = "RUNNING" if "nextUri" in more else "FINISHED"
        return {
            "id": number,
            "infoUri": self._uri(number, 0),
            "stats": {"state": state},
            "warnings": [],
            **more,
        }

    def _say(self, what: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(what, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        pass


def _column(name: str, kind: str) -> dict[str, Any]:
    known = NAMES.get(kind, kind.lower())
    return {"name": name, "type": known, "typeSignature": {"rawType": known, "arguments": []}}


@contextmanager
def running_double() -> Iterator[Double]:
    """One that listens on a port of its own."""
    with Double() as double:
        threading.Thread(target=double.serve_forever, daemon=True).start()
        try:
            yield double
        finally:
            double.shutdown()
            double.con.close()
