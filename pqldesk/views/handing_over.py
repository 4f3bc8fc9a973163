"""A handoff from draft to outbox: reads the draft, shows the dialog, pushes or keeps what comes of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from pqldesk.services.basics.texts import _
from pqldesk.services.rows import HandoffDraft
from pqldesk.views.page import Page


class HandingOver(QObject):
    """Belongs to a page, which says what was done and offers to undo it."""

    def __init__(self, page: Page, open_sheet: Callable[[Any], None]) -> None:
        super().__init__(page)
        self._page, self._open_sheet = page, open_sheet

    def begin(self, lead_id: str) -> None:
        """Show the dialog for that lead, with its kept draft where there is one."""
        context = self._page.context
        self._page.read(context.desk.handoff_draft, lead_id, context.rep).then(self._show)

    def _show(self, draft: HandoffDraft) -> None:
        from pqldesk.views.handoff_dialog import HandoffSheet

        sheet = HandoffSheet(self._page.context, draft)
        sheet.given.connect(self._push)
        sheet.kept.connect(self._keep)
        sheet.closed.connect(self.deleteLater)
        self._open_sheet(sheet)

    def _push(self, draft: HandoffDraft) -> None:
        from pqldesk.services.connectors import title_of

        told = _("Handed off {name}; queued for {system}").format(
            name=draft.lead_name, system=title_of(draft.system) if draft.system else _("the CRM")
        )
        self._send(self._page.context.desk.push_handoff, draft, told)

    def _keep(self, draft: HandoffDraft) -> None:
        told = _("Draft for {name} kept under Handoffs").format(name=draft.lead_name)
        self._send(self._page.context.desk.save_draft, draft, told)

    def _send(self, command: Callable[..., Any], draft: HandoffDraft, told: str) -> None:
        context = self._page.context
        job = self._page.act(command, draft, context.rep, told=told)
        job.then(partial(context.kept.forget, f"handoff:{draft.lead_id}"))
