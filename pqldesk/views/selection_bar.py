"""What can be done with the selected leads, over the foot of the list while several are selected; and how far it is."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Signal
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.labels import Label
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

_ACTIONS = (
    ("claim", _("Claim")), ("assign", _("Assign")), ("snooze", _("Snooze")), ("disqualify", _("Disqualify")),
    ("copy_rows", _("Copy")),
)  # fmt: skip
_LEAVING = ("copy_rows", "disqualify", "snooze", "assign")  # the buttons, those that go first


class SelectionBar(QFrame):
    """Floats over the foot of a list."""

    wanted = Signal(str)  # a command
    cancelled = Signal()

    def __init__(self, table: QAbstractScrollArea, context: Context, keys: Callable[[str], str]) -> None:
        super().__init__(table)
        self._table, self._keys, self._context = table, keys, context
        self.setObjectName("selectionbar")
        self._lines = lines = QVBoxLayout(self)
        lines.setContentsMargins(12, 7, 9, 7)
        lines.setSpacing(7)
        self._above = QHBoxLayout()  # what is selected goes on a line of its own where one is too short
        lines.addLayout(self._above)
        self._row = row = QHBoxLayout()
        row.setSpacing(7)
        lines.addLayout(row)
        self.says = Label(context.theme, "", 13, 600)
        self.all = QPushButton()
        self.all.setObjectName("link")
        self.all.clicked.connect(self._all)
        row.addWidget(self.says)
        row.addWidget(self.all)
        row.addStretch()
        self._offers = ("", "")  # to select all that match: in full, and where that has no room
        self.buttons: dict[str, Button] = {}
        for command, words in _ACTIONS:
            button = Button(context.paints, words, keys(command))
            button.setProperty("command", command)
            button.clicked.connect(self._clicked)
            self.buttons[command] = button
            context.rights.hold(button, command)
            row.addWidget(button)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMinimumWidth(context.theme.px(160))
        self.progress.setAccessibleName(_("Progress"))
        row.addWidget(self.progress, 1)
        self.stop = Button(context.paints, _("Cancel"))
        self.stop.clicked.connect(self.cancelled)
        row.addWidget(self.stop)
        self.drop = QPushButton("×")
        self.drop.setObjectName("link")
        self.drop.setAccessibleName(_("Drop the selection"))
        self.drop.setToolTip(_("Drop the selection  ({key})").format(key=keys("back")))
        self.drop.clicked.connect(self._drop)
        row.addWidget(self.drop)
        table.installEventFilter(self)
        context.theme.changed.connect(self._place)
        self.hide()

    def show_selection(self, chosen: int, matching: int, *, whole: bool) -> None:
        """*chosen* leads are selected of *matching* that the view has; *whole* means the filter itself is."""
        if whole:
            self.says.setText(n_("The {n} lead that matches", "All {n} leads that match", matching))
        else:
            self.says.setText(n_("{n} selected", "{n} selected", chosen))
        many = wording.number(matching)
        self._offers = (_("Select all {n} matching").format(n=many), _("All {n}").format(n=many))
        self.all.setAccessibleName(self._offers[0])
        self.all.setToolTip(_("Every lead that the view shows  ({key})").format(key=self._keys("select_all")))
        self.all.setVisible(not whole and matching > chosen)
        self._show_progress(False)
        self.show()  # before it is measured: what was never shown counts for nothing, in the font it is not drawn in
        self._place()
        self.raise_()

    def show_progress(self, words: str, done: int, all_of: int) -> None:
        """How far a bulk is."""
        self.says.setText(words)
        self.progress.setMaximum(1_000)
        self.progress.setValue(round(1_000 * done / max(1, all_of)))
        self.all.hide()
        self._show_progress(True)
        self.show()  # before it is measured: what was never shown counts for nothing, in the font it is not drawn in
        self._place()
        self.raise_()

    def anchor(self, command: str) -> QPoint | None:
        """Where the menu of a command opens, if its button is in sight."""
        button = self.buttons.get(command)
        if button is None or not button.isVisible():
            return None
        return button.mapToGlobal(QPoint(0, -4))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _show_progress(self, under_way: bool) -> None:
        for button in self.buttons.values():
            button.setVisible(not under_way)
        self.progress.setVisible(under_way)
        self.stop.setVisible(under_way)
        self.drop.setVisible(not under_way)

    def _place(self) -> None:
        room = self._table.width() - 24
        self._fit(room)
        needs = self._needs()
        width = min(room, max(needs.width(), min(room, self._context.theme.px(620))))
        height = needs.height()
        self.setGeometry(
            (self._table.width() - width) // 2, self._table.height() - height - 14, width, height
        )

    def _fit(self, room: int) -> None:
        """All of it on one line, else on two, else with fewer words, else with the buttons that fit; keys are left."""
        under_way = self.progress.isVisibleTo(self)
        leaving = [] if under_way else [self.buttons[key] for key in _LEAVING]
        for button in leaving:
            button.show()
        for in_two, words in ((False, 0), (True, 0), (True, 1)):
            self.all.setText(self._offers[words])
            self._break(in_two)
            if self._needs().width() <= room:
                return
        for button in leaving:
            button.hide()
            if self._needs().width() <= room:
                return

    def _needs(self) -> QSize:
        """The room that what is shown now takes; a layout inside another keeps what it measured before."""
        for lines in (self._above, self._row, self._lines):
            lines.invalidate()
        return self.sizeHint()

    def _break(self, wanted: bool) -> None:
        """Put what is selected above the buttons, or beside them."""
        if wanted != bool(self._above.count()):
            for n, widget in enumerate((self.says, self.all)):
                if wanted:
                    self._above.addWidget(widget)
                else:
                    self._row.insertWidget(n, widget)

    def _clicked(self) -> None:
        button = self.sender()
        if button is not None:
            self.wanted.emit(str(button.property("command")))

    def _all(self) -> None:
        self.wanted.emit("select_matching")

    def _drop(self) -> None:
        self.wanted.emit("back")
