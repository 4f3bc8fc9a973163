"""What an event means: rules from its source, name and properties to our kinds, keys, quantities, plans and trials.

The rules of the user come first, in their order, then the names given by the settings ``event_map.NAME``, then the
presets of the source, then the names known everywhere; what nothing knows becomes a kind of its own.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pqldesk.services.calls.shapes import AsideRow, Call, Ready, Traits, TrialSeen, Usage
from pqldesk.services.connectors import kind_of
from pqldesk.services.event_paths import at_path
from pqldesk.services.files.event_columns import EventRow
from pqldesk.services.files.events import (
    DEFAULT_EVENT_MAP,
    NO_EVENTS,
    folded_name,
    key_in,
    quantity_in,
)
from pqldesk.services.files.values import quantity, text

ANY_SOURCE: Final = "*"
NOTHING_OF_IT: Final = "ignore"  # the kind of what is not stored at all
TESTS: Final = ("is", "is_not", "contains", "exists", "missing", "at_least", "at_most")
TRIAL_FIELDS: Final = ("plan", "starts_at", "ends_at", "state", "converted_at", "trial_id")
_CACHED: Final = 20_000
_BESIDE: Final = (Traits, TrialSeen)  # what may be said beside something else


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one property, named by its path (``plan.name``)."""

    property: str
    test: str  # one of TESTS
    value: str = ""


@dataclass(frozen=True, slots=True)
class EventRule:
    """*pattern* is a name in any case, with ``*`` for any letters. Paths name properties.

    *kind* ``ignore`` stores nothing. *plan_from*: the person's plan. *trial*: fields of a trial, by path, or by a
    constant written ``=expired``; a trial field makes the event say something of a trial too.
    """

    pattern: str
    kind: str
    source: str = ANY_SOURCE
    conditions: tuple[Condition, ...] = ()
    key_from: str | None = None
    quantity_from: str | None = None
    plan_from: str | None = None
    trial: Mapping[str, str] = field(default_factory=dict)
    rule_id: int | None = None  # None: a preset


