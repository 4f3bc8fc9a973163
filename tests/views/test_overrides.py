"""A fault in a method that Qt calls is shown; it ends no program."""

import subprocess
import sys

_PROGRAM = """
import sys
import pqldesk.views
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame

app = QApplication([])
sys.excepthook = lambda kind, *_rest: print("told", kind.__name__, flush=True)

class Ours(QFrame):
    def event(self, event):
        return super().event(event)

    def keyPressEvent(self, event):
        {}[[]]

ours = Ours()
ours.show()
app.postEvent(ours, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier))
QTimer.singleShot(200, app.quit)
app.exec()
print("alive", flush=True)
"""


def test_an_error_of_c_in_a_key_handler_is_told_and_the_window_lives() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.split("\n")[:2] == ["told TypeError", "alive"], ran.stderr
    assert ran.returncode == 0
