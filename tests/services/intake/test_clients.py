"""Unmodified client libraries of the vendors deliver each event exactly once, though the first answer gets lost.

They are no dependencies of ours; what is not installed is skipped. All of them: make clients
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.intake.losing import counted, losing_intake

CLIENTS = {
    "segment": ("segment.analytics", """
        from segment.analytics.client import Client
        client = Client("key-segment", host=HOST + "/in/segment")
        client.identify("u1", {"email": "segment@example.com"})
        for n in range(3):
            client.track("u1", "Login", {"n": n})
        client.flush(); client.join()
    """),
    "rudderstack": ("rudderstack.analytics", """
        from rudderstack.analytics.client import Client
        client = Client("key-rudderstack", host=HOST + "/in/rudderstack", gzip=True)
        client.identify("u1", {"email": "rudderstack@example.com"})
        for n in range(3):
            client.track("u1", "Login", {"n": n})
        client.flush(); client.join()
    """),
    "posthog": ("posthog", """
        from posthog import Posthog
        client = Posthog("key-posthog", host=HOST + "/in/posthog", gzip=True)
        for n in range(3):
            client.capture("Login", distinct_id="u1", properties={"n": n, "$set": {"email": "posthog@example.com"}})
        client.shutdown()
    """),
    "snowplow": ("snowplow_tracker", """
        from snowplow_tracker import Emitter, SelfDescribingJson, StructuredEvent, Subject, Tracker
        host, _, port = HOST.removeprefix("http://").partition(":")
        emitter = Emitter(host, protocol="http", port=int(port), method="post", batch_size=1)
        subject = Subject(); subject.set_user_id("u1")
        tracker = Tracker("t", emitter, subject=subject, app_id="a")
        for n in range(3):
            tracker.track(StructuredEvent("app", "Login", property_=str(n)))
        tracker.flush()
        import time
        time.sleep(4)
        tracker.flush()
    """),
    "mixpanel": ("mixpanel", """
        from mixpanel import Consumer, Mixpanel, MixpanelException
        base = HOST + "/in/mixpanel"
        consumer = Consumer(base + "/track", base + "/engage")
        client = Mixpanel("key-mixpanel", consumer=consumer)
        client.people_set("u1", {"$email": "mixpanel@example.com"})
        for n in range(3):
            for attempt in range(2):  # it leaves sending again to its caller
                try:
                    client.track("u1", "Login", {"n": n, "$insert_id": f"i{n}", "time": 1795168982 + n})
                except MixpanelException:
                    continue
                break
    """),
    "amplitude": ("amplitude", """
        from amplitude import Amplitude, BaseEvent
        client = Amplitude("key-amplitude")
        client.configuration.server_url = HOST + "/2/httpapi"
        client.configuration.flush_queue_size = 3
        told = []
        client.configuration.callback = lambda event, code, message=None: told.append(code)
        for n in range(3):
            client.track(BaseEvent("Login", user_id="u1", event_properties={"n": n},
                                   user_properties={"email": "amplitude@example.com"}))
        client.flush()
        import time
        until = time.monotonic() + 20
        while len(told) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        client.shutdown()
        assert told == [200, 200, 200], told
    """),
}  # fmt: skip


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The workspace and the address of an intake that loses its first answers."""
    place = tmp_path_factory.mktemp("clients") / "w.pqldesk"
    with losing_intake(place, CLIENTS) as address:
        yield place, address


@pytest.mark.parametrize("source", CLIENTS)
def test_a_vendors_own_library_delivers_exactly_once(source, intake, capsys):
    package, script = CLIENTS[source]
    if importlib.util.find_spec(package.partition(".")[0]) is None:
        pytest.skip(f"{package} is not installed; all clients: make clients")
    place, address = intake
    lines = [line.removeprefix(" " * 8) for line in script.splitlines()]
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "\n".join([f"HOST = {address!r}", *lines])],
        capture_output=True, text=True, timeout=90, env={**os.environ, "NO_PROXY": "*"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert counted(place, capsys, source) == 3
