"""A scoring model while it is being edited: what is wrong with it, and what it changes, in words. No database."""

from collections.abc import Mapping, Sequence
from typing import Any

from pqldesk.services.basics.exact import HUNDRED, MILLION, number
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, p_
from pqldesk.services.scoring.model import ScoringModel
from pqldesk.services.scoring.model_json import model_from_json, model_to_json


def differences(old: ScoringModel, new: ScoringModel) -> list[str]:
    """What is different in *new*, one sentence part a change; empty when both score alike."""
    found = []
    if old.cut != new.cut:
        found.append(
            _("cut {old} → {new}").format(old=number(old.cut, HUNDRED), new=number(new.cut, HUNDRED))
        )
    was, now = model_to_json(old), model_to_json(new)
    for part, title in (
        ("signals", _("signal")), ("fit", _("fit")), ("exclusions", _("exclusion")), ("bands", _("band")),
    ):  # fmt: skip
        before = {one["key"]: one for one in was[part]}
        after = {one["key"]: one for one in now[part]}
        found += [
            _("{part} {label} added").format(part=title, label=one["label"])
            for key, one in after.items()
            if key not in before
        ]
        found += [
            _("{part} {label} removed").format(part=title, label=one["label"])
            for key, one in before.items()
            if key not in after
        ]
        for key, one in after.items():
            if key in before:
                found += _changed(one["label"], before[key], one)
        kept = [key for key in before if key in after]
        if kept != [key for key in after if key in before]:
            found.append(_("order of {part}s").format(part=title))
    return found


def _changed(label: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [
        _("{label}: {field} {old} → {new}").format(
            label=label, field=_FIELDS.get(key, key), old=_said(before[key]), new=_said(value)
        )
        for key, value in after.items()
        if value != before[key]
    ]


_FIELDS = {
    "label": _("name"), "kind": _("event"), "measure": _("measure"), "window_days": _("window"),
    "threshold": _("threshold"), "weight": _("weight"), "proportional": _("in proportion"), "cap": _("cap"),
    "at_least": _("from"), "rule": _("rule"), "values": _("values"), "events": _("events"), "minutes": _("minutes"),
    "field": _("field"), "operator": _("comparison"), "value": _("value"),
}  # fmt: skip


def _said(value: object) -> str:
    if value is None:
        return p_("value", "none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or p_("value", "none")
    return str(value)


def check_model(document: Mapping[str, Any]) -> str:
    """What is wrong with a model as it is being typed, in one sentence; "" when it can be used."""
    try:
        model_from_json(document)
    except BadInput as problem:
        return str(problem)
    return ""


def number_of(text: str) -> float | int | str:
    """What a person typed as a number: an int or float where it is one, else the text, for the check to name."""
    cleaned = text.strip().replace(",", ".")
    try:
        value = float(cleaned)
    except ValueError:
        return text
    if value != value or abs(value) > MILLION * MILLION:
        return text
    return int(value) if value.is_integer() and "e" not in cleaned.lower() else value
