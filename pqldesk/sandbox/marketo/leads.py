"""The rules for leads: four ways to write them, one way to find them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pqldesk.sandbox.marketo.instance import NEW_LEAD, CallError, Instance, Lead, RowError

ACTIONS = ("createOrUpdate", "createOnly", "updateOnly", "createDuplicate")
MOST_ROWS, MOST_MATCHES = 300, 1_000

Row = dict[str, Any]


def rows_of(body: Any) -> list[Any]:
    """The rows of a write. 1003 where there are too many or none."""
    rows = body.get("input") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        raise CallError(1002, "Missing value for required parameter 'input'")
    if len(rows) > MOST_ROWS:
        raise CallError(1003, f"Max {MOST_ROWS} records allowed in one call")
    return rows


def each_row(rows: list[Any], write: Callable[[Any], Row], why: str = "reasons") -> list[Row]:
    """What came of each row, in the order they came in."""
    found = []
    for row in rows:
        try:
            found.append(write(row))
        except RowError as refused:
            reason = {"code": str(refused.code), "message": str(refused)}
            found.append({"status": "skipped", why: [reason]})
    return found


def sync(instance: Instance, body: Any, born_by: int) -> list[Row]:
    """Sync Leads. Leads made after *born_by* were not yet there when the call came in: it does not find them."""
    action, key = body.get("action", "createOrUpdate"), body.get("lookupField", "email")
    rows = rows_of(body)
    if action not in ACTIONS:
        raise CallError(1003, f"Invalid value for 'action': {action}")
    if body.get("asyncProcessing"):
        raise CallError(1003, "the sandbox does not know asyncProcessing")
    if body.get("partitionName") and action not in ("createOrUpdate", "createOnly"):
        raise CallError(1003, "partitionName is not allowed with this action")
    if body.get("partitionName", "Default") != "Default":
        raise CallError(1008, f"Partition {body['partitionName']} does not exist or is not accessible")
    if instance.field_named(key) is None:
        raise CallError(1011, f"Field '{key}' not supported for lookup")
    if key == "id" and action != "updateOnly":
        raise CallError(1003, "id is only allowed with updateOnly")
    return each_row(rows, lambda row: _synced(instance, action, key, row, born_by))


def _synced(instance: Instance, action: str, key: str, row: Row, born_by: int) -> Row:
    instance.use_some()
    if not row.get(key):
        raise RowError(1003, f"Value for lookup field '{key}' is missing")
    if "id" in row and key != "id":
        raise RowError(1003, "id is not allowed here")
    values = checked(instance, {name: value for name, value in row.items() if name != "id"})
    if key == "id":
        found = [instance.lead(row["id"])]
    else:
        folded = str(row[key]).casefold()
        found = [
            lead
            for lead in instance.leads.values()
            if str(lead.get(key) or "").casefold() == folded and lead["born"] <= born_by
        ]
    if action == "createDuplicate":
        found = []
    if action == "createOnly" and found:
        raise RowError(1005, "Lead already exists")
    if action == "updateOnly" and not found:
        raise RowError(1004, "Lead not found")
    if len(found) > 1:
        raise RowError(1007, "Multiple leads match the lookup criteria")
    if instance.switches.company_closed and "company" in values:
        raise RowError(1021, "Company update not allowed")
    instance.revision += 1
    if found:
        found[0].update(values)
        found[0]["updatedAt"] = instance.stamp()
        return {"id": found[0]["id"], "status": "updated"}
    number = instance.new_id()
    fresh: Lead = {
        "id": number,
        "createdAt": instance.stamp(),
        "updatedAt": instance.stamp(),
        "born": instance.revision,
    }
    instance.leads[str(number)] = fresh | values
    instance.happened(number, NEW_LEAD, None, "")
    return {"id": number, "status": "created"}


def checked(instance: Instance, given: Row) -> Row:
    """Values that fit. RowError for the first that does not: nothing of the row is written then."""
    for name, value in given.items():
        own = instance.field_named(name)
        if own is None:
            raise RowError(1006, f"Field '{name}' not found")
        if own["rest"]["readOnly"]:
            raise RowError(1003, f"Field '{name}' is read-only")
        if value is not None and not _fits(own, value):
            raise RowError(1001, f"Invalid value '{value}' for field '{name}'")
    email = given.get("email")
    if email is not None and not (email.isascii() and "@" in email and " " not in email):
        raise RowError(1003, f"Value '{email}' is not valid for email")
    return given


def _fits(own: Row, value: Any) -> bool:
    match own["dataType"]:
        case "integer" | "score":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float" | "currency" | "percent":
            return isinstance(value, int | float)
        case "date":
            return isinstance(value, str) and len(value) == 10 and _is_moment(value)
        case "datetime":
            return isinstance(value, str) and "T" in value and _is_moment(value)
    return isinstance(value, str) and len(value) <= own.get("length", 65_536)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def found_by(instance: Instance, kind: str, values: list[str]) -> list[Lead]:
    """Leads with one of these values in a field that can be searched."""
    own = instance.field_named(kind)
    if own is None or own["dataType"] not in ("email", "string", "integer"):
        raise CallError(1035, f"Filter type '{kind}' is not supported")
    if len(values) > MOST_ROWS:
        raise CallError(1003, f"Max {MOST_ROWS} filter values allowed")
    wanted = {value.casefold() for value in values}
    rows = [lead for lead in instance.leads.values() if str(lead.get(kind, "")).casefold() in wanted]
    if len(rows) > MOST_MATCHES:
        raise CallError(1003, "Too many results match the filter")
    return rows


def shown(instance: Instance, lead: Lead, names: list[str]) -> Row:
    """A lead as it is answered: what was asked for, null where there is nothing."""
    for name in names:
        if instance.field_named(name) is None:
            raise CallError(1006, f"Field '{name}' not found")
    usual = ["id", "email", "firstName", "lastName", "createdAt", "updatedAt"]
    return {name: lead.get(name) for name in dict.fromkeys(["id", *(names or usual)])}
