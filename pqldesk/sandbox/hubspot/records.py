"""Records and associations: validation, uniqueness, single and batch calls, search."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pqldesk.sandbox.hubspot.portal import LINKS, ApiError, Portal, Property, Record, invalid

MOST_IN_BATCH = 100
MOST_FOUND = 10_000
NATURAL = {"contacts": "email"}  # unique without being declared so
AUTOMATIC = ("lastmodifieddate", "hs_lastmodifieddate", "createdate")


def known(portal: Portal, kind: str) -> dict[str, Property]:
    """The properties of an object type."""
    found = portal.properties.get(kind)
    if found is None:
        raise ApiError(404, "OBJECT_NOT_FOUND", f"Unable to infer object type from: {kind}")
    return found


def create(portal: Portal, kind: str, body: Any, version: str) -> Record:
    """A new record with its associations; nothing is stored when anything is wrong."""
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise invalid("Invalid input JSON: properties is missing")
    if not isinstance(body.get("associations"), list):
        raise invalid("Invalid input JSON: associations is missing")
    values = checked(portal, kind, body["properties"])
    missing = [p.name for p in known(portal, kind).values() if p.required and not values.get(p.name)]
    if missing:
        raise invalid(f"Error creating {kind}. Some required properties were not set.", "REQUIRED", *missing)
    if kind == "contacts" and not any(values.get(name) for name in ("email", "firstname", "lastname")):
        raise invalid("One of email, firstname or lastname is required to create a contact")
    _rules(portal, kind, values, version)
    _unique(portal, kind, values, None)
    wanted = [_association(portal, kind, each) for each in body["associations"]]
    record_id, now = portal.new_id(), portal.stamp()
    record: Record = {
        "id": record_id,
        "properties": values,
        "createdAt": now,
        "updatedAt": now,
        "archived": False,
        "seen_from": portal.clock.time() + portal.switches.search_lag_s,
    }
    portal.of(kind)[record_id] = record
    for to_kind, to_id, types in wanted:
        for type_id in types:
            link(portal, kind, record_id, to_kind, to_id, type_id)
    if kind == "contacts" and portal.switches.auto_company and "@" in values.get("email", ""):
        _auto_company(portal, record)
    _touch(portal, kind, record)
    return record


def change(portal: Portal, kind: str, record: Record, body: Any, version: str) -> Record:
    """Change properties of a record."""
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise invalid("Invalid input JSON: properties is missing")
    values = checked(portal, kind, body["properties"])
    _rules(portal, kind, {**record["properties"], **values}, version)
    _unique(portal, kind, values, record["id"])
    done = record["properties"].get("hs_task_status") == "COMPLETED"
    record["properties"] |= values
    if kind == "tasks" and not done and values.get("hs_task_status") == "COMPLETED":
        record["properties"]["hs_task_completion_date"] = portal.stamp()
    _touch(portal, kind, record)
    return record


def checked(portal: Portal, kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The values as strings; 400 and nothing written for one that does not fit."""
    found = {}
    for name, value in given.items():
        own = known(portal, kind).get(name)
        if own is None:
            raise invalid(f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST", name)
        if own.read_only:
            raise invalid(
                f'"{name}" is a read only property; its value cannot be set', "READ_ONLY_VALUE", name
            )
        text = "" if value is None else str(value)
        if text:
            _value(portal, own, text)
        found[name] = text.strip().casefold() if name == "email" else text
    return found


def _value(portal: Portal, own: Property, text: str) -> None:
    match own.type:
        case "number":
            try:
                Decimal(text)
            except InvalidOperation:
                raise invalid(f"{text} was not a valid number.", "INVALID_INTEGER", own.name) from None
        case "enumeration":
            for part in text.split(";"):
                if part not in own.options:
                    said = f"{part} was not one of the allowed options: {', '.join(own.options)}"
                    raise invalid(said, "INVALID_OPTION", own.name)
        case "date" | "datetime" if not text.isdecimal():
            try:
                datetime.fromisoformat(text)
            except ValueError:
                raise invalid(f"{text} was not a valid date.", "INVALID_DATE", own.name) from None
    if own.name == "email" and ("@" not in text or " " in text):
        raise invalid(f"Email address {text} is invalid", "INVALID_EMAIL", own.name)
    if own.name == "hubspot_owner_id" and text not in {each["id"] for each in portal.owners}:
        raise invalid(f"Owner {text} does not exist", "INVALID_OWNER_ID", own.name)
    if own.name == "dealstage" and text not in {each["id"] for each in portal.stages}:
        raise invalid(f"{text} is not a valid stage", "INVALID_OPTION", own.name)


def _rules(portal: Portal, kind: str, values: Mapping[str, str], version: str) -> None:
    if not portal.switches.closed_won_needs_date or version < "2026-09" or kind != "deals":
        return
    stage = next((each for each in portal.stages if each["id"] == values.get("dealstage")), None)
    if stage and stage["metadata"]["probability"] == "1.0" and not values.get("closedate"):
        raise invalid("closedate is required in this stage", "REQUIRED", "closedate")


def _unique(portal: Portal, kind: str, values: Mapping[str, str], own_id: str | None) -> None:
    for name, value in values.items():
        if not value or not (known(portal, kind)[name].unique or NATURAL.get(kind) == name):
            continue
        other = by(portal, kind, name, value)
        if other is not None and other["id"] != own_id:
            if NATURAL.get(kind) == name:
                raise ApiError(409, "CONFLICT", f"Contact already exists. Existing ID: {other['id']}")
            raise invalid(f"A record with {name} {value} exists already.", "DUPLICATE_VALUE", name)


def by(portal: Portal, kind: str, name: str, value: str) -> Record | None:
    """The record of a unique value."""
    own = known(portal, kind).get(name)
    if own is None or not (own.unique or NATURAL.get(kind) == name):
        raise invalid(f"{name} is not a unique property of {kind}", "INVALID_ID_PROPERTY", name)
    folded = value.casefold()
    for record in portal.of(kind).values():
        if not record["archived"] and record["properties"].get(name, "").casefold() == folded:
            return record
    return None


def one(portal: Portal, kind: str, record_id: str, id_property: str | None) -> Record:
    """A record by id, or by a unique property."""
    known(portal, kind)
    if id_property and id_property != "hs_object_id":
        found = by(portal, kind, id_property, record_id)
    else:
        found = portal.of(kind).get(portal.merged.get(record_id, record_id))
    if found is None or found["archived"]:
        raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")
    return found


def shown(record: Record, names: Iterable[str]) -> Record:
    """A record as it is answered: only the properties that were named, all of them strings."""
    values = {name: record["properties"].get(name) for name in names if name}
    keys = ("id", "createdAt", "updatedAt", "archived")
    return {**{key: record[key] for key in keys}, "properties": values}


# Batches ----------------------------------------------------------------------------------------------------


def batch(portal: Portal, kind: str, what: str, body: Any, version: str) -> tuple[int, Any]:
    """A batch call; results in another order than asked, failures beside them."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not inputs:
        raise invalid("Invalid input JSON: inputs is missing")
    if len(inputs) > MOST_IN_BATCH:
        raise invalid(f"Batch size exceeds the maximum of {MOST_IN_BATCH}")
    results: list[Record] = []
    errors: list[dict[str, Any]] = []
    for each in inputs:
        try:
            if what != "read" and portal.switches.rows_locked > 0:
                portal.switches.rows_locked -= 1
                raise ApiError(423, "LOCKED", "The record is locked")
            results.append(_batched(portal, kind, what, each, body, version))
        except ApiError as refused:
            context = {"ids": [each.get("id") or each.get("objectWriteTraceId") or ""]}
            errors.append({"errors": [], **refused.body, "context": context, "links": {}})
    random.shuffle(results)
    answer: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": portal.stamp(),
        "completedAt": portal.stamp(),
    }
    if errors:
        answer |= {"numErrors": len(errors), "errors": errors}
    status = 201 if what == "create" else 200
    return (207 if errors and version == "2026-03" else status), answer


def _batched(portal: Portal, kind: str, what: str, each: Any, body: Any, version: str) -> Record:
    named = each.get("idProperty") or body.get("idProperty")
    match what:
        case "read":
            return shown(one(portal, kind, each["id"], named), body.get("properties") or ())
        case "create":
            made = create(portal, kind, each, version)
            return shown(made, made["properties"])
        case "update":
            changed = change(portal, kind, one(portal, kind, each["id"], named), each, version)
            return shown(changed, changed["properties"])
        case "upsert":
            if not named:
                raise invalid("idProperty is required")
            found = by(portal, kind, named, each["id"])
            if found is not None:
                change(portal, kind, found, each, version)
            record = found or create(portal, kind, {**each, "associations": []}, version)
            return {**shown(record, record["properties"]), "new": found is None}
    raise ApiError(404, "OBJECT_NOT_FOUND", f"no batch call {what}")


# Search -----------------------------------------------------------------------------------------------------


def search(portal: Portal, kind: str, body: Any) -> Any:
    """What the index shows: fresh changes come later, filters are joined by AND, groups by OR."""
    groups = body.get("filterGroups") or []
    if len(groups) > 5 or any(len(group["filters"]) > 6 for group in groups):
        raise invalid("Too many filters")
    limit, after = int(body.get("limit", 10)), int(body.get("after") or 0)
    if limit > 200 or after + limit > MOST_FOUND:
        raise invalid("The search reaches beyond its limits")
    for group in groups:
        for each in group["filters"]:
            if each["propertyName"] not in known(portal, kind):
                raise invalid(f"There is no property {each['propertyName']}", "PROPERTY_DOESNT_EXIST")
    sorts = body.get("sorts") or []
    if len(sorts) > 1:
        raise invalid("Only one sort is supported")
    now = portal.clock.time()
    rows = [
        record
        for record in portal.of(kind).values()
        if not record["archived"]
        and record["seen_from"] <= now
        and (not groups or any(all(_meets(record, each) for each in group["filters"]) for group in groups))
    ]
    for sort in sorts:
        name = sort if isinstance(sort, str) else sort["propertyName"]
        down = not isinstance(sort, str) and sort.get("direction") == "DESCENDING"
        rows.sort(key=lambda record: str(record["properties"].get(name) or ""), reverse=down)
    page = [shown(record, body.get("properties") or ()) for record in rows[after : after + limit]]
    answer: dict[str, Any] = {"total": len(rows), "results": page}
    if after + limit < len(rows):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return answer


def _meets(record: Record, wanted: Mapping[str, Any]) -> bool:
    held = str(record["properties"].get(wanted["propertyName"]) or "").casefold()
    value = str(wanted.get("value", "")).casefold()
    match wanted["operator"]:
        case "EQ":
            return held == value
        case "NEQ":
            return held != value
        case "IN":
            return held in [str(each) for each in wanted["values"]]
        case "HAS_PROPERTY":
            return bool(held)
        case "NOT_HAS_PROPERTY":
            return not held
        case "GTE":
            if value.isdecimal() and not held.isdecimal():  # times are compared as milliseconds
                return bool(held) and _millis(held) >= int(value)
            return held >= value
        case "CONTAINS_TOKEN":
            return value in held.split()
    raise invalid(f"Unknown operator {wanted['operator']}")


def _millis(text: str) -> int:
    return int(datetime.fromisoformat(text.upper()).timestamp() * 1000)


def merge(portal: Portal, kind: str, stays: str, goes: str) -> None:
    """What a colleague does in the browser: the one that goes answers under the other's id from now on."""
    kept, gone = one(portal, kind, stays, None), one(portal, kind, goes, None)
    kept["properties"] = {**gone["properties"], **{k: v for k, v in kept["properties"].items() if v}}
    before = str(kept["properties"].get("hs_merged_object_ids") or "")
    kept["properties"]["hs_merged_object_ids"] = ";".join(filter(None, (before, goes)))
    portal.links = [[stays if part == goes else part for part in row] for row in portal.links]
    portal.merged = {old: stays if new == goes else new for old, new in portal.merged.items()} | {goes: stays}
    del portal.of(kind)[goes]
    _touch(portal, kind, kept)


# Associations -----------------------------------------------------------------------------------------------


def link(portal: Portal, kind: str, record_id: str, to_kind: str, to_id: str, type_id: int) -> None:
    """Both directions of an association, with their paired type ids."""
    place = LINKS[kind, to_kind].index(type_id)
    back = LINKS[to_kind, kind]
    rows = [
        [kind, record_id, to_kind, to_id, type_id],
        [to_kind, to_id, kind, record_id, back[min(place, len(back) - 1)]],
    ]
    portal.links += [row for row in rows if row not in portal.links]
    portal.revision += 1


def linked(portal: Portal, kind: str, record_id: str, to_kind: str) -> list[dict[str, Any]]:
    """What a record is associated with, as a batch read answers it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for from_kind, from_id, other_kind, other_id, type_id in portal.links:
        if (from_kind, from_id, other_kind) == (kind, record_id, to_kind):
            row = {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": None}
            found.setdefault(other_id, []).append(row)
    return [{"toObjectId": other, "associationTypes": rows} for other, rows in found.items()]


def types_of(kind: str, to_kind: str, given: Any) -> list[int]:
    """The type ids of a link; a wrong direction is refused."""
    allowed = LINKS.get((kind, to_kind), ())
    found = []
    for each in given if isinstance(given, list) else []:
        if (
            each.get("associationCategory") != "HUBSPOT_DEFINED"
            or each.get("associationTypeId") not in allowed
        ):
            said = f"{each.get('associationTypeId')} is no association from {kind} to {to_kind}"
            raise invalid(said, "INVALID_ASSOCIATION_TYPE")
        found.append(int(each["associationTypeId"]))
    if not found:
        raise invalid("An association needs at least one type")
    return found


def _association(portal: Portal, kind: str, each: Any) -> tuple[str, str, list[int]]:
    to_id = str((each.get("to") or {}).get("id") or "")
    asked = {row.get("associationTypeId") for row in each.get("types") or ()}
    for (from_kind, to_kind), allowed in LINKS.items():
        if from_kind == kind and asked & set(allowed) and to_id in portal.of(to_kind):
            return to_kind, to_id, types_of(kind, to_kind, each["types"])
    raise invalid(f"Association to {to_id} is not possible", "INVALID_ASSOCIATION")


def _auto_company(portal: Portal, contact: Record) -> None:
    domain = contact["properties"]["email"].partition("@")[2]
    found = next(
        (row for row in portal.of("companies").values() if row["properties"].get("domain") == domain), None
    )
    if found is None:
        body = {"properties": {"name": domain, "domain": domain}, "associations": []}
        found = create(portal, "companies", body, "2026-03")
    link(portal, "contacts", contact["id"], "companies", found["id"], 1)


def _touch(portal: Portal, kind: str, record: Record) -> None:
    record["updatedAt"] = portal.stamp()
    for name in AUTOMATIC:
        if name in known(portal, kind):
            record["properties"][name] = record["updatedAt"]
    portal.revision += 1
