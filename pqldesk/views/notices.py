"""How the window speaks up: toasts with undo, a bar for problems, one sheet for bugs."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from pqldesk import __version__
from pqldesk.services.basics.problems import NotAllowed, Problem
from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.accessible import announce
from pqldesk.views.keys import Keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

_TOAST_MS = 8_000


class Toast(QFrame):
    """What was just done, with Undo; stays 8 s, and as long as the pointer rests on it."""

    undo_wanted = Signal()

    def __init__(
        self, context: Context, keys: Keys, host: QWidget, clear_of: Callable[[], Sequence[QRect]] = list
    ) -> None:
        """*clear_of* answers with what of *host* must not be covered, from the bottom up."""
        super().__init__(host)
        self._host, self._clear_of = host, clear_of
        self.setObjectName("toast")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(12)
        self._words = Label(context.theme, "", 13)
        self._keys = keys
        self._undo = QPushButton()
        self._undo.clicked.connect(self._undone)
        row.addWidget(self._words)
        row.addWidget(self._undo)
        self._over = QTimer(self, singleShot=True, interval=_TOAST_MS)
        self._over.timeout.connect(self.hide)
        context.theme.changed.connect(self._fit)
        self.hide()

    def _fit(self) -> None:
        """Texts have become larger or smaller while it was said."""
        if not self.isHidden():
            self.place()

    def say(self, words: str, undo: bool) -> None:
        self._words.setText(words)
        self._undo.setText(_("Undo  {key}").format(key=self._keys.first("undo")))
        self._undo.setVisible(undo)
        self.place()
        self.show()
        self.raise_()
        self._over.start()
        announce(self, words)

    def words(self) -> str:
        return self._words.full_text()

    def offers_undo(self) -> bool:
        return not self._undo.isHidden()

    def place(self) -> None:
        """At the foot of the list, above what must stay in sight."""
        words, room = self._words, max(200, self._host.width() - 260)
        longest = words.fontMetrics().horizontalAdvance(words.full_text())
        words.setWordWrap(longest > room)
        words.setFixedWidth(min(longest + 2, room))
        self.adjustSize()
        x = self._host.width() // 2 - self.width() // 2
        self.move(max(16, x), self._host.height() - self.height() - 42)
        for area in self._clear_of():
            if self.geometry().intersects(area):
                self.move(self.x(), max(0, area.top() - self.height() - 8))

    def enterEvent(self, event: QEvent) -> None:
        self._over.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._over.start()

    def _undone(self) -> None:
        self.hide()
        self.undo_wanted.emit()


class Bar(QFrame):
    """Across the top of the page: what the state is, what happened and what to do, with at most one action."""

    acted = Signal()

    def __init__(
        self, context: Context, kind: str, icon: str = "", tone: str = "muted", title: str = ""
    ) -> None:
        """*kind* is a ground of the style sheet; *icon*, in that *tone*, and *title* name the state at a glance."""
        super().__init__()
        self.setObjectName(kind)
        self._theme, self._icon, self._tone = context.theme, icon, tone
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 7, 12, 7)  # a link has 4 of its own
        row.setSpacing(10)
        row.addStrut(context.theme.px(24))  # as high with buttons as without
        self._words = wrapped(context.theme)
        self._mark = QLabel()
        self._mark.setVisible(bool(icon))
        self.title = Label(context.theme, title, 13, 600)
        self.title.stand_only_with_words()
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.title, 0, Qt.AlignmentFlag.AlignVCenter)
        context.theme.changed.connect(self._draw)
        self.action = QPushButton()
        self.action.setObjectName("link")
        self.action.clicked.connect(self.acted)
        self._close = QPushButton(_("Close"))
        self._close.setObjectName("link")
        self._close.clicked.connect(self.hide)
        row.addWidget(self._words, 1)
        row.addWidget(self.action)
        row.addWidget(self._close)
        self.hide()

    def say(self, words: str, action: str = "", closable: bool = True) -> None:
        """Show it, and tell it to who cannot see it."""
        self.place(words, action, closable)
        announce(self, f"{self.title.full_text()}. {words}" if self.title.full_text() else words)

    def place(self, words: str, action: str = "", closable: bool = True) -> None:
        """Show it without a word to screen readers, which would load what the first frame does without."""
        self._words.setText(words)
        self._draw()
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._close.setVisible(closable)
        self.show()

    def words(self) -> str:
        return self._words.full_text()

    def _draw(self) -> None:
        if self._icon and self._words.full_text():  # a state that never comes up needs no picture
            ink = getattr(self._theme.tokens, self._tone)
            self._mark.setPixmap(self._theme.pixmap(self._icon, ink, 16))


def problem_words(problem: Problem) -> str:
    """A problem as the user reads it: what happened, and what to do."""
    words = f"{problem.what} {problem.remedy}".strip()
    return (
        wording.readable(words) if isinstance(problem, NotAllowed) else words
    )  # others show how to write a time


class BugSheet(Sheet):
    """Shown once for a fault of ours: what to send us, and nothing that needs understanding."""

    size_wanted = QSize(620, 420)

    def __init__(self, context: Context, fault: BaseException) -> None:
        from PySide6.QtWidgets import QPlainTextEdit

        super().__init__(context)
        self.head(_("PQLDesk made a mistake"), _("Your data is safe: what was not finished was not stored."))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 14, 17, 14)
        column.addWidget(
            wrapped(context.theme, _("Copy the details and send them with a word on what you did."))
        )
        self.details = QPlainTextEdit(self.text_of(fault))
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName(_("Details"))
        column.addWidget(self.details, 1)
        self.outer.addWidget(body, 1)
        close = Button(context.paints, _("Close"))
        close.clicked.connect(self.close_sheet)
        self.copy = Button(context.paints, _("Copy details"), kind="primary", icon="copy")
        self.copy.clicked.connect(self._copy)
        self.foot(close, self.copy)

    @staticmethod
    def text_of(fault: BaseException) -> str:
        import platform
        import traceback

        stack = "".join(traceback.format_exception(fault))
        return f"PQLDesk {__version__}, Python {platform.python_version()}, {platform.system()}\n\n{stack}"

    def first_field(self) -> QWidget:
        return self.copy

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
        self.copy.setText(_("Copied"))
        self.copy.updateGeometry()
        self.copy.setFocus(Qt.FocusReason.OtherFocusReason)
