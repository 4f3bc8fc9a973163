"""Records of HubSpot as they stand, by our own names: every value there is a string."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pqldesk.services.connectors.hubspot.api import CONTACTS, DEALS, Row
from pqldesk.services.connectors.hubspot.portal import Portal
from pqldesk.services.remote.catalogue import Catalogue, Mapped, RemoteField
from pqldesk.services.remote.seen import COMPANY, DEAL, PERSON, FieldValue, Seen

OWNER = "hubspot_owner_id"
MERGED = "hs_merged_object_ids"


class Reading:
    """Turns records into what they say."""

    def __init__(self, mapped: Mapped, catalogue: Catalogue, portal: Portal) -> None:
        self._portal = portal
        self._members = {each.remote_id: each.email for each in catalogue.members}
        self._person = _by_ours(mapped, catalogue, "person")
        self._deal = _by_ours(mapped, catalogue, "deal")
        self.deal_key = mapped.slug("deal", "pqldesk_id")

    @property
    def person_names(self) -> list[str]:
        """The properties to ask of a contact."""
        usual = ("email", "firstname", "lastname", OWNER)
        return list(dict.fromkeys([*usual, *(each.key for each in self._person.values())]))

    @property
    def deal_names(self) -> list[str]:
        """The properties to ask of a deal."""
        usual = ("dealname", "dealstage", "closedate", OWNER)
        return list(dict.fromkeys([*usual, *(each.key for each in self._deal.values())]))

    def person(self, row: Row) -> Seen:
        """A contact."""
        own = row["properties"]
        values: dict[str, FieldValue | None] = {
            ours: self._value(CONTACTS, field, own.get(field.key)) for ours, field in self._person.items()
        }
        values["name"] = " ".join(filter(None, (own.get("firstname"), own.get("lastname")))) or None
        values["owner"] = self.member(own.get(OWNER))
        emails = (str(own["email"]),) if own.get("email") else ()
        return Seen(PERSON, str(row["id"]), values, emails, **_times(row))

    def company(self, row: Row) -> Seen:
        """A company."""
        own = row["properties"]
        domains = (str(own["domain"]).casefold(),) if own.get("domain") else ()
        return Seen(COMPANY, str(row["id"]), {"name": own.get("name")}, domains, **_times(row))

    def deal(self, row: Row, people: tuple[str, ...] = ()) -> Seen:
        """A deal. A close date that lies ahead is a plan: then it was closed when it was last changed."""
        own, times = row["properties"], _times(row)
        stage = next((each for each in self._portal.stages if each.stage_id == own.get("dealstage")), None)
        outcome = None if stage is None or not stage.closed else "won" if stage.won else "lost"
        closed, changed = moment(own.get("closedate")), times["changed_at"]
        if outcome and changed is not None and (closed is None or closed > changed):
            closed = changed
        value = self._deal.get("value")
        ours = own.get(self.deal_key) if self.deal_key else None
        return Seen(
            DEAL,
            str(row["id"]),
            {
                "name": own.get("dealname"),
                "stage": stage.title if stage else None,
                "value": None if value is None else self._value(DEALS, value, own.get(value.key)),
                "owner": self.member(own.get(OWNER)),
            },
            (str(ours),) if ours else (),
            people,
            None,
            outcome,
            closed if outcome else None,
            **times,
        )

    def member(self, owner_id: Any) -> str | None:
        """The e-mail of an owner."""
        return self._members.get(str(owner_id or ""))

    def _value(self, kind: str, field: RemoteField, text: Any) -> FieldValue | None:
        if text in (None, ""):
            return None
        match field.kind:
            case "currency" | "number":
                try:
                    return Decimal(str(text))
                except InvalidOperation:
                    return str(text)
            case "date":
                found = moment(text)
                return None if found is None else found.date()
            case "timestamp":
                return moment(text)
            case "select":
                labels = {value: label for label, value in self._portal.options[kind, field.key].items()}
                return tuple(labels.get(part, part) for part in str(text).split(";"))
        return str(text)


def moment(text: Any) -> datetime | None:
    """A time as HubSpot writes it: ISO, a date alone, or milliseconds since 1970."""
    if text in (None, ""):
        return None
    if str(text).isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if len(str(text)) == 10:
        day = date.fromisoformat(str(text))
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _times(row: Row) -> dict[str, Any]:
    return {"created_at": moment(row.get("createdAt")), "changed_at": moment(row.get("updatedAt"))}


def _by_ours(mapped: Mapped, catalogue: Catalogue, part: str) -> dict[str, RemoteField]:
    there = {each.key: each for each in catalogue.fields_of(part, mapped)}
    return {ours: there[slug] for ours, slug in mapped.fields.get(part, {}).items() if slug in there}
