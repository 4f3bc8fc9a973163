"""The event rules of a workspace: kept, listed, tried out on what was received last."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros, moment
from pqldesk.models.driver import Driver
from pqldesk.models.ids import RULE, public_id, row_number
from pqldesk.models.usage import EventName, RawPage, StoredEventRule
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.exact import MILLION, number
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.calls.readers import READERS
from pqldesk.services.calls.reading import Reading
from pqldesk.services.calls.shapes import Usage
from pqldesk.services.connectors import kind_of, title_of
from pqldesk.services.events.raw_pages import items_of
from pqldesk.services.events.rule_rows import NameRow, PreviewRow, RuleDraft, RulePreview, RuleRow, RuleShown
from pqldesk.services.events.rules import (
    ANY_SOURCE,
    PRESETS,
    TESTS,
    TRIAL_FIELDS,
    Condition,
    EventRule,
    EventRules,
    fits,
    is_of,
)
from pqldesk.services.events.source_reading import reading_of, usages
from pqldesk.services.files.events import event_map_of, folded_name
from pqldesk.services.files.values import BadValue
from pqldesk.services.history import recording

_LOOKED_AT: Final = 2_000  # events a preview looks at
_SHOWN: Final = 30
_PAGES: Final = 400


def own_rules(session: Session) -> list[EventRule]:
    """The rules of the user, in their order."""
    session.flush()
    if not Driver(session).rows("SELECT 1 FROM event_rule LIMIT 1"):  # each page asks, and most have none
        return []
    rows = session.scalars(select(StoredEventRule).order_by(StoredEventRule.position, StoredEventRule.id))
    return [_rule(row) for row in rows]


def rules_for(session: Session, source: str, own: list[EventRule] | None = None) -> EventRules:
    """The rules of one source as they are now."""
    mapped = event_map_of(settings.family(session, "event_map."))
    return EventRules(source, own_rules(session) if own is None else own, mapped)


def rule_rows(session: Session) -> list[RuleRow]:
    """The user's rules in their order, then the presets of sources that have sent something."""
    names = [(row.source, folded_name(row.name), row.n) for row in session.scalars(select(EventName))]
    sources = {kind_of(source) for source, _name, _n in names}
    rules = [*own_rules(session), *(rule for rule in PRESETS if rule.source in sources)]
    rows = []
    for rule in rules:
        fit = fits(rule.pattern)
        met = sum(n for source, name, n in names if is_of(rule, source) and fit(name))
        rows.append(RuleRow(None if rule.rule_id is None else public_id(RULE, rule.rule_id), rule, met))
    return rows


def rules_shown(session: Session) -> list[RuleShown]:
    """The same rows as rule_rows(), as a person would write them."""
    return [
        RuleShown(draft_of(row), described(row.rule).partition(" -> ")[2], row.events)
        for row in rule_rows(session)
    ]


def name_rows(session: Session, *, unmapped: bool = False) -> list[NameRow]:
    """The names sources have sent, the most frequent first. *unmapped*: those that no rule knows."""
    own = own_rules(session)
    by_source: dict[str, EventRules] = {}
    rows = []
    for row in session.scalars(select(EventName).order_by(EventName.n.desc(), EventName.name)):
        rules = by_source.setdefault(row.source, rules_for(session, row.source, own))
        meaning = rules.meaning(row.name, row.sample or {})
        if not (unmapped and meaning.is_known):
            sample = json.dumps(row.sample, ensure_ascii=False)
            rows.append(
                NameRow(
                    row.source, row.name, row.n, moment(row.last_at), meaning.kind, meaning.is_known, sample
                )
            )
    return rows


def add_rule(session: Session, rule: EventRule, actor: str, at: datetime, *, first: bool = False) -> Changes:
    """Keep a rule, after the others or before them; what is received from now on follows it."""
    checked(rule)
    edge = func.min(StoredEventRule.position) if first else func.max(StoredEventRule.position)
    place = session.scalar(select(edge))
    with recording(session, actor, "event_rule_added", at=at, detail=f"{rule.pattern} = {rule.kind}"):
        session.add(
            StoredEventRule(
                position=0 if place is None else place - 1 if first else place + 1,
                source=rule.source,
                pattern=rule.pattern.strip(),
                spec=_spec(rule),
                created_at=at,
                created_by=actor,
            )
        )
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def remove_rule(session: Session, rule_id: str, actor: str, at: datetime) -> Changes:
    """Forget a rule."""
    row = _stored_rule(session, rule_id)
    with recording(session, actor, "event_rule_removed", at=at, detail=f"{row.pattern} = {row.spec['kind']}"):
        session.delete(row)
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def change_rule(session: Session, rule_id: str, rule: EventRule, actor: str, at: datetime) -> Changes:
    """Put *rule* in the place of another. Raises NotFound, and BadInput for a rule that cannot be kept."""
    checked(rule)
    row = _stored_rule(session, rule_id)
    with recording(session, actor, "event_rule_changed", at=at, detail=f"{rule.pattern} = {rule.kind}"):
        row.source, row.pattern, row.spec = rule.source, rule.pattern.strip(), _spec(rule)
    return Changes.to(Topic.SOURCES, Topic.SETTINGS)


