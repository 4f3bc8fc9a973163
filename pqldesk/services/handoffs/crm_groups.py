"""Which outbox items a playbook or a handoff needs, in the order in which they must go out.

A group brings its own prerequisites: company and person first, then the deal, list entries, task and note. Only what
is mapped is queued. Payloads hold what was decided; what the lead is like is read again when an item is sent.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.remote import OutboxItem, RemoteLink
from pqldesk.models.work import Handoff
from pqldesk.services.basics.texts import _, p_
from pqldesk.services.connectors import lacks, relays, title_of
from pqldesk.services.handoffs.crm_facts import (
    ACTIVATION_FIELDS,
    ALL_FIELDS,
    SCORE_FIELDS,
    SIGNUP_FIELDS,
    LeadFacts,
    chunks,
)
from pqldesk.services.handoffs.note import marker
from pqldesk.services.remote.catalogue import LIST_TITLES, Catalogue, Mapped
from pqldesk.services.rows import WriteStep

SIGNUP, QUALIFICATION, MILESTONE, HANDOFF = "signup", "qualification", "milestone", "handoff"
FIELDS_OF = {
    SIGNUP: SIGNUP_FIELDS,
    QUALIFICATION: (*SIGNUP_FIELDS, *SCORE_FIELDS),
    MILESTONE: ACTIVATION_FIELDS,
    HANDOFF: ALL_FIELDS,
}
_DAY = re.compile(r"\d{4}-\d\d-\d\dT")
DEAL_KEY = "_key"  # suffix of the link that holds a deal's unique id, made before the deal itself


@dataclass(frozen=True, slots=True)
class Planned:
    """One item to be: *code* is its marker."""

    kind: str
    payload: dict[str, Any]
    code: str


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one run, and the columns of its Handoff row."""

    facts: LeadFacts
    playbook: str
    run_key: str
    items: tuple[Planned, ...]
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deal:
    """What a deal shall be. *advance*: written also where the deal exists already."""

    name: str
    stage: str
    value: Decimal | None
    currency: str
    advance: bool


def new_code() -> str:
    """The marker of a new item."""
    return marker(next(_keys))


def repeat_codes(seed: str) -> None:
    """From now on this process draws its markers from *seed*: the demo's output repeats exactly."""
    global _keys
    _keys = (hashlib.sha256(f"{seed} {number}".encode()).hexdigest() for number in count())


_keys = (secrets.token_hex(16) for _ in count())


def company_item(facts: LeadFacts) -> Iterable[Planned]:
    """The company, where its domain is known."""
    if facts.domain:
        yield _planned("company", {"domain": facts.domain, "name": facts.company or facts.domain})


def person_item(facts: LeadFacts, playbook: str, mapped: Mapped) -> Planned:
    """The person with the fields that this playbook writes, as far as they are mapped."""
    fields = [name for name in FIELDS_OF[playbook] if mapped.slug("person", name)]
    return _planned("person", {"email": facts.email, "fields": fields})


def list_item(key: str, mapped: Mapped, facts: LeadFacts, *, claimed: bool = False) -> Iterable[Planned]:
    """An entry on one of our lists, where the CRM has it; *claimed* writes who has the lead."""
    if key in mapped.lists:
        payload: dict[str, Any] = {"list": key}
        if claimed and facts.owner and facts.claimed_at:
            payload |= {"claimed_by": facts.owner, "claimed_at": micros(facts.claimed_at)}
        yield _planned("list_entry", payload)


def deal_item(deal: Deal, key: str, owner: str | None, mapped: Mapped) -> Iterable[Planned]:
    """The company's deal, where the CRM has deals."""
    if mapped.deals:
        yield _planned(
            "deal",
            {
                "key": key,
                "name": deal.name,
                "stage": deal.stage,
                "step": next((ours for ours, title in mapped.stages.items() if title == deal.stage), None),
                "value": None if deal.value is None else str(deal.value),
                "currency": deal.currency,
                "owner": owner,
                "advance": deal.advance,
            },
        )


def task_item(code: str, content: str, due_at: datetime | None, assignee: str | None) -> Planned:
    """A task; *content* already ends with the marker."""
    due = None if due_at is None else micros(due_at)
    return Planned("task", {"content": content, "due_at": due, "assignee": assignee}, code)


def note_item(code: str, title: str, text: str) -> Planned:
    """A note; *text* already ends with the marker."""
    return Planned("note", {"title": title, "text": text}, code)


