"""Every key on one sheet, in groups."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.commands import COMMANDS, Command
from pqldesk.views.containers import scrolled
from pqldesk.views.keys import Keys, shown_keys
from pqldesk.views.mirror import painter_of
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.painting import LEFT
from pqldesk.views.parts import Label


class KeyLine(QWidget):
    """A command's label with its key caps at the right."""

    def __init__(self, context: Context, text: str, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._paints, self._text, self._keys = context.paints, text, keys
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{text}: {', '.join(shown_keys(key) for key in keys)}")

    def sizeHint(self) -> QSize:
        return QSize(240, self._paints.theme.px(27))

    def paintEvent(self, _event: QPaintEvent) -> None:
        px, t = self._paints.theme.px, self._paints.theme.tokens
        p = painter_of(self)
        p.setFont(self._paints.theme.font(13))
        p.setPen(QColor(t.text))
        p.drawText(self.rect(), LEFT, self._text)
        end = self.width()
        for n, keys in enumerate(reversed(self._keys)):
            end -= px(10) if n else 0
            for cap in reversed(shown_keys(keys).split()):
                end -= self._paints.key_width(cap)
                self._paints.key_cap(p, end, self.height() // 2, cap, t.muted, t.line)
                end -= px(3)


class _Column(QVBoxLayout):
    """Groups below each other; *lines* of them, headings and the space before them too."""

    def __init__(self) -> None:
        super().__init__()
        self.setSpacing(1)
        self.lines = 0

    def add(self, heading: QWidget, lines: Sequence[QWidget]) -> None:
        if self.lines:
            self.addSpacing(16)
        self.addWidget(heading)
        for line in lines:
            self.addWidget(line)
        self.lines += len(lines) + 2


def _groups(page: str) -> list[tuple[str, list[Command]]]:
    """The commands by their headings, those that only *page* has first."""
    found: dict[str, list[Command]] = {}
    for command in COMMANDS:
        found.setdefault(command.group, []).append(command)
    return sorted(found.items(), key=lambda group: all(one.page != page for one in group[1]))


class HelpSheet(Sheet):
    size_wanted = QSize(860, 640)
    only_looks = True

    def __init__(self, context: Context, keys: Keys) -> None:
        super().__init__(context)
        self.head(_("All shortcuts"), _("Single letters work whenever no text field has the focus."))
        inner = QWidget()
        across = QHBoxLayout(inner)
        across.setContentsMargins(16, 16, 16, 16)
        across.setSpacing(48)
        columns = [_Column(), _Column()]
        for column in columns:
            across.addLayout(column, 1)
        for group, commands in _groups(keys.page_shown()):
            lines = [KeyLine(context, command.label, keys.keys_of(command.id)) for command in commands]
            min(columns, key=lambda column: column.lines).add(
                Label(context.theme, group, 12, 600, "muted"), lines
            )
        for column in columns:
            column.addStretch()
        area = scrolled(inner, _("All shortcuts"))
        self.outer.addWidget(area, 1)
        self.outer.setContentsMargins(1, 1, 1, 9)  # else it would stand over the round corners
        self._area = area

    def first_field(self) -> QWidget:
        return self._area
