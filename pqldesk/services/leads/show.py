"""Everything on one lead as JSON: what `show` prints."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.driver import Driver
from pqldesk.models.people import Hop, Identity, Lead, Submission, Trial
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.exact import MILLION, number
from pqldesk.services.basics.texts import n_
from pqldesk.services.history import actions_of
from pqldesk.services.identity.preview import merged_leads
from pqldesk.services.leads.detail import notes_of_lead, score_moves
from pqldesk.services.leads.task_list import tasks_of_lead
from pqldesk.services.outbox_rows import outbox_of_lead
from pqldesk.services.queue.as_of import rows_as_of
from pqldesk.services.queue.find import lead_of
from pqldesk.services.queue.queue import read_rows, reading
from pqldesk.services.queue.row_json import outbox_json, queue_row_json, task_json, trial_row_json
from pqldesk.services.scoring.live import live_model
from pqldesk.services.trials.trials import trial_rows

Json = dict[str, Any]


def shown(
    session: Session, lead: str, at: datetime, known_at: datetime | None = None, *, past: bool = False
) -> Json:
    """The lead with that id, e-mail or key; with *past* its score is worked out for *at*. Raises NotFound."""
    found = lead_of(session, lead)
    if past:
        row = next(row for row, _ in rows_as_of(session, at, known_at, [found.id]))
    else:
        (row,) = read_rows(Driver(session), [found.id], reading(session, at))
    return {
        **queue_row_json(row),
        "job_title": found.job_title,
        "phone": found.phone,
        "country": found.country,
        "region": found.region,
        "plan": found.plan,
        "signup_at": iso(found.signup_at),
        "outcome": found.outcome,
        "outcome_at": iso(found.outcome_at),
        "excluded": found.excluded,
        "known_qualified_at": iso(found.known_qualified_at),
        "state_until": iso(found.state_until),
        "state_reason": found.state_reason,
        "claimed_at": iso(found.claimed_at),
        "lease_until": iso(found.lease_until),
        "identities": _identities(session, found.id),
        "submissions": _submissions(session, found.id),
        "events": _events(session, found.id),
        "trials": [trial_row_json(trial) for trial in trial_rows(session, at, _trials_of(found))],
        "tasks": [task_json(task) for task in tasks_of_lead(session, found.id)],
        "notes": [
            {"note_id": n.note_id, "at": iso(n.at), "author": n.author, "title": n.title, "text": n.text}
            for n in notes_of_lead(session, found.id)
        ],
        "score_moves": _moves(session, found.id),
        "merged": [
            {
                "lead_id": one.lead_id,
                "name": one.name,
                "email": one.email,
                "at": iso(one.at),
                "reason": one.reason,
            }
            for one in merged_leads(session, found.id)
        ],
        "outbox": [outbox_json(item) for item in outbox_of_lead(session, found.id)],
        "history": [
            {"at": iso(a.at), "actor": a.actor, "action": a.name, "detail": a.detail}
            for a in actions_of(session, found.id)
        ],
    }


def titles(session: Session) -> dict[str, str]:
    """What the live signals and the milestones are called, by key."""
    live = live_model(session)
    called = {one.key: one.label for one in live.milestones}
    return called | {signal.key: signal.label for signal in live.model.signals}


def _trials_of(lead: Lead) -> Any:
    own = Trial.lead_id == lead.id
    return own if lead.company_id is None else own | (Trial.company_id == lead.company_id)


def _identities(session: Session, lead_id: int) -> list[Json]:
    rows = session.execute(
        select(Identity.namespace, Identity.value).where(Identity.lead_id == lead_id).order_by(Identity.id)
    )
    return [{"namespace": namespace, "value": value} for namespace, value in rows]


def _submissions(session: Session, lead_id: int) -> list[Json]:
    hops: dict[int, list[Json]] = {}
    for hop in session.scalars(
        select(Hop).join(Submission, Submission.id == Hop.submission_id).where(Submission.lead_id == lead_id)
        .order_by(Hop.at, Hop.id)
    ):  # fmt: skip
        hops.setdefault(hop.submission_id, []).append(
            {
                "step": hop.step,
                "status": hop.status,
                "at": iso(hop.at),
                "remote_id": hop.remote_id,
                "error": hop.error,
            }
        )
    return [
        {
            "kind": one.kind,
            "glm_source": one.glm_source,
            "glm_content": one.glm_content,
            "product_interaction": one.product_interaction,
            "comment": one.comment,
            "received_at": iso(one.received_at),
            "times": one.times,
            "hops": hops.get(one.id, []),
        }
        for one in session.scalars(
            select(Submission)
            .where(Submission.lead_id == lead_id)
            .order_by(Submission.received_at, Submission.id)
        )
    ]


def _moves(session: Session, lead_id: int) -> list[Json]:
    return [
        {
            "at": iso(move.at),
            "old": move.old,
            "new": move.new,
            "cause": move.cause,
            "why": move.words,
            "parts": dict(move.parts),
        }
        for move in score_moves(session, lead_id, live_model(session).model.signals)
    ]


def _events(session: Session, lead_id: int) -> Json:
    by_kind: Json = {}
    total = 0
    for name, n, quantity, first_at, last_at in Driver(session).rows(
        "SELECT k.name, sum(t.n), sum(t.quantity), min(t.first_at), max(t.last_at)"
        " FROM usage_total t JOIN event_kind k ON k.id = t.kind_id"
        " WHERE t.identity_id IN (SELECT id FROM identity WHERE lead_id = ?) GROUP BY k.name ORDER BY k.name",
        (lead_id,),
    ):
        total += int(n)
        by_kind[name] = {
            "count": int(n),
            "quantity": number(int(quantity), MILLION),
            "first_at": iso(moment(first_at)),
            "last_at": iso(moment(last_at)),
        }
    return {"total": total, "by_kind": by_kind}


def shown_text(document: Json, titles: Mapping[str, str]) -> str:
    """The same for people, in a few lines, times to the second. *titles*: what signals and milestones are called."""
    width = max(
        (len(titles.get(key, key)) for key in (*document["signals"], *document["milestones"])), default=0
    )
    email = document["email"]
    named = document["name"] if document["name"] == email else f"{document['name']} <{email or 'no e-mail'}>"
    about = dict.fromkeys((document["job_title"], document["company"], document["domain"]))
    many = document["events"]["total"]
    lines = [
        f"{named}  {document['lead_id']}",
        "  ".join(part for part in about if part),
        f"{document['score']} points, {document['band']}; {document['state']}"
        + (f", {document['owner']}" if document["owner"] else ", nobody's"),
        *(
            f"  {titles.get(key, key):<{width}}  {signal['value']} / {signal['threshold']}  {signal['points']:+}"
            for key, signal in document["signals"].items()
        ),
        f"Activation {document['activation']}%",
        *(
            f"  {titles.get(key, key):<{width}}  {_second(at) or '-'}"
            for key, at in document["milestones"].items()
        ),
        *(
            f"  {_second(move['at'])}  {move['old']} to {move['new']}: {move['why']}"
            for move in reversed(document["score_moves"])
        ),
        n_("{n} event", "{n} events", many),
        *(
            f"  {_second(form['received_at'])}  {form['kind']} {form['glm_content'] or ''}".rstrip()
            + (f": {form['comment']}" if form["comment"] else "")
            for form in document["submissions"]
        ),
        *(
            f"  {_second(line['at'])}  {line['actor']}: {line['action']} {line['detail']}".rstrip()
            for line in document["history"]
        ),
        *(
            f"  task {_second(task['due_at'])}  {task['title']}"
            for task in document["tasks"]
            if not task["done_at"]
        ),
    ]
    return "\n".join(line for line in lines if line)


def _second(text: str | None) -> str:
    return "" if text is None else f"{text[:19]}Z"
