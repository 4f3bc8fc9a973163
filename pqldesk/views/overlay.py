"""Dialogs that float inside the window: the rest dims, the keyboard stays in the sheet, Esc leaves."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from pqldesk.services.basics.texts import _
from pqldesk.views.kept_words import put_words, words_in
from pqldesk.views.labels import Label, stand
from pqldesk.views.page import Context
from pqldesk.views.tab_order import step_focus

_CORNER = 12  # a little more than a sheet's corners are round


class Sheet(QFrame):
    """The card of a dialog. Subclasses fill `outer` and call `close_sheet`.

    `size_wanted` is for the usual text: it grows with the text, and with what does not fit otherwise. One without a
    height is as high as what it holds.
    """

    closed = Signal()
    grown = Signal()  # what it holds needs another size than it did
    size_wanted = QSize(560, 420)
    at_top = False
    keeps = ""  # what a sheet's words are kept under, to be there when it is opened again
    only_looks = False  # there is nothing in it to be given up

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._untouched: dict[str, str] = {}
        self.setObjectName("sheet")
        self.outer = QVBoxLayout(self)
        self.outer.setContentsMargins(1, 1, 1, 1)
        self.outer.setSpacing(0)

    def head(self, title: str, note: str = "") -> None:
        """The usual head: title, a muted line, and how to leave."""
        theme = self.context.theme
        self.setAccessibleName(title)
        bar = QWidget()
        bar.setObjectName("sheethead")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(17, 14, 17, 14)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = Label(theme, title, 15, 600, elide=True)
        self.note = Label(theme, note, 12, tone="muted", elide=True)
        words.addWidget(self.title)
        words.addWidget(self.note)
        stand(self.note, bool(note))
        row.addLayout(words, 1)
        self.afresh = QPushButton(_("Start afresh"))
        self.afresh.setObjectName("link")
        self.afresh.setToolTip(_("Drop what was written before"))
        self.afresh.clicked.connect(self._start_afresh)
        self.afresh.hide()
        row.addWidget(self.afresh, 0, Qt.AlignmentFlag.AlignTop)
        leave = Label(theme, _("Esc to close") if self.only_looks else _("Esc to cancel"), 12, tone="muted")
        leave.setMinimumHeight(self.afresh.sizeHint().height())  # both on one line of writing
        row.addWidget(leave, 0, Qt.AlignmentFlag.AlignTop)
        self.outer.addWidget(bar)

    def foot(self, *buttons: QWidget, note: Label | None = None) -> None:
        bar = QWidget()
        bar.setObjectName("sheetfoot")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(bar)
        column.setContentsMargins(17, 11, 17, 12)
        column.setSpacing(8)
        if note is not None:  # above the buttons: a sentence that says what is wrong must be readable whole
            note.setWordWrap(True)
            column.addWidget(note)
            note.stand_only_with_words()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        column.addLayout(row)
        for button in buttons:
            row.addWidget(button)
        self.outer.addWidget(bar)

    def submit(self) -> None:
        """Ctrl+Enter, or Enter in a single-line field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
        else:
            super().keyPressEvent(event)

    def close_sheet(self) -> None:
        self.closed.emit()

    def writing(self) -> Mapping[str, QWidget]:
        """The fields whose words must not get lost."""
        return {}

    def begin(self) -> None:
        """Take up what was written here before and not stored."""
        self._untouched = words_in(self.writing())
        kept = self.context.kept.of(self.keeps)
        if self.keeps and kept:
            put_words(self.writing(), kept)
            self.afresh.show()
            first = self.first_field()
            if isinstance(first, QLineEdit):
                first.selectAll()  # who opens it for somebody else types over what was left

    def is_written(self) -> bool:
        """Whether something stands in the fields that was not there by itself."""
        return words_in(self.writing()) != self._untouched

    def keep_words(self) -> bool:
        """Keep what is written until it is known to be stored; whether there is anything."""
        if not self.keeps or not self.is_written():
            self.context.kept.forget(self.keeps)
            return False
        self.context.kept.keep(self.keeps, words_in(self.writing()))
        return True

    def step_out(self) -> None:
        """Close without sending. What is written comes back with the sheet."""
        if self.keep_words():
            told = _("What you wrote is kept until you open “{title}” again")
            self.context.wishes.told.emit(told.format(title=self.title.full_text()), 0)
        self.close_sheet()

    def _start_afresh(self) -> None:
        self.afresh.hide()
        put_words(self.writing(), self._untouched)
        self.first_field().setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.grown.emit()
        return super().event(event)

    def first_field(self) -> QWidget:
        """Where the keyboard starts."""
        return self

    def whole_height(self, width: int) -> int:
        """What it needs, with the lines that its texts break into at that width, to show everything at once."""
        return self.outer.totalMinimumHeightForWidth(width)


class Overlay(QWidget):
    """Dims the window and holds one sheet."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._sheet: Sheet | None = None
        self._before: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        host.installEventFilter(self)

    def sheet(self) -> Sheet | None:
        return self._sheet

    def open(self, sheet: Sheet) -> None:
        """Show *sheet* in front of everything; an open one is left first."""
        self._leave()
        self._before = self.window().focusWidget()
        self._sheet = sheet
        sheet.setParent(self)
        sheet.closed.connect(self.close_sheet)
        sheet.grown.connect(self._place)
        self.setGeometry(self._host.rect())
        self._place()
        self.show()
        self.raise_()
        sheet.begin()
        sheet.show()
        sheet.first_field().setFocus(Qt.FocusReason.PopupFocusReason)

    def close_sheet(self) -> None:
        if self._sheet is None:
            return
        sheet, self._sheet = self._sheet, None
        self.hide()
        sheet.hide()
        sheet.deleteLater()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._host.rect())
            self._place()
        return False

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes round inside the sheet."""
        if self._sheet is not None:
            step_focus(self._sheet, forwards)
        return self._sheet is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._sheet is not None:
            focus = self.window().focusWidget()
            if isinstance(focus, QAbstractButton):
                focus.click()
            else:
                self._sheet.submit()
        # every other key ends here: nothing below may act

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._sheet is not None and not self._sheet.geometry().contains(event.position().toPoint()):
            self.setFocus()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._sheet is not None:  # which covers what is under it but for its round corners
            covered = self._sheet.geometry().adjusted(_CORNER, _CORNER, -_CORNER, -_CORNER)
            painter.setClipRegion(QRegion(self.rect()) - QRegion(covered))
        painter.fillRect(self.rect(), QColor(10, 12, 20, 130))
        if self._sheet is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 3))
        around = QRectF(self._sheet.geometry())
        for step in range(1, 17):  # closer together near the sheet: the shadow has no edge of its own
            reach = step * step / 8
            painter.drawRoundedRect(
                around.adjusted(-reach, -reach + 6, reach, reach + 6), 10 + reach, 10 + reach
            )

    def _leave(self) -> None:
        if self._sheet is not None:
            self._sheet.step_out()

    def _place(self) -> None:
        if self._sheet is None:
            return
        theme, wanted, room = self._sheet.context.theme, self._sheet.size_wanted, self.size() - QSize(48, 48)
        size = QSize(theme.px(wanted.width()), theme.px(wanted.height()))
        size = size.expandedTo(self._sheet.minimumSizeHint()).boundedTo(room)
        size = size.expandedTo(QSize(0, self._sheet.whole_height(size.width()))).boundedTo(room)
        area = QRect(0, 0, size.width(), size.height())
        area.moveCenter(self.rect().center())
        if self._sheet.at_top:
            area.moveTop(min(area.top(), self.height() // 8))
        self._sheet.setGeometry(area)
