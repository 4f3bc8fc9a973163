"""Records of Twenty as they stand, by our own names."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pqldesk.services.connectors.twenty.api import DEALS, PEOPLE, Row
from pqldesk.services.connectors.twenty.schema import Schema
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField, folded
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, FieldValue, Seen

# How labels of closing stages begin; Twenty marks them in no other way.
WON, LOST = ("won", "closed_won", "customer"), ("lost", "closed")
MICROS = 1_000_000
_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/:?#\s]+)", re.IGNORECASE)


def outcome_of(stage: str) -> str | None:
    """``won``, ``lost``, or None while a deal in that stage is open."""
    name = folded(stage)
    return "won" if name.startswith(WON) else "lost" if name.startswith(LOST) else None


class Reading:
    """Turns records into what they say."""

    def __init__(self, mapped: Mapped, catalogue: Catalogue, schema: Schema) -> None:
        self._schema = schema
        self._members = {each.remote_id: each.email for each in catalogue.members}
        self._person = _by_ours(mapped, catalogue, "person")
        self._deal = _by_ours(mapped, catalogue, "deal")

    @property
    def person_fields(self) -> list[str]:
        """What to ask of a person."""
        usual = ("name", "emails", "companyId", "createdAt", "updatedAt")
        return list(dict.fromkeys([*usual, *(each.key for each in self._person.values())]))

    @property
    def deal_fields(self) -> list[str]:
        """What to ask of an opportunity."""
        usual = ["name", "stage", "closeDate", "companyId", "pointOfContactId", "createdAt", "updatedAt"]
        if "owner" in self._schema.fields.get(DEALS, ()):
            usual.append("ownerId")
        return list(dict.fromkeys([*usual, *(each.key for each in self._deal.values())]))

    def person(self, row: Row) -> Seen:
        """A person, who has no owner in Twenty."""
        values: dict[str, FieldValue | None] = {
            ours: self._value(PEOPLE, field, row.get(field.key)) for ours, field in self._person.items()
        }
        name = row.get("name") or {}
        values["name"] = " ".join(filter(None, (name.get("firstName"), name.get("lastName")))) or None
        values["company"] = row.get("companyId")
        emails = row.get("emails") or {}
        keys = [emails.get("primaryEmail"), *(emails.get("additionalEmails") or ())]
        return Seen(
            PERSON,
            row["id"],
            values,
            tuple(str(one) for one in keys if one),
            company=row.get("companyId"),
            **_times(row),
        )

    def company(self, row: Row) -> Seen:
        """A company."""
        found = _HOST.match(str((row.get("domainName") or {}).get("primaryLinkUrl") or "").strip())
        domains = (found[1].casefold(),) if found else ()
        return Seen(COMPANY, row["id"], {"name": row.get("name")}, domains, **_times(row))

    def deal(self, row: Row) -> Seen:
        """An opportunity. A close date that lies ahead is a plan: then it was closed when it was last changed."""
        labels = {value: label for label, value in self._schema.options.get((DEALS, "stage"), {}).items()}
        stage = labels.get(row.get("stage") or "", str(row.get("stage") or ""))
        outcome, times = outcome_of(stage), _times(row)
        closed, changed = moment(row.get("closeDate")), times["changed_at"]
        if outcome and changed is not None and (closed is None or closed > changed):
            closed = changed
        value = self._deal.get("value")
        person = row.get("pointOfContactId")
        return Seen(
            DEAL,
            row["id"],
            {
                "name": row.get("name"),
                "stage": stage or None,
                "value": None if value is None else self._value(DEALS, value, row.get(value.key)),
                "owner": self._members.get(str(row.get("ownerId"))),
            },
            (row["id"],),  # PQLDesk chose the id of those it made
            (person,) if person else (),
            row.get("companyId"),
            outcome,
            closed if outcome else None,
            **times,
        )

    def member(self, member_id: Any) -> str | None:
        """The e-mail of a workspace member."""
        return self._members.get(str(member_id or ""))

    def _value(self, plural: str, field: RemoteField, value: Any) -> FieldValue | None:
        if value in (None, "", []):
            return None
        match field.kind:
            case "currency":
                micros = value.get("amountMicros") if isinstance(value, dict) else None
                return None if micros in (None, "") else Decimal(str(micros)) / MICROS
            case "date":
                return date.fromisoformat(str(value)[:10])
            case "timestamp":
                return moment(value)
            case "select":
                options = self._schema.options.get((plural, field.key), {})
                labels = {key: label for label, key in options.items()}
                chosen = value if isinstance(value, list) else [value]
                return tuple(labels.get(one, str(one)) for one in chosen)
            case "number":
                found: FieldValue = value
                return found
        return str(value)


def moment(text: Any) -> datetime | None:
    """A time as Twenty writes it."""
    if not text:
        return None
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _times(row: Row) -> dict[str, Any]:
    return {"created_at": moment(row.get("createdAt")), "changed_at": moment(row.get("updatedAt"))}


def _by_ours(mapped: Mapped, catalogue: Catalogue, part: str) -> dict[str, RemoteField]:
    there = {each.key: each for each in catalogue.fields_of(part, mapped)}
    return {ours: there[slug] for ours, slug in mapped.fields.get(part, {}).items() if slug in there}
