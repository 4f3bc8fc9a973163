"""A real Chromium without a window, driven through its DevTools pipe: stands in for the person who presses a button.

Nothing beside the browser is needed. `find_chromium` names the program or None; INSTALL is the line that brings it.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

INSTALL: Final = "apt-get install -y --no-install-recommends chromium"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_KEYS: Final = {
    "Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowDown": 40, "ArrowUp": 38, "Home": 36, "End": 35,
}  # fmt: skip


class BrowserTrouble(Exception):
    """The browser ended, a script of the page threw, or something expected did not come in time."""


def find_chromium() -> str | None:
    """The Chromium of this computer: PQLDESK_CHROMIUM, else the first of the usual names."""
    named = os.environ.get("PQLDESK_CHROMIUM")
    if named is not None:
        return named or None
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@contextmanager
def chromium(*, patience_s: float = 30.0) -> Iterator["Browser"]:
    """A fresh browser with a profile of its own; both are gone afterwards."""
    program = find_chromium()
    if program is None:
        raise BrowserTrouble(f"No Chromium was found. Install it: {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="pqldesk-browser-", ignore_cleanup_errors=True) as profile:
        browser = Browser(program, Path(profile), patience_s)
        try:
            yield browser
        finally:
            browser.close()


class Browser:
    """One running Chromium. `page` opens a tab."""

    def __init__(self, program: str, profile: Path, patience_s: float) -> None:
        self.patience_s = patience_s
        from_us, to_us = os.pipe(), os.pipe()
        flags = [
            "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run",
            "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--disable-default-apps", "--mute-audio", "--hide-scrollbars",
            "--force-color-profile=srgb", "--disable-dev-shm-usage", "--no-default-browser-check",
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses root otherwise
        ends = from_us[0], to_us[1]
        self._process = subprocess.Popen(  # noqa: S603 the program was looked up above
            [sys.executable, "-m", "pqldesk.sandbox.browser_ends", *map(str, ends), program, *flags],
            pass_fds=ends, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(from_us[0])
        os.close(to_us[1])
        self._write, self._read = from_us[1], to_us[0]
        self._waiting = b""
        self._last = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        try:
            self.call("Target.createTarget", url="about:blank")  # with its last tab the browser would end
        except BrowserTrouble:
            self.close()
            raise

    def page(self, url: str, *, width: int = 1280, height: int = 800, dark: bool = False) -> "Page":
        """A new tab on *url*, loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        page.dark(dark)
        page.go(url)
        return page

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The answer of the browser to one order."""
        self._last += 1
        mine = self._last
        order: dict[str, Any] = {"id": mine, "method": method, "params": params}
        if session:
            order["sessionId"] = session
        os.write(self._write, json.dumps(order).encode() + b"\0")
        until = time.monotonic() + self.patience_s
        while mine not in self._answers:
            self._hear(until, method)
        answer = self._answers.pop(mine)
        if "error" in answer:
            raise BrowserTrouble(f"{method}: {answer['error'].get('message')}")
        found: dict[str, Any] = answer["result"]
        return found

    def _hear(self, until: float, what: str) -> None:
        left = until - time.monotonic()
        if left <= 0 or not select.select([self._read], [], [], left)[0]:
            raise BrowserTrouble(f"The browser did not answer {what} in {self.patience_s:.0f} s.")
        got = os.read(self._read, 1 << 20)
        if not got:
            raise BrowserTrouble(f"The browser ended while it was asked for {what}.")
        *whole, self._waiting = (self._waiting + got).split(b"\0")
        for message in map(json.loads, whole):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self.events.append(message)

    def close(self) -> None:
        """Ends the browser and waits until it is gone."""
        if self._process.poll() is None:
            try:
                self.call("Browser.close")
                self._process.wait(10)
            except (BrowserTrouble, OSError, subprocess.TimeoutExpired):
                self._process.kill()
        self._process.wait()
        for end in (self._read, self._write):
            os.close(end)


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self.browser = browser
        self.session = session

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **params)

    def go(self, url: str) -> None:
        """Load *url*; afterwards its modules have run."""
        self.call("Page.navigate", url=url)
        self.wait(
            f"location.href.startsWith({json.dumps(url.partition('#')[0])}) && document.readyState === 'complete'"
        )

    def dark(self, on: bool) -> None:
        """The colour scheme a person has set on the computer."""
        scheme = "dark" if on else "light"
        self.call(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        )

    def js(self, script: str) -> Any:
        """The value of a script of the page; promises are waited for."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        trouble = found.get("exceptionDetails")
        if trouble:
            said = trouble.get("exception", {}).get("description") or trouble.get("text")
            raise BrowserTrouble(f"{script}: {said}")
        return found["result"].get("value")

    def wait(self, condition: str) -> None:
        """Returns once *condition* holds; it may be asked before the page is there."""
        until = time.monotonic() + self.browser.patience_s
        while True:
            try:
                found = self.js(f"Boolean({condition})")
            except BrowserTrouble as problem:
                found = None
                if "context" not in str(problem) and "null" not in str(problem):
                    raise
            if found:
                return
            if time.monotonic() > until:
                raise BrowserTrouble(f"Not true within {self.browser.patience_s:.0f} s: {condition}")
            time.sleep(0.02)

    def press(self, key: str, *, shift: bool = False) -> None:
        """One key, as from a keyboard."""
        code = _KEYS[key]
        event: dict[str, Any] = {
            "key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code,
            "modifiers": 8 if shift else 0,
        }  # fmt: skip
        text = {"Enter": "\r", " ": " "}.get(key)
        self.call(
            "Input.dispatchKeyEvent",
            type="keyDown" if text else "rawKeyDown",
            **event,
            **({"text": text} if text else {}),
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def write(self, text: str) -> None:
        """Text into whatever has the focus."""
        self.call("Input.insertText", text=text)

    def click(self, x: float, y: float) -> None:
        """The left mouse button, on what is painted there."""
        self.js(
            "new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted))).then(() => 0)"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def names(self) -> list[tuple[str, str]]:
        """Role and name of everything a screen reader meets, in its order."""
        self.call("Accessibility.enable")
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored") and node.get("role")
        ]

    def messages(self) -> list[str]:
        """What the page wrote to its console, and what it threw."""
        self.js("0")  # so that everything said until now has been heard
        said = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Runtime.consoleAPICalled":
                said.append(
                    " ".join(
                        str(one.get("value", one.get("description", ""))) for one in event["params"]["args"]
                    )
                )
            elif event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                said.append(details.get("exception", {}).get("description") or details["text"])
        return said

    def picture(self, file: Path) -> Path:
        """What the tab shows, as a PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        return file
