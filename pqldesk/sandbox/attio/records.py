"""Records: create, assert, read, change, delete, query, value history, merge."""

from typing import Any

from pqldesk.sandbox.attio.addresses import FREE_MAIL
from pqldesk.sandbox.attio.answers import ApiError, invalid, issue, not_found, value_not_found
from pqldesk.sandbox.attio.bodies import BODY_WRONG, QUERY_WRONG, boolean, data_of, page, wrong_field
from pqldesk.sandbox.attio.calls import Call, refuse_merging
from pqldesk.sandbox.attio.merging import merged
from pqldesk.sandbox.attio.query import queried
from pqldesk.sandbox.attio.store import (
    APPEND,
    CREATE,
    OVERWRITE,
    Mode,
    checked,
    remove,
    unique_key,
    values_of,
    write,
)
from pqldesk.sandbox.attio.values import is_uuid, shown
from pqldesk.sandbox.attio.world import SYSTEM, Record, Target, World


def create(call: Call) -> Any:
    """POST: a new record; taken unique values refuse it."""
    target = call.object()
    values = data_of(call.body, {"values": "object"})["values"]
    given = checked(call.world, target, values)
    record = write(call.world, target, None, given, CREATE, call.actor)
    _link_company(call.world, target, record)
    return {"data": record_shown(call.world, target, record)}


def assert_one(call: Call) -> Any:
    """PUT with ``matching_attribute``: change the record holding the value, or create it."""
    world, target = call.world, call.object()
    slug = call.query.get("matching_attribute")
    if not slug:
        raise invalid(
            QUERY_WRONG, issue(("matching_attribute",), "Required", "invalid_type", received="undefined")
        )
    values = data_of(call.body, {"values": "object"}, strict=True)["values"]
    matching = target.attribute(slug)
    if matching is None:
        raise value_not_found(f'Cannot find attribute with slug/ID "{slug}".')
    if not matching.is_unique:
        message = f'Attribute "{matching.api_slug}" is not unique and cannot be matched on.'
        raise ApiError(400, "matching_attribute_definition_not_unique", message)
    given = checked(world, target, values)
    wanted = next((fields for attribute, fields in given if attribute is matching), [])
    if not wanted:
        raise invalid(BODY_WRONG, issue(("data", "values", matching.api_slug), "Required to match on"))
    held = world.unique.get((target.target_id, matching.api_slug), {})
    found = {held[key] for each in wanted if (key := unique_key(each, matching.type)) in held}
    if len(found) > 1:
        names = ", ".join(sorted(found))
        raise ApiError(
            400, "uniqueness_conflict", f'Values of "{matching.api_slug}" belong to records {names}.'
        )
    record = world.of(target)[found.pop()] if found else None
    if record:
        refuse_merging(world, record.record_id, 400)
    record = write(world, target, record, given, Mode(adds_to=matching.api_slug), call.actor)
    _link_company(world, target, record)
    return {"data": record_shown(world, target, record)}


def read(call: Call) -> Any:
    """GET one record."""
    target = call.object()
    return {"data": record_shown(call.world, target, call.record(target))}


def change(call: Call) -> Any:
    """PATCH adds to multi-value attributes, PUT sets them; attributes not sent stay."""
    target = call.object()
    record = call.record(target)
    values = data_of(call.body, {"values": "object"})["values"]
    given = checked(call.world, target, values)
    mode = APPEND if call.method == "PATCH" else OVERWRITE
    return {
        "data": record_shown(call.world, target, write(call.world, target, record, given, mode, call.actor))
    }


def delete(call: Call) -> Any:
    """DELETE for good, entries included."""
    target = call.object()
    remove(call.world, target, call.record(target))
    return {}


def query(call: Call) -> Any:
    """POST a filter; the page of records it finds."""
    target = call.object()
    found, cost = queried(call.world, target, call.body, call.notes)
    call.headers["x-attio-record-query-score"] = str(cost)
    return {"data": [record_shown(call.world, target, record) for record in found]}


