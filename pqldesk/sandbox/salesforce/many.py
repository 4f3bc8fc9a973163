"""sObject Collections: up to 200 rows in one call, an outcome for each in the order in which they came."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from pqldesk.sandbox.salesforce import rows
from pqldesk.sandbox.salesforce.org import ROBOT, ApiError, Org, Row

MOST_ROWS, MOST_CHUNKS = 200, 10
UNREAD = "JSON_PARSER_ERROR"  # of one row refuses the whole call


def collection(org: Org, method: str, parts: list[str], body: Any, headers: Mapping[str, str]) -> list[Any]:
    """What came of each row; ApiError and nothing stored where the call itself is wrong."""
    records = body.get("records")
    if not isinstance(records, list) or not records or not all(isinstance(each, dict) for each in records):
        raise ApiError(400, UNREAD, "The records are missing")
    if len(records) > MOST_ROWS:
        said = f"record limit reached. cannot submit more than {MOST_ROWS} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", said)
    kinds = [str((each.get("attributes") or {}).get("type") or "") for each in records]
    if not all(kinds):
        raise ApiError(400, "INVALID_INPUT", "Every record needs the attribute type")
    chunks = len(list(groupby(kinds)))
    if chunks > MOST_CHUNKS:
        raise ApiError(
            400, "INVALID_INPUT", f"Cannot have more than {MOST_CHUNKS} chunks in a single operation"
        )
    write = _way(org, method, parts, kinds, headers)
    before = {name: {key: dict(row) for key, row in own.items()} for name, own in org.rows.items()}
    answers: list[dict[str, Any]] = []
    seen: set[str] = set()
    for kind, record in zip(kinds, records, strict=True):
        try:
            org.lock_some()
            answers.append(write(kind, record, seen))
        except ApiError as refused:
            if refused.code == UNREAD:
                org.rows = before
                raise
            first = refused.body[0] if isinstance(refused.body[0], dict) else {}
            # Reported: unlike for a single row, the matches of a duplicate rule are not told.
            error = {
                "statusCode": refused.code,
                "message": first.get("message", ""),
                "fields": first.get("fields", []),
            }
            answers.append({"success": False, "errors": [error]})
    if body.get("allOrNone") and not all(each["success"] for each in answers):
        org.rows = before
        rolled = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Rolled back.", "fields": []}
        return [each if not each["success"] else {"success": False, "errors": [rolled]} for each in answers]
    return answers


def _way(
    org: Org, method: str, parts: list[str], kinds: list[str], headers: Mapping[str, str]
) -> Callable[[str, Row, set[str]], dict[str, Any]]:
    match method, parts:
        case "POST", []:

            def create(kind: str, record: Row, seen: set[str]) -> dict[str, Any]:
                if "id" in record or "Id" in record:
                    raise ApiError(
                        400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call"
                    )
                made = rows.create(org, org.thing(kind), record, headers, org.user(ROBOT))
                return {"id": made["Id"], "success": True, "errors": []}

            return create
        case "PATCH", []:

            def change(kind: str, record: Row, seen: set[str]) -> dict[str, Any]:
                record_id = str(record.get("id") or record.get("Id") or "")
                if not record_id:
                    raise ApiError(400, "MISSING_ARGUMENT", "Id not specified in an update call")
                if record_id in seen:
                    raise ApiError(400, "DUPLICATE_VALUE", f"Duplicate id in list: {record_id}")
                seen.add(record_id)
                found = org.find(record_id)
                if found is None or found[0].name != kind or record_id in org.hidden:
                    raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
                values = {name: value for name, value in record.items() if name.casefold() != "id"}
                rows.change(org, found[0], found[1], values, headers)
                return {"id": found[1]["Id"], "success": True, "errors": []}

            return change
        case "PATCH", [name, field]:
            if set(kinds) != {name}:
                raise ApiError(400, "INVALID_INPUT", f"Every record has to be a {name}")
            known = org.thing(name).fields.get(field)
            if known is None or not known.unique:
                raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")

            def upsert(kind: str, record: Row, seen: set[str]) -> dict[str, Any]:
                if "id" in record or "Id" in record:
                    raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified.")
                key = str(record.get(field) or "")
                if not key:
                    raise ApiError(400, "MISSING_ARGUMENT", f"{field} not specified")
                if key.casefold() in seen:
                    raise ApiError(400, "DUPLICATE_VALUE", f"Duplicate external id specified: {key}")
                seen.add(key.casefold())
                values = {name: value for name, value in record.items() if name != field}
                robot = org.user(ROBOT)
                made, new = rows.upsert(
                    org, org.thing(kind), (field, key), values, headers, robot, only=False
                )
                return {"id": made["Id"], "success": True, "errors": [], "created": new}

            return upsert
    raise ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed.")
