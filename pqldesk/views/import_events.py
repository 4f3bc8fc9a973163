"""What events of an imported file mean whose names no signal counts: chosen before anything is stored."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.desk import ImportLook
from pqldesk.views.labels import Label, stand, wrapped
from pqldesk.views.layouts import widgets_in
from pqldesk.views.page import Context

KINDS = (
    "login", "feature_activated", "team_invited", "integration_connected", "data_imported", "signed_up",
    "trial_started", "trial_ended",
)  # fmt: skip
_LISTED = 6


class ImportEvents(QWidget):
    """The most frequent of these names, each with what it may count as; `changed` when one is chosen."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._combos: dict[str, QComboBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(Label(context.theme, _("Events that no signal counts"), 12, 600, "muted"))
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        self._more = wrapped(context.theme, "", 12, "muted")
        column.addWidget(self._more)
        self.hide()

    def forget(self) -> None:
        """Another file, or another kind of rows."""
        self._combos.clear()
        for old in widgets_in(self._grid):
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.hide()

    def show_look(self, look: ImportLook) -> None:
        """Ask for what is not counted; a name that was chosen for stays in sight, though it counts now."""
        for name, many in look.uncounted.items():
            if name not in self._combos and len(self._combos) < _LISTED:
                self._add(name, many)
        rest = len(look.uncounted.keys() - self._combos.keys())
        words = n_("and {n} more name", "and {n} more names", rest) if rest else ""
        self._more.setText(words)
        stand(self._more, bool(words))
        self.setVisible(bool(self._combos))

    def chosen(self) -> tuple[tuple[str, str], ...]:
        """Names with the kind that each counts as."""
        return tuple(
            (name, str(combo.currentData())) for name, combo in self._combos.items() if combo.currentData()
        )

    def combo(self, name: str) -> QComboBox:
        """What *name* may count as."""
        return self._combos[name]

    def _add(self, name: str, many: int) -> None:
        row = len(self._combos)
        combo = Choice()
        combo.setAccessibleName(_("What {name} counts as").format(name=name))
        combo.addItem(_("counts as nothing"), "")
        for kind in KINDS:
            combo.addItem(wording.plain(kind), kind)
        combo.activated.connect(partial(self._chosen_in, name))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(self._context.theme, wording.plain(name), 13, elide=True))
        often = n_("{n} event", "{n} events", many)
        words.addWidget(Label(self._context.theme, often, 12, tone="muted", elide=True))
        holder = QWidget()
        words.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(words)
        self._grid.addWidget(holder, row, 0)
        self._grid.addWidget(combo, row, 1)
        self._combos[name] = combo

    def _chosen_in(self, _name: str, _index: int) -> None:
        self.changed.emit()