def as_system_takes(
    items: Sequence[Planned], system: str, playbook: str, mapped: Mapped
) -> tuple[Planned, ...]:
    """The items that the system can do, or the one delivery of a relay, under the marker of its note, else its task."""
    if not relays(system):
        lacking = lacks(system, mapped.steps)
        return tuple(_without_claim(item, lacking) for item in items if item.kind not in lacking)
    payload: dict[str, Any] = {"playbook": playbook, "lists": []}
    code = new_code()
    for item in items:
        match item.kind:
            case "person":
                payload |= {"email": item.payload["email"], "fields": item.payload["fields"]}
            case "list_entry":
                payload["lists"].append(item.payload["list"])
                payload |= {key: item.payload[key] for key in ("claimed_by",) if key in item.payload}
            case "deal":
                payload["deal"] = item.payload
            case "task":
                payload["task"], code = item.payload, item.code
            case "note":
                payload["note"], code = item.payload, item.code
    return (Planned("relay", payload, code),)


def _without_claim(item: Planned, lacking: Collection[str]) -> Planned:
    """A list entry says who has the lead only where the system can take it."""
    if item.kind != "list_entry" or "claim" not in lacking:
        return item
    kept = {key: value for key, value in item.payload.items() if not key.startswith("claimed_")}
    return replace(item, payload=kept)


def left_out(system: str, mapped: Mapped) -> tuple[WriteStep, ...]:
    """What a CRM will not be told because it has no place for it, in words."""
    why = _("{crm} has no place for it.").format(crm=title_of(system))
    return tuple(WriteStep(kind, _("Left out"), why) for kind in lacks(system, mapped.steps))


def deal_keys(
    session: Session, system: str, all_facts: Iterable[LeadFacts], now: datetime
) -> dict[tuple[str, int], str]:
    """The unique id of each one's deal, made and stored before the deal: at most one for a company and CRM."""
    holders = list(dict.fromkeys(facts.deal_holder for facts in all_facts))
    found = stored_deal_keys(session, system, holders)
    fresh = {holder: str(uuid4()) for holder in holders if holder not in found}
    if fresh:
        session.execute(
            insert(RemoteLink),
            [
                {"system": system, "kind": kind + DEAL_KEY, "local_id": local_id, "remote_id": key, "at": now}
                for (kind, local_id), key in fresh.items()
            ],
        )
    return found | fresh


