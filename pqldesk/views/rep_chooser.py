"""Who somebody or something is given to: a menu of a few, a list to search in where the team is larger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.rows import Assignable
from pqldesk.views import wording
from pqldesk.views.find_field import FindField
from pqldesk.views.number_menu import number_menu
from pqldesk.views.page import Page
from pqldesk.views.popover import Popover

FEW = 9  # as many as have a digit


@dataclass(frozen=True, slots=True)
class Rep:
    """Somebody to choose: *note* is what speaks for or against them, such as what they hold already."""

    name: str
    email: str
    note: str = ""

    @property
    def words(self) -> str:
        return f"{self.name}   {self.note}" if self.note else self.name


def assignees(people: Sequence[Assignable], me: str) -> list[Rep]:
    """Myself first, then everybody by name, with what they hold and whether they are away."""
    known = {one.email.casefold(): one for one in people}
    own = known.pop(me.casefold(), Assignable(me, 0)) if me else None
    others = sorted(known.values(), key=lambda one: wording.person(one.email).casefold())
    mine = [] if own is None else [Rep(_("Me"), me, _about(own))]
    return [*mine, *(Rep(wording.person(one.email), one.email, _about(one)) for one in others)]


def _about(one: Assignable) -> str:
    held = n_("{n} lead", "{n} leads", one.holds) if one.holds else ""
    return " · ".join(filter(None, (held, _("away") if one.is_away else "")))


def choose_rep(
    page: Page, title: str, reps: Sequence[Rep], taken: Callable[[str], object], above: QPoint
) -> QWidget:
    """Ask for one of *reps* over a point; *taken* is called with their e-mail."""
    if len(reps) <= FEW:
        choices = [(one.words, one.email) for one in reps]
        return number_menu(page, "assign", choices, partial(_take, taken), above)
    chooser = RepChooser(page, title, reps, taken, above)
    chooser.open()
    chooser.field.setFocus(Qt.FocusReason.PopupFocusReason)
    return chooser


def _take(taken: Callable[[str], object], action: QAction) -> None:
    taken(str(action.data()))


class RepChooser(Popover):
    """Type some letters of a name or address; Enter takes the one that is marked."""

    def __init__(
        self, page: Page, title: str, reps: Sequence[Rep], taken: Callable[[str], object], above: QPoint
    ) -> None:
        super().__init__(page)
        self._reps, self._taken, self._above = reps, taken, above
        self._page = page
        px = page.context.theme.px
        self.setAccessibleName(title)
        self.field = FindField(page.context.theme, _("Name or e-mail"))
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setMinimumSize(QSize(px(260), px(140)))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._clicked)
        self.column.addWidget(self.field)
        self.column.addWidget(self.list)
        self._row_h = page.context.theme.row(30)
        self._narrow()

    def shown(self) -> list[str]:
        """Who is listed, as e-mails."""
        return [str(self.list.item(n).data(Qt.ItemDataRole.UserRole) or "") for n in range(self.list.count())]

    def place(self) -> None:
        """Over the point, as a menu there would be, inside the window."""
        window = self.window()
        room = window.rect().adjusted(12, 12, -12, -12)
        rows = min(len(self._reps), 11)
        self.list.setFixedHeight(min(rows * self._row_h + 4, room.height() - 80))
        self.adjustSize()
        spot = window.mapFromGlobal(self._above)
        area = QRect(QPoint(spot.x(), spot.y() - self.height()), self.size())
        area.moveLeft(max(room.left(), min(area.left(), room.right() - area.width())))
        area.moveTop(max(room.top(), min(area.top(), room.bottom() - area.height())))
        self.setGeometry(area)

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def _narrow(self) -> None:
        self.list.clear()
        for rep in self._reps:
            if self.field.fits(rep.name, rep.email):
                item = QListWidgetItem(rep.words)
                item.setData(Qt.ItemDataRole.UserRole, rep.email)
                item.setToolTip(rep.email)
                item.setSizeHint(QSize(0, self._row_h))
                self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        else:
            nobody = QListWidgetItem(_("Nobody is called that"))
            nobody.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nobody)

    def _clicked(self, item: QListWidgetItem) -> None:
        self._choose(item)

    def _choose(self, item: QListWidgetItem | None) -> None:
        email = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        if email:
            self.leave()
            self._taken(str(email))
