"""The parts of the record panel below the score: each is built when a lead first has something for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import lead_facts
from pqldesk.views.charts import DayBars, ScoreSteps
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.labels import Heading, Label, at_end
from pqldesk.views.page import Context

if TYPE_CHECKING:
    from pqldesk.services.record_rows import LeadDetail, TimelineEntry, TimelinePage


class Section(QWidget):
    """A headed list of facts; a chart may stand between the two."""

    def __init__(self, context: Context, title: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 14, 0, 0)
        self.column.setSpacing(5)
        head = QHBoxLayout()
        head.addWidget(Heading(context.theme, title, 12, tone="muted"))
        self.side = at_end(Label(context.theme, "", 12, 600, "muted", elide=True))
        head.addWidget(self.side, 1)
        self.column.addLayout(head)
        self.facts = Facts(context.paints, title)
        self.column.addWidget(self.facts)

    def show_rows(self, rows: tuple[Fact, ...], side: str) -> None:
        self.facts.show_rows(rows)
        self.side.setText(side)
        self.setVisible(bool(rows))


class Sections(QWidget):
    """Usage and every list of facts of one lead, in the order of `lead_facts.TITLES`."""

    activated = Signal(str)  # what a row carries

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._detail: LeadDetail | None = None
        self._older: tuple[TimelineEntry, ...] = ()
        self._every: frozenset[str] = frozenset()
        self._goes_on = False
        self._built: dict[str, Section] = {}
        self._steps: ScoreSteps | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._usage = QWidget()
        usage = QVBoxLayout(self._usage)
        usage.setContentsMargins(0, 14, 0, 0)
        head = QHBoxLayout()
        head.addWidget(Heading(context.theme, _("Activity, 14 days"), 12, tone="muted"))
        self._teammates = at_end(Label(context.theme, "", 12, 600, "muted", elide=True))
        head.addWidget(self._teammates, 1)
        usage.addLayout(head)
        self._bars = DayBars(context.theme)
        usage.addWidget(self._bars)
        self._column.addWidget(self._usage)

    def show_detail(self, detail: LeadDetail) -> None:
        """Show a lead; what was unfolded for it stays so while it is the same one."""
        if self._detail is None or self._detail.row.lead_id != detail.row.lead_id:
            self._older, self._every = (), frozenset()
        if not self._older:
            self._goes_on = detail.timeline_goes_on
        self._detail = detail
        now = self._context.now()
        self._usage.setVisible(True)
        self._teammates.setText(n_("{n} active teammate", "{n} active teammates", detail.active_teammates))
        self._usage.setToolTip(lead_facts.origin(detail.usage_origin, now, _("Newest usage")))
        self._bars.show_days(detail.daily_usage)
        self._show_facts(detail, now)

    def unfold(self, key: str) -> None:
        """Show a section whole."""
        self._every |= {key}
        if self._detail is not None:
            self._show_facts(self._detail, self._context.now())

    def oldest(self) -> datetime | None:
        """The time to ask older entries with; None while some that are here are folded, or when there are none."""
        if self._detail is None or not self._goes_on or "timeline" not in self._every:
            return None
        return (self._older or self._detail.timeline)[-1].at

    def add_older(self, page: TimelinePage) -> None:
        """Take the next page of the timeline."""
        if self._detail is None or self._detail.row.lead_id != page.lead_id:
            return
        self._older += page.entries
        self._goes_on = page.more
        self._show_facts(self._detail, self._context.now())

    def clear(self) -> None:
        """Hide everything: it belongs to another lead."""
        self._detail = None
        self._usage.hide()
        for section in self._built.values():
            section.hide()

    def rows(self, key: str) -> tuple[Fact, ...]:
        """What a section shows; nothing where it is hidden or not built yet."""
        section = self._built.get(key)
        return () if section is None or section.isHidden() else section.facts.rows()

    def _show_facts(self, detail: LeadDetail, now: datetime) -> None:
        for key, facts, side in lead_facts.sections(detail, now, self._older, self._every, self._goes_on):
            section = self._built.get(key)
            if section is None:
                if not facts:
                    continue
                section = self._build(key)
            section.show_rows(facts, side)
            if key == "moves" and self._steps is not None:
                self._steps.show_moves(detail.score_moves, detail.cut, now)

    def _build(self, key: str) -> Section:
        section = self._built[key] = Section(self._context, lead_facts.TITLES[key])
        section.facts.activated.connect(self.activated)
        if key == "moves":
            self._steps = ScoreSteps(self._context.theme)
            section.column.insertWidget(1, self._steps)
        order = [one for one in lead_facts.TITLES if one in self._built]
        self._column.insertWidget(order.index(key) + 1, section)  # usage stands first
        return section
