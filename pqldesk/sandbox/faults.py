"""Trouble on request: what a sandbox does to the next matching calls instead of, before or after serving them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

KINDS = ("status", "html", "delay", "commit_then_drop", "drop_before_commit", "merge_in_progress")


class BadFault(ValueError):
    """The description of a fault makes no sense; the message says what would."""


@dataclass(slots=True)
class Fault:
    """Hits *count* matching requests after letting *skip* of them pass.

    *path* is a glob (``/v2/objects/*/records``), *method* ``*`` or one method, *contains* a text of the body or of the
    query, such as one record's address. ``status`` answers with *status*
    in the system's own error shape, ``html`` with an edge proxy's page, ``delay`` waits *ms* before (or, with
    *when* ``after``, between storing and answering), the drops close the socket without any answer.
    """

    kind: str
    method: str = "*"
    path: str = "*"
    count: int = 1
    skip: int = 0
    status: int = 500
    ms: int = 0
    when: str = "before"
    record_id: str = ""
    contains: str = ""

    @classmethod
    def described(cls, text: Mapping[str, Any]) -> "Fault":
        """The fault a JSON object describes; BadFault if it does not."""
        unknown = sorted(set(text) - set(cls.__slots__))
        if unknown:
            raise BadFault(f"unknown keys {unknown}; known: {sorted(cls.__slots__)}")
        fault = cls(**{"kind": "", **text})
        if fault.kind not in KINDS:
            raise BadFault(f"kind {fault.kind!r} is unknown; known: {', '.join(KINDS)}")
        if fault.when not in ("before", "after"):
            raise BadFault(f"when {fault.when!r} is unknown; known: before, after")
        if fault.kind == "html" and "status" not in text:
            fault.status = 502
        return fault


class Faults:
    """The queued faults, first queued first served."""

    def __init__(self) -> None:
        self._queued: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Queue *fault*."""
        self._queued.append(fault)

    def clear(self) -> None:
        """Forget every fault still queued."""
        self._queued.clear()

    def take(self, method: str, path: str, text: str = "") -> Fault | None:
        """The fault that hits this request, used up by one. *text*: its query and body."""
        for fault in self._queued:
            if fault.method not in ("*", method) or not fnmatchcase(path, fault.path):
                continue
            if fault.contains not in text:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.count -= 1
            if fault.count <= 0:
                self._queued.remove(fault)
            return fault
        return None
