"""A filter in words, as its chips say it: a faint word and a strong rest, such as Score ≥ 60 or Owner is nobody."""

from collections.abc import Mapping

from pqldesk.services.basics.texts import _
from pqldesk.services.filters.fields import FIELDS
from pqldesk.services.filters.language import Clause, Every, Node, Not, filter_text
from pqldesk.views import wording

Labels = Mapping[tuple[str, str], str]  # (field, key) -> label, of signals, milestones and bands

VERB_WORDS = {
    ">=": _("≥ {value}"), "<=": _("≤ {value}"), "=": _("= {value}"), "!=": _("≠ {value}"), ">": _("> {value}"),
    "<": _("< {value}"), "is": _("is {value}"), "is not": _("is not {value}"), "contains": _("contains {value}"),
    "not contains": _("does not contain {value}"), "starts": _("starts with {value}"), "any": _("is any of {value}"),
    "none": _("is none of {value}"), "empty": _("is empty"), "not empty": _("is not empty"),
    "before": _("before {value}"), "after": _("after {value}"), "on": _("on {value}"),
    "last": _("in the last {value}"), "not last": _("not in the last {value}"), "next": _("in the next {value}"),
    "not next": _("not in the next {value}"), "yes": _("yes"), "no": _("no"), "met": _("is met"),
    "unmet": _("is not met"), "reached": _("is reached"), "unreached": _("is not reached"),
}  # fmt: skip
_WHOLE = {
    ("hand-raise", "not empty"): _("raised a hand"), ("hand-raise", "empty"): _("never raised a hand"),
    ("trial", "not empty"): _("has a trial"), ("trial", "empty"): _("has no trial"),
    ("task due", "not empty"): _("has an open task"), ("task due", "empty"): _("has no open task"),
    ("pql", "yes"): _("is a PQL"), ("pql", "no"): _("is no PQL"),
}  # fmt: skip
_ONE_OF = {"any": "is", "none": "is not"}
_UNITS = {"hours": _("hours"), "days": _("days"), "weeks": _("weeks")}


def chip_words(node: Node, labels: Labels) -> tuple[str, str]:
    """The faint word and the strong rest of a chip."""
    if isinstance(node, Clause):
        if (whole := _WHOLE.get((node.field, node.op))) is not None:
            return "", whole[:1].upper() + whole[1:]
        label = labels.get((node.field, node.key), node.key) if node.key else FIELDS[node.field].label
        return label, verb_words(node, labels)
    if isinstance(node, Not):
        return _("Not"), sentence(node.part, labels)
    return "", sentence(node, labels)


def verb_words(clause: Clause, labels: Labels) -> str:
    """What a clause says of its field: is nobody, in the last 7 days."""
    values = [value_words(clause.field, value, labels) for value in clause.values]
    if clause.op in ("last", "not last", "next", "not next"):
        return VERB_WORDS[clause.op].format(value=f"{clause.values[0]} {_UNITS[clause.values[1]]}")
    verb = _ONE_OF.get(clause.op, clause.op)  # "is any of AT or CH" would say it twice
    return VERB_WORDS[verb].format(value=_listed(values))


def _listed(values: list[str]) -> str:
    """AT, BE or CH."""
    return _(" or ").join(filter(None, (", ".join(values[:-1]), *values[-1:])))


def value_words(field: str, value: str, labels: Labels) -> str:
    """A value as people read it."""
    if (label := labels.get((field, value))) is not None:
        return label
    if field == "owner":
        return {"nobody": _("nobody"), "me": _("me")}.get(value, wording.person(value))
    if field == "state":
        return wording.in_sentence(wording.LEAD_STATES.get(value, wording.plain(value)))
    return {"today": _("today"), "yesterday": _("yesterday"), "tomorrow": _("tomorrow")}.get(value, value)


def sentence(node: Node, labels: Labels) -> str:
    """A whole tree as one sentence."""
    if isinstance(node, Clause):
        return " ".join(filter(None, chip_words(node, labels)))
    if isinstance(node, Not):
        return _("not {part}").format(part=_bracketed(node.part, labels))
    word = _(" and ") if isinstance(node, Every) else _(" or ")
    return word.join(_bracketed(part, labels) for part in node.parts)


def _bracketed(node: Node, labels: Labels) -> str:
    words = sentence(node, labels)
    return words if isinstance(node, Clause | Not) else f"({words})"


def hint(node: Node) -> str:
    """The filter as the command line writes it."""
    return filter_text(node)
