"""The parts of a scoring model as the editor shows them: which columns, which fields, what a new row holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pqldesk.services.basics.rates import ENOUGH
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.modelling.replay_figures import SignalReplayed
from pqldesk.services.modelling.words import number_of
from pqldesk.views import wording
from pqldesk.views.edit_table import EditColumn
from pqldesk.views.row_table import Column, Mark

MEASURES = {
    "count": _("events"), "sum": _("their sum"), "distinct_keys": _("different keys"),
    "distinct_days": _("different days"),
}  # fmt: skip
_MEASURED = {
    "count": _("count of {kind}"), "sum": _("sum of {kind}"), "distinct_keys": _("distinct keys of {kind}"),
    "distinct_days": _("distinct days of {kind}"),
}  # fmt: skip
OPERATORS = {
    "equals": _("is"), "one_of": _("is one of"), "contains": _("contains"), "ends_with": _("ends with"),
    "at_least": _("is at least"), "at_most": _("is at most"), "is_set": _("is known"),
}  # fmt: skip
RULES = {
    "internal_domains": _("E-mail domains of our own"), "test_accounts": _("Test accounts by pattern"),
    "bots": _("Bots"), "single_session": _("One burst and never again"),
}  # fmt: skip
FIT_FIELDS = ("country", "region", "job_title", "plan", "domain", "company_name", "source", "email", "phone")


@dataclass(frozen=True)
class Field:
    """One field of a row. *kind*: text, number, list, choice, flag; an *optional* one may be empty."""

    key: str
    label: str
    kind: str = "text"
    optional: bool = False
    choices: Mapping[Any, str] = field(default_factory=dict)
    empty: str = ""  # what stands there while it is empty
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a part: its place in the document, its values, what the live model has, what replay says."""

    place: int
    values: Mapping[str, Any]
    live: Mapping[str, Any] | None
    replayed: SignalReplayed | None = None
    heaviest: float = 1


@dataclass(frozen=True)
class Part:
    """One tab of the editor."""

    key: str
    title: str
    columns: tuple[Column[Line], ...]
    fields: tuple[Field, ...]
    new: Callable[[int], dict[str, Any]] | None = None
    add: str = ""
    empty: str = ""


def text_of(value: Any, one: Field) -> str:
    """A value of the document as it is typed."""
    if value is None:
        return ""
    if one.kind == "list" or isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def value_of(text: str, one: Field) -> Any:
    """What was typed, as the document holds it; what is no number stays text, for the check to name."""
    if one.optional and not text.strip():
        return None
    if one.kind == "number":
        return number_of(text)
    if one.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text.strip()


def _tone(line: Line, key: str) -> str:
    """The token of a cell's text: accent where the draft says something else than the live model."""
    if line.live is None:
        return "accent"
    return "accent" if line.live.get(key) != line.values.get(key) else "text"


def _was(line: Line, key: str, said: Callable[[Mapping[str, Any]], str]) -> str:
    if line.live is None:
        return _("New in the draft")
    if line.live.get(key) != line.values.get(key):
        return _("{now}; live: {was}").format(now=said(line.values), was=said(line.live))
    return _("{now}. Enter or F2 to change").format(now=said(line.values))


def _cell(
    title: str, key: str, said: Callable[[Mapping[str, Any]], str], width: int, stretch: int = 0
) -> EditColumn[Line]:
    return EditColumn[Line](
        title, lambda line: said(line.values), width, stretch=stretch,
        hint=lambda line: _was(line, key, said),
        mark=lambda line: Mark(tone=_tone(line, key)),
        order=lambda line: line.place, field=key, typed=lambda line: text_of(line.values.get(key), Field(key, "")),
    )  # fmt: skip


def _number(value: Any) -> str:
    return wording.number(value) if isinstance(value, int | float) else str(value)


def _window(values: Mapping[str, Any]) -> str:
    days = values.get("window_days")
    return _("ever") if days is None else n_("{n} day", "{n} days", int(days))


def _needed(values: Mapping[str, Any]) -> str:
    sign = _("up to") if values.get("proportional") else "≥"
    return f"{sign} {_number(values.get('threshold'))}"


