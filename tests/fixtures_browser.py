"""Pages with hand-raise buttons in a real Chromium, and a server that serves them and keeps what they send."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pqldesk.sandbox.browser import INSTALL, Browser, Page, chromium, find_chromium
from pqldesk.services.basics.resources import resource

FORM = "document.querySelector('hand-raise-lead-form')?.shadowRoot"
BUTTON = "document.querySelector('hand-raise-lead-button button')"


class Site(http.server.ThreadingHTTPServer):
    """Serves the module at /embed/ and *html* everywhere else. *answers* are given in turn, then 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.html = ""
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[tuple[int, Any]] = []
        self.missing: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def raised(self) -> list[dict[str, Any]]:
        return [body for path, body in self.sent if path == "/embed/hand_raises"]

    def reports(self) -> list[dict[str, Any]]:
        return [body for path, body in self.sent if path == "/embed/placement_reports"]


class _Visit(http.server.BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        name = self.path.removeprefix("/embed/")
        if name == self.path:
            return self._answer(200, "text/html; charset=utf-8", self.server.html.encode())
        file = resource("embed", name)
        if name in self.server.missing or not file.is_file():
            return self._answer(404, "text/plain", b"")
        return self._answer(200, "text/javascript; charset=utf-8", file.read_bytes())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, {"success": True})
        self.server.sent.append((self.path, json.loads(body)))
        return self._answer(status, "application/json", json.dumps(answer).encode())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip(f"needs Chromium: {INSTALL}")
    with chromium(patience_s=60) as running:
        yield running


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def show(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Opens a page with that body; scripts of *before* run ahead of the module."""
    pages: list[Page] = []

    def shown(body: str, *, before: str = "", lang: str = "en", **how: Any) -> Page:
        site.html = (
            f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>t</title><script>{before}</script>"
            f'<script type="module" src="/embed/hand-raise-lead-button.js"></script></head>'
            f'<body data-page="groups:billings:index">{body}</body></html>'
        )
        page = browser.page(site.url, **how)
        pages.append(page)
        page.wait("customElements.get('hand-raise-lead-button')")
        return page

    yield shown
    for page in pages:
        page.call("Page.close")
