"""What a portal's refusals mean: its sender knows ``errors`` and ``error_attribute_map``."""

from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer


def explain(answer: Answer) -> RemoteProblem:
    """A refusal as a problem. 402 and 403 are its way of saying that the caller is not let in."""
    said = _said(answer.body) or f"answered {answer.status}"
    match answer.status:
        case 401 | 402 | 403:
            return Held(
                _("Customer portal does not accept the admin token: {said}.").format(said=said),
                _("Connect it again with its token."),
            )
        case 404:
            return Held(
                _("Customer portal has nothing at {path}: {said}.").format(path=answer.path, said=said),
                _("Check its address, or which paths its version knows, then retry."),
            )
        case 413:
            return Refused(_("Customer portal says the form is too large."), _("Cancel it."))
    return Refused(
        _("Customer portal refused ({status}): {said}.").format(status=answer.status, said=said),
        _("Correct it there, then retry."),
    )


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    fields = body.get("error_attribute_map")
    parts = [str(body.get("errors") or body.get("error") or "").rstrip(".")]
    if isinstance(fields, dict) and fields:
        parts.append(", ".join(f"{name} {' '.join(map(str, why))}" for name, why in fields.items()))
    return " · ".join(part for part in parts if part)[:200]