def _measure(line: Line) -> str:
    kind = line.values.get("kind")
    words = wording.in_sentence(wording.plain(kind)) if kind else _("any usage")
    return _MEASURED.get(str(line.values.get("measure")), "{kind}").format(kind=words)


def _weight_mark(line: Line) -> Mark:
    weight = float(line.values.get("weight") or 0)
    tone = "bad" if weight < 0 else "accent"
    return Mark("bar", tone=tone, share=min(1.0, abs(weight) / max(1.0, line.heaviest)))


def _reached(line: Line) -> str:
    rate = line.replayed.reached if line.replayed else None
    return wording.NONE if rate is None else wording.percent(rate.share)


def _lift(line: Line) -> str:
    one = line.replayed
    if one is None or one.lift is None:
        return wording.NONE
    return _("few") if one.won.of < ENOUGH else f"{wording.figure(one.lift, 1)}×"


def _lift_hint(line: Line) -> str:
    one = line.replayed
    if one is None:
        return _("Shown once the replay has run")
    rate = one.won
    if not rate.of or rate.low is None or rate.high is None:
        return _("No lead reached it before it was won or lost")
    words = _("Won: {n} of {of} decided leads that had reached it").format(n=rate.n, of=rate.of)
    if rate.of < ENOUGH:
        return words + "\n" + _("Not enough yet: {n} are needed").format(n=ENOUGH)
    covers = _("{n} of {of} wins had it").format(n=one.coverage.n, of=one.coverage.of)
    interval = f"{wording.percent(rate.share)} ({wording.percent(rate.low)} – {wording.percent(rate.high)})"
    return f"{words}\n{interval}\n{covers}"


def _reached_hint(line: Line) -> str:
    rate = line.replayed.reached if line.replayed else None
    if rate is None:
        return _("Shown once the replay has run")
    return _("{n} of {of} leads reached it").format(n=wording.number(rate.n), of=wording.number(rate.of))


