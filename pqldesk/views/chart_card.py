"""A chart in its card, with the same figures as a table one click away, and a way out as picture or data."""

import csv
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QStackedWidget, QWidget

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.formulas import neutral
from pqldesk.views.charts import Chart
from pqldesk.views.containers import Card
from pqldesk.views.file_dialog import FileDialog
from pqldesk.views.mirror import picture_painter
from pqldesk.views.page import Context
from pqldesk.views.painting import LEFT
from pqldesk.views.row_table import Column, RowTable, RowView

Cells = tuple[str, ...]
_WIDEST_NAME = 220  # of a row of a table
_EDGE, _TITLE_HIGH, _NOTE_HIGH = 16, 26, 18  # of a picture, in pixels of usual text
SHARP = 2  # pixels of a picture for each on the screen


def chart_command(command: str, cards: Sequence["ChartCard"]) -> bool:
    """Carry out PAGE.table or PAGE.export on the chart that has the focus, else on the first; False for another."""
    verb = command.partition(".")[2]
    if verb not in {"table", "export"}:
        return False
    focus = QApplication.focusWidget()
    card = next((one for one in cards if focus is not None and one.isAncestorOf(focus)), cards[0])
    if verb == "table":
        card.switch_over()
        card.shown().setFocus()
    else:
        card.offer()
    return True


def _cell(n: int) -> Column[Cells]:
    return Column("", lambda row: row[n] if n < len(row) else "", 80, right=n > 0, stretch=1)


