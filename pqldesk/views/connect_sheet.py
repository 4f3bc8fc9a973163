"""Connecting a system from the window: with a sign-in in the browser where it has one, else with its key."""

from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from pqldesk.background import Job
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import Connectable, ConnectWanted
from pqldesk.views.page import Context
from pqldesk.views.parts import Label, wrapped
from pqldesk.views.small_sheets import SmallSheet, field_label

_SECRETS = {
    "token": _("Key"),
    "client_id": _("Client id"),
    "client_secret": _("Client secret"),
    "signing_key": _("Signing key"),
}


class ConnectSheet(SmallSheet):
    """System, address, and either the app to sign in with or the key; what is wrong is said where one is looking."""

    def __init__(self, context: Context, systems: list[Connectable]) -> None:
        px = context.theme.px
        self.size_wanted = QSize(px(520), px(540))
        super().__init__(
            context, _("Connect a system"), _("Secrets go into this computer's keyring."), _("Connect")
        )
        self._job: Job[object] | None = None
        self.systems = {each.system: each for each in systems}
        self.system, self.way = QComboBox(), QComboBox()
        for each in systems:
            self.system.addItem(each.title, each.system)
        self.address = QLineEdit()
        self.add(_("System"), self.system)
        self.add(_("How"), self.way)
        self.add(_("Address"), self.address)
        self.secrets: dict[str, tuple[Label, QLineEdit]] = {}
        for name, title in _SECRETS.items():
            field = QLineEdit()
            if name != "client_id":
                field.setEchoMode(QLineEdit.EchoMode.Password)
            label = field_label(context, title, field)
            self.fields.addWidget(label)
            self.fields.addWidget(field)
            self.secrets[name] = (label, field)
            field.textChanged.connect(self._look)
        self.said = wrapped(context.theme, "", 12.5, "muted")
        self.fields.addWidget(self.said)
        self.fields.addStretch()
        self.system.currentIndexChanged.connect(self._choose)
        self.way.currentIndexChanged.connect(self._look)
        self.address.textChanged.connect(self._look)
        self.closed.connect(self._give_up)
        self._choose()

    def first_field(self) -> QWidget:
        return self.system

    def submit(self) -> None:
        if not self.confirm.isEnabled() or self.context.desk.connect is None:
            return
        typed = {name: self.secrets[name][1].text().strip() for name in self._needed() + self._optional()}
        wanted = ConnectWanted(
            self._chosen().system,
            self.address.text().strip(),
            {name: text for name, text in typed.items() if text},
            self._signs_in(),
        )
        self._busy(True)
        self._say(
            _("Allow the access in your browser; PQLDesk waits for it.")
            if wanted.sign_in
            else _("Asking {name}").format(name=self._chosen().title),
            "muted",
        )
        self._job = self.context.background.start(self.context.desk.connect, wanted)
        self._job.then(partial(self._connected, self._chosen().title)).otherwise(self._explain)

    # What is shown

    def _chosen(self) -> Connectable:
        return self.systems[str(self.system.currentData())]

    def _signs_in(self) -> bool:
        return str(self.way.currentData()) == "sign_in"

    def _needed(self) -> tuple[str, ...]:
        return (self._chosen().sign_in or ()) if self._signs_in() else self._chosen().secrets

    def _optional(self) -> tuple[str, ...]:
        """An app may have a secret where a sign-in does not demand one."""
        return ("client_secret",) if self._signs_in() and "client_secret" not in self._needed() else ()

    def _choose(self) -> None:
        system = self._chosen()
        self.way.clear()
        if system.sign_in is not None:
            self.way.addItem(_("Sign in with the browser"), "sign_in")
        self.way.addItem(_("With a key"), "key")
        self.way.setEnabled(self.way.count() > 1)
        self.address.setText(system.address)
        self.address.setPlaceholderText(system.own_address)
        self._look()

    def _look(self) -> None:
        shown = self._needed() + self._optional()
        for name, (label, field) in self.secrets.items():
            label.setVisible(name in shown)
            field.setVisible(name in shown)
            optional = name in self._optional()
            field.setPlaceholderText(_("Only where the app has one") if optional else "")
        self.confirm.setText(_("Open the browser") if self._signs_in() else _("Connect"))
        filled = all(self.secrets[name][1].text().strip() for name in self._needed())
        self.confirm.setEnabled(filled and bool(self.address.text().strip()))
        callback = _(
            "The app's callback is http://localhost:17171/callback, and the same with 17172 and 17173."
        )
        self._say(callback if self._signs_in() else "", "muted")

    def _busy(self, busy: bool) -> None:
        for field in (self.system, self.way, self.address, *(f for _label, f in self.secrets.values())):
            field.setEnabled(not busy)
        self.confirm.setEnabled(not busy)

    def _say(self, text: str, tone: str) -> None:
        self.said.setText(text)
        self.said.set_tone(tone)
        self.said.setVisible(bool(text))

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

    def _give_up(self) -> None:
        """Esc while the browser is open: nothing is kept."""
        if self._job is not None:
            self._job.cancel()
