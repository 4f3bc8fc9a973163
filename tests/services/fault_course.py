"""Trouble in its turn: which request of which kind meets which fault of a double, or which lasting change there."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fixtures_crm import House

from pqldesk.sandbox.faults import Fault, Faults
from pqldesk.services.connectors import late_s

LONG = "PQLDESK_LONG_TESTS" in os.environ
STORING = 3  # of the faults, the last ones
SOME = 3  # of the faults for a kind that reads
TIMEOUT_S = 10.0
# An id of theirs, an e-mail, our key, a domain: what differs between two requests of one kind.
OF_ONE = re.compile(
    r"(?<=/)(?:[0-9a-f]{8}-[0-9a-f-]{27}|[^/]*@[^/]*|[a-zA-Z0-9]{15,18}|\d+|[^/]*\.example)(?=/|$)"
)
SPOKEN_OF = re.compile(r"FROM (\w+)|sobjects/(\w+)|\"title\"|\"(?:attributes|type)\": ?{\"type\": ?\"(\w+)\"")

Order = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What an administrator changes there, and takes back when somebody complains."""

    made: Order
    taken_back: Order


def _switched(name: str, value: object, before: object) -> Change:
    return Change({"action": "switch", name: value}, {"action": "switch", name: before})


def _renamed(**where: str) -> Change:
    rename = {"action": "rename_choice", **where}
    return Change(
        {**rename, "title": "Sales Qualified", "to": "SQL"},
        {**rename, "title": "SQL", "to": "Sales Qualified"},
    )


CHANGES: dict[str, dict[str, Change]] = {
    "attio": {
        "key revoked": Change({"action": "revoke_token"}, {"action": "restore_token"}),
        "stage renamed": _renamed(target="deals", attribute="stage"),
    },
    "hubspot": {
        "key revoked": _switched("key_active", False, True),
        "stage renamed": _renamed(),
        "right lost": _switched("missing_scopes", ["crm.objects.contacts.write"], []),
        "a row of many locked": _switched("rows_locked", 1, 0),
    },
    "marketo": {
        "client revoked": _switched("client_active", False, True),
        "right lost": _switched("forbidden", ["Read-Write Lead"], []),
        "a row of many in use": _switched("rows_in_use", 1, 0),
    },
    "salesforce": {
        "app switched off": Change({"action": "revoke"}, {"action": "switch", "app_enabled": True}),
        "stage renamed": _renamed(object="Opportunity", field="StageName"),
        "a row of many locked": _switched("locked", 1, 0),
    },
    "twenty": {
        "key expired": _switched("key_expired", True, False),
        "stage renamed": _renamed(object="opportunities", field="stage"),
        "right lost": _switched("read_only", ["notes"], []),
    },
    "workato": {
        "recipe stopped": _switched("mode", "stopped", "text"),
        "client revoked": _switched("client_active", False, True),
    },
    "relay": {"recipe stopped": _switched("mode", "stopped", "text")},
}


def faults(house: House) -> dict[str, Fault]:
    """Every fault of the doubles that hits a request, by what it is called here."""
    late_ms = int((TIMEOUT_S + max(1.0, 0.9 * late_s(house.system))) * 1000)
    return {
        "429": Fault("status", status=429),
        "cut off before": Fault("drop_before_commit"),
        "500": Fault("status", status=500),
        "a proxy's page": Fault("html"),
        "401": Fault("status", status=401),
        "503": Fault("status", status=503),
        "refused": Fault("status", status=422),
        # Those that store something come last: the others all meet the same lead, these one lead each.
        "stored and cut off": Fault("commit_then_drop"),
        "stored, answered too late": Fault("delay", ms=60_000, when="after"),
        "stored after we gave up": Fault("delay", ms=late_ms),
    }


@dataclass
class Course(Faults):
    """Every kind of request that writes meets every fault in each stage, one after the other, while *stage* is set.

    Kinds that read meet some once, each kind others, and a lasting change is met once by each kind; in the long test
    all meet all, in each stage. Calls of many
    meet them over the whole way: whether there is one in a stage depends on which leads go together.
    """

    faults: Mapping[str, Fault | Change]
    change: Callable[[Order], object] = id  # how the double is changed
    stage: str = ""
    standing: dict[str, Change] = field(default_factory=dict)  # changes that were made and not yet taken back
    looks: set[str] = field(default_factory=set)  # what is asked before anything is sent: no stage of its own
    ahead: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def take(self, method: str, path: str, text: str = "") -> Fault | None:
        if not self.stage:
            return None
        kind, reads = kind_of(method, path, text), changes_nothing(method, path)
        short = not LONG and (reads or self.lasting)
        once = kind in self.looks or takes_many(path) or short
        key = "" if once else self.stage, kind
        if key not in self.ahead:
            self.ahead[key] = self._some() if reads and not LONG else list(self.faults)
        name = next((each for each in self.ahead[key] if each not in self.standing), None)
        if name is None:
            return None
        self.ahead[key].remove(name)
        met = self.faults[name]
        if isinstance(met, Fault):
            return met
        self.standing[name] = met
        self.change(met.made)
        return None

    def take_back(self) -> None:
        """What was changed there is as it was."""
        for change in self.standing.values():
            self.change(change.taken_back)
        self.standing.clear()

    @property
    def lasting(self) -> bool:
        """Whether what is met is changes, which stand until they are taken back."""
        return any(isinstance(each, Change) for each in self.faults.values())

    def goes_with_others(self, kind: str) -> bool:
        """Whether it is sent alone only now and then: usually many go in one call, which is counted by itself."""
        return any(other.startswith(f"{kind}/batch/") for _stage, other in self.ahead)

    def _some(self) -> list[str]:
        names, begin = list(self.faults), len(self.ahead)
        return [names[(begin + 3 * step) % len(names)] for step in range(SOME)]

    @property
    def lacking(self) -> dict[str, list[str]]:
        """Kinds of requests of this stage that have met too little: once it is stored, not every kind comes again, but
        something that stores it, or a change, must have been met."""
        most = min(STORING, len(self.faults))
        return {
            kind: left
            for kind, left in self.left.items()
            if len(left) >= most and not self.goes_with_others(kind)
        }

    @property
    def left(self) -> dict[str, list[str]]:
        """What kinds of requests of this stage have yet to meet."""
        return {kind: left for (stage, kind), left in self.ahead.items() if stage == self.stage and left}


def said(row: Mapping[str, Any]) -> str:
    """What a logged request was about, for kind_of."""
    return f"{'&'.join(row['query'].values())} {json.dumps(row.get('body'))}"


def changes_nothing(method: str, path: str) -> bool:
    return method == "GET" or path.endswith(("/query", "/token", "/search", "/read"))


def takes_many(path: str) -> bool:
    return "/batch/" in path or "/composite/sobjects" in path


def kind_of(method: str, path: str, text: str) -> str:
    """A request without what it is about; where one path serves many, with the objects it speaks of."""
    found = {"".join(names) for names in SPOKEN_OF.findall(text)} if "/services/data" in path else set()
    return f"{method} {OF_ONE.sub('*', path)} {' '.join(sorted(found))}".strip()
