"""The body of a delivery: flat, snake_case, strings and numbers only, which recipes map best."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.remote.crm import FormStep, RelayStep
from pqldesk.services.remote.values import number, stamp

SCHEMA, FORM_SCHEMA = "pqldesk.lead.v1", "pqldesk.form.v1"


def body_of(step: RelayStep, environment: str) -> dict[str, Any]:
    """Everything the CRM behind the relay may want to write; what is not known is left out."""
    body: dict[str, Any] = {
        "event_id": step.event_id,
        "schema": SCHEMA,
        "event": f"pql.{step.playbook}",
        "environment": environment,
        "occurred_at": stamp(step.occurred_at),
        "email": step.email,
        "first_name": step.first_name,
        "last_name": step.last_name,
        "company_name": step.company,
        "company_domain": step.domain,
        "source_lead_id": step.lead_id,
        "owner_email": step.owner,
        **step.values,
        **step.extra,
    }
    return {name: _plain(value) for name, value in body.items() if value not in (None, "", ())}


def form_body(step: FormStep, environment: str) -> dict[str, Any]:
    """A form under the names it came with, its root key taken off; what holds no single value is left out."""
    inner: Any = next((step.body[root] for root in ("trial_user", "trial", "lead") if root in step.body), {})
    said = {**step.body, **(inner if isinstance(inner, dict) else {})}
    flat = {
        name: value for name, value in said.items() if isinstance(value, str | int | float) and value != ""
    }
    return {
        **flat,
        "event_id": step.event_id,
        "schema": FORM_SCHEMA,
        "lead_type": step.kind,
        "environment": environment,
        "occurred_at": stamp(step.received_at),
        "email": step.email,
    }


def _plain(value: Any) -> str | int | float:
    match value:
        case tuple() | list():
            return ", ".join(str(each) for each in value)
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return number(value)
        case int() | float():
            return value
    return str(value)
