"""What waits for a decision on the Sources page: pairs of leads, and events that do not count."""

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import LooseEnds
from pqldesk.views import wording
from pqldesk.views.page import Page
from pqldesk.views.parts import wrapped
from pqldesk.views.source_card import SourceCard


class LooseEndsCard(SourceCard):
    """How many leads may be one person, and how many events are set aside, with the reasons."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("To decide"))
        self.pairs = wrapped(page.theme)
        self.aside = wrapped(page.theme)
        for words in (self.pairs, self.aside):
            self.body.addWidget(words)

    def refresh(self) -> None:
        self.page.read(self.context.desk.loose_ends).then(self._show)

    def _show(self, found: LooseEnds) -> None:
        pairs = len(found.suggestions)
        if pairs:
            first = found.suggestions[0]
            self.pairs.setText(
                n_("{n} pair of leads may be one person", "{n} pairs of leads may be one person", pairs)
                + _(", first {one} and {other}: {reason}. Open either lead to merge them or keep them apart.").format(
                    one=first.lead_name, other=first.other_name, reason=first.reason.rstrip(".")
                )
            )  # fmt: skip
        else:
            self.pairs.setText(_("No two leads look like one person."))
        if found.set_aside:
            reasons = [(_(reason).rstrip("."), wording.number(n)) for reason, n in found.reasons[:4]]
            several = len(found.reasons) > 1
            said = " ".join(f"{reason} ({n})." if several else f"{reason}." for reason, n in reasons)
            self.aside.setText(
                " ".join((
                    n_("{n} event is set aside and does not count.", "{n} events are set aside and do not count.",
                       found.set_aside),
                    said, _("To count what is set aside: pqldesk events set-aside release"),
                ))
            )  # fmt: skip
        else:
            self.aside.setText(_("No event is set aside."))
