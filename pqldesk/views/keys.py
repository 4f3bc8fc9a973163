"""From key presses to commands: what was pressed, whose it is, and which keys people gave to what."""

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.views.commands import COMMANDS, PAGE_OF, hidden, holder

# The row and place of letters on every keyboard, whatever is printed on them (set 1 and evdev agree).
_PLACES: Final = {
    code: letter
    for start, letters in ((16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
    for code, letter in enumerate(letters, start)
}
_NAMED: Final = {
    Qt.Key.Key_Escape: "Esc", Qt.Key.Key_Return: "Return", Qt.Key.Key_Enter: "Return", Qt.Key.Key_F1: "F1",
    Qt.Key.Key_F5: "F5", Qt.Key.Key_Up: "Up", Qt.Key.Key_Down: "Down", Qt.Key.Key_Delete: "Delete",
}  # fmt: skip
_PREFIX_MS: Final = 1_500


def chord(event: QKeyEvent) -> str:
    """A key press as it is written in `COMMANDS`: J, Shift+Z, Ctrl+K, ?, Esc; "" for none of these."""
    flags, key = event.modifiers(), event.key()
    if flags & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
        return ""
    control, shift = (
        bool(flags & Qt.KeyboardModifier.ControlModifier),
        flags & Qt.KeyboardModifier.ShiftModifier,
    )
    if name := _NAMED.get(Qt.Key(key)) if key in _NAMED else None:
        # Shift with an arrow or Enter is the list's own.
        return ("Ctrl+" if control else "") + ("Shift+" if shift and name == "Delete" else "") + name
    if event.text() in {"/", "?"} and not control:
        return event.text()
    letter = chr(key) if Qt.Key.Key_A <= key <= Qt.Key.Key_Z else ""
    if not letter and not (event.text() and event.text().isascii() and not control):
        scan = event.nativeScanCode() - (8 if sys.platform.startswith("linux") else 0)
        letter = _PLACES.get(scan, "")
    if not letter:
        return ""
    return ("Ctrl+" if control else "") + ("Shift+" if shift else "") + letter


def typing(widget: QWidget | None) -> bool:
    """Whether letters belong to *widget*. Asked by name: Python need not load the classes for it."""
    if widget is None:
        return False
    if widget.inherits("QComboBox"):
        return bool(widget.property("editable"))
    return any(
        widget.inherits(kind) for kind in ("QLineEdit", "QTextEdit", "QPlainTextEdit", "QAbstractSpinBox")
    )


# what stands on a key, where that differs from its name here or from one keyboard to another
_CAPS: Final = {
    "Ctrl": _("Ctrl"), "Shift": _("Shift"), "Alt": _("Alt"), "Return": _("Enter"), "Esc": _("Esc"),
    "Delete": _("Del"), "Space": _("Space"), "Up": "↑", "Down": "↓", "Left": "←", "Right": "→",
}  # fmt: skip


def shown_keys(keys: str) -> str:
    """Keys as people read them, by what is printed on them: Ctrl is ⌘ on macOS, and Strg in German."""
    if sys.platform == "darwin":
        keys = keys.replace("Ctrl+", "⌘").replace("Shift+", "⇧")
    return re.sub(r"[A-Z][a-z]+", lambda name: _CAPS.get(name[0], name[0]), keys).replace("+", " ")


class Keys(QObject):
    """Turns key presses anywhere in one window into commands."""

    triggered = Signal(str)
    prefixed = Signal(str)  # the first key of a pair, or "" when the wait is over

    def __init__(
        self,
        window: QWidget,
        held: Callable[[], bool],
        overrides: Mapping[str, tuple[str, ...]] | None = None,
        page: Callable[[], str] = str,
    ) -> None:
        """*held* says that a dialog has the keyboard, *page* which page is shown."""
        super().__init__(window)
        self._window, self._held, self._page = window, held, page
        self._keys = {command.id: command.keys for command in COMMANDS} | dict(overrides or {})
        self._composing = False
        self._prefix = ""
        self._over = QTimer(self, singleShot=True, interval=_PREFIX_MS)
        self._over.timeout.connect(self._drop_prefix)
        self._watched: QWidget | None = None
        self._follow()
        if isinstance(app := QApplication.instance(), QApplication):
            app.focusChanged.connect(self._follow)

    def keys_of(self, command: str) -> tuple[str, ...]:
        return self._keys[command]

    def page_shown(self) -> str:
        """The page whose own keys count now."""
        return self._page()

    def first(self, command: str) -> str:
        """The key shown on buttons and in hints."""
        keys = self._keys[command]
        return shown_keys(keys[0]) if keys else ""

    def check(self, command: str, keys: tuple[str, ...]) -> None:
        """BadInput names the command that already has one of *keys*, or begins or ends a pair with it."""
        if (taken := holder(command, keys, self._keys)) is not None:
            raise BadInput(
                _("{key} already belongs to “{label}”.").format(
                    key=shown_keys(taken[0]), label=taken[1].label
                ),
                _("Choose another key, or give that command a new one first."),
            )

    def hides(self, command: str, key: str) -> str:
        """What *key* would no longer do on a page, or not do there, if *command* had it; "" for nothing."""
        others = [other.label for other in hidden(command, key, self._keys)]
        if not others:
            return ""
        labels = ", ".join(_("“{words}”").format(words=label) for label in others)
        if command in PAGE_OF:
            return _("On its page {key} then no longer does {labels}.").format(
                key=shown_keys(key), labels=labels
            )
        return _("On their own pages {key} still does {labels}.").format(key=shown_keys(key), labels=labels)

    def rebind(self, command: str, keys: tuple[str, ...]) -> None:
        """Give a command other keys; BadInput names the command that already has one of them."""
        self.check(command, keys)
        self._keys[command] = keys

    def take(self, stored: Mapping[str, str]) -> None:
        """Use the keys of the settings, command -> key; one that clashes or is unknown keeps its usual key."""
        self._keys = {command.id: command.keys for command in COMMANDS}
        for command, key in stored.items():
            if command in self._keys and key:
                with suppress(BadInput):
                    self.rebind(command, (key,))

    def _follow(self) -> None:
        """Watch the widget that keys go to, and no other: a filter on the application is called for every event of
        the program, and makes Qt's wrappers load all their classes to name what it is called with."""
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        target = QApplication.focusWidget() or self._window
        if isValid(self) and isValid(
            target
        ):  # at the end of the program the application outlives its windows
            self._watched = target
            target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._mine(watched):
            return self._pressed(event)
        return False

    def _mine(self, watched: QObject) -> bool:
        focus = QApplication.focusWidget() or self._window
        return (
            watched is focus
            and focus.window() is self._window
            and QApplication.activePopupWidget() is None
            and not self._composing
            and not self._held()
        )

    def _pressed(self, event: QKeyEvent) -> bool:
        pressed = chord(event)
        if not pressed:
            return False
        if typing(QApplication.focusWidget()) and (
            not pressed.startswith("Ctrl+") or pressed in {"Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+A", "Ctrl+C"}
        ):
            return False
        wanted = f"{self._prefix} {pressed}" if self._prefix else pressed
        found = self._found(wanted)
        if found in {"next", "previous", "open"} and pressed in {"Up", "Down", "Return"}:
            return False  # the list, or the button in focus, does this itself
        if self._prefix:
            self._drop_prefix()
        elif any(key.startswith(f"{pressed} ") for keys in self._keys.values() for key in keys):
            self._prefix = pressed
            self._over.start()
            self.prefixed.emit(pressed)
            return True
        if found is None:
            return False
        self.triggered.emit(found)
        return True

    def _found(self, wanted: str) -> str | None:
        """The command with that key: one of the page that is shown, else one of the window."""
        having = [command for command, keys in self._keys.items() if wanted in keys]
        here = self._page()
        mine = next((one for one in having if here and PAGE_OF.get(one) == here), None)
        return mine or next((one for one in having if one not in PAGE_OF), None)

    def _drop_prefix(self) -> None:
        self._prefix = ""
        self._over.stop()
        self.prefixed.emit("")
