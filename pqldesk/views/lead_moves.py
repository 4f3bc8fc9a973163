"""What a rep decides about leads: put off, left to marketing, disqualified, won, lost, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.number_menu import number_menu
from pqldesk.views.until_menu import ask_until

if TYPE_CHECKING:
    from pqldesk.services.rows import Number, QueueRow
    from pqldesk.views.page import Page

REASONS = (
    ("no budget", _("No budget")), ("no need", _("No need")), ("wrong person", _("Wrong person")),
    ("too small", _("Too small")), ("competitor", _("Competitor")), ("student or hobby", _("Student or hobby")),
    ("already a customer", _("Already a customer")), ("spam or test", _("Spam or test")), ("other", _("Other reason")),
)  # fmt: skip
LOST_BECAUSE = (
    ("no budget", _("No budget")), ("competitor", _("Chose a competitor")), ("no decision", _("No decision")),
    ("missing feature", _("Something is missing")), ("timing", _("Not now")), ("no answer", _("No answer")),
    ("other", _("Other reason")),
)  # fmt: skip


class LeadMoves(QObject):
    """Asks what a move needs, and makes it for every chosen lead."""

    def __init__(
        self,
        page: Page,
        chosen: Callable[[], list[QueueRow]],
        for_each: Callable[..., None],
        anchor: Callable[[str], QPoint],
    ) -> None:
        """*for_each* runs a command for the *chosen* leads and says it; *anchor* says where a menu belongs."""
        super().__init__(page)
        self._page, self._leads, self._for_each, self._anchor = page, chosen, for_each, anchor
        self.runs: dict[str, Callable[[], None]] = {
            "snooze": self._snooze, "nurture": self._nurture, "disqualify": self._disqualify,
            "won": self._won, "lost": self._lost, "reopen": self._reopen,
        }  # fmt: skip

    @property
    def _rep(self) -> str:
        return self._page.context.rep

    def _about(self) -> str:
        leads = self._leads()
        return leads[0].name if len(leads) == 1 else n_("{n} lead", "{n} leads", len(leads))

    def _snooze(self) -> None:
        self._until("snooze", _("Snooze"), self._snooze_until)

    def _nurture(self) -> None:
        self._until("nurture", _("Leave to marketing"), self._nurture_until)

    def _until(self, command: str, title: str, take: Callable[[datetime], None]) -> None:
        ask_until(self._page, command, title, self._about(), take, self._anchor(command))

    def _snooze_until(self, until: datetime) -> None:
        day = wording.day(until)
        self._for_each(
            self._page.context.desk.snooze, until, self._rep,
            one=_("Snoozed {name} until {day}").replace("{day}", day),
            many=_("Snoozed {n} leads until {day}").replace("{day}", day),
        )  # fmt: skip

    def _nurture_until(self, until: datetime) -> None:
        day = wording.day(until)
        self._for_each(
            self._page.context.desk.nurture, until, self._rep,
            one=_("Left {name} to marketing until {day}").replace("{day}", day),
            many=_("Left {n} leads to marketing until {day}").replace("{day}", day),
        )  # fmt: skip

    def _disqualify(self) -> None:
        self._choose("disqualify", REASONS, self._disqualify_as)

    def _disqualify_as(self, action: QAction) -> None:
        self._for_each(
            self._page.context.desk.disqualify, action.data(), self._rep,
            one=_("Disqualified {name}"), many=_("Disqualified {n} leads"),
        )  # fmt: skip

    def _lost(self) -> None:
        self._choose("lost", LOST_BECAUSE, self._lost_because)

    def _lost_because(self, action: QAction) -> None:
        self._for_each(
            self._page.context.desk.lost, action.data(), self._rep,
            one=_("{name} is lost"), many=_("{n} leads are lost"),
        )  # fmt: skip

    def _reopen(self) -> None:
        self._for_each(
            self._page.context.desk.reopen, self._rep,
            one=_("Took {name} up again"), many=_("Took {n} leads up again"),
        )  # fmt: skip

    def _won(self) -> None:
        from pqldesk.views.small_sheets import AmountSheet

        sheet = AmountSheet(
            self._page.context, _("Mark as won"), self._about(), _("Deal value, if you know it"), _("Mark as won")
        )  # fmt: skip
        sheet.given.connect(self._won_for)
        self._page.context.wishes.sheet.emit(sheet)

    def _won_for(self, value: Number | None) -> None:
        self._for_each(
            self._page.context.desk.won, value, self._rep,
            one=_("{name} is won"), many=_("{n} leads are won"),
        )  # fmt: skip

    def _choose(
        self, command: str, choices: tuple[tuple[str, str], ...], taken: Callable[[QAction], None]
    ) -> None:
        number_menu(self._page, command, [(text, key) for key, text in choices], taken, self._anchor(command))
