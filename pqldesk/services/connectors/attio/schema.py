"""Reading what a workspace holds, and making the fields PQLDesk suggests."""

import asyncio
from typing import Any

from pqldesk.services.connectors.attio.answers import DealsOff, Taken
from pqldesk.services.remote.catalogue import (
    SALES_QUALIFIED,
    STAGES,
    Catalogue,
    Mapped,
    Member,
    RemoteField,
    RemoteList,
)
from pqldesk.services.remote.problems import Gone
from pqldesk.services.remote.rest import Rest
from pqldesk.services.remote.suggested import FIELDS, LISTS

KINDS = {"actor-reference": "member", "record-reference": "reference"}
TYPES = {"member": "actor-reference"}  # the other way round; all else is called as with us
PAGE = 100


async def discover(rest: Rest) -> Catalogue:
    """Fields, stages, lists and members as they are now."""
    people, deals, lists, members = await asyncio.gather(
        _fields(rest, "/v2/objects/people"),
        _deals(rest),
        _lists(rest),
        rest.read("GET", "/v2/workspace_members"),
    )
    return Catalogue(
        person_fields=people,
        deal_fields=deals,
        stages=next((f.options for f in deals or () if f.key == "stage"), ()),
        lists=lists,
        members=tuple(
            Member(
                remote_id=each["id"]["workspace_member_id"],
                email=each["email_address"],
                name=f"{each.get('first_name') or ''} {each.get('last_name') or ''}".strip(),
                active=each.get("access_level") != "suspended",
            )
            for each in members["data"]
        ),
    )


async def _deals(rest: Rest) -> tuple[RemoteField, ...] | None:
    # Whether a disabled object is listed is not documented: asking for a record is the sure way.
    try:
        await rest.read("POST", "/v2/objects/deals/records/query", body={"limit": 1})
    except (DealsOff, Gone):
        return None
    return await _fields(rest, "/v2/objects/deals")


async def _lists(rest: Rest) -> tuple[RemoteList, ...]:
    found = [
        each
        for each in (await rest.read("GET", "/v2/lists"))["data"]
        if "people" in (each["parent_object"] or ())
    ]
    fields = await asyncio.gather(*(_fields(rest, f"/v2/lists/{each['api_slug']}") for each in found))
    return tuple(
        RemoteList(each["api_slug"], each["name"], own) for each, own in zip(found, fields, strict=True)
    )


async def _fields(rest: Rest, target: str) -> tuple[RemoteField, ...]:
    rows: list[dict[str, Any]] = []
    while True:
        params = {"limit": PAGE, "offset": len(rows)}
        page = (await rest.read("GET", f"{target}/attributes", params=params))["data"]
        rows += page
        if len(page) < PAGE:
            break
    shown = [row for row in rows if not row.get("is_archived")]
    return tuple(await asyncio.gather(*(_field(rest, target, row) for row in shown)))


async def _field(rest: Rest, target: str, row: dict[str, Any]) -> RemoteField:
    kind = row["type"]
    choices = {"select": "options", "status": "statuses"}.get(kind)
    options: tuple[str, ...] = ()
    if choices and row.get("is_writable", True):
        answer = await rest.read("GET", f"{target}/attributes/{row['api_slug']}/{choices}")
        options = tuple(each["title"] for each in answer["data"] if not each.get("is_archived"))
    return RemoteField(
        key=row["api_slug"],
        title=row["title"],
        kind=KINDS.get(kind, kind),
        writable=bool(row.get("is_writable", True)),
        required=bool(row.get("is_required")),
        unique=bool(row.get("is_unique")),
        multiple=bool(row.get("is_multiselect")),
        options=options,
        currency=((row.get("config") or {}).get("currency") or {}).get("default_currency_code"),
    )


async def create_suggested(rest: Rest, missing: tuple[str, ...], mapped: Mapped) -> tuple[str, ...]:
    """Make what is *missing* of our suggested lists, fields and stages; what was made."""
    made = []
    lists = dict(mapped.lists)
    for key, (slug, title) in LISTS.items():
        if f"list.{key}" in missing:
            await _make_list(rest, slug, title)
            lists[key] = slug
            made.append(f"list.{key}")
            missing += tuple(name for name in FIELDS if name.startswith(f"list.{key}."))
    for name in dict.fromkeys(missing):
        if name in FIELDS:
            await _make_field(rest, name, lists)
            made.append(name)
        elif name.startswith("stage."):
            await _make_stage(rest, STAGES.get(name.removeprefix("stage."), SALES_QUALIFIED))
            made.append(name)
    return tuple(made)


async def _make_list(rest: Rest, slug: str, title: str) -> None:
    data = {
        "name": title,
        "api_slug": slug,
        "parent_object": "people",
        "workspace_access": "full-access",
        "workspace_member_access": [],
    }
    await rest.write("POST", "/v2/lists", body={"data": data})


async def _make_field(rest: Rest, name: str, lists: dict[str, str]) -> None:
    wanted = FIELDS[name]
    kind = TYPES.get(wanted.kind, wanted.kind)
    part, _, slug = name.rpartition(".")
    target = {"person": "/v2/objects/people", "deal": "/v2/objects/deals"}.get(part)
    target = target or f"/v2/lists/{lists[part.removeprefix('list.')]}"
    data = {
        "title": wanted.title,
        "description": "Written by PQLDesk",
        "api_slug": slug,
        "type": kind,
        "is_required": False,
        "is_unique": wanted.unique,
        "is_multiselect": wanted.multiple,
        "config": {},
    }
    try:
        await rest.write("POST", f"{target}/attributes", body={"data": data})
    except Taken:
        found = (await rest.read("GET", f"{target}/attributes/{slug}"))["data"]
        if found["type"] != kind or not found.get("is_archived"):
            raise
        await rest.write("PATCH", f"{target}/attributes/{slug}", body={"data": {"is_archived": False}})
    for option in wanted.options:
        try:
            await rest.write("POST", f"{target}/attributes/{slug}/options", body={"data": {"title": option}})
        except Taken:
            continue


async def _make_stage(rest: Rest, title: str) -> None:
    data = {"title": title, "celebration_enabled": False, "target_time_in_status": None}
    await rest.write("POST", "/v2/objects/deals/attributes/stage/statuses", body={"data": data})