# What sources send by themselves and nobody did, and what their own words mean.
PRESETS: Final = (
    EventRule("$pageleave", NOTHING_OF_IT, "posthog"),
    EventRule("$autocapture", NOTHING_OF_IT, "posthog"),
    EventRule("$feature_flag_called", NOTHING_OF_IT, "posthog"),
    EventRule("$exception", NOTHING_OF_IT, "posthog"),
    EventRule("$web_vitals", NOTHING_OF_IT, "posthog"),
    EventRule("$snapshot*", NOTHING_OF_IT, "posthog"),
    EventRule("$rageclick", NOTHING_OF_IT, "posthog"),
    EventRule("$dead_click", NOTHING_OF_IT, "posthog"),
    EventRule("$opt_in", NOTHING_OF_IT, "posthog"),
    EventRule("$pageview", "page_view", "posthog", key_from="$pathname"),
    EventRule("$screen", "screen_view", "posthog", key_from="$screen_name"),
    EventRule("$mp_web_page_view", "page_view", "mixpanel", key_from="current_url_path"),
    EventRule("$ae_*", NOTHING_OF_IT, "mixpanel"),
    EventRule("$mp_*", NOTHING_OF_IT, "mixpanel"),
    EventRule("session_start", NOTHING_OF_IT, "amplitude"),
    EventRule("session_end", NOTHING_OF_IT, "amplitude"),
    EventRule("[Amplitude]*", NOTHING_OF_IT, "amplitude"),
    *(
        EventRule(
            "Trial Started",
            "trial_started",
            source,
            trial={
                "starts_at": "trial_start_date",
                "ends_at": "trial_end_date",
                "plan": "trial_plan_name",
            },
        )
        for source in ("segment", "rudderstack")
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an event was taken for. *rule* None: a name known everywhere, or one that nothing knows."""

    kind: str
    rule: EventRule | None
    is_known: bool


class EventRules:
    """The rules of one source, ready to be asked; names are looked at once."""

    def __init__(
        self, source: str, own: Sequence[EventRule] = (), event_map: Mapping[str, str] | None = None
    ):
        self._source = source
        self._own = [rule for rule in own if is_of(rule, source)]
        self._presets = [rule for rule in PRESETS if is_of(rule, source)]
        self._event_map = event_map or {}
        self._known: dict[str, tuple[tuple[EventRule, ...], Meaning]] = {}

    def meaning(self, name: str, properties: Mapping[str, Any]) -> Meaning:
        """What an event of that name and with these properties means."""
        found = self._known.get(name)
        if found is None:
            found = self._looked_up(name)
            if len(self._known) < _CACHED:
                self._known[name] = found
        rules, otherwise = found
        for rule in rules:
            if all(holds(condition, properties) for condition in rule.conditions):
                return Meaning(rule.kind, rule, True)
        return otherwise

    def ready_of(self, calls: Iterable[Call]) -> list[Ready]:
        """What is to be stored of one item: its calls, with events interpreted. Exactly one of them counts."""
        done: list[Ready] = []
        for call in calls:
            if isinstance(call, Usage):
                done += self.ready(call)
            else:
                done.append(call)
        if done and all(isinstance(one, _BESIDE) and one.beside for one in done):
            done[0] = replace(done[0], beside=False)  # type: ignore[type-var]
        return done

    def ready(self, usage: Usage) -> list[Ready]:
        """What is to be stored of an event. BadValue with a sentence when its quantity is none."""
        meaning = self.meaning(usage.name, usage.properties)
        row = self._row(usage, meaning)
        if row is None:
            return []
        done: list[Ready] = [row if usage.flaw is None else AsideRow(row, usage.flaw)]
        rule = meaning.rule
        if rule is not None and usage.flaw is None and (rule.plan_from or rule.trial):
            done += _said_besides(usage, rule)
        return done

    def event_row(self, usage: Usage) -> EventRow | None:
        """The event under its kind, with key and quantity; None where nothing of it is stored."""
        return self._row(usage, self.meaning(usage.name, usage.properties))

    def _row(self, usage: Usage, meaning: Meaning) -> EventRow | None:
        if meaning.kind == NOTHING_OF_IT:
            return None
        properties, rule = usage.properties, meaning.rule
        if rule is not None and rule.key_from is not None:
            key = text(at_path(properties, rule.key_from))
        else:
            key = usage.key if usage.key is not None else key_in(meaning.kind, properties)
        if rule is not None and rule.quantity_from is not None:
            amount = quantity(at_path(properties, rule.quantity_from), rule.quantity_from)
        elif usage.quantity not in (None, ""):
            amount = quantity(usage.quantity)
        else:
            amount = quantity_in(meaning.kind, properties)
        return EventRow(
            usage.line, usage.row, usage.event_id, usage.email, usage.user_id, usage.anonymous_id,
            usage.company_domain, usage.company_id, meaning.kind, key, amount, usage.occurred_at, usage.received_at,
        )  # fmt: skip

    def _looked_up(self, name: str) -> tuple[tuple[EventRule, ...], Meaning]:
        folded = folded_name(name)
        rules: list[EventRule] = []
        for rule in self._own:
            if fits(rule.pattern)(folded):
                rules.append(rule)
                if not rule.conditions:
                    return tuple(rules), Meaning(rule.kind, rule, True)
        if folded in NO_EVENTS:
            return tuple(rules), Meaning(NOTHING_OF_IT, None, True)
        if (kind := self._event_map.get(folded)) is not None:
            return tuple(rules), Meaning(kind, None, True)
        rules += [rule for rule in self._presets if fits(rule.pattern)(folded)]
        return tuple(rules), Meaning(DEFAULT_EVENT_MAP.get(folded, folded), None, folded in DEFAULT_EVENT_MAP)


def _said_besides(usage: Usage, rule: EventRule) -> list[Ready]:
    """The plan and the trial that an event tells of."""
    ids = {
        name: value
        for name in ("email", "user_id", "anonymous_id", "company_id")
        if (value := getattr(usage, name)) is not None
    }
    done: list[Ready] = []
    plan = None if rule.plan_from is None else text(at_path(usage.properties, rule.plan_from))
    if plan is not None and ids.keys() - {"company_id"}:
        done.append(Traits("plan", ids, {"plan": plan}, usage.occurred_at, beside=True))
    if rule.trial:
        fields = {
            name: path[1:] if path.startswith("=") else at_path(usage.properties, path)
            for name, path in rule.trial.items()
        }
        if rule.kind == "trial_started" and fields.get("starts_at") in (None, ""):
            fields["starts_at"] = usage.occurred_at / 1_000_000
        done.append(TrialSeen(ids, fields, usage.occurred_at, beside=True))
    return done


def is_of(rule: EventRule, source: str) -> bool:
    """Whether the rule is for what *source* sends: for any, for that one, or for all of its kind."""
    return rule.source in (ANY_SOURCE, source, kind_of(source))


def fits(pattern: str) -> Callable[[str], bool]:
    """Tells whether a folded name is meant by *pattern*."""
    folded = folded_name(pattern)
    if "*" not in folded:
        return folded.__eq__
    # Only * is special: names may hold ? and [.
    return re.compile(fnmatch.translate(re.sub(r"([\[?])", r"[\1]", folded))).match  # type: ignore[return-value]


def holds(condition: Condition, properties: Mapping[str, Any]) -> bool:
    """Whether the property is as wanted. Texts are compared trimmed and without case, numbers as numbers."""
    found = at_path(properties, condition.property)
    said = None if isinstance(found, dict | list) else text(found)
    wanted = condition.value.strip().casefold()
    match condition.test:
        case "exists":
            return found is not None and said != ""
        case "missing":
            return found is None
        case "is":
            return said is not None and said.casefold() == wanted
        case "is_not":
            return said is None or said.casefold() != wanted
        case "contains":
            if isinstance(found, list):
                return any((text(one) or "").casefold() == wanted for one in found)
            return said is not None and wanted in said.casefold()
        case "at_least" | "at_most":
            try:
                number, limit = float(said or ""), float(wanted)
            except ValueError:
                return False
            return number >= limit if condition.test == "at_least" else number <= limit
    return False
