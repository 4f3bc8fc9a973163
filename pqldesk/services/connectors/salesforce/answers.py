"""What Salesforce's refusals mean: each status and code as a problem with what to do about it."""

from collections.abc import Iterator
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.oauth import explain_refused
from pqldesk.services.remote.problems import (
    Ambiguous,
    Gone,
    Held,
    RateLimited,
    Refused,
    RemoteProblem,
    TryLater,
)
from pqldesk.services.remote.rest import Answer

DAY_USED_UP_S, BUSY_S = 3600.0, 60.0
# 401s that a fresh token does not heal: asking for one would go on without end.
NOT_RUN_OUT = ("not valid for use with the REST API", "Connected app is not attached")
_DRIFT = {
    "INVALID_FIELD",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_TYPE",
    "INACTIVE_OWNER_OR_USER",
}
_GONE = {"NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "CANNOT_UPDATE_CONVERTED_LEAD"}
_GATEWAY = (406, 420)


class Duplicates(Refused):
    """A duplicate rule stood in the way; *matches*: (object, record id) of what it saw, perhaps nothing."""

    def __init__(self, what: str, matches: tuple[tuple[str, str], ...]) -> None:
        super().__init__(what, _("Merge the two in Salesforce, then retry."))
        self.matches = matches


class Taken(Refused):
    """The same pair or unique value is there already."""


def ran_out(answer: Answer) -> bool:
    """Whether the session behind the token is over, so that a fresh token helps."""
    code, said = code_and_words(answer.body)
    return answer.status == 401 and code == "INVALID_SESSION_ID" and not any(x in said for x in NOT_RUN_OUT)


def explain(answer: Answer) -> RemoteProblem:
    """The problem that an answer of 300 to 499 (but 408, 425 and 429) stands for."""
    code, said = code_and_words(answer.body)
    said = said or f"{answer.method} {answer.path} was answered {answer.status}"
    if answer.status == 401:
        return Held(
            _("Salesforce does not accept the connection any more: {said}.").format(said=said),
            _("Check the External Client App there and connect again."),
        )
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limited(said)
    if answer.status == 403:
        return Held(
            _("The user that PQLDesk runs as in Salesforce may not do this: {said}.").format(said=said),
            _("Give its permission set the right, then retry."),
        )
    if answer.status in _GATEWAY:
        return Ambiguous(
            _("Salesforce's gateway answered {status}.").format(status=answer.status),
            _("PQLDesk looks whether it arrived before it tries again."),
        )
    if answer.status == 410:
        return Held(
            _("Salesforce has retired the version of its API that PQLDesk uses."), _("Update PQLDesk.")
        )
    return _by_code(code, said, answer)


def _by_code(code: str, said: str, answer: Answer) -> RemoteProblem:
    if code == "UNABLE_TO_LOCK_ROW" or answer.status in (409, 412):
        return TryLater(
            _("Somebody changed the record in Salesforce at the same moment."), _("PQLDesk tries again.")
        )
    if code == "DUPLICATES_DETECTED":
        return Duplicates(
            _("A duplicate rule in Salesforce refused the record: {said}.").format(said=said),
            tuple(_matches(answer)),
        )
    if code == "DUPLICATE_VALUE":
        return Taken(
            _("Salesforce has this already: {said}.").format(said=said),
            _("Look at the record there, then retry."),
        )
    if code in _DRIFT:
        return Held(
            _("Salesforce does not take something the mapping names: {said}.").format(said=said),
            _("Restore it there or connect again to map anew, then retry."),
        )
    if code in _GONE or answer.status == 404:
        return Gone(
            _("Salesforce has no such record: {said}.").format(said=said),
            _("It was deleted, merged or converted; retry to look for it again."),
        )
    if answer.status == 300:
        return Refused(
            _("Several records in Salesforce hold the same PQLDesk Id."), _("Remove all but one, then retry.")
        )
    return Refused(
        _("Salesforce refused ({status} {code}): {said}.").format(
            status=answer.status, code=code or "no code", said=said
        ),
        _("Correct it, then retry."),
    )


def _limited(said: str) -> RemoteProblem:
    if "Concurrent" in said:
        return RateLimited(
            _("Salesforce is busy with other long requests of this org."),
            _("PQLDesk goes on in a minute; nothing is lost."),
            retry_after_s=BUSY_S,
        )
    return RateLimited(
        _("The API calls of this Salesforce org are used up for now."),
        _("PQLDesk goes on in an hour; nothing is lost. Its admin sees who uses them under System Overview."),
        retry_after_s=DAY_USED_UP_S,
    )


def explain_token(answer: Answer) -> RemoteProblem:
    """Why no token was given."""
    body = answer.body if isinstance(answer.body, dict) else {}
    said = str(body.get("error_description") or body.get("error") or f"answered {answer.status}")
    return Held(
        _("Salesforce gives no access: {said}.").format(said=said),
        _("Check client id, client secret and the user of the External Client App, then connect again."),
    )


def explain_sign_in(answer: Answer) -> RemoteProblem:
    """Why no token was given for the sign-in."""
    body = answer.body if isinstance(answer.body, dict) else {}
    said = str(body.get("error_description") or body.get("error") or f"answered {answer.status}")
    return explain_refused("Salesforce", "salesforce", said)


def code_and_words(body: Any) -> tuple[str, str]:
    """The first error's code and text; single rows say errorCode, collections statusCode."""
    first = next((each for each in body if isinstance(each, dict)), {}) if isinstance(body, list) else {}
    fields = ", ".join(str(each) for each in first.get("fields") or ())
    said = str(first.get("message") or "").strip().rstrip(".")
    if fields and fields not in said:
        said = f"{said} ({fields})"
    return str(first.get("errorCode") or first.get("statusCode") or ""), said[:400]


def _matches(answer: Answer) -> Iterator[tuple[str, str]]:
    for error in answer.body if isinstance(answer.body, list) else ():
        result = error.get("duplicateResut") or error.get("duplicateResult") or {}  # observed: misspelt
        for match in result.get("matchResults") or ():
            for found in match.get("matchRecords") or ():
                record = found.get("record") or {}
                if record.get("Id"):
                    yield str((record.get("attributes") or {}).get("type") or ""), str(record["Id"])
