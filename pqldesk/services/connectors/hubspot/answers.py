"""What HubSpot's refusals mean: each status and category as a problem with what to do about it."""

import re
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.oauth import explain_refused
from pqldesk.services.remote.problems import Gone, Held, RateLimited, Refused, RemoteProblem, TryLater
from pqldesk.services.remote.rest import Answer, retry_after_s

ROLLING_S, SECONDLY_S, DAILY_S = 10.0, 1.0, 3600.0
_DRIFT = {"PROPERTY_DOESNT_EXIST", "INVALID_OPTION", "READ_ONLY_VALUE", "INVALID_OWNER_ID"}
_EXISTING = re.compile(r"Existing ID: (\d+)")


class Exists(Refused):
    """Another record holds the unique value; *remote_id* is HubSpot's hint which."""

    def __init__(self, what: str, remote_id: str | None) -> None:
        super().__init__(what, _("Merge the two in HubSpot, then retry."))
        self.remote_id = remote_id


def stay_away_s(answer: Answer) -> float:
    """How long a 429 asks for: HubSpot rarely says it in a header, but in which limit was reached."""
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.headers.get("retry-after"):
        return retry_after_s(answer.headers)
    if body.get("policyName") == "DAILY":
        return DAILY_S
    return ROLLING_S if body.get("policyName") == "TEN_SECONDLY_ROLLING" else SECONDLY_S


def explain(answer: Answer) -> RemoteProblem:
    """The problem that an answer of 400 to 499 (but 408, 425 and 429) stands for."""
    body = answer.body if isinstance(answer.body, dict) else {}
    said = _said(body) or f"{answer.method} {answer.path} was answered {answer.status}"
    match answer.status:
        case 401:
            return Held(
                _("HubSpot does not accept the key: it is wrong, was rotated or revoked."),
                _("Make a service key (or use a private-app token) in HubSpot and connect again."),
            )
        case 403:
            return Held(
                _("The HubSpot key may not do this: {said}.").format(said=said),
                _("Give it {scope} in HubSpot, then retry.").format(
                    scope=_scopes(body) or _("the scope it lacks")
                ),
            )
        case 404:
            return Gone(
                _("HubSpot has no such record: {said}.").format(said=said),
                _("It was deleted or merged; retry to look for it again."),
            )
        case 409:
            found = _EXISTING.search(said)
            return Exists(
                _("Another record in HubSpot holds this value: {said}.").format(said=said),
                found[1] if found else None,
            )
        case 423:
            return TryLater(
                _("HubSpot has locked the record for a moment."), _("PQLDesk tries again by itself.")
            )
        case 477:
            return RateLimited(
                _("HubSpot is moving this account to another data centre."),
                _("PQLDesk goes on by itself; nothing is lost."),
                retry_after_s=retry_after_s(answer.headers, default=60.0),
            )
    codes = {str(each.get("code")) for each in body.get("errors") or () if isinstance(each, dict)}
    if "DUPLICATE_VALUE" in codes:
        return Exists(_("Another record in HubSpot holds this value: {said}.").format(said=said), None)
    if codes & _DRIFT:
        return Held(
            _("HubSpot does not take something the mapping names: {said}.").format(said=said),
            _("Restore it there or connect again to map anew, then retry."),
        )
    return Refused(
        _("HubSpot refused ({status}): {said}.").format(status=answer.status, said=said),
        _("Correct it, then retry."),
    )


def _said(body: dict[str, Any]) -> str:
    found = [str(body.get("message") or "").strip().rstrip(".")]
    for error in body.get("errors") or ():
        if isinstance(error, dict):
            text = str(error.get("message") or "").strip().rstrip(".")
            found += [text] if text and text not in found[0] else []
    return "; ".join(part for part in found if part)[:400]


def _scopes(body: dict[str, Any]) -> str:
    """The scopes that the refused request needs, where HubSpot names them."""
    contexts = [body.get("context"), *(each.get("context") for each in body.get("errors") or ())]
    names = [
        name
        for context in contexts
        if isinstance(context, dict)
        for key in ("missingScopes", "requiredGranularScopes")
        for name in context.get(key) or ()
    ]
    return ", ".join(dict.fromkeys(map(str, names)))


def explain_token(answer: Answer) -> RemoteProblem:
    """Why no token was given for the sign-in."""
    body = answer.body if isinstance(answer.body, dict) else {}
    said = body.get("error_description") or body.get("message") or body.get("error")
    return explain_refused("HubSpot", "hubspot", str(said or f"answered {answer.status}").rstrip("."))
