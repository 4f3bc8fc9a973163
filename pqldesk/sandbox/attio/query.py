"""Attio's query language: filters and sorts over records and entries."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pqldesk.sandbox.attio.answers import ApiError, invalid, issue
from pqldesk.sandbox.attio.bodies import BODY_WRONG, check_keys, moment, page
from pqldesk.sandbox.attio.store import values_of
from pqldesk.sandbox.attio.values import LOCATION, NAME
from pqldesk.sandbox.attio.world import Attribute, Record, Target, Value, World

Path = tuple[str | int, ...]
Test = Callable[[Record], bool]
ValueTest = Callable[[Value], bool]

EMAIL_FIELDS = (
    "email_address", "email_domain", "email_root_domain", "email_local_specifier", "original_email_address",
)  # fmt: skip
FIELDS: dict[str, tuple[str, ...]] = {
    "currency": ("currency_value", "currency_code"),
    "select": ("option",),
    "status": ("status", "active_from"),
    "record-reference": ("target_record_id", "target_object"),
    "actor-reference": ("referenced_actor_id", "referenced_actor_type"),
    "email-address": EMAIL_FIELDS,
    "domain": ("domain", "root_domain"),
    "phone-number": ("phone_number", "country_code"),
    "personal-name": ("full_name", *NAME[:2]),
    "location": LOCATION,
}
"""What can be filtered per type, the field a shorthand means first; ``value`` where not listed."""

TEXT_LIKE = frozenset({"text", "personal-name", "email-address", "domain", "phone-number", "location"})
ORDERED = frozenset({"number", "currency", "rating", "date", "timestamp"})
NOT_EMPTY = frozenset({"domain", "personal-name", "phone-number", "interaction"})
WHOLE = frozenset({"record-reference", "actor-reference"})
LOGIC = frozenset({"$and", "$or", "$not"})


def queried(world: World, target: Target, body: Any, notes: list[str]) -> tuple[list[Record], int]:
    """The asked page of records of *target*, and what the query costs."""
    if not isinstance(body, dict):
        raise invalid(BODY_WRONG, issue((), "Expected object", "invalid_type", expected="object"))
    optional = {
        "filter": "object",
        "sorts": "array",
        "filter_view_id": "string",
        "limit": "any",
        "offset": "any",
    }
    check_keys(body, (), {}, optional)
    if "filter" in body and "filter_view_id" in body:
        raise invalid(BODY_WRONG, issue(("filter_view_id",), "filter and filter_view_id exclude each other"))
    limit, offset = page(body, 500, 500, notes)
    asked = body.get("filter", {})
    compiler = _Compiler(world)
    test = compiler.all_of(target, asked, ("filter",))
    found = [record for record in _candidates(world, target, asked) if test(record)]
    for number, sort in reversed(list(enumerate(body.get("sorts", [])))):
        found = _sorted(world, target, found, sort, ("sorts", number))
        compiler.cost += 1
    return found[offset : offset + limit], compiler.cost


def _candidates(world: World, target: Target, asked: Mapping[str, Any]) -> Iterable[Record]:
    """All records, or the one a single equality on a unique attribute can mean (keeps lookups fast)."""
    records = world.of(target)
    if len(asked) == 1:
        ((slug, wanted),) = asked.items()
        attribute = target.attributes.get(slug)
        if attribute and attribute.is_unique:
            field = _fields(attribute)[0]
            if isinstance(wanted, dict) and set(wanted) == {field}:
                wanted = wanted[field]
            if isinstance(wanted, dict) and set(wanted) == {"$eq"}:
                wanted = wanted["$eq"]
            if isinstance(wanted, str):
                holder = world.unique.get((target.target_id, slug), {}).get(wanted.lower())
                return [records[holder]] if holder else []
    return records.values()


def _fields(attribute: Attribute) -> tuple[str, ...]:
    return FIELDS.get(attribute.type, ("value",))


class _Compiler:
    """Turns a filter into one function; refuses what Attio refuses. *cost* counts the conditions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cost = 1

    def all_of(self, target: Target, asked: Any, path: Path) -> Test:
        if not isinstance(asked, dict):
            raise _filter_error("Expected an object", path)
        if "path" in asked:
            return self._along_path(target, asked, path)
        tests = []
        for key, wanted in asked.items():
            here = (*path, key)
            if key in LOGIC:
                tests.append(self._logic(target, key, wanted, here))
            elif key.startswith("$"):
                raise _filter_error(f'Unknown logical operator "{key}"', here)
            else:
                attribute = target.attribute(key)
                if attribute is None:
                    raise _unknown_slug(key, here)
                tests.append(self._any_value(target, attribute, wanted, here))
        if len(tests) == 1:
            return tests[0]
        return lambda record: all(test(record) for test in tests)

    def _logic(self, target: Target, key: str, wanted: Any, path: Path) -> Test:
        if key == "$not":
            if isinstance(wanted, dict) and "$or" in wanted and self._names_choices(target, wanted["$or"]):
                raise _filter_error("$not over $or is not supported for select and status", path)
            inner = self.all_of(target, wanted, path)
            return lambda record: not inner(record)
        if not isinstance(wanted, list):
            raise _filter_error("Expected an array", path)
        tests = [self.all_of(target, each, (*path, number)) for number, each in enumerate(wanted)]
        if key == "$and":
            return lambda record: all(test(record) for test in tests)
        return lambda record: any(test(record) for test in tests)

    def _names_choices(self, target: Target, wanted: Any) -> bool:
        slugs = (
            [slug for each in wanted if isinstance(each, dict) for slug in each]
            if isinstance(wanted, list)
            else []
        )
        named = (target.attribute(slug) for slug in slugs)
        return any(attribute and attribute.type in ("select", "status") for attribute in named)

    def _any_value(self, target: Target, attribute: Attribute, wanted: Any, path: Path) -> Test:
        self.cost += 1
        world = self.world
        if isinstance(wanted, dict) and "$not_empty" in wanted:
            if attribute.type not in NOT_EMPTY or wanted["$not_empty"] is not True or len(wanted) > 1:
                raise _bad_operator("$not_empty", attribute, path)
            return lambda record: bool(values_of(world, target, record, attribute))
        test = self._value(attribute, wanted, path)
        slug = attribute.api_slug
        if attribute.computed is None:
            return lambda record: any(test(value) for value in record.values.get(slug, ()))
        return lambda record: any(test(value) for value in values_of(world, target, record, attribute))

    def _value(self, attribute: Attribute, wanted: Any, path: Path) -> ValueTest:
        fields = _fields(attribute)
        if not isinstance(wanted, dict):
            return self._operator(attribute, fields[0], "$eq", wanted, path)
        if not wanted:
            raise _filter_error("Expected a condition", path)
        if attribute.type in WHOLE and set(wanted) == set(fields):
            if any(isinstance(each, dict) for each in wanted.values()):
                raise _bad_operator(str(wanted), attribute, path)
            return lambda value: all(value[key] == each for key, each in wanted.items())
        tests = []
        for key, condition in wanted.items():
            here = (*path, key)
            if key.startswith("$"):
                tests.append(self._operator(attribute, fields[0], key, condition, here))
            elif key not in fields or attribute.type == "actor-reference":
                raise ApiError(
                    400,
                    "invalid_filter_field",
                    f'Cannot filter "{attribute.api_slug}" by "{key}".',
                    path=list(here),
                )
            elif isinstance(condition, dict):
                tests.extend(
                    self._operator(attribute, key, operator, each, (*here, operator))
                    for operator, each in condition.items()
                )
            else:
                tests.append(self._operator(attribute, key, "$eq", condition, here))
        return lambda value: all(test(value) for test in tests)

    def _operator(
        self, attribute: Attribute, field: str, operator: str, wanted: Any, path: Path
    ) -> ValueTest:
        kind = attribute.type
        dated = kind in ("date", "timestamp") or field == "active_from"
        if dated and operator in ("$eq", "$lt", "$lte", "$gt", "$gte"):
            wanted = _dated(wanted, "date" if kind == "date" else "timestamp", path)
        if operator == "$eq":
            return self._equal(attribute, field, wanted)
        if operator == "$in":
            if kind not in ("text", "record-reference") or not isinstance(wanted, list):
                raise _bad_operator(operator, attribute, path)
            return lambda value: value[field] in wanted
        if operator in ("$contains", "$starts_with", "$ends_with"):
            if kind not in TEXT_LIKE or not isinstance(wanted, str):
                raise _bad_operator(operator, attribute, path)
            part = wanted.lower()
            texts: dict[str, Callable[[str], bool]] = {
                "$contains": lambda text: part in text,
                "$starts_with": lambda text: text.startswith(part),
                "$ends_with": lambda text: text.endswith(part),
            }
            matches = texts[operator]
            return lambda value: matches((value[field] or "").lower())
        if operator in ("$lt", "$lte", "$gt", "$gte"):
            if kind not in ORDERED and field != "active_from":
                raise _bad_operator(operator, attribute, path)
            if not dated and (isinstance(wanted, bool) or not isinstance(wanted, int | float)):
                raise _filter_error("Expected number", path)
            compare: dict[str, ValueTest] = {
                "$lt": lambda value: bool(value[field] < wanted),
                "$lte": lambda value: bool(value[field] <= wanted),
                "$gt": lambda value: bool(value[field] > wanted),
                "$gte": lambda value: bool(value[field] >= wanted),
            }
            return compare[operator]
        raise _bad_operator(operator, attribute, path)

    def _equal(self, attribute: Attribute, field: str, wanted: Any) -> ValueTest:
        if attribute.type in ("select", "status") and field != "active_from":
            choice = attribute.choice(str(wanted), archived=True)
            chosen = choice.choice_id if choice else None
            return lambda value: bool(value[field] == chosen)
        if attribute.type in ("email-address", "domain") and isinstance(wanted, str):
            lowered = wanted.lower()
            return lambda value: bool(value[field].lower() == lowered)
        return lambda value: bool(value[field] == wanted)

    def _along_path(self, target: Target, asked: Mapping[str, Any], path: Path) -> Test:
        """``{"path":[[target, attribute],...],"constraints":...}``: follow references, then test the last attribute."""
        steps = asked.get("path")
        if set(asked) != {"path", "constraints"} or not isinstance(steps, list) or not steps:
            raise _filter_error("Expected path and constraints", path)
        hops: list[tuple[Target, Attribute]] = []
        for number, step in enumerate(steps):
            here = (*path, "path", number)
            if (
                not isinstance(step, list)
                or len(step) != 2
                or not all(isinstance(each, str) for each in step)
            ):
                raise _filter_error("Expected a pair of object or list and attribute", here)
            stop = next((t for t in self.world.targets() if step[0] in (t.api_slug, t.target_id)), None)
            attribute = stop.attribute(step[1]) if stop else None
            if stop is None or attribute is None or (not number and stop is not target):
                raise _unknown_slug(".".join(step), here)
            if number < len(steps) - 1 and attribute.type != "record-reference":
                raise _filter_error(f'"{step[1]}" is not a reference', here)
            hops.append((stop, attribute))
        stop, attribute = hops[-1]
        test = self._any_value(stop, attribute, asked["constraints"], (*path, "constraints"))
        return lambda record: any(test(reached) for reached in self._reached(record, hops[:-1]))

    def _reached(self, record: Record, hops: list[tuple[Target, Attribute]]) -> list[Record]:
        reached = [record]
        for target, attribute in hops:
            named = [value for each in reached for value in values_of(self.world, target, each, attribute)]
            pools = [
                (self.world.of(self.world.objects[v["target_object"]]), v["target_record_id"]) for v in named
            ]
            reached = [pool[record_id] for pool, record_id in pools if record_id in pool]
        return reached


