"""Snowplow events: as trackers send them to a collector, and as enriched lines of 131 fields."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pqldesk.services.calls.reading import Item, Reading, ids_of
from pqldesk.services.calls.shapes import NOTHING, Call, Traits, Usage
from pqldesk.services.event_paths import at_path
from pqldesk.services.files.json_table import parsed
from pqldesk.services.files.values import BadValue, text

_NAMES: Final = """
    app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker
    v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid
    geo_country geo_region geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization
    ip_domain ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath
    page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery
    refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source mkt_term mkt_content mkt_campaign
    contexts se_category se_action se_label se_property se_value unstruct_event tr_orderid tr_affiliation tr_total
    tr_tax tr_shipping tr_city tr_state tr_country ti_orderid ti_sku ti_name ti_category ti_price ti_quantity
    pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name br_family br_version br_type
    br_renderengine br_lang br_features_pdf br_features_flash br_features_java br_features_director
    br_features_quicktime br_features_realplayer br_features_windowsmedia br_features_gears
    br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer
    os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height
    tr_currency tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone
    mkt_clickid mkt_network etl_tags dvce_sent_tstamp refr_domain_userid refr_device_tstamp derived_contexts
    domain_sessionid derived_tstamp event_vendor event_name event_format event_version event_fingerprint
    true_tstamp
"""
FIELDS: Final = tuple(_NAMES.split())
"""The fields of an enriched line, in their order."""
_KINDS: Final = {"se": "struct", "ev": "struct", "ue": "unstruct", "pv": "page_view", "pp": "page_ping",
                 "tr": "transaction", "ti": "transaction_item"}  # fmt: skip
_COMPANY_NAMES: Final = ("account", "company", "organization", "organisation", "workspace", "tenant", "group")
_COMPANY_IDS: Final = ("account_id", "company_id", "organization_id", "organisation_id", "workspace_id", "tenant_id",
                       "group_id", "id")  # fmt: skip
_DATA: Final = "unstruct_event_"
_GITLAB: Final = "com.gitlab/gitlab_standard"


def line(values: Sequence[str]) -> dict[str, str]:
    """An enriched line as an item. BadValue unless it has exactly 131 fields."""
    if len(values) != len(FIELDS):
        raise BadValue("line", f"it has {len(values)} fields, not {len(FIELDS)}")
    return {name: value for name, value in zip(FIELDS, values, strict=True) if value != ""}


def read(found: Item, reading: Reading) -> Iterator[Call]:
    """The calls of one event, from a tracker or enriched. BadValue when its kind is unknown or it names nobody."""
    enriched = "e" not in found
    wanted = str(reading.chosen.get("app_ids") or "")
    app = text(found.get("app_id" if enriched else "aid"))
    if wanted and app not in [part.strip() for part in wanted.split(",")]:
        return
    kind = str(found.get("event")) if enriched else _KINDS.get(str(found.get("e")), "")
    if kind not in _KINDS.values():
        raise BadValue("e", f"{found.get('event' if enriched else 'e')!r} is no kind of event")
    if kind == "page_ping":
        return
    contexts = list(_contexts(found, enriched))
    name, properties = _named(found, kind, enriched, reading)
    user = found.get("user_id" if enriched else "uid")
    company, plan = _company(contexts, reading)
    who = ids_of(
        email=user if isinstance(user, str) and "@" in user else None,
        user_id=user,
        anonymous_id=found.get("domain_userid" if enriched else "duid"),
        company_id=company,
    )
    if not who:
        raise BadValue(
            "event", "it names nobody", "set a user id, or choose the entity that names the account"
        )
    at, flaw = _enriched_time(found, reading) if enriched else _tracked_time(found, reading)
    if plan is not None and who.keys() - {"company_id"} and reading.is_news(str(who), plan):
        yield Traits("plan", who, {"plan": plan}, at, beside=True)
    yield Usage(
        text(found.get("event_id" if enriched else "eid"))
        or reading.made_id(found, ("stm", "dvce_sent_tstamp")),
        name,
        properties,
        who.get("email"),
        who.get("user_id"),
        who.get("anonymous_id"),
        None,
        who.get("company_id"),
        at,
        reading.received_at or reading.time_or_none(_utc(found.get("collector_tstamp"))),
        flaw,
    )


def _named(found: Item, kind: str, enriched: bool, reading: Reading) -> tuple[str, Item]:
    if kind == "struct":
        short = "ev" if found.get("e") == "ev" else "se"
        keys = ("category", "action", "label", "property", "value")
        parts = {
            key: value
            for key in keys
            if (value := found.get(f"se_{key}" if enriched else f"{short}_{key[:2]}")) not in (None, "")
        }
        name = text(parts.get("action"))
        if name is None:
            raise BadValue("se_ac", "a structured event has no action")
        if reading.chosen.get("struct_name") == "category:action" and parts.get("category"):
            name = f"{parts['category']}:{name}"
        return name, parts
    if kind == "unstruct":
        inside = _data(
            _json(found.get("unstruct_event"))
            if enriched
            else _json(found.get("ue_pr")) or _decoded(found.get("ue_px"))
        )
        schema, data = str(inside.get("schema") or ""), inside.get("data")
        name = schema_name(schema)
        if name is None and enriched:
            return _named_by_columns(found)
        if name is None:
            raise BadValue("ue", "a self-describing event has no schema")
        return name, {**(data if isinstance(data, dict) else {}), "_schema": schema}
    if kind == "page_view":
        url = "page_url" if enriched else "url"
        title, referrer = ("page_title", "page_referrer") if enriched else ("page", "refr")
        told = {"url": found.get(url), "title": found.get(title), "referrer": found.get(referrer)}
        return "page_view", {key: value for key, value in told.items() if value not in (None, "")}
    return kind, {key: value for key, value in found.items() if key[:3] in ("tr_", "ti_")}


def _named_by_columns(found: Item) -> tuple[str, Item]:
    """A self-describing event of a warehouse's table: its name and schema have columns of their own, and so has its
    data where the loader keeps it in the row: ``unstruct_event_VENDOR_NAME_VERSION``."""
    name = text(found.get("event_name"))
    if name is None:
        raise BadValue("event_name", "a self-describing event has no name")
    data = next(
        (one for column in found if column.startswith(_DATA) if (one := _object(found[column]))), NOTHING
    )
    told = [text(found.get(f"event_{part}")) for part in ("vendor", "name", "format", "version")]
    schema = {"_schema": f"iglu:{'/'.join(map(str, told))}"} if all(told) else NOTHING
    return name, {**data, **schema}


def schema_name(schema: str) -> str | None:
    """``feature_activated`` of ``iglu:com.example/feature_activated/jsonschema/1-0-0``."""
    parts = schema.removeprefix("iglu:").split("/")
    return parts[1] if len(parts) >= 2 and parts[1] else None


def _contexts(found: Item, enriched: bool) -> Iterator[tuple[str, Item]]:
    """(vendor/name, data) of each entity."""
    written = (
        [_json(found.get("contexts")), _json(found.get("derived_contexts"))]
        if enriched
        else [_json(found.get("co")) or _decoded(found.get("cx"))]
    )
    for one in written:
        entities = one.get("data")
        for entity in entities if isinstance(entities, list) else ():
            if isinstance(entity, dict) and isinstance(entity.get("data"), dict):
                name = "/".join(str(entity.get("schema") or "").removeprefix("iglu:").split("/")[:2])
                yield name, entity["data"]


def _company(contexts: Sequence[tuple[str, Item]], reading: Reading) -> tuple[str | None, str | None]:
    """The account and its plan: of the entity chosen for the source, else GitLab's own, else one that says so."""
    chosen = str(reading.chosen.get("company_context") or "")
    path = str(reading.chosen.get("company_path") or "").removeprefix("$.")
    for name, data in contexts:
        plan = text(data.get("plan")) if not isinstance(data.get("plan"), dict | list) else None
        if chosen:
            if name == chosen or name.partition("/")[2] == chosen:
                for key in (path,) if path else _COMPANY_IDS:
                    if (found := at_path(data, key)) is not None:
                        return text(found), plan
        elif name == _GITLAB:
            found = data.get("ultimate_parent_namespace_id") or data.get("namespace_id")
            if found is not None:
                return text(found), plan
        elif name.partition("/")[2] in _COMPANY_NAMES:
            for key in _COMPANY_IDS:
                if data.get(key) not in (None, "") and not isinstance(data[key], dict | list):
                    return text(data[key]), plan
    return None, None