def _plain(key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda values: _number(values.get(key)) if values.get(key) is not None else wording.NONE


def _fit_value(values: Mapping[str, Any]) -> str:
    value = values.get("value")
    words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return f"{OPERATORS.get(str(values.get('operator')), '')} {'' if words is None else words}".strip()


def _rule(values: Mapping[str, Any]) -> str:
    rule = str(values.get("rule"))
    if rule == "single_session":
        return _("{events} events or more within {minutes} minutes").format(**values)
    return ", ".join(values.get("values") or ()) or RULES.get(rule, rule)


SIGNALS = Part(
    "signals",
    _("Signals"),
    (
        EditColumn[Line](
            _("Signal"), lambda line: wording.label(str(line.values.get("label"))), 190, stretch=3,
            hint=lambda line: f"{_was(line, 'label', _plain('label'))}\n{_measure(line)}",
            mark=lambda line: Mark(second=_measure(line), tone=_tone(line, "label")), order=lambda line: line.place,
            field="label", typed=lambda line: str(line.values.get("label")),
        ),
        _cell(p_("signal", "Window"), "window_days", _window, 68),
        _cell(_("Threshold"), "threshold", _needed, 78),
        EditColumn[Line](
            _("Weight"), lambda line: _number(line.values.get("weight")), 80, mark=_weight_mark,
            hint=lambda line: _was(line, "weight", _plain("weight")), order=lambda line: line.place,
            field="weight", typed=lambda line: str(line.values.get("weight")),
        ),
        Column[Line](_("Reached"), _reached, 70, right=True, hint=_reached_hint, mark=lambda _l: Mark(tone="muted"),
                     order=lambda line: line.place),
        Column[Line](_("Lift"), _lift, 50, right=True, hint=_lift_hint, order=lambda line: line.place),
    ),
    (
        Field("label", _("Name")),
        Field("kind", _("Event"), "choice", optional=True),
        Field("measure", _("Counts"), "choice", choices=MEASURES),
        Field("window_days", _("Window, days"), "number", optional=True, empty=_("ever")),
        Field("threshold", _("Threshold"), "number"),
        Field("weight", _("Weight"), "number", hint=_("Points; below 0 it costs points")),
        Field("proportional", _("Earns"), "flag", choices={False: _("all or nothing"), True: _("in proportion")}),
        Field("cap", _("Counts up to"), "number", optional=True, empty=_("no cap")),
    ),
    lambda n: {"key": f"signal_{n}", "label": _("New signal"), "kind": None, "measure": "count", "window_days": 14,
               "threshold": 1, "weight": 5, "proportional": False, "cap": None},
    _("Add signal"),
)  # fmt: skip
FIT = Part(
    "fit",
    _("Fit"),
    (
        _cell(_("Fact"), "label", lambda v: str(v.get("label")), 140, 2),
        Column[Line](_("Field"), lambda line: wording.plain(str(line.values.get("field"))), 110, stretch=1,
                     mark=lambda _l: Mark(tone="muted")),
        Column[Line](_("Condition"), lambda line: _fit_value(line.values), 160, stretch=2),
        EditColumn[Line](
            _("Weight"), lambda line: _number(line.values.get("weight")), 116, mark=_weight_mark, field="weight",
            typed=lambda line: str(line.values.get("weight")),
        ),
    ),
    (
        Field("label", _("Name")),
        Field("field", _("Field"), "choice", choices={name: wording.plain(name) for name in FIT_FIELDS}),
        Field("operator", _("Comparison"), "choice", choices=OPERATORS),
        Field("value", _("Value"), "fit", optional=True),
        Field("weight", _("Weight"), "number"),
    ),
    lambda n: {"key": f"fit_{n}", "label": _("New fact"), "field": "job_title", "operator": "contains",
               "value": "head", "weight": 10},
    _("Add fact"),
    _("No facts yet. Fit is an axis of its own: who the person is, never added to the usage score."),
)  # fmt: skip
EXCLUSIONS = Part(
    "exclusions",
    _("Exclusions"),
    (
        _cell(_("Reason shown"), "label", lambda v: str(v.get("label")), 160, 2),
        Column[Line](_("Rule"), lambda line: RULES.get(str(line.values.get("rule")), ""), 180, stretch=2,
                     mark=lambda _l: Mark(tone="muted")),
        Column[Line](_("Which"), lambda line: _rule(line.values), 200, stretch=3),
    ),
    (
        Field("label", _("Reason shown")),
        Field("rule", _("Rule"), "choice", choices=RULES),
        Field("values", _("Domains or patterns"), "list", hint=_("With commas between them")),
        Field("events", _("Events"), "number"),
        Field("minutes", _("Within minutes"), "number"),
    ),
    lambda n: {"key": f"exclusion_{n}", "label": _("Our own people"), "rule": "internal_domains",
               "values": ["example.com"], "events": 0, "minutes": 0},
    _("Add exclusion"),
    _("Nobody is excluded. Take out your own people, test accounts and bots, so that no rate counts them."),
)  # fmt: skip
BANDS = Part(
    "bands",
    _("Bands"),
    (
        _cell(_("Band"), "label", lambda v: str(v.get("label")), 160, 1),
        _cell(p_("points", "From"), "at_least",
              lambda v: _("the rest") if v.get("at_least") is None else _number(v["at_least"]), 120, 1),
    ),
    (Field("label", _("Name")), Field("at_least", _("From points"), "number", optional=True, empty=_("the rest"))),
)  # fmt: skip
PARTS = (SIGNALS, FIT, EXCLUSIONS, BANDS)


def lines_of(
    part: Part,
    document: Mapping[str, Any],
    live: Mapping[str, Any],
    replayed: Mapping[str, SignalReplayed],
) -> tuple[Line, ...]:
    """The rows of one tab."""
    before = {one["key"]: one for one in live.get(part.key, ())}
    rows = document.get(part.key, ())
    weights = [abs(float(one["weight"])) for one in rows if isinstance(one.get("weight"), int | float)]
    heaviest = max(weights, default=1.0)
    return tuple(
        Line(
            place,
            one,
            before.get(one["key"]),
            replayed.get(one["key"]) if part is SIGNALS else None,
            heaviest,
        )
        for place, one in enumerate(rows)
    )
