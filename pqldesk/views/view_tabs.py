"""The views of the queue as tabs: pinned ones in a row, the others and what does not fit behind one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLayout, QMenu, QSizePolicy, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.painting import CENTRE, Paintbox
from pqldesk.views.tabs import Tab

if TYPE_CHECKING:
    from pqldesk.services.rows import QueueView

MENU = ("save", "save_as", "rename", "pin", "left", "right", "delete")


class _TabButton(QAbstractButton):
    """A quiet button in the row of tabs: + or the others."""

    def __init__(self, paints: Paintbox, text: str, name: str) -> None:
        super().__init__()
        self._paints = paints
        self.setText(text)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        px = self._paints.theme.px
        return QSize(self._paints.metrics(13, 500).horizontalAdvance(self.text()) + px(16), px(27))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, t = self._paints.theme, self._paints.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(t.accent), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.hover) if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 6, 6)
        painter.setFont(theme.font(13, 500))
        painter.setPen(QColor(t.muted))
        painter.drawText(self.rect(), CENTRE, self.text())


class ViewTabs(QWidget):
    """`chosen` carries a view's key; `wanted` a command of the menu and the key it is about."""

    chosen = Signal(str)
    wanted = Signal(str, str)

    def __init__(self, paints: Paintbox, keys: Callable[[str], str]) -> None:
        """*keys* answers with the key of a command, for tooltips and the menu."""
        super().__init__()
        self._paints, self._keys = paints, keys
        self._views: list[QueueView] = []
        self._tabs: dict[str, Tab] = {}
        self._current: str | None = None
        self._dirty = False
        self._menu: QMenu | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.more = _TabButton(paints, _("More ▾"), _("More views"))
        self.more.clicked.connect(self._open_more)
        self.plus = _TabButton(paints, "+", _("Save as a new view"))
        self.plus.clicked.connect(self._wish_new)
        self._row.addWidget(self.more)
        self._row.addWidget(self.plus)
        self._row.addStretch()
        self.more.hide()
        self.plus.hide()  # until there are tabs for it to follow
        paints.theme.changed.connect(self._fit)

    def sizeHint(self) -> QSize:
        return QSize(200, self._paints.theme.px(27))

    def minimumSizeHint(self) -> QSize:
        """With the current view whole, and the ways to the others: what stands beside gives way to them."""
        shown: list[QWidget] = [self.more, self.plus]
        if (tab := self._tabs.get(self._current or "")) is not None:
            shown.append(tab)
        wide = sum(one.sizeHint().width() + self._row.spacing() for one in shown)
        return QSize(wide, self.sizeHint().height())

    def show_views(self, views: Sequence[QueueView]) -> None:
        """The views from left to right; the current one stays current."""
        self.plus.setToolTip(_("Save as a new view  ({key})").format(key=self._keys("save_view_as")))
        self.plus.setVisible(bool(views))
        shape = [(view.key, view.label, view.pinned) for view in views]
        same = shape == [(view.key, view.label, view.pinned) for view in self._views]
        self._views = list(views)
        if not same:
            for old in self._tabs.values():
                old.hide()
                old.deleteLater()
            self._tabs = {}
            for view in views:
                tab = Tab(self._paints, view.key, view.label)
                tab.setAutoExclusive(False)
                tab.clicked.connect(self._clicked)
                tab.installEventFilter(self)
                tab.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
                self._row.insertWidget(len(self._tabs), tab)
                self._tabs[view.key] = tab
        for view in views:
            tab = self._tabs[view.key]
            tab.set_count("" if view.count is None else wording.number(view.count))
            tab.setToolTip(self._tip(view))
        if self._current is None and views:
            self._current = views[0].key
        self._mark()

    def shown(self) -> list[str]:
        return list(self._tabs)

    def current(self) -> str | None:
        return self._current

    def labels(self) -> list[str]:
        """What the tabs that are in sight say, from left to right."""
        return [tab.text() for tab in self._tabs.values() if not tab.isHidden()]

    def view(self, key: str) -> QueueView | None:
        return next((view for view in self._views if view.key == key), None)

    def choose(self, key: str) -> None:
        """Go to a view, as a click on its tab does."""
        if key in self._tabs and key != self._current:
            self.mark(key)
            self.chosen.emit(key)

    def mark(self, key: str) -> None:
        """Show *key* as the current view without telling anybody."""
        self._current = key
        self._mark()

    def show_dirty(self, dirty: bool) -> None:
        """Whether the current view was changed and not saved."""
        if dirty != self._dirty:
            self._dirty = dirty
            self._mark()

    def step(self, by: int) -> None:
        """Go to the next or previous pinned view."""
        keys = [view.key for view in self._views if view.pinned or view.key == self._current]
        if self._current in keys and len(keys) > 1:
            self.choose(keys[(keys.index(self._current) + by) % len(keys)])

    def open_menu(self, key: str | None = None, at: QPoint | None = None) -> None:
        """What can be done with a view: the current one, or *key*."""
        view = self.view(key or self._current or "")
        if view is None:
            return
        menu = QMenu(self)
        menu.setObjectName("view")
        own = not view.built_in
        can = {"save": own and self._dirty and view.key == self._current, "rename": own, "delete": own}
        words = {
            "save": _("Save changes"), "save_as": _("Save as a new view…"), "rename": _("Rename…"),
            "pin": _("Keep in the menu only") if view.pinned else _("Show as a tab"),
            "left": _("Move left"), "right": _("Move right"), "delete": _("Delete"),
        }  # fmt: skip
        for wish in MENU:
            action = menu.addAction(words[wish])
            action.setData((wish, view.key))
            action.setEnabled(can.get(wish, True))
        menu.triggered.connect(self._picked)
        menu.aboutToHide.connect(menu.deleteLater)
        tab = self._tabs.get(view.key)
        place = tab if tab is not None and tab.isVisible() else self.more
        self._menu = menu
        menu.popup(at or place.mapToGlobal(QPoint(0, place.height() + 2)))

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(watched, Tab):
            if isinstance(event, QContextMenuEvent):
                self.open_menu(watched.key, event.globalPos())
                return True
            if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
                return self._tab_key(watched, event)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _tab_key(self, tab: Tab, event: QKeyEvent) -> bool:
        held = event.modifiers() & Qt.KeyboardModifier.AltModifier
        wish = {
            Qt.Key.Key_F2: "rename", Qt.Key.Key_Delete: "delete", Qt.Key.Key_Menu: "menu",
        }.get(Qt.Key(event.key()), "")  # fmt: skip
        if held and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            wish = "left" if event.key() == Qt.Key.Key_Left else "right"
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not held:
            self.step(-1 if event.key() == Qt.Key.Key_Left else 1)
            if self._current is not None:
                self._tabs[self._current].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            tab.click()
            return True
        if wish == "menu":
            self.open_menu(tab.key)
        elif wish:
            self.wanted.emit(wish, tab.key)
        return bool(wish)

    def _tip(self, view: QueueView) -> str:
        whose = "" if view.built_in else _("Only yours") if view.owner else _("Everybody's")
        rest = view.spec.filter or (
            _("Leads in every state") if view.spec.scope == "all" else _("Every open lead")
        )
        return wording.tip("\n".join(filter(None, (view.label, rest, whose))))

    def _mark(self) -> None:
        for key, tab in self._tabs.items():
            tab.setChecked(key == self._current)
            tab.set_dirty(self._dirty and key == self._current)
        self._fit()

    def _fit(self) -> None:
        """Show what fits; the current view always does."""
        if not self._tabs:
            return
        gap, room = self._row.spacing(), self.width() - self.plus.sizeHint().width() - self._row.spacing()
        wants = [view for view in self._views if view.pinned or view.key == self._current]
        widths = {key: tab.sizeHint().width() + gap for key, tab in self._tabs.items()}
        hidden = len(wants) < len(self._views)
        if hidden or sum(widths[view.key] for view in wants) > room:
            room -= self.more.sizeHint().width() + gap
        left = room - (widths.get(self._current or "", 0))
        self.plus.setVisible(left >= 0)  # its command has a key and stands in the menu of a view too
        shown = set()
        for view in wants:
            if view.key == self._current:
                shown.add(view.key)
            elif widths[view.key] <= left:
                shown.add(view.key)
                left -= widths[view.key]
            else:
                left = -1  # the order must hold: nothing after it stands before it
        for key, tab in self._tabs.items():
            tab.setVisible(key in shown)
        self.updateGeometry()
        self.more.setVisible(len(shown) < len(self._views))

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("views")
        for view in self._views:
            if self._tabs[view.key].isHidden():
                count = "" if view.count is None else f"\t{wording.number(view.count)}"
                menu.addAction(f"{view.label}{count}".replace("&", "&&")).setData(("go", view.key))
        menu.triggered.connect(self._picked)
        menu.aboutToHide.connect(menu.deleteLater)
        self._menu = menu
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def _picked(self, action: QAction) -> None:
        wish, key = action.data()
        if wish == "go":
            self.choose(key)
        else:
            self.wanted.emit(wish, key)

    def _clicked(self) -> None:
        tab = self.sender()
        if isinstance(tab, Tab):
            if tab.key == self._current:
                self._mark()
            else:
                self.choose(tab.key)

    def _wish_new(self) -> None:
        self.wanted.emit("save_as", self._current or "")
