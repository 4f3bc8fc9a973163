"""Connecting a system from the window: by a sign-in in the browser, with its key, to receive from it or to pull it."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.jobs import Job
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import Connectable, ConnectWanted, ConnectWay
from pqldesk.views.choice import Choice
from pqldesk.views.containers import line, scrolled
from pqldesk.views.file_dialog import FileDialog
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.small_sheets import SmallSheet, field_label

_WAYS = {
    "sign_in": _("Sign in with the browser"),
    "key": _("With a key"),
    "receive": _("Receive what it sends"),
    "pull": _("Read it at intervals"),
}
_SECRETS = {
    "token": _("Access key"),
    "client_id": _("Client id"),
    "client_secret": _("Client secret"),
    "signing_key": _("Signing key"),
    "pull_token": _("Key or password to read with"),
}
_SETTINGS = {
    "project": _("Number of the project"),
    "user": _("User"),
    "folder": _("Folder"),
    "kind": _("What its files hold"),
    "table": _("Table of events"),
    "event": _("Column of the event's name"),
    "occurred_at": _("Column of its time"),
    "email": _("Column of the e-mail"),
    "user_id": _("Column of the user's id"),
    "ids_of": _("Source whose ids the metadata holds"),
    "user_key": _("Metadata key of the user's id"),
    "company_key": _("Metadata key of the account's id"),
    "every": _("How often"),
    "name": _("Name, where there are several"),
}
_HINTS = {
    "every": _("as usual, or 15m, 6h, 1d, off"),
    "kind": _("as their names say, or leads, companies, events, trials"),
    "name": _("west, for one beside another"),
    "table": "analytics.events",
    "ids_of": _("segment; empty, nobody joins by them"),
    "user_key": _("user_id, unless said otherwise"),
    "company_key": _("account_id, org_id or workspace_id, unless said otherwise"),
    "project": "12345",
}
_NOTES = {
    "sign_in": _("The app's callback is http://localhost:17171/callback, and the same with 17172 and 17173."),
    "receive": _(
        "Its calls come to the intake: “pqldesk intake serve” starts it and says the address to send them to."
    ),
    "pull": _("Read only: nothing is written there. It begins with the next run of Sync."),
}
_OPTIONAL = _("may stay empty")


class ConnectSheet(SmallSheet):
    """System, way, and what that way needs; what is wrong is said where one is looking."""

    def __init__(self, context: Context, systems: list[Connectable]) -> None:
        px = context.theme.px
        self.size_wanted = QSize(px(520), px(600))
        super().__init__(
            context, _("Connect a system"), _("Secrets go into this computer's keyring."), _("Connect")
        )
        self._job: Job[object] | None = None
        self._typed_last: QWidget | None = None
        self.systems = {each.system: each for each in systems}
        self.system, self.way = Choice(), Choice()
        self._first: QWidget = self.system
        before = ""
        for each in systems:
            if before and each.kind != before:
                self.system.insertSeparator(self.system.count())
            self.system.addItem(each.title, each.system)
            before = each.kind
        self.system.setMaxVisibleItems(24)
        self.add(_("System"), self.system)
        self.add(_("How"), self.way)
        self.inputs: dict[str, QLineEdit] = {}
        self._rows: dict[str, QWidget] = {}
        self._labels: dict[str, Label] = {}
        self.fields.addWidget(line())
        self.fields.addWidget(scrolled(self._all_fields(), _("What it needs")), 1)
        self.said = wrapped(context.theme, "", 12.5, "muted")
        self.fields.addWidget(self.said)
        self.system.currentIndexChanged.connect(self._choose)
        self.way.currentIndexChanged.connect(self._choose_way)
        self.closed.connect(self._give_up)
        self._choose()

    def _all_fields(self) -> QWidget:
        """Every field that some way asks for; those of the way that is chosen are shown."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        for name, title in {"address": _("Address"), **_SECRETS, **_SETTINGS}.items():
            row, field = QWidget(), QLineEdit()
            inside = QVBoxLayout(row)
            inside.setContentsMargins(0, 0, 0, 12)
            inside.setSpacing(6)
            self._labels[name] = field_label(self.context, title, field)
            inside.addWidget(self._labels[name])
            if name in _SECRETS and name != "client_id":
                field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMinimumHeight(self.context.theme.px(34))
            field.textChanged.connect(self._look)
            across = QHBoxLayout()
            across.addWidget(field, 1)
            if name == "folder":
                choose = Button(self.context.paints, _("Choose…"))
                choose.clicked.connect(self._ask_folder)
                across.addWidget(choose)
            inside.addLayout(across)
            column.addWidget(row)
            self.inputs[name], self._rows[name] = field, row
        column.addStretch()
        return body

    def first_field(self) -> QWidget:
        return self._first

    def submit(self) -> None:
        if not self.confirm.isEnabled() or self.context.desk.connect is None:
            return
        way = self._way()
        wanted = ConnectWanted(
            self._chosen().system,
            self._text("address") if way.address is not None else "",
            self._given(way.secrets + way.secrets_too),
            way.key == "sign_in",
            self._given(way.settings + way.settings_too),
        )
        self._typed_last = self.focusWidget()
        self._busy(True)
        self._say(
            _("Allow the access in your browser; PQLDesk waits for it.")
            if wanted.sign_in
            else _("Asking {name}").format(name=self._chosen().title),
            "muted",
        )
        self._job = self.context.background.start(self.context.desk.connect, wanted, self.context.rep)
        self._job.then(partial(self._connected, self._chosen().title)).otherwise(self._explain)

    # What is shown

    def _chosen(self) -> Connectable:
        return self.systems[str(self.system.currentData())]

    def _way(self) -> ConnectWay:
        return next(way for way in self._chosen().ways if way.key == self.way.currentData())

    def _text(self, name: str) -> str:
        return self.inputs[name].text().strip()

    def _given(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: text for name in names if (text := self._text(name))}

    def choose(self, system: str, address: str = "") -> None:
        """Begin at *system*, where it can be chosen, at the *address* under which it is known."""
        if (at := self.system.findData(system)) >= 0:
            self.system.setCurrentIndex(at)
            if address and self._rows["address"].isVisibleTo(self):
                self.inputs["address"].setText(address)
            asked = (self.inputs[name] for name in _SECRETS if self._rows[name].isVisibleTo(self))
            self._first = next(asked, self.system)

    def _choose(self) -> None:
        """Another system: its ways, and nothing of what was typed for the one before."""
        self.way.blockSignals(True)
        self.way.clear()
        for way in self._chosen().ways:
            self.way.addItem(_WAYS[way.key], way.key)
        self.way.setEnabled(self.way.count() > 1)
        self.way.blockSignals(False)
        for field in self.inputs.values():
            field.clear()
        self._choose_way()

    def _choose_way(self) -> None:
        way, system = self._way(), self._chosen()
        self.inputs["address"].setText(way.address or "")
        self.inputs["address"].setPlaceholderText(system.own_address)
        needed = (*(["address"] if way.address is not None else []), *way.secrets, *way.settings)
        optional = way.secrets_too + way.settings_too
        for name, row in self._rows.items():
            row.setVisible(name in needed or name in optional)
            if name != "address":
                hint = _HINTS.get(name, "")
                self.inputs[name].setPlaceholderText(hint or (_OPTIONAL if name in optional else ""))
        self._look()

    def _look(self) -> None:
        way = self._way()
        needed = (*(["address"] if way.address is not None else []), *way.secrets, *way.settings)
        self.confirm.setText(_("Open the browser") if way.key == "sign_in" else _("Connect"))
        self.confirm.setEnabled(all(self._text(name) for name in needed))
        self._say(_NOTES.get(way.key, ""), "muted")

    def _busy(self, busy: bool) -> None:
        for field in (self.system, self.way, *self.inputs.values()):
            field.setEnabled(not busy)
        self.confirm.setEnabled(not busy)

    def _say(self, text: str, tone: str) -> None:
        self.said.setText(text)
        self.said.set_tone(tone)
        self.said.setVisible(bool(text))

    def _ask_folder(self) -> None:
        place = self._text("folder") or Path.home()
        FileDialog(self, _("Folder"), self.inputs["folder"].setText, place=place, folders=True)

    # What came of it

    def _connected(self, title: str, _made: object) -> None:
        self._job = None
        self.context.wishes.told.emit(_("{name} is connected").format(name=title), 0)
        self.close_sheet()

    def _explain(self, problem: Exception) -> None:
        self._job = None
        self._busy(False)
        self.way.setEnabled(self.way.count() > 1)
        self._say(str(problem), "bad")
        if self._typed_last is not None:  # disabled it lost the keyboard to Cancel
            self._typed_last.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give_up(self) -> None:
        """Esc while the browser is open: nothing is kept."""
        if self._job is not None:
            self._job.cancel()
