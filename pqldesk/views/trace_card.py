"""The way of a lead on the Sources page: through which systems one person went."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from pqldesk.services.problems import Problem
from pqldesk.services.texts import _
from pqldesk.views import wording
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.notices import problem_words
from pqldesk.views.page import Page
from pqldesk.views.parts import Button, wrapped
from pqldesk.views.source_card import SourceCard

_HOPS = {
    "received": _("Received"), "portal": _("Portal"), "relay": _("Relay"),
    "marketing_automation": _("Marketing automation"), "crm": _("CRM"),
}  # fmt: skip


def _tone(hop: Any) -> str:
    return "bad" if hop.error else "ok"


class TraceCard(SourceCard):
    """The way of one person: each form, each hop and each write, with what went wrong."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Way of a lead"), _("through every system"))
        context = self.context
        self.field = QLineEdit()
        self.field.setPlaceholderText("jane@example.com")
        self.field.setAccessibleName(_("E-mail or id of the lead to follow"))
        self.field.setMinimumHeight(context.theme.px(32))
        self.field.returnPressed.connect(self._ask)
        ask = Button(context.paints, _("Follow"))
        ask.clicked.connect(self._ask)
        across = QHBoxLayout()
        across.addWidget(self.field, 1)
        across.addWidget(ask)
        self.body.addLayout(across)
        self.said = wrapped(context.theme, "", 12, "bad")
        self.said.hide()
        self.body.addWidget(self.said)
        self.hops = Facts(context.paints, _("Way of a lead"))
        self.body.addWidget(self.hops)

    def _ask(self) -> None:
        if text := self.field.text().strip():
            job = self.context.background.read(self.context.desk.traced, text)
            job.then(self._show).otherwise(self._explain)

    def _show(self, hops: Sequence[Any]) -> None:
        self.said.setText(_("Nothing has come or gone for this lead yet."))
        self.said.set_tone("muted")
        self.said.setVisible(not hops)
        self.hops.show_rows(
            tuple(
                Fact(
                    " · ".join(filter(None, (_HOPS.get(hop.hop, wording.plain(hop.hop)), hop.system))),
                    wording.moment(hop.at),
                    hop.error or hop.remote_id or " ",
                    pill=wording.OUTBOX_STATES.get(hop.status, (wording.plain(hop.status), _tone(hop))),
                    hint=f"{wording.exact(hop.at)}\n{hop.error or hop.remote_id or ''}".strip(),
                )
                for hop in hops
            )
        )

    def _explain(self, problem: Exception) -> None:
        self.hops.show_rows(())
        if not isinstance(problem, Problem):
            self.context.background.problem.emit(problem)
            return
        self.said.set_tone("bad")
        self.said.setText(problem_words(problem))
        self.said.show()
