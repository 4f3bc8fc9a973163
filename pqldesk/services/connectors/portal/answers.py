"""What a portal's refusals mean: its sender knows ``errors`` and ``error_attribute_map``."""

from typing import Any

from pqldesk.services.remote.problems import Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer


def explain(answer: Answer) -> RemoteProblem:
    """A refusal as a problem. 402 and 403 are its way of saying that the caller is not let in."""
    said = _said(answer.body) or f"answered {answer.status}"
    match answer.status:
        case 401 | 402 | 403:
            return Held(
                f"Customer portal does not accept the admin token: {said}.",
                "Connect it again with its token.",
            )
        case 404:
            return Held(
                f"Customer portal has nothing at {answer.path}: {said}.",
                "Check its address, or which paths its version knows, then retry.",
            )
        case 413:
            return Refused("Customer portal says the form is too large.", "Cancel it.")
    return Refused(f"Customer portal refused ({answer.status}): {said}.", "Correct it there, then retry.")


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    fields = body.get("error_attribute_map")
    parts = [str(body.get("errors") or body.get("error") or "").rstrip(".")]
    if isinstance(fields, dict) and fields:
        parts.append(", ".join(f"{name} {' '.join(map(str, why))}" for name, why in fields.items()))
    return " · ".join(part for part in parts if part)[:200]
