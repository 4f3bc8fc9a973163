"""Creating, changing and upserting rows: validation, duplicate rules, assignment rules, relations."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pqldesk.sandbox.salesforce.org import ROUTING, ApiError, Org, Row
from pqldesk.sandbox.salesforce.schema import Field, Thing
from pqldesk.sandbox.salesforce.soql import attributes

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ASSIGNED = ("Lead", "Account")  # objects with assignment rules
GUARDED = ("Lead", "Contact")  # objects with a duplicate rule, which looks at both
PAIRS = {
    "CampaignMember": ("CampaignId", "LeadId", "ContactId"),
    "ContentDocumentLink": ("ContentDocumentId", "LinkedEntityId"),
}

Headers = Mapping[str, str]


def create(org: Org, thing: Thing, body: Any, headers: Headers, creator: str) -> Row:
    """A new row; ApiError and nothing stored where a rule is against it."""
    values = _checked(org, thing, body)
    missing = [
        each.name
        for each in thing.fields.values()
        if each.required and each.default is None and values.get(each.name) in (None, "")
    ]
    if missing:
        said = f"Required fields are missing: [{', '.join(missing)}]"
        raise ApiError(400, "REQUIRED_FIELD_MISSING", said, tuple(missing))
    _related(org, thing, values)
    _unique(org, thing, values, None)
    _duplicates(org, thing, values, headers)
    if "OwnerId" in thing.fields:
        values["OwnerId"] = _owner(org, thing, values.get("OwnerId") or creator, headers)
    row = org.store(thing, values)
    _computed(org, thing, row)
    return row


def change(org: Org, thing: Thing, row: Row, body: Any, headers: Headers) -> None:
    """Change a row."""
    values = _checked(org, thing, body)
    if thing.name == "Lead" and row["IsConverted"]:
        raise ApiError(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    if thing.name == "ContentNote" and set(values) - {"Title", "Content"}:
        raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Only Title and Content can be updated.")
    empty = [name for name, value in values.items() if thing.fields[name].required and value in (None, "")]
    if empty:
        said = f"Required fields are missing: [{', '.join(empty)}]"
        raise ApiError(400, "REQUIRED_FIELD_MISSING", said, tuple(empty))
    _related(org, thing, {**row, **values})
    _unique(org, thing, values, row["Id"])
    if "OwnerId" in thing.fields:
        values["OwnerId"] = _owner(org, thing, values.get("OwnerId") or row["OwnerId"], headers)
    row |= values
    row["LastModifiedDate"] = row["SystemModstamp"] = org.stamp()
    _computed(org, thing, row)
    org.revision += 1


def by_key(org: Org, thing: Thing, field: str, value: str) -> Row | None:
    """The row of an external id; 404 for a field that is none, 300 where several rows hold it."""
    known = thing.fields.get(field)
    if known is None or not known.unique:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    rows = [
        row for row in org.of(thing.name).values() if str(row[field] or "").casefold() == value.casefold()
    ]
    if len(rows) > 1:
        refused = ApiError(300, "", "")
        refused.body = [attributes(thing, row)["url"] for row in rows]
        raise refused
    return rows[0] if rows else None


def upsert(
    org: Org, thing: Thing, key: tuple[str, str], body: Any, headers: Headers, creator: str, *, only: bool
) -> tuple[Row, bool]:
    """The row of that external id and whether it is new; *only*: never make one."""
    field, value = key
    row = by_key(org, thing, field, value)
    if isinstance(body, dict) and ({"Id", field} & set(body)):
        said = f"The {field} field should not be specified in the sobject data."
        raise ApiError(400, "INVALID_FIELD", said)
    if row is not None:
        change(org, thing, row, body, headers)
        return row, False
    if only:
        raise ApiError(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible")
    return create(org, thing, {**body, field: value}, headers, creator), True


def _checked(org: Org, thing: Thing, body: Any) -> Row:
    """The body's values, each in the type of its field."""
    if not isinstance(body, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The body has to be an object")
    values: Row = {}
    for name, value in body.items():
        if name == "attributes":
            continue
        known = thing.fields.get(name)
        if known is None:
            said = f"No such column '{name}' on sobject of type {thing.name}"
            raise ApiError(400, "INVALID_FIELD", said, ())
        if not known.writable:
            said = (
                f"Unable to create/update fields: {name}. Please check the security settings of this field."
            )
            raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", said, (name,))
        values[name] = None if value == "" else value
        if value not in (None, ""):
            _value(org, known, value)
    return values


def _value(org: Org, known: Field, value: Any) -> None:
    name = known.name
    numeric = known.type in ("double", "int", "currency", "percent")
    if known.type == "boolean" or numeric:
        fits = isinstance(value, bool) if known.type == "boolean" else (
            isinstance(value, int | float) and not isinstance(value, bool)
        )  # fmt: skip
        if not fits:
            said = f"Cannot deserialize instance of {known.type} from {value!r}"
            raise ApiError(400, "JSON_PARSER_ERROR", said)
        return
    if not isinstance(value, str):
        raise ApiError(
            400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {known.type} from {value!r}"
        )
    if known.length and len(value) > known.length:
        said = f"{known.label}: data value too large: {value[:30]} (max length={known.length})"
        raise ApiError(400, "STRING_TOO_LONG", said, (name,))
    match known.type:
        case "email" if not EMAIL.fullmatch(value):
            said = f"{known.label}: invalid email address: {value}"
            raise ApiError(400, "INVALID_EMAIL_ADDRESS", said, (name,))
        case "picklist" | "multipicklist" if known.restricted or known.type == "multipicklist":
            for part in value.split(";") if known.type == "multipicklist" else [value]:
                if part not in known.options:
                    said = f"{known.label}: bad value for restricted picklist field: {part}"
                    raise ApiError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", said, (name,))
        case "date" | "datetime":
            try:
                date.fromisoformat(value) if known.type == "date" else datetime.fromisoformat(value)
            except ValueError:
                said = f"Cannot deserialize instance of {known.type} from VALUE_STRING value {value}"
                raise ApiError(400, "JSON_PARSER_ERROR", said) from None
        case "base64":
            try:
                base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                said = f"{name}: the value is not base64"
                raise ApiError(400, "JSON_PARSER_ERROR", said) from None
        case "reference" if org.find(value) is None:
            raise ApiError(
                400, "INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {value}", (name,)
            )


def _related(org: Org, thing: Thing, values: Row) -> None:
    if thing.name == "Task" and str(values.get("WhoId") or "").startswith("00Q") and values.get("WhatId"):
        said = "Related To ID: You cannot relate a lead to something else"
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", said, ("WhatId",))
    if thing.name == "CampaignMember" and bool(values.get("LeadId")) == bool(values.get("ContactId")):
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId or ContactId]")


