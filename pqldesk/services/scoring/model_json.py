"""The JSON form of a scoring model: written for people to edit, read with sentences for what is wrong."""

import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pqldesk.services.basics.exact import HUNDRED, MILLION, number, parts
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.scoring.model import (
    DEFAULT_BANDS,
    Band,
    Exclusion,
    ExclusionRule,
    FitSignal,
    Measure,
    Operator,
    ScoringModel,
    UsageSignal,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_MISSING = object()
_KEY = re.compile(r"[a-z0-9][a-z0-9_]*")


class BadModel(BadInput):
    """A scoring model that cannot be used, with where and why."""


def model_to_json(model: ScoringModel) -> dict[str, Any]:
    """A model as JSON values; model_from_json gives the same model back."""
    return {
        "name": model.name,
        "version": model.version,
        "cut": number(model.cut, HUNDRED),
        "signals": [
            {
                "key": signal.key,
                "label": signal.label,
                "kind": signal.kind,
                "measure": str(signal.measure),
                "window_days": signal.window_days,
                "threshold": number(signal.threshold, MILLION),
                "weight": number(signal.weight, HUNDRED),
                "proportional": signal.proportional,
                "cap": None if signal.cap is None else number(signal.cap, MILLION),
            }
            for signal in model.signals
        ],
        "bands": [
            {
                "key": band.key,
                "label": band.label,
                "at_least": None if band.at_least is None else number(band.at_least, HUNDRED),
            }
            for band in model.bands
        ],
        "exclusions": [
            {
                "key": rule.key,
                "label": rule.label,
                "rule": str(rule.rule),
                "values": list(rule.values),
                "events": rule.events,
                "minutes": rule.minutes,
            }
            for rule in model.exclusions
        ],
        "fit": [
            {
                "key": fit.key,
                "label": fit.label,
                "field": fit.field,
                "operator": str(fit.operator),
                "value": list(fit.value) if isinstance(fit.value, tuple) else fit.value,
                "weight": number(fit.weight, HUNDRED),
            }
            for fit in model.fit
        ],
    }


def model_from_json(document: object) -> ScoringModel:
    """The model in *document*; BadModel says where it is wrong and what would be right."""
    top = _Part(document, "the model", ("name", "version", "cut", "signals", "bands", "exclusions", "fit"))
    model = ScoringModel(
        name=top.text("name"),
        version=top.whole("version", least=1),
        cut=top.points("cut"),
        signals=top.each("signals", _signal),
        bands=top.each("bands", _band) or DEFAULT_BANDS,
        exclusions=top.each("exclusions", _exclusion),
        fit=top.each("fit", _fit),
    )
    if not model.signals:
        raise BadModel(_("The model has no signals."), _("Add at least one signal."))
    limits = [band.at_least for band in model.bands]
    if limits[-1] is not None or None in limits[:-1]:
        raise BadModel(
            _("The lowest band must have no limit."), _('Give the last band, and only it, "at_least": null.')
        )
    known = [limit for limit in limits if limit is not None]
    if known != sorted(set(known), reverse=True):
        raise BadModel(
            _("The bands are not in order."), _("List them from the highest limit down, each limit once.")
        )
    return model


class _Part:
    """One JSON object of the model, read key by key; *where* names it in sentences."""

    def __init__(self, value: object, where: str, keys: Collection[str]) -> None:
        if not isinstance(value, Mapping):
            raise BadModel(
                _("{where} is not an object.").format(where=_start(where)),
                _("Known keys: {known}.").format(known=", ".join(keys)),
            )
        unknown = [str(key) for key in value if key not in keys]
        if unknown:
            raise BadModel(
                _("{where} has an unknown key {unknown}.").format(where=_start(where), unknown=unknown[0]),
                _("Known keys: {known}.").format(known=", ".join(keys)),
            )
        self._value: Mapping[str, object] = value
        self.where = where

    def wrong(self, key: str, remedy: str) -> BadModel:
        found = self._value.get(key, _MISSING)
        what = "is missing" if found is _MISSING else f"is {found!r}"
        return BadModel(_('In {where}, "{key}" {what}.').format(where=self.where, key=key, what=what), remedy)

    def get(self, key: str) -> object:
        return self._value.get(key)

    def text(self, key: str) -> str:
        value = self._value.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, _("Write some text."))
        return value.strip()

    def name(self) -> str:
        value = self.text("key")
        if not _KEY.fullmatch(value):
            raise self.wrong("key", _("Use lower-case letters, digits and _."))
        return value

    def whole(self, key: str, *, least: int, default: int | None = None) -> int:
        value = self._value.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(key, _("Write a whole number from {least} up.").format(least=least))
        return value

    def window(self, key: str) -> int | None:
        if self._value.get(key) is None:
            return None
        days = self.whole(key, least=1)
        if days > 3_660:
            raise self.wrong(key, _("Write 1 to 3660 days, or null for ever."))
        return days

    def flag(self, key: str) -> bool:
        value = self._value.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, _("Write true or false."))
        return value

    def points(self, key: str) -> int:
        try:
            value = parts(self._value.get(key), HUNDRED)
        except ValueError:
            raise self.wrong(key, _("Write a number with up to 2 fraction digits.")) from None
        if abs(value) > 1_000_000 * HUNDRED:
            raise self.wrong(key, _("Write a number between -1000000 and 1000000."))
        return value

    def amount(self, key: str) -> int:
        try:
            value = parts(self._value.get(key), MILLION)
        except ValueError:
            raise self.wrong(key, _("Write a number with up to 6 fraction digits.")) from None
        if not 0 <= value < 10**12 * MILLION:
            raise self.wrong(key, _("Write a number from 0 up, below 1000000000000."))
        return value

    def choice(self, key: str, kinds: type[E]) -> E:
        try:
            return kinds(str(self._value.get(key)))
        except ValueError:
            raise self.wrong(key, _("Known: {known}.").format(known=", ".join(kinds))) from None

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(
            isinstance(item, str) and item.strip() for item in value
        ):
            raise self.wrong(key, _("Write a list of texts."))
        return tuple(str(item).strip() for item in value)

    def each(self, key: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        value = self._value.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            raise self.wrong(key, _("Write a list."))
        found = tuple(read(item, f"{key} {place}") for place, item in enumerate(value, 1))
        keys = [getattr(item, "key", None) for item in found]
        for name in keys:
            if keys.count(name) > 1:
                raise BadModel(
                    _('In {key}, the key "{name}" stands more than once.').format(key=key, name=name),
                    _("Give each its own key."),
                )
        return found


def _start(where: str) -> str:
    return where[:1].upper() + where[1:]


def _signal(value: object, where: str) -> UsageSignal:
    part = _Part(
        value,
        where,
        ("key", "label", "kind", "measure", "window_days", "threshold", "weight", "proportional", "cap"),
    )
    key = part.name()
    return UsageSignal(
        key=key,
        label=key if part.get("label") is None else part.text("label"),
        kind=None if part.get("kind") is None else part.text("kind"),
        measure=part.choice("measure", Measure),
        window_days=part.window("window_days"),
        threshold=part.amount("threshold"),
        weight=part.points("weight"),
        proportional=part.flag("proportional"),
        cap=None if part.get("cap") is None else part.amount("cap"),
    )


def _band(value: object, where: str) -> Band:
    part = _Part(value, where, ("key", "label", "at_least"))
    key = part.name()
    return Band(
        key,
        key if part.get("label") is None else part.text("label"),
        None if part.get("at_least") is None else part.points("at_least"),
    )


def _exclusion(value: object, where: str) -> Exclusion:
    part = _Part(value, where, ("key", "label", "rule", "values", "events", "minutes"))
    rule = part.choice("rule", ExclusionRule)
    values = part.texts("values")
    if rule in (ExclusionRule.INTERNAL_DOMAINS, ExclusionRule.TEST_ACCOUNTS) and not values:
        raise part.wrong("values", _("List at least one domain or pattern."))
    session = 1 if rule is ExclusionRule.SINGLE_SESSION else 0
    return Exclusion(
        key=part.name(),
        label=part.text("label"),
        rule=rule,
        values=tuple(item.casefold().lstrip("@") for item in values)
        if rule is ExclusionRule.INTERNAL_DOMAINS
        else tuple(item.casefold() for item in values),
        events=part.whole("events", least=session, default=0),
        minutes=part.whole("minutes", least=session, default=0),
    )


def _fit(value: object, where: str) -> FitSignal:
    part = _Part(value, where, ("key", "label", "field", "operator", "value", "weight"))
    operator = part.choice("operator", Operator)
    key = part.name()
    return FitSignal(
        key=key,
        label=key if part.get("label") is None else part.text("label"),
        field=part.text("field"),
        operator=operator,
        value=_fit_value(part, operator),
        weight=part.points("weight"),
    )


def _fit_value(part: _Part, operator: Operator) -> str | int | float | tuple[str, ...] | None:
    value = part.get("value")
    if operator is Operator.IS_SET:
        return None
    if operator is Operator.ONE_OF:
        chosen = part.texts("value")
        if not chosen:
            raise part.wrong("value", _("List at least one text."))
        return chosen
    if operator in (Operator.AT_LEAST, Operator.AT_MOST):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise part.wrong("value", _("Write a number."))
        return value
    return part.text("value")
