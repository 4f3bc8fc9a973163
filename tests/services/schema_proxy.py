"""A vendor's published schema between a connector and its double: Prism says what either of them says against it."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

from fixtures_crm import Desk, Sandbox

PRISM = os.environ.get("PQLDESK_PRISM") or shutil.which("prism", path="node_modules/.bin")


@dataclass
class Checked:
    """A desk whose connector goes through the proxy, and what the proxy has said once it has ended."""

    desk: Desk
    said: list[str]

    @property
    def kinds(self) -> list[str]:
        """Each kind of thing that the schema does not allow, once."""
        return sorted(set(_kinds(self.said)))


def _kinds(said: Iterable[str]) -> Iterator[str]:
    for line in said:
        yield re.sub(r"\.\d+\b", ".N", line.partition("Violation: ")[2])


@contextmanager
def checked(bare_desk: Desk, spec: Path) -> Iterator[Checked]:
    """*bare_desk* with the proxy in front of its double."""
    with _proxy(bare_desk.sandbox.url, spec) as (url, said):
        yield Checked(replace(bare_desk, sandbox=_At(bare_desk.sandbox, url)), said)


@contextmanager
def _proxy(url: str, spec: Path) -> Iterator[tuple[str, list[str]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PRISM), "proxy", str(spec), url, "-h", "127.0.0.1", "-p", str(port)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines = process.stdout
        assert lines is not None
        for line in lines:
            if "listening" in line:
                break
        ear = Thread(target=lambda: said.extend(line.strip() for line in lines if "iolation" in line))
        ear.start()
        try:
            yield f"http://127.0.0.1:{port}", said
        finally:
            process.terminate()
            ear.join()


class _At(Sandbox):
    """The double, reached through the proxy by the connector and directly by its admin routes."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.url, self._http = url, sandbox._http
