"""One lead beside the list: who and why now, the score's arithmetic, usage, milestones, people, work, history."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout

from pqldesk.services.basics.texts import _
from pqldesk.views import lead_facts, wording
from pqldesk.views.facts import Arithmetic, Fact
from pqldesk.views.flow import Flow
from pqldesk.views.keys import Keys
from pqldesk.views.labels import Heading, Label, at_end, wrapped
from pqldesk.views.lead_sections import Sections
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, Pill, sized
from pqldesk.views.record_panel import RecordPanel

if TYPE_CHECKING:
    from pqldesk.services.record_rows import LeadDetail, TimelinePage
    from pqldesk.services.rows import QueueRow

_AT_ONCE = timedelta(
    seconds=1
)  # what the list knew of a lead is not said again when its details come so soon
_CLOSED = frozenset({"disqualified", "won", "lost"})
_ASLEEP = frozenset({"snoozed", "nurture"})
_MOVES = (
    ("snooze", _("Snooze…")), ("nurture", _("Leave to marketing…")), ("disqualify", _("Disqualify…")),
    ("won", _("Mark as won…")), ("lost", _("Mark as lost…")),
)  # fmt: skip
_LATE_NEWS = timedelta(days=1)  # a crossing that came to be known later lies in history that was brought in
_PATIENCE_MS = 150  # how long the last lead's details may stand while those of the next are read


class LeadPanel(RecordPanel):
    """Shows a `QueueRow` at once and the `LeadDetail` when it is there."""

    lead_wanted = Signal(str)
    task_done = Signal(str)
    comparison = Signal(str)  # suggestion id
    apart_wanted = Signal(str)  # id of the lead that was merged into this one
    part_wanted = Signal(str)  # one of the lead's ids
    link_wanted = Signal(str)
    older_wanted = Signal(str, object)  # lead id, before when

    def __init__(self, context: Context, keys: Keys) -> None:
        super().__init__(context, _("Record"), 0)
        self._keys = keys
        self._row: QueueRow | None = None
        self._shown_id = ""
        self._said_at = context.now()
        self._detail: LeadDetail | None = None
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._hide_old)
        self._build_head()
        self._build_score()
        self._sections = Sections(context)
        self._sections.activated.connect(self._activated)
        self.column.addWidget(self._sections)
        self.column.addStretch()
        self._build_foot()
        self.show_lead(None)
        self._hide_old()  # until the details of the first lead are here

    # what the page gives

    def show_lead(self, row: QueueRow | None) -> None:
        """Take what the list already knows, at once."""
        changed = row is None or row.lead_id != self._shown_id
        self._row = row
        self._shown_id = row.lead_id if row else ""
        self.show_anything(row is not None)
        if row is None:
            self._patience.stop()
            return
        now = self._said_at = self._context.now()
        self.say_who(row.name, row.lead_id, row.company or row.domain or _("no company known"))
        self._mail.setText(row.email or _("no e-mail"))
        self._clock.say(*self._clock_words(row))
        self._clock.setToolTip(self._clock_hint(row))
        self._score.setText(wording.number(row.score))
        self._score.set_tone(row.band)
        self._of.setText(_("/ {most}").format(most=wording.number(lead_facts.most_points(row))))
        words = wording.BANDS.get(row.band, row.band)
        if row.qualified_at:
            pattern = _("Qualified {ago}") if row.band == "qualified" else _("{band} · qualified {ago}")
            words = pattern.format(band=words, ago=wording.ago(row.qualified_at, now))
        self._score_note.setText(words)
        self._score_note.set_hint(wording.exact(row.qualified_at) if row.qualified_at else "")
        self._sums.show_rows(row.signals)
        self._owner.setText(lead_facts.ownership(row, self._context.rep))
        self._dress_buttons(row)
        if changed:
            self.area.verticalScrollBar().setValue(0)
            self._patience.start()

    def show_detail(self, detail: LeadDetail) -> None:
        """Take the rest; details of a lead that is no longer shown are dropped."""
        if detail.row.lead_id != self._shown_id:
            return
        self._detail = detail
        now = self._context.now()
        if detail.row != self._row or now - self._said_at > _AT_ONCE:
            self.show_lead(detail.row)
        self._patience.stop()
        under = " · ".join(part for part in (detail.job_title, detail.row.company) if part)
        self.under.setText(under or self.under.full_text())
        self._show_lease(detail)
        self._show_reason(detail)
        hints = list(detail.hints)
        if detail.excluded:
            hints.insert(0, _("Not counted: {reason}").format(reason=detail.excluded))
        self._hint.setText(" ".join(hints))
        self._hint.setVisible(bool(hints))
        origin = lead_facts.scored(detail, now)
        self._score.setToolTip(origin)
        self._score_title.setToolTip(origin)
        self._sums.set_origin(origin)
        came = lead_facts.origin(detail.origin, now, _("These details"))
        self.name.set_hint(came)
        self.under.set_hint(came)
        self._mail.set_hint(came)
        if self.avatar is not None:
            self.avatar.setToolTip(wording.tip(came))
        self._sections.show_detail(detail)

    def detail(self) -> LeadDetail | None:
        """What is known of the lead that is shown, once it is here."""
        return (
            self._detail if self._detail is not None and self._detail.row.lead_id == self._shown_id else None
        )

    def add_older(self, page: TimelinePage) -> None:
        """Take the next page of a lead's timeline; it is dropped once another lead is shown."""
        self._sections.add_older(page)

    def facts(self, section: str) -> tuple[Fact, ...]:
        """The rows of a section as they are shown."""
        return self._sections.rows(section)

    def lead(self) -> QueueRow | None:
        return self._row

    def scroll_to_end(self) -> None:
        """Bring the last part of the record into sight."""
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.maximum())

    def scroll_to_start(self) -> None:
        """Bring its head back into sight."""
        self.area.verticalScrollBar().setValue(0)

    def focus_record(self) -> None:
        """Put the keyboard on the record's first action."""
        first = next(button for button in self._buttons.values() if not button.isHidden())
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def anchor(self, command: str) -> QPoint:
        """Where a popup of *command* belongs, in screen coordinates."""
        button = self._buttons.get(command, self._more)
        return button.mapToGlobal(QPoint(0, -4))

    # building

    def _build_head(self) -> None:
        theme = self._context.theme
        self._clock = Pill(self._context.paints)
        self.build_head(self._clock)
        meta = QVBoxLayout()
        meta.setContentsMargins(0, 8, 0, 0)
        meta.setSpacing(0)
        self._mail = Label(theme, "", 12, elide=True)
        self._mail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._owner = Label(theme, "", 12, tone="muted", elide=True)
        self._copy = QPushButton()
        self._copy.setObjectName("link")
        self._draw_copy()
        theme.changed.connect(self._draw_copy)
        self._copy.setAccessibleName(_("Copy the e-mail address"))
        self._copy.setToolTip(_("Copy the e-mail address  {key}").format(key=self._keys.first("copy_email")))
        self._copy.clicked.connect(partial(self.wanted.emit, "copy_email"))
        self._renew = QPushButton(_("Renew"))
        self._renew.setObjectName("link")
        self._renew.setToolTip(
            _("Keep the lead for another lease  {key}").format(key=self._keys.first("renew"))
        )
        self._renew.clicked.connect(partial(self.wanted.emit, "renew"))
        self._context.rights.hold(self._renew, "renew")
        for label, button in ((self._mail, self._copy), (self._owner, self._renew)):
            sized(button, theme, height=24)
            line = QHBoxLayout()
            line.setSpacing(4)
            line.addWidget(label, 1)
            line.addWidget(button)
            meta.addLayout(line)
        self.column.addLayout(meta)
        self._quote = QFrame()
        self._quote.setObjectName("quote")
        box = QVBoxLayout(self._quote)
        box.setContentsMargins(12, 9, 12, 9)
        box.setSpacing(3)
        top = Flow(gap=5)  # when and where stand below where both have no room beside each other
        self._asked = Heading(theme, "", 12.5)
        self._asked_when = Heading(theme, "", 12, 400, "muted")
        top.addWidget(self._asked)
        top.addWidget(self._asked_when)
        self._comment = wrapped(theme)
        box.addLayout(top)
        box.addWidget(self._comment)
        self.column.addSpacing(10)
        self.column.addWidget(self._quote)

    def _draw_copy(self) -> None:
        high = self._context.theme.px(16)
        self._copy.setIconSize(QSize(high, high))
        self._copy.setIcon(self._context.theme.icon("copy"))

    def _build_score(self) -> None:
        theme = self._context.theme
        self.column.addSpacing(14)
        head = QHBoxLayout()
        head.setSpacing(5)
        self._score_title = Label(theme, _("PQL score"), 12, 600, "muted")
        self._score = Label(theme, "", 16, 600)
        self._score_note = at_end(Label(theme, "", 12, 600, "muted", elide=True))
        head.addWidget(self._score_title)
        head.addWidget(self._score_note, 1)
        head.addSpacing(3)
        self._of = Label(theme, "", 12, 600, "muted")
        head.addWidget(self._score)
        head.addWidget(self._of)
        self.column.addLayout(head)
        self.column.addSpacing(4)
        self._sums = Arithmetic(self._context.paints)
        self.column.addWidget(self._sums)
        self._hint = wrapped(theme, "", 12, "muted")
        self.column.addWidget(self._hint)

    def _build_foot(self) -> None:
        self._buttons: dict[str, Button] = {}
        for command, text in (
            ("reopen", _("Reopen")), ("claim", _("Claim")), ("task", _("Task")), ("handoff", _("Hand off")),
        ):  # fmt: skip
            button = Button(self._context.paints, text, partial(self._keys.first, command))
            button.setObjectName(command)
            button.clicked.connect(self._button_clicked)
            self._buttons[command] = button
            self.buttons.addWidget(button)
        self._more = QPushButton("…")
        self._more.setObjectName("more")
        self._more.setAccessibleName(_("More"))
        self._more.setToolTip(_("More"))
        sized(self._more, self._context.theme, width=38, height=32)
        self._more.setMenu(QMenu(self._more))
        self._more.menu().setToolTipsVisible(True)
        self._more.menu().aboutToShow.connect(self._fill_menu)
        self._more.menu().triggered.connect(self._menu_chosen)
        self.buttons.addWidget(self._more)

    # details

    def _show_reason(self, detail: LeadDetail) -> None:
        head, when, words = lead_facts.why_now(detail, self._context.now())
        self._quote.setVisible(bool(head))
        self._asked.setText(head)
        self._asked_when.setText(when)
        self._comment.setText(words)
        self._comment.setVisible(bool(words))

    def _show_lease(self, detail: LeadDetail) -> None:
        row, now = detail.row, self._context.now()
        self._owner.setText(lead_facts.ownership(row, self._context.rep, detail.lease_until))
        self._clock.setToolTip(self._clock_hint(row, detail.known_qualified_at))
        mine = row.owner == self._context.rep and detail.lease_until is not None
        self._renew.setVisible(mine)
        if detail.lease_until is not None:
            self._owner.set_hint(
                _("Claimed {since}, last touched {touched}. Without a touch the lead returns to the pool {at}.").format(
                    since=wording.ago(detail.claimed_at, now), touched=wording.ago(detail.touched_at, now),
                    at=wording.exact(detail.lease_until),
                )
            )  # fmt: skip

    def _clock_words(self, row: QueueRow) -> tuple[str, str]:
        if row.respond_by is not None and row.state in {"new", "qualified", "claimed"}:
            text, tone = wording.left(row.respond_by, self._context.now())
            return text, tone
        if row.state in {"new", "qualified"}:
            return "", "neutral"
        return wording.LEAD_STATES.get(row.state, wording.plain(row.state)), "neutral"

    def _clock_hint(self, row: QueueRow, known: datetime | None = None) -> str:
        if row.respond_by is None:
            return ""
        due = _("First touch due {at}: a note, a task done, a handoff or a move counts.").format(
            at=wording.exact(row.respond_by)
        )
        if row.qualified_at is None or known is None or known - row.qualified_at < _LATE_NEWS:
            return due
        return due + "\n" + _(
            "It crossed the cut {crossed}, which came to be known here {known}: the clock counts from then."
        ).format(crossed=wording.exact(row.qualified_at), known=wording.exact(known))  # fmt: skip

    def _dress_buttons(self, row: QueueRow) -> None:
        mine, closed = row.owner == self._context.rep, row.state in _CLOSED
        self._buttons["reopen"].setVisible(row.state in _CLOSED | _ASLEEP)
        self._buttons["reopen"].set_kind("primary" if closed else "plain")
        self._buttons["claim"].setVisible(not mine and not closed and row.state != "handed_off")
        self._buttons["claim"].set_kind("plain" if row.owner else "primary")
        self._buttons["handoff"].setVisible(not closed)
        for command, button in self._buttons.items():
            self._context.rights.hold(button, command, row.owner)
        self._buttons["handoff"].set_kind("primary" if mine and row.state != "handed_off" else "plain")

    def _hide_old(self) -> None:
        self._quote.hide()
        self._hint.hide()
        self._renew.hide()
        self._sections.clear()

    def _fill_menu(self) -> None:
        menu = self._more.menu()
        menu.clear()
        mine = self._row is not None and self._row.owner == self._context.rep
        for command, text in (
            ("note", _("Add a note")), *(() if self._is_closed() else _MOVES),
            *((("renew", _("Renew the claim")), ("release", _("Release"))) if mine else ()),
            ("set_company", _("Move to another company…")),
            ("copy_email", _("Copy the e-mail address")), ("print", _("Print the record…")),
            ("erase", _("Erase this person…")),
        ):  # fmt: skip
            action = menu.addAction(f"{text}\t{self._keys.first(command)}")
            action.setData(command)
            self._context.rights.hold(action, command, self._row.owner if self._row is not None else None)

    def _is_closed(self) -> bool:
        return self._row is not None and self._row.state in _CLOSED

    def _menu_chosen(self, action: object) -> None:
        self.wanted.emit(action.data())  # type: ignore[attr-defined]

    def _button_clicked(self) -> None:
        self.wanted.emit(self.sender().objectName())

    def _activated(self, action: str) -> None:
        kind, _colon, value = action.partition(":")
        if kind == "lead":
            self.lead_wanted.emit(value)
        elif kind == "task":
            self.task_done.emit(value)
        elif kind == "compare":
            self.comparison.emit(value)
        elif kind == "unmerge":
            self.apart_wanted.emit(value)
        elif kind == "run":
            self.wanted.emit(value)
        elif kind == "part":
            self.part_wanted.emit(value)
        elif kind == "link":
            self.link_wanted.emit(value)
        elif kind == "all":
            self._sections.unfold(value)
        elif kind == "older":
            before = self._sections.oldest()
            if before is None:
                self._sections.unfold("timeline")
            else:
                self.older_wanted.emit(self._shown_id, before)
