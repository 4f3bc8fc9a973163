"""What a relay's refusals mean. Their owners define the answers; only the status is sure."""

from collections.abc import Callable
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer

SHOWN = 200  # characters of an answer that are shown


class HasIt(Refused):
    """The relay has accepted this event id already."""


def explain(title: str) -> Callable[[Answer], RemoteProblem]:
    """How the refusals of the relay of that name read."""

    def told(answer: Answer) -> RemoteProblem:
        said = _said(answer.body) or f"answered {answer.status}"
        match answer.status:
            case 401:
                return Held(
                    _("{title} does not accept the secret: {said}.").format(title=title, said=said),
                    _("Ask its owner for one and connect again."),
                )
            case 403:
                return Held(
                    _("{title} does not let this client in: {said}.").format(title=title, said=said),
                    _("Ask its owner about the access policy and allowed addresses, then retry."),
                )
            case 404:
                return Held(
                    _("{title} has no endpoint at this address, or its recipe is stopped: {said}.").format(
                        title=title, said=said
                    ),
                    _("Start the recipe or connect again with its address, then retry."),
                )
            case 409:
                return HasIt(
                    _("{title} has this delivery already: {said}.").format(title=title, said=said),
                    _("Nothing is to be done."),
                )
            case 413:
                return Refused(
                    _("{title} says the delivery is too large.").format(title=title),
                    _("Shorten the note, then retry."),
                )
        return Refused(
            _("{title} refused ({status}): {said}.").format(title=title, status=answer.status, said=said),
            _("Correct it, then retry."),
        )

    return told


def explain_token(title: str) -> Callable[[Answer], RemoteProblem]:
    """Why no token was given."""

    def told(answer: Answer) -> RemoteProblem:
        said = _said(answer.body) or f"answered {answer.status}"
        return Held(
            _("{title} gives no token: {said}.").format(title=title, said=said),
            _("Check client id and client secret, then connect again."),
        )

    return told


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    for name in ("error_description", "message", "error", "errors"):
        if body.get(name):
            return str(body[name])[:SHOWN].rstrip(".")
    return ""
