"""What Twenty's refusals mean: each status and message as a problem with what to do about it."""

from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import Gone, Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer, retry_after_s

MINUTE_S = 60.0  # how long older servers mean, which say nothing


class Duplicate(Refused):
    """The id or a unique value is taken; Twenty does not say which."""


def stay_away_s(answer: Answer) -> float:
    """How long a 429 asks for: in a header, in the body, or not at all."""
    if answer.headers.get("retry-after"):
        return retry_after_s(answer.headers)
    told = answer.body.get("retryAfterSeconds") if isinstance(answer.body, dict) else None
    return float(told) if isinstance(told, int | float) else MINUTE_S


def explain(answer: Answer) -> RemoteProblem:
    """The problem that an answer of 400 to 499 (but 408, 425 and 429) stands for."""
    said = _said(answer.body) or f"{answer.method} {answer.path} was answered {answer.status}"
    error = str(answer.body.get("error") or "") if isinstance(answer.body, dict) else ""
    match answer.status:
        case 401:
            return Held(
                _("Twenty does not accept the key: {said}.").format(said=said),
                _("Make a new key in Twenty and connect again."),
            )
        case 402:
            return Held(
                _("The plan of this Twenty workspace is used up: {said}.").format(said=said),
                _("Ask its admin, then retry."),
            )
        case 403:
            return Held(
                _("The role of the Twenty key may not do this: {said}.").format(said=said),
                _("Give the role the right to read and write these objects, then retry."),
            )
    if answer.status == 404 or error == "EntityNotFoundError":
        return Gone(
            _("Twenty has no such record: {said}.").format(said=said),
            _("It was deleted or merged; retry to look for it again."),
        )
    if "duplicate entry" in said.casefold():
        return Duplicate(
            _("Twenty has this already: {said}.").format(said=said),
            _("Look at the record there, then retry."),
        )
    if "Foreign key" in said:
        return Gone(
            _("Twenty has no such record: {said}.").format(said=said),
            _("It was deleted; retry to look for it again."),
        )
    if "doesn't have any" in said or "Invalid option" in said:
        return Held(
            _("Twenty does not take something the mapping names: {said}.").format(said=said),
            _("Restore it there or connect again to map anew, then retry."),
        )
    return Refused(
        _("Twenty refused ({status}): {said}.").format(status=answer.status, said=said),
        _("Correct it, then retry."),
    )


def _said(body: Any) -> str:
    messages = body.get("messages") if isinstance(body, dict) else None
    found = [str(each).strip().rstrip(".") for each in messages] if isinstance(messages, list) else []
    return "; ".join(each for each in found if each)[:400]
