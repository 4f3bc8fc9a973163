"""Bands and cut of the scoring model, from the settings: what is typed becomes the model's draft, as on Scoring."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from pqldesk.services.basics.texts import _
from pqldesk.services.modelling.words import check_model, number_of
from pqldesk.views import wording
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import sized
from pqldesk.views.rights import ADMINS
from pqldesk.views.setting_cards import SettingsCard, SettingsHost
from pqldesk.views.small_sheets import field_label
from pqldesk.views.team_cards import AskingSheet

if TYPE_CHECKING:
    from pqldesk.services.figure_rows import ModelShown


class BandSheet(AskingSheet):
    """From how many points each band begins, and at how many a lead qualifies."""

    def __init__(self, context: Context, model: ModelShown) -> None:
        self.size_wanted = QSize(480, 0)
        note = _("Kept in the draft of the model until it is published.")
        super().__init__(context, _("Bands and cut"), note, _("Keep in the draft"))
        self._document = dict(model.draft or model.document)
        self.cut = self._field(_("A lead qualifies at"), self._document["cut"])
        self.limits: dict[str, QLineEdit] = {}
        for band in self._document["bands"]:
            if band["at_least"] is not None:
                name = wording.BANDS.get(band["key"], band["label"])
                words = _("{band} from").format(band=name)
                self.limits[band["key"]] = self._field(words, band["at_least"])
        self.close_fields()
        self._look()

    def first_field(self) -> QLineEdit:
        return self.cut

    def document(self) -> dict[str, Any]:
        """The model with what is typed."""
        bands = [
            {**band, "at_least": number_of(self.limits[band["key"]].text())}
            if band["key"] in self.limits
            else band
            for band in self._document["bands"]
        ]
        return {**self._document, "cut": number_of(self.cut.text()), "bands": bands}

    def submit(self) -> None:
        if not check_model(self.document()):
            super().submit()

    def _field(self, label: str, value: object) -> QLineEdit:
        field = QLineEdit(str(value))
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        sized(field, self.context.theme, 84, 32)
        field.textEdited.connect(self._look)
        row = QHBoxLayout()
        row.addWidget(field_label(self.context, label, field), 1)
        row.addWidget(field)
        self.fields.addLayout(row)
        return field

    def _look(self) -> None:
        wrong = check_model(self.document())
        self.wrong.setText(wrong)
        self.confirm.setEnabled(not wrong)


class BandsCard(SettingsCard):
    """The bands of the live model. They belong to its version, so they are changed with it."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Bands"), " ")
        self.bands = Facts(self.context.paints, _("Bands"), even=True)
        self.body.addWidget(self.bands)
        foot = QHBoxLayout()
        foot.addWidget(
            wrapped(self.page.theme, _("They belong to the scoring model and change with it."), 12, "muted"),
            1,
        )
        scoring = self.button(_("Open Scoring"))
        scoring.clicked.connect(partial(self.context.wishes.open_page.emit, "scoring"))
        foot.addWidget(scoring)
        self.change = self.button(_("Change…"))
        self.change.setToolTip(_("Where bands begin and where a lead qualifies, as a draft of the model"))
        self.change.clicked.connect(self.open_sheet)
        self.change.setEnabled(False)
        self.context.rights.hold(self.change, ADMINS)
        foot.addWidget(self.change)
        self.body.addLayout(foot)
        self._model: ModelShown | None = None

    def ask(self) -> None:
        self.page.read(self.context.desk.model_shown).then(self._show)

    def open_sheet(self) -> None:
        """Ask for other limits; they go into the draft that the Scoring page edits too."""
        if self._model is None:
            return
        sheet = BandSheet(self.context, self._model)
        sheet.given.connect(partial(self._keep, sheet))
        self.context.wishes.sheet.emit(sheet)

    def _keep(self, sheet: BandSheet) -> None:
        desk = self.context.desk
        job = self.page.write(desk.save_model, sheet.document(), self.context.rep)
        job.then(partial(self._kept, sheet)).otherwise(sheet.refused)

    def _kept(self, sheet: BandSheet, _answer: object) -> None:
        sheet.close_sheet()
        self.context.wishes.told.emit(_("Kept in the draft; publish it on Scoring to score by it"), 1)

    def _show(self, model: ModelShown) -> None:
        self._model = model
        self.change.setEnabled(True)
        words = _("{name} v{version}, a lead qualifies at {cut}").format(
            name=model.name, version=model.version, cut=wording.number(model.cut)
        )
        if model.draft is not None:
            words += " · " + _("a draft is under way")
        self.note.setText(words)
        above: str | None = None
        facts = []
        for key, label, least in model.bands:
            name = wording.BANDS.get(key, label)
            if above is None:
                words = _("{least} and more").format(least=wording.number(least))
            elif least:
                words = _("{least} to below {above}").format(least=wording.number(least), above=above)
            else:
                words = _("below {above}").format(above=above)
            above = wording.number(least)
            tone = {"hot": "ok", "qualified": "accent", "warming": "warn"}.get(key, "neutral")
            facts.append(Fact(words, pill=(name, tone)))
        self.bands.show_rows(tuple(facts))
