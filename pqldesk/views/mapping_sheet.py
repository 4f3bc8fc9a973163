"""What of ours is written into what of a CRM: both sides beside each other, one change at a time, each undone by Z."""

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.crm.mapping_rows import MappingShown, OurThing, TheirThing
from pqldesk.views.containers import line, scrolled
from pqldesk.views.find_field import FindField
from pqldesk.views.flow import Flow
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.mapping_columns import our_columns, their_columns
from pqldesk.views.mapping_files import MappingFiles
from pqldesk.views.mapping_words import (
    STATES,
    our_words,
    refusal_words,
    why_words,
)
from pqldesk.views.masters_card import MasterBoxes
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Page
from pqldesk.views.parts import Button
from pqldesk.views.question import Question
from pqldesk.views.rights import ADMINS
from pqldesk.views.row_table import RowTable, RowView

_LEAST = 130  # pixels of a list: its head and two rows


class MappingSheet(Sheet):
    """Enter on a row of ours goes to what it can be mapped to; Enter there maps it."""

    only_looks = True

    def __init__(self, page: Page, system: str, title: str) -> None:
        context = page.context
        self.size_wanted = QSize(1120, 700)
        super().__init__(context)
        self._page, self._system, self._title = page, system, title
        self._shown: MappingShown | None = None
        self.head(_("What is written into {system}").format(system=title), " ")
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 12, 17, 12)
        column.setSpacing(8)
        sides = QHBoxLayout()
        sides.setSpacing(14)
        sides.addLayout(self._our_side(), 6)
        sides.addLayout(self._their_side(), 5)
        column.addLayout(sides, 1)
        self.outer.addWidget(scrolled(body, _("Mapping")), 1)
        self.question = Question(context)
        self.outer.addWidget(self.question)
        self.files = MappingFiles(self, page, system, title, self.question, self._changed)
        self._feet()
        page.context.background.changed.connect(self._ask)
        self._ask()

    def first_field(self) -> QWidget:
        return self.ours

    def submit(self) -> None:
        """Enter while finding: the first that was found."""
        if self.find_theirs.hasFocus():
            self._map_current()
        elif self.find_ours.hasFocus():
            self.ours.setFocus(Qt.FocusReason.TabFocusReason)

    # The two sides

    def _our_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(8)
        self.find_ours = FindField(self.context.theme, _("Find a field of ours"))
        self.find_ours.textChanged.connect(self._show_ours)
        side.addWidget(self.find_ours)
        self.our_table = RowTable(our_columns(), key=lambda row: row.name)
        self.ours = RowView(self.our_table, self.context.paints, _("Ours"))
        self.ours.moved.connect(self._choose)
        self.ours.opened.connect(self._go_there)
        self.ours.setMinimumHeight(self.context.theme.px(_LEAST))
        side.addWidget(self.ours, 1)
        return side

    def _their_side(self) -> QVBoxLayout:
        theme, paints = self.context.theme, self.context.paints
        side = QVBoxLayout()
        side.setSpacing(8)
        self.chosen = Label(theme, "", 13, 600, elide=True)
        self.why = wrapped(theme, "", 12, "muted")
        side.addWidget(self.chosen)
        side.addWidget(self.why)
        self.masters = MasterBoxes(self.context, self._set_master)
        side.addWidget(self.masters)
        self.find_theirs = FindField(
            self.context.theme, _("Find a field of {system}").format(system=self._title)
        )
        self.find_theirs.textChanged.connect(self._show_theirs)
        side.addWidget(self.find_theirs)
        self.their_table = RowTable(their_columns(self.why_refused), key=lambda row: row.key)
        self.theirs = RowView(self.their_table, paints, _("What it can be written into"))
        self.theirs.opened.connect(self._map)
        self.theirs.moved.connect(self._fit_button)
        self.theirs.setMinimumHeight(self.context.theme.px(_LEAST))
        side.addWidget(self.theirs, 1)
        self.none = wrapped(theme, "", 12.5, "muted")
        side.addWidget(self.none)
        row = QWidget()
        buttons = Flow(row, 8)
        self.map_button = Button(paints, _("Write it there"), "↵")
        self.map_button.clicked.connect(self._map_current)
        self.by_name = Button(paints, _("By equal name"))
        self.by_name.setToolTip(_("Take the choice back: what is called the same there is mapped by itself"))
        self.by_name.clicked.connect(partial(self._set, None))
        self.leave_out = Button(paints, _("Leave out"))
        self.leave_out.setToolTip(_("Do not write it, also when something of that name turns up there"))
        self.leave_out.clicked.connect(partial(self._set, ""))
        for button in (self.map_button, self.by_name, self.leave_out):
            self.context.rights.hold(button, ADMINS)
            buttons.addWidget(button)
        side.addWidget(row)
        return side

    def _feet(self) -> None:
        paints = self.context.paints
        self.feet = QWidget()
        across = QHBoxLayout(self.feet)
        across.setContentsMargins(17, 11, 17, 12)
        left = QWidget()
        feet = Flow(left, 8)
        self.propose = Button(paints, "")
        self.propose.setToolTip(_("Map all that has a proposal, as one change"))
        self.propose.clicked.connect(self._take_proposals)
        self.make = Button(paints, "")
        self.make.clicked.connect(self._ask_to_make)
        self.look = Button(paints, _("Ask {system} again").format(system=self._title))
        self.look.setToolTip(_("Read the fields, stages and lists that are there now; nothing is written"))
        self.look.clicked.connect(self._look_again)
        self.export = Button(paints, _("Export…"))
        self.export.setToolTip(_("Write the mapping into a file, for another account or to keep"))
        self.export.clicked.connect(self.files.ask_export)
        self.take = Button(paints, _("Import…"))
        self.take.setToolTip(_("Map as a file says; what would change is shown first"))
        self.take.clicked.connect(self.files.ask_import)
        self.close_button = Button(paints, _("Close"), "Esc")
        self.close_button.clicked.connect(self.close_sheet)
        for button in (self.propose, self.make, self.take):
            self.context.rights.hold(button, ADMINS)
        for button in (self.propose, self.make, self.look, self.export, self.take):
            feet.addWidget(button)
        across.addWidget(left, 1)
        across.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.outer.addWidget(line())
        self.outer.addWidget(self.feet)
        self.question.asking.connect(self._make_room)
        self.look.setVisible(self.context.desk.recheck is not None)

    def _make_room(self, asks: bool) -> None:
        """A question stands where the actions stood: none of them goes on before it is answered."""
        self.feet.setVisible(not asks)

    # What is shown

    def _ask(self, _changes: object = None) -> None:
        job = self._page.read(self.context.desk.mapping, self._system)
        job.then(self._take).otherwise(self._explain)

    def _take(self, shown: MappingShown) -> None:
        if shown == self._shown:
            return
        self._shown = shown
        mapped = sum(row.theirs is not None for row in shown.ours)
        words = [_("{n} of {all} are mapped").format(n=mapped, all=len(shown.ours))]
        gone = sum(row.state == "gone" for row in shown.ours)
        if gone:
            words.append(n_("{n} is gone there", "{n} are gone there", gone))
        if shown.unfilled:
            fields = ", ".join(each.title for _part, each in shown.unfilled)
            words.append(_("nothing of ours fills what {system} demands: {fields}").format(
                system=shown.title, fields=fields,
            ))  # fmt: skip
        self.note.setText(" · ".join(words))
        self.note.show()
        proposals = sum(row.proposal is not None for row in shown.ours)
        self.propose.setText(n_("Take {n} proposal", "Take {n} proposals", proposals))
        self.propose.setVisible(bool(proposals))
        makeable = self._makeable()
        self.make.setText(n_("Make {n} missing field…", "Make {n} missing fields…", len(makeable)))
        self.make.setVisible(bool(makeable) and self.context.desk.make_fields is not None)
        self._show_ours()
        for button in (self.propose, self.make):
            button.updateGeometry()

    def _show_ours(self, _text: str = "") -> None:
        if self._shown is None:
            return
        rows = [row for row in self._shown.ours if self.find_ours.fits(our_words(row.name), row.name,
                row.theirs.title if row.theirs else "", STATES[row.state][0])]  # fmt: skip
        self.our_table.show(rows)
        if rows and not self.ours.currentIndex().isValid():
            self.ours.setCurrentIndex(self.our_table.index(0, 0))
        self._choose(self.ours.current())

    def _choose(self, row: OurThing | None) -> None:
        """Show what the row under the cursor can be mapped to."""
        self.chosen.setText(our_words(row.name) if row else "")
        told = "" if row is None else self._told(row)
        self.why.setText(told)
        self.why.setVisible(bool(told))
        self.why.set_tone("bad" if row is not None and row.state == "gone" else "muted")
        self.masters.show_masters(row.masters if row else None)
        self.by_name.setEnabled(row is not None and (row.chosen or row.state == "left_out"))
        self.leave_out.setEnabled(row is not None and row.state != "left_out")
        self._show_theirs()

    def _told(self, row: OurThing) -> str:
        if row.state == "gone" and row.theirs is not None:
            return _("It was “{field}” there: {why}. Its writes are held until it is mapped anew.").format(
                field=row.theirs.title, why=why_words(row)
            )
        if row.proposal is not None:
            return _("Proposed: “{field}”.").format(field=row.proposal.title)
        if row.state == "mapped":
            return (
                _("Chosen by a person.")
                if row.chosen
                else _("Mapped by itself: it is called the same there.")
            )
        return why_words(row)

    def _show_theirs(self, _text: str = "") -> None:
        row = self._current()
        if row is None or self._shown is None:
            self.their_table.show(())
            return
        proposed = row.proposal.key if row.proposal else None
        found = [
            each
            for each in self._shown.choices(row.name)
            if self.find_theirs.fits(each.title, each.key, each.kind)
        ]
        found.sort(key=lambda each: (each.key != proposed, each.key in row.refused, each.title.casefold()))
        self.their_table.show(found)
        mapped = row.theirs.key if row.theirs and row.state != "gone" else proposed
        at = self.their_table.find(mapped) if mapped else None
        first = 0 if self.find_theirs.words else -1
        self.theirs.setCurrentIndex(self.their_table.index(first if at is None else at, 0))
        self.none.setText("" if found else _("Nothing there fits what you typed.") if self.find_theirs.words else
                          _("{system} has nothing of that sort.").format(system=self._title))  # fmt: skip
        self.none.setVisible(not found)
        self._fit_button(self.theirs.current())

    def _fit_button(self, row: object) -> None:
        self.map_button.setEnabled(row is not None)

    def why_refused(self, row: TheirThing) -> str:
        """Why it cannot take what is chosen of ours."""
        ours = self._current()
        return refusal_words(row, ours) if ours is not None and row.key in ours.refused else ""

    def _current(self) -> OurThing | None:
        row: OurThing | None = self.ours.current()
        return row

    # What is changed

    def _go_there(self, _row: object) -> None:
        (self.theirs if self.their_table.rowCount() else self.find_theirs).setFocus(
            Qt.FocusReason.TabFocusReason
        )

    def _map_current(self) -> None:
        if (row := self.theirs.current()) is not None:
            self._map(row)

    def _map(self, row: TheirThing) -> None:
        if why := self.why_refused(row):
            self.question.say(_("{field} cannot take it: {why}.").format(field=row.title, why=why), "bad")
            return
        self._set(row.key)

    def _set(self, theirs: str | None, _checked: bool = False) -> None:
        row = self._current()
        if row is not None and self.context.may(ADMINS):
            self._change(
                {row.name: theirs}, _("{field} is mapped otherwise").format(field=our_words(row.name))
            )
            self.ours.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_proposals(self) -> None:
        rows = self._shown.ours if self._shown else ()
        given: dict[str, str | None] = {r.name: r.proposal.key for r in rows if r.proposal is not None}
        self._change(given, n_("{n} proposal taken", "{n} proposals taken", len(given)))

    def _change(self, given: dict[str, str | None], told: str) -> None:
        self.question.leave()
        job = self._page.write(self.context.desk.set_mapping, self._system, given, self.context.rep)
        job.then(partial(self._changed, told)).otherwise(self._explain)

    def _changed(self, told: str, _answer: object) -> None:
        self.question.say(_("{told}. Undo takes it back.").format(told=told), "muted")
        self.context.wishes.told.emit(told, 1)

    def _set_master(self, phase: str, master: str) -> None:
        row = self._current()
        if row is None or row.masters is None or row.masters.get(phase) == master:
            return
        told = _("Kept for {field}").format(field=our_words(row.name))
        self._page.act(
            self.context.desk.set_masters,
            self._system,
            row.name,
            {phase: master},
            self.context.rep,
            told=told,
        )

    # The CRM itself

    def _look_again(self) -> None:
        recheck = self.context.desk.recheck
        if recheck is not None:
            self._busy(_("Asking {name}").format(name=self._title))
            job = self.context.background.start(recheck, self._system)
            job.then(self._looked).otherwise(self._explain)

    def _looked(self, _answer: object) -> None:
        self._busy("")
        self.question.say(_("This is what {system} has now.").format(system=self._title), "muted")
        self._ask()

    def _makeable(self) -> list[str]:
        return [our_words(row.name) for row in (self._shown.ours if self._shown else ()) if row.can_make]

    def _ask_to_make(self) -> None:
        names = self._makeable()
        words = n_(
            "Make this in {system}: {fields}? It cannot be undone from here.",
            "Make these {n} in {system}: {fields}? It cannot be undone from here.",
            len(names),
        )
        told = words.format(system=self._title, fields=", ".join(names))
        self.question.ask(told, _("Make them in {system}").format(system=self._title), self._make_fields)

    def _make_fields(self) -> None:
        make = self.context.desk.make_fields
        if make is not None:
            self._busy(_("Making them in {system}").format(system=self._title))
            self.context.background.start(make, self._system).then(self._made).otherwise(self._explain)

    def _made(self, made: object) -> None:
        self._busy("")
        count = len(getattr(made, "created", ()))
        told = n_("{n} made in {system}, and mapped.", "{n} made in {system}, and mapped.", count)
        self.question.say(told.format(system=self._title), "muted")
        self._ask()

    def _busy(self, words: str) -> None:
        for button in (self.look, self.make, self.propose, self.take):
            button.setEnabled(not words)
        if words:
            self.question.say(words, "muted")

    def _explain(self, problem: object) -> None:
        self._busy("")
        self.question.say(str(problem), "bad")
