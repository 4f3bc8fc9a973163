"""The filters of the view as chips that read as a sentence; a chip is edited in place, or dropped with its cross.

The first frame shows the queue without a filter: the language is loaded when there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.view_spec import ViewSpec
from pqldesk.views import wording
from pqldesk.views.flow import Flow
from pqldesk.views.mirror import is_mirrored, painter_of
from pqldesk.views.page import Context
from pqldesk.views.painting import LEFT, Paintbox

if TYPE_CHECKING:
    from pqldesk.services.filters.language import Node

WIDEST = 420  # px of a chip at the usual text size; longer sentences are cut, whole in the tooltip


class FilterChip(QAbstractButton):
    """One clause: a click or Enter edits it, a click on the cross or Delete drops it."""

    dropped = Signal()

    def __init__(self, paints: Paintbox, word: str, value: str, *, tip: str = "", cross: bool = True) -> None:
        super().__init__()
        self._paints, self._word, self._value, self._cross = paints, word, value, cross
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{word} {value}".strip())
        self.setToolTip(wording.tip(tip))
        paints.theme.changed.connect(self.updateGeometry)

    def say(self, word: str, value: str, *, cross: bool = True) -> None:
        """Show other words."""
        if (word, value, cross) != (self._word, self._value, self._cross):
            self._word, self._value, self._cross = word, value, cross
            self.setAccessibleName(f"{word} {value}".strip())
            self.updateGeometry()
            self.update()

    def words(self) -> str:
        return f"{self._word} {self._value}".strip()

    def sizeHint(self) -> QSize:
        px = self._paints.theme.px
        width = self._paints.metrics(12).horizontalAdvance(self._word and f"{self._word} ")
        width += self._paints.metrics(12, 500).horizontalAdvance(self._value) + px(20)
        return QSize(min(width + (px(17) if self._cross else 0), px(WIDEST)), px(25))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px = self._paints.theme, self._paints.theme.px
        t = theme.tokens
        painter = painter_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(t.accent if self.hasFocus() else t.line), 1))
        painter.setBrush(QColor(t.hover if self.underMouse() or self.isDown() else t.surface))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        x, end = px(10), self.width() - px(22 if self._cross else 9)
        if self._word:
            painter.setFont(theme.font(12))
            painter.setPen(QColor(t.muted))
            painter.drawText(self.rect().adjusted(x, 0, 0, 0), LEFT, self._word)
            x += self._paints.metrics(12).horizontalAdvance(self._word + " ")
        metrics = self._paints.metrics(12, 500)
        painter.setFont(theme.font(12, 500))
        painter.setPen(QColor(t.text))
        value = metrics.elidedText(self._value, Qt.TextElideMode.ElideRight, max(0, end - x + 2))
        painter.drawText(self.rect().adjusted(x, 0, 0, 0), LEFT, value)
        if self._cross:
            over = self.underMouse() and self._on_cross(self.mapFromGlobal(self.cursor().pos()).x())
            icon = theme.pixmap("x", t.text if over else t.muted, 12)
            painter.drawPixmap(self.width() - px(19), (self.height() - px(12)) // 2, icon)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._on_cross(event.position().toPoint().x()):
            self.dropped.emit()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._cross:
            self.dropped.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _on_cross(self, x: int) -> bool:
        wide = self._paints.theme.px(24)
        return self._cross and (x < wide if is_mirrored() else x > self.width() - wide)


class FilterBar(QWidget):
    """Shows the clauses of a view; says what the filter became when one was edited, added or dropped."""

    changed = Signal(str)  # the whole filter as text
    search_dropped = Signal()

    def __init__(self, context: Context, key: Callable[[], str]) -> None:
        """*key* is what adds a filter from the keyboard."""
        super().__init__()
        self._context, self._key = context, key
        self._parts: tuple[Node, ...] = ()
        self._spec, self._search = ViewSpec(), ""
        self._labels: dict[tuple[str, str], str] = {}
        self._editor: Any = None
        self._editing: int | None = None
        self._flow = Flow(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._chips: list[FilterChip] = []
        # What is searched for; kept, since it changes with each letter
        self._sought: FilterChip | None = None
        self.add = FilterChip(context.paints, "", _("+ Filter"), cross=False)
        self.add.clicked.connect(self.add_filter)
        self._flow.addWidget(self.add)
        context.theme.changed.connect(self.updateGeometry)

    def chips(self) -> list[str]:
        """The chips as they read, from left to right."""
        return [chip.words() for chip in self._chips]

    def show_spec(self, spec: ViewSpec, search: str) -> None:
        """Show the filter of *spec* and what is searched for."""
        self.add.setToolTip(_("Add a filter  ({key})").format(key=self._key()))
        if (spec.filter, spec.scope, search) == (
            self._spec.filter,
            self._spec.scope,
            self._search,
        ) and self._chips:
            self._spec = spec
            return
        self._spec, self._search = spec, search
        self._parts = ()
        if spec.filter:
            from pqldesk.services.filters.language import parse_filter

            self._parts = parse_filter(spec.filter).parts
            if not self._labels:
                self._ask_labels()
        self._rebuild()

    def add_filter(self) -> None:
        """Open the editor on a new clause."""
        self._edit(None, self.add)

    def editor(self) -> Any:
        """The editor while it is open."""
        return self._editor

    def _rebuild(self) -> None:
        for chip in self._chips:
            if chip is not self._sought:
                chip.hide()
                chip.deleteLater()
        if self._sought is not None and not self._search:
            self._sought.hide()
        while self._flow.takeAt(0) is not None:
            pass
        self._chips = []
        if self._spec.scope == "all":
            self._put(
                FilterChip(
                    self._context.paints, _("State"), _("any"), tip=_("Leads in every state"), cross=False
                )
            )
        for number, (word, value, text) in enumerate(self._sentences()):
            chip = FilterChip(self._context.paints, word, value, tip=text)
            chip.setProperty("part", number)
            chip.clicked.connect(self._edit_chip)
            chip.dropped.connect(self._drop_chip)
            self._put(chip)
        if self._search:
            self._put(self._search_chip(wording.quoted(self._search)))
        self._flow.addWidget(self.add)
        self._flow.invalidate()
        self.updateGeometry()

    def _sentences(self) -> list[tuple[str, str, str]]:
        """Of each part its faint word, the strong rest, and how the command line writes it."""
        if not self._parts:
            return []
        from pqldesk.services.filters.language import filter_text
        from pqldesk.views.filter_words import chip_words

        return [(*chip_words(part, self._labels), filter_text(part)) for part in self._parts]

    def _search_chip(self, text: str) -> FilterChip:
        if self._sought is None:
            self._sought = FilterChip(self._context.paints, _("Search"), text)
            self._sought.dropped.connect(self.search_dropped)
            self._sought.clicked.connect(self.search_dropped)
        self._sought.say(_("Search"), text)
        return self._sought

    def _put(self, chip: FilterChip) -> None:
        self._chips.append(chip)
        self._flow.addWidget(chip)
        chip.show()

    def _edit_chip(self) -> None:
        chip = self.sender()
        if isinstance(chip, FilterChip):
            self._edit(int(chip.property("part")), chip)

    def _drop_chip(self) -> None:
        chip = self.sender()
        if isinstance(chip, FilterChip):
            number = int(chip.property("part"))
            self._say([part for n, part in enumerate(self._parts) if n != number])
            (self._chips[min(number, len(self._chips) - 1)] if self._chips else self.add).setFocus()

    def _edit(self, number: int | None, chip: FilterChip) -> None:
        from pqldesk.views.filter_editor import FilterEditor

        if self._editor is not None:
            self._editor.leave()
        parts = self._parts
        others = [part for n, part in enumerate(parts) if n != number]
        editor = FilterEditor(
            self._context, chip, self._spec, self._search, others, None if number is None else parts[number]
        )
        editor.given.connect(self._take)
        editor.closed.connect(self._editor_closed)
        self._editor, self._editing = editor, number
        editor.open()
        editor.first_field().setFocus(Qt.FocusReason.PopupFocusReason)

    def _take(self, node: Any) -> None:
        from pqldesk.services.filters.language import every

        parts: list[Node] = list(self._parts)
        fresh = list(every(node).parts)
        if self._editing is None:
            parts += fresh
        else:
            parts[self._editing : self._editing + 1] = fresh
        self._say(parts)

    def _say(self, parts: list[Node]) -> None:
        from pqldesk.services.filters.language import every, filter_text

        self.changed.emit(filter_text(every(*parts)))

    def _editor_closed(self) -> None:
        self._editor = None

    def _ask_labels(self) -> None:
        background, desk = self._context.background, self._context.desk
        for field in ("signal", "milestone", "band"):
            background.read(desk.filter_choices, field).then(self._take_labels)

    def _take_labels(self, choices: Any) -> None:
        self._labels |= {(choices.field, key): label for key, label in choices.values}
        self._rebuild()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)
