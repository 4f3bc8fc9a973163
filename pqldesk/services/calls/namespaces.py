"""GitLab's namespaces, as its API lists them: the trial of a group, and what the group is called."""

from collections.abc import Iterator
from typing import Any, Final

from pqldesk.services.calls.reading import Item, Reading
from pqldesk.services.calls.shapes import Call, Traits, TrialSeen
from pqldesk.services.files.values import BadValue, text

_UNPAID: Final = ("", "free", "default", "opensource")


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The company and its trial. BadValue for what is no namespace."""
    number = text(found.get("id"))
    if number is None or not ("full_path" in found or "path" in found):
        raise BadValue("namespace", "it has no id or path")
    if found.get("kind") == "user":
        return
    ids = {"company_id": number}
    yield Traits("group", ids, {"name": found.get("name")}, reading.received_at)
    ends = text(found.get("trial_ends_on"))
    if ends is None:
        return
    plan = str(found.get("plan") or "")
    fields: dict[str, Any] = {"trial_id": number, "plan": plan or None, "ends_at": ends}
    if _is_paid(plan) and found.get("trial") is False:
        fields["state"] = "converted"
    yield TrialSeen(ids, {key: value for key, value in fields.items() if value}, reading.received_at)


def _is_paid(plan: str) -> bool:
    """A plan that is bought. ``ultimate_trial_paid_customer`` is a trial of somebody who pays for another plan."""
    return plan not in _UNPAID and "trial" not in plan
