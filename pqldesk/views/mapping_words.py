"""How the names of a mapping are told to people."""

from pqldesk.services.basics.texts import _
from pqldesk.services.crm.mapping_rows import OurThing, TheirThing, part_of
from pqldesk.views import wording
from pqldesk.views.conflicts_card import FIELDS, field_words

STATES = {
    "mapped": (_("Mapped"), "ok"),
    "gone": (_("Gone there"), "bad"),
    "open": (_("Not mapped"), "warn"),
    "left_out": (_("Left out"), "neutral"),
}
_KINDS = {
    "text": _("Text"), "number": _("Number"), "rating": _("Rating"), "date": _("Date"), "timestamp": _("Moment"),
    "select": _("Choice"), "currency": _("Money"), "member": _("Colleague"), "stage": _("Stage"), "list": _("List"),
    "checkbox": _("Yes or no"), "boolean": _("Yes or no"), "email": _("E-mail"),
}  # fmt: skip
_FIELDS = frozenset(_KINDS) - {"stage", "list"}
_WHY = {
    "left out": _("Left out"),
    "no such field": _("Nothing of that name"),
    "no such list": _("No such list"),
}
_LISTS = {"trials": _("Trials"), "pql": _("PQLs")}
_STAGES = {"product_qualified": _("Product Qualified"), "sales_qualified": _("Sales Qualified")}
_STEPS = {"task": _("Task"), "note": _("Note")}


def our_words(name: str) -> str:
    """``list.pql.score`` -> List PQLs: Score."""
    part, ours = part_of(name), name.rpartition(".")[2]
    if part == "list":
        return _("List: {name}").format(name=_LISTS.get(ours, ours))
    if part == "stage":
        return _("Stage: {name}").format(name=_STAGES.get(ours, ours))
    if part == "step":
        return _("Instead of it: {name}").format(name=_STEPS.get(ours, ours))
    if part.startswith("list."):
        of = part.removeprefix("list.")
        return _("{kind}: {field}").format(
            kind=_LISTS.get(of, of), field=FIELDS.get(ours) or wording.plain(ours)
        )
    return field_words(name)


def kind_words(kinds: tuple[str, ...]) -> str:
    """The kinds of field that can take it: Choice or Text."""
    words = list(dict.fromkeys(_KINDS.get(kind, wording.plain(kind)) for kind in kinds))
    return _(" or ").join(words)


def marks_of(row: TheirThing) -> str:
    """Number · required · unique."""
    marks = [
        _KINDS.get(row.kind, wording.plain(row.kind)) if row.kind else "",
        _("required") if row.required else "",
        _("unique") if row.unique else "",
        "" if row.writable else _("read-only"),
        row.key if row.key != row.title else "",
    ]
    return " · ".join(filter(None, marks))


def why_words(row: OurThing) -> str:
    """Why it is not mapped, or is no longer."""
    if row.state == "gone" and row.theirs is not None:
        return refusal_words(row.theirs, row) if row.theirs.kind in _FIELDS else _("it is not there any more")
    return _WHY.get(row.why, row.why)


def refusal_words(theirs: TheirThing, ours: OurThing) -> str:
    """Why a field cannot take what is ours."""
    if not theirs.writable:
        return _("it cannot be written there")
    if theirs.kind not in ours.kinds:
        return _("it is of kind {kind}, not {kinds}").format(
            kind=kind_words((theirs.kind,)), kinds=kind_words(ours.kinds)
        )
    return _("its values need not be unique there")
