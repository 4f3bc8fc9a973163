"""Every key on one sheet, in groups."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.keys import COMMANDS, Keys, shown_keys
from pqldesk.views.mirror import painter_of
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.painting import LEFT
from pqldesk.views.parts import Label, scrolled


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


class HelpSheet(Sheet):
    size_wanted = QSize(860, 640)

    def __init__(self, context: Context, keys: Keys) -> None:
        super().__init__(context)
        self.head(_("All shortcuts"), _("Single letters work whenever no text field has the focus."))
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(24, 16, 24, 16)
        grid.setHorizontalSpacing(48)
        groups: dict[str, QVBoxLayout] = {}
        for command in COMMANDS:
            if command.group not in groups:
                column = groups[command.group] = QVBoxLayout()
                column.setSpacing(1)
                n = len(groups) - 1
                grid.addLayout(column, n // 2, n % 2, Qt.AlignmentFlag.AlignTop)
                column.addSpacing(10 if n > 1 else 0)
                column.addWidget(Label(context.theme, command.group, 12, 600, "muted"))
            groups[command.group].addWidget(KeyLine(context, command.label, keys.keys_of(command.id)))
        area = scrolled(inner, _("All shortcuts"))
        self.outer.addWidget(area, 1)
        self._area = area

    def first_field(self) -> QWidget:
        return self._area
