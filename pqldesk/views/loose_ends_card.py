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
            reasons = "; ".join(
                f"{wording.number(n)} × {_(reason).rstrip('.')}" for reason, n in found.reasons[:4]
            )
            self.aside.setText(
                n_("{n} event does not count yet", "{n} events do not count yet", found.set_aside)
                + _(": {reasons}. To count them: pqldesk events set-aside release").format(reasons=reasons)
            )
        else:
            self.aside.setText(_("No event is set aside."))
