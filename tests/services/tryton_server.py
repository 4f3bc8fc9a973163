"""A real Tryton server on a database of its own: made once (half a minute), then served on loopback.

Its programs are found in PQLDESK_TRYTON_BIN; ``make test-tryton`` installs them apart from everything else. Tryton is
GPL-3: it runs as processes of its own and is never imported here.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PROGRAMS = Path(os.environ.get("PQLDESK_TRYTON_BIN", "build/tryton/bin")).absolute()
DATABASE = "crm"
_SETUP = """
import sys
from proteus import Model, config
config.set_trytond(sys.argv[1], config_file=sys.argv[2])
[admin] = Model.get("res.user").find([("login", "=", "admin")])
key = Model.get("res.user.application")(user=admin, application="rest")
key.save()
print(key.key)
"""


@contextmanager
def running_tryton(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of the database and a key that opens it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf, password = folder / "trytond.conf", folder / "password"
    conf.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n")
    password.write_text("only-of-this-test")
    (folder / f"{DATABASE}.sqlite").touch()
    common = ["-c", str(conf), "-d", DATABASE]
    subprocess.run(
        [
            PROGRAMS / "trytond-admin",
            *common,
            "-u",
            "party",
            "--activate-dependencies",
            "--email",
            "a@example.com",
        ],
        env={**os.environ, "TRYTONPASSFILE": str(password)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    made = subprocess.run(
        [PROGRAMS / "python", "-c", _SETUP, DATABASE, conf], check=True, stdout=subprocess.PIPE, text=True
    )
    log = (folder / "trytond.log").open("w")
    with log, subprocess.Popen([PROGRAMS / "trytond", *common], stdout=log, stderr=log) as server:
        url, key = f"http://127.0.0.1:{port}/{DATABASE}", made.stdout.strip()
        try:
            _wait(url, key, server)
            yield url, key
        finally:
            server.terminate()


def _wait(url: str, key: str, server: "subprocess.Popen[bytes]") -> None:
    """Until it answers; its transport tries again, so that nothing here counts seconds."""
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        while server.poll() is None:
            try:
                client.get(f"{url}/rest/model/party.party").raise_for_status()
                return
            except httpx.ConnectError:
                continue
    sys.exit("trytond ended before it answered; see trytond.log")
