"""What the account's people do, by admin orders, and all that is stored."""

from collections.abc import Callable, Mapping
from typing import Any

from pqldesk.sandbox.double import set_switches
from pqldesk.sandbox.hubspot import records
from pqldesk.sandbox.hubspot.portal import VERSIONS, Portal

Order = Mapping[str, Any]


def dump(portal: Portal) -> dict[str, Any]:
    """In the words of the other doubles: companies, people, deals, entries by list, tasks, notes."""
    owners = {each["id"]: each["email"] for each in portal.owners}
    stages = {each["id"]: each["label"] for each in portal.stages}
    linked: dict[tuple[str, str], dict[str, dict[int, None]]] = {}
    for from_kind, from_id, to_kind, to_id, _type in portal.links:
        linked.setdefault((from_kind, from_id), {}).setdefault(to_kind, {})[int(to_id)] = None

    def rows(kind: str) -> list[dict[str, Any]]:
        found = []
        for record in portal.of(kind).values():
            if record["archived"]:
                continue
            row = {"id": record["id"], **record["properties"]}
            row["owner"] = owners.get(row.get("hubspot_owner_id", ""))
            row["stage"] = stages.get(row.get("dealstage", ""))
            for to_kind, others in linked.get((kind, record["id"]), {}).items():
                row[f"linked_{to_kind}"] = list(others)
            found.append(row)
        return found

    return {
        "companies": rows("companies"),
        "people": rows("contacts"),
        "deals": rows("deals"),
        "entries": {
            row["name"]: [{"recordId": each} for each in portal.members[list_id]]
            for list_id, row in portal.lists.items()
        },
        "tasks": rows("tasks"),
        "notes": rows("notes"),
        "members": [{"email": each["email"], "archived": each["archived"]} for each in portal.owners],
    }


def _switch(portal: Portal, order: Order) -> None:
    set_switches(portal.switches, order)


def _revoke(portal: Portal, order: Order) -> None:
    portal.switches.key_active = False


def _revoke_sign_ins(portal: Portal, order: Order) -> None:
    portal.consents.revoke()
    portal.sessions.clear()


def _grant_only(portal: Portal, order: Order) -> None:
    portal.consents.granted = order["scopes"]


def _remove_property(portal: Portal, order: Order) -> None:
    del portal.properties[order["object"]][order["property"]]


# What a colleague does in the browser, under the same rules as the API


def _change_record(portal: Portal, order: Order) -> None:
    record = records.one(portal, order["object"], order["id"], None)
    records.change(portal, order["object"], record, {"properties": order["values"]}, VERSIONS[0])


def _add_record(portal: Portal, order: Order) -> Any:
    body = {"properties": order["values"], "associations": order.get("associations", [])}
    return {"id": records.create(portal, order["object"], body, VERSIONS[0])["id"]}


def _archive_record(portal: Portal, order: Order) -> None:
    records.one(portal, order["object"], order["id"], None)["archived"] = True


def _merge_records(portal: Portal, order: Order) -> None:
    records.merge(portal, order["object"], order["stays"], order["goes"])


def _rename(portal: Portal, order: Order) -> None:
    stage = next(each for each in portal.stages if each["label"] == order["title"])
    stage["label"] = order["to"]


def _archive_member(portal: Portal, order: Order) -> None:
    owner = next(each for each in portal.owners if each["email"] == order["member"])
    owner["archived"] = True


def _set_owner(portal: Portal, order: Order) -> None:
    owner = next(each for each in portal.owners if each["email"] == order["member"])
    portal.of(order["object"])[order["id"]]["properties"]["hubspot_owner_id"] = owner["id"]


def _remove_person(portal: Portal, order: Order) -> None:
    portal.of("contacts").pop(order["id"])


ACTIONS: dict[str, Callable[[Portal, Order], Any]] = {
    "switch": _switch,
    "revoke": _revoke,
    "rename_choice": _rename,
    "remove_property": _remove_property,
    "archive_member": _archive_member,
    "set_owner": _set_owner,
    "change_record": _change_record,
    "add_record": _add_record,
    "archive_record": _archive_record,
    "merge_records": _merge_records,
    "revoke_sign_ins": _revoke_sign_ins,
    "grant_only": _grant_only,
    "remove_person": _remove_person,
}
