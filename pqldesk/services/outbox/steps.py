"""An outbox item as a step for its CRM, with what the lead is like now."""

from decimal import Decimal

from pqldesk.models.base import moment
from pqldesk.models.ids import LEAD, public_id
from pqldesk.services.basics.texts import _
from pqldesk.services.handoffs.note import MILESTONE_NOTE_TITLE, marked
from pqldesk.services.handoffs.preflight import assignee_of
from pqldesk.services.outbox.claims import Item, Job
from pqldesk.services.remote.catalogue import Mapped
from pqldesk.services.remote.crm import (
    CompanyStep,
    DealStep,
    FieldStep,
    FieldValue,
    FormStep,
    ListStep,
    NoteStep,
    PersonStep,
    RelayStep,
    Step,
    TaskStep,
)
from pqldesk.services.remote.problems import Held


def step_of(job: Job, item: Item, mapped: Mapped) -> Step:
    """What to send for *item*. Raises Held where something it needs is not in the CRM."""
    facts, payload = job.facts, item.payload
    match item.kind:
        case "company":
            return CompanyStep(payload["domain"], payload["name"], known_id=job.company_id)
        case "person":
            values = facts.chosen(payload.get("fields", ()))
            return PersonStep(
                payload["email"],
                facts.first_name,
                facts.last_name,
                facts.full_name,
                job.company_id,
                values,
                facts.company or "",
                payload.get("adopt"),
                job.person_id,
            )
        case "list_entry":
            claimed_at = payload.get("claimed_at")
            return ListStep(
                payload["list"],
                _person(job),
                facts.chosen(["score"]),
                payload.get("claimed_by"),
                None if claimed_at is None else moment(claimed_at),
            )
        case "deal":
            return DealStep(
                key=job.deal_key,
                name=payload["name"],
                stage=payload["stage"],
                value=None if payload.get("value") is None else Decimal(payload["value"]),
                owner=_somebody(job, item, "owner"),
                person_id=_person(job),
                company_id=job.company_id,
                advance=bool(payload.get("advance")),
                known_id=payload.get("adopt") or job.deal_id,
                first_stage=mapped.stages.get("product_qualified"),
                sent_before=item.unknown,
                since=item.created_at,
                currency=payload.get("currency"),
            )
        case "task":
            due = payload.get("due_at")
            return TaskStep(
                marked(item.code),
                payload["content"],
                None if due is None else moment(due),
                _somebody(job, item, "assignee"),
                _person(job),
                job.deal_id,
                item.created_at,
                payload.get("adopt"),
            )
        case "note":
            # A milestone is a fact about the person; only what sales is handed belongs to the deal.
            deal_id = None if payload["title"] == MILESTONE_NOTE_TITLE else job.deal_id
            text = payload["text"]
            return NoteStep(marked(item.code), payload["title"], text, _person(job), deal_id, item.created_at)
        case "field":
            return FieldStep(payload["of"], _record(job, payload["of"]), {payload["field"]: payload["value"]})
        case "relay" if "form" in payload:
            form = payload["form"]
            return FormStep(
                item.code, payload["lead_kind"], form["method"], form["path"], form["body"], payload["email"],
                moment(payload["received_at"]), bool(payload.get("adopt")),
            )  # fmt: skip
        case "relay":
            return _delivery(job, item)
        case _:
            raise Held(_("PQLDesk cannot write a {kind} to a CRM.").format(kind=item.kind), _("Cancel it."))


def _delivery(job: Job, item: Item) -> RelayStep:
    """All of a group in one: what was decided, and the lead as it is now."""
    facts, payload = job.facts, item.payload
    deal, task, note = (payload.get(key) or {} for key in ("deal", "task", "note"))
    owner = deal.get("owner") or task.get("assignee") or payload.get("claimed_by")
    due = task.get("due_at")
    extra: dict[str, FieldValue | None] = {
        "deal_name": deal.get("name"),
        "deal_stage": deal.get("stage"),
        "deal_value": None if deal.get("value") is None else Decimal(deal["value"]),
        "deal_currency": deal.get("currency") if deal.get("value") is not None else None,
        "task": task.get("content"),
        "requested_task_due": None if due is None else moment(due),
        "comment": note.get("text"),
        "list_name": tuple(payload.get("lists", ())),
    }
    return RelayStep(
        event_id=item.code,
        playbook=payload["playbook"],
        occurred_at=item.created_at,
        lead_id=public_id(LEAD, facts.lead_id),
        email=payload["email"],
        first_name=facts.first_name,
        last_name=facts.last_name,
        company=facts.company or "",
        domain=facts.domain or "",
        owner=owner or job.assignee or facts.owner or job.default_owner,
        values=facts.chosen(payload["fields"]),
        extra={name: value for name, value in extra.items() if value is not None},
    )


def person_step(job: Job) -> PersonStep | None:
    """The person alone, to find out under which id they stand now."""
    facts = job.facts
    return PersonStep(facts.email, "", "", "", None) if facts.email else None


def _record(job: Job, kind: str) -> str:
    found = {"person": job.person_id, "company": job.company_id}.get(kind, job.deal_id)
    if found is None:
        raise Held(
            _("The {kind} of {lead} is not in the CRM.").format(kind=kind, lead=job.facts.name),
            _("Cancel it."),
        )
    return found


def _person(job: Job) -> str:
    if job.person_id is None:
        raise Held(
            _("{lead} is not in the CRM: the item that writes the person was cancelled.").format(
                lead=job.facts.name
            ),
            _("Hand the lead off again."),
        )
    return job.person_id


def _somebody(job: Job, item: Item, key: str) -> str:
    who = assignee_of(item.payload, key, job.assignee or job.facts.owner, job.default_owner)
    if who is None:
        raise Held(
            _("Nobody is named for the {kind}.").format(kind=item.kind),
            _("Claim the lead or use --assign, then retry."),
        )
    return who
