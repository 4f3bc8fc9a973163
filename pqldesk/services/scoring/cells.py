"""Reading leads' usage for scoring: roll-up cells where they are exact, the log where a moment falls inside a day.

Everything here goes through the driver and gives bare integers: it runs for every lead that a batch touches.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pqldesk.models.driver import Driver
from pqldesk.services.scoring.rules import DayCell, TotalCell
from pqldesk.services.scoring.timeline import Event

CHUNK = 500  # leads read at a time; their ids stand in the statement


class KindNames(dict[int, tuple[str, str]]):
    """Kind id -> (name, key), looked up when first met."""

    def __init__(self, driver: Driver) -> None:
        super().__init__()
        self._driver = driver.beside()

    def __missing__(self, kind: int) -> tuple[str, str]:
        found = self._driver.rows("SELECT name, key FROM event_kind WHERE id = ?", (kind,))
        self[kind] = name = (found[0][0], found[0][1])
        return name


@dataclass(slots=True)
class Usage:
    """One lead's usage up to a moment, and what of it lies still ahead."""

    totals: list[TotalCell] = field(
        default_factory=list
    )  # several of a kind where there are several identities
    days: list[DayCell] = field(default_factory=list)
    firsts: dict[str, int] = field(default_factory=dict)  # event kind, whatever its key -> first time
    count: int = 0
    first_at: int | None = None
    last_at: int | None = None
    next_at: int | None = None  # the first event after the moment


def numbers(values: Iterable[int]) -> str:
    """Row numbers as SQL text."""
    return ",".join(map(str, values))


