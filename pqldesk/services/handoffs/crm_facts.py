"""What a CRM is told about a lead, as it is at the moment of asking: a late retry must not restore an old score."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Company, Lead
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, MILLION, number
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.texts import _
from pqldesk.services.remote.crm import FieldValue
from pqldesk.services.scoring.live import LiveModel, live_model
from pqldesk.services.scoring.model import Measure

SIGNUP_FIELDS = ("job_title", "signup_date", "signup_source", "plan_type")
SCORE_FIELDS = ("pql_score", "pql_state", "last_activity_at", "features_activated")
ACTIVATION_FIELDS = ("activation_score", "milestones_completed")
ALL_FIELDS = (*SIGNUP_FIELDS, *SCORE_FIELDS, *ACTIVATION_FIELDS)

_AT_ONCE = 500
# Columns, not objects: loading a Lead costs three times as much, and deliveries read thousands.
_COLUMNS = (
    Lead.id, Lead.name, Lead.first_name, Lead.last_name, Lead.email, Lead.company_id, Lead.company_name, Lead.owner,
    Lead.claimed_at, Lead.score, Lead.activation, Lead.state, Lead.milestones, Lead.signals, Lead.job_title,
    Lead.source, Lead.plan, Lead.last_active_at, Lead.signed_up_at,
)  # fmt: skip


_ROWS = (
    select(*_COLUMNS, Company.name.label("account"), Company.domain.label("account_domain"))
    .outerjoin(Company, Company.id == Lead.company_id)
    .where(Lead.id.in_(bindparam("ids", expanding=True)), Lead.state.not_in(HIDDEN_STATES))
)


class Measured(Protocol):
    """A lead's row, whole or its columns."""

    @property
    def milestones(self) -> Any: ...

    @property
    def signals(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A lead as a CRM sees it. *company_id* is ours; *domain* only of a real company, never of a mail provider."""

    lead_id: int
    name: str
    first_name: str
    last_name: str
    full_name: str
    email: str | None
    company_id: int | None
    company: str | None
    domain: str | None
    owner: str | None
    claimed_at: datetime | None
    values: Mapping[str, FieldValue]
    milestones: Mapping[str, str]  # their labels by key

    @property
    def deal_holder(self) -> tuple[str, int]:
        """Whose deal it is: (kind of link, row number); a lead without a company has a deal of its own."""
        return ("deal", self.company_id) if self.company_id is not None else ("lead_deal", self.lead_id)

    def chosen(self, fields: Iterable[str]) -> dict[str, FieldValue]:
        """The values of *fields* that are known."""
        return {name: self.values[name] for name in fields if name in self.values}


def lead_facts(session: Session, lead_ids: Collection[int], now: datetime) -> dict[int, LeadFacts]:
    """The facts of *lead_ids*, those erased or merged away left out."""
    live, zone = live_model(session), settings.zone(session)
    found = {}
    for chunk in chunks(lead_ids):
        rows = session.execute(_ROWS, {"ids": chunk})
        for row in rows:
            found[row.id] = _facts(row, live, zone, now)
    return found


def chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    """*ids* in lists short enough for one statement."""
    rest = iter(ids)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk


def reached_milestones(lead: Measured, now: datetime) -> dict[str, int]:
    """Milestones reached by now: {key: microseconds}, the first reached first."""
    limit = micros(now)
    reached = [(key, at) for key, at in (lead.milestones or {}).items() if at is not None and at <= limit]
    return dict(sorted(reached, key=lambda pair: (pair[1], pair[0])))


def signal_values(lead: Measured, live: LiveModel) -> list[int]:
    """The stored value of each signal of the live model, in millionths."""
    stored = [pair[0] for pair in lead.signals or ()]
    return stored + [0] * (len(live.model.signals) - len(stored))


def _facts(lead: Any, live: LiveModel, zone: ZoneInfo, now: datetime) -> LeadFacts:
    values: dict[str, FieldValue] = {
        "pql_score": number(lead.score, HUNDRED),
        "score": number(lead.score, HUNDRED),
        "activation_score": lead.activation,
        "pql_state": lead.state,
        "milestones_completed": tuple(reached_milestones(lead, now)),
    }
    for signal, value in zip(live.model.signals, signal_values(lead, live), strict=False):
        if signal.measure is Measure.DISTINCT_KEYS and signal.kind == "feature_activated":
            values["features_activated"] = number(value, MILLION)
    optional: dict[str, FieldValue | None] = {
        "job_title": lead.job_title,
        "signup_source": lead.source,
        "plan_type": lead.plan,
        "last_activity_at": lead.last_active_at,
        "signup_date": lead.signed_up_at.astimezone(zone).date() if lead.signed_up_at else None,
    }
    values |= {name: value for name, value in optional.items() if value is not None}
    first, last, full = _names(lead)
    return LeadFacts(
        lead.id,
        lead.name,
        first,
        last,
        full,
        lead.email,
        lead.company_id,
        lead.account or lead.company_name,
        lead.account_domain,
        lead.owner,
        lead.claimed_at,
        values,
        {one.key: _(one.label) for one in live.milestones},
    )


def _names(lead: Any) -> tuple[str, str, str]:
    """First, last and full name; all empty while we know only the e-mail."""
    first, last = (lead.first_name or "").strip(), (lead.last_name or "").strip()
    if not first and not last and lead.name and "@" not in lead.name:
        first, _, last = lead.name.strip().rpartition(" ")
        if not first:
            first, last = last, ""
    return first, last, f"{first} {last}".strip()