def _sorted(world: World, target: Target, records: list[Record], sort: Any, path: Path) -> list[Record]:
    """*records* by one sort, empty values last whatever the direction."""
    if not isinstance(sort, dict) or sort.get("direction") not in ("asc", "desc"):
        raise invalid(BODY_WRONG, issue((*path, "direction"), "Expected asc or desc"))
    slug = sort.get("attribute")
    attribute = target.attribute(slug) if isinstance(slug, str) else None
    if attribute is None:
        raise _unknown_slug(str(slug), (*path, "attribute"))
    field = sort.get("field", _fields(attribute)[0])
    if field not in _fields(attribute):
        raise ApiError(
            400, "invalid_filter_field", f'Cannot sort "{slug}" by "{field}".', path=[*path, "field"]
        )
    titles = {choice.choice_id: choice.title for choice in attribute.choices}
    keyed = [(values_of(world, target, record, attribute), record) for record in records]
    full = [(values[0][field], record) for values, record in keyed if values and values[0][field] is not None]
    empty = [record for values, record in keyed if not values or values[0][field] is None]
    full.sort(key=lambda pair: titles[pair[0]] if titles else pair[0], reverse=sort["direction"] == "desc")
    return [record for _, record in full] + empty


def _dated(wanted: Any, kind: str, path: Path) -> str:
    try:
        when = moment(wanted)
    except ValueError:
        raise _filter_error("Expected an ISO 8601 string", path) from None
    return when.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%dT%H:%M:%S.%f000Z")


def _filter_error(message: str, path: Path) -> ApiError:
    return ApiError(400, "filter_error", f"{message}.", path=list(path))


def _unknown_slug(slug: str, path: Path) -> ApiError:
    return ApiError(
        400, "unknown_filter_attribute_slug", f'Unknown attribute slug: "{slug}".', path=list(path)
    )


def _bad_operator(operator: str, attribute: Attribute, path: Path) -> ApiError:
    message = f'Operator "{operator}" cannot be used on "{attribute.api_slug}" ({attribute.type}).'
    return ApiError(400, "invalid_filter_operator", message, path=list(path))
