"""Connected systems on the Sources page: one card each, with state, mapping and a test."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.rows import Connectable, ConnectionRow
from pqldesk.views import wording
from pqldesk.views.blocks import Blocks, sentences
from pqldesk.views.containers import Card
from pqldesk.views.flow import Flow
from pqldesk.views.labels import Label, stand, wrapped
from pqldesk.views.mapping_words import our_words
from pqldesk.views.number_menu import number_menu
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button, Pill
from pqldesk.views.theme import Theme

IN_A_ROW = 3  # cards beside each other
_STATES = {
    "ok": (_("Connected"), "ok"),
    "problem": (_("Needs you"), "bad"),
    "unchecked": (_("Not checked"), "neutral"),
}


class ConnectionCard(Card):
    """One system: state, address, what is mapped and what is missing."""

    def __init__(
        self,
        context: Context,
        row: ConnectionRow,
        edit: Callable[[ConnectionRow], None],
        again: Callable[[ConnectionRow], None],
    ) -> None:
        """*edit* opens the mapping, *again* connects the same system anew, such as with another key."""
        super().__init__(context.theme)
        theme = context.theme
        head = QHBoxLayout()
        head.addWidget(Label(theme, row.name, 13, 600))
        head.addStretch()
        head.addWidget(Pill(context.paints, *_STATES.get(row.state, (wording.plain(row.state), "neutral"))))
        self.body.addLayout(head)
        if row.url:
            self.body.addWidget(Label(theme, row.url, 12, tone="muted", elide=True))
        if row.detail:
            self.body.addWidget(wrapped(theme, row.detail, 12.5, "bad" if row.state == "problem" else ""))
        if row.gone:
            gone = n_(
                "{n} mapped thing is gone there: {names}",
                "{n} mapped things are gone there: {names}",
                len(row.gone),
            )
            self.body.addWidget(
                wrapped(
                    theme,
                    gone.format(names=", ".join(our_words(one.partition(": ")[0]) for one in row.gone)),
                    12,
                    "bad",
                )
            )
        if row.mapped:
            mapped = n_("{n} field is mapped", "{n} fields are mapped", len(row.mapped))
            self.body.addWidget(_counted(theme, mapped, row.mapped, "muted"))
        if row.missing:
            missing = n_("{n} thing is not mapped", "{n} things are not mapped", len(row.missing))
            self.body.addWidget(_counted(theme, missing, row.missing, "warn"))
        checked = _("Checked {ago}").format(ago=wording.ago(row.checked_at, context.now()))
        age = Label(theme, checked, 12, tone="muted")
        age.setToolTip(wording.exact(row.checked_at))
        self.body.addWidget(age)
        self.body.addStretch()
        row_of_buttons = QWidget()
        foot = Flow(row_of_buttons, 8)
        self.test = Button(context.paints, _("Test"))
        asks = _("Ask {name} whether the credential holds and what it has").format(name=row.name)
        self.test.setToolTip(wording.tip(asks))
        self.test.setAccessibleName(_("Test the connection to {name}").format(name=row.name))
        self.test.clicked.connect(self.ask)
        context.offer(self.test, "sources.test")
        stand(self.test, context.desk.recheck is not None)
        foot.addWidget(self.test)
        self.again = Button(context.paints, _("Connect again…"))
        self.again.setToolTip(wording.tip(_("With a new key or sign-in; what is mapped and waits stays")))
        self.again.setAccessibleName(_("Connect {name} again").format(name=row.name))
        self.again.clicked.connect(partial(again, row))
        context.offer(self.again, "sources.connect")
        stand(self.again, row.state == "problem")
        foot.addWidget(self.again)
        self.fields = Button(context.paints, _("Fields…"))
        written = _("What is written into {name}, field by field").format(name=row.name)
        self.fields.setToolTip(wording.tip(written))
        self.fields.setAccessibleName(_("Fields of {name}").format(name=row.name))
        context.offer(self.fields, "sources.mapping")
        self.fields.clicked.connect(partial(edit, row))
        stand(self.fields, row.has_mapping)
        foot.addWidget(self.fields)
        self.gone = Button(context.paints, _("Disconnect…"))
        self.gone.setToolTip(wording.tip(_("Forget {name} and its secrets").format(name=row.name)))
        self.gone.setAccessibleName(_("Disconnect {name}").format(name=row.name))
        self.gone.clicked.connect(self.ask_disconnect)
        context.offer(self.gone, "sources.disconnect")
        stand(self.gone, context.desk.disconnect is not None)
        foot.addWidget(self.gone)
        self.body.addWidget(row_of_buttons)
        self._context, self.row = context, row

    def ask(self, _checked: bool = False) -> None:
        """Ask the system whether the credential holds."""
        recheck = self._context.desk.recheck
        if recheck is None:
            return
        self.test.setEnabled(False)
        self.test.setText(_("Testing"))
        self.test.updateGeometry()
        job = self._context.background.start(recheck, self.row.system)
        job.then(self._holds).otherwise(self._fails)

    def ask_disconnect(self, _checked: bool = False) -> None:
        """Name what goes, and what stays; then do it."""
        from pqldesk.views.confirm_sheet import ConfirmSheet

        words = _(
            "Its secrets leave this computer's keyring; an undo does not bring them back. What waits to be written"
            " there waits until {name} is connected again. What is here stays."
        )
        sheet = ConfirmSheet(
            self._context,
            _("Disconnect {name}").format(name=self.row.name),
            words.format(name=self.row.name),
            _("Disconnect"),
            danger=True,
        )
        sheet.confirmed.connect(self._disconnect)
        self._context.wishes.sheet.emit(sheet)

    def _disconnect(self) -> None:
        disconnect = self._context.desk.disconnect
        if disconnect is not None:
            job = self._context.background.start(disconnect, self.row.system, self._context.rep)
            job.then(self._is_gone).otherwise(self._context.background.problem.emit)

    def _is_gone(self, _made: object) -> None:
        self._context.wishes.told.emit(_("{name} is disconnected").format(name=self.row.name), 0)

    def _holds(self, _answer: object) -> None:
        self._over()
        self._context.wishes.mended.emit(self.row.detail)
        told = _("{name} answers, and the credential holds").format(name=self.row.name)
        self._context.wishes.told.emit(told, 0)

    def _fails(self, problem: object) -> None:
        self._over()
        self._context.background.problem.emit(problem)

    def _over(self) -> None:
        self.test.setEnabled(True)
        self.test.setText(_("Test"))
        self.test.updateGeometry()


def _counted(theme: Theme, words: str, names: tuple[str, ...], tone: str) -> Label:
    """How many, and which on the tooltip: two dozen names are no text to read."""
    label = Label(theme, words, 12, tone=tone)
    label.setToolTip(wording.tip("\n".join(names)))
    return label


class ConnectionCards(QWidget):
    """All connected systems side by side, or how to connect the first."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.context = page, page.context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self._cards = QGridLayout()
        self._cards.setSpacing(12)
        column.addLayout(self._cards)
        self.no_connection = Card(page.theme, _("No system is connected"))
        self.no_connection.body.addWidget(wrapped(page.theme, _(
            "Handoffs wait in the outbox until a CRM is connected. Connect a system above, or in a terminal:"
            " pqldesk connect attio, or salesforce, hubspot, twenty, marketo, workato"
        ), 13, "muted"))  # fmt: skip
        self.no_connection.hide()  # until it is known that there is none
        column.addWidget(self.no_connection)
        self._blocks = Card(page.theme)
        self._blocks.body.addWidget(lines := Blocks(page.theme, sentences, 66))
        lines.show_blocks(True)
        self._blocks.hide()
        column.addWidget(self._blocks)
        self._shown: list[ConnectionRow] | None = None
        self._made: list[ConnectionCard] = []

    def show_blocks(self, wanted: bool) -> None:
        """A quiet card while it is not known what is connected."""
        self._blocks.setVisible(wanted and self._shown is None)

    def connect_another(self) -> None:
        """Open the sheet, with the systems there are."""
        self.page.read(self.context.desk.connectable).then(partial(self._open_sheet, None))

    def connect_again(self, row: ConnectionRow, _checked: bool = False) -> None:
        """Open the sheet at a system that is connected already, for what it asks now."""
        self.page.read(self.context.desk.connectable).then(partial(self._open_sheet, row))

    def _open_sheet(self, row: ConnectionRow | None, systems: list[Connectable]) -> None:
        from pqldesk.views.connect_sheet import ConnectSheet

        sheet = ConnectSheet(self.context, systems)
        if row is not None:
            sheet.choose(row.system, row.url)
        self.context.wishes.sheet.emit(sheet)

    def choose(self, act: Callable[["ConnectionCard"], object]) -> None:
        """Do something with the connection there is; where there are several, a digit says with which."""
        if not self._made:
            self.context.wishes.told.emit(_("No system is connected"), 0)
        elif len(self._made) == 1:
            act(self._made[0])
        else:
            above = self.mapToGlobal(self.rect().center())
            choices = [(card.row.name, card) for card in self._made]
            number_menu(self, "connections", choices, lambda action: act(action.data()), above)

    def edit_mapping(self, row: ConnectionRow | None = None, _checked: bool = False) -> None:
        """Open the mapping of a CRM, of the first one where none is named."""
        row = row or next((each for each in self._shown or () if each.has_mapping), None)
        if row is None:
            self.context.wishes.told.emit(_("No CRM is connected whose fields could be mapped"), 0)
            return
        from pqldesk.views.mapping_sheet import MappingSheet

        self.context.wishes.sheet.emit(MappingSheet(self.page, row.system, row.name))

    def refresh(self) -> None:
        self.page.read(self.context.desk.connections).then(self._show)

    def _show(self, rows: list[ConnectionRow]) -> None:
        if rows == self._shown:  # a pull under way tells of itself several times a second
            return
        self._shown = rows
        while (item := self._cards.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._made = [
            ConnectionCard(self.context, row, self.edit_mapping, self.connect_again) for row in rows
        ]
        for at, card in enumerate(self._made):
            self._cards.addWidget(card, *divmod(at, IN_A_ROW))
        for at in range(IN_A_ROW):
            self._cards.setColumnStretch(at, int(at < len(rows)))
        self.no_connection.setVisible(not rows)