def keep_draft(session: Session, draft: RuleDraft, actor: str, at: datetime) -> Changes:
    """Keep a rule as a person wrote it, in the place of another where it names one."""
    if draft.rule_id is not None:
        return change_rule(session, draft.rule_id, rule_of(draft), actor, at)
    return add_rule(session, rule_of(draft), actor, at, first=draft.first)


def preview_draft(session: Session, draft: RuleDraft) -> RulePreview:
    """What a rule as a person wrote it would change."""
    instead = None if draft.rule_id is None else row_number(RULE, draft.rule_id)
    return preview_rule(session, rule_of(draft), first=draft.first, instead_of=instead)


def preview_rule(
    session: Session, rule: EventRule, *, first: bool = False, instead_of: int | None = None
) -> RulePreview:
    """What *rule* would change about the events received last; nothing is stored."""
    checked(rule)
    own = own_rules(session)
    tried = replace(rule, rule_id=-1)
    if instead_of is not None:
        new = [tried if one.rule_id == instead_of else one for one in own]
    else:
        new = [tried, *own] if first else [*own, tried]
    before: dict[str, EventRules] = {}
    after: dict[str, EventRules] = {}
    looked_at = fit = changed = 0
    rows: list[PreviewRow] = []
    for source, usage in _received_last(session, rule.source):
        if source not in before:
            before[source], after[source] = rules_for(session, source, own), rules_for(session, source, new)
        looked_at += 1
        if after[source].meaning(usage.name, usage.properties).rule is tried:
            fit += 1
            old, now = _as_it_counts(before[source], usage), _as_it_counts(after[source], usage)
            if old != now:
                changed += 1
            if len(rows) < _SHOWN:
                told = json.dumps(usage.properties, ensure_ascii=False, default=str)
                rows.append(PreviewRow(source, usage.name, moment(usage.occurred_at), old, now, told))
    return RulePreview(looked_at, fit, changed, tuple(rows))


def checked(rule: EventRule) -> None:
    """BadInput with a sentence when the rule cannot be kept."""
    if not rule.pattern.strip():
        raise BadInput(
            _("A rule needs the name of an event."), _("Write one, such as Invite Sent or invite*.")
        )
    if not folded_name(rule.kind):
        raise BadInput(
            _("A rule needs a kind."), _("Give one, such as login or team_invited; ignore stores nothing.")
        )
    if rule.source != ANY_SOURCE and kind_of(rule.source) not in READERS:
        raise BadInput(
            _("{source} is no source of events.").format(source=repr(rule.source)),
            _("Known: {known}.").format(known=", ".join(READERS)),
        )
    for condition in rule.conditions:
        if condition.test not in TESTS or not condition.property.strip():
            raise BadInput(
                _("{text} is no condition.").format(text=repr(condition.property)),
                _("Write it like plan=pro, plan!=free, name~sso, seats>=5, plan or !plan."),
            )
    unknown = rule.trial.keys() - set(TRIAL_FIELDS)
    if unknown:
        raise BadInput(
            _("A trial has no {field}.").format(field=", ".join(sorted(unknown))),
            _("Known: {known}.").format(known=", ".join(TRIAL_FIELDS)),
        )


def described(rule: EventRule) -> str:
    """A rule as a line: ``Invite Sent (segment) when seats>=5 -> team_invited, quantity from seats``."""
    source = "" if rule.source == ANY_SOURCE else f" ({title_of(rule.source)})"
    when = "".join(f" {shown_condition(one)}" for one in rule.conditions)
    more = [f"{what} from {path}" for what, path in (
        ("key", rule.key_from), ("quantity", rule.quantity_from), ("plan", rule.plan_from)) if path]  # fmt: skip
    more += [f"trial {name} {'is' if path.startswith('=') else 'from'} {path.removeprefix('=')}"
             for name, path in sorted(rule.trial.items())]  # fmt: skip
    return f"{rule.pattern}{source}{' when' + when if when else ''} -> {', '.join([rule.kind, *more])}"


