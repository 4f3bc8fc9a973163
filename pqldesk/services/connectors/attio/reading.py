"""Records of Attio as they stand, by our own names."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, FieldValue, Seen

Record = dict[str, Any]
OBJECTS = {PERSON: "people", COMPANY: "companies", DEAL: "deals"}
WON, LOST = "won", "lost"  # how the titles of closing stages begin; Attio marks them in no other way


class Reading:
    """Turns records into what they say."""

    def __init__(self, mapped: Mapped, catalogue: Catalogue) -> None:
        self._mapped = mapped
        self._members = {each.remote_id: each.email for each in catalogue.members}
        self._person = _by_ours(mapped, catalogue, "person")
        self._deal = _by_ours(mapped, catalogue, "deal")

    def seen(self, kind: str, record: Record) -> Seen:
        """The record of an object."""
        read = {PERSON: self.person, COMPANY: self.company, DEAL: self.deal}
        return read[kind](record)

    def person(self, record: Record) -> Seen:
        """A person. Attio's people have no owner: who has claimed one stands on the list entry."""
        company = _first(record, "company", "target_record_id")
        values: dict[str, FieldValue | None] = {
            name: self._value(field, record) for name, field in self._person.items()
        }
        values |= {"name": _first(record, "name", "full_name"), "company": company}
        emails = tuple(str(one["email_address"]) for one in _all(record, "email_addresses"))
        return Seen(PERSON, _id(record), values, emails, company=company, **_common(record))

    def company(self, record: Record) -> Seen:
        """A company."""
        domains = tuple(str(one["domain"]) for one in _all(record, "domains"))
        values = {"name": _first(record, "name", "value")}
        return Seen(COMPANY, _id(record), values, domains, **_common(record))

    def deal(self, record: Record) -> Seen:
        """A deal. Stages have no other mark of being closed than their title."""
        stage = _first(record, "stage", "status", "title")
        told = str(stage or "").casefold()
        outcome = WON if told.startswith(WON) else LOST if told.startswith(LOST) else None
        since = _first(record, "stage", "active_from")
        value = self._deal.get("value")
        amount = None if value is None else self._value(value, record)
        key = self._deal.get("pqldesk_id")
        ours = _first(record, key.key, "value") if key else None
        return Seen(
            DEAL,
            _id(record),
            {
                "name": _first(record, "name", "value"),
                "stage": stage,
                "value": amount,
                "owner": self._members.get(_first(record, "owner", "referenced_actor_id") or ""),
            },
            (str(ours),) if ours else (),
            tuple(str(one["target_record_id"]) for one in _all(record, "associated_people")),
            _first(record, "associated_company", "target_record_id"),
            outcome,
            moment(since) if outcome and since else None,
            **_common(record),
        )

    def member(self, actor: Mapping[str, Any] | None) -> str | None:
        """The e-mail of a workspace member named in a value or an actor."""
        named = actor or {}
        return self._members.get(str(named.get("referenced_actor_id") or named.get("id") or ""))

    def _value(self, field: RemoteField, record: Record) -> FieldValue | None:
        found = [one for each in _all(record, field.key) if (one := self._one(field, each)) is not None]
        if field.multiple or field.kind == "select":
            return tuple(str(one) for one in found) or None
        return found[0] if found else None

    def _one(self, field: RemoteField, value: Mapping[str, Any]) -> FieldValue | None:
        match field.kind:
            case "select":
                return str((value.get("option") or {}).get("title") or "") or None
            case "currency":
                amount = value.get("currency_value")
                return None if amount is None else Decimal(str(amount))
            case "date":
                return date.fromisoformat(value["value"][:10]) if value.get("value") else None
            case "timestamp":
                return moment(value["value"]) if value.get("value") else None
            case "member":
                return self.member(value)
        found: FieldValue | None = value.get("value")
        return found


def moment(text: str) -> datetime:
    """A time of Attio's: with three, six or nine fraction digits, or none."""
    found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _by_ours(mapped: Mapped, catalogue: Catalogue, part: str) -> dict[str, RemoteField]:
    there = {each.key: each for each in catalogue.fields_of(part, mapped)}
    return {ours: there[slug] for ours, slug in mapped.fields.get(part, {}).items() if slug in there}


def _id(record: Record) -> str:
    return str(record["id"]["record_id"])


def _common(record: Record) -> dict[str, Any]:
    return {"created_at": moment(record["created_at"]), "url": record.get("web_url")}


def _all(record: Record, slug: str) -> list[dict[str, Any]]:
    return list(record["values"].get(slug) or ())


def _first(record: Record, slug: str, *path: str) -> Any:
    values = _all(record, slug)
    found: Any = values[0] if values else None
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found
