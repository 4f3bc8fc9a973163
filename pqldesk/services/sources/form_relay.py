"""Passing forms on: to the customer portal that PQLDesk stands in front of, to Workato, or to another relay.

A form is stored first and queued in the same transaction; delivery is the outbox's, so the sender never waits for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.people import Hop
from pqldesk.models.remote import Connection
from pqldesk.services import settings
from pqldesk.services.calls.gitlab import BUTTON
from pqldesk.services.handoffs.crm_facts import lead_facts
from pqldesk.services.handoffs.crm_groups import Group, Planned, new_code, queue_groups
from pqldesk.services.ingest.forms import KeptForm

FORM: Final = "form"  # the playbook of a group that passes a form on
RELAYS: Final = ("portal", "workato", "relay")
STEPS: Final = {"portal": "portal", "workato": "relay", "relay": "relay"}  # system -> its hop
# The portal knows nothing of the button's own path.
_AS: Final = {BUTTON: "/leads/gitlab_com/hand_raises"}
_OURS: Final = frozenset({"cta_tracking", "page", "button_text", "path"})
LIVE: Final = frozenset({"/trials/self_managed/ultimates"})  # its sender gets the portal's own answer


def form_relays(session: Session) -> tuple[str, ...]:
    """The connected systems that get every form, as the setting ``relay_forms`` says."""
    wanted = {name.strip() for name in settings.value(session, "relay_forms").split(",")}
    connected = set(session.scalars(select(Connection.system).where(Connection.system.in_(RELAYS))))
    return tuple(name for name in RELAYS if name in wanted and name in connected)


def queue_forms(session: Session, forms: Sequence[KeptForm], at: datetime) -> None:
    """Queue each form once for each relay, with a hop that waits."""
    systems = form_relays(session) if forms else ()
    if not systems:
        return
    facts = lead_facts(session, {form.lead_id for form in forms}, at)
    for system in systems:
        ours = [form for form in forms if form.email and form.lead_id in facts and _is_for(system, form)]
        groups = [
            Group(
                facts[form.lead_id], FORM, f"{FORM}:{system}:{form.submission_id}", (_item(form, system),), {}
            )
            for form in ours
        ]
        queue_groups(session, system, groups, "intake", at)
        hops = [
            Hop(submission_id=one.submission_id, step=STEPS[system], status="pending", at=at) for one in ours
        ]
        session.add_all(hops)


def _is_for(system: str, form: KeptForm) -> bool:
    return system != "portal" or form.raw.get("path") not in LIVE


def _item(form: KeptForm, system: str) -> Planned:
    path = str(form.raw.get("path", ""))
    body = {name: value for name, value in form.raw.items() if name != "path"}
    if system == "portal" and path == BUTTON:
        body = {name: value for name, value in body.items() if name not in _OURS}
        body |= {
            "provider": body.get("provider") or "gitlab",
            "glm_source": body.get("glm_source") or "gitlab.com",
        }
    sent = {"method": "POST", "path": _AS.get(path, path), "body": body}
    return Planned(
        "relay",
        {"form": sent, "lead_kind": form.kind, "email": form.email, "submission": form.submission_id,
         "received_at": micros(form.received_at)},
        new_code(),
    )  # fmt: skip