_SIGNS: Final = {"is": "=", "is_not": "!=", "contains": "~", "at_least": ">=", "at_most": "<="}


def shown_condition(condition: Condition) -> str:
    """``plan=pro``, as condition_of() reads it."""
    if condition.test == "exists":
        return condition.property
    if condition.test == "missing":
        return f"!{condition.property}"
    return f"{condition.property}{_SIGNS[condition.test]}{condition.value}"


def condition_of(text: str) -> Condition:
    """A condition out of ``plan=pro``, ``plan!=free``, ``name~sso``, ``seats>=5``, ``seats<=5``, ``plan`` (is there) or
    ``!plan``."""
    for sign, test in (
        ("!=", "is_not"),
        (">=", "at_least"),
        ("<=", "at_most"),
        ("~", "contains"),
        ("=", "is"),
    ):
        name, found, value = text.partition(sign)
        if found and name.strip():
            return Condition(name.strip(), test, value.strip())
    bare = text.strip()
    return Condition(bare.removeprefix("!").strip(), "missing" if bare.startswith("!") else "exists")


def rule_of(draft: RuleDraft) -> EventRule:
    """The rule that a person wrote; checked() says what is wrong with it."""
    trial = [each.partition("=") for each in draft.trial.split(";") if each.strip()]
    return EventRule(
        draft.pattern.strip(), draft.kind.strip(), draft.source,
        tuple(condition_of(each) for each in draft.when.split(";") if each.strip()),
        draft.key_from.strip() or None, draft.quantity_from.strip() or None, draft.plan_from.strip() or None,
        {name.strip(): path.strip() for name, _sign, path in trial},
    )  # fmt: skip


def draft_of(row: RuleRow) -> RuleDraft:
    """A kept rule as a person would write it."""
    rule = row.rule
    return RuleDraft(
        rule.pattern, rule.kind, rule.source, "; ".join(map(shown_condition, rule.conditions)),
        rule.key_from or "", rule.quantity_from or "", rule.plan_from or "",
        "; ".join(f"{name}={path}" for name, path in rule.trial.items()), row.rule_id,
    )  # fmt: skip


def _stored_rule(session: Session, rule_id: str) -> StoredEventRule:
    number = row_number(RULE, rule_id)
    row = None if number is None else session.get(StoredEventRule, number)
    if row is None:
        raise NotFound(
            _("There is no event rule {rule_id!r}.").format(rule_id=rule_id),
            _("See events rules list; presets cannot be removed."),
        )
    return row


def _rule(row: StoredEventRule) -> EventRule:
    spec: dict[str, Any] = row.spec
    return EventRule(
        row.pattern,
        spec["kind"],
        row.source,
        tuple(Condition(*one) for one in spec.get("conditions", ())),
        spec.get("key_from"),
        spec.get("quantity_from"),
        spec.get("plan_from"),
        spec.get("trial", {}),
        row.id,
    )


def _spec(rule: EventRule) -> dict[str, Any]:
    conditions = [[one.property.strip(), one.test, one.value] for one in rule.conditions]
    return {
        "kind": folded_name(rule.kind), "conditions": conditions, "key_from": rule.key_from,
        "quantity_from": rule.quantity_from, "plan_from": rule.plan_from, "trial": dict(rule.trial),
    }  # fmt: skip


def _received_last(session: Session, source: str) -> Iterator[tuple[str, Usage]]:
    """The events received last, the newest page first."""
    wanted = select(RawPage).order_by(RawPage.id.desc()).limit(_PAGES)
    if source != ANY_SOURCE:
        wanted = wanted.where(RawPage.source == source)
    left = _LOOKED_AT
    readings: dict[str, Reading] = {}
    for page in session.scalars(wanted):
        if page.source not in readings:
            readings[page.source] = reading_of(session, page.source)
        reading = readings[page.source]
        reading.delivered(micros(page.received_at), None if page.sent_at is None else micros(page.sent_at))
        for usage in usages(page.source, items_of(page.body), reading):
            yield page.source, usage
            left -= 1
            if left <= 0:
                return


def _as_it_counts(rules: EventRules, usage: Usage) -> tuple[str, str | None, str]:
    try:
        ready = rules.event_row(usage)
    except BadValue as wrong:
        return str(wrong), None, ""
    return (
        ("ignore", None, "")
        if ready is None
        else (ready.kind, ready.key, str(number(ready.quantity, MILLION)))
    )
