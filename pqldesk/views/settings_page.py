"""Settings: made from their declarations; look, and who did what."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.rows import ActionRow, SettingRow
from pqldesk.services.texts import _
from pqldesk.views import wording
from pqldesk.views.keys import COMMANDS, shown_keys
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Card, Label, scrolled, wrapped
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.theme import BODY_PX, Theme

THEME, FONT_SIZE = "theme", "font_size"  # settings that the window itself wears
KEY = "key."  # before a command's id: the setting with its key
KEY_COLUMNS = (
    Column[tuple[str, str, str]](_("Command"), lambda row: row[1], 200, stretch=1),
    Column[tuple[str, str, str]](_("Key"), lambda row: row[2], 130),
)
_LOOKS = (
    ("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark")),
    ("light-contrast", _("Light, high contrast")), ("dark-contrast", _("Dark, high contrast")),
)  # fmt: skip
_SIZES = (
    ("12", _("Small")),
    ("13", _("Usual")),
    ("15", _("Large")),
    ("17", _("Larger")),
    ("21", _("Largest")),
)


def wear(theme: Theme, rows: list[SettingRow]) -> None:
    """Put the stored look on: colours and size of text."""
    stored = {row.key: row.value for row in rows}
    scheme = stored.get(THEME) or theme.scheme
    size = stored.get(FONT_SIZE, "")
    scale = int(size) / BODY_PX if size.isdigit() else theme.scale
    if (scheme, scale) != (theme.scheme, theme.scale):
        theme.choose(scheme, scale)


def _said(row: SettingRow) -> tuple[str, str]:
    """A setting's label and help; what a workspace keeps by itself, such as names of features, in words too."""
    name, dot, key = row.label.partition(".")
    if not dot or row.label != row.key:
        return row.label, row.help
    return f"{wording.plain(name)}: {key}", row.help or _("What handoff notes call it.")


