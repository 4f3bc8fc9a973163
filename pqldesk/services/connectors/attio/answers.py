"""What Attio's refusals mean: each status and code as a problem with what to do about it."""

from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import Gone, Held, Refused, RemoteProblem, TryLater
from pqldesk.services.remote.rest import Answer

NEEDED_SCOPES = (
    "record_permission:read-write",
    "object_configuration:read",
    "list_configuration:read",
    "list_entry:read-write",
    "note:read-write",
    "task:read-write",
    "user_management:read",
)
_SCOPE_OF = {"notes": "note", "tasks": "task", "lists": "list_entry"}
_AGAIN = _("Correct it, then retry.")


class DealsOff(Held):
    """Deals are switched off in the workspace."""

    def __init__(self) -> None:
        super().__init__(
            _("Deals are switched off in this Attio workspace."),
            _("A workspace admin switches them on under Settings, Objects; then connect again."),
        )


def explain(answer: Answer) -> RemoteProblem:
    """The problem that an answer of 400 to 499 (but 408, 425 and 429) stands for."""
    body = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("code", ""))
    said = _said(body) or f"{answer.method} {answer.path} was answered {answer.status}"
    paths = _paths(body)
    if answer.status == 401:
        return Held(
            _("Attio does not accept the token: it is wrong or was revoked."),
            _("Make a new one in Attio and connect again."),
        )
    if code == "merge_in_progress":
        return TryLater(_("Attio is merging this record."), _("PQLDesk tries again by itself."))
    if code == "concurrent_write_conflict":
        return TryLater(
            _("Somebody changed the record in Attio at the same moment."), _("PQLDesk tries again by itself.")
        )
    if answer.status == 403:
        return _forbidden(answer, code, said)
    if code == "standard_object_disabled":
        return DealsOff()
    if code in ("value_not_found", "unknown_filter_attribute_slug"):
        return Held(
            _("Attio does not know something the mapping names: {said}.").format(said=said),
            _("Add it in Attio or connect again to map anew, then retry."),
        )
    if code in ("missing_value", "quota_exceeded", "limit_reached", "system_edit_unauthorized"):
        what = (
            _("a required field is empty")
            if code == "missing_value"
            else _("a limit or rule of the workspace stands in the way")
        )
        return Refused(
            _("Attio refused the write, {what}: {said}.").format(what=what, said=said),
            _("Change that in Attio, then retry."),
            paths=paths,
        )
    if answer.status == 404:
        return Gone(
            _("Attio has no such record: {said}.").format(said=said),
            _("It was deleted or merged; retry to look for it again."),
        )
    if answer.status == 413:
        return Refused(_("Attio says the note is too large."), _("Shorten it and retry."))
    if code == "uniqueness_conflict":
        return Refused(
            _("Another record in Attio already holds this value: {said}.").format(said=said),
            _("Merge the two in Attio, then retry."),
        )
    if code == "multiple_match_results":
        return SeveralEntries(
            _("Attio has several entries for this record: {said}.").format(said=said),
            _("Remove all but one in Attio, then retry."),
        )
    if code == "slug_conflict":
        return Taken(
            _("The name is taken in Attio: {said}.").format(said=said),
            _("Choose another, or restore the archived one."),
        )
    return Refused(
        _("Attio refused ({status} {code}): {said}.").format(
            status=answer.status, code=code or "no code", said=said
        ),
        _AGAIN,
        paths=paths,
    )


class SeveralEntries(Refused):
    """A record stands on a list more than once."""


class Taken(Refused):
    """The slug or title exists already, perhaps archived."""


def _forbidden(answer: Answer, code: str, said: str) -> RemoteProblem:
    if code in ("billing_error", "quota_exceeded"):
        return Held(
            _("The plan of this Attio workspace does not include that: {said}.").format(said=said),
            _("Ask its admin, then retry."),
        )
    return Held(
        _("The Attio token may not do this: {said}.").format(said=said),
        _("Give it the scope {scope} in Attio, then retry.").format(scope=_scope(answer)),
    )


def _scope(answer: Answer) -> str:
    """The scope that the refused request needs."""
    part = answer.path.split("/")[2] if answer.path.count("/") >= 2 else ""
    if part == "workspace_members":
        return "user_management:read"
    if "/attributes" in answer.path or answer.path == "/v2/lists":
        kind = "list" if part == "lists" else "object"
        return f"{kind}_configuration:{'read' if answer.method == 'GET' else 'read-write'}"
    return f"{_SCOPE_OF.get(part, 'record_permission')}:read-write"


def missing_scope(scopes: frozenset[str]) -> str | None:
    """A sentence naming what the token lacks; None when it has all."""
    lacking = [
        need
        for need in NEEDED_SCOPES
        if need not in scopes and not (need.endswith(":read") and f"{need}-write" in scopes)
    ]
    return _("The Attio token lacks {known}.").format(known=", ".join(lacking)) if lacking else None


def _said(body: dict[str, Any]) -> str:
    """Attio's own words: the useful part is in validation_errors."""
    found = [str(body.get("message") or "").strip().rstrip(".")]
    for error in body.get("validation_errors") or ():
        if isinstance(error, dict):
            path = ".".join(str(part) for part in error.get("path") or ())
            found.append(f"{path}: {error.get('message', '')}" if path else str(error.get("message", "")))
    return "; ".join(part for part in found if part)[:400]


def _paths(body: dict[str, Any]) -> tuple[str, ...]:
    errors = body.get("validation_errors") or ()
    return tuple(".".join(str(p) for p in e.get("path") or ()) for e in errors if isinstance(e, dict))
