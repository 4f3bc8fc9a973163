"""The scoring model: edited as a draft in place, with its replay beside it, published when its effect is known."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _, p_
from pqldesk.services.figure_rows import ModelShown
from pqldesk.services.figures.model_health_rows import health_from_json
from pqldesk.services.modelling.replay_figures import ReplayAgainst, proposal_from_json, replay_from_json
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.chart_card import chart_command
from pqldesk.views.containers import ScrolledColumn, put_last
from pqldesk.views.health_sheet import HealthSheet
from pqldesk.views.labels import Label
from pqldesk.views.layouts import least_widths
from pqldesk.views.model_editor import ModelEditor
from pqldesk.views.model_sheets import LearnSheet, PublishSheet, VersionsSheet
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button, Pill, page_title
from pqldesk.views.replay_card import FlipsCard, ReplayCard

BY_ITSELF = 20_000  # leads; a replay of more takes long enough to be asked for
SOON_MS = 600
_DIFFERS = 120  # the room that what a draft changes gets at least
WIDE = 940  # below this the replay stands under the editor
_AROUND = 64  # what stands beside and between the two halves, with a scroll bar


class ScoringPage(Page):
    topics = frozenset({Topic.MODEL})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._model: ModelShown | None = None
        self._found: ReplayAgainst | None = None
        self._found_of: object = None  # the documents the figures are of
        self._of: object = None  # the documents that are being replayed
        self._replay: Beside | None = None
        self._told = ""
        self._health: Beside | None = None
        self._sheet: PublishSheet | None = None
        self._replay_soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._replay_soon.timeout.connect(self.replay)
        if (app := QApplication.instance()) is not None:
            app.aboutToQuit.connect(self._stop_replay)
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        column = ScrolledColumn(self, _("Scoring"))
        column.add(self._head())
        yield
        self.editor = ModelEditor(context)
        yield from self.editor.parts()
        self.editor.changed.connect(self._edited)
        yield
        self.card = ReplayCard(context)
        yield from self.card.parts()
        yield
        self.card.again.connect(self.replay)
        self.card.stopped.connect(self._stop_replay)
        self.card.lift.opened.connect(self.open_slice)
        self.flips = FlipsCard(context)
        self.flips.opened.connect(context.wishes.open_lead)
        yield
        self._across.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addStretch(1)
        self._across.addLayout(left, 12)
        column.fill(self._across)
        put_last(left, self.editor)
        yield
        put_last(left, self.flips)
        self._across.addWidget(self.card, 9)

    def refresh(self) -> None:
        self.read_long(self.context.desk.model_shown).then(self._show)

    def run(self, command: str) -> bool:
        if command in {"next", "previous"}:
            view = self.flips.rows if self.flips.rows.hasFocus() else self.editor.view()
            view.step(1 if command == "next" else -1)
            view.setFocus()
            return True
        acts: dict[str, Callable[[], object]] = {
            "model.publish": self.ask_publish, "model.discard": self.discard, "model.replay": self.replay,
            "model.versions": self.ask_versions, "model.health": self.ask_health, "model.learn": self.learn,
            "model.add": self.editor.add_row, "model.remove": self.editor.remove_row,
            "model.up": partial(self.editor.move_row, -1), "model.down": partial(self.editor.move_row, 1),
        }  # fmt: skip
        if command not in acts:
            return chart_command(command, (self.card.lift_card,))
        acts[command]()
        return True

    def is_settled(self) -> bool:
        return (
            super().is_settled()
            and self._replay is None
            and self._health is None
            and not self._replay_soon.isActive()
        )

    def replay(self) -> None:
        """Work the figures out in another process; one under way is stopped first."""
        if self._model is None or not self._model.document:
            return
        self._stop_replay()
        is_draft = self._model.draft is not None
        self._of = (self._model.draft, self._model.document)
        self.card.running(_("Replaying {n} leads …").format(n=wording.number(self._model.leads_scored)))
        days = str(self.card.days.currentData())
        self._replay = Beside(
            self, "model", "replay", "draft" if is_draft else "live", "--against", "live", "--days", days
        )
        self._replay.reported.connect(self._report)
        self._replay.came.connect(self._replayed)
        self._replay.failed.connect(self._replay_failed)

    def open_slice(self, mark: tuple[str, int]) -> None:
        """List the decided leads that a mark of the lift curve stands for."""
        from pqldesk.views.leads_sheet import LeadsSheet

        if self._found is None or not self._found.slices:
            return
        slices, place = self._found.slices, mark[1]
        title = _("Decided leads from {start} to {end}, best score first").format(
            start=wording.percent(place / len(slices)), end=wording.percent((place + 1) / len(slices))
        )
        sheet = LeadsSheet(self.context, title, slices[place].leads)
        sheet.lead_wanted.connect(self.context.wishes.open_lead)
        self.context.wishes.sheet.emit(sheet)
        self.read(self.context.desk.listed_leads, slices[place].lead_ids).then(sheet.show_rows)

    def ask_publish(self) -> None:
        """Ask before the draft goes live, by naming what that does."""
        model = self._model
        if model is None or model.draft is None:
            self.context.wishes.told.emit(_("There is no draft to publish; change a signal first"), 0)
            return
        sheet = PublishSheet(self.context, int(model.draft["version"]), model.version, model.draft_differs)
        sheet.given.connect(self._publish)
        self._sheet = sheet
        sheet.destroyed.connect(self._forget_sheet)
        if self._is_current() and self._found is not None:
            sheet.show_effect(self._found)
        elif self._replay is None:
            self.replay()
        self.context.wishes.sheet.emit(sheet)

    def discard(self) -> None:
        if self._model is not None and self._model.draft is not None:
            self.act(self.context.desk.discard_model, self.context.rep, told=_("The draft is gone"))
        else:
            self.context.wishes.told.emit(_("There is no draft to discard"), 0)

    def ask_versions(self) -> None:
        """Versions, what they changed, and the way back."""
        if self._model is not None:
            sheet = VersionsSheet(self.context, self._model.versions)
            sheet.back_wanted.connect(self._roll_back)
            self.context.wishes.sheet.emit(sheet)

    def learn(self) -> None:
        """Ask for weights from past outcomes; they are shown, never used by themselves."""
        self.context.wishes.told.emit(_("Reading past outcomes …"), 0)
        learning = Beside(self, "model", "learn")
        learning.came.connect(self._learned)
        learning.failed.connect(self.context.background.problem)

    def ask_health(self) -> None:
        """Work out whether the live model still does its work; the sheet opens with the answer."""
        self.context.wishes.told.emit(_("Reading past outcomes …"), 0)
        if self._health is None:
            self._health = Beside(self, "model", "health")
            self._health.came.connect(self._healthy)
            self._health.failed.connect(self._not_told)

    def _head(self) -> QBoxLayout:
        head = self._head_row
        head.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        head.addLayout(row, 1)
        self.name = page_title(self.theme, _("Scoring model"))
        self.live = Pill(self.paints)
        self.draft = Pill(self.paints)
        self.differs = Label(self.theme, "", 12, tone="muted", elide=True)
        row.addWidget(self.name)
        row.addWidget(self.live)
        row.addWidget(self.draft)
        row.addWidget(self.differs, 1)
        self._buttons = buttons = QHBoxLayout()
        buttons.setSpacing(8)
        head.addLayout(buttons)
        head.setAlignment(buttons, Qt.AlignmentFlag.AlignRight)  # also below the words, where both do not fit
        self.learn_button = Button(self.paints, _("Learn weights…"))
        self.health_button = Button(self.paints, _("Health…"))
        self.versions_button = Button(self.paints, _("Versions…"))
        self.discard_button = Button(self.paints, _("Discard"))
        self.publish_button = Button(self.paints, _("Publish…"), kind="primary")
        for button, hint, what, need in (
            (self.learn_button, _("Propose weights from past outcomes"), self.learn, "model.learn"),
            (
                self.health_button,
                _("Bands, cuts, drift, hidden leads and reasons against outcomes"),
                self.ask_health,
                "model.health",
            ),
            (
                self.versions_button,
                _("What each version changed; roll back"),
                self.ask_versions,
                "model.versions",
            ),
            (self.discard_button, _("Drop the draft"), self.discard, "model.discard"),
            (self.publish_button, _("Put the draft live"), self.ask_publish, "model.publish"),
        ):
            button.setToolTip(hint)
            button.clicked.connect(what)
            buttons.addWidget(button)
            self.context.offer(button, need)
        self.discard_button.hide()  # until it is known that there is a draft
        self.publish_button.hide()
        return head

    def _show(self, model: ModelShown) -> None:
        before, self._model = self._model, model
        self.live.say(_("Live · v{n}").format(n=model.version), "ok")
        self.live.setToolTip(_("Published {at}").format(at=wording.moment(model.published_at)))
        is_draft = model.draft is not None
        number = int(model.draft["version"]) if model.draft is not None else 0
        self.draft.say(_("Draft · v{n}").format(n=number) if is_draft else "", "accent")
        self.differs.setText("; ".join(model.draft_differs))
        self.discard_button.setVisible(is_draft)
        self.publish_button.setVisible(is_draft)
        self.publish_button.setText(_("Publish v{n}…").format(n=number))
        self.publish_button.updateGeometry()
        self.editor.show_model(model.draft or model.document, model.document, model.kinds)
        self._turn()
        changed = before is None or (before.draft, before.document) != (model.draft, model.document)
        if changed and model.leads_scored <= BY_ITSELF:
            self._replay_soon.start()
        elif changed:
            words = _("Press Replay to work out what {n} leads would have done").format(
                n=wording.number(model.leads_scored)
            )
            self.card.rest(words)

    def _edited(self, document: Any) -> None:
        self.act(self.context.desk.save_model, document, self.context.rep, told=_("Kept in the draft"))

    def _is_current(self) -> bool:
        model = self._model
        return model is not None and self._found_of == (model.draft, model.document)

    def _replayed(self, document: Any) -> None:
        found = replay_from_json(document)
        self._replay, self._found, self._found_of = None, found, self._of
        is_draft = self._model is not None and self._model.draft is not None
        self.card.show_replay(found, is_draft=is_draft)
        self.flips.show_replay(found, is_draft=is_draft)
        self._turn()
        self.editor.show_replayed({one.key: one for one in found.signals})
        if self._sheet is not None and self._is_current():
            self._sheet.show_effect(found)

    def _replay_failed(self, problem: object) -> None:
        self._replay = None
        self.card.rest(str(problem))

    def _publish(self, note: str) -> None:
        version = int(self._model.draft["version"]) if self._model and self._model.draft else 0
        words = ("model", "publish", *(("--note", note) if note else ()))
        self._go_live(words, _("v{n} is live").format(n=version))

    def _roll_back(self, name: str) -> None:
        words = _("v{n} is live again").format(n=name.rpartition("@")[2])
        self._go_live(("model", "rollback", name), words)

    def _go_live(self, words: tuple[str, ...], told: str) -> None:
        self._stop_replay()
        self.publish_button.setEnabled(False)
        self._told = told
        self.card.running(_("Scoring every lead with the new version …"))
        going = Beside(self, *words)
        going.reported.connect(self._report)
        going.came.connect(self._went_live)
        going.failed.connect(self._stayed)

    def _went_live(self, _answer: object) -> None:
        self.publish_button.setEnabled(True)
        self.card.rest(self._told)
        self.context.wishes.told.emit(self._told, 1)
        self.refresh()

    def _stayed(self, problem: object) -> None:
        self.publish_button.setEnabled(True)
        self.card.rest(str(problem))
        self.context.background.problem.emit(problem)

    def _learned(self, document: Any) -> None:
        sheet = LearnSheet(self.context, proposal_from_json(document))
        sheet.taken.connect(self._edited)
        self.context.wishes.sheet.emit(sheet)

    def _healthy(self, document: Any) -> None:
        self._health = None
        sheet = HealthSheet(self.context, health_from_json(document))
        sheet.lead_wanted.connect(self.context.wishes.open_lead)
        sheet.rule_wanted.connect(self._exclude)
        self.context.wishes.sheet.emit(sheet)

    def _not_told(self, problem: object) -> None:
        self._health = None
        self.context.background.problem.emit(problem)

    def _exclude(self, rule: Any) -> None:
        self.write(self.context.desk.exclude_too, rule, self.context.rep)

    def _report(self, done: int, words: str) -> None:
        self.card.report(Progress(done, words))

    def _stop_replay(self) -> None:
        self._replay_soon.stop()
        if self._replay is not None:
            self._replay.stop()
            self._replay = None
            self.card.rest(p_("replay", "Stopped"))

    def _forget_sheet(self) -> None:
        self._sheet = None

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._turn()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._turn)  # another text size may have come while it was hidden

    def _turn(self) -> None:
        """Model and replay beside each other where there is room for both, in longer words too; else below."""
        if not self.is_built:
            return
        needed = sum(least_widths(self._across)) + _AROUND
        wide = self.width() >= max(self.theme.px(WIDE), needed)
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._across.direction() != direction:
            self._across.setDirection(direction)
        self._turn_head()

    def _turn_head(self) -> None:
        """The buttons below the words, where both do not fit in one line."""
        self._buttons.invalidate()
        words = sum(
            one.sizeHint().width() + 8 for one in (self.name, self.live, self.draft) if one.isVisible()
        )
        words += self.theme.px(_DIFFERS) if self.differs.full_text() else 0
        needed = words + self._buttons.sizeHint().width() + 58
        fits = needed <= self.width()
        self._head_row.setDirection(
            QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        )
