"""What waits for a decision on the Sources page: pairs of leads, and events that do not count."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import LooseEnds
from pqldesk.views import wording
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Page
from pqldesk.views.parts import Button
from pqldesk.views.source_card import SourceCard


class LooseEndsCard(SourceCard):
    """How many leads may be one person, and how many events are set aside, with the reasons."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("To decide"))
        self.pairs = wrapped(page.theme)
        self.aside = wrapped(page.theme)
        self.look = Button(self.paints, _("Look through…"), partial(self.context.key_of, "imports.aside"))
        self.look.setToolTip(_("The events with the reason of each; count one or all of them after all"))
        self.look.clicked.connect(self.open_aside)
        self.look.hide()
        self.body.addWidget(self.pairs)
        across = QHBoxLayout()
        across.addWidget(self.aside, 1)
        across.addWidget(self.look)
        self.body.addLayout(across)

    def open_aside(self, _checked: bool = False) -> None:
        """List what is set aside, to be counted after all."""
        from pqldesk.views.set_aside_sheet import SetAsideSheet

        self.context.wishes.sheet.emit(SetAsideSheet(self.page))

    def refresh(self) -> None:
        self.page.read(self.context.desk.loose_ends).then(self._show)

    def _show(self, found: LooseEnds) -> None:
        self.look.setVisible(bool(found.set_aside))
        pairs = len(found.suggestions)
        self.pairs.set_tone("" if pairs else "muted")
        self.aside.set_tone("" if found.set_aside else "muted")
        if pairs:
            first = found.suggestions[0]
            self.pairs.setText(
                n_("{n} pair of leads may be one person", "{n} pairs of leads may be one person", pairs)
                + _(", first {one} and {other}. {reason}. Open either lead to merge them or keep them apart.").format(
                    one=first.lead_name, other=first.other_name, reason=wording.sentence(first.reason).removesuffix(".")
                )
            )  # fmt: skip
        else:
            self.pairs.setText(_("No two leads look like one person."))
        if found.set_aside:
            reasons = [(wording.sentence(_(reason)), wording.number(n)) for reason, n in found.reasons[:4]]
            several = len(found.reasons) > 1
            said = " ".join(f"{reason[:-1]} ({n})." if several else reason for reason, n in reasons)
            self.aside.setText(
                " ".join((
                    n_("{n} event is set aside and does not count.", "{n} events are set aside and do not count.",
                       found.set_aside),
                    said,
                ))
            )  # fmt: skip
        else:
            self.aside.setText(_("No event is set aside."))
