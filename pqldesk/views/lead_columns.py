"""Which columns the queue's table shows, in which order and how wide."""

from math import ceil, floor

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableView

from pqldesk.services.view_spec import COLUMNS, USUAL
from pqldesk.views import wording
from pqldesk.views.lead_cells import (
    ACTIVATION,
    ACTIVE,
    COMPANY,
    OWNER,
    PERSON,
    RESPOND,
    SCORE,
    SIGNALS,
    TITLES,
    TRIAL,
)
from pqldesk.views.theme import Theme

Columns = tuple[tuple[str, int], ...]
# In the order of view_spec.COLUMNS.
_WIDTHS = (112, 178, 106, 82, 76, 76, 52, 54, 92, 96, 84, 84, 118, 130, 84, 96, 52, 84, 92, 84, 84)
_DISPENSABLE = (
    ACTIVATION,
    ACTIVE,
    OWNER,
    SIGNALS,
    COMPANY,
    TRIAL,
    RESPOND,
)  # what a narrow window goes without, in order
# What names and companies get on top before activation does: whole e-mail addresses matter more.
_ADDRESS = 90
_GIVE = 6  # how much narrower than usual names and companies may become before a column goes
_HEAD, _AIR = 11.5, 20  # size of the words over a column, and what stands beside them
_ARROW = 14  # of the column that the list is sorted by
_NAMED = 150  # a person's column, below which hardly a letter of a name is left
_PILL = 28  # what stands beside the words of a pill, in it and around it
_REST_MS = 400  # a column's edge rests this long before its width is kept


class LeadColumns(QObject):
    """Spreads the columns over the table's width; says when somebody has dragged one, or made it wider."""

    changed = Signal(object)  # ((key, width), ...)

    def __init__(self, table: QTableView, theme: Theme) -> None:
        super().__init__(table)
        self._table, self._theme = table, theme
        self._columns: Columns = ()
        self._spreading = False
        self._dragged = QTimer(self, singleShot=True, interval=_REST_MS)
        self._dragged.timeout.connect(self._tell)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(True)
        header.sectionMoved.connect(self._moved)
        header.sectionResized.connect(self._resized)

    def choose(self, columns: Columns) -> bool:
        """Show these columns, in this order; a width of 0 is the usual one, () is all as usual. False: nothing new."""
        if columns == self._columns:
            return False
        self._columns = columns
        header = self._table.horizontalHeader()
        self._spreading = True
        keys = [key for key, _width in columns] or list(USUAL)
        for place, key in enumerate([*keys, *(one for one in COLUMNS if one not in keys)]):
            header.moveSection(header.visualIndex(COLUMNS.index(key)), place)
        self._spreading = False
        self.spread()
        return True

    def spread(self) -> None:
        """Give spare width to names and companies; where there is too little, hide what matters least."""
        header, px = self._table.horizontalHeader(), self._theme.px
        chosen = {COLUMNS.index(key): width for key, width in self._columns}
        widths = {n: chosen.get(n) or self._usual(n) for n in (chosen or range(len(USUAL)))}
        room = self._table.viewport().width()
        for column in _DISPENSABLE if not chosen else ():  # what somebody chose is scrolled to, not hidden
            more = px(_ADDRESS) if column == ACTIVATION else -px(_GIVE)
            if sum(map(px, widths.values())) + more > room:
                del widths[column]
        if not chosen and px(_NAMED) > room - sum(px(wide) for n, wide in widths.items() if n != PERSON):
            widths[SCORE] = (
                self._heading(SCORE) + _ARROW
            )  # figures alone, or nobody would be told by their name
        spare = room - sum(map(px, widths.values()))
        shares = {
            n: share for n, share in ((PERSON, 0.75), (COMPANY, 0.25)) if n in widths and not chosen.get(n)
        }
        if chosen and spare < 0:
            spare = 0
        whole = sum(shares.values()) or 1.0
        header.blockSignals(True)
        self._spreading = True
        for n in range(len(_WIDTHS)):
            header.setSectionHidden(n, n not in widths)
            if n in widths:
                header.resizeSection(n, px(widths[n]) + floor(spare * shares.get(n, 0) / whole))
        self._spreading = False
        header.blockSignals(False)
        self._table.updateGeometries()

    def _usual(self, n: int) -> int:
        """The width a column has by itself: words over it, and its pills, are longer in other languages."""
        least = max(_WIDTHS[n], self._heading(n))
        if n == TRIAL:
            pill = QFontMetrics(self._theme.font(12, 500)).horizontalAdvance
            ends = max(map(pill, (wording.TRIAL_STATES["expired"], wording.TRIAL_STATES["converted"])))
            least = max(least, ceil(ends / self._theme.scale) + _PILL)
        return least

    def _heading(self, n: int) -> int:
        words = QFontMetrics(self._theme.font(_HEAD, 600)).horizontalAdvance(TITLES[n])
        return ceil(words / self._theme.scale) + _AIR

    def _moved(self) -> None:
        if not self._spreading:
            self._tell()

    def _resized(self, section: int, _old: int, width: int) -> None:
        if self._spreading:
            return
        kept = dict(self._columns) or {COLUMNS[n]: 0 for n in self.shown()}
        kept[COLUMNS[section]] = max(24, round(width / self._theme.scale))
        self._columns = tuple(kept.items())
        self._dragged.start()

    def shown(self) -> list[int]:
        """The columns in sight, from left to right, as numbers of lead_cells.TITLES."""
        header = self._table.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [n for n in order if not header.isSectionHidden(n)]

    def _tell(self) -> None:
        widths = dict(self._columns)
        self._columns = tuple((COLUMNS[n], widths.get(COLUMNS[n], 0)) for n in self.shown())
        self.changed.emit(self._columns)
