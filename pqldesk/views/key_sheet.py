"""Give a command another key: press it, and it is stored unless another command has it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.views.commands import COMMANDS
from pqldesk.views.keys import Keys, chord, shown_keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.notices import problem_words
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

_HELD = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class KeyCatcher(QWidget):
    """Takes the keyboard and passes on what is pressed; "" for what cannot be a command's key."""

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Press the new key"))
        self.setObjectName("catcher")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif event.key() not in _HELD:
            self.pressed.emit(chord(event))


class KeySheet(Sheet):
    """`given` carries the command and its new key; "" puts the usual ones back."""

    given = Signal(str, str)
    size_wanted = QSize(460, 270)

    def __init__(self, context: Context, keys: Keys, command: str) -> None:
        super().__init__(context)
        self._keys, self._command, self._wanted = keys, command, ""
        label = next(one.label for one in COMMANDS if one.id == command)
        self.head(
            _("A key for “{label}”").format(label=label), _("Now {key}").format(key=keys.first(command))
        )
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 14, 17, 10)
        self.catcher = KeyCatcher()
        inside = QVBoxLayout(self.catcher)
        self._shown = Label(context.theme, _("Press the new key"), 15, 600)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._shown)
        column.addWidget(self.catcher, 1)
        self.problem = wrapped(context.theme, "", 12, "bad")
        self.problem.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.problem)
        self.hint = wrapped(context.theme, "", 12, "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.hide()
        column.addWidget(self.hint)
        self.outer.addWidget(body, 1)
        usual = Button(context.paints, _("Usual key"))
        usual.clicked.connect(self._put_back)
        self.confirm = Button(context.paints, _("Use it"), kind="primary")
        self.confirm.setEnabled(False)
        self.confirm.clicked.connect(self.submit)
        self.foot(usual, self.confirm)
        self.catcher.pressed.connect(self._pressed)

    def first_field(self) -> QWidget:
        return self.catcher

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self._command, self._wanted)
            self.close_sheet()

    def _pressed(self, keys: str) -> None:
        if keys == "Return" and self._wanted:
            self.submit()
            return
        self.hint.setText("")
        self.hint.hide()
        self.problem.setText("")
        self.problem.show()
        self.confirm.setEnabled(False)
        if not keys:
            self._shown.setText(_("Press the new key"))
            self.problem.setText(_("That key is no key of a command. Letters are, with Ctrl and Shift too."))
            return
        self._shown.setText(shown_keys(keys))
        try:
            self._keys.check(self._command, (keys,))
        except BadInput as taken:
            self.problem.setText(problem_words(taken))
        else:
            self._wanted = keys
            self.hint.setText(self._keys.hides(self._command, keys))
            self.confirm.setEnabled(True)
        self.problem.setHidden(bool(self.hint.full_text()))
        self.hint.setVisible(bool(self.hint.full_text()))

    def _put_back(self) -> None:
        self.given.emit(self._command, "")
        self.close_sheet()
