"""The navigation at the left: pages with their counts, the age of the data, and who is at the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.first_rows import NavCounts
from pqldesk.views import wording
from pqldesk.views.commands import COMMANDS
from pqldesk.views.containers import line
from pqldesk.views.keys import Keys
from pqldesk.views.labels import Label
from pqldesk.views.mirror import begin_end, is_mirrored, painter_of, turned_over
from pqldesk.views.page import Context
from pqldesk.views.painting import CENTRE, LEFT, RIGHT, Paintbox
from pqldesk.views.parts import Avatar, sized
from pqldesk.views.theme import ICONS, NAVIGATION_W

_MOST = 0.26  # of the window


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    label: str
    manage: bool = False


PLACES: Final = (
    Place("queue", _("Queue")), Place("inbox", _("Inbox")),
    Place("accounts", _("Accounts")), Place("trials", _("Trials")),
    Place("activation", _("Activation")), Place("tasks", _("Tasks")), Place("handoffs", _("Handoffs")),
    Place("funnel", _("Funnel"), True), Place("scoring", _("Scoring"), True),
    Place("sources", _("Sources"), True), Place("settings", _("Settings"), True),
)  # fmt: skip


class NavItem(QAbstractButton):
    """One page: icon, word, count."""

    def __init__(self, paints: Paintbox, place: Place, keys: str) -> None:
        super().__init__()
        self._paints, self.key, self._count, self._alarm = paints, place.key, "", False
        self._keys = keys
        self.setText(place.label)
        self.setToolTip(f"{place.label}  ({keys})")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)

    def explain(self, words: str) -> None:
        """What the small number counts."""
        self.setToolTip(f"{self.text()}  ({self._keys})\n{words}")

    def set_count(self, count: int, alarm: bool = False) -> None:
        """The small number; *alarm* means that something is stuck."""
        told = wording.number(count) if count else "", alarm
        if told == (self._count, self._alarm):
            return
        self._count, self._alarm = told
        self.setAccessibleName(f"{self.text()} {self._count}".strip())
        self.update()

    def least_width(self) -> int:
        """What its word and its count take."""
        px, wide = self._paints.theme.px, self._paints.wide
        count = wide(self._count, 11.5, 600) + px(9) if self._count else 0
        return px(34) + wide(self.text(), 13, 500) + px(9) + count

    def sizeHint(self) -> QSize:
        return QSize(100, self._paints.theme.px(32))

    def minimumSizeHint(self) -> QSize:
        """Large text in a low window: pages stand closer together, so that who is at the desk can be read."""
        return QSize(60, max(24, self._paints.metrics(13, 500).height() + 4))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px, t = self._paints.theme, self._paints.theme.px, self._paints.theme.tokens
        p = painter_of(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isChecked():
            p.setPen(QPen(QColor(t.line), 1))
            p.setBrush(QColor(t.surface))
            p.drawRoundedRect(area, 7, 7)
        elif self.underMouse():
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor(t.track if not t.dark else t.surface))
            p.setOpacity(0.5)
            p.drawRoundedRect(area, 7, 7)
            p.setOpacity(1)
        if self.hasFocus():
            p.setPen(QPen(QColor(t.accent), 1.5))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        ink = t.text if self.isChecked() else t.muted
        p.drawPixmap(px(8), (self.height() - px(16)) // 2, theme.pixmap(ICONS[self.key], ink, 16))
        p.setFont(theme.font(13, 500))
        p.setPen(QColor(ink))
        p.drawText(self.rect().adjusted(px(34), 0, 0, 0), LEFT, self.text())
        if self._count:
            p.setFont(theme.font(11.5, 600 if self._alarm else 400, figures=True))
            p.setPen(QColor(t.bad if self._alarm else t.muted))
            p.drawText(self.rect().adjusted(0, 0, -px(9), 0), RIGHT, self._count)


class Logo(QAbstractButton):
    """The program's mark and name; opens the menu of everything."""

    def __init__(self, paints: Paintbox) -> None:
        super().__init__()
        self._paints = paints
        self.setText("PQLDesk")
        self.setAccessibleName(_("PQLDesk menu"))
        self.setToolTip(_("All commands"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(100, self._paints.theme.px(36))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px, t = self._paints.theme, self._paints.theme.px, self._paints.theme.tokens
        p = painter_of(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, top = px(22), (self.height() - px(22)) / 2
        area = QRectF(px(8), top, size, size)
        there = turned_over(area, self.width()) if is_mirrored() else area
        ground = QLinearGradient(there.topLeft(), there.bottomRight())
        ground.setColorAt(0, QColor("#4F46E5"))
        ground.setColorAt(1, QColor("#0F766E"))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(ground)
        p.drawRoundedRect(there, 6, 6)
        p.setPen(QColor("#FFFFFF"))
        p.setFont(theme.font(12, 700))
        p.drawText(area, CENTRE, "P")
        p.setPen(QColor(t.text))
        p.setFont(theme.font(14.5, 600))
        p.drawText(self.rect().adjusted(px(38), 0, 0, 0), LEFT, self.text())
        if self.underMouse() or self.hasFocus():
            x = px(38) + self._paints.metrics(14.5, 600).horizontalAdvance(self.text()) + px(5)
            p.drawPixmap(x, (self.height() - px(14)) // 2, theme.pixmap("chevron-down", t.muted, 14))


class Navigation(QWidget):
    """Tells which page is wanted."""

    wanted = Signal(str)
    command = Signal(str)

    def __init__(self, context: Context, keys: Keys) -> None:
        super().__init__()
        self._context, self._keys = context, keys
        self._newest: datetime | None = None
        self._ago = ""
        self._is_away = self._is_counted = False
        self._said_role = ""  # by the person, in the settings
        theme = context.theme
        self.setObjectName("navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 11, 12)
        column.setSpacing(0)
        logo = Logo(context.paints)
        logo.clicked.connect(self._open_menu)
        self._logo = logo
        column.addWidget(logo)
        column.addSpacing(9)
        self._items: dict[str, NavItem] = {}
        manage = False
        for place in PLACES:
            if place.manage and not manage:
                manage = True
                column.addSpacing(12)
                label = Label(theme, _("Manage"), 11.5, 600, "muted")
                label.setContentsMargins(*begin_end(8, 0, 0, 6))
                column.addWidget(label)
            item = NavItem(context.paints, place, keys.first(f"go.{place.key}"))
            item.clicked.connect(self._clicked)
            self._items[place.key] = item
            column.addWidget(item)
        column.addStretch()
        column.addWidget(line())
        column.addSpacing(10)
        self._age = Label(theme, "", 12, tone="muted", elide=True)
        self._dot = Label(theme, "●", 9, tone="muted")
        sync = QHBoxLayout()
        sync.setContentsMargins(7, 0, 4, 0)
        sync.setSpacing(9)
        self._dot.setAlignment(Qt.AlignmentFlag.AlignCenter)
        keeps_place = self._dot.sizePolicy()
        keeps_place.setRetainSizeWhenHidden(True)
        self._dot.setSizePolicy(keeps_place)
        self._dot.hide()  # until it says something
        sized(self._dot, theme, width=22)  # as wide as the face below it: both lines begin in one column
        sync.addWidget(self._dot)
        sync.addWidget(self._age, 1)
        column.addLayout(sync)
        column.addSpacing(8)
        who = QHBoxLayout()
        who.setContentsMargins(7, 0, 4, 0)
        who.setSpacing(9)
        self._avatar = Avatar(context.paints, 22)
        self._rep = Label(theme, "", 12, tone="muted", elide=True)
        self._role = Label(theme, " ", 11.5, tone="muted", elide=True)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._rep)
        names.addWidget(self._role)
        who.addWidget(self._avatar)
        who.addLayout(names, 1)
        column.addLayout(who)
        self._show_rep(context.rep)  # how much there is and how old is not known yet
        self._most = 0
        theme.changed.connect(self._fit)
        self._fit()
        context.rights.changed.connect(self._show_role)
        context.background.away.connect(self._say_away)

    def leave_room(self, window: int) -> None:
        """Take of a window that is so wide what words and counts need, where large text would have more of it."""
        self._most = int(window * _MOST)
        self._fit()

    def _fit(self) -> None:
        least = max(item.least_width() for item in self._items.values()) + 21  # of its own margins
        self.setFixedWidth(min(self._context.theme.px(NAVIGATION_W), max(least, self._most)))
        self._say_age()

    def show_page(self, key: str) -> None:
        self._items[key].setChecked(True)

    def show_unclaimed(self, unclaimed: int) -> None:
        """How many leads wait in the queue, all that is known before the first frame."""
        self._items["queue"].set_count(unclaimed)

    def show_counts(self, counts: NavCounts) -> None:
        self._items["queue"].set_count(counts.queue)
        self._items["trials"].set_count(counts.trials)
        self._items["tasks"].set_count(counts.tasks)
        waiting = counts.outbox_waiting + counts.outbox_stuck
        self._items["handoffs"].set_count(waiting, alarm=counts.outbox_stuck > 0)
        self._items["handoffs"].explain(self._deliveries(counts))
        unclaimed = n_("{n} open lead is unclaimed", "{n} open leads are unclaimed", counts.queue)
        self._items["queue"].explain(unclaimed)
        self._items["trials"].explain(n_("{n} trial is running", "{n} trials are running", counts.trials))
        tasks = n_("{n} task of the team is open", "{n} tasks of the team are open", counts.tasks)
        self._items["tasks"].explain(tasks)
        self._newest, self._is_counted = counts.newest_data_at, True
        self._fit()
        self._show_age()
        self._show_rep(self._context.rep)

    def show_unread(self, unread: int) -> None:
        """How many notices wait in the inbox."""
        self._items["inbox"].set_count(unread)

    def show_role(self, role: str) -> None:
        """What the person at the desk says they do, under their name. What the workspace keeps them to goes first."""
        self._said_role = role
        self._show_role()

    def _show_role(self) -> None:
        kept = self._context.rights.role
        words = wording.ROLES.get(kept) or wording.ROLES.get(self._said_role, "")
        self._role.setText(words)
        self._role.setVisible(bool(words) and bool(self._context.rep))

    def _show_rep(self, rep: str) -> None:
        self._avatar.say(wording.person(rep) if rep else "", rep)
        self._rep.setText(wording.person(rep) if rep else _("Who are you? Settings"))
        self._rep.setToolTip(wording.tip(rep))

    def _deliveries(self, counts: NavCounts) -> str:
        words = n_("{n} write waits", "{n} writes wait", counts.outbox_waiting)
        if counts.outbox_stuck:
            words += ", " + n_("{n} needs you", "{n} need you", counts.outbox_stuck)
        return words

    def role(self) -> str:
        """What stands under the name; "" for nothing."""
        return self._role.full_text() if self._role.isVisibleTo(self) else ""

    def is_behind(self) -> bool:
        """Whether the data is older than it should be, or ages because nobody answers."""
        return bool(self._dot.property("tone") == "warn")

    def _say_away(self, why: object) -> None:
        """What is shown ages while the workspace's server does not answer."""
        self._is_away = why is not None
        if self._is_counted:
            self._show_age()

    def _show_age(self) -> None:
        now, newest = self._context.now(), self._newest
        self._dot.show()
        if newest is None:
            self._age.setText(_("No data yet"))
            self._dot.set_tone("warn" if self._is_away else "muted")
            return
        old = (now - newest).total_seconds() > 2 * 86_400
        self._ago = wording.ago(newest, now)
        self._say_age()
        self._age.setToolTip(_("Newest data received {at}").format(at=wording.exact(newest)))
        self._dot.set_tone("warn" if old or self._is_away else "ok")

    def _say_age(self) -> None:
        """In large text without the words before it: how old it is matters."""
        if self._ago:
            words = _("Data from {ago}").format(ago=self._ago)
            room = self.width() - self._context.theme.px(22) - 41  # the mark, and what stands around both
            fits = self._age.fontMetrics().horizontalAdvance(words) <= room
            self._age.setText(words if fits else self._ago)

    def _clicked(self) -> None:
        item = self.sender()
        if isinstance(item, NavItem):
            self.wanted.emit(item.key)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        groups: dict[str, QMenu] = {}
        for command in COMMANDS:
            if command.group not in groups:
                groups[command.group] = menu.addMenu(command.group)
                groups[command.group].setToolTipsVisible(True)
            keys = self._keys.first(command.id)
            action = groups[command.group].addAction(f"{command.label}\t{keys}")
            action.setData(command.id)
            self._context.rights.hold(action, command.id)
        menu.triggered.connect(self._menu_chosen)
        menu.popup(self._logo.mapToGlobal(self._logo.rect().bottomLeft()))

    def _menu_chosen(self, action: object) -> None:
        self.command.emit(action.data())  # type: ignore[attr-defined]