def stored_deal_keys(
    session: Session, system: str, holders: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """The unique ids already given."""
    found: dict[tuple[str, int], str] = {}
    for chunk in chunks(local_id for _kind, local_id in holders):
        rows = session.execute(
            select(RemoteLink.kind, RemoteLink.local_id, RemoteLink.remote_id).where(
                RemoteLink.system == system,
                RemoteLink.kind.in_(["deal" + DEAL_KEY, "lead_deal" + DEAL_KEY]),
                RemoteLink.local_id.in_(chunk),
            )
        )
        found |= {(kind.removesuffix(DEAL_KEY), local_id): key for kind, local_id, key in rows}
    return {holder: found[holder] for holder in holders if holder in found}


def queue_groups(session: Session, system: str, groups: Sequence[Group], by: str, now: datetime) -> int:
    """Store groups and their items; returns how many items there are."""
    if not groups:
        return 0
    rows = [
        {
            **dict.fromkeys(
                ("deal_name", "deal_value", "currency", "stage", "assignee", "note", "task", "held")
            ),
            "task_due_at": None,
            "facts": {},
            **group.columns,
            "lead_id": group.facts.lead_id,
            "playbook": group.playbook,
            "run_key": group.run_key,
            "system": system,
            "created_at": now,
            "created_by": by,
        }
        for group in groups
    ]
    ids = session.scalars(insert(Handoff).returning(Handoff.id, sort_by_parameter_order=True), rows).all()
    items = [
        {
            "handoff_id": handoff_id,
            "lead_id": group.facts.lead_id,
            "position": position,
            "system": system,
            "kind": item.kind,
            "state": "pending",
            "payload": item.payload,
            "idempotency_key": item.code,
            "attempts": 0,
            "next_attempt_at": now,
            "created_at": now,
        }
        for handoff_id, group in zip(ids, groups, strict=True)
        for position, item in enumerate(group.items)
    ]
    session.execute(insert(OutboxItem), items)
    return len(items)


def write_steps(
    items: Iterable[Planned],
    facts: LeadFacts,
    mapped: Mapped,
    catalogue: Catalogue,
    default_owner: str,
    before: Mapping[str, Any] | None = None,
) -> tuple[WriteStep, ...]:
    """What the items will write, in words; nobody being named, whoever delivery would choose.

    *before*: what both sides last agreed on, by ``person.job_title``; a value that differs is shown with it.
    """
    steps = []
    before = before or {}
    chosen = facts.owner or default_owner
    titles = {one.key: one.title for one in catalogue.person_fields}
    for item in items:
        what = item.payload
        match item.kind:
            case "company":
                steps.append(
                    WriteStep(
                        "company",
                        what["name"],
                        _("Find by {domain}, create if missing").format(domain=what["domain"]),
                    )
                )
            case "person":
                values = facts.chosen(what["fields"])
                slugs = {name: mapped.slug("person", name) or name for name in values}
                written = [
                    f"{titles.get(slugs[name], slugs[name])}: {_in_words(before.get(f'person.{name}'), name, v, facts)}"
                    for name, v in values.items()
                ]
                update = _("Update {email}").format(email=what["email"])
                steps.append(WriteStep("person", facts.name, " · ".join([update, *written])))
            case "list_entry":
                name = what["list"]
                theirs = catalogue.list_named(mapped.lists.get(name, ""))
                ours, there = LIST_TITLES.get(name, name), theirs.title if theirs else name
                once = _("Add to this list, once")  # else its name would stand there twice
                told = once if ours == there else _("Add once to “{list}”").format(list=there)
                steps.append(WriteStep("list_entry", ours, told))
            case "deal":
                value = ""
                if what["value"] is not None:
                    amount = _changed(before.get("deal.value"), _amount(what["value"]))
                    value = f" · {amount} {what['currency']}"
                owner = what["owner"] or chosen or _("no owner")
                stage = (
                    _changed(before.get("deal.stage"), what["stage"]) if what["advance"] else what["stage"]
                )
                steps.append(WriteStep("deal", what["name"], f"{stage}{value} · {owner}"))
            case "task":
                assignee = what["assignee"] or chosen or _("nobody yet")
                steps.append(WriteStep("task", what["content"], _("For {person}").format(person=assignee)))
            case "relay":
                words = {"deal": _("deal"), "task": _("task"), "note": _("note")}
                parts = ", ".join(word for key, word in words.items() if key in what)
                deliver = _("Deliver {email} once, with {parts}") if parts else _("Deliver {email} once")
                steps.append(WriteStep("relay", facts.name, deliver.format(email=what["email"], parts=parts)))
            case _:
                steps.append(WriteStep("note", what["title"], what["text"].splitlines()[0]))
    return tuple(steps)


def _in_words(agreed: Any, name: str, value: object, facts: LeadFacts) -> str:
    """A field's value as people read it: milestones by their labels; the CRM itself gets the keys."""
    if name != "milestones_completed" or not isinstance(value, tuple):
        return _changed(agreed, _shown(value))

    def labels(keys: Iterable[Any]) -> str:
        return ", ".join(facts.milestones.get(str(key), str(key)) for key in keys)

    if agreed and isinstance(agreed[0], list):
        agreed = [labels(agreed[0])]
    return _changed(agreed, labels(value) or p_("milestones", "none"))


def _changed(agreed: Any, now: str) -> str:
    """``Head of Ops → VP Ops``, or what is written alone where nothing is known of before, or it is the same."""
    old = agreed[0] if agreed else None
    if not old:
        return now
    text = " ".join(old) if isinstance(old, list) else str(old)
    if _DAY.match(text):  # times are shown by their day
        text = text[:10]
    if _option(text) == _option(now):  # an option's title there is a word of ours with underscores
        return text
    return f"{text} → {now}"


def _option(text: str) -> str:
    return text.casefold().replace(" ", "_")


def _amount(stored: str) -> str:
    """``75000``, ``10.50``: without a fraction where the amount is whole."""
    value = Decimal(stored)
    return f"{value:.0f}" if value == value.to_integral_value() else f"{value:.2f}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(part) for part in value) or p_("value", "none")
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def _planned(kind: str, payload: dict[str, Any]) -> Planned:
    return Planned(kind, payload, new_code())
