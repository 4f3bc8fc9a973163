"""Lists of the double of HubSpot: people go on those that are filled by hand."""

from typing import Any

from pqldesk.sandbox.hubspot.portal import ApiError, Portal, add_list, invalid


def served(portal: Portal, method: str, rest: list[str], body: Any) -> tuple[int, Any]:
    """Finding, making and filling lists."""
    match method, rest:
        case "POST", ["search"]:
            wanted = str(body.get("query") or "").casefold()
            kinds = body.get("processingTypes") or ("MANUAL", "SNAPSHOT", "DYNAMIC")
            rows = [
                row
                for row in portal.lists.values()
                if wanted in row["name"].casefold() and row["processingType"] in kinds
            ]
            offset, count = int(body.get("offset", 0)), int(body.get("count", 20))
            page = rows[offset : offset + count]
            more = offset + count < len(rows)
            return 200, {"lists": page, "hasMore": more, "offset": offset + len(page), "total": len(rows)}
        case "POST", []:
            if any(row["name"] == body["name"] for row in portal.lists.values()):
                raise invalid(f"List name {body['name']} is taken", "LIST_NAME_TAKEN")
            portal.revision += 1
            return 200, {"list": add_list(portal, body["name"], body["processingType"])}
        case "PUT", [list_id, "memberships", "add"]:
            row = _list(portal, list_id)
            if row["processingType"] == "DYNAMIC":
                raise invalid("Members of a dynamic list cannot be edited")
            if not isinstance(body, list) or not all(isinstance(each, str) for each in body):
                raise invalid("Invalid input JSON: an array of record ids is needed")
            held = portal.members[list_id]
            missing = [each for each in body if each not in portal.of("contacts")]
            added = [each for each in body if each not in missing and each not in held]
            held += added
            portal.revision += 1
            return 200, {"recordsIdsAdded": added, "recordIdsRemoved": [], "recordIdsMissing": missing}
        case "GET", [list_id, "memberships"]:
            _list(portal, list_id)
            rows = [{"recordId": each} for each in portal.members[list_id]]
            return 200, {"results": rows}
        case "GET", ["records", "0-1", record_id, "memberships"]:
            rows = [{"listId": key} for key, held in portal.members.items() if record_id in held]
            return 200, {"results": rows}
    raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")


def _list(portal: Portal, list_id: str) -> dict[str, Any]:
    found = portal.lists.get(list_id)
    if found is None:
        raise ApiError(404, "OBJECT_NOT_FOUND", f"List {list_id} does not exist.")
    return found