class SettingsPage(Page):
    topics = frozenset({Topic.SETTINGS, Topic.LEADS, Topic.TASKS, Topic.OUTBOX})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields: dict[str, QWidget] = {}
        self._rows: tuple[SettingRow, ...] = ()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 13, 16, 16)
        column.setSpacing(12)
        column.addWidget(Label(self.theme, _("Settings"), 15, 600))
        across = QHBoxLayout()
        across.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._look())
        self._card = Card(self.theme, _("Workspace"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 2)
        self._card.body.addLayout(self._grid)
        left.addWidget(self._card)
        left.addStretch()
        across.addLayout(left, 3)
        self.done: RowTable[ActionRow] = RowTable(
            self._action_columns(), key=lambda row: (row.at, row.detail)
        )
        self.done_view = RowView(self.done, self.paints, _("What was done"))
        card = Card(self.theme, _("What was done"), _("newest first"))
        card.body.addWidget(self.done_view, 1)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(card, 1)
        self.keys: RowTable[tuple[str, str, str]] = RowTable(KEY_COLUMNS, key=lambda row: row[0])
        self.keys_view = RowView(self.keys, self.paints, _("Keys"), 32)
        self.keys_view.opened.connect(self._rekey)
        keys_card = Card(self.theme, _("Keys"), _("Enter or a double click changes one"))
        keys_card.body.addWidget(self.keys_view, 1)
        right.addWidget(keys_card, 1)
        across.addLayout(right, 2)
        column.addLayout(across, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def refresh(self) -> None:
        self.read(self.context.desk.settings_rows).then(self._show_settings)
        self.read(self.context.desk.history, 200).then(self._show_history)

    def _look(self) -> Card:
        card = Card(self.theme, _("Look"))
        row = QHBoxLayout()
        row.setSpacing(12)
        self.look, self.size_choice = QComboBox(), QComboBox()
        for key, text in _LOOKS:
            self.look.addItem(text, key)
        for scale, text in _SIZES:
            self.size_choice.addItem(text, scale)
        for label, combo in ((_("Colours"), self.look), (_("Text size"), self.size_choice)):
            name = Label(self.theme, label, 12, tone="muted")
            name.setBuddy(combo)
            combo.setAccessibleName(label)
            combo.activated.connect(self._look_chosen)
            row.addWidget(name)
            row.addWidget(combo)
        row.addStretch()
        card.body.addLayout(row)
        return card

    def _action_columns(self) -> tuple[Column[ActionRow], ...]:
        now = self.context.now
        return (
            Column(
                _("Action"), lambda r: wording.plain(r.action), 200, stretch=1,
                mark=lambda r: Mark(second=r.detail or " "),
            ),
            Column(_("By"), lambda r: wording.person(r.actor), 140, mark=lambda r: Mark("avatar", key=r.actor)),
            Column(
                _("When"), lambda r: wording.age(r.at, now()), 70, order=lambda r: r.at,
                hint=lambda r: wording.exact(r.at), mark=lambda r: Mark(tone="muted"),
            ),
        )  # fmt: skip

    def _show_settings(self, rows: list[SettingRow]) -> None:
        if tuple(rows) == self._rows:
            return
        self._show_look(rows)
        stored = {row.key.removeprefix(KEY): row.value for row in rows if row.key.startswith(KEY)}
        self.keys.show([(c.id, c.label, shown_keys(stored.get(c.id) or ", ".join(c.keys))) for c in COMMANDS])
        listed = [row for row in rows if row.key not in {THEME, FONT_SIZE} and not row.key.startswith(KEY)]
        if [row.key for row in listed] != list(self._fields):
            self._build(listed)
        self._rows = tuple(rows)
        for row in listed:
            field = self._fields[row.key]
            if isinstance(field, QCheckBox):
                field.setChecked(row.value.lower() in {"1", "true", "yes", "on"})
            elif isinstance(field, QComboBox):
                field.setCurrentText(row.value)
            elif isinstance(field, QLineEdit) and not field.hasFocus():
                field.setText(row.value)

    def _build(self, rows: list[SettingRow]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._fields = {}
        for n, row in enumerate(rows):
            words = QWidget()
            column = QVBoxLayout(words)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(1)
            label, about = _said(row)
            column.addWidget(Label(self.theme, label, 13, 500))
            column.addWidget(wrapped(self.theme, about, 12, "muted"))
            field = self._field(row)
            field.setObjectName(row.key)
            field.setAccessibleName(label)
            field.setAccessibleDescription(about)
            self._fields[row.key] = field
            self._grid.addWidget(words, n, 0)
            self._grid.addWidget(field, n, 1, Qt.AlignmentFlag.AlignVCenter)

    def _field(self, row: SettingRow) -> QWidget:
        if row.kind == "flag":
            box = QCheckBox()
            box.clicked.connect(self._flag_clicked)
            return box
        if row.kind == "choice" or row.choices:
            combo = QComboBox()
            combo.addItems(row.choices)
            combo.activated.connect(self._choice_made)
            return combo
        field = QLineEdit()
        field.editingFinished.connect(self._text_given)
        return field

    def _flag_clicked(self) -> None:
        box = self.sender()
        if isinstance(box, QCheckBox):
            self._set(box.objectName(), "true" if box.isChecked() else "false")

    def _choice_made(self) -> None:
        combo = self.sender()
        if isinstance(combo, QComboBox):
            self._set(combo.objectName(), combo.currentText())

    def _text_given(self) -> None:
        field = self.sender()
        if isinstance(field, QLineEdit):
            self._set(field.objectName(), field.text().strip())

    def _set(self, key: str, value: str) -> None:
        row = next((row for row in self._rows if row.key == key), None)
        if row is not None and row.value != value:
            told = _("{label} is now {value}").format(label=row.label, value=value or wording.NONE)
            self.act(self.context.desk.set_setting, key, value, self.context.rep, told=told)
            self._rows = ()  # so that a refused value goes back to what is stored

    def _show_history(self, rows: list[ActionRow]) -> None:
        self.done.show(rows)

    def _rekey(self, row: tuple[str, str, str]) -> None:
        self.context.wishes.rekey.emit(row[0])

    def _look_chosen(self) -> None:
        for key, combo in ((THEME, self.look), (FONT_SIZE, self.size_choice)):
            self._set(key, str(combo.currentData()))

    def _show_look(self, rows: list[SettingRow]) -> None:
        for row in rows:
            combo = {THEME: self.look, FONT_SIZE: self.size_choice}.get(row.key)
            if combo is not None:
                for n in reversed(range(combo.count())):
                    if row.choices and combo.itemData(n) not in row.choices:
                        combo.removeItem(n)
                if combo.findData(row.value) < 0:
                    combo.addItem(row.value, row.value)
                combo.setCurrentIndex(combo.findData(row.value))
