"""Activities: written once, read late and page by page; requested campaigns; pushed leads."""

import base64
import json
from datetime import datetime
from typing import Any

from pqldesk.sandbox.marketo.instance import (
    NEW_LEAD,
    PUSHED,
    REQUESTED,
    STATUSES,
    CallError,
    Instance,
    RowError,
)
from pqldesk.sandbox.marketo.leads import Row, each_row, rows_of, sync

MOST_BYTES, MOST_LEADS, MOST_TOKENS, PAGE = 65_536, 100, 100, 300
BUILT_IN = {NEW_LEAD: "New Lead", REQUESTED: "Request Campaign", PUSHED: "Push Lead to Marketo"}


def types(instance: Instance) -> list[Row]:
    """Every type there is, ours among them."""
    rows: list[Row] = [
        {
            "id": number,
            "name": name,
            "primaryAttribute": {"name": "Campaign", "dataType": "integer"},
            "attributes": [],
        }
        for number, name in BUILT_IN.items()
    ]
    return rows + [
        {"id": own["id"], "name": own["name"]} for own in instance.types if own["status"] == "approved"
    ]


def add(instance: Instance, body: Any) -> list[Row]:
    """Add custom activities: no key, no second look, what is sent twice is there twice."""
    return each_row(rows_of(body), lambda row: _added(instance, row), "errors")


def _added(instance: Instance, row: Row) -> Row:
    instance.use_some()
    own = next((each for each in instance.types if each["id"] == row.get("activityTypeId")), None)
    if own is None or own["status"] != "approved":
        raise RowError(1013, f"Activity type {row.get('activityTypeId')} not found")
    instance.lead(row.get("leadId"))
    if not row.get("primaryAttributeValue") or not row.get("activityDate"):
        raise RowError(1002, "primaryAttributeValue and activityDate are required")
    datetime.fromisoformat(row["activityDate"])
    if len(row["primaryAttributeValue"]) > 255:
        raise RowError(1003, "primaryAttributeValue is too long")
    known = {each["apiName"]: each for each in own["attributes"]}
    for each in row.get("attributes") or ():
        attribute = known.get(each.get("apiName"))
        if attribute is None:
            raise RowError(1006, f"Attribute '{each.get('apiName')}' not found")
        if attribute["dataType"] == "string" and len(each["value"]) > 255:
            raise RowError(1003, f"Value of '{each['apiName']}' is too long")
    if len(json.dumps(row.get("attributes") or [], ensure_ascii=False).encode()) > MOST_BYTES:
        raise RowError(1049, "Activity attributes exceed 65536 bytes")
    given = {each["apiName"]: each["value"] for each in row.get("attributes") or ()}
    number = instance.happened(row["leadId"], own["id"], None, row["primaryAttributeValue"], **given)
    return {"id": number, "marketoGUID": str(number), "status": "added"}


def paging_token(since: str) -> str:
    """Where reading begins; opaque."""
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise CallError(704, f"Invalid date {since}") from None
    return _token(moment.timestamp(), 0, fresh=True)


def _token(since: float, at: int, *, fresh: bool) -> str:
    return base64.b32encode(json.dumps([since, at, fresh]).encode()).decode()


def page(instance: Instance, query: Any) -> Row:
    """A page of activities: it may be empty and yet not the last."""
    try:
        since, at, fresh = json.loads(base64.b32decode(query.get("nextPageToken", "")))
    except ValueError:
        raise CallError(1003, "Invalid nextPageToken") from None
    kinds = [int(each) for each in query.get("activityTypeIds", "").split(",") if each]
    people = [int(each) for each in query.get("leadIds", "").split(",") if each]
    if not kinds or len(kinds) > 10 or len(people) > 30:
        raise CallError(1003, "activityTypeIds are required, 10 at most; leadIds 30 at most")
    if fresh and instance.switches.empty_pages:
        return {"result": [], "nextPageToken": _token(since, at, fresh=False), "moreResult": True}
    hidden = {"at", "given", *(("id",) if instance.switches.guid_only else ())}
    readable = instance.clock.time() - instance.switches.activity_lag_s
    rows = [
        {key: value for key, value in row.items() if key not in hidden}
        for row in instance.activities
        if row["at"] >= since
        and row["at"] <= readable
        and row["activityTypeId"] in kinds
        and (not people or row["leadId"] in people)
    ]
    shown = rows[at : at + PAGE]
    token = _token(since, at + len(shown), fresh=False)
    return {"result": shown, "nextPageToken": token, "moreResult": at + len(shown) < len(rows)}


def request_campaign(instance: Instance, campaign_id: str, body: Any) -> list[Row]:
    """Run a campaign's flow for each lead: every call runs it again."""
    own = instance.campaigns.get(campaign_id)
    given = (body or {}).get("input") or {}
    leads, tokens = given.get("leads") or [], given.get("tokens") or []
    if own is None:
        raise CallError(1013, f"Campaign {campaign_id} not found")
    if not own["active"]:
        raise CallError(709, f"Campaign {campaign_id} is not active or has no trigger for requests")
    if not leads or len(leads) > MOST_LEADS or len(tokens) > MOST_TOKENS:
        raise CallError(1003, f"1 to {MOST_LEADS} leads, {MOST_TOKENS} tokens at most")
    for each in tokens:
        if not (str(each.get("name", "")).startswith("{{my.") and each["name"].endswith("}}")):
            raise CallError(1003, f"Invalid token {each.get('name')}")
    for each in leads:
        if str(each.get("id")) not in instance.leads:
            raise CallError(1004, f"Lead {each.get('id')} not found")
    shown = {each["name"]: each["value"] for each in tokens}
    for each in leads:
        instance.happened(each["id"], REQUESTED, own["id"], own["name"])
        row = instance.activities[-1]
        row["given"] = shown
        if instance.switches.tokens_shown:
            row["attributes"] = [{"name": name, "value": value} for name, value in shown.items()]
    return [{"id": own["id"]}]


def push(instance: Instance, body: Any, born_by: int) -> list[Row]:
    """Push Lead: an upsert and an activity about the program, which campaigns can listen to."""
    program = next(
        (each for each in instance.programs.values() if each["name"] == body.get("programName")), None
    )
    if program is None:
        raise CallError(1013, f"Program {body.get('programName')} not found")
    rows = sync(instance, {"lookupField": body.get("lookupField", "email"), "input": rows_of(body)}, born_by)
    for row in rows:
        if row["status"] == "skipped":
            if instance.switches.bare_failures:
                del row["status"]
            continue
        instance.happened(row["id"], PUSHED, program["id"], program["name"], Reason=body.get("reason", ""))
        program["members"][str(row["id"])] = body.get("programStatus") or STATUSES[0]
    return rows


def set_status(instance: Instance, program_id: str, body: Any) -> list[Row]:
    """Move members of a program; never backwards."""
    program, status = instance.programs.get(program_id), (body or {}).get("statusName")
    if program is None:
        raise CallError(1013, f"Program {program_id} not found")
    if status not in STATUSES:
        raise CallError(1025, f"Program status '{status}' not found")

    def moved(row: Row) -> Row:
        lead = instance.lead(row.get("leadId"))
        before = program["members"].get(str(lead["id"]))
        if before is not None and STATUSES.index(before) >= STATUSES.index(status):
            raise RowError(1037, "Lead is already in or past this status")
        program["members"][str(lead["id"])] = status
        instance.revision += 1
        return {"leadId": lead["id"], "status": "updated"}

    return each_row(rows_of(body), moved)
