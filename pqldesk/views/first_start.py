"""What the queue shows in a workspace without leads: the ways to get some."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import crm_titles
from pqldesk.views.containers import Card, scrolled
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.wording import locale

CONNECT = "pqldesk connect attio --token-env ATTIO_TOKEN"


class FirstStart(QWidget):
    """Import, the sample, a connection, or a workspace that was exported; `wanted` carries a command id."""

    wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme = context.theme
        inner = QWidget()
        inner.setMaximumWidth(theme.px(640))
        column = QVBoxLayout(inner)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(Label(theme, _("No leads yet"), 15, 600))
        column.addWidget(wrapped(theme, _(
            "Leads and their scores appear here as soon as there is data. Four ways to begin:"
        ), 13, "muted"))  # fmt: skip
        importing = Button(context.paints, _("Import…"), "", "primary")
        self.setFocusProxy(importing)
        importing.clicked.connect(partial(self.wanted.emit, "import"))
        adding = Button(context.paints, _("Add one by hand"))
        adding.clicked.connect(partial(self.wanted.emit, "add_lead"))
        context.rights.hold(importing, "import")
        context.rights.hold(adding, "add_lead")
        column.addWidget(self._way(
            _("Import a file"),
            _("Leads, companies, trials or usage events as CSV, XLSX, JSONL or Parquet. You see what was"
              " understood before anything is stored."), "", importing, adding,
        ))  # fmt: skip
        self.sample = Button(context.paints, _("Open the sample"))
        self.sample.setToolTip(_("Your own workspace stays as it is. In a terminal: pqldesk demo"))
        self.sample.clicked.connect(partial(self.wanted.emit, "sample"))
        self._way_on = Label(theme, "", 13, tone="muted", elide=True)
        context.wishes.sample_said.connect(self._say_sample)
        column.addWidget(self._way(
            _("Try the sample"),
            _("900 made-up people with three months of usage and a made-up CRM, in a workspace of their own; yours"
              " stays as it is."), "", self.sample, self._way_on,
        ))  # fmt: skip
        self.connect_way = self._copier(CONNECT)
        sources = Button(context.paints, _("Open Sources"))
        sources.clicked.connect(partial(context.wishes.open_page.emit, "sources"))
        column.addWidget(self._way(
            _("Connect your CRM"),
            _("Handoffs, notes and tasks are written to {systems}. Connect it under Sources, or in a terminal with its"
              " token in a variable:").format(systems=locale().createSeparatedList(crm_titles())),
            CONNECT, self.connect_way, sources,
        ))  # fmt: skip
        refill = Button(context.paints, _("Fill from such a file…"))
        refill.clicked.connect(partial(self.wanted.emit, "data.refill"))
        context.offer(refill, "data.refill")
        column.addWidget(self._way(
            _("Bring a workspace along"),
            _("The whole workspace of another computer in one file, written there under Settings, Data."), "", refill,
        ))  # fmt: skip
        column.addStretch(3)
        centred = QWidget()
        across = QHBoxLayout(centred)
        across.addStretch(1)
        across.addWidget(inner, 6)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(centred, _("No leads yet")))

    def _way(self, title: str, words: str, command: str, *buttons: QWidget) -> Card:
        theme = self._context.theme
        card = Card(theme, title)
        card.body.addWidget(wrapped(theme, words, 13, "muted"))
        row = QHBoxLayout()
        row.setSpacing(8)
        if command:
            shown = Label(theme, command, 13, 500)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row.addWidget(shown, 1)
        for button in buttons:
            row.addWidget(button, int(isinstance(button, Label)))
        if not command and not isinstance(buttons[-1], Label):
            row.addStretch(1)
        card.body.addLayout(row)
        return card

    def _say_sample(self, words: str) -> None:
        self.sample.setEnabled(not words)
        self._way_on.setText(words)

    def _copier(self, command: str) -> Button:
        button = Button(self._context.paints, _("Copy"), icon="copy")
        button.setAccessibleName(_("Copy {command}").format(command=command))
        button.clicked.connect(partial(self._copy, command))
        return button

    def _copy(self, command: str) -> None:
        QGuiApplication.clipboard().setText(command)
        self._context.wishes.told.emit(_("Copied: {command}").format(command=command), 0)
