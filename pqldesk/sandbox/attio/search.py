"""Type-ahead search over records. Its index lags behind what is stored, as the real one does."""

from typing import Any

from pqldesk.sandbox.attio.answers import invalid, issue, value_not_found
from pqldesk.sandbox.attio.bodies import BODY_WRONG, check_keys, page
from pqldesk.sandbox.attio.calls import Call
from pqldesk.sandbox.attio.store import searchable
from pqldesk.sandbox.attio.world import Record, Target, World

REQUIRED = {"query": "string", "objects": "array", "request_as": "object"}
LONGEST = 256


def search(call: Call) -> Any:
    """POST a text; up to 25 records in whose indexed text every word begins somewhere."""
    world, body = call.world, call.body
    if not isinstance(body, dict):
        raise invalid(BODY_WRONG, issue((), "Expected object", "invalid_type", expected="object"))
    check_keys(body, (), REQUIRED, {"limit": "integer"})
    if len(body["query"]) > LONGEST or not body["objects"]:
        raise invalid(BODY_WRONG, issue(("query",), f"Expected at most {LONGEST} characters and one object"))
    _check_asker(world, body["request_as"])
    limit, _ = page({"limit": body.get("limit")}, 25, 25, call.notes)
    targets = []
    for slug in body["objects"]:
        target = next((t for t in world.objects.values() if slug in (t.api_slug, t.target_id)), None)
        if target is None:
            raise value_not_found(f'Could not find object "{slug}".')
        targets.append(target)
    words = body["query"].lower().split()
    found = [
        row_shown(world, target, record)
        for target in targets
        for record in world.of(target).values()
        if (text := indexed_text(world, record)) is not None and all(word in text for word in words)
    ]
    return {"data": found[:limit]}


def indexed_text(world: World, record: Record) -> str | None:
    """What the index knows: until the delay is over the text from before the last change, None if there was none."""
    changed = world.touched.get(record.record_id)
    if changed and world.clock.time() - changed[0] < world.switches.search_delay_s:
        return changed[1] or None
    return searchable(record)


def row_shown(world: World, target: Target, record: Record) -> dict[str, Any]:
    """One hit."""
    name = (record.values.get("name") or [{}])[0]
    emails = [value["email_address"] for value in record.values.get("email_addresses", ())]
    domains = [value["domain"] for value in record.values.get("domains", ())]
    row: dict[str, Any] = {
        "id": {
            "workspace_id": world.workspace_id,
            "object_id": target.target_id,
            "record_id": record.record_id,
        },
        "object_slug": target.api_slug,
        "record_text": name.get("full_name") or name.get("value") or (emails + domains + [""])[0],
        "record_image": None,
    }
    if target.api_slug == "people":
        phones = record.values.get("phone_numbers", ())
        row |= {"email_addresses": emails, "phone_numbers": [value["phone_number"] for value in phones]}
    elif target.api_slug == "companies":
        row["domains"] = domains
    return row


def _check_asker(world: World, asker: dict[str, Any]) -> None:
    match asker.get("type"):
        case "workspace":
            return
        case "workspace-member":
            named = asker.get("email_address") or asker.get("workspace_member_id") or ""
            if world.member(str(named)) is None:
                raise value_not_found(f'Could not find workspace member "{named}".')
        case _:
            raise invalid(BODY_WRONG, issue(("request_as", "type"), "Expected workspace or workspace-member"))
