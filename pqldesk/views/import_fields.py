"""The fields that a column of an imported file may fill, in the words of the window."""

from collections.abc import Sequence
from typing import Final

from pqldesk.services.basics.texts import _
from pqldesk.services.files.fields import FIELDS, Kind
from pqldesk.views import wording

# What is missing here, such as glm_source, is the name that its system gives it.
_WORDS: Final = {
    "email": _("E-mail"), "user_id": _("User id"), "anonymous_id": _("Anonymous id"), "company_id": _("Company id"),
    "first_name": _("First name"), "last_name": _("Last name"), "name": _("Name"), "company": _("Company"),
    "domain": _("Company domain"), "company_domain": _("Company domain"), "job_title": _("Job title"),
    "phone": _("Phone"), "country": _("Country"), "plan": _("Plan"), "signup_at": _("Signed up at"),
    "source": _("Source"), "kind": _("How it came"), "comment": _("What they asked for"),
    "submitted_at": _("Asked at"), "received_at": _("Received at"), "outcome": _("Won or lost"),
    "outcome_at": _("Won or lost at"), "deal_value": _("Deal value"), "owner": _("Owner"),
    "event_id": _("Event id"), "event": _("Event"), "key": _("Feature or integration"),
    "quantity": _("Quantity"), "occurred_at": _("Time of the event"), "properties": _("Properties"),
    "trial_id": _("Trial id"), "starts_at": _("Trial starts"), "ends_at": _("Trial ends"),
    "converted_at": _("Converted at"),
}  # fmt: skip


def field_words(name: str) -> str:
    """What a field is called."""
    return _WORDS.get(name) or wording.plain(name)


def offered_fields(kind: Kind) -> list[str]:
    """The fields of a kind of file, ids last: what is typed meets the company before the company's id."""
    return sorted(FIELDS[kind], key=lambda name: name.endswith("_id"))


def missing_words(fields: Sequence[str]) -> str:
    """Which column has to be named before anything can be imported; the first fields of many."""
    names = [f"“{field_words(field)}”" for field in fields[:3]]
    if len(names) == 1:
        return _("Nothing can be imported yet: choose the column that is {field}.").format(field=names[0])
    return _("Nothing can be imported yet: choose a column that is {fields} or {last}.").format(
        fields=", ".join(names[:-1]), last=names[-1]
    )
