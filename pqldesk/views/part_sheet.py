"""Gives an id that is somebody else's a lead of its own: which one, and what goes with it."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.record_rows import IdShown, LeadDetail
from pqldesk.views import lead_facts
from pqldesk.views.choice import Choice
from pqldesk.views.id_words import id_words, under_id
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet


class PartSheet(SmallSheet):
    """One id to choose; what parting it does is told before it is done."""

    given = Signal(str, str)  # lead id, namespace:value

    def __init__(self, context: Context, detail: LeadDetail, key: str = "") -> None:
        """*key* is the id that is chosen at first; without one, the newest."""
        self.size_wanted = QSize(520, 0)
        super().__init__(context, _("Give an id a lead of its own"), detail.row.name, _("Separate"))
        self._detail = detail
        self.choice = Choice()
        for one in detail.ids:
            self.choice.addItem(id_words(one), one.key)
        self.add(_("Id that is somebody else’s"), self.choice)
        self.words = wrapped(context.theme, "")
        self.fields.addWidget(self.words)
        self.fields.addStretch()
        self.choice.currentIndexChanged.connect(self._say)
        self.choice.setCurrentIndex(self.choice.findData(key) if key else len(detail.ids) - 1)
        self._say()

    def first_field(self) -> QWidget:
        return self.choice

    def submit(self) -> None:
        self.given.emit(self._detail.row.lead_id, self.choice.currentData())
        self.close_sheet()

    def _say(self) -> None:
        chosen = self._detail.ids[self.choice.currentIndex()]
        name = self._detail.row.name
        what = under_id(chosen)
        goes = _("Goes with it: {what}.").format(what=what) if what else _("Nothing came under it yet.")
        source = lead_facts.origin(chosen.origin, self.context.now(), id_words(chosen))
        lines = [
            source,
            goes,
            _("Tasks, notes and the claim stay with {name}; both leads are scored anew.").format(name=name),
            *self._mail_words(chosen),
            _("No sync joins the two again by itself; undo takes it back."),
        ]
        self.words.setText("\n\n".join(lines))

    def _mail_words(self, chosen: IdShown) -> tuple[str, ...]:
        """What address is left to the lead, where its own goes."""
        mail = self._detail.row.email
        if mail is None or chosen.namespace != "email" or chosen.value.casefold() != mail.casefold():
            return ()
        others = [one.value for one in self._detail.ids if one.namespace == "email" and one is not chosen]
        if others:
            return (
                _("{name} is reached at {mail} then.").format(name=self._detail.row.name, mail=others[0]),
            )
        return (_("{name} has no e-mail address then.").format(name=self._detail.row.name),)