def _tracked_time(found: Item, reading: Reading) -> tuple[int, str | None]:
    """True time if told; else received - (sent - created) when it was created before it was sent; else received."""
    if found.get("ttm"):
        return reading.when(found["ttm"])
    created, sent = reading.time_or_none(found.get("dtm")), reading.time_or_none(found.get("stm"))
    received = reading.received_at
    if received is None:
        return reading.when(found.get("dtm"))
    if created is not None and sent is not None and created < sent:
        return received - (sent - created), None
    return received, None


def _enriched_time(found: Item, reading: Reading) -> tuple[int, str | None]:
    names = ("true_tstamp", "derived_tstamp", "dvce_created_tstamp", "collector_tstamp")
    return reading.when(_utc(next((found[name] for name in names if found.get(name)), None)))


def _utc(value: object) -> object:
    return f"{value}Z" if isinstance(value, str) and value and value[-1:] not in "Zz" else value


def _object(value: object) -> Item:
    """An object, alone or as the only one of a list, or JSON text of either; an empty one for anything else."""
    if isinstance(value, str):
        value = parsed(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else NOTHING


def _data(outer: Item) -> Item:
    value = outer.get("data")
    return value if isinstance(value, dict) else NOTHING


def _json(value: object) -> Item:
    """An object, or JSON text of one."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not value:
        return NOTHING
    found: Any = parsed(value.encode("utf-8", "surrogatepass"))
    if not isinstance(found, dict):
        raise BadValue("event", "its data is not JSON")
    return found


def _decoded(value: object) -> Item:
    """JSON in base64 of either alphabet; Node leaves the padding out."""
    if not isinstance(value, str) or not value:
        return NOTHING
    try:
        written = base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        raise BadValue("event", "its data is not base64") from None
    return _json(written.decode("utf-8", "replace"))
