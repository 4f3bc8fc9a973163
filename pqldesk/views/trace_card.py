"""The way of a lead on the Sources page: through which systems one person went."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import QueueLink
from pqldesk.views import wording
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.labels import stand, wrapped
from pqldesk.views.notices import problem_words
from pqldesk.views.page import Page
from pqldesk.views.parts import Button
from pqldesk.views.queue_links_sheet import QueueLinksSheet
from pqldesk.views.source_card import SourceCard

_HOPS = {
    "received": _("Received"), "portal": _("Portal"), "relay": _("Relay"),
    "marketing_automation": _("Marketing automation"), "crm": _("CRM"),
}  # fmt: skip


_ANSWERS = {
    "found": (_("There"), "ok"), "waiting": (_("Waits there"), "bad"),
    "missing": (_("Not there"), "warn"), "unreachable": (_("No answer"), "warn"), "delivered": (_("Delivered"), "ok"),
}  # fmt: skip


def _tone(hop: Any) -> str:
    return "bad" if hop.error else "ok"


def _pill(hop: Any) -> tuple[str, str]:
    known = _ANSWERS.get(hop.status) or wording.OUTBOX_STATES.get(hop.status)
    return known or (wording.plain(hop.status), _tone(hop))


def _system(name: str | None) -> str:
    from pqldesk.services.connectors import title_of

    return title_of(name) if name else ""


def _nothing(_problem: Exception) -> None:
    """The systems are being asked; they may know somebody whom nobody knows here."""


class TraceCard(SourceCard):
    """The way of one person: each form, each hop and each write, with what went wrong."""

    has_blocks = False  # it shows nothing until somebody is followed

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Way of a lead"), _("through every system"))
        context = self.context
        self.alarm = wrapped(page.theme, "", 12.5, "bad")
        self.body.addWidget(self.alarm)
        self.stuck = Facts(context.paints, _("Stuck leads"))
        self.stuck.activated.connect(self.follow)
        self.body.addWidget(self.stuck)
        self.alarm.hide()
        self.stuck.hide()
        self.field = QLineEdit()
        self.field.setPlaceholderText("jane@example.com")
        self.field.setAccessibleName(_("E-mail or id of the lead to follow"))
        self.field.setMinimumHeight(context.theme.px(32))
        self.field.returnPressed.connect(self._ask)
        ask = Button(context.paints, _("Follow"))
        context.offer(ask, "sources.trace")
        ask.clicked.connect(self._ask)
        across = QHBoxLayout()
        across.addWidget(self.field, 1)
        across.addWidget(ask)
        self.test = Button(context.paints, _("Send a test lead"))
        self.test.setToolTip(
            _("An easily recognised lead goes the way of a real one; it can be erased afterwards")
        )
        self.test.clicked.connect(self.send_test)
        stand(self.test, context.desk.send_test_lead is not None)
        across.addWidget(self.test)
        self.links = Button(context.paints, _("Links…"), partial(context.key_of, "trace.links"))
        self.links.setToolTip(_("Where each system shows its queue or log, opened from the steps below"))
        self.links.clicked.connect(self.edit_links)
        context.offer(self.test, "sources.test_lead")
        context.rights.hold(self.links, "trace.links")
        across.addWidget(self.links)
        self.body.addLayout(across)
        self.said = wrapped(context.theme, "", 12, "bad")
        self.said.hide()
        self.body.addWidget(self.said)
        self.hops = Facts(context.paints, _("Way of a lead"), even=True)
        self.hops.activated.connect(self._open)
        self.body.addWidget(self.hops)
        self.hops.hide()  # a list of nothing would still take the space between two parts

    def refresh(self) -> None:
        self.page.read(self.context.desk.stuck_leads).then(self._show_stuck)

    def _show_stuck(self, rows: Sequence[Any]) -> None:
        """Who waits for longer than the setting says; Enter follows the lead."""
        self.alarm.setText(n_("{n} lead is stuck on its way", "{n} leads are stuck on their way", len(rows)))
        self.stuck.show_rows(
            tuple(
                Fact(
                    row.name or row.email or row.lead_id,
                    wording.ago(row.since, self.context.now()),
                    " · ".join(filter(None, (_HOPS.get(row.step, wording.plain(row.step)), row.error))),
                    pill=_pill(row),
                    hint=wording.exact(row.since),
                    action=row.email or row.lead_id,
                )
                for row in rows
            )
        )
        for widget in (self.alarm, self.stuck):
            widget.setVisible(bool(rows))

    def edit_links(self, _checked: bool = False) -> None:
        """Open the sheet with the queue pages and logs of the connected systems."""
        self.page.read(self.context.desk.queue_links).then(self._edit_links)

    def _edit_links(self, links: Sequence[QueueLink]) -> None:
        sheet = QueueLinksSheet(self.context, links)
        sheet.given.connect(self._keep_link)
        self.context.wishes.sheet.emit(sheet)

    def _keep_link(self, system: str, url: str) -> None:
        self.page.act(
            self.context.desk.set_queue_link, system, url, self.context.rep,
            told=_("The link of {name} is kept").format(name=_system(system)) if url else _(
                "The link of {name} is gone").format(name=_system(system)),
        )  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.field.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # keys are commands again
        else:
            super().keyPressEvent(event)

    def follow(self, lead: str) -> None:
        """Ask every system for a lead; without one the field waits for who it shall be."""
        self.field.setFocus()
        if lead:
            self.field.setText(lead)
            self._ask()
        else:
            self.field.selectAll()

    def _ask(self) -> None:
        if not (text := self.field.text().strip()):
            return
        if self.context.desk.follow is None:
            job = self.context.background.read(self.context.desk.traced, text)
            job.then(self._show).otherwise(self._explain)
            return
        self._say(_("Asking the connected systems…"), "muted")
        self.context.background.read(self.context.desk.traced, text).then(self._show_stored).otherwise(
            _nothing
        )
        follow = self.context.background.start(self.context.desk.follow, text)
        follow.then(self._show_way).otherwise(self._explain)

    def send_test(self, _checked: bool = False) -> None:
        """Send an easily recognised lead the way of a real one, and follow it."""
        if self.context.desk.send_test_lead is None:
            return
        self.test.setEnabled(False)
        self._say(_("A test lead is on its way; it is followed for 20 seconds."), "muted")
        job = self.context.background.start(self.context.desk.send_test_lead)
        job.then(self._tested).otherwise(self._test_failed)

    def _tested(self, probed: Any) -> None:
        self.test.setEnabled(True)
        self.field.setText(probed.way.who)
        self._show_way(probed.way)

    def _test_failed(self, problem: Exception) -> None:
        self.test.setEnabled(True)
        self._explain(problem)

    def _open(self, url: str) -> None:
        QDesktopServices.openUrl(QUrl(url))

    def _show_stored(self, hops: Sequence[Any]) -> None:
        self._list(hops)

    def _show_way(self, way: Any) -> None:
        self._list(way.hops)
        arrived = any(hop.hop == "crm" and hop.status in ("found", "done", "delivered") for hop in way.hops)
        wrong = any(hop.status in ("failed", "held", "waiting", "missing", "unreachable") for hop in way.hops)
        self._say(way.sentence, "ok" if arrived else "bad" if wrong else "muted")

    def _say(self, text: str, tone: str) -> None:
        self.said.set_tone(tone)
        self.said.setText(text)
        self.said.show()

    def _show(self, hops: Sequence[Any]) -> None:
        self.said.setText(_("Nothing has come or gone for this lead yet."))
        self.said.set_tone("muted")
        self.said.setVisible(not hops)
        self._list(hops)

    def _list(self, hops: Sequence[Any]) -> None:
        self.hops.setVisible(bool(hops))
        self.hops.show_rows(
            tuple(
                Fact(
                    " · ".join(
                        filter(None, (_HOPS.get(hop.hop, wording.plain(hop.hop)), _system(hop.system)))
                    ),
                    wording.moment(hop.at) if hop.at else "",
                    hop.error or hop.detail or hop.remote_id or "",
                    pill=_pill(hop),
                    hint="\n".join(
                        filter(
                            None, (wording.exact(hop.at) if hop.at else "", hop.error, hop.remote_id, hop.url)
                        )
                    ),
                    action=hop.url or "",
                )
                for hop in hops
            )
        )

    def _explain(self, problem: Exception) -> None:
        self._list(())
        if not isinstance(problem, Problem):
            self.context.background.problem.emit(problem)
            return
        self.said.set_tone("bad")
        self.said.setText(problem_words(problem))
        self.said.show()
