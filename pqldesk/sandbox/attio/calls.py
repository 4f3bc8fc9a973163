"""One request on its way through the handlers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, not_found
from pqldesk.sandbox.attio.values import is_uuid
from pqldesk.sandbox.attio.world import Record, Target, World


@dataclass(slots=True)
class Call:
    """What a handler gets: the path's names, query, body, and on whose behalf it acts. *notes* go into the log."""

    world: World
    method: str
    names: dict[str, str]
    query: Mapping[str, str]
    body: Any
    actor: dict[str, Any]
    notes: list[str]
    headers: dict[str, str] = field(default_factory=dict)

    def object(self) -> Target:
        """The object named in the path; 404, or 400 if its records are switched off."""
        target = self.world.target("objects", self.names["object"])
        if target.api_slug == "deals" and not self.world.switches.deals_enabled:
            raise ApiError(400, "standard_object_disabled", 'The standard object "deals" is disabled.')
        return target

    def list(self) -> Target:
        """The list named in the path; 404."""
        return self.world.target("lists", self.names["list"])

    def record(self, target: Target, key: str = "record_id") -> Record:
        """The record or entry named in the path; 404. A merging one is 404 on GET, 400 on writes."""
        record_id = self.names[key]
        found = self.world.of(target).get(record_id) if is_uuid(record_id) else None
        if found is None:
            raise not_found("record" if target.kind == "objects" else "entry", record_id)
        refuse_merging(self.world, found.record_id, 404 if self.method == "GET" else 400)
        return found


Handler = Callable[[Call], Any]


def refuse_merging(world: World, record_id: str, status: int) -> None:
    """Raise ``merge_in_progress`` while *record_id* is being merged."""
    left = world.merging.get(record_id, 0)
    if left > 0:
        world.merging[record_id] = left - 1
        raise ApiError(status, "merge_in_progress", f'Record "{record_id}" is being merged.')
