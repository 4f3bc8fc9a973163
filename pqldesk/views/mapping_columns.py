"""The columns of the two lists that a mapping is made of: ours, and the CRM's."""

from collections.abc import Callable

from pqldesk.services.basics.texts import _
from pqldesk.services.crm.mapping_rows import OurThing, TheirThing
from pqldesk.views.mapping_words import STATES, kind_words, marks_of, our_words, why_words
from pqldesk.views.row_table import Column, Mark

_FIRST = {"gone": 0, "open": 1, "mapped": 2, "left_out": 3}


def our_columns() -> tuple[Column[OurThing], ...]:
    """What we have, what it is written into, and how that stands."""

    def there(row: OurThing) -> str:
        if row.theirs is not None:
            return row.theirs.title
        return _("{field}?").format(field=row.proposal.title) if row.proposal else "–"

    def note(row: OurThing) -> str:
        if row.state != "mapped":
            return why_words(row)
        return marks_of(row.theirs) if row.theirs else ""

    return (
        Column(
            _("Ours"), lambda r: our_words(r.name), 170, stretch=2, order=lambda r: our_words(r.name),
            hint=lambda r: r.name, mark=lambda r: Mark(second=kind_words(r.kinds)),
        ),
        Column(_("There"), there, 170, stretch=2, mark=lambda r: Mark(second=note(r))),
        Column(
            _("State"), lambda r: STATES[r.state][0], 132, order=lambda r: _FIRST[r.state],
            mark=lambda r: Mark("pill", tone=STATES[r.state][1]),
            pills=tuple(words for words, _tone in STATES.values()),
        ),
    )  # fmt: skip


def their_columns(why_refused: Callable[[TheirThing], str]) -> tuple[Column[TheirThing], ...]:
    """What the CRM has, and what fills it; *why_refused* says why the thing of ours in question cannot."""

    def used(row: TheirThing) -> str:
        return ", ".join(our_words(name) for name in row.used_by)

    def note(row: TheirThing) -> str:
        return why_refused(row) or marks_of(row)

    return (
        Column(
            _("Field"), lambda r: r.title, 190, stretch=3,
            hint=lambda r: "\n".join(filter(None, (r.title, r.key, note(r), ", ".join(r.options)))),
            mark=lambda r: Mark(second=note(r), tone="muted" if why_refused(r) else ""),
        ),
        Column(_("Filled by"), used, 110, stretch=2, weak=1, mark=lambda r: Mark(tone="muted")),
    )  # fmt: skip
