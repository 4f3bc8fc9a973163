"""A setting on its page: label, help, the editor for its kind, and what is wrong with what stands there."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QWidget,
)  # fmt: skip

from pqldesk.services.rows import SettingRow
from pqldesk.services.settings.declarations import is_personal
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.rights import ACTS, MANAGES, TEAMS
from pqldesk.views.setting_editors import ChoiceEditor, Editor, FlagEditor, TextEditor, ZoneEditor
from pqldesk.views.setting_times import DaysEditor, SpanEditor, WeekEditor

_EDITORS: dict[str, Callable[[Context, SettingRow], Editor]] = {
    "zone": ZoneEditor, "week": WeekEditor, "days": DaysEditor, "flag": FlagEditor, "choice": ChoiceEditor,
    "size": ChoiceEditor, "span": SpanEditor, "clock": SpanEditor,
}  # fmt: skip


class SettingLine(QWidget):
    """One setting: what it is, its editor, and below it what is wrong with what stands there."""

    given = Signal(str, str)  # key, value

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        self.key = row.key
        theme = context.theme
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 5, 0, 5)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(2)
        grid.addWidget(Label(theme, row.label, 13, 500), 0, 0)
        grid.addWidget(wrapped(theme, row.help, 12, "muted"), 1, 0)
        make = _EDITORS.get("choice" if row.choices and row.kind not in _EDITORS else row.kind, TextEditor)
        self.editor = make(context, row)
        self.editor.setObjectName(row.key)
        self.editor.name_it(row.label, row.help)
        self.problem = wrapped(theme, "", 12, "bad")
        self.problem.hide()
        if self.editor.wide:
            grid.addWidget(self.editor, 2, 0, 1, 2)
        else:
            grid.addWidget(self.editor, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.problem, 3, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self.editor.given.connect(self._give)
        wrong = getattr(self.editor, "wrong", None)
        if wrong is not None:
            wrong.connect(self._say)
        self.editor.show_value(row.value)
        context.rights.hold(self.editor, _need(row.key))

    def show_row(self, row: SettingRow) -> None:
        self.editor.show_value(row.value)

    def _give(self, value: str) -> None:
        self.given.emit(self.key, value)

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))


def _need(key: str) -> str:
    """Everybody has settings of their own; those of the workspace are for managers."""
    if key in {"rep", "role"}:
        return TEAMS
    return ACTS if is_personal(key) else MANAGES
