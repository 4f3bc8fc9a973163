"""What a relay's refusals mean. Their owners define the answers; only the status is sure."""

from collections.abc import Callable
from typing import Any

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
                    f"{title} does not accept the secret: {said}.", "Ask its owner for one and connect again."
                )
            case 403:
                return Held(
                    f"{title} does not let this client in: {said}.",
                    "Ask its owner about the access policy and allowed addresses, then retry.",
                )
            case 404:
                return Held(
                    f"{title} has no endpoint at this address, or its recipe is stopped: {said}.",
                    "Start the recipe or connect again with its address, then retry.",
                )
            case 409:
                return HasIt(f"{title} has this delivery already: {said}.", "Nothing is to be done.")
            case 413:
                return Refused(f"{title} says the delivery is too large.", "Shorten the note, then retry.")
        return Refused(f"{title} refused ({answer.status}): {said}.", "Correct it, then retry.")

    return told


def explain_token(title: str) -> Callable[[Answer], RemoteProblem]:
    """Why no token was given."""

    def told(answer: Answer) -> RemoteProblem:
        said = _said(answer.body) or f"answered {answer.status}"
        return Held(
            f"{title} gives no token: {said}.", "Check client id and client secret, then connect again."
        )

    return told


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    for name in ("error_description", "message", "error", "errors"):
        if body.get(name):
            return str(body[name])[:SHOWN].rstrip(".")
    return ""