def _unique(org: Org, thing: Thing, values: Row, own_id: str | None) -> None:
    others = [row for row in org.of(thing.name).values() if row["Id"] != own_id]
    for name, value in values.items():
        if thing.fields[name].unique and value is not None:
            for row in others:
                if str(row[name] or "").casefold() == str(value).casefold():
                    said = f"duplicate value found: {name} duplicates value on record with id: {row['Id']}"
                    raise ApiError(400, "DUPLICATE_VALUE", said)
    pair = PAIRS.get(thing.name)
    if pair and own_id is None:
        for row in others:
            if all(row[name] == values.get(name) for name in pair):
                said = f"duplicate value found: already linked by record with id: {row['Id']}"
                raise ApiError(400, "DUPLICATE_VALUE", said)


def _duplicates(org: Org, thing: Thing, values: Row, headers: Headers) -> None:
    switches = org.switches
    if thing.name not in GUARDED or switches.duplicate_mode == "off":
        return
    allowed = "allowsave=true" in headers.get("sforce-duplicate-rule-header", "").casefold().replace(" ", "")
    if switches.duplicate_mode == "alert" and allowed:
        return
    by = ("Email",) if switches.duplicate_by == "email" else ("FirstName", "LastName")
    wanted = [str(values.get(name) or "").casefold() for name in by]
    if not all(wanted):
        return
    seen = [
        (kind, row)
        for kind in GUARDED
        for row in org.of(kind).values()
        if [str(row[name] or "").casefold() for name in by] == wanted and not row.get("IsConverted")
    ]
    if not seen:
        return
    shown = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": attributes(org.things[kind], row), "Id": row["Id"]},
        }
        for kind, row in seen
        if row["Id"] not in org.hidden
    ]
    match = {
        "entityType": thing.name,
        "errors": [],
        "matchRecords": shown,
        "size": len(shown),
        "success": True,
    }
    result = {
        "allowSave": switches.duplicate_mode == "alert",
        "duplicateRule": f"Standard_{thing.name}_Duplicate_Rule",
        "duplicateRuleEntityType": thing.name,
        "errorMessage": "Possible duplicate.",
        "matchResults": [match],
    }
    raise ApiError(400, "DUPLICATES_DETECTED", "Possible duplicate.", duplicateResut=result)


def _owner(org: Org, thing: Thing, wanted: str, headers: Headers) -> str:
    found = org.find(wanted)
    if found is None or found[0].name != "User" or not found[1]["IsActive"]:
        said = "operation performed with inactive user or no user"
        raise ApiError(400, "INACTIVE_OWNER_OR_USER", said, ("OwnerId",))
    if thing.name in ASSIGNED and headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE":
        return org.user(ROUTING)
    return str(found[1]["Id"])


def _computed(org: Org, thing: Thing, row: Row) -> None:
    if thing.name == "Task":
        done = row["Status"] == "Completed"
        if done != bool(row["IsClosed"]):
            row |= {"IsClosed": done, "CompletedDateTime": org.stamp() if done else None}
    if thing.name == "Opportunity":
        row["IsClosed"] = row["StageName"].startswith("Closed")
        row["IsWon"] = row["StageName"] == "Closed Won"