class ChartCard(Card):
    """Title, chart, the switch between chart and table, and export."""

    def __init__(self, context: Context, title: str, chart: Chart, note: str = "", page: str = "") -> None:
        """*page* has the commands PAGE.table and PAGE.export, whose keys are told."""
        super().__init__(context.theme, title, note)
        self._context, self.chart, self._title = context, chart, title
        self.switch = QPushButton(_("Table"))
        self.switch.setObjectName("link")
        self.switch.setAccessibleName(_("{title}: show as table").format(title=title))
        self.switch.setToolTip(
            _("The same figures as a table, and back") + "  " + context.key_of(f"{page}.table")
        )
        self.switch.clicked.connect(self.switch_over)
        self.export = QPushButton(_("Export"))
        self.export.setObjectName("link")
        self.export.setAccessibleName(_("{title}: export as picture or data").format(title=title))
        self.export.setToolTip(_("PNG, SVG, or the figures as CSV") + "  " + context.key_of(f"{page}.export"))
        self.export.clicked.connect(self.offer)
        self.head.addWidget(self.switch)
        self.head.addWidget(self.export)
        self._stack = QStackedWidget()
        self._stack.addWidget(chart)
        self.body.addWidget(self._stack, 1)

    def shown(self) -> QWidget:
        """The chart, or the table in its place."""
        return self._stack.currentWidget() or self.chart

    def save(self, file: Path) -> None:
        """Write the chart to *file*: .png, .svg, or its table as .csv. BadInput for another ending."""
        kind = file.suffix.lower()
        try:
            if kind == ".png":
                self._png(file)
            elif kind == ".svg":
                self._svg(file)
            elif kind == ".csv":
                self._csv(file)
            else:
                raise BadInput(
                    _("{file} says not what to write.").format(file=file.name),
                    _("End its name in .png, .svg or .csv."),
                )
        except OSError as refused:
            raise BadInput(
                _("{file} cannot be written: {why}.").format(file=file, why=refused.strerror),
                _("Choose another folder."),
            ) from None

    def show_again(self) -> None:
        """The chart has other figures: a table in its place is made anew."""
        if self._stack.count() > 1:
            self.switch_over()
            self.switch_over()

    def _png(self, file: Path) -> None:
        size = self._size()
        picture = QPixmap(size * SHARP)
        picture.setDevicePixelRatio(SHARP)
        self._paint(picture_painter(picture, size.width()))
        if not picture.save(str(file), "PNG"):
            raise OSError(0, _("it could not be opened for writing"))

    def _svg(self, file: Path) -> None:
        from PySide6.QtSvg import QSvgGenerator

        size = self._size()
        drawing = QSvgGenerator()
        drawing.setFileName(str(file))
        drawing.setSize(size)
        drawing.setViewBox(QRect(QPoint(0, 0), size))
        drawing.setTitle(self._title)
        drawing.setDescription(self.chart.accessibleName())
        painter = picture_painter(drawing, size.width())
        if not painter.isActive():
            raise OSError(0, _("it could not be opened for writing"))
        self._paint(painter)

    def _size(self) -> QSize:
        """Of the picture: the chart, an edge around it, and above it what it is of."""
        px = self._context.theme.px
        lines = _TITLE_HIGH + (_NOTE_HIGH if self.note.full_text() else 0)
        return self.chart.size() + QSize(2 * px(_EDGE), 2 * px(_EDGE) + px(lines))

    def _paint(self, painter: QPainter) -> None:
        """The chart as it stands in the window, so that it says by itself what it shows; ends the painter."""
        theme, px, size = self._context.theme, self._context.theme.px, self._size()
        try:
            painter.fillRect(QRect(QPoint(0, 0), size), theme.colour("surface"))
            painter.translate(px(_EDGE), px(_EDGE))
            for words, points, weight, tone, top in (
                (self._title, 13, 600, "text", 0), (self.note.full_text(), 12, 400, "muted", _TITLE_HIGH - 4),
            ):  # fmt: skip
                painter.setFont(theme.font(points, weight))
                painter.setPen(theme.colour(tone))
                painter.drawText(QRect(0, px(top), self.chart.width(), px(_NOTE_HIGH)), LEFT, words)
            painter.translate(0, size.height() - 2 * px(_EDGE) - self.chart.height())
            self.chart.paint_on(painter)
        finally:
            painter.end()

    def _csv(self, file: Path) -> None:
        headers, rows = self.chart.table()
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(headers)
            writer.writerows([neutral(cell) for cell in row] for row in rows)

    def offer(self) -> None:
        """Ask as what the chart leaves."""
        menu = QMenu(self)
        for words, ending in (
            (_("Picture (PNG)"), "png"),
            (_("Drawing (SVG)"), "svg"),
            (_("Figures (CSV)"), "csv"),
        ):
            action = QAction(words, menu)
            action.setData(ending)
            menu.addAction(action)
        menu.triggered.connect(self._ask)
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def _ask(self, action: QAction) -> None:
        ending = str(action.data())
        name = "-".join(self._title.lower().replace(",", "").replace("%", "").split())
        place = Path.home() / f"{name}.{ending}"
        FileDialog(self, _("Export"), self._save_as, place=place, filters=f"*.{ending}", saves_as=ending)

    def _save_as(self, file: str) -> None:
        path = Path(file)
        try:
            self.save(path)
        except BadInput as problem:
            self._context.background.problem.emit(problem)
        else:
            self._context.wishes.told.emit(_("Written to {file}").format(file=path.name), 0)

    def _room(self, n: int, title: str, rows: Sequence[Cells]) -> int:
        """How wide a column of figures is: as its longest, so that none ends in dots."""
        wide = self._context.paints.wide
        longest = max([wide(title, 12, 600), *(wide(row[n], 13) for row in rows if n < len(row))])
        return max(60, round(longest / self._context.theme.scale) + 24)

    def switch_over(self) -> None:
        """Show the figures as a table, or the chart again."""
        if (old := self._stack.widget(1)) is not None:
            self._stack.removeWidget(old)
            old.deleteLater()
            self.switch.setText(_("Table"))
            return
        headers, rows = self.chart.table()
        names = max((self._context.paints.wide(row[0], 13) for row in rows), default=0)
        # What a row is about is never cut for its figures, which can be scrolled to.
        wide = min(_WIDEST_NAME, round(names / self._context.theme.scale) + 22)
        columns = [
            Column(
                title,
                _cell(n).text,
                self._room(n, title, rows) if n else wide,
                right=n > 0,
                stretch=int(n > 0),
            )
            for n, title in enumerate(headers)
        ]
        table: RowTable[Cells] = RowTable(columns, key=lambda row: row[0])
        table.show(rows)
        view = RowView(table, self._context.paints, self._title, 30)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        table.setParent(view)
        self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)
        self.switch.setText(_("Chart"))
