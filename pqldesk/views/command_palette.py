"""Ctrl+K: type a word, get people and commands; every command shows its key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)  # fmt: skip

from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import CompanyHit, QueueRow
from pqldesk.views import wording
from pqldesk.views.commands import COMMANDS
from pqldesk.views.containers import line
from pqldesk.views.keys import Keys
from pqldesk.views.mirror import is_mirrored
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.painting import LEFT, RIGHT, Paintbox
from pqldesk.views.parts import Icon

_PEOPLE = 6
_GOOD = 55  # of 100, RapidFuzz's measure


@dataclass(frozen=True, slots=True)
class Choice:
    """One row: a command or a lead."""

    text: str
    note: str
    keys: str = ""
    command: str = ""
    lead_id: str = ""
    company: str = ""  # a name to look for among all leads
    barred: bool = False  # the note says why it cannot be used


def found_commands(
    text: str, keys: Keys, why_not: Callable[[str], str] = lambda _command: ""
) -> list[Choice]:
    """Commands that sound like *text*, best first; all of them for no text. What is barred says why."""
    choices = [
        Choice(c.label, why_not(c.id) or c.group, keys.first(c.id), command=c.id, barred=bool(why_not(c.id)))
        for c in COMMANDS
        if c.id != "palette"
    ]
    if not text.strip():
        return choices
    from rapidfuzz import fuzz, process  # 20 ms that the first frame need not wait for

    wanted = as_searched(text)
    names = [
        as_searched(choice.text if choice.barred else f"{choice.text} {choice.note}") for choice in choices
    ]
    # Part of a word alone is no likeness: "jerab" would offer to erase the person, for the letters it has in common.
    initials = {word[0] for word in wanted.split()}
    alike = {
        n: name for n, name in enumerate(names) if not initials.isdisjoint(word[0] for word in name.split())
    }
    ranked = process.extract(wanted, alike, scorer=fuzz.WRatio, score_cutoff=_GOOD, limit=8)
    return [choices[n] for _name, _score, n in ranked]


def recent_first(choices: list[Choice], recent: Sequence[str]) -> list[Choice]:
    """The commands used last before the rest, the newest at the top."""
    rank = {command: n for n, command in enumerate(recent)}
    return sorted(choices, key=lambda choice: rank.get(choice.command, len(rank)))


def find_people(
    session: object, order: Callable[..., Sequence[int]], rows: Callable[..., list[QueueRow]], text: str
) -> list[QueueRow]:
    """The best leads that match *text*, in any state."""
    return rows(session, list(order(session, "all", text, "score", True)[:_PEOPLE]))


class PaletteSheet(Sheet):
    size_wanted = QSize(600, 440)
    at_top = True
    command_wanted = Signal(str)
    lead_wanted = Signal(str)
    company_wanted = Signal(str)

    def __init__(self, context: Context, keys: Keys, recent: Sequence[str] = ()) -> None:
        super().__init__(context)
        self._keys, self._recent = keys, recent
        self._leads: list[Choice] = []
        self._companies: list[Choice] = []
        self._people_job: Any = None
        self._is_chosen = False  # somebody has gone to a row since the last letter
        self.setAccessibleName(_("Search people and commands"))
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(16, 10, 16, 10)
        icon = Icon()
        icon.setPixmap(context.theme.pixmap("search", context.theme.tokens.muted, 16))
        self.field = QLineEdit()
        self.field.setObjectName("palettefield")
        self.field.setPlaceholderText(_("Search people, companies, commands"))
        self.field.setAccessibleName(_("Search people, companies, commands"))
        self.field.setFont(context.theme.font(15))
        row.addWidget(icon)
        row.addWidget(self.field, 1)
        self.outer.addWidget(top)
        self.outer.addWidget(line())
        self.list = QListWidget()
        self.list.setObjectName("palette")
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_ChoiceDelegate(context.paints, self.list))
        self.list.setAccessibleName(_("Found"))
        self.list.itemClicked.connect(self._clicked)
        self.outer.addWidget(self.list, 1)
        self.outer.setContentsMargins(1, 1, 1, 9)  # else it would stand over the round corners
        self._soon = QTimer(self, singleShot=True, interval=50)
        self._soon.timeout.connect(self._ask)
        self.field.textChanged.connect(self._typed)
        self.field.installEventFilter(self)
        self._show([], "")

    def first_field(self) -> QWidget:
        return self.field

    def choices(self) -> list[Choice]:
        rows = [self.list.item(n).data(Qt.ItemDataRole.UserRole) for n in range(self.list.count())]
        return [choice for choice in rows if choice is not None]  # "Nothing found" is none

    def submit(self) -> None:
        item = self.list.currentItem()
        choice: Choice | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if choice is None:
            return
        self.close_sheet()
        if choice.lead_id:
            self.lead_wanted.emit(choice.lead_id)
        elif choice.company:
            self.company_wanted.emit(choice.company)
        else:
            self.command_wanted.emit(choice.command)

    def eventFilter(self, watched: object, event: Any) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.choices():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                self._is_chosen = True
                return True
        return False

    def _typed(self, text: str) -> None:
        self._leads, self._companies, self._is_chosen = [], [], False
        self._soon.start()
        self._show([], text)

    def _ask(self) -> None:
        if self._people_job is not None:
            self._people_job.cancel()
        text = self.field.text().strip()
        if len(text) > 1:
            desk = self.context.desk
            self._people_job = self.context.background.read(
                find_people, desk.lead_order, desk.lead_rows, text
            )
            self._people_job.then(self._people)
            self.context.background.read(desk.find_companies, text).then(partial(self._found_companies, text))

    def _found_companies(self, text: str, rows: list[CompanyHit]) -> None:
        if text == self.field.text().strip():
            self._companies = [
                Choice(row.name, " · ".join(filter(None, (_("Company"), row.domain))), company=row.name)
                for row in rows
            ]
            self._show([*self._leads, *self._companies], text)

    def _people(self, rows: list[QueueRow]) -> None:
        self._people_job = None
        self._leads = [
            Choice(row.name, " · ".join(part for part in (row.company, row.email) if part),
                   wording.number(row.score), lead_id=row.lead_id)
            for row in rows
        ]  # fmt: skip
        self._show([*self._leads, *self._companies], self.field.text())

    def _show(self, people: list[Choice], text: str) -> None:
        item = self.list.currentItem() if self._is_chosen else None
        chosen = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        self.list.clear()
        commands = found_commands(text, self._keys, self.context.rights.why_not)
        if not text.strip():
            commands = recent_first(commands, self._recent)
        start = as_searched(text).strip()
        begun = [one for one in commands if start and as_searched(one.text).startswith(start)]
        rest = [one for one in commands if one not in begun]
        choices = [*begun, *people, *rest]  # what Enter takes at once stays first when people come later
        for choice in choices:
            item = QListWidgetItem(f"{choice.text}, {choice.note}")
            item.setData(Qt.ItemDataRole.UserRole, choice)
            self.list.addItem(item)
        is_awaited = len(text.strip()) > 1 and (self._soon.isActive() or self._people_job is not None)
        if not self.list.count() and not is_awaited:
            item = QListWidgetItem(_("Nothing found"))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        elif choices:
            self.list.setCurrentRow(choices.index(chosen) if chosen in choices else 0)

    def _clicked(self, item: QListWidgetItem) -> None:
        self.list.setCurrentItem(item)
        self.submit()


class _ChoiceDelegate(QStyledItemDelegate):
    """A person with avatar and score, or a command with its group and key."""

    def __init__(self, paints: Paintbox, parent: QWidget) -> None:
        super().__init__(parent)
        self._paints = paints

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, self._paints.theme.px(38))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, px, t = self._paints.theme, self._paints.theme.px, self._paints.theme.tokens
        area = option.rect

        def there(left: int, wide: int) -> QRect:
            """What is painted from *left* on, on the side on which the reader begins."""
            return QStyle.visualRect(option.direction, area, QRect(left, area.top(), wide, area.height()))

        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(t.selected))
            painter.fillRect(there(area.left(), 2), QColor(t.accent))
        choice = index.data(Qt.ItemDataRole.UserRole)
        inner, x = area.adjusted(px(16), 0, -px(16), 0), area.left() + px(16)
        if choice is None:
            painter.setPen(QColor(t.muted))
            painter.drawText(inner, LEFT, str(index.data()))
            return
        end = inner.right()
        if choice.lead_id:
            at = there(x, px(24)).x()
            self._paints.avatar(painter, at, inner.center().y(), px(24), choice.text, choice.lead_id)
            x += px(34)
            painter.setFont(theme.font(13, 600))
            painter.setPen(QColor(t.text))
            painter.drawText(inner, RIGHT, choice.keys)
            end -= px(44)
        elif choice.keys:
            caps = choice.keys.split()
            for cap in caps if is_mirrored() else reversed(caps):  # a chord reads one way everywhere
                width = self._paints.key_width(cap)
                end -= width
                at = there(end, width).x()
                self._paints.key_cap(painter, at, inner.center().y(), cap, t.muted, t.line)
                end -= px(4)
        painter.setFont(theme.font(13, 500))
        painter.setPen(QColor(t.faint if choice.barred else t.text))
        metrics = self._paints.metrics(13, 500)
        text = metrics.elidedText(choice.text, Qt.TextElideMode.ElideRight, end - x)
        painter.drawText(there(x, max(0, end - x)), LEFT, text)
        x += metrics.horizontalAdvance(text) + px(10)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(t.muted))
        note = self._paints.metrics(12).elidedText(choice.note, Qt.TextElideMode.ElideRight, max(0, end - x))
        painter.drawText(there(x, max(0, end - x)), LEFT, note)
