"""The double of Amplitude's export: ``GET /api/2/export`` answers a zip of gzipped lines, by hours of upload.

Basic key and secret; 404 without data, 400 above a size, 403 for a wrong key, and nothing of the last two hours.

Admin actions: ``add_events`` {events: [{event_type, user_id, event_time, server_upload_time, ...}]}, ``switch``
{key_holds, may_read, per_minute}, ``limit`` {events}: more of them in one export are too large.
"""

import argparse
import base64
import gzip
import io
import json
import re
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pqldesk.sandbox.double import Answer, Asked
from pqldesk.sandbox.pulled import Action, PulledDouble
from pqldesk.sandbox.pulled import add_options as add_options

KEY, SECRET = "sandbox-amplitude-key", "sandbox-amplitude-secret"
_HOUR = re.compile(r"\d{8}T\d{2}")
_LONGEST = timedelta(days=365)


def build(options: argparse.Namespace) -> "AmplitudeDouble":
    """The double those options describe."""
    return AmplitudeDouble(latency_s=options.latency / 1000)


class AmplitudeDouble(PulledDouble):
    """One project."""

    def empty(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._most = 1_000_000

    def actions(self) -> dict[str, Action]:
        return {"add_events": self._add, "limit": self._limit}

    def answer(self, asked: Asked) -> Answer:
        if asked.path != "/api/2/export" or asked.method != "GET":
            return Answer(404, html="Not Found")
        scheme, _, word = asked.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(word).decode() if scheme == "Basic" else ""
        except ValueError:
            given = ""
        if given != f"{KEY}:{SECRET}" or not self.switches.key_holds:
            return Answer(403, html="Forbidden")
        asked.caller = "secret key"
        if self.is_too_much():
            return self.refusal(429)
        start, end = asked.query.get("start", ""), asked.query.get("end", "")
        if not (_HOUR.fullmatch(start) and _HOUR.fullmatch(end)) or set(asked.query) != {"start", "end"}:
            return Answer(400, html="start and end are YYYYMMDDTHH")
        first, last = _hour(start), _hour(end)
        if first > last or last - first > _LONGEST:
            return Answer(400, html="The range is not valid.")
        return self._exported(first, last + timedelta(hours=1))

    def _exported(self, first: datetime, end: datetime) -> Answer:
        ready = datetime.fromtimestamp(self.clock.time(), UTC) - timedelta(hours=2)
        rows = [
            row
            for row in self._events
            if first <= _time(row["server_upload_time"]) < end and _time(row["server_upload_time"]) <= ready
        ]
        if not rows:
            return Answer(404, html="Raw data files were not found.")
        if len(rows) > self._most:
            return Answer(400, html="The export is larger than 4 GB.")
        by_hour: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_hour[row["server_upload_time"][:13].replace(" ", "_")].append(row)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for hour, some in by_hour.items():
                lines = "".join(json.dumps(row) + "\n" for row in some)
                archive.writestr(f"187520/187520_{hour}#0.json.gz", gzip.compress(lines.encode()))
        return Answer(200, headers={"content-type": "application/zip"}, raw=file.getvalue())

    def _add(self, order: Mapping[str, Any]) -> None:
        for event in order["events"]:
            stored = {
                "uuid": str(uuid.uuid4()),
                "server_upload_time": event["event_time"],
                "device_id": None,
                **event,
            }
            self._events.append(stored)

    def _limit(self, order: Mapping[str, Any]) -> None:
        self._most = int(order["events"])

    def refusal(self, status: int) -> Answer:
        return Answer(
            status, headers={"retry-after": "1"} if status == 429 else {}, html="Injected by the sandbox."
        )

    def dump(self) -> Any:
        return {"events": self._events}


def _hour(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H").replace(tzinfo=UTC)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
