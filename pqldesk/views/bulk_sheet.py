"""What became of each lead of a bulk: done, unchanged, or skipped because of something."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.views import wording
from pqldesk.views.bulk_run import KEPT, BulkResult
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

OUTCOMES = {
    "skipped": (p_("leads", "Skipped"), "warn"), "unchanged": (p_("leads", "Unchanged"), "muted"),
    "done": (p_("leads", "Done"), "text"),
}  # fmt: skip


class BulkSheet(Sheet):
    """Skipped ones first: they are what somebody must look at."""

    only_looks = True
    size_wanted = QSize(620, 480)

    def __init__(self, context: Context, result: BulkResult) -> None:
        super().__init__(context)
        counts = [
            f"{wording.number(result.count(key))} {words.lower()}"
            for key, (words, _tone) in OUTCOMES.items()
            if result.count(key)
        ]
        self.head(result.title, ", ".join(counts))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 12, 17, 14)
        column.setSpacing(8)
        self.list = QListWidget()
        self.list.setObjectName("results")
        self.list.setAccessibleName(_("What became of each lead"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        order = list(OUTCOMES)
        for row in sorted(result.rows, key=lambda one: order.index(one.outcome)):
            words = OUTCOMES[row.outcome][0]
            said = f"{row.name}  ·  {words}"
            if row.reason:  # most reasons begin with the name
                reason = wording.readable(row.reason)
                said = f"{words}: {reason}" if reason.startswith(row.name) else f"{said}: {reason}"
            item = QListWidgetItem(said)
            item.setData(Qt.ItemDataRole.UserRole, row)
            item.setForeground(context.theme.colour(OUTCOMES[row.outcome][1]))
            self.list.addItem(item)
        column.addWidget(self.list, 1)
        if any(result.count(key) > KEPT for key in OUTCOMES):
            column.addWidget(
                Label(context.theme, _("The first {n} of each kind are listed.").format(n=wording.number(KEPT)), 12,
                      tone="muted")
            )  # fmt: skip
        if result.cancelled:
            column.addWidget(
                wrapped(context.theme, _("Cancelled: the leads that are not listed are as they were."))
            )
        self.outer.addWidget(body, 1)
        close = Button(context.paints, _("Close"), "Esc", "primary")
        close.clicked.connect(self.close_sheet)
        said = n_("One undo takes it back.", "One undo takes all of it back.", result.count("done"))
        undo = Label(context.theme, said, 12, tone="muted")
        self.foot(close, note=undo if result.count("done") else None)

    def first_field(self) -> QWidget:
        return self.list

    def submit(self) -> None:
        self.close_sheet()