def chunks(values: Sequence[int]) -> Iterable[Sequence[int]]:
    """*values* in pieces of CHUNK."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def usage_now(
    driver: Driver, lead_ids: Sequence[int], at: int, today: int, days_back: int | None, kinds: KindNames
) -> dict[int, Usage]:
    """Usage of leads up to *at*, a moment of *today*, from the roll-ups; events ahead of *at* are taken off again."""
    owner = _identities(driver, lead_ids)
    usage = {lead: Usage() for lead in lead_ids}
    if not owner:
        return usage
    ids = numbers(owner)
    of_identity = {identity: usage[lead] for identity, lead in owner.items()}
    ahead: set[int] = set()
    met = None
    for identity, kind, n, quantity, first_at, last_at in driver.each(
        "SELECT identity_id, kind_id, n, quantity, first_at, last_at FROM usage_total"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({ids})"
    ):
        if identity != met:  # the rows of one identity follow each other
            met, mine = identity, of_identity[identity]
            totals, firsts = mine.totals, mine.firsts
        totals.append((kind, n, quantity))
        mine.count += n
        name = kinds[kind][0]
        if name not in firsts or first_at < firsts[name]:
            firsts[name] = first_at
        if last_at > at:
            ahead.add(identity)
        elif mine.last_at is None or last_at > mine.last_at:
            mine.last_at = last_at
    for mine in usage.values():
        if mine.firsts:
            mine.first_at = min(mine.firsts.values())
    if days_back is None or days_back > 0:
        met = None
        window = "" if days_back is None else f" AND day > {today - days_back}"
        for identity, day, kind, n, quantity in driver.each(
            "SELECT identity_id, day, kind_id, n, quantity FROM usage_day"  # noqa: S608 - row numbers
            f" WHERE identity_id IN ({ids}) AND day <= {today}{window}"
        ):
            if identity != met:
                met, days = identity, of_identity[identity].days
            days.append((day, kind, n, quantity))
    if ahead:
        _take_off(driver, ahead, of_identity, at)
    return usage


def _take_off(driver: Driver, identities: set[int], of_identity: dict[int, Usage], at: int) -> None:
    """Subtract the events still ahead of *at*, and find the last one that is not."""
    for identity, kind, when, day, quantity in driver.each(
        "SELECT identity_id, kind_id, at, day, quantity FROM usage_event"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({numbers(identities)}) AND at > {at}"
    ):
        mine = of_identity[identity]
        mine.totals.append((kind, -1, -quantity))
        mine.days.append((day, kind, -1, -quantity))
        mine.count -= 1
        if mine.next_at is None or when < mine.next_at:
            mine.next_at = when
    for identity, last_at in driver.each(
        "SELECT identity_id, max(at) FROM usage_event"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({numbers(identities)}) AND at <= {at} GROUP BY identity_id"
    ):
        mine = of_identity[identity]
        if mine.last_at is None or last_at > mine.last_at:
            mine.last_at = last_at
    for mine in {id(one): one for one in (of_identity[identity] for identity in identities)}.values():
        # An event taken off may have been its kind's or its day's only one: such cells are summed again.
        totals: dict[int, list[int]] = {}
        for kind, n, quantity in mine.totals:
            cell = totals.setdefault(kind, [0, 0])
            cell[0] += n
            cell[1] += quantity
        mine.totals = [(kind, n, quantity) for kind, (n, quantity) in totals.items()]
        days: dict[tuple[int, int], list[int]] = {}
        for day, kind, n, quantity in mine.days:
            cell = days.setdefault((day, kind), [0, 0])
            cell[0] += n
            cell[1] += quantity
        mine.days = [(day, kind, n, quantity) for (day, kind), (n, quantity) in days.items() if n > 0]
        if mine.count == 0:
            mine.first_at = None


def usage_at(driver: Driver, lead_ids: Sequence[int], at: int, today: int) -> dict[int, Usage]:
    """Usage of leads up to a past moment: whole days from the roll-up, the day of *at* from the log."""
    owner = _identities(driver, lead_ids)
    usage = {lead: Usage() for lead in lead_ids}
    if not owner:
        return usage
    ids = numbers(owner)
    totals: dict[int, dict[int, list[int]]] = defaultdict(dict)

    def add(lead: int, day: int, kind: int, n: int, quantity: int) -> None:
        cell = totals[lead].setdefault(kind, [0, 0])
        cell[0] += n
        cell[1] += quantity
        usage[lead].days.append((day, kind, n, quantity))
        usage[lead].count += n

    for identity, day, kind, n, quantity in driver.rows(
        "SELECT identity_id, day, kind_id, n, quantity FROM usage_day"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({ids}) AND day < {today}"
    ):
        add(owner[identity], day, kind, n, quantity)
    for identity, kind, n, quantity in driver.rows(
        "SELECT identity_id, kind_id, count(*), sum(quantity) FROM usage_event"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({ids}) AND day = {today} AND at <= {at} GROUP BY identity_id, kind_id"
    ):
        add(owner[identity], today, kind, n, int(quantity))
    for identity, first_at, last_at in driver.rows(
        "SELECT identity_id, min(at), max(at) FROM usage_event"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({ids}) AND at <= {at} GROUP BY identity_id"
    ):
        mine = usage[owner[identity]]
        mine.first_at = first_at if mine.first_at is None else min(mine.first_at, first_at)
        mine.last_at = last_at if mine.last_at is None else max(mine.last_at, last_at)
    for lead, cells in totals.items():
        usage[lead].totals = [(kind, n, quantity) for kind, (n, quantity) in cells.items()]
    return usage


def events_of(
    driver: Driver, lead_ids: Sequence[int], kinds: KindNames, *, known_at: int | None = None
) -> dict[int, list[Event]]:
    """Each lead's events in order of time; with *known_at* only what had arrived, under the links of that moment."""
    owner = _identities(driver, lead_ids) if known_at is None else _linked(driver, lead_ids, known_at)
    events: dict[int, list[Event]] = {lead: [] for lead in lead_ids}
    if not owner:
        return events
    known = "" if known_at is None else f" AND received_at <= {known_at}"
    for identity, at, kind, quantity in driver.rows(
        "SELECT identity_id, at, kind_id, quantity FROM usage_event"  # noqa: S608 - row numbers
        f" WHERE identity_id IN ({numbers(owner)}){known} ORDER BY at"
    ):
        name, key = kinds[kind]
        events[owner[identity]].append((at, name, key, quantity))
    return events


def taken_back(driver: Driver, lead_ids: Sequence[int], since: int) -> set[int]:
    """The leads of which a quantity was negative at or after *since*; an index holds only such events."""
    led = " INDEXED BY ix_usage_event_taken_back" if driver.is_sqlite else ""
    return {
        lead
        for (lead,) in driver.rows(
            f"SELECT DISTINCT i.lead_id FROM identity i JOIN usage_event e{led} ON e.identity_id = i.id"  # noqa: S608 - row numbers
            f" WHERE i.lead_id IN ({numbers(lead_ids)}) AND e.at >= {since} AND e.quantity < 0"
        )
    }


def _identities(driver: Driver, lead_ids: Sequence[int]) -> dict[int, int]:
    if not lead_ids:
        return {}
    return dict(
        driver.rows(f"SELECT id, lead_id FROM identity WHERE lead_id IN ({numbers(lead_ids)})")  # noqa: S608 - row numbers
    )


def _linked(driver: Driver, lead_ids: Sequence[int], known_at: int) -> dict[int, int]:
    if not lead_ids:
        return {}
    return dict(
        driver.rows(
            "SELECT identity_id, lead_id FROM identity_link"  # noqa: S608 - row numbers
            f" WHERE lead_id IN ({numbers(lead_ids)}) AND linked_at <= {known_at}"
            f" AND (unlinked_at IS NULL OR unlinked_at > {known_at}) ORDER BY id"
        )
    )
