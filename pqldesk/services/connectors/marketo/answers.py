"""What Marketo's refusals mean. Nearly all come inside an answer of 200: of the whole call, or of single rows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import Ambiguous, Gone, Held, Refused, RemoteProblem, TryLater
from pqldesk.services.remote.rest import Answer

WINDOW_S, BUSY_S = 20.0, 2.0
QUOTA_ENDS = ZoneInfo("America/Chicago")  # the day's calls begin anew at midnight there
NO_DATA = "702"
# The status that a refused call would have had from a system that uses them.
STATUS = {
    "600": 401, "601": 401, "602": 401, "603": 403, "606": 429, "607": 429, "615": 429,
    "500": 503, "502": 503, "604": 503, "611": 503, "608": 409, "614": 409, "713": 409, "610": 404,
}  # fmt: skip
_DRIFT = {"1006", "1011", "1001", "1013", "1025", "709"}
_PARTITION = {"1008", "1009", "1010"}
_RIGHTS = {
    "leads": "Read-Write Lead", "lead": "Read-Write Lead", "lists": "Read-Write Lead",
    "campaigns": _("Execute Campaign and Read-Only Campaign"), "activities": _("Read-Write Activity and its metadata"),
}  # fmt: skip


class Exists(Refused):
    """There is a lead with that e-mail already."""


class CompanyClosed(Refused):
    """Company fields of leads cannot be written in this instance."""


def unveil(answer: Answer) -> Answer:
    """A call that was refused inside an answer of 200, with the status that stands for it."""
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status != 200 or body.get("success", True):
        return answer
    code = _code(answer)
    if code == NO_DATA:
        return replace(answer, body={**body, "success": True, "result": []})
    return replace(answer, status=STATUS.get(code, 400), told=f"error {code}")


def ran_out(answer: Answer) -> bool:
    """Whether a fresh token helps."""
    return answer.status == 401


def stay_away_s(answer: Answer) -> float:
    """How long to make no call: the window of the rate, or until the day's calls begin anew."""
    match _code(answer):
        case "607":
            now = datetime.now(QUOTA_ENDS)
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            return (midnight - now).total_seconds() + BUSY_S
        case "615":
            return BUSY_S
    return WINDOW_S


def explain(answer: Answer) -> RemoteProblem:
    """The problem that a refused call stands for (unveiled, so not what is waited out or tried again)."""
    code, said = _code(answer), _said(answer)
    match answer.status:
        case 401:
            return Held(
                _("Marketo does not accept its own token."),
                _("Check the custom service and its API-only user there, then connect again."),
            )
        case 403:
            right = _RIGHTS.get(answer.path.removeprefix("/rest/v1/").partition("/")[0].removesuffix(".json"))
            return Held(
                _("The API user of PQLDesk in Marketo may not do this ({code}: {said}).").format(
                    code=code, said=said
                ),
                _("Give its role {right}, allow this computer's address there, then retry.").format(
                    right=right or _("the right it lacks")
                ),
            )
        case 404:
            return Held(
                _("Marketo knows no {path}.").format(path=answer.path),
                _("Check --url: it is https://NNN-AAA-NNN.mktorest.com."),
            )
        case 409:
            return TryLater(
                _("Marketo is not available for a moment ({code}).").format(code=code),
                _("PQLDesk tries again by itself."),
            )
        case 413 | 414:
            return Refused(
                _("The request is too large for Marketo ({status}).").format(status=answer.status),
                _("Shorten it, then retry."),
            )
    return problem_of(code, said)


def problem_of(code: str, said: str) -> RemoteProblem:
    """The problem that a code of a call or row stands for."""
    if code == "1004":
        return Gone(
            _("Marketo has no such lead."), _("It was deleted or merged; retry to look for it again.")
        )
    if code == "1005":
        return Exists(_("Marketo has a lead with this e-mail already."), "Retry.")
    if code == "1007":
        return Held(_("Several leads in Marketo have this e-mail."), _("Merge them there, then retry."))
    if code == "1021":
        return CompanyClosed(
            _("Marketo takes no company fields of leads: {said}.").format(said=said), "Retry."
        )
    if code in _PARTITION:
        return Held(
            _("Marketo refused the partition ({code}): {said}.").format(code=code, said=said),
            _("Set --set partition=, then retry."),
        )
    if code in _DRIFT:
        return Held(
            _("Marketo does not take something the mapping names ({code}): {said}.").format(
                code=code, said=said
            ),
            _("Restore it there or connect again to map anew, then retry."),
        )
    return Refused(
        _("Marketo refused ({code}): {said}.").format(code=code or "no code", said=said or "no reason"),
        _("Correct it, then retry."),
    )


def refused_row(row: dict[str, Any]) -> RemoteProblem | None:
    """Why a row of a write was not carried out; None where it was."""
    reasons = row.get("reasons") or row.get("errors") or []
    if row.get("status") != "skipped" and not reasons:
        return None
    first = reasons[0] if reasons else {}
    return problem_of(str(first.get("code") or ""), str(first.get("message") or "").strip().rstrip("."))


def explain_token(answer: Answer) -> RemoteProblem:
    """Why no token was given."""
    body = answer.body if isinstance(answer.body, dict) else {}
    if not body.get("error"):
        return Held(
            _("Marketo's identity service does not answer at this address ({status}).").format(
                status=answer.status
            ),
            _("Check --url: it is https://NNN-AAA-NNN.mktorest.com, without /rest."),
        )
    said = str(body.get("error_description") or body["error"])
    return Held(
        _("Marketo gives no access: {said}.").format(said=said),
        _(
            "Check client id and client secret of the custom service (Admin, LaunchPoint), then "
            "connect again."
        ),
    )


def unsettled(what: str) -> Ambiguous:
    """An answer that does not say what became of the write."""
    return Ambiguous(
        _("Marketo did not say what became of {what}.").format(what=what),
        _("PQLDesk looks whether it arrived."),
    )


def _code(answer: Answer) -> str:
    return str(_first(answer).get("code") or "")


def _said(answer: Answer) -> str:
    return str(_first(answer).get("message") or "").strip().rstrip(".")[:400]


def _first(answer: Answer) -> dict[str, Any]:
    errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
    return errors[0] if errors and isinstance(errors[0], dict) else {}
