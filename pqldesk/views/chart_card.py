"""A chart in its card, with the same figures as a table one click away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QStackedWidget

from pqldesk.services.texts import _
from pqldesk.views.charts import Chart
from pqldesk.views.page import Context
from pqldesk.views.parts import Card
from pqldesk.views.row_table import Column, RowTable, RowView

Cells = tuple[str, ...]


def _cell(n: int) -> Column[Cells]:
    return Column("", lambda row: row[n] if n < len(row) else "", 80, right=n > 0, stretch=1)


class ChartCard(Card):
    """Title, chart, and the switch between chart and table."""

    def __init__(self, context: Context, title: str, chart: Chart, note: str = "") -> None:
        super().__init__(context.theme, title, note)
        self._context, self.chart, self._title = context, chart, title
        self.switch = QPushButton(_("Table"))
        self.switch.setObjectName("link")
        self.switch.setAccessibleName(_("{title}: show as table").format(title=title))
        self.switch.clicked.connect(self._switch)
        self.head.addWidget(self.switch)
        self._stack = QStackedWidget()
        self._stack.addWidget(chart)
        self.body.addWidget(self._stack, 1)

    def show_again(self) -> None:
        """The chart has other figures: a table in its place is made anew."""
        if self._stack.count() > 1:
            self._switch()
            self._switch()

    def _switch(self) -> None:
        if (old := self._stack.widget(1)) is not None:
            self._stack.removeWidget(old)
            old.deleteLater()
            self.switch.setText(_("Table"))
            return
        headers, rows = self.chart.table()
        columns = [
            Column(title, _cell(n).text, 60, right=n > 0, stretch=2 if n == 0 else 1)
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
