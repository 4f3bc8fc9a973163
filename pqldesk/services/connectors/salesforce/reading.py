"""Rows of Salesforce as they stand, by our own names."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from pqldesk.services.connectors.salesforce.api import Row
from pqldesk.services.connectors.salesforce.org import Org
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, FieldValue, Seen

_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/:?#\s]+)", re.IGNORECASE)
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


class Reading:
    """Turns rows into what they say. *own_user* is the API's user: what it owns nobody has taken yet."""

    def __init__(self, mapped: Mapped, catalogue: Catalogue, org: Org, own_user: str) -> None:
        self._org = org
        self._members = {m.remote_id: m.email for m in catalogue.members if m.remote_id != own_user}
        self._person = _by_ours(mapped, catalogue, "person")
        self._deal = _by_ours(mapped, catalogue, "deal")
        self.deal_key = mapped.slug("deal", "pqldesk_id")

    def person_fields(self, name: str) -> list[str]:
        """What to ask of a Contact or Lead."""
        known = self._org.fields.get(name, frozenset())
        usual = ["Id", "FirstName", "LastName", "Email", "OwnerId", "CreatedDate", "LastModifiedDate"]
        own = ["AccountId"] if name == "Contact" else ["Company", "IsConverted", "ConvertedContactId"]
        mapped = [field.key for field in self._person.values() if field.key in known]
        return list(dict.fromkeys([*usual, *own, *mapped]))

    def deal_fields(self) -> list[str]:
        """What to ask of an Opportunity."""
        usual = ["Id", "Name", "StageName", "IsClosed", "IsWon", "CloseDate", "OwnerId", "AccountId"]
        mapped = [field.key for field in self._deal.values()]
        return list(dict.fromkeys([*usual, "CreatedDate", "LastModifiedDate", *mapped]))

    def person(self, row: Row, name: str) -> Seen:
        """A Contact or Lead."""
        values: dict[str, FieldValue | None] = {
            ours: decoded(field, row[field.key]) for ours, field in self._person.items() if field.key in row
        }
        values["name"] = " ".join(filter(None, (row.get("FirstName"), row.get("LastName")))) or None
        values["owner"] = self._members.get(str(row.get("OwnerId")))
        if name == "Contact":
            values["company"] = row.get("AccountId")
        emails = (str(row["Email"]),) if row.get("Email") else ()
        return Seen(PERSON, row["Id"], values, emails, company=row.get("AccountId"), **_times(row))

    def company(self, row: Row) -> Seen:
        """An Account."""
        found = _HOST.match(str(row.get("Website") or "").strip())
        domains = (found[1].casefold(),) if found else ()
        return Seen(COMPANY, row["Id"], {"name": row.get("Name")}, domains, **_times(row))

    def deal(self, row: Row, people: tuple[str, ...] = ()) -> Seen:
        """An Opportunity. A close date that lies ahead is a plan: then it was closed when it was last changed."""
        value, times = self._deal.get("value"), _times(row)
        outcome = ("won" if row.get("IsWon") else "lost") if row.get("IsClosed") else None
        closed = None
        if outcome and row.get("CloseDate"):
            closed = datetime.combine(date.fromisoformat(row["CloseDate"]), time(12), UTC)
        changed = times["changed_at"]
        if outcome and changed is not None and (closed is None or closed.date() >= changed.date()):
            closed = changed
        ours = row.get(self.deal_key) if self.deal_key else None
        return Seen(
            DEAL,
            row["Id"],
            {
                "name": row.get("Name"),
                "stage": row.get("StageName"),
                "value": None if value is None else decoded(value, row.get(value.key)),
                "owner": self._members.get(str(row.get("OwnerId"))),
            },
            (str(ours),) if ours else (),
            people,
            row.get("AccountId"),
            outcome,
            closed,
            **times,
        )

    def member(self, user_id: Any) -> str | None:
        """The e-mail of a user."""
        return self._members.get(str(user_id or ""))


def decoded(field: RemoteField, value: Any) -> FieldValue | None:
    """A value of a row in the type of its field."""
    if value in (None, ""):
        return None
    match field.kind:
        case "currency":
            return Decimal(str(value))
        case "date":
            return date.fromisoformat(value)
        case "timestamp":
            return moment(value)
        case "select":
            return tuple(str(value).split(";")) if field.multiple else (str(value),)
        case "number":
            found: FieldValue = value
            return found
    return str(value)


def moment(text: str) -> datetime:
    """``2026-11-20T09:30:00.000+0000``."""
    return datetime.fromisoformat(_ZONE.sub(r"\1:\2", text))


def _times(row: Row) -> dict[str, Any]:
    def of(name: str) -> datetime | None:
        return moment(row[name]) if row.get(name) else None

    return {"created_at": of("CreatedDate"), "changed_at": of("LastModifiedDate")}


def _by_ours(mapped: Mapped, catalogue: Catalogue, part: str) -> dict[str, RemoteField]:
    there = {each.key: each for each in catalogue.fields_of(part, mapped)}
    return {ours: there[slug] for ours, slug in mapped.fields.get(part, {}).items() if slug in there}
