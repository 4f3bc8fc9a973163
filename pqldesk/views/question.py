"""A strip inside a dialog that says how something went, or asks before it happens and names what."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from pqldesk.services.basics.texts import _
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button


class Question(QFrame):
    """Hidden until there is something to say. A question is answered by its named button, or taken back."""

    asking = Signal(bool)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("card")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        self.words = wrapped(context.theme, "", 12.5)
        row.addWidget(self.words, 1)
        self.no = Button(context.paints, _("Leave it"))
        self.no.clicked.connect(self.leave)
        self.yes = Button(context.paints, "", kind="primary")
        self.yes.clicked.connect(self._answer)
        for button in (self.no, self.yes):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._do: Callable[[], object] | None = None
        self.hide()

    def say(self, words: str, tone: str) -> None:
        """A sentence without a question."""
        self._show(words, tone, "")

    def ask(self, words: str, action: str, do: Callable[[], object]) -> None:
        """What would happen, and the button that makes it happen; the keyboard goes to it."""
        self._do = do
        self._show(words, "", action)
        self.yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, words: str, tone: str, action: str) -> None:
        self.words.setText(words)
        self.words.set_tone(tone)
        self.yes.setText(action)
        self.yes.setVisible(bool(action))
        self.no.setVisible(bool(action))
        self.yes.updateGeometry()
        self.show()
        self.asking.emit(bool(action))

    def leave(self) -> None:
        """Nothing is asked any more."""
        self.hide()
        self.asking.emit(False)

    def _answer(self) -> None:
        do, self._do = self._do, None
        self.leave()
        if do is not None:
            do()
