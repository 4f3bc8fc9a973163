"""The head of the queue: views as tabs, the filter as chips, order, columns and groups; and what is not saved yet."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.view_spec import GROUPS, ViewSpec
from pqldesk.views import wording
from pqldesk.views.filter_bar import FilterBar, FilterChip
from pqldesk.views.keys import Keys
from pqldesk.views.labels import Heading
from pqldesk.views.lead_cells import SORTS, TITLES
from pqldesk.views.page import Page
from pqldesk.views.view_tabs import ViewTabs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pqldesk.services.rows import QueueView

GROUP_WORDS = {
    "": _("No groups"), "band": _("By band"), "owner": _("By owner"), "source": _("By source"),
    "company": _("By company"),
}  # fmt: skip
GROUPED_BY = {
    "band": _("by band"), "owner": _("by owner"), "source": _("by source"), "company": _("by company"),
}  # fmt: skip


class QueueHead(QWidget):
    """Keeps the view in sight and what was changed in it. `changed` asks for another list."""

    changed = Signal()
    columns = Signal(object)  # the columns of the view, ((key, width), ...)
    search_dropped = Signal()

    def __init__(self, page: Page, keys: Keys) -> None:
        super().__init__(page)
        self._page, self._keys, self._context = page, keys, page.context
        self.setObjectName("pagehead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.key, self.search = "open", ""
        self._spec = ViewSpec()
        self._saved: dict[str, ViewSpec] = {"open": ViewSpec(), "all": ViewSpec("all")}
        self._unsaved: dict[str, ViewSpec] = {}
        self._menu: QMenu | None = None
        self._chooser: Any = None
        paints, theme = self._context.paints, self._context.theme
        self.tabs = ViewTabs(paints, keys.first)
        self.bar = FilterBar(self._context, partial(keys.first, "filter"))
        self.says = Heading(theme, "", 12, 400, "muted")
        self.says.show_most_or_nothing()  # the view that is shown and its count go first
        self.order = FilterChip(paints, "", "", tip=_("Back to the best first"))
        self.order.clicked.connect(self._usual_order)
        self.order.dropped.connect(self._usual_order)
        self.order.hide()
        self._links: list[QPushButton] = []
        self.save = self._link("save_view", _("Save"))
        self.save_as = self._link("save_view_as", _("Save as…"))
        self.revert = self._link("revert_view", _("Revert"))
        self.group = FilterChip(paints, "", _("Group"), cross=False)
        self.group.clicked.connect(self._open_groups)
        self.group.dropped.connect(self._no_groups)
        self.choose = FilterChip(paints, "", _("Columns"), cross=False)
        self.choose.clicked.connect(self._open_columns)
        self.in_sight: Callable[[], Collection[str]] | None = None  # columns that the list has room for
        self._lay_out()
        self.tabs.chosen.connect(self.open_view)
        self.tabs.wanted.connect(self._wish)
        self.bar.changed.connect(self._take_filter)
        self.bar.search_dropped.connect(self.search_dropped)
        self._show()

    @property
    def spec(self) -> ViewSpec:
        """What the list shows."""
        return self._spec

    def is_dirty(self) -> bool:
        """Whether the view was changed since it was opened or saved."""
        return self.key in self._unsaved

    def show_views(self, views: Sequence[QueueView]) -> None:
        """Take the views there are; a view that was saved elsewhere is shown as it is now."""
        before = self._spec
        self._saved = {view.key: view.spec for view in views}
        self._unsaved = {key: spec for key, spec in self._unsaved.items() if key in self._saved}
        self.tabs.show_views(views)
        if self.key not in self._saved and self._saved:
            self.key = "open" if "open" in self._saved else next(iter(self._saved))
        if self.tabs.current() != self.key:
            self.tabs.mark(self.key)
        self._spec = self._unsaved.get(self.key, self._saved.get(self.key, self._spec))
        self._show()
        if self._spec.columns != before.columns:
            self.columns.emit(self._spec.columns)
        if replace(self._spec, columns=()) != replace(before, columns=()):
            self.changed.emit()

    def open_view(self, key: str) -> None:
        """Show a view, with what was changed in it and not saved."""
        before = self._spec
        self.key = key
        self._spec = self._unsaved.get(key, self._saved.get(key, ViewSpec()))
        if self.tabs.current() != key:
            self.tabs.mark(key)
        self._show()
        if self._spec.columns != before.columns:
            self.columns.emit(self._spec.columns)
        self.changed.emit()

    def show_search(self, text: str) -> None:
        """Say what is searched for."""
        self.search = text
        self._show()

    def sort_by(self, sort: str, descending: bool) -> None:
        self._change(replace(self._spec, sort=f"{'-' if descending else ''}{sort}"))

    def group_by(self, group: str) -> None:
        self._change(replace(self._spec, group=group))

    def take_columns(self, columns: tuple[tuple[str, int], ...]) -> None:
        """Columns were put in another order or width in the list itself: keep them with the view."""
        if columns == self._spec.columns:
            return
        self._spec = replace(self._spec, columns=columns)
        self._remember_columns(columns)

    def run(self, command: str) -> bool:
        """Carry out a command about views if it is one."""
        runs: dict[str, Callable[[], object]] = {
            "filter": self.bar.add_filter, "columns": self._open_columns, "group": self._open_groups,
            "save_view": self._save, "save_view_as": self._ask_name, "revert_view": self._revert,
            "view_menu": self.tabs.open_menu, "next_view": partial(self.tabs.step, 1),
            "previous_view": partial(self.tabs.step, -1),
        }  # fmt: skip
        if command not in runs:
            return False
        runs[command]()
        return True

    # changing

    def _change(self, spec: ViewSpec) -> None:
        self._spec = spec
        saved = self._saved.get(self.key, ViewSpec())
        if replace(spec, columns=()) == replace(saved, columns=()):
            self._unsaved.pop(self.key, None)
        else:
            self._unsaved[self.key] = spec
        self._show()
        self.changed.emit()

    def _take_filter(self, text: str) -> None:
        self._change(replace(self._spec, filter=text))

    def _usual_order(self) -> None:
        self._change(replace(self._spec, sort="-score"))

    def _no_groups(self) -> None:
        self.group_by("")

    def _revert(self) -> None:
        if self._unsaved.pop(self.key, None) is not None:
            self.open_view(self.key)

    def _save(self) -> None:
        view = self.tabs.view(self.key)
        if view is None or view.built_in:
            self._ask_name()
        elif self.is_dirty():
            self._store(view.label, view.owner is None)

    def _store(self, label: str, shared: bool) -> None:
        context = self._context
        told = _("Saved the view “{name}”").format(name=label)
        job = self._page.act(context.desk.save_view, label, self._spec, shared, context.rep, told=told)
        job.then(partial(self._stored, self.key))

    def _stored(self, before: str, saved: Any) -> None:
        self._unsaved.pop(before, None)
        self._saved[saved.key] = self._spec
        self.key = saved.key
        self.tabs.mark(saved.key)  # its tab comes with the answer to the next reading of views
        self._show()

    def _ask_name(self) -> None:
        from pqldesk.views.view_sheets import ViewNameSheet

        sheet = ViewNameSheet(self._context, _("Save as a new view"), self.bar.chips(), _("Save view"))
        sheet.given.connect(self._store)
        self._context.wishes.sheet.emit(sheet)

    def _wish(self, wish: str, key: str) -> None:
        """What the menu of a tab asks for."""
        view = self.tabs.view(key)
        if view is None:
            return
        desk, rep = self._context.desk, self._context.rep
        if wish == "save":
            self._save()
        elif wish == "save_as":
            if key != self.key:
                self.open_view(key)
            self._ask_name()
        elif wish == "pin":
            self._page.write(desk.pin_view, key, not view.pinned, rep)
        elif wish in ("left", "right"):
            keys = self.tabs.shown()
            at = keys.index(key)
            to = max(0, min(len(keys) - 1, at + (-1 if wish == "left" else 1)))
            keys.insert(to, keys.pop(at))
            self._page.write(desk.place_views, tuple(keys), rep)
        elif not view.built_in and wish == "delete":
            told = _("Deleted the view “{name}”").format(name=view.label)
            self._page.act(desk.delete_view, key, rep, told=told)
        elif not view.built_in and wish == "rename":
            from pqldesk.views.view_sheets import ViewNameSheet

            sheet = ViewNameSheet(self._context, _("Rename the view"), [], _("Rename"), view.label)
            sheet.given.connect(partial(self._rename, key))
            self._context.wishes.sheet.emit(sheet)

    def _rename(self, key: str, label: str, _shared: bool) -> None:
        told = _("The view is called “{name}” now").format(name=label)
        self._page.act(self._context.desk.rename_view, key, label, self._context.rep, told=told)

    # menus

    def _open_groups(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("group")
        for number, key in enumerate(("", *GROUPS), 1):
            action = menu.addAction(f"&{number}  {GROUP_WORDS[key]}")
            action.setData(key)
            action.setCheckable(True)
            action.setChecked(key == self._spec.group)
        menu.triggered.connect(self._grouped)
        menu.aboutToHide.connect(menu.deleteLater)
        self._menu = menu
        menu.popup(self.group.mapToGlobal(QPoint(0, self.group.height() + 3)))

    def _grouped(self, action: Any) -> None:
        self.group_by(str(action.data()))

    def _open_columns(self) -> None:
        from pqldesk.views.column_chooser import ColumnChooser

        if self._chooser is not None:
            self._chooser.leave()
            return
        chooser = ColumnChooser(self._context, self.choose, self._spec.columns, self.in_sight)
        chooser.chosen.connect(self._choose_columns)
        chooser.closed.connect(self._chooser_closed)
        self._chooser = chooser
        chooser.open()
        chooser.first_field().setFocus(Qt.FocusReason.PopupFocusReason)

    def chooser(self) -> Any:
        """The column chooser while it is open."""
        return self._chooser

    def _chooser_closed(self) -> None:
        self._chooser = None

    def _choose_columns(self, columns: tuple[tuple[str, int], ...]) -> None:
        if columns == self._spec.columns:
            return  # one move is told twice, by the key and by the list
        self._spec = replace(self._spec, columns=columns)
        self.columns.emit(columns)
        self._remember_columns(columns)

    def _remember_columns(self, columns: tuple[tuple[str, int], ...]) -> None:
        if self.key in self._unsaved:
            self._unsaved[self.key] = self._spec
        self._saved[self.key] = replace(self._saved.get(self.key, self._spec), columns=columns)
        self._page.write(self._context.desk.keep_columns, self.key, columns, self._context.rep)

    # showing

    def _show(self) -> None:
        self._rows.setEnabled(
            False
        )  # else each part that comes or goes has all laid out and the tabs measured
        self._say()
        self._rows.setEnabled(True)

    def _say(self) -> None:
        spec, dirty = self._spec, self.is_dirty()
        view = self.tabs.view(self.key)
        self.bar.show_spec(spec, self.search)
        self.tabs.show_dirty(dirty)
        usual = (spec.sort_key, spec.descending) == ("score", True)
        self.says.setText(_("Sorted by score, then last active") if usual else "")
        self.says.setVisible(usual and not dirty)
        if not usual:
            title = spec.sort_key
            if title in SORTS:
                title = wording.in_sentence(TITLES[SORTS.index(title)])
            self.order.say(_("Sorted by"), f"{title} {'↓' if spec.descending else '↑'}")
        self.order.setVisible(not usual)
        self.save.setVisible(dirty and view is not None and not view.built_in)
        self.save_as.setVisible(dirty)
        self.revert.setVisible(dirty)
        grouped = GROUPED_BY.get(spec.group, spec.group) if spec.group else ""
        self.group.say(_("Grouped") if grouped else "", grouped or _("Group"), cross=bool(grouped))
        tips = ((self.group, "group", _("Group the list")), (self.choose, "columns", _("Choose columns")))
        for widget, command, words in tips:
            widget.setToolTip(f"{words}  ({self._keys.first(command)})")
        for link, (command, words) in zip(
            self._links,
            (
                ("save_view", _("Keep the changes in this view")), ("save_view_as", _("Keep them as a new view")),
                ("revert_view", _("Back to the view as it is saved")),
            ),
            strict=True,
        ):  # fmt: skip
            link.setToolTip(f"{words}  ({self._keys.first(command)})")

    def _link(self, command: str, words: str) -> QPushButton:
        link = QPushButton(words)
        link.setObjectName("link")
        link.clicked.connect(partial(self.run, command))
        link.hide()
        self._links.append(link)
        return link

    def _lay_out(self) -> None:
        rows = self._rows = QVBoxLayout(self)
        rows.setContentsMargins(16, 10, 16, 9)
        rows.setSpacing(7)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.tabs, 1)
        for widget in (*self._links, self.says, self.order):
            top.addWidget(widget)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.bar, 1)
        for widget in (self.group, self.choose):
            below.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(top)
        rows.addLayout(below)
