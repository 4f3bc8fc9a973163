"""Servers that stand in for Snowflake and BigQuery, each in an environment of its own; the vendors' clients ask."""

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

START_S = 300  # beside other work
# What Ibis sets for its session, Snowflake knows and fakesnow does not.
_FAKESNOW = (
    "import sys, uvicorn, fakesnow.server as server; server.shared_fs.nop_regexes = ['ALTER SESSION SET'];"
    " uvicorn.run(server.app, host='127.0.0.1', port=int(sys.argv[1]))"
)
_BQEMULATOR = (
    "import sys; from duckdb_extensions import import_extension; import_extension('spatial');"
    " from bqemulator.cli import main; main(['start', '--rest-port', sys.argv[1], '--grpc-port', sys.argv[2]])"
)


def python_of(name: str) -> Path | None:
    """The Python that has server *name*, None where it was not installed."""
    found = Path(os.environ.get("PQLDESK_WAREHOUSE_SERVERS", "build")) / name / "bin" / "python"
    return found if found.exists() else None


@contextlib.contextmanager
def running_fakesnow(python: Path, folder: Path) -> Iterator[int]:
    """fakesnow 0.12, which speaks Snowflake's protocol over DuckDB: the port."""
    port = _free()
    with _running(folder, python, _FAKESNOW, port):
        yield port


@contextlib.contextmanager
def running_bqemulator(python: Path, folder: Path) -> Iterator[int]:
    """bqemulator 1.4, which speaks BigQuery's REST over DuckDB: the port."""
    rest, storage = _free(), _free()
    with _running(folder, python, _BQEMULATOR, rest, storage):
        yield rest


@contextlib.contextmanager
def _running(folder: Path, python: Path, program: str, *ports: int) -> Iterator[None]:
    log = folder / "server.log"
    environment = {
        **os.environ,
        "HOME": str(folder),
    }  # where DuckDB looks for the extension that comes with it
    with log.open("wb") as out:
        child = subprocess.Popen(
            [str(python.absolute()), "-c", program, *map(str, ports)],
            cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        end = time.monotonic() + START_S
        while not all(_answers(port) for port in ports):
            if child.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"it did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        child.kill()
        child.wait()


def _answers(port: int) -> bool:
    with socket.socket() as some:
        return some.connect_ex(("127.0.0.1", port)) == 0


def _free() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port


@contextlib.contextmanager
def service_account() -> Iterator[dict[str, str]]:
    """A service account's key file as Google gives it, whose tokens a server on this computer hands out."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), _Tokens) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {
                "type": "service_account", "client_email": "reader@firm.example", "private_key": key.decode(),
                "private_key_id": "1", "project_id": "firm", "token_uri": f"http://127.0.0.1:{server.server_port}/token",
            }  # fmt: skip
        finally:
            server.shutdown()


class _Tokens(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        is_fine = b"assertion=" in asked
        body = json.dumps({"access_token": "token", "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.send_response(200 if is_fine else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        pass
