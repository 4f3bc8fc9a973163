"""Every key on one sheet, in groups."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.commands import COMMANDS, Command
from pqldesk.views.containers import scrolled
from pqldesk.views.keys import Keys, shown_keys
from pqldesk.views.labels import Label
from pqldesk.views.mirror import is_mirrored, painter_of
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.painting import LEFT

_WRAPPED = LEFT | int(Qt.TextFlag.TextWordWrap)


class KeyLine(QWidget):
    """A command's label with its key caps at the right; the label breaks lines rather than run into them."""

    def __init__(self, context: Context, text: str, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._paints, self._text, self._keys = context.paints, text, keys
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(f"{text}: {', '.join(shown_keys(key) for key in keys)}")

    def sizeHint(self) -> QSize:
        return QSize(240, self._paints.theme.px(27))

    def heightForWidth(self, width: int) -> int:
        high = self._paints.metrics(13).boundingRect(
            QRect(0, 0, self._room(width), 1_000), _WRAPPED, self._text
        )
        return max(self._paints.theme.px(27), high.height() + self._paints.theme.px(8))

    def words_fit(self) -> bool:
        """Whether the label has room beside its keys."""
        area = QRect(0, 0, self._room(self.width()), self.height())
        return area.contains(self._paints.metrics(13).boundingRect(area, _WRAPPED, self._text))

    def _caps(self, width: int) -> list[list[str]]:
        """The keys to show: where words would have no room, the others are left to the settings."""
        caps = [shown_keys(keys).split() for keys in self._keys]
        longest = max(map(self._paints.metrics(13).horizontalAdvance, self._text.split()), default=0)
        while len(caps) > 1 and self._beside(caps, width) <= longest:
            caps.pop()
        return caps

    def _room(self, width: int) -> int:
        """What the keys leave of *width*."""
        return self._beside(self._caps(width), width)

    def _beside(self, caps: list[list[str]], width: int) -> int:
        px = self._paints.theme.px
        taken = sum(self._paints.key_width(cap) + px(3) for keys in caps for cap in keys)
        return width - taken - px(10) * len(caps)

    def paintEvent(self, _event: QPaintEvent) -> None:
        px, t = self._paints.theme.px, self._paints.theme.tokens
        p = painter_of(self)
        p.setFont(self._paints.theme.font(13))
        p.setPen(QColor(t.text))
        p.drawText(QRect(0, 0, self._room(self.width()), self.height()), _WRAPPED, self._text)
        end = self.width()
        for n, caps in enumerate(reversed(self._caps(self.width()))):
            end -= px(10) if n else 0
            for cap in caps if is_mirrored() else reversed(caps):  # a chord reads one way everywhere
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
        across.setContentsMargins(17, 16, 17, 16)
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