def entries(call: Call) -> Any:
    """GET in which lists a record is."""
    world, target = call.world, call.object()
    record = call.record(target)
    limit, offset = page(call.query, 100, 1000, call.notes)
    found = list(world.entries.get(record.record_id, {}).items())[offset : offset + limit]
    slugs = {each.target_id: each.api_slug for each in world.lists.values()}
    return {
        "data": [
            {
                "list_id": list_id,
                "list_api_slug": slugs[list_id],
                "entry_id": entry_id,
                "created_at": world.records[list_id][entry_id].created_at,
            }
            for entry_id, list_id in found
        ]
    }


def history(call: Call) -> Any:
    """GET the values of one attribute, replaced ones too with ``show_historic``; oldest first."""
    target = call.object() if "object" in call.names else call.list()
    record = call.record(target, "record_id" if "object" in call.names else "entry_id")
    attribute = target.attribute(call.names["attribute"], archived=True)
    if attribute is None:
        raise not_found("attribute", call.names["attribute"])
    limit, offset = page(call.query, 500, 1000, call.notes)
    found = list(values_of(call.world, target, record, attribute))
    if boolean(call.query, "show_historic"):
        found = [*record.history.get(attribute.api_slug, ()), *found]
        found.sort(key=lambda value: str(value["active_from"]))
    rows = found[offset : offset + limit]
    return {"data": [shown(call.world, target, attribute, value) for value in rows]}


def merge(call: Call) -> Any:
    """POST two record ids; both vanish into a new one."""
    world, target = call.world, call.object()
    data = data_of(call.body, {"primary_record_id": "string", "secondary_record_id": "string"})
    pair = [data["primary_record_id"], data["secondary_record_id"]]
    for record_id in pair:
        if not is_uuid(record_id):
            raise wrong_field("primary_record_id", "Expected a UUID")
        if record_id not in world.of(target):
            raise ApiError(404, "value_not_found", f'Could not find record with ID "{record_id}".')
    if pair[0] == pair[1]:
        raise ApiError(400, "self_merge", "A record cannot be merged with itself.")
    return {"data": {"new_record_id": merged(world, target, *pair).record_id}}


def record_shown(world: World, target: Target, record: Record) -> dict[str, Any]:
    """A record as every endpoint shows it: all attributes, empty ones as ``[]``."""
    return {
        "id": {
            "workspace_id": world.workspace_id,
            "object_id": target.target_id,
            "record_id": record.record_id,
        },
        "created_at": record.created_at,
        "web_url": f"https://app.attio.com/{world.slug}/{target.singular.lower()}/{record.record_id}",
        "values": values_shown(world, target, record),
    }


def values_shown(world: World, target: Target, record: Record) -> dict[str, Any]:
    """All current values by slug."""
    return {
        slug: [
            shown(world, target, attribute, value) for value in values_of(world, target, record, attribute)
        ]
        for slug, attribute in target.attributes.items()
        if not attribute.is_archived and attribute.computed != "parent_record"
    }


def _link_company(world: World, target: Target, person: Record) -> None:
    """Match or make the company of a person's first business address, as Attio does by itself."""
    if target.api_slug != "people" or not world.switches.auto_company or person.values.get("company"):
        return
    roots = (value["email_root_domain"] for value in person.values.get("email_addresses", ()))
    domain = next((root for root in roots if root not in FREE_MAIL), None)
    if domain is None:
        return
    companies = world.objects["companies"]
    company_id = world.unique.get((companies.target_id, "domains"), {}).get(domain)
    if company_id is None:
        name = domain.partition(".")[0].replace("-", " ").title()
        known = checked(world, companies, {"domains": [domain], "name": name})
        company_id = write(world, companies, None, known, CREATE, SYSTEM).record_id
    link = {"company": [{"target_object": "companies", "target_record_id": company_id}]}
    write(world, target, person, checked(world, target, link), OVERWRITE, SYSTEM)
